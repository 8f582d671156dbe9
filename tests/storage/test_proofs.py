"""Codes and identity checks: what is kept of them, and the counts that limit them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.model import IdentityCheck, Person
from storage.proofs import TRIES
from tests.storage.room import AT, ID_NUMBER, NAME, PHONE, Room, furnished

CODE = "482913"
LATER = AT + 300_000
OTHER_PHONE = "+8613900139000"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with furnished(tmp_path) as room:
        yield room


@pytest.fixture
def person(room: Room) -> Person:
    return room.store.add_person(100, PHONE, AT)


def challenge(room: Room, *, telegram_id: int = 100, phone: str = PHONE, code: str = CODE, at: int = AT) -> int:
    return room.store.add_challenge(telegram_id, phone, code, at, at + LATER - AT)


# --- codes -----------------------------------------------------------------------------------------------------------


def test_a_right_code_is_used_up(room: Room) -> None:
    asked = challenge(room)
    assert room.store.try_code(asked, CODE, AT) == "right"
    assert room.store.try_code(asked, CODE, AT) == "expired"


def test_a_code_ends_at_its_moment_which_can_be_moved(room: Room) -> None:
    asked = challenge(room)
    assert room.store.try_code(asked, CODE, LATER) == "expired"
    room.store.extend_challenge(asked, LATER + 1)
    assert room.store.try_code(asked, CODE, LATER) == "right"


def test_wrong_tries_end_a_code_for_good(room: Room) -> None:
    asked = challenge(room)
    verdicts = [room.store.try_code(asked, "000000", AT) for _ in range(TRIES + 1)]
    assert verdicts == ["wrong"] * (TRIES - 1) + ["spent"] * 2
    assert room.store.try_code(asked, CODE, AT) == "spent"
    assert room.store.wrong_codes(PHONE, AT - 1) == TRIES
    assert room.store.wrong_codes(PHONE, AT) == 0
    assert room.store.wrong_codes(OTHER_PHONE, AT - 1) == 0


def test_a_newer_code_ends_the_earlier_one_of_its_chat_only(room: Room) -> None:
    first, elsewhere = challenge(room), challenge(room, telegram_id=101)
    second = challenge(room, code="111111")
    assert room.store.try_code(first, CODE, AT) == "expired"
    assert room.store.try_code(second, "111111", AT) == "right"
    assert room.store.try_code(elsewhere, CODE, AT) == "right"


def test_a_code_that_never_went_out_counts_for_nothing(room: Room) -> None:
    asked = challenge(room)
    assert (room.store.sms_times(PHONE, AT - 1), room.store.sms_total(AT - 1)) == ([AT], 1)
    room.store.withdraw_challenge(asked)
    assert (room.store.sms_times(PHONE, AT - 1), room.store.sms_total(AT - 1)) == ([], 0)
    assert room.store.sms_phones(100, PHONE, AT - 1) == (0, 1)
    assert room.store.try_code(asked, CODE, AT) == "expired"


def test_codes_are_counted_by_number_chat_and_altogether(room: Room) -> None:
    for at, telegram_id, phone in ((AT, 100, PHONE), (AT + 1, 100, OTHER_PHONE), (AT + 2, 101, PHONE)):
        challenge(room, telegram_id=telegram_id, phone=phone, at=at)
    assert room.store.sms_times(PHONE, AT - 1) == [AT, AT + 2]
    assert room.store.sms_times(PHONE, AT) == [AT + 2]
    assert room.store.sms_phones(100, PHONE, AT - 1) == (2, 2)
    assert room.store.sms_phones(100, "+8613700137000", AT - 1) == (2, 3)
    assert room.store.sms_phones(101, OTHER_PHONE, AT - 1) == (1, 2)
    assert room.store.sms_total(AT) == 2


def test_a_code_that_is_not_there_has_ended(room: Room) -> None:
    assert room.store.try_code(404, CODE, AT) == "expired"
    room.store.extend_challenge(404, LATER)
    room.store.withdraw_challenge(404)


def test_of_a_code_nothing_readable_is_kept_nor_of_its_number(room: Room) -> None:
    challenge(room)
    ((telegram_id, index, kept),) = room.store.all("SELECT telegram_id, phone_index, code_hash FROM challenges")
    assert telegram_id == 100
    assert CODE.encode() not in kept
    assert PHONE.encode() not in index
    other = challenge(room, telegram_id=101)
    assert room.store.all("SELECT code_hash FROM challenges WHERE id = ?", other) != [(kept,)]


# --- identity checks -------------------------------------------------------------------------------------------------


def check(room: Room, person: Person, at: int = AT, id_number: str = ID_NUMBER) -> int:
    return room.store.add_identity_check(person.id, NAME, id_number, "resident_id", at)


def test_a_question_is_pending_until_it_is_settled(room: Room, person: Person) -> None:
    assert room.store.pending_identity_check(person.id) is None
    asked = check(room, person)
    kept = room.store.identity_check(asked)
    assert kept == room.store.pending_identity_check(person.id)
    assert kept is not None
    assert (kept.name, kept.id_number, kept.verdict) == (NAME, ID_NUMBER, None)
    room.store.settle_identity_check(asked, "match")
    assert room.store.pending_identity_check(person.id) is None
    settled = room.store.identity_check(asked)
    assert isinstance(settled, IdentityCheck)
    assert settled.verdict == "match"
    assert room.store.identity_check(404) is None


def test_only_mismatches_count_by_person_and_by_number(room: Room, person: Person) -> None:
    other = room.store.add_person(101, OTHER_PHONE, AT)
    for who, at, verdict in (
        (person, AT, "mismatch"),
        (person, AT + 1, "mismatch"),
        (person, AT + 1, "given_up"),
        (other, AT + 1, "mismatch"),
    ):
        room.store.settle_identity_check(check(room, who, at), verdict)
    check(room, person)
    assert room.store.identity_mismatches(person.id, ID_NUMBER, AT - 1) == (2, 3)
    assert room.store.identity_mismatches(person.id, ID_NUMBER, AT) == (1, 2)
    assert room.store.identity_mismatches(other.id, "11010119900307790X", AT - 1) == (1, 0)
