"""Every write of a domain row is one change with its actor; nobody can write past it."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone

from accounts.models import ApiClient, Membership, Office, User
from common.actors import system
from common.models import WorkDay
from common.recording import recording
from funding.models import (
    Allocation,
    BalancePlan,
    Bond,
    EligibilityItem,
    FindingReply,
    FundingSource,
    MonitoringRule,
    Repayment,
    Transfer,
    TransferRequest,
    YearPlan,
)
from history.models import Change
from milestones.models import Baseline, BaselineDate, DateChange, Dependency, Milestone, MilestoneEvidence, Template, TemplateStep
from portfolio.models import Commitment, CommitmentProject, Target
from projects.models import (
    Assignment,
    Evidence,
    MonthlyReport,
    Permit,
    Plan,
    Problem,
    Project,
    ProjectTag,
    Region,
    ReportRevision,
    Sector,
    StageMove,
    Tag,
)
from reminders.models import Brake, ContactPoint, Mute, OfficialLetter, Reminder, Rung
from tests import world

# Derived, operational, or a library's own: written without history, by decision (DESIGN 5).
UNTRACKED = {
    "projects_status", "history_change", "history_pending", "history_feed", "history_feedstate", "reminders_delivery",
    "reminders_sweepstate", "common_idempotencykey", "django_session", "django_content_type", "auth_permission", "auth_group",
    "auth_group_permissions", "account_emailaddress", "account_emailconfirmation", "axes_accessattempt", "axes_accesslog",
    "axes_accessfailurelog", "axes_accessattemptexpiration",
}  # fmt: skip

HAND = system("hand")
Made = Callable[[world.People, Project], models.Model]


def _commitment(name: str) -> Commitment:
    return Commitment.objects.create(
        year=2025, position=1, document="报告", section="一", name=name, quote="…", phrase="完成", kind="start", scope="project",
        sector=Sector.objects.first(),
    )  # fmt: skip


def _tag(label: str) -> Tag:
    return Tag.objects.create(kind="batch", label=label)


def _reminder(people: world.People, project: Project) -> Reminder:
    milestone = Milestone.objects.filter(project=project).first()
    return Reminder.objects.create(
        subject_kind="milestone", subject_id=milestone.pk, subject_name="竣工", project=project, due_on="2025-01-10",
        rung=Rung.objects.first(), recipient=people.users["editor"], due_at=timezone.now(),
    )  # fmt: skip


def _source(**fields: Any) -> FundingSource:
    """Generated money, since real money is never taken away."""
    return FundingSource.objects.create(kind="special_bond", name="来源", office=Office.objects.first(), is_demonstration=True, **fields)


def _bond(source: FundingSource) -> Bond:
    return Bond.objects.create(
        source=source, code="2505069", interest_from_on="2025-02-21", matures_on="2032-02-21", tenor_years=7, rate_percent="2.15",
        repayment_method="at_maturity", interest_frequency="yearly", principal_frequency="yearly",
    )  # fmt: skip


def _request(people: world.People, source: FundingSource) -> TransferRequest:
    return TransferRequest.objects.create(
        batch=uuid.uuid4(), kind="issue", source=source, amount=1, requested_by_id=people.users["finance"].pk, requested_by_name="经办"
    )


def _transfer(people: world.People) -> Transfer:
    source = _source()
    return Transfer.objects.create(kind="issue", source=source, amount=1, occurred_on="2025-03-01", request=_request(people, source))


def _reply(project: Project) -> FindingReply:
    return FindingReply.objects.create(
        rule="idle_6_months", subject_id=project.pk, since_on="2025-01-01", project=project, text="说明", replied_by_id=uuid.uuid4(),
        replied_by_name="经办", replied_at=timezone.now(),
    )  # fmt: skip


# model → how one row is made, and a change of one column
def _evidence(project: Project) -> Evidence:
    return Evidence.objects.create(project=project, kind="photo", name="一.jpg", media_type="image/jpeg", size=1, sha256="0" * 64)


def _date_change(people: world.People, project: Project) -> DateChange:
    milestone = Milestone.objects.create(project=project, name="调")
    return DateChange.objects.create(
        project=project, milestone=milestone, from_on="2025-01-10", to_on="2025-03-10", reason="雨", decision_due_on="2025-01-12",
        requested_by_id=people.users["editor"].pk, requested_by_name="经办",
    )  # fmt: skip


def _problem(project: Project) -> Problem:
    return Problem.objects.create(
        project=project,
        kind="land",
        text="征地未完",
        raised_on="2025-03-01",
        level_needed="city",
        office=project.office,
        due_on="2025-03-08",
    )


def _baseline(project: Project) -> Baseline:
    """Of a demonstration: others are never deleted."""
    ProjectTag.objects.create(project=project, tag=Tag.objects.create(kind="demo", label="演示"))
    return Baseline.objects.create(project=project, name="初设批复", taken_by_name="王工")


def _dependency(people: world.People, project: Project) -> Dependency:
    before, after = (Milestone.objects.create(project=project, name=name) for name in ("先", "后"))
    return Dependency.objects.create(project=project, before=before, after=after)


def _mute(project: Project) -> Mute:
    return Mute.objects.create(
        scope_kind="project", project=project, reason="汛期", from_on="2026-03-01", until_on="2026-03-20", state="in_force",
        requested_by_id=uuid.uuid4(), requested_by_name="督查",
    )  # fmt: skip


def _letter(project: Project) -> OfficialLetter:
    return OfficialLetter.objects.create(
        kind="reminder", year=2026, number=1, subject_kind="milestone", subject_id=project.pk, project=project, due_on="2026-03-01",
        rung=Rung.objects.first(), issued_on="2026-03-02", facts={},
    )  # fmt: skip


MODELS: dict[type[models.Model], tuple[Made, dict[str, Any]]] = {
    Office: (lambda people, project: Office.objects.create(code="9", name="新局", kind="unit", path="/9/"), {"name": "更名局"}),
    User: (lambda people, project: User.objects.create(name="张三"), {"name": "李四"}),
    Membership: (
        lambda people, project: Membership.objects.create(user=people.users["reader"], office=project.office, role="editor"),
        {"role": "reader"},
    ),
    ApiClient: (
        lambda people, project: ApiClient.objects.create(
            name="客户端", office=project.office, scopes=["read"], key_prefix="p", key_digest="d", expires_at=timezone.now()
        ),
        {"name": "改名"},
    ),
    WorkDay: (
        lambda people, project: WorkDay.objects.create(day="2031-01-01", is_working=True, is_official=False, nth=1),
        {"is_working": False},
    ),
    Region: (lambda people, project: Region.objects.create(code="9", name="新区", short_name="新", kind="zone"), {"name": "旧区"}),
    Sector: (lambda people, project: Sector.objects.create(code="9", name="新业", position=9), {"name": "旧业"}),
    Project: (
        lambda people, project: Project.objects.create(
            name="原始", name_pinyin="yuan shi", initials="ys", sector=project.sector, region=project.region, office=project.office
        ),
        {"scale": "大"},
    ),
    Problem: (lambda people, project: _problem(project), {"measures": "协调"}),
    Permit: (lambda people, project: Permit.objects.create(project=project, kind="initiation"), {"note": "补"}),
    StageMove: (
        lambda people, project: StageMove.objects.create(project=project, from_stage="reserve", to_stage="preparation", on="2025-01-01"),
        {"reason": "批"},
    ),
    Assignment: (
        lambda people, project: Assignment.objects.create(project=project, user=people.users["reader"], part="team"),
        {"part": "lead"},
    ),
    MonthlyReport: (lambda people, project: MonthlyReport.objects.create(project=project, month="2025-06-01"), {"narrative": "改"}),
    Plan: (
        lambda people, project: Plan.objects.create(project=project, year=2025, investment=12, monthly=[1] * 12),
        {"content": "改"},
    ),
    ReportRevision: (
        lambda people, project: ReportRevision.objects.create(
            project=project,
            report=MonthlyReport.objects.create(project=project, month="2025-07-01"),
            number=1,
            from_invested=1,
            invested=2,
            reason="漏报",
            requested_by_id=uuid.uuid4(),
            requested_by_name="经办",
            decision_due_on="2025-08-01",
        ),
        {"reason": "改"},
    ),
    Tag: (lambda people, project: _tag("标签"), {"label": "改签"}),
    ProjectTag: (lambda people, project: ProjectTag.objects.create(project=project, tag=_tag("标签")), {}),
    Milestone: (lambda people, project: Milestone.objects.create(project=project, name="节点"), {"note": "改"}),
    DateChange: (_date_change, {"decision_note": "已阅"}),
    Dependency: (_dependency, {"lag_days": 3}),
    Template: (lambda people, project: Template.objects.create(code="bridge", name="大桥"), {"name": "桥梁"}),
    TemplateStep: (
        lambda people, project: TemplateStep.objects.create(
            template=Template.objects.create(code="bridge", name="大桥"), position=10, name="桩基"
        ),
        {"lag_days": 3},
    ),
    Baseline: (lambda people, project: _baseline(project), {}),
    BaselineDate: (
        lambda people, project: BaselineDate.objects.create(
            baseline=_baseline(project), project=project, milestone_id=uuid.uuid4(), name="桩基", kind="other", position=1, is_key=False
        ),
        {},
    ),
    Evidence: (lambda people, project: _evidence(project), {"name": "改.jpg"}),
    MilestoneEvidence: (
        lambda people, project: MilestoneEvidence.objects.create(
            project=project, milestone=Milestone.objects.create(project=project, name="节点"), evidence=_evidence(project)
        ),
        {},
    ),
    Mute: (lambda people, project: _mute(project), {"state": "ended"}),
    OfficialLetter: (lambda people, project: _letter(project), {"number": 2}),
    Rung: (lambda people, project: Rung.objects.create(kind="after", days=99, audience="office", letter="notice"), {"letter": "reminder"}),
    ContactPoint: (
        lambda people, project: ContactPoint.objects.create(office=project.office, channel="wecom", url="https://example.invalid/robot"),
        {"is_active": False},
    ),
    Brake: (lambda people, project: Brake.objects.create(window="2026-01-05", message_count=9, limit=5), {"limit": 6}),
    Reminder: (_reminder, {"state_reason": "改"}),
    Commitment: (lambda people, project: _commitment("承诺"), {"note": "改"}),
    CommitmentProject: (lambda people, project: CommitmentProject.objects.create(project=project, commitment=_commitment("承诺")), {}),
    Target: (
        lambda people, project: Target.objects.create(
            year=2025, position=1, key="k", title="目标", title_en="t", comparator=">=", value=1, unit="亿", section="一", quote="…"
        ),
        {"title": "改"},
    ),
    FundingSource: (lambda people, project: _source(), {"document_no": "改"}),
    YearPlan: (lambda people, project: YearPlan.objects.create(source=_source(), year=2025, planned=1), {"planned": 2}),
    Bond: (lambda people, project: _bond(_source()), {"rating": "AAA"}),
    Allocation: (lambda people, project: Allocation.objects.create(source=_source(), project=project, use="capital"), {}),
    EligibilityItem: (
        lambda people, project: EligibilityItem.objects.create(list="capital", number=99, name="条目", effective_from_on="2025-01-01"),
        {"detail": "改"},
    ),
    TransferRequest: (lambda people, project: _request(people, _source()), {"reason": "改"}),
    Transfer: (lambda people, project: _transfer(people), {}),
    Repayment: (
        lambda people, project: Repayment.objects.create(bond=_bond(_source()), number=1, due_on="2026-02-21", interest=1),
        {"document_no": "改"},
    ),
    BalancePlan: (lambda people, project: BalancePlan.objects.create(project=project, year=2027), {"income": 2}),
    MonitoringRule: (
        lambda people, project: MonitoringRule.objects.create(code="x", name="规则", level="info", basis="试", position=99),
        {"is_active": False},
    ),
    FindingReply: (lambda people, project: _reply(project), {"text": "改"}),
}


def changes_of(row: models.Model) -> list[tuple[str, str, int]]:
    found = Change.objects.filter(table_name=row._meta.db_table, row_id=row.pk).order_by("sequence")
    return list(found.values_list("action", "actor_name", "row_version"))


def tracked_tables() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT t.tgrelid::regclass::text FROM pg_trigger t
                WHERE t.tgname IN ('history_insert', 'history_update', 'history_delete', 'history_truncate') AND t.tgenabled = 'A'
                GROUP BY 1 HAVING count(*) = 4"""
        )
        return {name for (name,) in cursor.fetchall()}


