"""Duties of money: an instalment that is to be collected, money that lies idle."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.roles import Act
from funding.services import repayments
from portal.forms.duties import PayForm
from portal.views.duties.deeds import Deed, Doing, Door, Kind


def _pay(doing: Doing) -> str:
    on, document_no = doing.values["paid_on"], doing.values["document_no"]
    repayments.pay(doing.duty.id, on=on, document_no=document_no, version=doing.version, actor=doing.actor, today=doing.today)
    return _("已登记归集：%(day)s") % {"day": on.isoformat()}


REPAYMENT = Kind(gettext_lazy("应付"), lambda duty: REPAYMENT_DEEDS)
REPAYMENT_DEEDS = (Deed("pay", gettext_lazy("登记归集"), Act.REQUEST_MONEY, _pay, PayForm),)
IDLE_MONEY = Kind(gettext_lazy("应支付"), lambda duty: IDLE_DEEDS)
IDLE_DEEDS = (Door(gettext_lazy("看资金"), lambda duty: f"{reverse('project', args=[duty.project_id])}#money", Act.READ),)
