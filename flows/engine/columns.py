"""Columns of text that line up on a narrow phone."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

WIDEST = 30  # columns of a monospaced line before the smallest usual phones break it
GAP = "  "
_WIDE_SPACE = "\u3000"


def width(text: str) -> int:
    """In columns: full-width characters take two, marks on the one before none."""
    narrow, wide = _parts(text)
    return narrow + 2 * wide


def table(rows: Sequence[Sequence[str]], widest: int = WIDEST) -> list[str] | None:
    """Monospaced lines, the first column to the left, the others to the right; None where that gets too wide.

    Phones draw full-width characters not quite two columns wide. So the first column is filled up with as many wide and
    as many narrow spaces as a cell has fewer characters of each: it lines up however wide they are drawn.
    """
    columns = [[_parts(cell) for cell in column] for column in zip(*rows, strict=True)]
    most = [(max(narrow for narrow, _ in parts), max(wide for _, wide in parts)) for parts in columns]
    if sum(narrow + 2 * wide for narrow, wide in most) + len(GAP) * (len(most) - 1) > widest:
        return None
    lines = []
    for row in rows:
        cells = []
        for place, (cell, (narrow, wide)) in enumerate(zip(row, most, strict=True)):
            own_narrow, own_wide = _parts(cell)
            filling = _WIDE_SPACE * (wide - own_wide) + " " * (narrow - own_narrow)
            cells.append(filling + cell if place else cell + filling)
        lines.append(GAP.join(cells).rstrip())
    return lines


def _parts(text: str) -> tuple[int, int]:
    """How many narrow and how many wide characters there are."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    marks = sum(unicodedata.category(character) in {"Mn", "Me", "Cf"} for character in text)
    return len(text) - wide - marks, wide
