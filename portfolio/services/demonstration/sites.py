"""What generated projects struggle with: problems and permits, some of them late; and a few drawn photos of what was achieved."""

import datetime as dt
import io
import zoneinfo
from collections.abc import Sequence
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import ExifTags, Image, ImageDraw

from common.actors import Actor
from milestones.models import Milestone, MilestoneEvidence
from portfolio.selectors.demonstration import LABEL
from projects.lifecycle import Stage
from projects.models import Permit, PermitKind, PermitState, Problem, ProblemKind, ProblemLevel, ProblemState, Project
from projects.services import evidence

BUSY = (Stage.PREPARATION, Stage.CONSTRUCTION)
WITH_PROBLEM, WITH_PERMITS = 0.1, 0.2  # of the busy projects
PHOTOS, PROJECTS_A_PHOTO = 40, 75
ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")
TROUBLES = (
    (ProblemKind.LAND, "项目用地 %d 亩未完成组卷报批，无法办理用地手续", "自然资源部门专人跟进，逐日报告组卷进度", "自然资源局"),
    (ProblemKind.LAND, "红线内 %d 亩附属物补偿未达成一致", "属地政府组织三方会商，核定补偿标准", "自然资源局、乡镇政府"),
    (ProblemKind.DEMOLITION, "尚有 %d 户房屋未签订拆迁协议", "包村干部入户，一户一策", "属地乡镇政府"),
    (ProblemKind.FUNDS, "进度款欠付约 %d 万元，施工单位放缓进度", "按工程量核实，列入下批资金计划", "财政局"),
    (ProblemKind.UTILITIES, "%d 千伏线路影响主体施工，迁改方案未批", "供电公司出具方案，同步办理停电计划", "供电公司"),
    (ProblemKind.APPROVAL, "施工图审查意见 %d 条未整改闭合", "设计单位限期修改，审图机构当日复审", "住建局"),
    (ProblemKind.ENVIRONMENT, "管控期需停工 %d 天，工期受影响", "申报保障类清单，错峰组织土方作业", "生态环境局"),
    (ProblemKind.LABOR, "高峰期缺少技术工人约 %d 名", "人社部门组织专场招聘，施工单位增调班组", "人社局"),
)
SOLVED = ("已会商解决，现场恢复施工。", "手续已办结，可按计划推进。", "资金已拨付到位。", "协议已全部签订。")
HELD = "等待上级部门批复，批复后继续推进。"
DEPARTMENTS = {
    PermitKind.INITIATION: "发展改革委", PermitKind.SITE_OPINION: "自然资源局", PermitKind.LAND_APPROVAL: "自然资源局",
    PermitKind.WORKS_PLANNING: "自然资源局", PermitKind.CONSTRUCTION: "住建局", PermitKind.ENVIRONMENT: "生态环境局",
    PermitKind.WATER_SOIL: "水利局", PermitKind.ENERGY: "发展改革委",
}  # fmt: skip


def build(projects: Sequence[Project], *, today: dt.date, rng: Random, actor: Actor) -> None:
    """For the busy ones among new projects; runs inside the transaction that makes the city."""
    busy = [project for project in projects if project.stage in BUSY and project.office_id is not None]
    troubled, permitted = (rng.sample(busy, round(len(busy) * share)) for share in (WITH_PROBLEM, WITH_PERMITS))
    Problem.objects.bulk_create([_problem(project, today, rng) for project in troubled])
    Permit.objects.bulk_create([permit for project in permitted for permit in _permits(project, today, rng)])
    _photograph(projects, today, rng, actor)


def _problem(project: Project, today: dt.date, rng: Random) -> Problem:
    kind, text, measures, helpers = rng.choice(TROUBLES)
    raised_on = today - dt.timedelta(days=rng.randint(0, 40))
    problem = Problem(
        project=project, kind=kind, text=text % rng.randint(3, 110), measures=measures, supporting_offices=helpers,
        office_id=project.office_id, raised_on=raised_on, due_on=raised_on + dt.timedelta(days=rng.choice((7, 7, 15, 30))),
        state=ProblemState.WORKING, level_needed=rng.choices(ProblemLevel.values, (6, 3, 1))[0],
    )  # fmt: skip
    if problem.due_on < today and rng.random() < 0.7:  # most are solved in time
        problem.state, problem.closing_note = ProblemState.CLOSED, rng.choice(SOLVED)
        problem.closed_on = problem.due_on - dt.timedelta(days=rng.randint(0, 3))
    elif rng.random() < 0.1:
        problem.state, problem.hold_reason = ProblemState.ON_HOLD, HELD
    return problem


