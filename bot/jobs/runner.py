"""Carries jobs out: each kind by its handler, so many at a time; results come back through the inbox as events.

The result and the end of the job are one transaction. A job that must not be done twice is marked before it is begun;
found marked after a crash, its handler is told so.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from bot.clock import Clock
from bot.logs import place_of
from bot.metrics import Metrics
from bot.nursery import Nursery
from flows.model import SECOND, Moment
from storage import inbox, outbox
from storage.database import Database
from storage.inbox import Letter
from storage.outbox import Parcel
from storage.vault import Vault

log = logging.getLogger(__name__)

PAUSES: tuple[Moment, ...] = tuple(seconds * SECOND for seconds in (2, 5, 10, 20, 30, 60, 120, 300))
MISTAKES = 5  # tries of a job that fails by a mistake of ours


@dataclass(frozen=True, slots=True)
class Done:
    """``outcome`` goes back to the flow (None: it need not know); ``parcels`` are more to carry: (kind, body, life)."""

    outcome: Mapping[str, str] | None = None
    parcels: tuple[tuple[str, dict[str, Any], Moment], ...] = ()


@dataclass(frozen=True, slots=True)
class Again:
    """Not now. ``outcome`` is told to the flow after the first try only, so that the person knows."""

    outcome: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Handler:
    """``about``: which fields of the job the flow gets back. ``once``: never begun a second time by itself."""

    carry: Callable[[Parcel], Awaitable[Done | Again]]
    about: Mapping[str, str] = field(default_factory=dict)
    late: Mapping[str, str] = field(default_factory=dict)
    at_once: int = 8
    once: bool = False


class Jobs:
    def __init__(
        self,
        database: Database,
        vault: Vault,
        clock: Clock,
        nursery: Nursery,
        metrics: Metrics,
        handlers: Mapping[str, Handler],
        *,
        put_letter: Callable[[Letter], None],
        put_parcel: Callable[[Parcel], None],
    ) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._nursery = nursery
        self._metrics = metrics
        self._handlers = handlers
        self._put_letter = put_letter
        self._put_parcel = put_parcel
        self._running = {kind: asyncio.Semaphore(handler.at_once) for kind, handler in handlers.items()}
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(self._handlers)

    def put(self, parcel: Parcel) -> None:
        self._under_way += 1
        self._idle.clear()
        self._nursery.start(self._run(parcel), f"job {parcel.kind}")

    async def idle(self) -> None:
        await self._idle.wait()

    async def _run(self, parcel: Parcel) -> None:
        handler = self._handlers[parcel.kind]
        try:
            async with self._running[parcel.kind]:
                result = await self._carry(handler, parcel)
            self._metrics.jobs.labels(parcel.kind, _named(result)).inc()
            await self._settle(handler, parcel, result)
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    async def _carry(self, handler: Handler, parcel: Parcel) -> Done | Again:
        now = self._clock.now()
        if now >= parcel.expires_at and parcel.begun_at is None:  # what was begun may have been done in time
            return Done(handler.late)
        if handler.once and parcel.begun_at is None:
            await self._database.insist(lambda connection: outbox.begin(connection, parcel.id, now))
        try:
            return await handler.carry(parcel)
        except Exception as error:  # noqa: BLE001 - one job must not end another; what it was is logged
            log.error(  # noqa: TRY400 - a trace may hold what people typed
                "job failed", extra={"job": parcel.kind, "kind": type(error).__name__, "where": place_of(error)}
            )
            if handler.once:  # how far it came nobody knows, as after a crash
                return await handler.carry(replace(parcel, begun_at=now))
            return Done(handler.late) if parcel.attempts + 1 >= MISTAKES else Again()

    async def _settle(self, handler: Handler, parcel: Parcel, result: Done | Again) -> None:
        letter, parcels = await self._database.insist(lambda c: self._write(c, handler, parcel, result))
        for more in parcels:
            self._put_parcel(more)
        if letter is not None:
            self._put_letter(letter)

    def _write(
        self, connection: sqlite3.Connection, handler: Handler, parcel: Parcel, result: Done | Again
    ) -> tuple[Letter | None, list[Parcel]]:
        # Played again if the commit fails: nothing outside of the database may be changed in here.
        now, attempts = self._clock.now(), parcel.attempts
        parcels: list[Parcel] = []
        if isinstance(result, Done):
            if not outbox.remove(connection, [parcel.id]):
                return None, []
            for kind, body, life in result.parcels:
                parcels.append(
                    outbox.put(connection, self._vault, parcel.chat_id, kind, body, due_at=now, expires_at=now + life)
                )
        else:
            due = now + PAUSES[min(attempts, len(PAUSES) - 1)]
            outbox.put_off(connection, parcel.id, due)
            attempts += 1
            parcels.append(replace(parcel, due_at=due, attempts=attempts, begun_at=None, waits=True))
        tell = result.outcome is not None and (isinstance(result, Done) or attempts == 1)
        if not tell:
            return None, parcels
        about = {name: str(parcel.body[source]) for name, source in handler.about.items()}
        news = orjson.dumps({"job": parcel.kind, "outcome": dict(result.outcome or {}), "about": about})
        # The end has a key of its own: the news of a first failure may still be waiting in front of it.
        key = f"came:{parcel.id}" if isinstance(result, Done) else f"came:{parcel.id}:{attempts}"
        return inbox.put(connection, self._vault, key, parcel.chat_id, now, news), parcels


def _named(result: Done | Again) -> str:
    return "done" if isinstance(result, Done) else "again"
