"""A turn is one transaction; a mistake of ours is set aside, a disk in trouble is waited for."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from bot.app import Rooms
from bot.chance import SystemChance
from bot.clock import ManualClock
from bot.metrics import Metrics
from bot.nursery import Nursery
from bot.turn import ANSWER_LIFE, SCREEN_LIFE, Turns
from bot.windows import Windows
from flows.effects import PATIENCE, SendSms
from flows.engine.session import Session
from flows.model import Moment
from storage import database, inbox, sessions
from storage.inbox import Letter
from storage.outbox import Parcel
from tests.journeys.rooms import LogLines, count, storage
from tests.journeys.telling import BOOK, SMS, STUMBLE, make_templates

NOW: Moment = 1_795_000_000_000
CHAT = 1001


class Bench:
    """Turns of the telling book on a real storage."""

    def __init__(self, rooms: Rooms, templates: Path) -> None:
        self.rooms = rooms
        self.clock = ManualClock(NOW)
        self.metrics = Metrics()
        parts = (rooms.database, rooms.vault, rooms.shelf, Windows(templates), self.clock, SystemChance(), BOOK)
        self.turns = Turns(*parts, self.metrics)
        self._number = 0

    async def receives(self, update: dict[str, Any], chat_id: int = CHAT) -> Letter:
        self._number += 1
        body = orjson.dumps({"update_id": self._number, **update})
        rows = [(self._number, chat_id, body)]
        vault = self.rooms.vault
        (letter,) = await self.rooms.database.write(lambda connection: inbox.receive(connection, vault, rows, NOW))
        return letter

    async def hears(self, text: str, chat_id: int = CHAT, **more: Any) -> list[Parcel]:
        return await self.turns.play(await self.receives(message(text, chat_id, **more), chat_id))

    async def session(self, chat_id: int = CHAT) -> Session | None:
        vault = self.rooms.vault
        return await self.rooms.database.read(lambda connection: sessions.load(connection, vault, chat_id))

    async def seen(self, chat_id: int = CHAT) -> list[str]:
        session = await self.session(chat_id)
        return session.top.data["seen"].split() if session else []

    async def rows(self, table: str) -> int:
        queries = {
            "inbox": "SELECT count(*) FROM inbox",
            "outbox": "SELECT count(*) FROM outbox",
            "dead_letters": "SELECT count(*) FROM dead_letters",
        }
        return await count(self.rooms, queries[table])


def message(text: str, chat_id: int = CHAT, *, language: str | None = "zh-hans") -> dict[str, Any]:
    sender = {"id": chat_id, "is_bot": False, "first_name": "芳"} | ({"language_code": language} if language else {})
    chat = {"id": chat_id, "type": "private", "first_name": "芳"}
    return {"message": {"message_id": 7, "date": NOW // 1000, "chat": chat, "from": sender, "text": text}}


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    monkeypatch.setattr(database, "PAUSES", (0.01,))
    async with Nursery() as nursery, storage(tmp_path / "data", nursery) as rooms:
        yield Bench(rooms, make_templates(tmp_path / "templates"))


# -- one transaction ---------------------------------------------------------------------------------------------------


async def test_the_session_changes_the_screen_is_owed_and_the_letter_is_gone(bench: Bench) -> None:
    (shown,) = await bench.hears("1")
    assert (shown.kind, shown.chat_id, shown.expires_at) == ("show", CHAT, NOW + SCREEN_LIFE)
    assert shown.body["text"].startswith("#1#")
    assert await bench.seen() == ["1"]
    assert await bench.rows("inbox") == 0
    assert await bench.rows("outbox") == 1


async def test_a_letter_is_played_once(bench: Bench) -> None:
    letter = await bench.receives(message("1"))
    assert len(await bench.turns.play(letter)) == 1
    assert await bench.turns.play(letter) == []
    assert await bench.seen() == ["1"]


async def test_two_that_play_the_same_letter_at_once_play_it_once(bench: Bench) -> None:
    letter = await bench.receives(message("1"))
    played = await asyncio.gather(bench.turns.play(letter), bench.turns.play(letter))
    assert sorted(len(parcels) for parcels in played) == [0, 1]
    assert await bench.seen() == ["1"]


async def test_a_press_is_answered_and_changes_the_screen(bench: Bench) -> None:
    (shown,) = await bench.hears("1")
    answer, edited = await bench.turns.play(await bench.receives(press(shown.body["keyboard"][0][0]["callback_data"])))
    assert (answer.kind, answer.body, answer.expires_at) == ("answer", {"query_id": "q", "text": ""}, NOW + ANSWER_LIFE)
    assert (edited.kind, edited.body["place"]) == ("show", "edit")


async def test_a_second_tap_is_told_that_the_button_is_over(bench: Bench) -> None:
    (shown,) = await bench.hears("1")
    data = shown.body["keyboard"][0][0]["callback_data"]
    for _ in range(2):
        answer, *_ = sorted(await bench.turns.play(await bench.receives(press(data))), key=lambda parcel: parcel.kind)
    assert answer.body["text"] == "stale"
    session = await bench.session()
    assert session is not None
    assert session.top.data["taps"] == "1"


async def test_a_job_is_owed_with_the_patience_it_is_worth(bench: Bench) -> None:
    parcels = await bench.hears(SMS)
    (job,) = (parcel for parcel in parcels if parcel.kind == "sms")
    assert job.expires_at == NOW + PATIENCE[SendSms]
    assert job.body == {"phone": "+8613800138000", "code": "271828", "challenge": 7}


async def test_what_a_job_brings_back_is_an_event(bench: Bench) -> None:
    await bench.hears(SMS)
    body = orjson.dumps({"job": "sms", "outcome": {"status": "sent"}, "about": {"challenge": "7"}})
    vault = bench.rooms.vault
    letter = await bench.rooms.database.write(
        lambda connection: inbox.put(connection, vault, "came:1", CHAT, NOW, body)
    )
    (shown,) = await bench.turns.play(letter)
    assert "sent" in shown.body["text"]


async def test_what_is_none_of_ours_leaves_no_trace(bench: Bench) -> None:
    update = message("/start", -100)
    update["message"]["chat"] = {"id": -100, "type": "group", "title": "群"}
    assert await bench.turns.play(await bench.receives(update, -100)) == []
    assert await bench.session(-100) is None
    assert await bench.rows("inbox") == 0


# -- the language ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "language"), [("zh-hans", "zh"), ("zh-TW", "zh"), ("en", "en"), ("de", "en"), (None, "zh"), ("", "zh")]
)
async def test_the_first_language_is_that_of_the_app(bench: Bench, code: str | None, language: str) -> None:
    await bench.hears("1", language=code)
    session = await bench.session()
    assert session is not None
    assert session.language == language


async def test_an_app_that_names_no_language_changes_none(bench: Bench) -> None:
    await bench.hears("1", language="en")
    await bench.hears("2", language=None)
    session = await bench.session()
    assert session is not None
    assert session.language == "en"


# -- mistakes of ours --------------------------------------------------------------------------------------------------


def press(data: str, **more: Any) -> dict[str, Any]:
    sender = {"id": CHAT, "is_bot": False, "first_name": "芳", "language_code": "zh-hans"}
    shown = {"message_id": 9, "date": 0, "chat": {"id": CHAT, "type": "private"}}
    return {"callback_query": {"id": "q", "from": sender, "chat_instance": "1", "message": shown, "data": data, **more}}


async def test_an_update_that_breaks_the_code_is_set_aside_and_the_chat_goes_on(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    await bench.hears("1")
    (told,) = await bench.hears(STUMBLE)
    assert told.kind == "say"
    assert told.body["text"] == "trouble"
    await bench.hears("2")
    assert await bench.seen() == ["1", "2"]
    assert await bench.rows("inbox") == 0
    (row,) = await bench.rooms.database.read(
        lambda connection: connection.execute("SELECT key, chat_id, error, body FROM dead_letters").fetchall()
    )
    assert row[1] == CHAT
    assert row[2].startswith("ValueError journeys/telling.py:")
    assert orjson.loads(bench.rooms.vault.open_system("dead_letters", row[0], row[3]))["message"]["text"] == STUMBLE
    (record,) = (record for record in caplog.records if record.levelno == logging.ERROR)
    assert STUMBLE not in str(vars(record))


async def test_one_that_fails_takes_nothing_with_it_of_those_it_shares_a_commit_with(bench: Bench) -> None:
    letters = [await bench.receives(message(STUMBLE if n == 5 else "1", 2000 + n), 2000 + n) for n in range(10)]
    commits = bench.rooms.database.commits
    await asyncio.gather(*(bench.turns.play(letter) for letter in letters))
    assert bench.rooms.database.commits - commits == 2  # all of them together, and the setting aside
    assert [await bench.seen(2000 + n) for n in range(10)] == [["1"]] * 5 + [[]] + [["1"]] * 4


async def test_a_press_that_breaks_the_code_stops_its_spinner(bench: Bench) -> None:
    update = press("1.go")
    del update["callback_query"]["chat_instance"]  # what the library cannot do without
    parcels = await bench.turns.play(await bench.receives(update))
    assert [(parcel.kind, parcel.body.get("query_id")) for parcel in parcels] == [("say", None), ("answer", "q")]


async def test_nobody_is_told_of_an_update_from_elsewhere_that_breaks_the_code(bench: Bench) -> None:
    broken = {"message": {"chat": {"id": -100}}}
    assert await bench.turns.play(await bench.receives(broken, -100)) == []
    assert await bench.rows("dead_letters") == 1


@pytest.mark.parametrize("body", [b"sealed by nobody", b""])
async def test_a_session_that_cannot_be_read_does_not_stop_its_chat(bench: Bench, body: bytes) -> None:
    await bench.hears("1", language="en")
    await bench.rooms.database.write(lambda connection: connection.execute("UPDATE sessions SET body = ?", (body,)))
    (told,) = await bench.hears("2")
    assert told.body["text"] == "trouble"
    assert await bench.rows("inbox") == 0
    assert await bench.rows("dead_letters") == 1


async def test_a_session_of_another_shape_does_not_stop_its_chat(bench: Bench) -> None:
    vault = bench.rooms.vault
    sealed = vault.seal_system("sessions", CHAT, b'{"language": "zh"}')
    await bench.hears("1")
    await bench.rooms.database.write(lambda connection: connection.execute("UPDATE sessions SET body = ?", (sealed,)))
    (told,) = await bench.hears("2")
    assert told.kind == "say"


async def test_a_statement_that_is_wrong_is_not_waited_for(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def save(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("UPDATE sessions SET no_such_column = 1")

    monkeypatch.setattr(sessions, "save", save)
    (told,) = await asyncio.wait_for(bench.hears("1"), 10)
    assert told.kind == "say"


# -- the disk ----------------------------------------------------------------------------------------------------------


async def test_a_full_disk_is_waited_for_and_nothing_is_set_aside(bench: Bench) -> None:
    letter = await bench.receives(message("1" * 4000))
    await bench.rooms.database.read(lambda connection: connection.execute("PRAGMA max_page_count = 1").fetchall())
    async with Nursery() as nursery:
        with LogLines() as log:
            playing = nursery.start(bench.turns.play(letter), "turn")
            await log.say("the database cannot write")
        assert not playing.done()
        await bench.rooms.database.read(
            lambda connection: connection.execute("PRAGMA max_page_count = 1000000").fetchall()
        )
        (shown,) = await asyncio.wait_for(playing, 10)
    assert shown.kind == "show"
    assert await bench.seen() == ["1" * 4000]
    assert await bench.rows("dead_letters") == 0
