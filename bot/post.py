"""The post office: every parcel to whoever carries it, now or when it is due. There is no other scheduler.

What waits, waits in the outbox, not in memory: a plan whose dates move only has to move the parcels there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial

from bot.clock import Clock
from flows.model import SECOND
from storage import outbox
from storage.database import Database
from storage.outbox import Parcel
from storage.vault import Vault

LONGEST_SLEEP = 5 * SECOND  # how late something may be that was set to a nearer moment meanwhile
AT_ONCE = 500  # parcels handed over before the rest of the program has its turn


class Post:
    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._carriers: Mapping[str, Callable[[Parcel], None]] = {}
        self._nudged = asyncio.Event()

    def employ(self, carriers: Mapping[str, Callable[[Parcel], None]]) -> None:
        """By kind of parcel."""
        self._carriers = carriers

    def put(self, parcel: Parcel) -> None:
        """What is for later is left where it is, in the outbox, even if its time has come meanwhile."""
        if parcel.waits:
            self.wake()
        else:
            self._carriers[parcel.kind](parcel)

    def wake(self) -> None:
        """Looks again at once for what is due."""
        self._nudged.set()

    async def reopen(self) -> int:
        """At start: takes up everything a former run still owed; returns how many parcels that is."""
        now = self._clock.now()
        parcels = await self._database.insist(lambda connection: outbox.due(connection, self._vault, now))
        for parcel in parcels:
            self._carriers[parcel.kind](parcel)
        return len(parcels)

    async def keep_time(self) -> None:
        """Hands parcels over as they fall due. Runs as a task of its own."""
        while True:
            self._nudged.clear()
            due = await self._database.read(outbox.next_due)
            now = self._clock.now()
            if due is not None and due <= now:
                fallen = partial(outbox.fall_due, vault=self._vault, at=now, most=AT_ONCE)
                for parcel in await self._database.insist(fallen):
                    self._carriers[parcel.kind](parcel)
                continue
            pause = LONGEST_SLEEP if due is None else min(due - now, LONGEST_SLEEP)
            try:
                await asyncio.wait_for(self._nudged.wait(), pause / SECOND)
            except TimeoutError:
                continue
