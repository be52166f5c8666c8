"""Rows whose id the client names, so that a repetition after days is still one movement."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from funding.errors import Duplicate
from funding.models import Transfer, TransferRequest
from funding.services.moves import Move, at


def require_new(moves: Sequence[Move], model: type[Transfer] | type[TransferRequest]) -> None:
    """Raise Duplicate for an id that a row bears already, or that stands twice in the list."""
    ids = [move.id for move in moves]
    known = set(model._default_manager.filter(pk__in=[key for key in ids if key]).values_list("pk", flat=True))
    for index, key in enumerate(ids):
        if key is not None and (key in known or key in ids[:index]):
            raise Duplicate(_("该编号已登记。"), first=key, faults=[at(index, "id", "duplicate", _("该编号已登记。"))])


@contextmanager
def inserting(moves: Sequence[Move], model: type[Transfer] | type[TransferRequest]) -> Iterator[None]:
    """Insert the rows of `moves`; of two at once with the same id the later is told so, as if it had come after."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "_pkey" in str(error):
            require_new(moves, model)
        raise
