"""The pot of money that a page acts on, or the page that says there is none."""

import uuid

from django.http import Http404

from accounts.roles import Principal
from common.errors import Missing
from funding.models import FundingSource
from funding.selectors import acting


def pot(source_id: uuid.UUID, actor: Principal) -> FundingSource:
    """Raises Http404 for what is absent or out of reach."""
    try:
        return acting.source(source_id, actor)
    except Missing as error:
        raise Http404 from error
