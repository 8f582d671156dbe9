"""What the played Telegram is to do wrong, for tests."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

FaultKind = int | Literal["timeout", "reset"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One call that goes wrong: an HTTP status, `"timeout"` (no answer ever) or `"reset"` (connection torn down).

    With `carried_out` the call takes effect before it goes wrong: the bot cannot know.
    """

    status: FaultKind
    retry_after: int
    carried_out: bool


class Faults:
    """Set by tests at any time; everything is off at first.

    `delay` is the time in seconds for there and back of each call, half of it before the call takes effect.
    While `down` is true, connections are closed at once.
    """

    def __init__(self, on_down: Callable[[], None]) -> None:
        self.delay = 0.0
        self._down = False
        self._planned: dict[str, deque[Fault]] = {}
        self._on_down = on_down

    @property
    def down(self) -> bool:
        """Whether the server is away."""
        return self._down

    @down.setter
    def down(self, value: bool) -> None:
        self._down = value
        if value:
            self._on_down()

    def fail_next(
        self, method: str, n: int = 1, status: FaultKind = 500, *, retry_after: int = 1, carried_out: bool = False
    ) -> None:
        """The next `n` calls of `method` (`"*"` for any) go wrong with `status`; `retry_after` (s) is for 429."""
        fault = Fault(status, retry_after, carried_out)
        self._planned.setdefault(method.lower(), deque()).extend([fault] * n)

    def clear(self) -> None:
        """Everything right again."""
        self._planned.clear()
        self.delay = 0.0
        self.down = False

    def next_for(self, method: str) -> Fault | None:
        """Takes the fault that is planned for a call of `method` (lower case)."""
        if not self._planned:
            return None
        for name in (method, "*"):
            planned = self._planned.get(name)
            if planned:
                return planned.popleft()
        return None
