"""News that reach everybody once, however often their job is cut short; files that cannot be had."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import cast

import orjson
import pytest
from telegram.error import BadRequest, Forbidden, NetworkError, TelegramError

from bot.app import TEMPLATES, Rooms
from bot.clock import SystemClock
from bot.jobs.desk import PAGE, Tools, menu_handler, notice_handler, publish_handler
from bot.jobs.desk_files import LARGEST, fetch, send_document
from bot.jobs.pictures import PictureChecker
from bot.jobs.runner import Again, Done
from bot.jobs.worker import Worker
from bot.nursery import Nursery
from bot.telegram.client import Api, FileTooBig
from bot.windows import Windows
from flows.engine.session import Session
from flows.model import DAY, Plan
from flows.staff.changes import Change
from storage import sessions
from storage.outbox import Parcel
from storage.repository import SqlRepository
from tests.journeys.rooms import storage

AT = 1_795_482_000_000
PLAN = Plan("HD2603", "海淀区2026年第三批保租房", AT, AT + 4 * DAY, phone="010-12345678")
PEOPLE = 2 * PAGE + 50


class Cut(Exception):  # noqa: N818 - the power, say
    """The program ends here."""


def parcel(body: dict[str, object]) -> Parcel:
    return Parcel(1, 100, "job", 0, 1, body)


def settle(connection: sqlite3.Connection, rooms: Rooms) -> int:
    """A plan with many who registered, one of whom reads English; the id of a notice for them."""
    repository = SqlRepository(connection, rooms.vault, rooms.shelf)
    repository.add_plan(PLAN, AT)
    first = repository.add_person(1_000, "+8613800000000", AT)
    application = repository.open_application(first.id, PLAN.code, AT)
    submission = repository.submit(application.id, 1, AT)
    for number in range(1, PEOPLE):
        connection.execute(
            "INSERT INTO people (telegram_id, phone, phone_index, created_at) VALUES (?, x'00', ?, ?)",
            (1_000 + number, str(number).encode(), AT),
        )
    people = connection.execute("SELECT id FROM people").fetchall()
    connection.executemany(
        "INSERT INTO registrations (number, plan_code, person_id, submission_id, state, registered_at)"
        " VALUES (?, ?, ?, ?, 'registered', ?)",
        [(f"HD2603-{person}", PLAN.code, person, submission, AT) for (person,) in people],
    )
    sessions.save(connection, rooms.vault, Session(1_001, "en"), AT)
    return repository.add_notice(PLAN.code, "changed", (Change("closes_at", "", AT, AT + DAY),), AT + 1)


def tools_of(rooms: Rooms, wake: Callable[[], None]) -> Tools:
    nobody = cast("Api", None), cast("PictureChecker", None), cast("Worker", None)
    api, checker, worker = nobody
    return Tools(api, *rooms.for_plans, Windows(TEMPLATES), SystemClock(), checker, worker, wake)


async def test_everybody_is_told_once_although_the_job_is_cut_short(tmp_path: Path) -> None:
    cuts = iter([False, True])

    def wake() -> None:
        if next(cuts, False):
            raise Cut

    async with Nursery() as nursery, storage(tmp_path, nursery) as rooms:
        notice = await rooms.database.write(lambda connection: settle(connection, rooms))
        handler = notice_handler(tools_of(rooms, wake))
        with pytest.raises(Cut):
            await handler.carry(parcel({"notice": notice}))
        assert await handler.carry(parcel({"notice": notice})) == Done({"plan": "HD2603", "told": str(PEOPLE)})
        assert await handler.carry(parcel({"notice": notice})) == Done({"plan": "HD2603", "told": str(PEOPLE)})
        rows = await rooms.database.read(
            lambda connection: connection.execute("SELECT chat_id, due_at, body FROM outbox ORDER BY id").fetchall()
        )
        told = {chat: orjson.loads(rooms.vault.open_system("outbox", chat, body)) for chat, _, body in rows}
        assert sorted(told) == [1_000 + number for number in range(PEOPLE)]
        assert len(rows) == PEOPLE
        assert "登记截止：" in told[1_000]["text"]
        assert "Registration closes: " in told[1_001]["text"]
        assert [button["text"] for row in told[1_000]["keyboard"] for button in row] == ["查看计划", "我的登记"]
        spread = max(due for _, due, _ in rows) - min(due for _, due, _ in rows)
        assert spread >= (PEOPLE - 2 * PAGE - 1) * 50  # half of what Telegram allows
        assert await handler.carry(parcel({"notice": 99})) == Done()


class Voice(Api):
    """Telegram, answering what it is told to."""

    def __init__(self, answer: TelegramError | bytes | None = None) -> None:
        self.answer = answer
        self.methods: list[str] = []

    async def call(self, method: str, *_: object, **__: object) -> dict[str, object]:
        self.methods.append(method)
        if isinstance(self.answer, TelegramError):
            raise self.answer
        return {}

    async def download(self, file_id: str, limit_bytes: int) -> bytes:
        if isinstance(self.answer, TelegramError):
            raise self.answer
        return self.answer or b""


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"content", b"content"),
        (FileTooBig("x"), "too_large"),
        (BadRequest("x"), "gone"),
        (TelegramError("x"), "gone"),
        (NetworkError("x"), None),
    ],
)
async def test_why_a_file_cannot_be_had(answer: TelegramError | bytes, expected: bytes | str | None) -> None:
    assert await fetch(Voice(answer), "id", 5, LARGEST) == expected
    assert await fetch(Voice(answer), "id", LARGEST + 1, LARGEST) == "too_large"


@pytest.mark.parametrize(
    ("answer", "done"), [(None, True), (BadRequest("x"), True), (Forbidden("x"), True), (NetworkError("x"), False)]
)
async def test_a_file_is_sent_or_sent_later(answer: TelegramError | None, done: bool) -> None:
    voice = Voice(answer)
    assert await send_document(voice, 1, "x.txt", b"x", "text/plain") is done
    assert voice.methods == ["sendDocument"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(None, Done()), (BadRequest("x"), Done()), (Forbidden("x"), Done()), (NetworkError("x"), Again())],
)
async def test_the_menu_of_a_chat_is_set_or_set_later(answer: TelegramError | None, expected: Done | Again) -> None:
    handler = menu_handler(Voice(answer), Windows(TEMPLATES))
    for staff in (True, False):
        assert await handler.carry(parcel({"telegram_id": 1, "staff": staff})) == expected


async def test_a_time_that_has_come_is_reported() -> None:
    handler = publish_handler()
    assert await handler.carry(parcel({"draft": 1})) == Done({"status": "due"})
    assert (handler.late, handler.about) == ({"status": "late"}, {"draft": "draft"})
