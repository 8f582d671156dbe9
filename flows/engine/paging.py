"""Text too long for one message, cut into pages where a reader would pause."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LONGEST = 3_000  # of the 4,096 units that a message may have (Bot API); the rest is for what stands around the text

# Where a page may end, the best place first: after a blank line, a line, a sentence, a part of one.
_BORDERS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\n[^\S\n]*\n\s*",
        r"\n\s*",
        r"[。！？；!?;…]+[”’」』）)】]*[^\S\n]*",
        r"[，、,：:][^\S\n]*|\s+",
    )
)


@lru_cache(maxsize=128)
def pages_of(text: str, longest: int = LONGEST) -> tuple[str, ...]:
    """At least one page; together they are the text again. ``longest`` counts UTF-16 units, as Telegram does.

    A page is at least half as long as it may be: a border further up would leave it too empty.
    """
    pages: list[str] = []
    astral = bool(text) and max(text) > "\uffff"
    start = 0
    while True:
        end = _fitting(text, start, longest, astral)
        if end == len(text):
            return (*pages, text[start:])
        end = _border(text, start, end)
        pages.append(text[start:end])
        start = end


def _fitting(text: str, start: int, longest: int, astral: bool) -> int:
    """Where a page that begins at ``start`` must end at the latest."""
    end = min(len(text), start + longest)
    if astral:
        units = end - start + sum(character > "\uffff" for character in text[start:end])
        while units > longest and end > start + 1:
            end -= 1
            units -= 2 if text[end] > "\uffff" else 1
    return end


def _border(text: str, start: int, end: int) -> int:
    least = start + (end - start) // 2
    for pattern in _BORDERS:
        found = [match.end() for match in pattern.finditer(text, least, end)]
        if found:
            return found[-1]
    cut = end
    while cut > least + 1 and _belongs_to_the_one_before(text[cut]):
        cut -= 1
    return cut


def _belongs_to_the_one_before(character: str) -> bool:
    return unicodedata.category(character) in {"Mn", "Mc", "Me", "Cf"}
