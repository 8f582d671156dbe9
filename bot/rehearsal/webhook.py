"""Updates brought to the bot's own address."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import aiohttp

from bot.rehearsal.updates import Queued, Updates

LONGEST_PAUSE = 60.0


@dataclass(slots=True)
class Webhook:
    """One address that gets every update, until it answers 2xx.

    The messages of a chat come one after another, a person's presses on a lane of their own; a failed delivery is tried
    again after `pause` seconds, then twice as long, and so on up to a minute.
    """

    url: str
    secret: str
    updates: Updates
    clock: Callable[[], float]
    max_connections: int = 40
    pause: float = 1.0
    last_error: tuple[int, str] | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    _lanes: dict[tuple[str, int], deque[Queued]] = field(default_factory=dict)
    _group: asyncio.TaskGroup | None = None
    _session: aiohttp.ClientSession | None = None

    async def run(self) -> None:
        """Delivers until cancelled."""
        connector = aiohttp.TCPConnector(limit=self.max_connections)
        timeout = aiohttp.ClientTimeout(total=60)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session, asyncio.TaskGroup() as group:
            self._session, self._group = session, group
            self.updates.on_new = self._offer
            for queued in self.updates.waiting():
                self._offer(queued)
            self.ready.set()
            try:
                await asyncio.get_running_loop().create_future()
            finally:
                self.updates.on_new = None

    def _offer(self, queued: Queued) -> None:
        lane = self._lanes.get(queued.lane)
        if lane is not None:
            lane.append(queued)
        elif self._group is not None:
            self._lanes[queued.lane] = deque([queued])
            self._group.create_task(self._carry(queued.lane))

    async def _carry(self, key: tuple[str, int]) -> None:
        lane = self._lanes[key]
        while lane:
            queued, pause = lane[0], self.pause
            while self.updates.is_waiting(queued.update_id):
                wait = await self._deliver(queued)
                if wait is None:
                    self.updates.remove(queued.update_id)
                    break
                await asyncio.sleep(wait or pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            lane.popleft()
        del self._lanes[key]

    async def _deliver(self, queued: Queued) -> float | None:
        """None when the bot took it; else the seconds it asks to wait, 0 if it does not say."""
        headers = {"Content-Type": "application/json"}
        if self.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self.secret
        session = self._session
        if session is None:
            return 0.0
        try:
            async with session.post(self.url, data=queued.body, headers=headers) as response:
                if 200 <= response.status < 300:
                    return None
                wait = response.headers.get("Retry-After", "")
                sentence = f"Wrong response from the webhook: {response.status} {response.reason}"
        except (aiohttp.ClientError, TimeoutError) as error:
            wait, sentence = "", f"Connection failed: {type(error).__name__}"
        self.last_error = (int(self.clock()), sentence)
        return float(wait) if wait.isdecimal() else 0.0
