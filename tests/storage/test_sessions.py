"""Sessions and the screens that stand: one a chat, sealed for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.engine.session import Frame, Session
from storage import sessions
from storage.sessions import Standing
from storage.vault import TamperedError
from tests.storage.room import AT, ID_NUMBER, NAME, Room, furnished

SESSION = Session(
    100, "zh", True, 7, [Frame("home", "menu", 1), Frame("real_name", "confirm", 1, {"name": NAME, "n": ID_NUMBER})], 3
)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with furnished(tmp_path_factory.mktemp("sessions")) as room:
        yield room


@pytest.fixture(autouse=True)
def _undone(room: Room) -> Iterator[None]:
    room.connection.execute("BEGIN")
    yield
    room.connection.execute("ROLLBACK")


def save(room: Room, session: Session, at: int = AT) -> None:
    sessions.save(room.connection, room.vault, session, at)


def load(room: Room, chat_id: int = 100) -> Session | None:
    return sessions.load(room.connection, room.vault, chat_id)


def test_a_session_comes_back_as_it_was(room: Room) -> None:
    assert load(room) is None
    save(room, SESSION)
    assert load(room) == SESSION
    assert load(room, 101) is None


def test_a_session_is_replaced_by_what_became_of_it(room: Room) -> None:
    save(room, SESSION)
    later = Session(100, "en", False, 8, [Frame("home", "menu", 1)])
    save(room, later, AT + 1)
    assert load(room) == later
    assert room.store.all("SELECT updated_at FROM sessions") == [(AT + 1,)]


def test_a_session_opens_for_its_own_chat_only(room: Room) -> None:
    save(room, SESSION)
    room.store.write("UPDATE sessions SET chat_id = 101")
    with pytest.raises(TamperedError):
        load(room, 101)


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
frames = st.builds(Frame, words, words, st.integers(0, 99), st.dictionaries(words, words, max_size=4))


@settings(max_examples=40, deadline=None)
@given(
    session=st.builds(
        Session,
        st.integers(-(2**62), 2**62),
        st.sampled_from(["zh", "en"]),
        st.booleans(),
        st.integers(0, 2**40),
        st.lists(frames, max_size=8),
        st.none() | st.integers(1, 2**40),
    )
)
def test_any_session_comes_back_as_it_was(room: Room, session: Session) -> None:
    save(room, session)
    assert load(room, session.chat_id) == session


def test_one_screen_stands_in_a_chat(room: Room) -> None:
    assert sessions.standing(room.connection, 100) is None
    sessions.stands(room.connection, 100, Standing(5, "text", b"one"))
    sessions.stands(room.connection, 101, Standing(6, "captcha", b"two"))
    sessions.stands(room.connection, 100, Standing(9, "contact", b"three"))
    assert sessions.standing(room.connection, 100) == Standing(9, "contact", b"three")
    assert sessions.standing(room.connection, 101) == Standing(6, "captcha", b"two")
