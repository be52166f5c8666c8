"""The city's work report is loaded whole, once, and word for word; a bad file loads nothing and names every bad cell."""

import csv
import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Office, OfficeKind
from common.actors import system
from common.recording import recording
from history.models import Change
from milestones.models import Basis, Kind, Milestone
from portfolio.models import Commitment, CommitmentProject, Target
from portfolio.services.report_files import XINXIANG_2025
from projects.lifecycle import Stage
from projects.models import Project, Region, Status

pytestmark = pytest.mark.django_db

Rows = list[dict[str, str]]
Edit = Callable[[Rows], object]


@pytest.fixture
def loaded(report: None) -> None:
    """The report, loaded before; what a test changes is rolled back."""


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[str, Edit], str]:
    """Load a copy of the report after an edit of one file; return what was said."""

    def load(name: str, edit: Edit) -> str:
        folder = shutil.copytree(XINXIANG_2025, tmp_path / "report")
        with (folder / name).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        edit(rows)
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        with pytest.raises(CommandError) as error:
            call_command("load_report", data=folder)
        assert not Commitment.objects.exists()
        assert not Office.objects.exists()
        return str(error.value)

    return load


def test_everything_is_loaded(loaded: None) -> None:
    counts = [model.objects.count() for model in (Region, Commitment, Project, CommitmentProject, Target, Status)]
    assert counts == [17, 156, 99, 99, 102, 99]
    assert Milestone.objects.filter(kind__in=[Kind.START, Kind.COMPLETION]).count() == 2 * 99
    assert Office.objects.filter(kind=OfficeKind.CITY_OFFICE).count() == 1


def test_promises_stand_word_for_word(loaded: None) -> None:
    with (XINXIANG_2025 / "projects.csv").open(encoding="utf-8", newline="") as file:
        wanted = [(row["name"], row["quote"], row["commitment_phrase"], row["note"], row["parent"] or None) for row in csv.DictReader(file)]
    stored = Commitment.objects.order_by("position").values_list("name", "quote", "phrase", "note", "parent__name")
    assert list(stored) == wanted


def test_what_is_promised_for_this_year_is_due_on_its_last_day(loaded: None) -> None:
    due = Status.objects.filter(completion_due_on=dt.date(2025, 12, 31), completion_baseline_on=dt.date(2025, 12, 31))
    assert due.filter(completion_basis=Basis.REPORT).count() == 17
    assert Status.objects.exclude(completion_due_on=None).count() == 17


@pytest.mark.parametrize(
    ("name", "stage"),
    [
        ("华润50兆瓦风电", Stage.CONSTRUCTION),
        ("兰原高速公路", Stage.CONSTRUCTION),
        ("咸鸭桥改造提升", Stage.CONSTRUCTION),
        ("蔬菜省实验室", Stage.PREPARATION),
        ("新郑快速通道", Stage.RESERVE),
        ("长修高速封丘至修武段", Stage.COMPLETED),
    ],
)
def test_projects_enter_at_the_stage_of_their_promise(loaded: None, name: str, stage: str) -> None:
    assert Project.objects.get(name=name).stage == stage


@pytest.mark.parametrize(
    ("name", "region", "office"),
    [
        ("原阳预制菜产业园", "原阳县", "原阳县人民政府"),
        ("九峰山抽水蓄能电站", "辉县市", "辉县市人民政府"),
        ("立高食品华北生产基地二期", "新乡市", "市工业和信息化局"),  # the quote names 原阳 for another project
        ("市第一人民医院门诊楼", "新乡市", "市卫生健康委员会"),
        ("博爱—获嘉—长垣输气管道", "新乡市", "市发展和改革委员会"),  # two are named
    ],
)
def test_places_are_those_that_are_named(loaded: None, name: str, region: str, office: str) -> None:
    row = Status.objects.get(name=name)
    assert (row.region_name, row.office_name) == (region, office)


