"""Shapes that every answer shares: money and references."""

import uuid
from decimal import Decimal
from typing import Any


def money(amount: str | Decimal | int | None) -> dict[str, str] | None:
    """Yuan as a decimal string with two decimals; text from the database passes as it is."""
    if amount is None:
        return None
    return {"amount": amount if isinstance(amount, str) else f"{amount:.2f}", "currency": "CNY"}


def plain_number(number: Decimal) -> str:
    """The number without needless zeros: 30.0000 as 30, and 100 as 100."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# A part that has not landed yet shows money 0.00.
NOTHING = money("0.00")


def ref(key: uuid.UUID | None, name: str, code: str | None) -> dict[str, Any] | None:
    """A reference to a row, or nothing."""
    return None if key is None else {"id": key, "name": name, "code": code}
