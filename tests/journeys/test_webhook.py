"""Updates pushed to us: the same promises as when they are polled."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import ClientSession

from bot.rehearsal.client import Player
from bot.rehearsal.telegram import PlayedTelegram
from bot.rehearsal.updates import Queued
from bot.telegram.client import Api
from bot.telegram.pacing import Pacing
from bot.web import SECRET_HEADER
from tests.journeys.rooms import LogLines
from tests.journeys.telling import TOKEN, Teller, free_port, kept, opened, says, session_of

SECRET = "not_told_to_anybody"


class Pushed:
    """A bot behind a webhook, and who brings it updates besides the played Telegram."""

    def __init__(self, telegram: PlayedTelegram, folder: Path, http: ClientSession) -> None:
        self.telegram = telegram
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/updates"
        settings = {
            "ANJU_LISTEN": f"127.0.0.1:{port}",
            "ANJU_WEBHOOK": self.url,
            "ANJU_WEBHOOK_SECRET": SECRET,
        }
        self.teller = Teller(telegram, folder, settings)
        self.fang: Player = telegram.person(1001, "芳", phone="8613800138000")
        self._http = http

    async def brings(self, update: dict[str, Any], secret: str = SECRET) -> int:
        async with self._http.post(self.url, data=orjson.dumps(update), headers={SECRET_HEADER: secret}) as response:
            return response.status

    async def hears(self, number: int) -> None:
        await self.fang.sends(str(number))
        await self.fang.sees_where(says(number), f"number {number}")

    async def seen(self) -> str:
        """What the chat was told, once the bot has stopped."""
        assert await self.teller.stops() == 0
        with opened(self.teller.data) as (connection, vault):
            assert kept(connection)[:3] == (0, 0, 0)
            return session_of(connection, vault, self.fang.id).top.data["seen"]


@pytest.fixture
async def pushed(tmp_path: Path) -> AsyncIterator[Pushed]:
    telegram = PlayedTelegram(TOKEN, limits=False)
    telegram.webhook_pause = 0.05
    await telegram.start()
    async with ClientSession() as http:
        made = Pushed(telegram, tmp_path, http)
        async with made.teller:
            yield made
    await telegram.stop()


async def test_updates_are_pushed_and_answered(pushed: Pushed) -> None:
    await pushed.hears(1)
    screen = pushed.fang.screen()
    await pushed.fang.presses(screen["message_id"], screen["reply_markup"]["inline_keyboard"][0][0]["callback_data"])
    await pushed.hears(2)
    async with Api(TOKEN, pushed.telegram.url, Pacing()) as api:
        about = await api.call("getWebhookInfo", {})
    assert about["url"] == pushed.url
    assert about["allowed_updates"] == ["callback_query", "edited_message", "message", "my_chat_member"]
    assert about["pending_update_count"] == 0
    assert await pushed.seen() == "1 2"


async def test_an_update_brought_again_long_after_it_was_played_changes_nothing(pushed: Pushed) -> None:
    await pushed.hears(1)
    again: list[dict[str, Any]] = []
    give = pushed.telegram.world.updates.on_new
    assert give is not None

    def note(queued: Queued) -> None:
        again.append(orjson.loads(queued.body))
        give(queued)

    pushed.telegram.world.updates.on_new = note
    await pushed.hears(2)
    await pushed.hears(3)
    for update in again:
        assert [await pushed.brings(update) for _ in range(3)] == [200] * 3
    await pushed.hears(4)
    assert len(again) == 3
    assert await pushed.seen() == "1 2 3 4"


async def test_who_does_not_know_the_secret_is_not_heard(pushed: Pushed) -> None:
    await pushed.hears(1)
    update = {
        "update_id": 5,
        "message": {
            "message_id": 5,
            "date": 0,
            "chat": {"id": pushed.fang.id, "type": "private"},
            "from": {"id": pushed.fang.id, "is_bot": False, "first_name": "?"},
            "text": "forged",
        },
    }
    assert await pushed.brings(update, "guessed") == 403
    await pushed.hears(2)
    assert await pushed.seen() == "1 2"


async def test_what_comes_while_the_bot_is_away_is_brought_when_it_is_back(pushed: Pushed) -> None:
    await pushed.hears(1)
    assert await pushed.teller.stops() == 0
    for number in range(2, 6):
        await pushed.fang.sends(str(number))
    pushed.teller.starts()
    await pushed.fang.sees_where(says(5), "number 5")
    assert await pushed.seen() == "1 2 3 4 5"


async def test_while_the_disk_is_full_telegram_keeps_what_was_sent(pushed: Pushed) -> None:
    await pushed.hears(1)
    database = pushed.teller.app.rooms.database
    await database.read(lambda connection: connection.execute("PRAGMA max_page_count = 1").fetchall())
    with LogLines() as log:
        await pushed.fang.sends("2" * 4000)
        await log.say("update not stored")
    await database.read(lambda connection: connection.execute("PRAGMA max_page_count = 1000000").fetchall())
    await pushed.hears(3)
    assert await pushed.seen() == f"1 {'2' * 4000} 3"
