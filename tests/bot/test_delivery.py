"""Delivery against the played Telegram: what goes together, what goes again, what is never sent."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web
from PIL import Image

from bot import delivery
from bot.clock import SystemClock
from bot.delivery import Delivery
from bot.media import MediaSender
from bot.metrics import Metrics
from bot.nursery import Nursery
from bot.rehearsal.client import Player, plain
from bot.rehearsal.people import press
from bot.rehearsal.telegram import PlayedTelegram
from bot.telegram.client import Api
from bot.telegram.pacing import Pacing
from flows.model import DAY, SECOND, Moment
from storage import outbox, sessions
from storage.database import Database
from storage.files import FileStore
from storage.master_key import load_or_make
from storage.media import MediaStore
from storage.outbox import Parcel
from storage.vault import KEYS_FILE, Vault, open_keys

TOKEN = "4242:" + "rehearsal_token_" * 2
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Rig:
    """A delivery with everything around it. ``calls`` are Telegram's, as they came in."""

    def __init__(self, telegram: PlayedTelegram, folder: Path) -> None:
        self.telegram = telegram
        self.folder = folder
        self.clock = SystemClock()
        self.metrics = Metrics()
        self.nursery = Nursery()
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.barriers: dict[str, asyncio.Event] = {}
        self.arrived: dict[str, asyncio.Event] = {}

    async def open(self) -> None:
        self.api = Api(TOKEN, self.telegram.url, Pacing())
        await self.api.__aenter__()
        self.database = await Database.open(self.folder / "anju.sqlite3")
        self.serving = self.nursery.start(self.database.serve(), "database", essential=True)
        master, _ = load_or_make(None, self.folder)
        self.vault = Vault(master, open_keys(self.folder / KEYS_FILE))
        self.vault.new_person(1)
        self.files = FileStore(self.folder / "files", self.vault)
        self.delivery = self.new_delivery()

    def new_delivery(self) -> Delivery:
        media = MediaSender(self.api, self.database, MediaStore(self.folder / "media"))
        parts = (self.api, self.database, self.files, media, self.clock, self.nursery, self.metrics)
        return Delivery(*parts)

    async def close(self) -> None:
        await self.nursery.stop()
        await self.database.close()
        self.vault.close()
        await self.api.__aexit__()

    @web.middleware
    async def watch(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Notes each call, and holds those that there is a barrier for."""
        method = request.match_info.get("method", "")
        given = orjson.loads(await request.read()) if request.content_type == "application/json" else {}
        self.calls.append((method, given))
        self.arrived.setdefault(method, asyncio.Event()).set()
        if method in self.barriers:
            await self.barriers[method].wait()
        return await handler(request)

    def methods(self) -> list[str]:
        return [method for method, _ in self.calls]

    async def owe(self, chat_id: int, *owed: tuple[str, dict[str, Any]], life: Moment = DAY) -> list[Parcel]:
        """Puts parcels into the outbox and hands them over together."""
        now = self.clock.now()

        def put(connection: Any) -> list[Parcel]:
            return [
                outbox.put(connection, self.vault, chat_id, kind, body, due_at=now, expires_at=now + life)
                for kind, body in owed
            ]

        parcels = await self.database.write(put)
        for parcel in parcels:
            self.delivery.put(parcel)
        return parcels

    async def brings(self, chat_id: int, *owed: tuple[str, dict[str, Any]], life: Moment = DAY) -> None:
        """Owes, waits until it is done, and sees that nothing is owed any more."""
        await self.owe(chat_id, *owed, life=life)
        await asyncio.wait_for(self.delivery.idle(), 10)
        assert await self.count("SELECT count(*) FROM outbox") == 0

    async def count(self, sql: str) -> int:
        (count,) = await self.database.read(lambda connection: connection.execute(sql).fetchone())
        return int(count)

    def outcomes(self) -> Counter[str]:
        samples = (sample for metric in self.metrics.calls.collect() for sample in metric.samples)
        return Counter(
            {f"{s.labels['method']} {s.labels['outcome']}": int(s.value) for s in samples if s.name.endswith("_total")}
        )


@pytest.fixture
async def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rig]:
    monkeypatch.setattr(delivery, "PAUSES", (0.01,))
    telegram = PlayedTelegram(TOKEN, limits=False)
    made = Rig(telegram, tmp_path)
    telegram.app.middlewares.append(made.watch)
    await telegram.start()
    await made.open()
    yield made
    for barrier in made.barriers.values():
        barrier.set()
    await made.close()
    await telegram.stop()


@pytest.fixture
def fang(rig: Rig) -> Player:
    return rig.telegram.person(1001, "芳", phone="8613800138000", started=True)


def screen(text: str, place: str = "send", **more: Any) -> tuple[str, dict[str, Any]]:
    body = {
        "text": text,
        "keyboard": [[{"text": "Go", "callback_data": "1.go"}]],
        "captcha": "",
        "reply_keyboard": None,
        "place": place,
        "pressed": 0,
        "progress": False,
        "gone": "go on",
    }
    return "show", body | more


CONTACT = {"keyboard": [[{"text": "Share", "request_contact": True}]], "resize_keyboard": True}


def live(person: Player) -> list[str]:
    """The texts of the messages with inline buttons."""
    return [plain(message) for message in person.chat if "reply_markup" in message]


# -- one screen, one message -------------------------------------------------------------------------------------------


async def test_a_screen_is_edited_where_it_stands(rig: Rig, fang: Player) -> None:
    await rig.brings(fang.id, screen("one"))
    await rig.brings(fang.id, screen("two", "edit"))
    assert [plain(message) for message in fang.chat] == ["two"]
    assert rig.methods() == ["sendMessage", "editMessageText"]


async def test_an_identical_screen_is_not_edited(rig: Rig, fang: Player) -> None:
    await rig.brings(fang.id, screen("one"))
    await rig.brings(fang.id, screen("one", "edit"))
    assert rig.methods() == ["sendMessage"]


async def test_after_a_restart_an_identical_edit_is_taken_for_done(rig: Rig, fang: Player) -> None:
    await rig.brings(fang.id, screen("one"))
    rig.delivery = rig.new_delivery()
    await rig.brings(fang.id, screen("one", "edit"))
    assert [plain(message) for message in fang.chat] == ["one"]
    assert rig.methods() == ["sendMessage", "editMessageText"]


async def test_what_is_kept_of_a_screen_cannot_be_tried_for_what_it_showed(rig: Rig, fang: Player) -> None:
    kind, body = screen("110101199003072316")
    await rig.brings(fang.id, (kind, body))
    standing = await rig.database.read(lambda connection: sessions.standing(connection, fang.id))
    assert standing is not None
    seen = orjson.dumps([body["text"], body["keyboard"], body["captcha"]])
    assert standing.digest != hashlib.blake2b(seen, digest_size=16).digest()


async def test_an_edit_of_a_message_that_is_gone_falls_back_to_sending(rig: Rig, fang: Player) -> None:
    await rig.brings(fang.id, screen("one"))
    await fang.deletes(fang.screen()["message_id"])
    await rig.brings(fang.id, screen("two", "edit"))
    assert [plain(message) for message in fang.chat] == ["two"]
    await rig.brings(fang.id, screen("three", "edit"))
    assert [plain(message) for message in fang.chat] == ["three"]


async def test_a_new_screen_comes_before_the_old_one_loses_its_buttons(rig: Rig, fang: Player) -> None:
    await rig.brings(fang.id, screen("one"))
    await rig.brings(fang.id, screen("two"))
    assert rig.methods() == ["sendMessage", "sendMessage", "editMessageReplyMarkup"]
    assert live(fang) == ["two"]
    assert [plain(message) for message in fang.chat] == ["one", "two"]


async def test_an_overtaken_screen_is_not_sent(rig: Rig, fang: Player) -> None:
    await rig.brings(fang.id, screen("zero"))
    said = ("say", {"text": "beside", "keyboard": []})
    await rig.brings(fang.id, screen("one"), screen("two", "edit"), said, screen("three", "edit"))
    assert [plain(message) for message in fang.chat] == ["zero", "beside", "three"]
    assert live(fang) == ["three"]


async def test_a_stale_button_of_an_old_message_brings_the_screen_anew(rig: Rig, fang: Player) -> None:
    await rig.brings(fang.id, screen("one"))
    standing = fang.screen()["message_id"]
    await rig.brings(fang.id, screen("one", "again", pressed=standing))
    assert len(fang.chat) == 1
    await rig.brings(fang.id, screen("one", "again", pressed=standing - 1))
    assert len(fang.chat) == 2
    assert live(fang) == ["one"]


async def test_the_reply_keyboard_is_taken_away_by_the_next_screen(rig: Rig, fang: Player) -> None:
    await rig.brings(fang.id, screen("phone?", reply_keyboard=CONTACT, keyboard=[]))
    assert fang.keys() == [["Share"]]
    await rig.brings(fang.id, screen("code?", "edit"))
    assert fang.keyboard is None
    assert [plain(message) for message in fang.chat] == ["phone?", "code?"]


async def test_a_captcha_gives_way_to_the_next_screen(rig: Rig, fang: Player) -> None:
    await rig.brings(fang.id, screen("copy", captcha="2345"))
    assert "photo" in fang.screen()
    await rig.brings(fang.id, screen("copy again", "edit", captcha="5432"))
    assert [plain(message) for message in fang.chat] == ["copy again"]
    await rig.brings(fang.id, screen("code?"))
    assert [plain(message) for message in fang.chat] == ["code?"]
    assert "photo" not in fang.screen()


async def test_a_screen_of_progress_replaces_the_one_before(rig: Rig, fang: Player) -> None:
    await rig.brings(fang.id, screen("1 picture", progress=True))
    await rig.brings(fang.id, screen("2 pictures", progress=True))
    assert [plain(message) for message in fang.chat] == ["2 pictures"]


# -- together, and apart -----------------------------------------------------------------------------------------------


async def test_the_answer_to_a_press_and_the_edit_go_out_together(rig: Rig, fang: Player) -> None:
    await rig.brings(fang.id, screen("one"))
    pressed = press(rig.telegram.world, fang.person, fang.screen()["message_id"], "1.go")
    query_id = next(iter(rig.telegram.world.presses))
    rig.barriers["answerCallbackQuery"] = asyncio.Event()  # the answer is not through before the edit is there
    edited = rig.arrived.setdefault("editMessageText", asyncio.Event())
    await rig.owe(fang.id, ("answer", {"query_id": query_id, "text": "done"}), screen("two", "edit"))
    await asyncio.wait_for(edited.wait(), 10)
    rig.barriers["answerCallbackQuery"].set()
    await asyncio.wait_for(pressed.answered.wait(), 10)
    await asyncio.wait_for(rig.delivery.idle(), 10)
    assert pressed.text == "done"
    assert live(fang) == ["two"]


async def test_one_persons_call_does_not_hold_up_anothers(rig: Rig, fang: Player) -> None:
    others = [rig.telegram.person(2000 + n, "O", phone=f"86139{n:08}", started=True) for n in range(20)]
    await rig.brings(fang.id, screen("one"))
    rig.barriers["editMessageText"] = asyncio.Event()
    await rig.owe(fang.id, screen("two", "edit"))
    for other in others:
        await rig.owe(other.id, screen("hello"))
    for other in others:
        await other.sees("hello")
    assert live(fang) == ["one"]
    rig.barriers["editMessageText"].set()
    await fang.sees("two")


async def test_a_far_telegram_is_spoken_to_by_all_at_once(rig: Rig) -> None:
    people = [rig.telegram.person(2000 + n, "O", phone=f"86139{n:08}", started=True) for n in range(20)]
    rig.barriers["sendMessage"] = asyncio.Event()  # opens when everybody's call has come in
    for person in people:
        await rig.owe(person.id, screen("hello"))
    async with asyncio.timeout(10):
        while len(rig.calls) < len(people):
            rig.arrived["sendMessage"] = arrived = asyncio.Event()
            await arrived.wait()
    rig.barriers["sendMessage"].set()
    for person in people:
        await person.sees("hello")


# -- again, or never ---------------------------------------------------------------------------------------------------


async def test_a_429_is_obeyed_to_the_second_and_only_by_its_chat(rig: Rig, fang: Player) -> None:
    other = rig.telegram.person(1002, "O", phone="8613900139000", started=True)
    rig.telegram.faults.fail_next("sendMessage", 1, 429, retry_after=1)
    begun = rig.clock.monotonic()
    await rig.owe(fang.id, screen("one"))
    await asyncio.wait_for(rig.arrived.setdefault("sendMessage", asyncio.Event()).wait(), 10)
    await rig.owe(fang.id, screen("two"))
    await rig.brings(other.id, screen("hello"))
    assert rig.clock.monotonic() - begun >= 1
    assert [plain(message) for message in fang.chat] == ["two"]
    assert rig.outcomes()["show retry_after"] == 1
    chats = [given["chat_id"] for _, given in rig.calls]
    assert chats == [fang.id, other.id, fang.id]


async def test_a_429_for_answers_does_not_hold_up_screens(rig: Rig, fang: Player) -> None:
    rig.telegram.faults.fail_next("answerCallbackQuery", 1, 429, retry_after=3600)
    other = rig.telegram.person(1002, "O", phone="8613900139000", started=True)
    await rig.brings(fang.id, ("answer", {"query_id": "1", "text": ""}), screen("one"))
    await rig.brings(fang.id, screen("two", "edit"))
    await rig.brings(other.id, ("answer", {"query_id": "2", "text": ""}), screen("hello"))
    assert live(fang) == ["two"]
    assert live(other) == ["hello"]


@pytest.mark.parametrize("status", [500, 502, "reset"])
async def test_a_call_that_failed_in_passing_is_made_again(rig: Rig, fang: Player, status: Any) -> None:
    rig.telegram.faults.fail_next("sendMessage", 3, status)
    await rig.brings(fang.id, screen("one"))
    assert [plain(message) for message in fang.chat] == ["one"]
    assert rig.methods() == ["sendMessage"] * 4


async def test_a_call_without_an_answer_is_made_again(rig: Rig, fang: Player) -> None:
    rig.api.request._read_seconds = 0.1
    rig.telegram.faults.fail_next("sendMessage", 1, "timeout")
    await rig.brings(fang.id, screen("one"))
    assert [plain(message) for message in fang.chat] == ["one"]


async def test_a_lost_answer_may_double_a_message_but_not_the_screen(rig: Rig, fang: Player) -> None:
    rig.telegram.faults.fail_next("sendMessage", 1, "reset", carried_out=True)
    await rig.brings(fang.id, screen("one"))
    assert [plain(message) for message in fang.chat] == ["one", "one"]
    await rig.brings(fang.id, screen("two", "edit"))
    assert [plain(message) for message in fang.chat] == ["one", "two"]
    assert await rig.count("SELECT count(*) FROM screens") == 1


@pytest.mark.parametrize("status", ["reset", 500])
async def test_a_lost_answer_to_an_edit_changes_nothing(rig: Rig, fang: Player, status: Any) -> None:
    await rig.brings(fang.id, screen("one"))
    rig.telegram.faults.fail_next("editMessageText", 1, status, carried_out=True)
    await rig.brings(fang.id, screen("two", "edit"))
    assert [plain(message) for message in fang.chat] == ["two"]


async def test_who_blocked_the_bot_is_noted_and_left_alone(rig: Rig, fang: Player) -> None:
    rig.telegram.world.chats[fang.id].blocked = True
    await rig.brings(fang.id, screen("one"), ("say", {"text": "beside", "keyboard": []}))
    assert await rig.count("SELECT count(*) FROM unreachable WHERE telegram_id = 1001") == 1


async def test_a_chat_that_does_not_exist_is_noted(rig: Rig) -> None:
    await rig.brings(404, screen("one"))
    assert await rig.count("SELECT count(*) FROM unreachable WHERE telegram_id = 404") == 1


async def test_what_telegram_refuses_is_logged_and_given_up(
    rig: Rig, fang: Player, caplog: pytest.LogCaptureFixture
) -> None:
    await rig.brings(fang.id, screen("<b>王芳"), ("say", {"text": "beside", "keyboard": []}))
    assert [plain(message) for message in fang.chat] == ["beside"]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "王芳" not in caplog.text


async def test_an_answer_that_is_too_late_is_nobodys_fault(
    rig: Rig, fang: Player, caplog: pytest.LogCaptureFixture
) -> None:
    await rig.brings(fang.id, ("answer", {"query_id": "no such", "text": ""}), ("delete", {"message_id": 5}))
    assert caplog.records == []


async def test_what_has_expired_is_not_sent(rig: Rig, fang: Player) -> None:
    name = rig.files.put(1, b"%PDF")
    document = ("document", {"person_id": 1, "file": name, "name": "a.pdf", "caption": ""})
    await rig.brings(fang.id, screen("one"), document, life=-SECOND)
    assert rig.calls == []
    with pytest.raises(FileNotFoundError):
        rig.files.get(1, name)


# -- files -------------------------------------------------------------------------------------------------------------


async def test_a_document_is_sent_and_its_file_removed(rig: Rig, fang: Player) -> None:
    name = rig.files.put(1, b"%PDF")
    await rig.brings(fang.id, ("document", {"person_id": 1, "file": name, "name": "a.pdf", "caption": "<b>A</b>"}))
    message = await fang.sees_document("a.pdf")
    assert await fang.downloads(message) == b"%PDF"
    with pytest.raises(FileNotFoundError):
        rig.files.get(1, name)


async def test_a_document_for_who_blocked_the_bot_does_not_stay(rig: Rig, fang: Player) -> None:
    name = rig.files.put(1, b"%PDF")
    rig.telegram.world.chats[fang.id].blocked = True
    await rig.brings(fang.id, ("document", {"person_id": 1, "file": name, "name": "a.pdf", "caption": ""}))
    with pytest.raises(FileNotFoundError):
        rig.files.get(1, name)


@pytest.mark.parametrize("count", [1, 3])
async def test_people_see_their_pictures(rig: Rig, fang: Player, count: int) -> None:
    target = BytesIO()
    Image.new("RGB", (600, 400), (200, 200, 200)).save(target, "JPEG")
    names = [rig.files.put(1, target.getvalue()) for _ in range(count)]
    await rig.brings(fang.id, ("pictures", {"person_id": 1, "files": names}))
    assert [set(message) & {"photo"} for message in fang.chat] == [{"photo"}] * count


async def test_a_parcel_that_breaks_the_code_holds_up_nothing_behind_it(
    rig: Rig, fang: Player, caplog: pytest.LogCaptureFixture
) -> None:
    missing = ("pictures", {"person_id": 1, "files": ["0" * 32]})
    await rig.brings(fang.id, missing, ("say", {"text": "beside", "keyboard": []}), screen("one"))
    assert [plain(message) for message in fang.chat] == ["beside", "one"]
    (first, *_) = (record for record in caplog.records if record.levelno == logging.ERROR)
    assert vars(first)["kind"] == "FileNotFoundError"