def concrete_tables() -> set[str]:
    return {model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed and not model._meta.proxy}


def test_every_table_is_tracked_by_triggers_or_on_the_short_list(db: None) -> None:
    assert concrete_tables() - tracked_tables() - UNTRACKED == set()
    assert tracked_tables() & UNTRACKED == set()


def test_every_tracked_model_is_tried_here(db: None) -> None:
    assert {model._meta.db_table for model in MODELS} == tracked_tables()


def test_every_tracked_table_raises_its_version(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'raise_version'")
        assert tracked_tables() <= {name for (name,) in cursor.fetchall()}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_create_update_upsert_and_delete_give_one_change_each(people: world.People, model: Any) -> None:
    make, change = MODELS[model]
    project = world.project()
    with recording(HAND):
        row = make(people, project)
    assert changes_of(row) == [("created", "hand", 1)]
    wanted = [("created", "hand", 1)]
    if change:
        with recording(HAND):
            model.objects.filter(pk=row.pk).update(**change)  # one statement, as bulk SQL does it
        wanted.append(("updated", "hand", 2))
        assert changes_of(row) == wanted
        with recording(HAND):
            model.objects.filter(pk=row.pk).update(**change)
        assert changes_of(row) == wanted  # an update that changes nothing is no change
        assert model.objects.get(pk=row.pk).version == 2
        present = model.objects.get(pk=row.pk)
        column = next(iter(change))
        setattr(present, column, getattr(row, column))
        with recording(HAND):  # an upsert fires as the update it turns into
            model.objects.bulk_create([present], update_conflicts=True, unique_fields=["id"], update_fields=[column])
        wanted.append(("updated", "hand", 3))
        assert changes_of(row) == wanted
    with recording(HAND):
        model.objects.filter(pk=row.pk).delete()
    assert [action for action, *_rest in changes_of(row)] == [action for action, *_rest in wanted] + ["deleted"]


def test_cascade_delete_tells_of_every_row_that_goes(people: world.People) -> None:
    project = world.project()
    with recording(HAND):
        Assignment.objects.create(project=project, user=people.users["reader"], part="team")
        parts = [*Milestone.objects.filter(project=project), *Assignment.objects.filter(project=project), project]
        keys = [(row._meta.db_table, row.pk) for row in parts]
        project.delete()
    deleted = Change.objects.filter(action="deleted", actor_name="hand").values_list("table_name", "row_id")
    assert sorted(deleted) == sorted(keys)


def test_bulk_update_gives_one_change_a_row(people: world.People) -> None:
    ids = [world.project(f"项目{number}").pk for number in range(3)]
    with recording(HAND):
        Project.objects.filter(pk__in=ids).update(scale="同")
    assert Change.objects.filter(action="updated", actor_name="hand", row_id__in=ids).count() == 3


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_write_without_an_actor_is_refused(people: world.People, model: Any) -> None:
    make, change = MODELS[model]
    project = world.project()
    with pytest.raises(DatabaseError, match="without an actor"), transaction.atomic():
        make(people, project)
    with recording(HAND):
        row = make(people, project)
    with pytest.raises(DatabaseError, match="without an actor"), transaction.atomic():
        model.objects.filter(pk=row.pk).delete()
    if change:
        with pytest.raises(DatabaseError, match="without an actor"), transaction.atomic():
            model.objects.filter(pk=row.pk).update(**change)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE projects_project SET scale = 'x'",
        "DELETE FROM milestones_milestone",
        "INSERT INTO projects_tag (kind, label, batch) VALUES ('a', 'b', '')",
        "WITH x AS (UPDATE projects_project SET scale = 'y' RETURNING id) SELECT * FROM x",
        "SELECT set_config('app.actor', '', true); UPDATE projects_project SET scale = 'x'",
    ],
)
def test_raw_write_without_an_actor_is_refused(people: world.People, statement: str) -> None:
    world.project()
    with pytest.raises(DatabaseError, match="without an actor"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO history_change (at, actor, actor_name, request_id, table_name, row_id, action) "
        "VALUES (now(), 'x', 'x', '', 'projects_project', uuidv7(), 'created')",
        "UPDATE history_change SET actor_name = 'niemand'",
        "DELETE FROM history_change",
        "INSERT INTO history_pending (sequence) VALUES (1)",
        "DELETE FROM history_pending",
        "INSERT INTO history_feed (position, sequence) VALUES (1, 1)",
        "UPDATE history_feedstate SET position = 9",
        "SET session_replication_role = replica",
        "ALTER TABLE projects_project DISABLE TRIGGER history_update",
        "ALTER TABLE projects_project DISABLE TRIGGER ALL",
        "DROP TRIGGER history_update ON projects_project",
        "DROP TABLE history_change",
        "CREATE OR REPLACE FUNCTION history_log_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE OR REPLACE FUNCTION history_demand_actor(who text, table_name text) RETURNS void LANGUAGE sql AS ''",
        "ALTER FUNCTION history_log_change() OWNER TO app",
        "CREATE TABLE public.history_change2 (id int)",
        "SET ROLE owner",
    ],
)
def test_running_role_can_neither_write_history_nor_switch_it_off(people: world.People, statement: str) -> None:
    world.project()
    with recording(HAND), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_truncate_of_history_and_of_tracked_tables_meets_a_refusing_trigger(db: None) -> None:
    """The databases of tests let TRUNCATE pass (that is how they clean up), so the trigger itself is looked at."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT tgrelid::regclass::text FROM pg_trigger
                WHERE tgfoid = 'history_refuse'::regproc AND tgenabled = 'A' AND tgtype & 32 = 32 AND tgtype & 2 = 2"""
        )
        assert {name for (name,) in cursor.fetchall()} == tracked_tables() | {"history_change"}
        cursor.execute("SELECT current_database() LIKE 'test\\_%'")
        assert cursor.fetchone() == (True,)


