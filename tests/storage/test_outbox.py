"""The outbox: what is owed, what waits for its time, what must not be done twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from storage import outbox
from storage.outbox import Parcel
from storage.vault import TamperedError
from tests.storage.room import AT, PHONE, Room, furnished

BODY: dict[str, Any] = {"phone": PHONE, "rows": [[1, "二"]], "none": None}


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with furnished(tmp_path) as room:
        yield room


def put(room: Room, due_at: int = AT, *, later: bool = False, chat_id: int = 100) -> Parcel:
    return outbox.put(
        room.connection, room.vault, chat_id, "sms", BODY, due_at=due_at, expires_at=due_at + 9, later=later
    )


def due(room: Room, at: int = AT) -> list[Parcel]:
    return outbox.due(room.connection, room.vault, at)


def fall_due(room: Room, at: int, most: int = 10) -> list[int]:
    return [parcel.id for parcel in outbox.fall_due(room.connection, room.vault, at, most)]


def test_parcels_are_taken_up_whole_and_in_order(room: Room) -> None:
    parcels = [put(room), put(room, chat_id=101), put(room)]
    assert due(room) == parcels
    assert parcels[0].body == BODY


def test_a_parcel_for_later_waits_and_is_handed_out_once(room: Room) -> None:
    soon, late = put(room, AT + 5, later=True), put(room, AT + 9, later=True)
    assert due(room) == []
    assert outbox.next_due(room.connection) == AT + 5
    assert fall_due(room, AT + 4) == []
    assert fall_due(room, AT + 5) == [soon.id]
    assert fall_due(room, AT + 5) == []
    assert outbox.next_due(room.connection) == AT + 9
    assert fall_due(room, AT + 99) == [late.id]
    assert outbox.next_due(room.connection) is None
    assert [parcel.id for parcel in due(room)] == [soon.id, late.id]


def test_what_falls_due_comes_by_time_and_no_more_than_asked_for(room: Room) -> None:
    ids = [put(room, AT + wait, later=True).id for wait in (3, 1, 2)]
    assert fall_due(room, AT + 9, most=2) == [ids[1], ids[2]]
    assert fall_due(room, AT + 9, most=2) == [ids[0]]


def test_what_waited_and_fell_due_while_nobody_was_there_is_taken_up_at_start(room: Room) -> None:
    parcel = put(room, AT + 5, later=True)
    assert [found.id for found in due(room, AT + 5)] == [parcel.id]
    assert fall_due(room, AT + 9) == []


def test_a_parcel_tried_in_vain_waits_and_is_counted(room: Room) -> None:
    parcel = put(room)
    outbox.begin(room.connection, parcel.id, AT + 1)
    (begun,) = due(room)
    assert (begun.begun_at, begun.attempts) == (AT + 1, 0)
    outbox.put_off(room.connection, parcel.id, AT + 7)
    assert due(room, AT + 6) == []
    (again,) = outbox.fall_due(room.connection, room.vault, AT + 7, 9)
    assert (again.begun_at, again.attempts, again.due_at, again.body) == (None, 1, AT + 7, BODY)


def test_a_parcel_that_is_done_is_gone(room: Room) -> None:
    parcels = [put(room), put(room)]
    assert outbox.remove(room.connection, [parcels[0].id, 404]) == 1
    assert due(room) == [parcels[1]]
    assert outbox.remove(room.connection, []) in {0, -1}


def test_a_body_opens_for_its_own_chat_only(room: Room) -> None:
    put(room)
    room.store.write("UPDATE outbox SET chat_id = 101")
    with pytest.raises(TamperedError):
        due(room)
