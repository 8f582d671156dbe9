"""Plays one event on one session: the rules that hold for every screen live here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flows.effects import Answer, DeleteMessage, Place, Show
from flows.engine.fields import IdNumber, Invalid
from flows.engine.flow import CONTACT_SHARED, FILE_SENT, OPENING, PASSED, RESUMED, TEXT_SENT, Flow, came, drawn
from flows.engine.session import DEPTH, Frame
from flows.engine.turn import Turn
from flows.events import Came, Command, Contact, Edited, File, Follow, Membership, Press, Text


class FlowError(Exception):
    """A flow is wrong, not the person: no way on, or flows opening each other without end."""


CommandHandler = Callable[[Turn, str], None]


class Book:
    """All flows, the one that is home, and what the commands do."""

    def __init__(self, flows: tuple[Flow, ...], home: str, commands: Mapping[str, CommandHandler]) -> None:
        self.flows = {flow.name: flow for flow in flows}
        self.home = home
        self.commands = commands

    def talking(self, turn: Turn) -> Flow:
        return self.flows[turn.frame.flow]


def fire(book: Book, turn: Turn) -> None:
    """Plays ``turn.event``. Afterwards the session rests in a state with a window, and the effects are complete.

    Raises FlowError for a mistake in a flow, and whatever a flow raises: the caller then throws all of it away.
    """
    _restore(book, turn)
    _play(book, turn)
    turn.session.person_id = _signed_in(turn)


def _play(book: Book, turn: Turn) -> None:
    match turn.event:
        case Membership(blocked=blocked):
            turn.repository.mark_reachable(turn.chat_id, turn.at, not blocked)
        case Came():
            _play_result(book, turn)
        case Press():
            _play_press(book, turn)
        case Follow(payload=payload, query_id=query_id):
            book.commands["start"](turn, payload)
            _settle(book, turn)
            turn.do(Answer(query_id))
            _accepted(book, turn, Place.SEND)
        case Command(name=name, argument=argument):
            handler = book.commands.get(name)
            if handler is None:
                turn.error("unknown_command")
            else:
                handler(turn, argument)
            _settle(book, turn)
            _accepted(book, turn, Place.SEND)
        case Edited():
            turn.error("edited")
            _accepted(book, turn, Place.SEND)
        case _:  # what only the flow that talks knows what to do with
            trigger = {Text: TEXT_SENT, Contact: CONTACT_SHARED, File: FILE_SENT}.get(type(turn.event), "")
            if book.talking(turn).trigger(trigger, turn):
                _settle(book, turn)
            else:
                turn.error(_expectation(book, turn))
            _keep_private(turn)
            _accepted(book, turn, Place.SEND)


def _keep_private(turn: Turn) -> None:
    """An ID number is taken out of the chat wherever it is typed, also where nobody asked for one."""
    if not isinstance(turn.event, Text) or any(isinstance(effect, DeleteMessage) for effect in turn.effects):
        return
    try:
        IdNumber().parse(turn.event.text, {})
    except Invalid:
        return
    turn.do(DeleteMessage(turn.event.message_id))
    if turn.told is None:
        turn.notice("message_deleted")


def _play_press(book: Book, turn: Turn) -> None:
    """Stale, forged and doubled presses change nothing: the button must stand on the screen as it is now."""
    press = turn.event
    assert isinstance(press, Press)  # noqa: S101 - narrows the type, the caller matched it
    if press.revision == turn.session.revision:
        view = book.talking(turn).view(turn)
        offered = any(
            button.id == press.button and button.argument == press.argument for button in (*drawn(view), *view.expired)
        )
        if offered and book.talking(turn).trigger(press.button, turn):
            _settle(book, turn)
            key, values = turn.toast or ("", {})
            turn.effects.insert(0, Answer(press.query_id, key, values))
            _accepted(book, turn, Place.EDIT)
            return
    turn.do(Answer(press.query_id, "stale"))
    _show(book, turn, Place.AGAIN, press.message_id)


def _play_result(book: Book, turn: Turn) -> None:
    """A job's result is written down by its flow, and moves the conversation if that is what it waits for."""
    result = turn.event
    assert isinstance(result, Came)  # noqa: S101 - narrows the type, the caller matched it
    for flow in book.flows.values():
        if result.job in flow.background:
            flow.background[result.job](turn)
    before = _places(turn)
    if book.talking(turn).trigger(came(result.job), turn):
        _settle(book, turn)
        if _places(turn) == before:
            _show(book, turn, Place.EDIT)  # with its revision: buttons do not die under the finger of who waits
        else:
            _accepted(book, turn, Place.EDIT)


