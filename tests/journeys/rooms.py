"""The storage of a bot, opened without one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

from bot.app import Rooms, open_rooms
from bot.control import DataLock
from bot.nursery import Nursery
from bot.settings import load


@asynccontextmanager
async def storage(folder: Path, nursery: Nursery) -> AsyncIterator[Rooms]:
    """As a bot opens it that keeps its data in ``folder``."""
    with DataLock(folder):
        async with open_rooms(load({"ANJU_DATA": str(folder)}, to_run=False), nursery) as rooms:
            yield rooms


async def count(rooms: Rooms, sql: str) -> int:
    """The number that a query answers."""
    (number,) = await rooms.database.read(lambda connection: connection.execute(sql).fetchone())
    return int(number)


class LogLines(logging.Handler):
    """What is logged, for who waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = Gathering()

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.add(record.getMessage())

    async def say(self, words: str) -> None:
        await self.lines.until(lambda: any(words in str(line) for line in self.lines.things))

    def __enter__(self) -> Self:
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self)


class Gathering:
    """Collects what it is called with; wakes whoever waits for it."""

    def __init__(self) -> None:
        self.things: list[object] = []
        self._came = asyncio.Event()

    def add(self, thing: object) -> None:
        self.things.append(thing)
        self._came.set()
        self._came.clear()

    async def holds(self, number: int, seconds: float = 10) -> None:
        await self.until(lambda: len(self.things) >= number, seconds)

    async def until(self, enough: Callable[[], bool], seconds: float = 10) -> None:
        async with asyncio.timeout(seconds):
            while not enough():
                await self._came.wait()
