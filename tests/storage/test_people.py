"""People: found by account, phone and number, moved, proven, and sealed each with a key of their own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.model import Person
from storage.vault import ForgottenError, TamperedError
from tests.storage.room import AT, ID_NUMBER, NAME, PHONE, Room, furnished

OTHER_PHONE = "+8613900139000"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with furnished(tmp_path) as room:
        yield room


def test_a_person_is_found_by_account_and_phone(room: Room) -> None:
    added = room.store.add_person(100, PHONE, AT)
    assert added == Person(1, 100, PHONE)
    assert room.store.person(100) == room.store.person_by_phone(PHONE) == room.store.person_by_id(1) == added
    assert room.store.person(101) is None
    assert room.store.person_by_phone(OTHER_PHONE) is None


def test_an_account_moves_and_signs_the_old_one_out(room: Room) -> None:
    one, other = room.store.add_person(100, PHONE, AT), room.store.add_person(101, OTHER_PHONE, AT)
    room.store.move_person(one.id, 101)
    moved = room.store.person(101)
    assert moved is not None
    assert moved.id == one.id
    assert room.store.person(100) is None
    left = room.store.person_by_phone(OTHER_PHONE)
    assert left is not None
    assert (left.id, left.telegram_id) == (other.id, None)


def test_a_proven_name_is_kept_and_its_number_found(room: Room) -> None:
    person = room.store.add_person(100, PHONE, AT)
    room.store.verify_person(person.id, NAME, ID_NUMBER, "resident_id", AT)
    proven = room.store.person(100)
    assert proven is not None
    assert (proven.name, proven.id_number, proven.is_verified) == (NAME, ID_NUMBER, True)
    assert room.store.id_number_holder(ID_NUMBER) == person.id
    assert room.store.id_number_holder(ID_NUMBER[:-1]) is None


def test_no_two_people_share_a_phone_a_number_or_an_account(room: Room) -> None:
    one = room.store.add_person(100, PHONE, AT)
    room.store.verify_person(one.id, NAME, ID_NUMBER, "resident_id", AT)
    with pytest.raises(sqlite3.IntegrityError):
        room.store.add_person(101, PHONE, AT)
    with pytest.raises(sqlite3.IntegrityError):
        room.store.add_person(100, OTHER_PHONE, AT)
    other = room.store.add_person(101, OTHER_PHONE, AT)
    with pytest.raises(sqlite3.IntegrityError):
        room.store.verify_person(other.id, NAME, ID_NUMBER, "resident_id", AT)


@pytest.mark.parametrize(
    "half",
    [
        "UPDATE people SET name = x'00'",
        "UPDATE people SET id_number = x'00'",
        "UPDATE people SET verified_at = 1",
        "UPDATE people SET name = x'00', id_number = x'00'",
    ],
)
def test_name_and_number_are_there_together_or_not_at_all(room: Room, half: str) -> None:
    room.store.add_person(100, PHONE, AT)
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        room.store.write(half)


def test_what_is_known_of_one_person_does_not_open_for_another(room: Room) -> None:
    room.store.add_person(100, PHONE, AT)
    room.store.add_person(101, OTHER_PHONE, AT)
    room.store.write("UPDATE people SET phone = (SELECT phone FROM people WHERE id = 1) WHERE id = 2")
    with pytest.raises(TamperedError):
        room.store.person(101)
    room.vault.forget(1)
    with pytest.raises(ForgottenError):
        room.store.person(100)


def test_a_person_whose_turn_was_undone_leaves_the_id_to_the_next(room: Room) -> None:
    room.connection.execute("BEGIN")
    room.store.add_person(100, PHONE, AT)
    room.connection.execute("ROLLBACK")
    again = room.store.add_person(101, OTHER_PHONE, AT)
    assert room.store.person(101) == again


def test_an_id_is_never_given_twice(room: Room) -> None:
    first = room.store.add_person(100, PHONE, AT)
    room.store.write("DELETE FROM people")
    assert room.store.add_person(100, PHONE, AT).id == first.id + 1


def test_a_consent_counts_for_its_account_text_and_version(room: Room) -> None:
    room.store.add_consent(100, "account", 1, AT)
    room.store.add_consent(100, "account", 1, AT + 1)
    assert room.store.has_consent(100, "account", 1)
    assert not room.store.has_consent(101, "account", 1)
    assert not room.store.has_consent(100, "account", 2)
    assert not room.store.has_consent(100, "declaration", 1)


def test_who_cannot_be_reached_is_known_since_the_first_time(room: Room) -> None:
    for at, reachable in ((AT, False), (AT + 1, False)):
        room.store.mark_reachable(100, at, reachable)
    assert room.store.all("SELECT telegram_id, since FROM unreachable") == [(100, AT)]
    room.store.mark_reachable(100, AT + 2, reachable=True)
    room.store.mark_reachable(101, AT + 2, reachable=True)
    assert room.store.all("SELECT * FROM unreachable") == []
