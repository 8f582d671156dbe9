"""The clock: the only place that reads the time.

Times that are kept are whole milliseconds since 1970 in UTC; intervals are measured by the monotonic clock, which no
one can set.
"""

import time
from dataclasses import dataclass
from typing import Protocol


def now() -> int:
    """The wall clock: milliseconds since 1970-01-01 00:00 UTC."""
    return time.time_ns() // 1_000_000


def monotonic() -> float:
    """Seconds from an arbitrary beginning; never goes back, not even when somebody sets the clock."""
    return time.monotonic()


class Clock(Protocol):
    """What code that needs the time asks for, so that a test may hold it still."""

    def now(self) -> int:
        """Milliseconds since 1970-01-01 00:00 UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary beginning, never going back."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> int:
        """Milliseconds since 1970-01-01 00:00 UTC."""
        return now()

    def monotonic(self) -> float:
        """Seconds from an arbitrary beginning, never going back."""
        return monotonic()


@dataclass(slots=True)
class ManualClock:
    """A clock that stands still until it is advanced. `at` is in milliseconds since 1970 UTC."""

    at: int = 0

    def now(self) -> int:
        """Milliseconds since 1970-01-01 00:00 UTC."""
        return self.at

    def monotonic(self) -> float:
        """The same instant in seconds."""
        return self.at / 1000

    def advance(self, milliseconds: int) -> None:
        """Let time pass. Raises ValueError when asked to go back: the real one is never wound back in tests either."""
        if milliseconds < 0:
            raise ValueError("a clock does not go back")
        self.at += milliseconds
