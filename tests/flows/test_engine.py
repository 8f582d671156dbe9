"""The engine's own rules: stale presses, what does not fit, pages beside the conversation, sessions of other times."""

from __future__ import annotations

import sqlite3

import orjson
import pytest

from flows.book import BOOK
from flows.effects import Answer, Button, Place, Show
from flows.engine.fire import Book, FlowError, fire
from flows.engine.flow import OPENING, PASSED, RESUMED, Flow, State, Transition, View
from flows.engine.session import DEPTH, Frame, Session
from flows.engine.turn import Turn
from flows.events import Came, Command, Contact, Edited, Event, File, Follow, Membership, Other, Press, Text
from flows.model import HOUR
from tests.flows.conftest import House
from tests.flows.stage import Chat, Stage
from tests.flows.town import NOW, OPEN, UPCOMING, PlainWords

FILE = File("id", "unique", as_document=False)


# --- what is met with what -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "error"),
    [
        (Text("你好"), "expects_button"),
        (Contact("8613800138000", is_own=True), "expects_button"),
        (FILE, "expects_button"),
        (Other("sticker"), "expects_button"),
        (Edited(1), "edited"),
        (Command("nothing"), "unknown_command"),
        (Command("start"), ""),
    ],
)
def test_somebody_new_sends_anything_and_sees_home(chat: Chat, event: Event, error: str) -> None:
    reaction = chat.does(event)
    assert (chat.at, reaction.error) == ("home/menu", error)
    assert reaction.one(Show).place is Place.SEND


def test_somebody_new_presses_an_old_button_and_sees_home(chat: Chat) -> None:
    reaction = chat.does(Press("records", "", 0, 5, "query"))
    assert reaction.toast in {"", "stale"}
    assert len(reaction.all(Show)) == 1


def test_somebody_sends_what_does_not_fit_and_is_told_what_is_expected(chat: Chat) -> None:
    chat.commands("me")
    chat.taps("agree")
    assert chat.sends_file("a").error == "expects_phone"
    chat.shares()
    assert chat.does(Other("voice")).error == "expects_text"
    chat.says(chat.codes[chat.data["challenge"]])
    assert chat.says("好的").error == "expects_button"
    chat.taps("real_name")
    chat.proves_name()
    chat.opens_plan()
    chat.taps("fill_in")
    chat.taps("section", "documents")
    assert chat.says("在这里").error == "expects_files"


# --- presses ---------------------------------------------------------------------------------------------------------


def test_somebody_taps_twice_and_the_second_changes_nothing(stage: Stage, chat: Chat) -> None:
    chat.commands("start")
    press = Press("plans", "", chat.session.revision, 9, "query")
    assert chat.does(press).toast == ""
    stored, written = chat.stored, stage.connection.total_changes
    again = chat.does(press)
    assert again.effects == (Answer("query", "stale"), again.one(Show))
    assert (again.one(Show).place, again.one(Show).pressed) == (Place.AGAIN, 9)
    assert (chat.stored, stage.connection.total_changes) == (stored, written)


@pytest.mark.parametrize(
    ("button", "argument"), [("records", "x"), ("nothing", ""), ("opening", ""), (PASSED, ""), (RESUMED, ""), ("", "")]
)
def test_somebody_forges_a_button_of_this_very_screen_and_it_is_stale(chat: Chat, button: str, argument: str) -> None:
    chat.commands("start")
    stored = chat.stored
    assert chat.does(Press(button, argument, chat.session.revision)).toast == "stale"
    assert chat.stored == stored


def test_an_accepted_press_is_answered_first_and_edits_the_screen(chat: Chat) -> None:
    chat.commands("start")
    reaction = chat.taps("plans")
    assert isinstance(reaction.effects[0], Answer)
    assert reaction.one(Show).place is Place.EDIT


def test_a_button_beside_the_screen_leads_where_its_link_does_at_any_time(chat: Chat) -> None:
    chat.commands("me")
    reaction = chat.does(Follow(f"plan_{OPEN.code}", 4, "query"))
    assert (chat.at, chat.data["plan"], reaction.toast) == ("plans/plan", OPEN.code, "")


def test_a_person_who_blocks_the_bot_is_unreachable_until_they_come_back(stage: Stage, chat: Chat) -> None:
    assert chat.does(Membership(blocked=True)).effects == ()
    since = stage.connection.execute("SELECT telegram_id, since FROM unreachable").fetchall()
    assert since == [(chat.chat_id, NOW)]
    chat.does(Membership(blocked=False))
    assert stage.connection.execute("SELECT * FROM unreachable").fetchall() == []