def test_nested_recording_by_another_actor_is_refused(db: None) -> None:
    with recording(HAND), pytest.raises(RuntimeError), recording(system("other")):
        pass
    with recording(HAND), recording(system("hand")):
        Tag.objects.create(kind="a", label="b")
    with recording(system("other")):  # the refusal left nothing behind
        Tag.objects.create(kind="a", label="c")
    assert list(Change.objects.order_by("sequence").filter(table_name="projects_tag").values_list("actor_name", flat=True)) == [
        "hand",
        "other",
    ]


def test_actor_of_a_nested_block_still_stands_in_the_outer_one(db: None) -> None:
    with recording(HAND):
        with recording(HAND):
            Tag.objects.create(kind="a", label="b")
        Tag.objects.create(kind="a", label="c")
    assert Change.objects.filter(actor_name="hand").count() == 2


@pytest.mark.django_db(transaction=True)
def test_actor_does_not_leak_to_the_next_write_on_the_connection() -> None:
    with recording(HAND):
        Tag.objects.create(kind="a", label="b")
    with pytest.raises(DatabaseError, match="without an actor"):
        Tag.objects.create(kind="a", label="c")
    with transaction.atomic():
        with recording(HAND):
            Tag.objects.create(kind="a", label="d")
        with pytest.raises(DatabaseError, match="without an actor"), transaction.atomic():
            Tag.objects.create(kind="a", label="e")


