"""Long lists: pages of eight with ‹ and ›, the same everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flows.effects import Button
from flows.engine.turn import Turn

PAGE = 8
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    items: Sequence[T]
    number: int  # from 1
    pages: int
    before: int = 0  # items on the pages before this one

    @property
    def buttons(self) -> tuple[Button, ...]:
        return self.row()

    def row(self, *beside: Button) -> tuple[Button, ...]:
        """The last row of a list: back, and what stands beside it, between the ways to the pages before and after."""
        return self.around(Button("back"), *beside)

    def around(self, *between: Button) -> tuple[Button, ...]:
        """A row of these buttons, between the ways to the pages before and after."""
        before = (Button("page", f"{self.number - 1}", values={"forward": False}),) if self.number > 1 else ()
        after = (Button("page", f"{self.number + 1}", values={"forward": True}),) if self.number < self.pages else ()
        return (*before, *between, *after)


def page_of(turn: Turn, items: Sequence[T], *, key: str = "page", size: int = PAGE) -> Page[T]:
    """The page that frame data ``key`` names, or the nearest one there is."""
    return part_of(turn, len(items), lambda offset, limit: items[offset : offset + limit], key=key, size=size)


def part_of(
    turn: Turn, count: int, read: Callable[[int, int], Sequence[T]], *, key: str = "page", size: int = PAGE
) -> Page[T]:
    """As ``page_of``, of a list too long to have whole: ``read`` takes an offset and how many at most."""
    pages = max(1, -(-count // size))
    number = min(int(turn.data.get(key, "1")), pages)
    before = (number - 1) * size
    return Page(read(before, size), number, pages, before)


def turns_page(turn: Turn) -> None:
    turn.data["page"] = turn.argument


def turns_page_of(key: str) -> Callable[[Turn], None]:
    """For flows with several lists, each with a page of its own in the frame data."""

    def turn_page(turn: Turn) -> None:
        turn.data[key] = turn.argument

    return turn_page
