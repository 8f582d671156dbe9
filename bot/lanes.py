"""One first-in-first-out lane a chat. A chat that sends three hundred messages holds up nobody but itself."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from bot.nursery import Nursery
from storage.inbox import Letter

log = logging.getLogger(__name__)

RUNNING = 128  # turns under way at once: enough to fill two groups of a commit
WAITING = 20_000  # letters in memory; beyond it, reading from Telegram pauses (Telegram keeps what we do not fetch)


class Lanes:
    def __init__(self, play: Callable[[Letter], Awaitable[None]], nursery: Nursery) -> None:
        self._play = play
        self._nursery = nursery
        self._lanes: dict[int, deque[Letter]] = {}
        self._running = asyncio.Semaphore(RUNNING)
        self._room = asyncio.Event()
        self._room.set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._stopping = False
        self.waiting = 0

    def put(self, letter: Letter) -> None:
        """Behind whatever waits for this chat."""
        self.waiting += 1
        self._idle.clear()
        if self.waiting >= WAITING:
            self._room.clear()
        lane = self._lanes.get(letter.chat_id)
        if lane is not None:
            lane.append(letter)
            return
        self._lanes[letter.chat_id] = deque([letter])
        self._nursery.start(self._run(letter.chat_id), "lane")

    async def room(self) -> None:
        """Returns when there is room for more: whoever reads from Telegram waits here."""
        await self._room.wait()

    async def idle(self) -> None:
        """Returns when nothing waits and nothing runs."""
        await self._idle.wait()

    async def stop(self, seconds: float) -> None:
        """Lets the turns under way finish; what waits stays in the inbox for the next start."""
        self._stopping = True
        try:
            await asyncio.wait_for(self._idle.wait(), seconds)
        except TimeoutError:
            log.warning("turns still under way at the stop stay in the inbox")

    async def _run(self, chat_id: int) -> None:
        lane = self._lanes[chat_id]
        try:
            while lane and not self._stopping:
                async with self._running:
                    await self._play(lane[0])
                lane.popleft()
                self._left(1)
        finally:
            del self._lanes[chat_id]
            self._left(len(lane))

    def _left(self, count: int) -> None:
        self.waiting -= count
        if self.waiting < WAITING:
            self._room.set()
        if self.waiting == 0:
            self._idle.set()
