"""What people do while the storm blows: done, reopened, dated into the past, suspended, hidden, acknowledged, put off."""

import datetime as dt
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db import OperationalError

from accounts import selectors as accounts
from accounts.roles import Principal
from milestones.models import DateChange, Milestone
from milestones.services import date_changes, milestones
from projects.models import Project
from projects.services import assignments, projects
from reminders.models import Mute, Reminder
from reminders.services import answers, mutes
from reminders.services.mutes import Scope
from tests.storm import city as cities
from tests.storm import log, simulated
from tests.storm.city import STORM, City


class Deeds:
    """Throws dice for one deed at a time, by the product's own services, and logs from when to when something was over."""

    def __init__(self, city: City, seed: int) -> None:
        self.city, self.dice, self.done = city, random.Random(f"deeds {seed}"), Counter[str]()
        self.errors: list[str] = []
        kinds: list[tuple[Callable[[dt.date], None], int]] = [
            (self.achieve, 30), (self.reopen, 10), (self.create_late, 12), (self.first_date, 8), (self.suspend, 5), (self.resume, 5),
            (self.hide, 3), (self.acknowledge, 8), (self.snooze, 8), (self.move, 12), (self.move_back, 6),
            (self.mute, 4), (self.unmute, 3),
        ]  # fmt: skip
        self.kinds, self.weights = [kind for kind, _ in kinds], [weight for _, weight in kinds]

    def one(self) -> None:
        kind = self.dice.choices(self.kinds, self.weights)[0]
        try:
            kind(simulated.today())
        except OperationalError as error:  # a deadlock would be a fault of the product's lock order
            self.errors.append(f"{kind.__name__}: {error}")

    def achieve(self, today: dt.date) -> None:
        if milestone := self._some(Milestone.objects.filter(achieved_on=None, due_on__lte=today + dt.timedelta(days=10))):
            self._over("achieve", milestone.pk, lambda: milestones.achieve(milestone.pk, on=today, actor=STORM, today=today))

    def reopen(self, today: dt.date) -> None:
        if milestone := self._some(Milestone.objects.filter(achieved_on__isnull=False)):
            self._again("reopen", milestone.pk, lambda: milestones.reopen(milestone.pk, reason="误报", actor=STORM, today=today))

    def create_late(self, today: dt.date) -> None:
        """What is entered late is due at once."""
        project = self.dice.choice(self.city.projects)
        cities.create(self.city, project, today + dt.timedelta(days=self.dice.randint(-45, 3)))
        self.done["create_late"] += 1

    def first_date(self, today: dt.date) -> None:
        if milestone := self._some(Milestone.objects.filter(due_on=None)):
            milestones.set_first_date(
                milestone.pk, due_on=today + dt.timedelta(days=self.dice.randint(-20, 20)), basis="approved", actor=STORM, today=today
            )
            self.done["first_date"] += 1

    def suspend(self, today: dt.date) -> None:
        if project := self._some(Project.objects.filter(stage="preparation")):
            self._over("suspend", project.pk, lambda: projects.move_project(project.pk, to="suspended", on=today, actor=STORM, today=today))

    def resume(self, today: dt.date) -> None:
        if project := self._some(Project.objects.filter(stage="suspended")):
            self._again(
                "resume", project.pk, lambda: projects.move_project(project.pk, to="preparation", on=today, actor=STORM, today=today)
            )

    def hide(self, today: dt.date) -> None:
        """A patron loses the part in a project, and with it the right to see it."""
        if patronages := cities.patronages():
            part = self.dice.choice(patronages)
            self._over(
                "hide", part.project_id, lambda: assignments.withdraw_assignment(part.pk, version=None, actor=STORM), user=part.user_id
            )

    def move(self, today: dt.date) -> None:
        """One asks, another agrees: into the past or the future."""
        if milestone := self._some(Milestone.objects.filter(achieved_on=None, due_on__isnull=False)):
            self._move(milestone, today + dt.timedelta(days=self.dice.randint(-40, 30)), today)

    def move_back(self, today: dt.date) -> None:
        """To the date it had before its last move."""
        moved = DateChange.objects.filter(state="approved", milestone__achieved_on=None).select_related("milestone")
        if change := self._some(moved):
            self._move(change.milestone, change.from_on, today)

    def _move(self, milestone: Milestone, to_on: dt.date, today: dt.date) -> None:
        if to_on == milestone.due_on:
            return
        maker, checker = (accounts.person(user, today=today) for user in self.dice.sample(self.city.patrons, 2))
        asked = date_changes.ask(milestone.pk, to_on=to_on, reason="征地滞后", actor=maker, today=today)
        log.append("deeds.log", deed="move to", over=False, at=time.time(), key=str(milestone.pk), on=str(to_on))
        date_changes.approve(asked.pk, actor=checker, today=today, now=simulated.now())
        log.append("deeds.log", deed="move", over=True, at=time.time(), key=str(milestone.pk), on=str(milestone.due_on))
        self.done["move"] += 1

    def mute(self, today: dt.date) -> None:
        """A supervisor silences a project for some days; all are over before the calm."""
        until = min(today + dt.timedelta(days=self.dice.randint(0, 4)), simulated.CALM_FROM)
        muted = Mute.objects.filter(state="in_force", until_on__gte=today).values("project_id")
        project = self._some(Project.objects.exclude(pk__in=muted))
        if project and until >= today:
            mutes.create(Scope("project", project.pk), reason="停工检修", until_on=until, actor=self._supervisor(today), today=today)
            log.append("deeds.log", deed="mute", over=True, at=time.time(), key=str(project.pk), until=str(until))
            self.done["mute"] += 1

    def unmute(self, today: dt.date) -> None:
        if mute := self._some(Mute.objects.filter(state="in_force", until_on__gte=today)):
            act = lambda: mutes.end(mute.pk, actor=self._supervisor(today), now=simulated.now(), today=today)  # noqa: E731
            self._again("unmute", mute.project_id, act)

    def _supervisor(self, today: dt.date) -> Principal:
        return accounts.person(self.city.supervisors[0], today=today)

    def acknowledge(self, today: dt.date) -> None:
        if reminder := self._some(Reminder.objects.filter(state__in=["sent", "pending"]).select_related("recipient")):
            self._answer("acknowledge", lambda: answers.acknowledge(reminder.pk, actor=accounts.person(reminder.recipient, today=today)))

    def snooze(self, today: dt.date) -> None:
        until = min(today + dt.timedelta(days=self.dice.randint(1, 3)), simulated.CALM_FROM)
        if until <= today:
            return
        if reminder := self._some(Reminder.objects.pending().select_related("recipient")):
            actor = accounts.person(reminder.recipient, today=today)
            self._answer("snooze", lambda: answers.snooze(reminder.pk, until_on=until, reason="出差", actor=actor, today=today))

    def _some(self, rows: Any) -> Any:
        found = list(rows.order_by("id"))
        return self.dice.choice(found) if found else None

    def _answer(self, name: str, act: Callable[[], Any]) -> None:
        try:
            act()
            self.done[name] += 1
        except answers.NotOpen:
            self.done[f"{name}, too late"] += 1

    def _over(self, name: str, key: uuid.UUID, act: Callable[[], Any], user: uuid.UUID | None = None) -> None:
        """Nothing may be claimed about it from the moment the commit is known."""
        act()
        log.append("deeds.log", deed=name, over=True, at=time.time(), key=str(key), user=user and str(user))
        self.done[name] += 1

    def _again(self, name: str, key: uuid.UUID, act: Callable[[], Any]) -> None:
        """It may be claimed again from the moment the commit is tried."""
        log.append("deeds.log", deed=name, over=False, at=time.time(), key=str(key), user=None)
        act()
        self.done[name] += 1
