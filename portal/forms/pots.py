"""A new pot of money, and the terms of a bond."""

from django.utils.translation import gettext_lazy as _

from funding.api.serializers.sources import BondInput, SourceInput
from funding.lifecycle import BONDS, Frequency, PurposeClass, RepaymentMethod, SourceKind
from portal.forms.fields import Field, Form

POT = (
    Field("kind", _("资金类别"), "choice", is_required=True, choices=SourceKind.choices),
    Field("name", _("名称"), is_required=True, shape=SourceInput),
    Field("document_no", _("文号"), shape=SourceInput),
    Field("issued_on", _("下达日期"), "day"),
    Field("planned", _("计划（万元）"), "amount"),
)
BOND = (
    Field("code", _("债券代码"), shape=BondInput),
    Field("short_name", _("债券简称"), shape=BondInput),
    Field("series", _("期次"), shape=BondInput),
    Field("interest_from_on", _("起息日"), "day"),
    Field("matures_on", _("到期日"), "day", is_ahead=True),
    Field("tenor_years", _("期限（年）"), "whole", shape=BondInput),
    Field("rate_percent", _("利率（%）"), "percent", shape=BondInput),
    Field("purpose_class", _("用途分类"), "choice", choices=PurposeClass.choices),
    Field("repayment_method", _("还本方式"), "choice", choices=RepaymentMethod.choices),
    Field("interest_frequency", _("付息频率"), "choice", choices=Frequency.choices),
    Field("principal_frequency", _("还本频率"), "choice", choices=Frequency.choices),
    Field("grace_years", _("还本宽限期（年）"), "whole", shape=BondInput),
    Field("amount", _("发行额（万元）"), "amount"),
    Field("amount_as_capital", _("用作资本金（万元）"), "amount"),
)
BOND_NAMES = {field.name for field in BOND}


def columns(form: Form) -> dict[str, object]:
    """What was understood, as the service takes it: terms hang together under `bond`, which only bonds have."""
    found: dict[str, object] = {name: value for name, value in form.values.items() if name not in BOND_NAMES}
    terms = {name: value for name, value in form.values.items() if name in BOND_NAMES}
    if form.values.get("kind") in BONDS or terms:
        found["bond"] = terms
    return found
