"""A Bot API that only keeps a bot busy: people who answer each question the moment it arrives. For benchmarks.

Cheap, so that what is measured is the bot.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import Any

import orjson
from aiohttp import web

BOT = {"id": 1, "is_bot": True, "first_name": "bench", "username": "bench_bot"}
TOKEN = "1:" + "benchmark_token_" * 2


class Crowd:
    """``people`` chats, ``at_once`` of them talking; each sends the next of ``answers`` when the bot has replied."""

    def __init__(self, people: int, answers: list[str], at_once: int) -> None:
        self.answers = answers
        self.total = people * len(answers)
        self.silent = deque(range(1_000, 1_000 + people))
        self.next_answer: dict[int, int] = {}
        self.sent_at: dict[int, float] = {}
        self.latencies: list[float] = []
        self.pending: deque[dict[str, Any]] = deque()
        self.arrived = asyncio.Event()
        self.done = asyncio.Event()
        self.at_once = at_once
        self.update_id = 0
        self.message_id = 0
        self.calls = 0
        self.began = 0.0

    def begin(self) -> None:
        self.began = time.perf_counter()
        for _ in range(min(self.at_once, len(self.silent))):
            self._speak(self.silent.popleft())

    def _speak(self, chat: int) -> None:
        step = self.next_answer.setdefault(chat, 0)
        self.update_id += 1
        self.message_id += 1
        person = {"id": chat, "is_bot": False, "first_name": "人", "language_code": "zh-hans"}
        message = {
            "message_id": self.message_id,
            "date": int(time.time()),
            "chat": {"id": chat, "type": "private", "first_name": "人"},
            "from": person,
            "text": self.answers[step],
        }
        self.sent_at[chat] = time.perf_counter()
        self.pending.append({"update_id": self.update_id, "message": message})
        self.arrived.set()

    def replied(self, chat: int) -> None:
        if chat not in self.sent_at:
            return
        self.latencies.append(time.perf_counter() - self.sent_at.pop(chat))
        self.next_answer[chat] += 1
        if self.next_answer[chat] < len(self.answers):
            self._speak(chat)
        elif self.silent:
            self._speak(self.silent.popleft())
        if len(self.latencies) == self.total:
            self.done.set()

    async def updates(self, offset: int, timeout: float) -> list[dict[str, Any]]:  # noqa: ASYNC109 - Bot API's word
        while self.pending and self.pending[0]["update_id"] < offset:
            self.pending.popleft()
        if not self.pending:
            self.arrived.clear()
            try:
                await asyncio.wait_for(self.arrived.wait(), timeout)
            except TimeoutError:
                return []
        return [self.pending[i] for i in range(min(100, len(self.pending)))]


class FakeTelegram:
    def __init__(self, crowd: Crowd) -> None:
        self.crowd = crowd
        self.polled = asyncio.Event()
        self.url = ""

    async def start(self) -> None:
        self._runner = web.ServerRunner(web.Server(self._handle))
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.Response:
        method = request.path.rpartition("/")[2].lower()
        if request.content_type == "application/json":
            parameters = orjson.loads(await request.read() or b"{}")
        else:
            parameters = dict(await request.post())
        result: Any = True
        crowd = self.crowd
        if method == "getupdates":
            self.polled.set()
            result = await crowd.updates(int(parameters.get("offset") or 0), float(parameters.get("timeout") or 0))
        elif method == "getme":
            result = BOT
        elif method == "sendmessage":
            crowd.calls += 1
            chat = int(parameters["chat_id"])
            crowd.message_id += 1
            where = {"id": chat, "type": "private"}
            result = {"message_id": crowd.message_id, "date": 0, "chat": where, "from": BOT, "text": "…"}
            crowd.replied(chat)
        elif method.startswith("getmy"):
            result = [] if method == "getmycommands" else {}
        else:
            crowd.calls += 1
        return web.Response(body=orjson.dumps({"ok": True, "result": result}), content_type="application/json")