def test_known_outcomes(loaded: None) -> None:
    assert Status.objects.get(name="安罗高速原阳至郑州段").completion_achieved_on == dt.date(2025, 12, 30)
    assert Status.objects.get(name="长修高速封丘至修武段").slippage_days == 27
    plant = Milestone.objects.filter(project__name="九峰山抽水蓄能电站", kind=Kind.OTHER)
    assert plant.count() == 4
    tunnel = plant.get(name="通风兼安全洞贯通")
    assert tunnel.baseline_on is not None
    assert tunnel.achieved_on is not None
    assert (tunnel.baseline_on - tunnel.achieved_on).days == 15


def test_a_second_run_changes_nothing(loaded: None) -> None:
    before = Change.objects.count()
    call_command("load_report")
    assert Change.objects.count() == before


def test_a_second_run_leaves_what_people_changed(loaded: None) -> None:
    with recording(system("test")):
        Project.objects.filter(name="华润50兆瓦风电").update(name="华润封丘50兆瓦风电")
    call_command("load_report")
    assert Project.objects.filter(name__startswith="华润").count() == 1
    assert Project.objects.count() == 99


def _set(row: int, column: str, value: str) -> Edit:
    return lambda rows: rows[row].update({column: value})


@pytest.mark.parametrize(
    ("name", "edit", "said"),
    [
        ("projects.csv", _set(3, "sector", "magic"), "projects.csv 第 5 行 sector：“magic”不在行业目录中"),
        ("projects.csv", _set(3, "subsector", "magic"), "projects.csv 第 5 行 subsector：“housing.magic”不在行业目录中"),
        ("projects.csv", _set(0, "commitment", "soon"), "projects.csv 第 2 行 commitment：“soon”不在承诺类别"),
        ("projects.csv", _set(0, "kind", "thing"), "projects.csv 第 2 行 kind：“thing”不在范围"),
        ("projects.csv", _set(0, "quote", ""), "projects.csv 第 2 行 quote：不能为空"),
        ("projects.csv", _set(0, "count", "-5"), "projects.csv 第 2 行 count：“-5”不是正整数"),
        ("projects.csv", _set(0, "parent", "无此项"), "projects.csv 第 2 行 parent：“无此项”不在本表的名称中"),
        (
            "projects.csv",
            _set(1, "name", "5000万元以上重大项目谋划储备"),
            "projects.csv 第 3 行 name：“5000万元以上重大项目谋划储备”与第 2 行重复",
        ),
        ("projects.csv", lambda rows: [row.update(extra="") for row in rows], "projects.csv 第 1 行 extra：不认识此列"),
        ("projects.csv", lambda rows: [row.pop("quote") for row in rows], "projects.csv 第 1 行 quote：缺少此列"),
        ("targets.csv", _set(0, "value", "六"), "targets.csv 第 2 行 value：“六”不是数字"),
        ("targets.csv", _set(0, "comparator", "<"), "targets.csv 第 2 行 comparator：“<”不在比较符"),
        ("regions.csv", _set(1, "kind", "moon"), "regions.csv 第 3 行 kind：“moon”不在区划类别"),
        ("outcomes.csv", _set(0, "achieved_on", "2025-02-30"), "outcomes.csv 第 2 行 achieved_on：“2025-02-30”不是日期"),
    ],
)
def test_a_bad_cell_is_named_and_nothing_is_loaded(changed: Callable[[str, Edit], str], name: str, edit: Edit, said: str) -> None:
    assert said in changed(name, edit)


def test_every_bad_row_is_named(changed: Callable[[str, Edit], str]) -> None:
    said = changed("projects.csv", lambda rows: [row.update(sector="magic") for row in rows[:40]])
    assert all(f"第 {line} 行 sector" in said for line in range(2, 42))


def test_a_missing_folder_names_its_files(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"projects\.csv 第 1 行：没有此文件"):
        call_command("load_report", data=tmp_path)
