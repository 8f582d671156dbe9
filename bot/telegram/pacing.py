"""How fast we speak to Telegram: people are answered at once, bulk waits its turn, a 429 is obeyed to the second.

Telegram holds bulk notifications to about 30 messages a second (bot FAQ) and does not publish the rest of its limits,
so replies are not throttled by guesswork: they go out, and when Telegram says "too many" with a number of seconds, that
is what we wait.
"""

import asyncio
import datetime as dt
import enum
import os
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.clock import monotonic

# Without it RetryAfter.retry_after is an int today and a timedelta tomorrow, with a warning in between.
os.environ.setdefault("PTB_TIMEDELTA", "true")

Result = TypeVar("Result")
ChatKey = int | str
"""A chat's id, or the name of the method for calls that belong to no chat (answerCallbackQuery, getFile)."""

BULK_RATE = 25.0
"""Bulk messages a second: a little under the 30 of Telegram's FAQ."""
BULK_BURST = 5
"""Bulk messages that may catch up at once after a pause; with the rate it stays within 30 in any second."""
SLOWEST_RATE = 1.0
"""The bulk rate never falls below this many a second."""
SLOW_DOWN = 0.7
"""A refusal of bulk multiplies the rate by this."""
RECOVERY = 0.005
"""Every accepted bulk message raises the rate by this: about two minutes from half the rate to the whole."""
ALARM_CHATS = 3
ALARM_SECONDS = 1.0
"""So many different chats refused within so many seconds: it is the bot, not a chat, that is too fast."""
PATIENCE = 2.0
"""A call whose chat is halted for longer than this many seconds is handed back instead of being held."""


class Lane(enum.Enum):
    """Which queue a call stands in."""

    REPLY = "reply"
    BULK = "bulk"


class Pacing:
    """Two lanes towards Telegram. One object per bot; not thread-safe.

    Replies wait only for a halt of their own chat. Bulk waits for that, for the halt of all bulk, and for its token,
    first come first served. A halt is only ever lengthened: nothing that happens meanwhile releases it early.
    """

    def __init__(
        self,
        rate: float = BULK_RATE,
        monotonic: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """`rate`: bulk messages a second; `monotonic` and `sleep` count in seconds and are given by tests."""
        self._full_rate = rate
        self._rate = rate
        self._monotonic = monotonic
        self._sleep = sleep
        self._halts: dict[ChatKey | Lane, float] = {}
        self._slowed_at = float("-inf")
        self._slot = float("-inf")
        self._bulk_turn = asyncio.Lock()
        self._refusals: deque[tuple[float, ChatKey]] = deque()

    @property
    def bulk_rate(self) -> float:
        """Bulk messages a second at present."""
        return self._rate

    def halt(self, chat: ChatKey, lane: Lane) -> float:
        """Seconds for which Telegram has forbidden such a call; 0 when it may be made (tokens are not counted)."""
        return max(self._left(chat), self._left(Lane.BULK) if lane is Lane.BULK else 0.0)

    async def acquire(self, chat: ChatKey, lane: Lane, patience: float = float("inf")) -> None:
        """Wait until a call may be made. Raises RetryAfter as soon as a halt has more than `patience` seconds to go."""
        while True:
            await self._until_free(chat, patience)
            if lane is Lane.REPLY:
                return
            async with self._bulk_turn:
                await self._until_free(Lane.BULK, patience)
                while (wait := self._slot - self._monotonic()) > 0:
                    await self._sleep(wait)
                # The chat, or all bulk, may have been refused meanwhile: then the token goes to the next one.
                if self.halt(chat, lane) > 0:
                    continue
                interval = 1 / self._rate
                self._slot = max(self._slot, self._monotonic() - (BULK_BURST - 1) * interval) + interval
                return

    def refused(self, chat: ChatKey, lane: Lane, retry_after: float) -> None:
        """Telegram answered 429 with `retry_after` seconds."""
        now = self._monotonic()
        until = now + retry_after
        if len(self._halts) > 1000:
            self._halts = {key: end for key, end in self._halts.items() if end > now}
        self._lengthen(chat, until)
        self._refusals.append((now, chat))
        while self._refusals and self._refusals[0][0] < now - ALARM_SECONDS:
            self._refusals.popleft()
        if lane is Lane.BULK or len({key for _, key in self._refusals}) >= ALARM_CHATS:
            self._slow_down(now, until)

    def succeeded(self, chat: ChatKey, lane: Lane) -> None:  # noqa: ARG002
        """Telegram accepted a call: a slowed bulk lane recovers a little. A halt stays what it is."""
        if lane is Lane.BULK:
            self._rate = min(self._full_rate, self._rate + RECOVERY)

    async def paced(self, chat: ChatKey, lane: Lane, call: Callable[[], Awaitable[Result]]) -> Result:
        """Make one call in its lane and learn from the answer; nothing is tried again here.

        Raises RetryAfter when Telegram refuses, and, without asking it, when a halt has longer than PATIENCE to go.
        """
        await self.acquire(chat, lane, PATIENCE)
        try:
            result = await call()
        except RetryAfter as error:
            self.refused(chat, lane, seconds_of(error))
            raise
        self.succeeded(chat, lane)
        return result

    def _slow_down(self, now: float, until: float) -> None:
        # Calls already on their way when the first one is refused are refused, too: together they are one refusal.
        if not self._left(Lane.BULK) and now - self._slowed_at >= ALARM_SECONDS:
            self._rate = max(min(SLOWEST_RATE, self._full_rate), self._rate * SLOW_DOWN)
            self._slowed_at = now
        self._lengthen(Lane.BULK, until)

    def _lengthen(self, key: ChatKey | Lane, until: float) -> None:
        self._halts[key] = max(self._halts.get(key, until), until)

    def _left(self, key: ChatKey | Lane) -> float:
        until = self._halts.get(key)
        return 0.0 if until is None else max(0.0, until - self._monotonic())

    async def _until_free(self, key: ChatKey | Lane, patience: float) -> None:
        while (wait := self._left(key)) > 0:
            if wait > patience:
                raise RetryAfter(dt.timedelta(seconds=wait))
            await self._sleep(wait)


class Limiter(BaseRateLimiter[Lane]):
    """The same pacing for python-telegram-bot's typed client: `rate_limit_args=Lane.BULK` chooses the lane."""

    def __init__(self, pacing: Pacing) -> None:
        self._pacing = pacing

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, bool | dict[str, Any] | list[dict[str, Any]]]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Lane | None,
    ) -> bool | dict[str, Any] | list[dict[str, Any]]:
        """Make the call in its lane. Raises RetryAfter as `Pacing.paced` does."""
        chat = data.get("chat_id") or endpoint
        return await self._pacing.paced(chat, rate_limit_args or Lane.REPLY, lambda: callback(*args, **kwargs))


def seconds_of(error: RetryAfter) -> float:
    """The seconds a 429 asks us to wait."""
    pause = error.retry_after
    return pause.total_seconds() if isinstance(pause, dt.timedelta) else float(pause)