@pytest.mark.django_db(transaction=True)
def test_failed_block_leaves_no_actor_and_no_change() -> None:
    with pytest.raises(ZeroDivisionError), recording(HAND):
        Tag.objects.create(kind="a", label="b")
        raise ZeroDivisionError
    assert not Change.objects.filter(table_name="projects_tag").exists()
    with pytest.raises(DatabaseError, match="without an actor"):
        Tag.objects.create(kind="a", label="c")


def test_no_password_and_no_key_stands_in_any_change(people: world.People) -> None:
    user = people.users["editor"]
    user.set_password("ein langes Geheimnis")
    with recording(HAND):
        user.save()
    secrets = [user.password, *ApiClient.objects.values_list("key_digest", flat=True), *people.tokens.values()]
    stored = json.dumps([[before, after] for before, after in Change.objects.values_list("before", "after")], default=str)
    assert not [secret for secret in secrets if secret in stored]
    assert not [name for name in ("password", "key_digest") if f'"{name}"' in stored]


def test_sign_in_and_use_of_a_key_are_no_change(people: world.People) -> None:
    before = Change.objects.count()
    User.objects.filter(pk=people.users["editor"].pk).update(last_login=timezone.now())
    ApiClient.objects.update(last_used_at=timezone.now())
    assert Change.objects.count() == before


