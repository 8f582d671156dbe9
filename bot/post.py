"""The post office: every parcel to whoever carries it, now or when it is due. There is no other scheduler."""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections.abc import Callable, Mapping
from functools import partial

from bot.clock import Clock
from flows.model import SECOND, Moment
from storage import outbox
from storage.database import Database
from storage.outbox import Parcel
from storage.vault import Vault

log = logging.getLogger(__name__)

LONGEST_SLEEP = 30 * SECOND  # so that a clock set forward is noticed soon


class Post:
    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._carriers: Mapping[str, Callable[[Parcel], None]] = {}
        self._later: list[tuple[Moment, int]] = []
        self._sooner = asyncio.Event()

    def employ(self, carriers: Mapping[str, Callable[[Parcel], None]]) -> None:
        """By kind of parcel."""
        self._carriers = carriers

    def put(self, parcel: Parcel) -> None:
        if parcel.due_at <= self._clock.now():
            self._carriers[parcel.kind](parcel)
            return
        heapq.heappush(self._later, (parcel.due_at, parcel.id))
        self._sooner.set()

    async def reopen(self) -> int:
        """At start: takes up everything a former run still owed; returns how many parcels that is."""
        now = self._clock.now()
        parcels = await self._database.read(lambda connection: outbox.due(connection, self._vault, now))
        self._later = await self._database.read(lambda connection: outbox.later(connection, now))
        heapq.heapify(self._later)
        for parcel in parcels:
            self._carriers[parcel.kind](parcel)
        return len(parcels)

    async def keep_time(self) -> None:
        """Hands parcels over as they fall due. Runs as a task of its own."""
        while True:
            self._sooner.clear()
            now = self._clock.now()
            while self._later and self._later[0][0] <= now:
                _, parcel_id = heapq.heappop(self._later)
                parcel = await self._database.read(partial(outbox.get, vault=self._vault, parcel_id=parcel_id))
                if parcel is not None:
                    self.put(parcel)
            pause = min(self._later[0][0] - now if self._later else LONGEST_SLEEP, LONGEST_SLEEP)
            try:
                await asyncio.wait_for(self._sooner.wait(), pause / SECOND)
            except TimeoutError:
                continue
