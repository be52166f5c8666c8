"""A page whose form is a pasted table: shown empty, checked while it is filled, submitted once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from common import clock
from common.errors import DomainError
from funding.models import FundingSource
from portal.forms.sheets import Sheet, Unfit
from portal.forms.typed import Unread
from portal.views.access import SignedIn, is_fragment
from portal.views.once import key_of, once, status_of


@dataclass(frozen=True)
class SheetPage:
    """What differs between such pages. `submit` gives the address to go on to and raises Unfit; `say` words what made it unfit."""

    page: str
    fragment: str
    empty: Callable[[], Sheet]
    read: Callable[..., Sheet]
    submit: Callable[[SignedIn, FundingSource, Sheet], str]
    say: Callable[[Sheet], str | None]
    more: Callable[[SignedIn, FundingSource, Sheet], dict[str, Any]]

    def answer(self, request: SignedIn, source: FundingSource) -> HttpResponse:
        """The empty table; or, by POST, its effect. What is refused comes back with all that was typed."""
        if request.method != "POST":
            return self._render(request, source, self.empty())
        try:
            return once(request, lambda: self.submit(request, source, self._read(request, source)))
        except Unread as unread:
            return self._render(request, source, self.empty(), alert=unread, status=422)
        except Unfit as unfit:
            return self._render(request, source, unfit.sheet, alert=self.say(unfit.sheet), status=422)
        except DomainError as refusal:
            sheet = self._read(request, source)
            sheet.refuse(refusal, sheet.good)
            return self._render(request, source, sheet, alert=refusal, status=status_of(refusal))

    def check(self, request: SignedIn, source: FundingSource) -> HttpResponse:
        """The table with what the rules say of it now. Changes nothing."""
        try:
            sheet = self._read(request, source)
        except Unread as unread:
            return self._render(request, source, self.empty(), alert=unread, status=422)
        if is_fragment(request):
            return render(request, self.fragment, self._context(request, source, sheet))
        return self._render(request, source, sheet)

    def _read(self, request: SignedIn, source: FundingSource) -> Sheet:
        return self.read(request.POST, source, actor=request.actor, today=clock.today())

    def _render(self, request: SignedIn, source: FundingSource, sheet: Sheet, *, alert: Any = None, status: int = 200) -> HttpResponse:
        return render(request, self.page, self._context(request, source, sheet, alert), status=status)

    def _context(self, request: SignedIn, source: FundingSource, sheet: Sheet, alert: Any = None) -> dict[str, Any]:
        shown = {"area": "funding", "alert": alert, "source": source, "sheet": sheet, "key": key_of(request, alert)}
        return shown | self.more(request, source, sheet)
