"""Kinds and states of money as data: what each movement does to which column, and who must agree."""

from collections.abc import Mapping
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _


class SourceKind(models.TextChoices):
    """Where money comes from (codes: field practice of project registers)."""

    SPECIAL_BOND = "special_bond", _("专项债券")
    GENERAL_BOND = "general_bond", _("一般债券")
    REFINANCING_BOND = "refinancing_bond", _("再融资债券")
    ULTRA_LONG_TREASURY = "ultra_long_treasury", _("超长期特别国债")
    CENTRAL_BUDGET = "central_budget", _("中央预算内投资")
    ADDITIONAL_TREASURY_2023 = "additional_treasury_2023", _("2023年增发国债")
    LOCAL_FISCAL = "local_fiscal", _("地方财政资金")
    POLICY_FINANCIAL_TOOL = "policy_financial_tool", _("新型政策性金融工具")
    BANK_LOAN = "bank_loan", _("银行贷款")
    ENTERPRISE = "enterprise", _("企业自筹")
    SOCIAL_CAPITAL = "social_capital", _("社会资本")
    GUIDANCE_FUND = "guidance_fund", _("产业引导基金")
    REITS = "reits", _("基础设施REITs")
    ABS = "abs", _("资产证券化")
    RESIDENT = "resident", _("居民出资")
    OTHER = "other", _("其他资金")
    TBD = "tbd", _("待定")


BONDS = (SourceKind.SPECIAL_BOND, SourceKind.GENERAL_BOND, SourceKind.REFINANCING_BOND, SourceKind.ULTRA_LONG_TREASURY)


class SourceState(models.TextChoices):
    OPEN = "open", _("可用")
    CLOSED = "closed", _("关闭")


class Use(models.TextChoices):
    CONSTRUCTION = "construction", _("建设")
    CAPITAL = "capital", _("资本金")


class PurposeClass(models.TextChoices):
    """What a bond issue may serve; only the first belongs to construction projects."""

    NEW_SPECIAL = "new_special", _("新增专项（项目建设）")
    EXISTING_GOVERNMENT_PROJECT = "existing_government_project", _("新增专项（存量政府投资项目）")
    FUND_SUPPLEMENT = "fund_supplement", _("新增专项（补充政府性基金财力）")
    REFINANCING_SPECIAL = "refinancing_special", _("再融资专项")
    NEW_GENERAL = "new_general", _("新增一般")
    REFINANCING_GENERAL = "refinancing_general", _("再融资一般")


class RepaymentMethod(models.TextChoices):
    AT_MATURITY = "at_maturity", _("到期一次还本")
    INSTALMENTS = "instalments", _("分年还本")


class Frequency(models.TextChoices):
    YEARLY = "yearly", _("一年一次")
    HALF_YEARLY = "half_yearly", _("半年一次")


MONTHS: Mapping[str, int] = {Frequency.YEARLY: 12, Frequency.HALF_YEARLY: 6}


class Kind(models.TextChoices):
    ISSUE = "issue", _("发行到账")
    CANCEL_ISSUE = "cancel_issue", _("核减")
    GRANT = "grant", _("额度下达")
    WITHDRAW = "withdraw", _("额度收回")
    RECEIVE = "receive", _("资金到位")
    RETURN = "return", _("资金缴回")
    PAY = "pay", _("支付")
    REFUND = "refund", _("退款")
    ADJUST_QUOTA = "adjust_quota", _("用途调整（未到位）")
    ADJUST_MONEY = "adjust_money", _("用途调整（已到位）")


class RequestKind(models.TextChoices):
    """What may be asked for: every movement that needs a second person, and the reversal of any."""

    ISSUE = "issue", _("发行到账")
    CANCEL_ISSUE = "cancel_issue", _("核减")
    GRANT = "grant", _("额度下达")
    WITHDRAW = "withdraw", _("额度收回")
    RETURN = "return", _("资金缴回")
    ADJUST_QUOTA = "adjust_quota", _("用途调整（未到位）")
    ADJUST_MONEY = "adjust_money", _("用途调整（已到位）")
    REVERSE = "reverse", _("冲正")


class FactKind(models.TextChoices):
    """What is recorded once, by its voucher."""

    RECEIVE = "receive", _("资金到位")
    PAY = "pay", _("支付")
    REFUND = "refund", _("退款")


class Movement(NamedTuple):
    """By how many times its amount a movement changes each column; the last two belong to the target of an adjustment."""

    issued: int = 0
    allocated: int = 0
    granted: int = 0
    received: int = 0
    paid: int = 0
    target_granted: int = 0
    target_received: int = 0


# Twin of the view funding_movement, by which the balance trigger posts: a test holds the two together.
MOVEMENTS: Mapping[str, Movement] = {
    Kind.ISSUE: Movement(issued=1),
    Kind.CANCEL_ISSUE: Movement(issued=-1),
    Kind.GRANT: Movement(allocated=1, granted=1),
    Kind.WITHDRAW: Movement(allocated=-1, granted=-1),
    Kind.RECEIVE: Movement(received=1),
    Kind.RETURN: Movement(received=-1),
    Kind.PAY: Movement(paid=1),
    Kind.REFUND: Movement(paid=-1),
    Kind.ADJUST_QUOTA: Movement(granted=-1, target_granted=1),
    Kind.ADJUST_MONEY: Movement(granted=-1, received=-1, target_granted=1, target_received=1),
}

OF_THE_POOL = (Kind.ISSUE, Kind.CANCEL_ISSUE)  # no project
ADJUSTMENTS = (Kind.ADJUST_QUOTA, Kind.ADJUST_MONEY)  # from one project or use to another
TO_A_PROJECT = (Kind.GRANT, *ADJUSTMENTS)  # where eligibility is asked


class Ground(models.TextChoices):
    """The four grounds on which a use may be adjusted (财预〔2021〕110号)."""

    PROJECT_CHANGED = "project_changed", _("项目发生重大变化，不再需要或需要减少")
    SURPLUS = "surplus", _("项目竣工后资金有结余")
    BREACH_FOUND = "breach_found", _("财政、审计等发现违规，要求调整")
    OTHER = "other", _("其他需要调整的情形")


class EligibilityList(models.TextChoices):
    NEGATIVE = "negative", _("负面清单")
    CAPITAL = "capital", _("资本金清单")


class Level(models.TextChoices):
    """How grave a check or a finding is. Only errors of a check block."""

    INFO = "info", _("提示")
    WARN = "warn", _("关注")
    ERROR = "error", _("严重")


class FindingState(models.TextChoices):
    OPEN = "open", _("待说明")
    REPLIED = "replied", _("已说明")
    WRITTEN_OFF = "written_off", _("已核销")


class FindingSubject(models.TextChoices):
    """What breaks a rule."""

    ALLOCATION = "allocation", _("额度")
    PROJECT = "project", _("项目")
    SOURCE = "source", _("资金来源")
    PORTFOLIO = "portfolio", _("全市")
