"""Columns of money."""

from decimal import Decimal
from typing import Any

from django.db import models

ZERO = Decimal("0.00")


def yuan(label: Any, *, null: bool = False) -> models.DecimalField:
    """A column of yuan, exact to the fen. A balance starts at nothing."""
    if null:
        return models.DecimalField(label, max_digits=18, decimal_places=2, null=True, blank=True)
    return models.DecimalField(label, max_digits=18, decimal_places=2, default=ZERO, db_default=ZERO)
