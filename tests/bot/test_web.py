"""Health, metrics and the webhook, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import ClientSession, web

from bot.app import Rooms
from bot.clock import SystemClock
from bot.lanes import Lanes
from bot.metrics import Metrics
from bot.nursery import Nursery
from bot.telegram.ingest import Ingest
from bot.web import LONGEST_UPDATE, SECRET_HEADER, Webhook, build_web
from storage.inbox import Letter
from tests.journeys.rooms import Gathering, count, storage

SECRET = "not_told_to_anybody"
UPDATE: dict[str, Any] = {
    "update_id": 17,
    "message": {"message_id": 7, "date": 0, "chat": {"id": 1001, "type": "private"}, "text": "王芳"},
}


class Front:
    """The web side of a bot, with a storage; letters are collected instead of played."""

    def __init__(self, rooms: Rooms, nursery: Nursery) -> None:
        self.rooms = rooms
        self.letters = Gathering()
        self.metrics = Metrics()
        self.is_ready = True
        lanes = Lanes(self._play, nursery)
        self._ingest = Ingest(rooms.database, rooms.vault, lanes, SystemClock(), self.metrics)
        self._lanes = lanes

    async def open(self, session: ClientSession, path: str = "/updates") -> None:
        hook = Webhook(path, SECRET, self._ingest)
        self.runner = web.AppRunner(build_web(self.metrics, lambda: self.is_ready, self._measure, hook))
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self.runner.addresses[0][1]}"
        self.session = session
        self.path = path

    async def get(self, path: str) -> tuple[int, str]:
        async with self.session.get(self.url + path) as response:
            return response.status, await response.text()

    async def brings(self, body: object, secret: str | bytes | None = SECRET) -> int:
        """What the bot answers to an update."""
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        headers = (
            {} if secret is None else {SECRET_HEADER: secret if isinstance(secret, str) else secret.decode("latin-1")}
        )
        async with self.session.post(self.url + self.path, data=data, headers=headers) as response:
            return response.status

    async def rows(self) -> int:
        return await count(self.rooms, "SELECT count(*) FROM inbox")

    async def _play(self, letter: Letter) -> None:
        self.letters.add(letter)

    def _measure(self) -> None:
        self.metrics.inbox.set(self._lanes.waiting)


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    async with (
        Nursery() as nursery,
        storage(tmp_path / "data", nursery) as rooms,
        ClientSession() as session,
    ):
        made = Front(rooms, nursery)
        await made.open(session)
        yield made
        await made.runner.cleanup()


async def test_health_readiness_and_numbers(front: Front) -> None:
    assert await front.get("/healthz") == (200, '{"status": "ok"}')
    assert await front.get("/readyz") == (200, '{"ready": true}')
    front.is_ready = False
    assert await front.get("/readyz") == (503, '{"ready": false}')
    assert await front.get("/healthz") == (200, '{"status": "ok"}')
    await front.brings(UPDATE)
    status, text = await front.get("/metrics")
    assert status == 200
    assert 'anju_updates_total{source="webhook"} 1.0' in text
    assert (await front.get("/updates"))[0] == 405
    assert (await front.get("/"))[0] == 404


async def test_an_update_is_stored_before_it_is_confirmed(front: Front) -> None:
    assert await front.brings(UPDATE) == 200
    assert await front.rows() == 1
    await front.letters.holds(1)
    (letter,) = front.letters.things
    assert isinstance(letter, Letter)
    assert (letter.key, letter.chat_id) == ("update:17", 1001)
    assert orjson.loads(letter.body) == UPDATE


async def test_an_update_that_comes_again_is_confirmed_and_not_stored_again(front: Front) -> None:
    assert [await front.brings(UPDATE) for _ in range(3)] == [200, 200, 200]
    assert await front.rows() == 1
    assert len(front.letters.things) == 1
    assert "anju_updates_repeated_total 2.0" in (await front.get("/metrics"))[1]


@pytest.mark.parametrize("secret", [None, "", "not_told_to_anybod", "NOT_TOLD_TO_ANYBODY", "é", b"\xff\xfe"])
async def test_nobody_else_brings_updates(front: Front, secret: str | bytes | None) -> None:
    assert await front.brings(UPDATE, secret) == 403
    assert await front.rows() == 0


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"1", b'"a"', b"null", b"[" * 100_000])
async def test_what_is_no_update_is_refused(front: Front, body: bytes) -> None:
    assert await front.brings(body) == 400


async def test_what_is_too_long_is_refused(front: Front) -> None:
    assert await front.brings(b" " * (LONGEST_UPDATE + 1)) == 413


@pytest.mark.parametrize("update_id", [None, "17", 1.5, -1, 2**60, 2**64 - 1, [], {}])
async def test_an_update_without_a_number_is_taken_and_forgotten(front: Front, update_id: object) -> None:
    assert await front.brings(UPDATE | {"update_id": update_id}) == 200
    assert await front.rows() == 0


async def test_half_a_surrogate_does_not_come_back_for_a_day(front: Front) -> None:
    body = orjson.dumps(UPDATE).replace("王芳".encode(), rb"a\ud800b\u0000c")
    assert await front.brings(body) == 200
    await front.letters.holds(1)
    (letter,) = front.letters.things
    assert isinstance(letter, Letter)
    assert orjson.loads(letter.body)["message"]["text"] == "a?b\x00c"


async def test_while_the_disk_is_full_telegram_is_asked_to_come_again(front: Front) -> None:
    base = front.rooms.database
    await base.read(lambda connection: connection.execute("PRAGMA max_page_count = 1").fetchall())
    large = UPDATE | {"filler": "x" * 20_000}
    assert await front.brings(large) == 503
    await base.read(lambda connection: connection.execute("PRAGMA max_page_count = 1000000").fetchall())
    assert await front.brings(large) == 200
    assert await front.rows() == 1


async def test_updates_may_come_where_health_is_read(front: Front) -> None:
    await front.runner.cleanup()
    await front.open(front.session, "/healthz")
    assert await front.brings(UPDATE) == 200
    assert (await front.get("/healthz"))[0] == 200
