"""The one way in for updates, polled or pushed: stored first, then put into their lanes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from bot.clock import Clock
from bot.lanes import Lanes
from bot.metrics import Metrics
from bot.telegram.translate import LARGEST_ID, chat_of
from storage import inbox
from storage.database import Database
from storage.vault import Vault


class Ingest:
    def __init__(self, database: Database, vault: Vault, lanes: Lanes, clock: Clock, metrics: Metrics) -> None:
        self._database = database
        self._vault = vault
        self._lanes = lanes
        self._clock = clock
        self._metrics = metrics

    async def accept(self, updates: Sequence[dict[str, Any]], source: str) -> None:
        """Returns once all of them are on the disk. Whoever calls this tells Telegram "received" only afterwards."""
        at = self._clock.now()
        rows = [
            (update["update_id"], chat_of(update), orjson.dumps(update))
            for update in updates
            if isinstance(update.get("update_id"), int) and 0 <= update["update_id"] < LARGEST_ID
        ]
        letters = await self._database.write(lambda connection: inbox.receive(connection, self._vault, rows, at))
        self._metrics.updates.labels(source).inc(len(letters))
        self._metrics.repeats.inc(len(rows) - len(letters))
        for letter in letters:
            self._lanes.put(letter)
        await self._lanes.room()
