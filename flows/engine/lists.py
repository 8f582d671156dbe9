"""Long lists: pages of eight with ‹ and ›, the same everywhere."""

from __future__ import annotations

from collections.abc import Sequence
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

    @property
    def buttons(self) -> tuple[Button, ...]:
        """The last row of a list: back, between the ways to the pages before and after."""
        before = (Button("page", f"{self.number - 1}", values={"forward": False}),) if self.number > 1 else ()
        after = (Button("page", f"{self.number + 1}", values={"forward": True}),) if self.number < self.pages else ()
        return (*before, Button("back"), *after)


def page_of(turn: Turn, items: Sequence[T]) -> Page[T]:
    """The page that frame data ``page`` names, or the nearest one there is."""
    pages = max(1, -(-len(items) // PAGE))
    number = min(int(turn.data.get("page", "1")), pages)
    return Page(items[(number - 1) * PAGE : number * PAGE], number, pages)


def turns_page(turn: Turn) -> None:
    turn.data["page"] = turn.argument