def _permits(project: Project, today: dt.date, rng: Random) -> list[Permit]:
    """In the order in which they are obtained: done up to one, the next under way."""
    kinds = list(DEPARTMENTS)
    reached = len(kinds) - 1 if project.stage == Stage.CONSTRUCTION else rng.randint(1, 4)
    first = today - dt.timedelta(days=rng.randint(200, 500))
    rows = []
    for number, kind in enumerate(kinds[: reached + 1]):
        permit = Permit(project=project, kind=kind, department=DEPARTMENTS[kind])
        if number < reached:
            permit.state, permit.done_on = PermitState.DONE, first + dt.timedelta(days=20 * number)
            permit.number = f"新{LABEL}字〔{permit.done_on.year}〕{rng.randint(1, 300)}号"
        else:
            permit.state, permit.due_on = PermitState.IN_PROGRESS, today + dt.timedelta(days=rng.randint(-10, 60))
        rows.append(permit)
    return rows


def _photograph(projects: Sequence[Project], today: dt.date, rng: Random, actor: Actor) -> None:
    """The latest achieved milestone of a few projects has a photo, taken that day."""
    rows = Milestone.objects.filter(project__in=projects[: PHOTOS * 10], achieved_on__isnull=False)
    achieved = list(rows.order_by("project", "-achieved_on", "id").distinct("project"))
    chosen = rng.sample(achieved, min(PHOTOS, len(achieved), len(projects) // PROJECTS_A_PHOTO))
    now = dt.datetime.combine(today, dt.time(23, 59), ZONE)
    proofs = []
    for milestone in chosen:
        upload = SimpleUploadedFile(f"{LABEL}-{milestone.name}.jpg", _draw(milestone.achieved_on or today, rng), "image/jpeg")
        proof = evidence.add_evidence(milestone.project_id, upload, actor=actor, now=now)
        proofs.append(MilestoneEvidence(project_id=milestone.project_id, milestone=milestone, evidence=proof))
    MilestoneEvidence.objects.bulk_create(proofs)


def _draw(on: dt.date, rng: Random) -> bytes:
    """A site as a child draws it: sky, ground, a building of some storeys, a crane; with time and place as a camera writes them."""
    image = Image.new("RGB", (640, 480), (rng.randint(150, 200), rng.randint(190, 220), 240))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 340, 640, 480), (rng.randint(140, 180), rng.randint(110, 140), 80))
    left, storeys = rng.randint(80, 240), rng.randint(2, 7)
    for storey in range(storeys):
        top = 340 - 38 * (storey + 1)
        pen.rectangle((left, top, left + 200, top + 34), (190, 190, 185), (90, 90, 90))
        for window in range(5):
            pen.rectangle((left + 12 + 38 * window, top + 8, left + 34 + 38 * window, top + 26), (110, 140, 170))
    pen.line([(left + 260, 340), (left + 260, 60), (left + 120, 60)], (220, 160, 30), 8)
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Demonstration"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = f"{on:%Y:%m:%d} {rng.randint(8, 17):02}:{rng.randint(0, 59):02}:00"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(
        {
            ExifTags.GPS.GPSLatitudeRef: "N", ExifTags.GPS.GPSLatitude: (35.0, float(rng.randint(5, 35)), float(rng.randint(0, 59))),
            ExifTags.GPS.GPSLongitudeRef: "E", ExifTags.GPS.GPSLongitude: (113.0, float(rng.randint(30, 59)), float(rng.randint(0, 59))),
        }
    )  # fmt: skip
    out = io.BytesIO()
    image.save(out, "JPEG", quality=70, exif=exif)
    return out.getvalue()
