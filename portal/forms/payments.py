"""登记支付: lines of vouchers as the bank or the treasury lists them, judged as facts are."""

import datetime as dt
import uuid
from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.roles import Principal
from funding.api.serializers.transfers import FactInput
from funding.models import FundingSource
from funding.selectors import acting, matching
from funding.services import facts
from funding.services.moves import Check, Move
from portal.forms import sheets, typed
from portal.forms.limits import within
from portal.forms.sheets import Column, Line, Sheet
from portal.forms.typed import Unread

COLUMNS = (
    Column("voucher", gettext_lazy("凭证号")),
    Column("project", gettext_lazy("项目名称或代码"), "wide"),
    Column("use", gettext_lazy("用途")),
    Column("kind", gettext_lazy("类别")),
    Column("amount", gettext_lazy("金额（元）"), is_number=True),
    Column("payee", gettext_lazy("收款人"), "wide"),
    Column("purpose", gettext_lazy("款项用途"), "wide"),
    Column("day", gettext_lazy("日期")),
)
MOST = 1000
YUAN = Decimal(1)


def empty() -> Sheet:
    return Sheet(COLUMNS, sheets.blank(COLUMNS, n=8), YUAN)


def read(post: Mapping[str, str], source: FundingSource, *, actor: Principal, today: dt.date) -> Sheet:
    """Every line with its movement and what the checks say of it. Raises Unread for too many lines."""
    sheet = sheets.read(post, COLUMNS, unit=YUAN, most=MOST)
    matches = matching.match([line.cells["project"] for line in sheet.filled], actor)
    held = {(source.pk, part.project_id, part.use) for part in acting.parts(source.pk, actor)}
    for line in sheet.filled:
        _understand(line, source, matches, today)
        if line.move is not None and line.move.here not in held:
            line.move = None
            line.refuse(_("该项目在本来源没有这一用途的额度"), "project")
    said: list[list[Check]] = []

    def checks_of(moves: list[Move]) -> list[list[Check]]:
        said.extend(facts.check(moves, today=today))
        first = acting.vouchers((check.values.get("first") for checks in said for check in checks if check.code == "duplicate"), actor)
        known.update(first)
        return said

    known: dict[uuid.UUID, acting.Voucher] = {}
    sheet.judged(checks_of, lambda line, check: _say(line, check, sheet, known), _("可登记"))
    return sheet


def _understand(line: Line, source: FundingSource, matches: Mapping, today: dt.date) -> None:
    voucher = line.read("voucher", _voucher)
    project = line.read_project("project", matches.get(line.cells["project"]))
    use = line.read("use", typed.use)
    kind = line.read("kind", typed.fact_kind)
    line.read_amount("amount", YUAN)
    day = line.read("day", lambda text: typed.day(text, today=today))
    payee, purpose = (line.read(name, lambda text, name=name: within(FactInput, name, text)) for name in ("payee", "purpose"))
    if None in (voucher, project, use, kind, line.amount, day, payee, purpose) or line.amount is None:
        return
    if day.isoformat() != line.cells["day"]:
        line.marks.append(sheets.Mark("", day.isoformat()))
    line.move = Move(
        kind=kind, source=source, amount=line.amount, project=project, use=use, occurred_on=day, voucher_no=voucher,
        payee=payee, purpose=purpose,
    )  # fmt: skip


def _voucher(text: str) -> str:
    if not typed.plain(text):
        raise Unread(_("未填凭证号"))
    return str(within(FactInput, "voucher_no", typed.plain(text)))


def _say(line: Line, check: Check, sheet: Sheet, known: Mapping[uuid.UUID, acting.Voucher]) -> str:
    if check.code == "insufficient_balance":
        line.wrong.add("amount")
    if check.code in ("future_date", "before_issue"):
        line.wrong.add("day")
    if check.code != "duplicate":
        return sheets.worded(check, sheet.unit)
    line.wrong.add("voucher")
    first = known.get(check.values["first"])
    if first is not None:
        return _("凭证号 %(voucher)s 已登记：%(day)s，%(payee)s，%(amount)s") % {
            "voucher": check.values["voucher"], "day": first.occurred_on, "payee": first.payee or _("未填收款人"),
            "amount": sheets.in_unit(first.amount, sheet.unit),
        }  # fmt: skip
    twin = next(other for other in sheet.filled if other.move is not None and other.move.voucher_no == check.values["voucher"])
    return _("凭证号 %(voucher)s 与第 %(n)s 行相同") % {"voucher": check.values["voucher"], "n": twin.number}