def test_a_result_that_nobody_knows_changes_nothing(chat: Chat) -> None:
    chat.commands("start")
    stored = chat.stored
    assert chat.does(Came("weather", {"status": "sunny"})).effects == ()
    assert chat.stored == stored


# --- pages beside the conversation -----------------------------------------------------------------------------------


def test_somebody_looks_beside_and_goes_on_where_they_were(chat: Chat) -> None:
    chat.commands("me")
    chat.taps("agree")
    assert chat.at == "sign_up/ask_phone"
    for command in ("help", "privacy", "language"):
        chat.commands(command)
        assert chat.at.startswith(command)
        chat.taps("back")
        assert chat.at == "sign_up/ask_phone"


def test_somebody_looks_beside_in_circles_and_nothing_piles_up(chat: Chat) -> None:
    chat.opens_plan()
    for _ in range(DEPTH):
        for command in ("help", "privacy", "help", "language"):
            chat.commands(command)
    assert len(chat.session.frames) < DEPTH
    while chat.at != "plans/plan":
        chat.taps("back")


def test_the_longest_way_through_the_screens_has_room_for_every_page_beside_it(chat: Chat) -> None:
    chat.commands("start")
    chat.taps("plans")
    chat.taps("plan", UPCOMING.code)
    chat.taps("projects")
    chat.taps("project", UPCOMING.projects[0].code)
    chat.taps("register")
    chat.taps("fill_in")
    chat.proves_phone()
    chat.taps("real_name")
    for command in ("help", "language", "privacy"):
        chat.commands(command)
    assert [frame.flow for frame in chat.session.frames][:7] == [
        *("home", "plans", "projects", "register", "application", "sign_up", "real_name")
    ]
    assert len(chat.session.frames) == 10


def test_the_page_that_is_open_is_asked_for_again_and_stays(chat: Chat) -> None:
    chat.commands("help")
    frames = chat.session.frames
    chat.commands("help")
    assert chat.session.frames == frames


# --- somebody else signs in ------------------------------------------------------------------------------------------


def test_an_account_that_moved_away_leaves_its_old_chat_at_home(stage: Stage, chat: Chat) -> None:
    chat.signs_up()
    chat.opens_plan()
    chat.taps("fill_in")
    chat.taps("section", "work")
    press = Press("contents", "", chat.session.revision, 1, "query")
    stage.now += HOUR
    stage.chat(2).signs_up()
    assert chat.does(press).toast == "stale"
    assert chat.at == "home/menu"
    assert chat.session.person_id is None
    assert chat.says("北京安居科技有限公司").error == "expects_button"


def test_an_account_that_moved_away_and_back_goes_on_with_its_form(stage: Stage, chat: Chat) -> None:
    chat.signs_up()
    chat.opens_plan()
    chat.taps("fill_in")
    chat.taps("section", "work")
    stage.now += HOUR
    stage.chat(2).signs_up()
    stage.now += HOUR
    chat.signs_up()
    chat.opens_plan()
    chat.taps("fill_in")
    assert chat.at == "application/overview"


# --- sessions of other times -----------------------------------------------------------------------------------------


def test_a_session_from_before_somebody_was_remembered_can_be_read() -> None:
    stored = Session(1, "zh", frames=[Frame("home", "menu", 1)]).dump()
    del stored["person"]
    assert Session.load(1, orjson.loads(orjson.dumps(stored))).person_id is None


def stored(*frames: Frame) -> bytes:
    return orjson.dumps(Session(1, "zh", revision=3, frames=list(frames)).dump())


def test_a_flow_that_is_gone_is_left_out(chat: Chat) -> None:
    chat.stored = stored(Frame("home", "menu", 1), Frame("lottery", "draw", 1), Frame("help", "contact", 1))
    chat.does(Edited())
    assert [frame.flow for frame in chat.session.frames] == ["home", "help"]


def test_a_state_that_is_gone_begins_its_flow_again_and_keeps_its_data(chat: Chat) -> None:
    chat.stored = stored(Frame("home", "menu", 1), Frame("plans", "map", 1, {"plan": OPEN.code}))
    chat.does(Edited())
    assert (chat.at, chat.data["plan"]) == ("plans/plan", OPEN.code)


def test_a_session_without_home_gets_one_below(chat: Chat) -> None:
    chat.stored = stored(Frame("help", "contact", 1))
    chat.does(Edited())
    assert chat.at == "help/contact"
    chat.taps("back")
    assert chat.at == "home/menu"


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
