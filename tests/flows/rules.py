"""What holds for every turn, whatever is played: the engine's promises to people, checked after each event."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from bot.callbacks import encode
from flows.book import BOOK
from flows.effects import Answer, Effect, Place, Show
from flows.engine.session import DEPTH, Session
from flows.events import Came, Event, Follow, Membership, Press

MOST_ROWS = 9  # a page of eight and the row that turns it


def check_session(session: Session) -> None:
    """It can be stored, nothing in it is unknown, and the person has something before their eyes."""
    assert Session.load(session.chat_id, orjson.loads(orjson.dumps(session.dump()))) == session
    assert 1 <= len(session.frames) <= DEPTH
    assert session.frames[0].flow == BOOK.home
    for frame in session.frames:
        assert frame.state in BOOK.flows[frame.flow].states, (frame.flow, frame.state)
        assert all(isinstance(part, str) for item in frame.data.items() for part in item), frame
    assert BOOK.flows[session.top.flow].states[session.top.state].view is not None, session.top


def check_screen(show: Show, session: Session) -> None:
    """Buttons can be written, told apart, and there is a way on."""
    buttons = [button for row in show.rows for button in row]
    assert buttons or show.ask_contact
    assert len(show.rows) <= MOST_ROWS
    told_apart = {(button.id, button.argument) for button in buttons}
    assert len(told_apart) == len(buttons)
    for button in buttons:
        encode(session.revision, button.id, button.argument)


def check_turn(before: Session, event: Event, after: Session, effects: Sequence[Effect]) -> None:
    check_session(after)
    shows = [effect for effect in effects if isinstance(effect, Show)]
    answers = [effect for effect in effects if isinstance(effect, Answer)]
    signed_out = before.person_id is not None and after.person_id != before.person_id
    revision = before.revision + signed_out
    accepted = after.revision == revision + 1
    assert accepted or after.revision == revision
    for show in shows:
        check_screen(show, after)
    match event:
        case Follow():
            assert [answer.query_id for answer in answers] == [event.query_id]
            assert accepted
            assert len(shows) == 1
        case Press():
            assert [answer.query_id for answer in answers] == [event.query_id]
            assert len(shows) == 1
            if not accepted:
                assert list(effects) == [Answer(event.query_id, "stale"), shows[0]]
                assert (shows[0].place, shows[0].pressed) == (Place.AGAIN, event.message_id)
                assert after.dump() == before.dump() or signed_out or not before.frames
        case Membership() | Came():
            assert not answers
            assert accepted <= len(shows) <= 1
        case _:
            assert not answers
            assert accepted
            assert len(shows) == 1
