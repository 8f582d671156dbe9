"""Flows that are wrong are told what is wrong; those that there are leave nobody stuck."""

from __future__ import annotations

import sqlite3

import pytest

from flows.book import BOOK
from flows.effects import Button
from flows.engine.fire import Book, FlowError, fire
from flows.engine.flow import OPENING, PASSED, RESUMED, Flow, State, Transition, View
from flows.engine.session import DEPTH, Frame, Session
from flows.engine.turn import Turn
from flows.events import Edited, Event
from tests.flows.conftest import House
from tests.flows.stage import Chat, Stage
from tests.flows.town import NOW, PlainWords

# --- flows that are wrong --------------------------------------------------------------------------------------------


def view(_: Turn) -> View:
    return View(rows=((Button("go"),),))


def book(*flows: Flow) -> Book:
    return Book(flows, flows[0].name, {})


def play(house: House, book: Book, event: Event, *frames: Frame) -> Turn:
    with house.stage() as stage:
        session = Session(1, "zh", frames=list(frames))
        turn = Turn(session, event, at=NOW, repository=stage.repository, chance=stage.chance, words=PlainWords())
        fire(book, turn)
        return turn


def test_a_flow_of_an_older_version_is_brought_up_to_date(house: House) -> None:
    def upgrade(frame: Frame) -> None:
        frame.state, frame.data["upgraded"] = "new", "yes"

    flow = Flow("home", 2, [State("new", view)], [Transition(OPENING, PASSED, "new")], upgrade=upgrade)
    turn = play(house, book(flow), Edited(), Frame("home", "old", 1, {}))
    assert turn.session.frames == [Frame("home", "new", 2, {"upgraded": "yes"})]


def test_a_flow_without_an_upgrade_keeps_its_state(house: House) -> None:
    flow = Flow("home", 2, [State("new", view)], [Transition(OPENING, PASSED, "new")])
    turn = play(house, book(flow), Edited(), Frame("home", "new", 1, {}))
    assert turn.session.frames == [Frame("home", "new", 2, {})]


def test_a_state_with_no_way_on_is_a_mistake_that_is_named(house: House) -> None:
    stuck = Flow("home", 1, [State("menu", view), State("hall")], [Transition(OPENING, PASSED, "hall")])
    with pytest.raises(FlowError, match="home/hall: no way on"):
        play(house, book(stuck), Edited())


def test_states_that_pass_to_each_other_are_a_mistake_that_is_named(house: House) -> None:
    there, back = Transition("here", PASSED, "there"), Transition("there", PASSED, "here")
    endless = Flow("home", 1, [State("here"), State("there")], [Transition(OPENING, PASSED, "here"), there, back])
    with pytest.raises(FlowError, match="never comes to rest"):
        play(house, book(endless), Edited())


def test_more_open_flows_than_any_path_needs_are_a_mistake_that_is_named(house: House) -> None:
    def opens(name: str) -> Transition:
        return Transition(OPENING, PASSED, None, do=[lambda turn: turn.open(name)])

    home = Flow("home", 1, [State("menu", view)], [opens("flow1")])
    others = [Flow(f"flow{number}", 1, [], [opens(f"flow{number + 1}")]) for number in range(1, DEPTH + 1)]
    with pytest.raises(FlowError, match="too many flows open"):
        play(house, book(home, *others), Edited())


def test_a_flow_with_two_states_of_one_name_is_refused() -> None:
    with pytest.raises(ValueError, match="two states of one name"):
        Flow("home", 1, [State("menu"), State("menu", view)], [])


@pytest.mark.parametrize(("source", "dest"), [("menu", "nowhere"), ("nowhere", "menu"), (("menu", "nowhere"), None)])
def test_a_transition_from_or_to_nowhere_is_refused(source: str | tuple[str, ...], dest: str | None) -> None:
    with pytest.raises(ValueError, match="no such state"):
        Flow("home", 1, [State("menu", view)], [Transition(source, "go", dest)])


def test_a_state_that_is_only_passed_through_shows_nothing(house: House) -> None:
    turn = play(house, BOOK, Edited())
    turn.session.top.state = OPENING
    with pytest.raises(LookupError, match="shows nothing"):
        BOOK.talking(turn).view(turn)


def test_what_did_not_come_with_an_event_is_not_made_up(house: House) -> None:
    turn = play(house, BOOK, Edited())
    assert (turn.text, turn.argument) == ("", "")
    with pytest.raises(TypeError):
        _ = turn.file
    with pytest.raises(LookupError):
        _ = turn.somebody


def test_a_turn_that_fails_leaves_nothing_behind(stage: Stage, chat: Chat) -> None:
    chat.commands("start")
    before = chat.stored
    stage.connection.execute("ALTER TABLE consents RENAME TO mislaid")
    with pytest.raises(sqlite3.OperationalError):
        chat.commands("me")
    assert chat.stored == before


# --- every state -----------------------------------------------------------------------------------------------------

FACTS = {PASSED, RESUMED}


def waits_for(flow: Flow, state: str) -> set[str]:
    return {trigger for trigger in flow.accepts[state] if trigger not in FACTS and not trigger.endswith("_came")}


def test_every_state_with_a_screen_waits_for_something_that_people_can_do() -> None:
    deaf = [
        f"{flow.name}/{state.name}"
        for flow in BOOK.flows.values()
        for state in flow.states.values()
        if state.view is not None and not waits_for(flow, state.name)
    ]
    assert deaf == []


def test_every_state_without_a_screen_is_passed_through() -> None:
    stuck = [
        f"{flow.name}/{state.name}"
        for flow in BOOK.flows.values()
        for state in flow.states.values()
        if state.view is None and PASSED not in flow.accepts[state.name]
    ]
    assert stuck == []


def test_every_state_can_be_reached_from_the_opening_of_its_flow() -> None:
    for flow in BOOK.flows.values():
        reached, waiting = {OPENING}, [OPENING]
        while waiting:
            here = waiting.pop()
            for transition in flow.transitions:
                sources = [transition.source] if isinstance(transition.source, str) else transition.source
                if here in sources and transition.dest is not None and transition.dest not in reached:
                    reached.add(transition.dest)
                    waiting.append(transition.dest)
        assert reached == set(flow.states), flow.name
