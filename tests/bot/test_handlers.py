"""What each kind of job does, and what it reports."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.app import Rooms
from bot.jobs import identity, sms
from bot.jobs.handlers import identity_handler, picture_handler, reminder_handler, sms_handler
from bot.jobs.identity import RehearsedIdentity
from bot.jobs.pictures import PictureChecker
from bot.jobs.runner import Again, Done
from bot.jobs.sms import PrintedSms
from bot.nursery import Nursery
from bot.rehearsal.telegram import PlayedTelegram
from bot.telegram.client import Api
from bot.telegram.pacing import Pacing
from flows.engine.form import MOST_BYTES
from storage.outbox import Parcel
from tests.journeys.rooms import storage

TOKEN = "4242:" + "rehearsal_token_" * 2


def parcel(kind: str, body: dict[str, Any], begun_at: int | None = None) -> Parcel:
    return Parcel(1, 1001, kind, 0, 1, body, begun_at=begun_at)


class Scripted(PrintedSms):
    """A gateway that answers what it is told to."""

    def __init__(self, answer: sms.SmsResult) -> None:
        self.answer = answer
        self.asked: list[tuple[str, str]] = []

    async def send_sms(self, phone_e164: str, code: str, template: str) -> sms.SmsResult:
        self.asked.append((phone_e164, code))
        return self.answer


CODE = {"phone": "+8613800138000", "code": "271828", "challenge": 7}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (sms.Sent(), Done({"status": "sent"})),
        (sms.Unknown("TimeoutError"), Done({"status": "unknown"})),
        (sms.RefusedByGateway("isv.X"), Done({"status": "refused"})),
        (sms.Unavailable("HTTP 503"), Again({"status": "unavailable"})),
    ],
)
async def test_what_becomes_of_an_sms(answer: sms.SmsResult, expected: Done | Again) -> None:
    gateway = Scripted(answer)
    assert await sms_handler(gateway).carry(parcel("sms", CODE)) == expected
    assert gateway.asked == [("+8613800138000", "271828")]


async def test_an_sms_that_was_begun_is_not_sent_again() -> None:
    gateway = Scripted(sms.Sent())
    handler = sms_handler(gateway)
    assert handler.once
    assert await handler.carry(parcel("sms", CODE, begun_at=1)) == Done({"status": "unknown"})
    assert gateway.asked == []


class Judge(RehearsedIdentity):
    def __init__(self, verdict: identity.IdentityResult) -> None:
        self.verdict = verdict

    async def check_identity(self, name: str, id_number: str, document: str = "resident_id") -> identity.IdentityResult:
        assert (name, id_number, document) == ("王芳", "110101199003072316", "resident_id")
        return self.verdict


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (identity.Match(True), Done({"status": "match"})),
        (identity.Match(False), Done({"status": "mismatch"})),
        (identity.Refused("quota"), Done({"status": "given_up"})),
        (identity.Unavailable("HTTP 503"), Again({"status": "unavailable"})),
    ],
)
async def test_what_becomes_of_a_question_to_the_identity_service(
    verdict: identity.IdentityResult, expected: Done | Again
) -> None:
    body = {"check": 3, "name": "王芳", "id_number": "110101199003072316", "document": "resident_id"}
    assert await identity_handler(Judge(verdict)).carry(parcel("identity", body)) == expected


async def test_a_reminder_comes_back_when_its_time_has_come() -> None:
    assert await reminder_handler().carry(parcel("reminder", {})) == Done({"status": "due"})


# -- pictures ----------------------------------------------------------------------------------------------------------


class Desk:
    """The handler of pictures with a played Telegram, and a person with a key."""

    def __init__(self, telegram: PlayedTelegram, api: Api, rooms: Rooms, checker: PictureChecker) -> None:
        self.telegram = telegram
        self.rooms = rooms
        self.handler = picture_handler(api, checker, rooms.files)
        rooms.vault.new_person(1)

    def file(self, content: bytes) -> dict[str, Any]:
        """The body of a job about a file that Telegram has."""
        media = self.telegram.world.files.add(content, "a.jpg", "image/jpeg")
        return {"person_id": 1, "application_id": 1, "picture_id": 5, "file_id": media["file_id"], "size": len(content)}

    async def carries(self, body: dict[str, Any]) -> Done | Again:
        return await self.handler.carry(parcel("picture", body))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    telegram = PlayedTelegram(TOKEN, limits=False)
    await telegram.start()
    async with (
        Nursery() as nursery,
        storage(tmp_path / "data", nursery) as rooms,
        Api(TOKEN, telegram.url, Pacing()) as api,
        PictureChecker() as checker,
    ):
        yield Desk(telegram, api, rooms, checker)
    await telegram.stop()


def jpeg() -> bytes:
    target = BytesIO()
    Image.new("RGB", (800, 600), (200, 210, 220)).save(target, "JPEG")
    return target.getvalue()


async def test_a_picture_is_fetched_checked_and_kept_encrypted(desk: Desk) -> None:
    done = await desk.carries(desk.file(jpeg()))
    assert isinstance(done, Done)
    assert done.outcome is not None
    kept = desk.rooms.files.get(1, done.outcome["file"])
    assert Image.open(BytesIO(kept)).size == (800, 600)


async def test_what_is_no_picture_is_refused(desk: Desk) -> None:
    assert await desk.carries(desk.file(b"%PDF-1.7")) == Done({"reason": "pdf"})


async def test_a_file_that_says_it_is_too_large_is_not_fetched(desk: Desk) -> None:
    assert await desk.carries(desk.file(jpeg()) | {"size": MOST_BYTES + 1}) == Done({"reason": "too_large"})
    assert desk.telegram.calls.total() == 0


async def test_a_file_that_is_too_large_is_not_read_to_its_end(desk: Desk) -> None:
    assert await desk.carries(desk.file(b"\xff" * (MOST_BYTES + 1)) | {"size": 0}) == Done({"reason": "too_large"})


async def test_a_file_that_is_gone_is_said_to_be(desk: Desk) -> None:
    assert await desk.carries(desk.file(jpeg()) | {"file_id": "never"}) == Done({"reason": "gone"})


@pytest.mark.parametrize("status", [500, 429, "reset"])
@pytest.mark.parametrize("method", ["getFile", "(download)"])
async def test_a_telegram_in_trouble_is_asked_again_later(desk: Desk, method: str, status: Any) -> None:
    desk.telegram.faults.fail_next(method, 2, status)  # aiohttp itself repeats a torn GET once
    assert isinstance(await desk.carries(desk.file(jpeg())), Again)


async def test_nothing_about_a_person_is_logged(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    body = desk.file(jpeg())
    await desk.carries(body)
    desk.telegram.faults.fail_next("getFile", 1, 500)
    await desk.carries(body)
    assert body["file_id"] not in "".join(
        str(vars(record)) for record in caplog.records if record.name.startswith("bot")
    )
