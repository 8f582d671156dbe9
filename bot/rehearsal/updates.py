"""The queue of updates and the two ways out of it: getUpdates and a webhook."""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson

from bot.rehearsal.errors import Refusal

KINDS = (
    "message", "edited_message", "channel_post", "edited_channel_post", "business_connection", "business_message",
    "edited_business_message", "deleted_business_messages", "message_reaction", "message_reaction_count",
    "inline_query", "chosen_inline_result", "callback_query", "shipping_query", "pre_checkout_query",
    "purchased_paid_media", "poll", "poll_answer", "my_chat_member", "chat_member", "chat_join_request", "chat_boost",
    "removed_chat_boost",
)  # fmt: skip
ONLY_WHEN_ASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
PRESS_LIFE = 150.0
UPDATE_LIFE = 24 * 3600.0
_SAME_OFFSET_PAUSE = 3.0
_TERMINATED = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
_WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


@dataclass(slots=True)
class Queued:
    """An update that waits: its JSON was fixed when it happened, `expires` in seconds of the clock."""

    update_id: int
    body: bytes
    expires: float
    lane: tuple[str, int]


class _Poller:
    """A getUpdates that is open; `ended_by` is why it is to fail."""

    def __init__(self) -> None:
        self.stirred = asyncio.Event()
        self.ended_by = ""


class Updates:
    """What happened and was not yet confirmed by the bot, oldest first.

    `on_new` is called with each update while a webhook is set. Button presses wait 150 s, everything else 24 h.
    """

    def __init__(self, clock: Callable[[], float], first_id: int, *, strict: bool) -> None:
        self._clock = clock
        self._strict = strict
        self._next_id = first_id
        self._waiting: OrderedDict[int, Queued] = OrderedDict()
        self._poller: _Poller | None = None
        self._last_ask = (0, 0.0)
        self._allowed: frozenset[str] | None = None
        self.on_new: Callable[[Queued], None] | None = None
        self.confirmed = asyncio.Event()
        """Wakes those who wait whenever nothing is left in the queue."""
        self.polled = asyncio.Event()
        """Set while a getUpdates is open and waits."""

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def allowed(self) -> list[str] | None:
        """The kinds asked for, None for the usual ones."""
        return None if self._allowed is None else sorted(self._allowed)

    def allow(self, kinds: list[str] | None) -> None:
        """Takes what the bot gave as allowed_updates; None keeps what was, an empty list means the usual ones."""
        if kinds is not None:
            known = frozenset(kinds) & frozenset(KINDS)
            self._allowed = known or None

    def add(self, kind: str, fields: dict[str, Any], lane: tuple[str, int]) -> int | None:
        """Queues an update of `kind`; returns its number, or None if the bot did not ask for this kind."""
        if (kind in ONLY_WHEN_ASKED) if self._allowed is None else (kind not in self._allowed):
            return None
        update_id = self._next_id
        self._next_id += 1
        life = PRESS_LIFE if kind == "callback_query" else UPDATE_LIFE
        body = orjson.dumps({"update_id": update_id, **fields})
        queued = Queued(update_id, body, self._clock() + life, lane)
        self._waiting[update_id] = queued
        if self.on_new is not None:
            self.on_new(queued)
        self.release_poller()
        return update_id

    def waiting(self) -> list[Queued]:
        """Everything unconfirmed."""
        return list(self._waiting.values())

    def is_waiting(self, update_id: int) -> bool:
        """Whether that update is neither confirmed nor expired."""
        queued = self._waiting.get(update_id)
        if queued is not None and queued.expires <= self._clock():
            self.remove(update_id)
            return False
        return queued is not None

    def remove(self, update_id: int) -> None:
        """Takes one out: it was delivered."""
        if self._waiting.pop(update_id, None) is not None and not self._waiting:
            _wake(self.confirmed)

    def clear(self) -> None:
        """drop_pending_updates."""
        self._waiting.clear()
        _wake(self.confirmed)

    def end_poller(self, reason: str = _TERMINATED) -> None:
        """Ends the getUpdates that is open, if any, with 409."""
        if self._poller is not None:
            self._poller.ended_by = reason
            self.release_poller()

    def release_poller(self) -> None:
        """Has the getUpdates that is open answered at once, with what there is."""
        if self._poller is not None:
            self._poller.stirred.set()
            self._poller = None
            self.polled.clear()

    async def get(self, offset: int, limit: int, seconds: float) -> bytes:
        """The JSON array that answers getUpdates, after at most `seconds`.

        Confirms everything below `offset`. Refusal 409 if another poller comes meanwhile, or a webhook is set.
        """
        if self.on_new is not None:
            raise Refusal(409, _WEBHOOK_ACTIVE)
        self.end_poller()
        poller = self._poller = _Poller()
        now = self._clock()
        if self._strict and offset == self._last_ask[0] and now < self._last_ask[1] + _SAME_OFFSET_PAUSE:
            # The real server slows down a bot that asks again and again without confirming.
            seconds = _SAME_OFFSET_PAUSE
            if now < self._last_ask[1] + 0.5:
                limit = 1
        self._last_ask = (offset, now)
        self._confirm(offset)
        try:
            found = self._first(limit)
            if not found and seconds > 0:
                self.polled.set()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        await poller.stirred.wait()
                found = self._first(limit)
            if poller.ended_by:
                raise Refusal(409, poller.ended_by)
        finally:
            if self._poller is poller:
                self._poller = None
                self.polled.clear()
        return b"[" + b",".join(queued.body for queued in found) + b"]"

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            while len(self._waiting) > -offset:
                self._waiting.popitem(last=False)
        elif offset <= self._next_id + 9:  # further than 10 beyond the newest: ignored
            while self._waiting and next(iter(self._waiting)) < offset:
                self._waiting.popitem(last=False)
        if not self._waiting:
            _wake(self.confirmed)

    def _first(self, limit: int) -> list[Queued]:
        now = self._clock()
        found = list(islice(self._waiting.values(), limit))
        if any(queued.expires <= now for queued in found):
            for update_id in [number for number, queued in self._waiting.items() if queued.expires <= now]:
                del self._waiting[update_id]
            found = list(islice(self._waiting.values(), limit))
        return found


def _wake(event: asyncio.Event) -> None:
    """Wakes everybody who waits now; whoever waits later waits for the next time."""
    event.set()
    event.clear()