def _places(turn: Turn) -> list[tuple[str, str]]:
    return [(frame.flow, frame.state) for frame in turn.session.frames]


def _accepted(book: Book, turn: Turn, place: Place) -> None:
    turn.session.revision += 1
    _show(book, turn, turn.place or place)


def _show(book: Book, turn: Turn, place: Place, pressed: int = 0) -> None:
    flow = book.talking(turn)
    view = flow.view(turn)
    turn.do(
        Show(
            view.window or flow.window(turn.state),
            view.values,
            view.rows,
            place=place,
            pressed=pressed,
            error=turn.failed,
            notice=turn.told,
            captcha=view.captcha,
            ask_contact=view.ask_contact,
            progress=view.progress,
        )
    )


def _expectation(book: Book, turn: Turn) -> str:
    """Which sentence says what is waited for in this state."""
    accepts = book.talking(turn).accepts[turn.state]
    if FILE_SENT in accepts:
        return "expects_files"
    if CONTACT_SHARED in accepts:
        return "expects_phone"
    if any(button.id == "choose" for button in drawn(book.talking(turn).view(turn))):
        return "expects_choice"
    return "expects_text" if TEXT_SENT in accepts else "expects_button"


def _restore(book: Book, turn: Turn) -> None:
    """Frames of flows or states that are no longer there begin again; what was answered is kept in the storage."""
    session = turn.session
    if session.person_id is not None and session.person_id != _signed_in(turn):
        # Signed out from elsewhere: what is open speaks of somebody who is not here any more, and so do its buttons.
        session.frames.clear()
        session.revision += 1
    session.frames = [frame for frame in session.frames if frame.flow in book.flows]
    for frame in session.frames:
        flow = book.flows[frame.flow]
        if frame.version != flow.version:
            if flow.upgrade is not None:
                flow.upgrade(frame)
            frame.version = flow.version
        if frame.state not in flow.states:
            frame.state = OPENING
    if not session.frames or session.frames[0].flow != book.home:
        session.frames.insert(0, Frame(book.home, OPENING, book.flows[book.home].version))
    _settle(book, turn)


def _signed_in(turn: Turn) -> int | None:
    return turn.person.id if turn.person is not None else None


def _settle(book: Book, turn: Turn) -> None:
    """Opens and closes flows and passes through states until the conversation rests."""
    for _ in range(64):
        session = turn.session
        if turn.restarting:
            turn.restarting = False
            turn.closing = None
            session.frames = [Frame(book.home, OPENING, book.flows[book.home].version)]
        elif turn.closing is not None:
            turn.result, turn.closing = turn.closing, None
            if len(session.frames) == 1:
                session.top.state = OPENING
            else:
                turn.ended = session.frames.pop().flow
                book.talking(turn).trigger(RESUMED, turn)
        elif book.talking(turn).states[turn.state].view is None and turn.opening is None:
            if not book.talking(turn).trigger(PASSED, turn):
                raise FlowError(f"{turn.frame.flow}/{turn.state}: no way on")
        elif turn.opening is not None:
            frame, turn.opening = turn.opening, None
            frame.state, frame.version = OPENING, book.flows[frame.flow].version
            session.frames = [*_below(session.frames, frame.flow), frame]
            if len(session.frames) > DEPTH:
                raise FlowError(f"{frame.flow}: too many flows open")
        else:
            return
    raise FlowError(f"{turn.frame.flow}/{turn.state}: never comes to rest")


def _below(frames: list[Frame], flow: str) -> list[Frame]:
    """What a flow that opens lies upon. One that is open already moves up: going in circles piles nothing up."""
    open_already = next((depth for depth, frame in enumerate(frames) if frame.flow == flow), len(frames))
    return frames[:open_already]