class TestHistoryOfAProject:
    """`GET /projects/{id}/history/`."""

    @pytest.fixture
    def rows(self, people: world.People) -> list[dict[str, Any]]:
        client = people.client("editor")
        made = client.send("/api/v1/projects/", {"name": "九峰山", "sector": "water", "region": "410782", "office": "410782"})
        url = made["Location"].removeprefix("http://testserver")
        client.change(url, {"name": "九峰山水库", "total_investment": {"amount": "12.50", "currency": "CNY"}}, match=made["ETag"])
        client.send(f"{url}transitions/", {"to": "preparation", "on": "2025-06-30", "reason": "立项"})
        milestone = made.json()["status"]["completion"]["milestone"]
        client.send(f"/api/v1/milestones/{milestone}/achieve/", {"on": "2025-06-30"})
        return client.get(f"{url}history/").json()["results"]

    def test_history_tells_who_and_what_newest_first(self, rows: list[dict[str, Any]]) -> None:
        told = [(row["resource"], row["action"]) for row in rows]
        assert told[0] == ("milestone", "updated")
        assert set(told[1:3]) == {("project", "updated"), ("transition", "created")}
        assert told[3] == ("project", "updated")
        assert sorted(told[4:]) == [("milestone", "created"), ("milestone", "created"), ("project", "created")]
        assert {(row["actor"]["kind"], row["actor"]["name"]) for row in rows} == {("person", "editor先生")}
        assert [row["sequence"] for row in rows] == sorted((row["sequence"] for row in rows), reverse=True)
        renamed = next(field for field in rows[3]["fields"] if field["name"] == "name")
        assert renamed == {"name": "name", "before": "九峰山", "after": "九峰山水库"}
        assert rows[0]["fields"] == [{"name": "achieved_on", "before": None, "after": "2025-06-30"}]

    def test_history_names_only_listed_fields(self, rows: list[dict[str, Any]]) -> None:
        from projects.selectors.details import TOLD

        allowed = {resource: set(columns) for resource, columns in TOLD.values()}
        for row in rows:
            assert {field["name"] for field in row["fields"]} <= allowed[row["resource"]]
        assert not {"version", "updated_at", "created_at", "name_pinyin", "initials", "id"} & {
            name for names in allowed.values() for name in names
        }

    def test_request_of_the_caller_stands_in_its_changes(self, people: world.People) -> None:
        client = people.client("editor")
        headers = {"x-request-id": "auftrag-7"}
        body = json.dumps({"name": "九峰山", "sector": "water", "region": "410782", "office": "410782"})
        made = client.generic("POST", "/api/v1/projects/", body, content_type="application/json", headers=headers)
        assert made["X-Request-ID"] == "auftrag-7"
        rows = client.get(made["Location"] + "history/").json()["results"]
        assert {row["request_id"] for row in rows} == {"auftrag-7"}

    @pytest.mark.parametrize("query", ["", "?bogus=1", "?page_size=0"])
    def test_history_of_a_hidden_project_does_not_exist(self, people: world.People, query: str) -> None:
        hidden = world.project(office="410781", region="410781", sector="water")
        client = people.client("editor")
        for key in (hidden.pk, uuid.uuid4(), "x"):
            assert client.get(f"/api/v1/projects/{key}/history/{query}").status_code == 404
