"""What a moved due date would bring about, as seen on a day."""

import datetime as dt

from milestones import parts
from milestones.models import Milestone
from milestones.parts import Effect
from milestones.selectors.network import ripple_of


def impact(milestone: Milestone, to_on: dt.date, *, today: dt.date) -> list[Effect]:
    """Days overdue, then the successors that would be expected later, then what upper apps say. Nothing where nothing changes.

    A successor's `before` and `after` are ISO dates, `before` None where nobody has said when it is expected.
    """
    assert milestone.due_on is not None
    before, after = (max((today - day).days, 0) for day in (milestone.due_on, to_on))
    late = [Effect("overdue", ("milestone", milestone.pk, milestone.name), before, after)] if before != after else []
    behind = [
        Effect("successor", ("milestone", push.milestone, push.name), push.from_on and push.from_on.isoformat(), push.to_on.isoformat())
        for push in ripple_of(milestone.project_id, milestone.pk, to_on, today=today)
    ]
    return late + behind + parts.effects(milestone, to_on, today)
