"""Registrations: one that lives a plan and person, numbers that are unique, a counter that is right."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.model import RegistrationState
from flows.ports import AlreadyRegistered
from tests.storage.room import AT, OTHER_PLAN, PLAN, Room, furnished


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with furnished(tmp_path) as room:
        yield room


def test_a_registration_is_found_by_number_person_and_plan(room: Room) -> None:
    person = room.register()
    kept = room.store.registration("HD2603-A")
    assert kept is not None
    assert (kept.plan_code, kept.person_id, kept.submission_id, kept.registered_at) == (PLAN.code, person.id, 1, AT)
    assert room.store.live_registration(person.id, PLAN.code) == kept
    assert room.store.live_registration(person.id, OTHER_PLAN.code) is None
    assert room.store.registrations(person.id) == [kept]
    assert room.store.registration("HD2603-B") is None
    assert room.store.registered(PLAN.code) == 1


def test_a_person_is_registered_once_in_a_plan(room: Room) -> None:
    person = room.register()
    with pytest.raises(AlreadyRegistered):
        room.store.register("HD2603-B", person.id, PLAN.code, 1, AT)
    assert room.store.registered(PLAN.code) == 1


def test_the_index_refuses_a_second_whatever_the_program_thinks(room: Room) -> None:
    person = room.register()
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        room.store.write(
            "INSERT INTO registrations (number, plan_code, person_id, submission_id, state, registered_at)"
            " VALUES ('HD2603-B', ?, ?, 1, 'under_review', ?)",
            PLAN.code,
            person.id,
            AT,
        )


def test_a_number_that_is_taken_is_not_given_again(room: Room) -> None:
    room.register()
    other = room.store.add_person(101, "+8613900139000", AT)
    assert room.store.register("HD2603-A", other.id, PLAN.code, 1, AT) is None
    assert room.store.registered(PLAN.code) == 1


@pytest.mark.parametrize(("person_id", "plan", "submission"), [(404, PLAN.code, 1), (1, "NO", 1), (1, PLAN.code, 404)])
def test_a_registration_of_nobody_or_nothing_is_a_mistake(
    room: Room, person_id: int, plan: str, submission: int
) -> None:
    room.register()
    room.store.cancel("HD2603-A", AT)
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        room.store.register("HD2603-B", person_id, plan, submission, AT)


def test_a_cancelled_registration_stays_and_makes_room(room: Room) -> None:
    person = room.register()
    room.store.cancel("HD2603-A", AT + 1)
    room.store.cancel("HD2603-A", AT + 2)
    room.store.cancel("HD2603-404", AT + 2)
    assert room.store.registered(PLAN.code) == 0
    kept = room.store.registration("HD2603-A")
    assert kept is not None
    assert (kept.state, kept.cancelled_at) == (RegistrationState.CANCELLED, AT + 1)
    assert room.store.live_registration(person.id, PLAN.code) is None
    again = room.store.register("HD2603-B", person.id, PLAN.code, 1, AT + 3)
    assert again is not None
    assert room.store.registrations(person.id) == [again, kept]
    assert room.store.registered(PLAN.code) == 1


def test_everybody_has_their_own(room: Room) -> None:
    one, other = room.register(), room.register("+8613900139000", 101, "HD2603-B")
    assert [registration.number for registration in room.store.registrations(one.id)] == ["HD2603-A"]
    assert [registration.number for registration in room.store.registrations(other.id)] == ["HD2603-B"]
    assert room.store.registered(PLAN.code) == 2
    assert room.store.registered("NOWHERE") == 0
