"""How fast a bot may write: a bucket for each chat and one for everything together."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bot.rehearsal.errors import too_many


@dataclass(slots=True)
class Bucket:
    """A token bucket: at most `size` at once, `rate` a second in the long run.

    Who goes on although told to wait waits longer: each early call adds the whole pause again.
    """

    size: float
    rate: float
    level: float
    at: float
    held_until: float = 0.0

    @classmethod
    def full(cls, size: float, rate: float, now: float) -> Bucket:
        """A bucket with everything in it."""
        return cls(size, rate, size, now)

    def take(self, now: float, amount: float = 1.0) -> None:
        """Takes `amount` out; Refusal 429 with the seconds to wait if it is not there."""
        if now < self.held_until:
            self.held_until += max(1.0, 1.0 / self.rate)
            raise too_many(math.ceil(self.held_until - now))
        self.level = min(self.size, self.level + (now - self.at) * self.rate)
        self.at = now
        if self.level < min(amount, self.size):
            pause = max(1.0, (min(amount, self.size) - self.level) / self.rate)
            self.held_until = now + pause
            raise too_many(math.ceil(pause))
        self.level -= amount

    def refill(self, now: float) -> None:
        """Fills the bucket and ends a pause: the person wrote, and what follows is an answer."""
        self.level, self.at, self.held_until = self.size, now, 0.0
