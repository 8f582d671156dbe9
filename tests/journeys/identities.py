"""Invented people: numbers of identity cards that pass every check."""

from __future__ import annotations

from datetime import date, timedelta

NAME = "王芳"
EMPLOYER = "北京安居科技有限公司"

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_number_of(number: int) -> str:
    """A valid one, another for each number (GB 11643)."""
    born = date(1960, 1, 1) + timedelta(days=number % 15_000)
    body = f"110105{born:%Y%m%d}{number % 1000:03}"
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, body, strict=True))
    return body + "10X98765432"[total % 11]
