"""The order in which people count: 2 before 10."""

from __future__ import annotations

import re
import unicodedata

_DIGITS = re.compile(r"([0-9]+)")


def natural(name: str) -> tuple[tuple[int, str], ...]:
    """A key for sorting by the numbers in names, without regard to case and width where there is a choice."""
    pieces = _DIGITS.split(unicodedata.normalize("NFKC", name).casefold())
    keys = [_number(piece) if place % 2 else (0, piece) for place, piece in enumerate(pieces)]
    return (*keys, (0, name))


def _number(digits: str) -> tuple[int, str]:
    """As how many digits and which, for there may be thousands of them."""
    bare = digits.lstrip("0")
    return len(bare), bare
