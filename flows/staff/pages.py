"""Pages of another length than eight, where a list shares its screen with more buttons; and of what is long to read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from flows.engine.lists import Page
from flows.engine.turn import Turn

T = TypeVar("T")


def page_of(turn: Turn, items: Sequence[T], length: int) -> Page[T]:
    """The page that frame data ``page`` names, or the nearest one there is."""
    return page_read(turn, len(items), length, lambda offset, limit: items[offset : offset + limit])


def page_read(turn: Turn, count: int, length: int, read: Callable[[int, int], Sequence[T]]) -> Page[T]:
    """The same, of a list that is read page by page: ``read`` is given offset and limit."""
    pages = max(1, -(-count // length))
    number = min(int(turn.data.get("page", "1")), pages)
    return Page(read((number - 1) * length, length), number, pages)
