"""The inbox: every update once, in order, until it is played or set aside."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import inbox
from storage.inbox import KEPT_IDS, Letter
from storage.vault import TamperedError
from tests.storage.room import AT, PHONE, Room, furnished

BODY = f'{{"text": "{PHONE}"}}'.encode()


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with furnished(tmp_path) as room:
        yield room


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with furnished(tmp_path_factory.mktemp("inbox")) as room:
        yield room


def receive(room: Room, *updates: int, at: int = AT, body: bytes = BODY) -> list[Letter]:
    return inbox.receive(room.connection, room.vault, [(update, 100, body) for update in updates], at)


def test_updates_wait_in_the_order_they_came(room: Room) -> None:
    letters = receive(room, 7, 5) + receive(room, 6, at=AT + 1)
    assert [letter.key for letter in letters] == ["update:7", "update:5", "update:6"]
    assert inbox.waiting(room.connection, room.vault) == letters
    assert [letter.received_at for letter in letters] == [AT, AT, AT + 1]
    assert {letter.body for letter in letters} == {BODY}


def test_an_update_that_comes_again_is_ignored_also_after_it_was_played(room: Room) -> None:
    (letter,) = receive(room, 7)
    assert receive(room, 7, 7, body=b"{}") == []
    assert inbox.remove(room.connection, letter)
    assert receive(room, 7) == []
    assert inbox.waiting(room.connection, room.vault) == []


def test_an_update_may_come_again_when_its_id_has_been_forgotten(room: Room) -> None:
    (letter,) = receive(room, 7)
    inbox.remove(room.connection, letter)
    inbox.forget_ids(room.connection, AT + KEPT_IDS)
    assert receive(room, 7) == []
    inbox.forget_ids(room.connection, AT + KEPT_IDS + 1)
    assert len(receive(room, 7)) == 1


def test_a_letter_is_played_once(room: Room) -> None:
    (letter,) = receive(room, 7)
    assert inbox.remove(room.connection, letter)
    assert not inbox.remove(room.connection, letter)


def test_a_result_is_put_in_once(room: Room) -> None:
    put = inbox.put(room.connection, room.vault, "came:1", 100, AT, BODY)
    assert inbox.waiting(room.connection, room.vault) == [put]
    with pytest.raises(sqlite3.IntegrityError):
        inbox.put(room.connection, room.vault, "came:1", 100, AT, BODY)


def test_a_letter_set_aside_is_kept_sealed_with_what_went_wrong(room: Room) -> None:
    (letter,) = receive(room, 7)
    inbox.set_aside(room.connection, room.vault, letter, "KeyError flows/x.py:1", AT + 1)
    inbox.set_aside(room.connection, room.vault, letter, "again", AT + 2)
    assert inbox.waiting(room.connection, room.vault) == []
    ((key, error, failed_at, body),) = room.store.all("SELECT key, error, failed_at, body FROM dead_letters")
    assert (key, error, failed_at) == ("update:7", "KeyError flows/x.py:1", AT + 1)
    assert BODY not in body
    assert room.vault.open_system("dead_letters", key, body) == BODY


def test_a_body_opens_under_its_own_key_only(room: Room) -> None:
    receive(room, 7, 8)
    room.store.write("UPDATE inbox SET body = (SELECT body FROM inbox WHERE key = 'update:7') WHERE key = 'update:8'")
    with pytest.raises(TamperedError):
        inbox.waiting(room.connection, room.vault)


@settings(max_examples=30, deadline=None)
@given(batches=st.lists(st.lists(st.integers(0, 2**31 - 1), max_size=8), max_size=5), body=st.binary(max_size=200))
def test_of_any_batches_every_update_waits_once(shared: Room, batches: list[list[int]], body: bytes) -> None:
    shared.connection.execute("BEGIN")
    letters = [letter for batch in batches for letter in receive(shared, *batch, body=body)]
    waiting = inbox.waiting(shared.connection, shared.vault)
    shared.connection.execute("ROLLBACK")
    assert waiting == letters
    assert [letter.key for letter in letters] == list(dict.fromkeys(f"update:{n}" for batch in batches for n in batch))
