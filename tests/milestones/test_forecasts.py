"""A forecast and what follows behind it: proposed, taken one by one, never a baseline or a due date."""

import datetime as dt
from itertools import pairwise
from typing import Any

import pytest

from common import clock
from history.models import Change
from milestones.models import Milestone
from milestones.services import milestones as services
from projects.models import Project
from tests import world

TODAY = clock.today()


def on(days: int) -> dt.date:
    return TODAY + dt.timedelta(days=days)


@pytest.fixture
def chain(people: world.People) -> dict[str, Milestone]:
    """桩基 (due in 10) → 承台 (in 20) → 合龙 (in 60) → 竣工 (undated); each 10 days after the one before."""
    project = world.project("跨河大桥", at="construction")
    made: dict[str, Milestone] = {}
    for name, due in (("桩基", 10), ("承台", 20), ("合龙", 60)):
        made[name] = services.create_milestone(
            project.pk, {"name": name, "due_on": on(due), "basis": "approved"}, actor=world.TESTER, today=TODAY
        )
    made["竣工"] = world.completion(project)
    names = list(made)
    for before, after in pairwise(names):
        items = [{"milestone": made[before].pk, "lag_days": 10}]
        made[after] = services.edit_milestone(made[after].pk, {"depends_on": items}, version=None, actor=world.TESTER)
    return made


def ask(api: Any, milestone: Milestone, days: int, *, also: Any = (), query: str = "") -> Any:
    body = {"forecast_on": on(days).isoformat(), "reason": "雨季", "also": [str(getattr(one, "pk", one)) for one in also]}
    return api("editor").send(f"/api/v1/milestones/{milestone.pk}/forecast/{query}", body)


def told(answer: Any) -> list[tuple[str, str | None, str, bool]]:
    return [(item["name"], item["from"], item["to"], item["applied"]) for item in answer.json()["ripple"]]


def forecasts(project: Project) -> dict[str, dt.date | None]:
    return dict(Milestone.objects.filter(project=project).exclude(kind="start").values_list("name", "forecast_on"))


def test_successors_are_proposed_as_far_as_their_lags_ask(api: Any, chain: dict[str, Milestone]) -> None:
    answer = ask(api, chain["桩基"], 30)
    assert answer.status_code == 200
    assert told(answer) == [("承台", on(20).isoformat(), on(40).isoformat(), False)]  # 合龙 in 60 can still be kept
    assert [item["milestone"] for item in answer.json()["ripple"]] == [str(chain["承台"].pk)]
    assert forecasts(chain["桩基"].project) == {"桩基": on(30), "承台": None, "合龙": None, "竣工": None}
    far = ask(api, chain["桩基"], 100)
    assert told(far) == [
        ("承台", on(20).isoformat(), on(110).isoformat(), False),
        ("合龙", on(60).isoformat(), on(120).isoformat(), False),
        ("竣工", None, on(130).isoformat(), False),  # undated until now
    ]


def test_proposals_are_taken_one_by_one(api: Any, chain: dict[str, Milestone]) -> None:
    before = {name: (row.baseline_on, row.due_on) for name, row in chain.items()}
    answer = ask(api, chain["桩基"], 100, also=[chain["合龙"], chain["竣工"]])
    assert [item[3] for item in told(answer)] == [False, True, True]
    assert forecasts(chain["桩基"].project) == {"桩基": on(100), "承台": None, "合龙": on(120), "竣工": on(130)}
    rows = {row.name: row for row in Milestone.objects.filter(pk__in=[row.pk for row in chain.values()])}
    assert {name: (row.baseline_on, row.due_on) for name, row in rows.items()} == before
    assert "桩基" in rows["合龙"].forecast_reason and "雨季" in rows["合龙"].forecast_reason
    assert Change.objects.filter(row_id=chain["合龙"].pk).latest("sequence").actor_name == "editor先生"


def test_a_successor_is_not_forecast_out_of_all_sense(api: Any, chain: dict[str, Milestone]) -> None:
    answer = ask(api, chain["桩基"], 7300, also=[chain["承台"]])
    assert (answer.status_code, answer.json()["errors"][0]["code"], answer.json()["errors"][0]["pointer"]) == (422, "absurd", "#/also")
    assert set(forecasts(chain["桩基"].project).values()) == {None}


def test_dry_run_shows_what_would_be_and_changes_nothing(api: Any, chain: dict[str, Milestone]) -> None:
    answer = ask(api, chain["桩基"], 100, also=[chain["合龙"]], query="?dry_run=true")
    assert [item[3] for item in told(answer)] == [False, True, False]
    assert set(forecasts(chain["桩基"].project).values()) == {None}
    assert set(Milestone.objects.filter(project=chain["桩基"].project).exclude(kind="start").values_list("name", "version")) == {
        (name, row.version) for name, row in chain.items()
    }


def test_one_that_is_not_proposed_is_refused_at_its_place(api: Any, chain: dict[str, Milestone]) -> None:
    answer = ask(api, chain["桩基"], 30, also=[chain["承台"], chain["合龙"]])
    error = answer.json()["errors"][0]
    assert (answer.status_code, error["pointer"], error["code"]) == (422, "#/also/1", "not_proposed")
    assert set(forecasts(chain["桩基"].project).values()) == {None}


def test_earlier_forecast_pulls_nothing(api: Any, chain: dict[str, Milestone]) -> None:
    assert told(ask(api, chain["桩基"], 1)) == []


def test_achieved_successor_is_left_alone_and_nothing_goes_through_it(api: Any, chain: dict[str, Milestone]) -> None:
    services.achieve(chain["承台"].pk, on=TODAY, override_reason="分段验收", actor=world.TESTER, today=TODAY)
    assert told(ask(api, chain["桩基"], 100)) == []


def test_forecast_of_a_stale_version_moves_nobody(api: Any, chain: dict[str, Milestone]) -> None:
    body = {"forecast_on": on(100).isoformat(), "reason": "雨季", "also": [str(chain["承台"].pk)]}
    answer = api("editor").send(f"/api/v1/milestones/{chain['桩基'].pk}/forecast/", body, match='"99.0000000000000000"')
    assert answer.status_code == 412
    assert set(forecasts(chain["桩基"].project).values()) == {None}
