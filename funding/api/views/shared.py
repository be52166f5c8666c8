"""What the doors of money share: bodies of one line or many."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from common.api.answers import answer
from common.api.queries import Query
from common.api.views import Writing
from common.errors import DomainError, Fault, Malformed
from common.ids import uuid7
from funding.services.moves import Move, at_root, together


class MovingMoney(Writing):
    """Bodies that hold one movement or a list of them, which lands whole or not at all."""

    def read_moves(self, serializer_class: Any, *, largest: int) -> list[Move]:
        """The movements of the body, each with an id: the client's own, or a new one, so that the answer keeps the order."""
        self.refuse_query()
        body = self.request.data
        lines = body if isinstance(body, list) else [body]
        if not 1 <= len(lines) <= largest:
            raise Malformed(faults=[Fault((), "invalid", _("须为一项，或 1 到 %d 项的列表。") % largest)])
        serializer = serializer_class(context={"request": self.request, "view": self, "lines": lines})
        ids = sorted(uuid7() for _line in lines)  # those of one millisecond have no order of their own
        found, errors, refusals = [], {}, []
        for index, line in enumerate(lines):
            try:
                found.append(as_move(serializer.run_validation(line), ids[index]))
            except ValidationError as error:
                errors[index] = error.detail
            except DomainError as error:
                error.faults = [Fault((index, *fault.path), fault.code, fault.detail) for fault in error.faults]
                refusals.append(error)
        if errors:  # what is of no shape is said before what is against a rule
            raise ValidationError(errors if self.is_list else errors[0])
        if refusals:
            raise together(refusals) if self.is_list else at_root(refusals[0])
        return found

    @property
    def is_list(self) -> bool:
        return isinstance(self.request.data, list)

    def at_their_place(self, act: Callable[[], Any]) -> Any:
        """Run a service; its refusal names line and field, of a single movement the field alone."""
        try:
            return act()
        except DomainError as error:
            raise error if self.is_list else at_root(error) from None

    def answer_rows(self, ids: Sequence[Any], *, status: int = 200) -> HttpResponse:
        """Many rows, in the order of their ids."""
        return answer(self.request, {"results": self.rows(ids)}, status=status)

    def rows(self: Any, ids: Sequence[Any]) -> list[dict[str, Any]]:
        found = {row["id"]: row for row in map(self.shape, self.visible(Query()).filter(pk__in=ids).values_list(*self.columns))}
        return [found[key] for key in ids if key in found]


def as_move(fields: dict[str, Any], key: uuid.UUID) -> Move:
    """A reversal has source and amount of its original, unless it repeats them. `key` is its id where the client names none."""
    original = fields.get("reverses")
    if original is not None:
        fields = fields | {"source": fields.get("source") or original.source, "amount": fields.get("amount") or original.amount}
    return Move(**{"id": key} | fields)
