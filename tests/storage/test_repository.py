"""All of the storage at once: what passes through it lies nowhere in readable form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from flows.engine.session import Frame, Session
from flows.model import Picture, PictureState
from storage import inbox, outbox, sessions
from storage.repository import SqlRepository
from tests.storage.room import AT, ID_NUMBER, NAME, PHONE, PLAN, Room, furnished

if TYPE_CHECKING:
    from flows.ports import Repository

EMPLOYER = "北京安居科技有限公司"
CODE = "482913"
FILE_ID = "AgACAgUAAxkBAAIBFILEID"
MARKERS = (NAME, PHONE, PHONE.removeprefix("+86"), ID_NUMBER, EMPLOYER, CODE, FILE_ID)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with furnished(tmp_path) as room:
        yield room


def whole_life(room: Room) -> None:
    """Everything that is kept of one person, written, changed and in part deleted again."""
    store, body = room.store, "|".join(MARKERS)
    (letter, _) = inbox.receive(room.connection, room.vault, [(7, 100, body.encode()), (8, 100, body.encode())], AT)
    inbox.set_aside(room.connection, room.vault, letter, "KeyError", AT)
    parcel = outbox.put(room.connection, room.vault, 100, "sms", {"text": body}, due_at=AT, expires_at=AT)
    outbox.put(room.connection, room.vault, 100, "identity", {"text": body}, due_at=AT, expires_at=AT, later=True)
    outbox.remove(room.connection, [parcel.id])
    session = Session(100, "zh", frames=[Frame("home", body, 1, {"name": NAME, "captcha": CODE})])
    sessions.save(room.connection, room.vault, session, AT)
    person = store.add_person(100, PHONE, AT)
    store.add_challenge(100, PHONE, CODE, AT, AT + 1)
    store.add_identity_check(person.id, NAME, ID_NUMBER, "resident_id", AT)
    store.verify_person(person.id, NAME, ID_NUMBER, "resident_id", AT)
    application = store.open_application(person.id, PLAN.code, AT)
    store.save_answer(application.id, "address", body, AT)
    store.save_answer(application.id, "address", None, AT)
    store.save_answer(application.id, "employer", EMPLOYER, AT)
    picture = Picture(0, "id_front", FILE_ID, "unique", as_document=False, state=PictureState.FETCHING)
    store.add_picture(application.id, picture, AT)
    submission = store.submit(application.id, 1, AT)
    store.register("HD2603-A", person.id, PLAN.code, submission, AT)


def spellings(marker: str) -> list[bytes]:
    return [marker.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030")] + [
        marker.encode("unicode_escape"),
        marker.encode().hex().encode(),
    ]


def test_nothing_personal_lies_readable_in_any_file(room: Room) -> None:
    whole_life(room)
    for written in (room.all_bytes(), checkpointed(room)):
        assert PLAN.name.encode() in written, "what is public can be read, so the others would be found"
        assert [marker for marker in MARKERS for spelled in spellings(marker) if spelled in written] == []


def checkpointed(room: Room) -> bytes:
    room.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return room.all_bytes()


def test_the_same_written_twice_looks_different_each_time(room: Room) -> None:
    store = room.store
    person = store.add_person(100, PHONE, AT)
    application = store.open_application(person.id, PLAN.code, AT)
    for field in ("employer", "address"):
        store.save_answer(application.id, field, EMPLOYER, AT)
    first, second = (value for (value,) in store.all("SELECT value FROM answers"))
    assert first != second


def test_the_repository_is_the_one_that_flows_ask_for(room: Room) -> None:
    repository: Repository = SqlRepository(room.connection, room.vault, room.shelf)
    assert repository.person(100) is None


def test_what_is_added_must_have_been_added(room: Room) -> None:
    sql = "INSERT INTO inbox (key, chat_id, received_at, body) VALUES ('k', 1, 1, x'00') ON CONFLICT DO NOTHING"
    assert room.store.add(sql) == 1
    with pytest.raises(LookupError, match="nothing was added"):
        room.store.add(sql)
