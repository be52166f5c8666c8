"""Codes of the right shape: national project codes, and social credit codes whose check characters are right."""

import datetime as dt
from random import Random

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100: 31 characters
COMPANY = "91"
BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)  # GB 11714
TYPES = {"approval": "01", "verification": "01", "filing": "02"}
DEPARTMENTS = ["04", "89"]


def uscc(region: str, rng: Random) -> str:
    """A social credit code of a company."""
    body = "MA" + "".join(rng.choice(ALPHABET) for _ in range(6))
    code = COMPANY + region + body + _body_check(body)
    total = sum(ALPHABET.index(char) * pow(3, place, 31) for place, char in enumerate(code))
    return code + ALPHABET[-total % 31]


def project_code(region: str, approval_mode: str, approved_on: dt.date, rng: Random) -> str:
    """A national project code; the rule of its check digit is not published."""
    return f"{approved_on:%y%m}-{region}-{rng.choice(DEPARTMENTS)}-{TYPES[approval_mode]}-{rng.randrange(100_000, 1_000_000)}"


def _body_check(body: str) -> str:
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    check = 11 - sum(digits.index(char) * weight for char, weight in zip(body, BODY_WEIGHTS, strict=True)) % 11
    return {10: "X", 11: "0"}.get(check, str(check))
