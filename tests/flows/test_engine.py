"""The engine's own rules: stale presses, what does not fit, pages beside the conversation, sessions of other times."""

from __future__ import annotations

import orjson
import pytest

from flows.effects import Answer, DeleteMessage, Place, Show
from flows.engine.flow import PASSED, RESUMED
from flows.engine.session import DEPTH, Frame, Session
from flows.events import Came, Command, Contact, Edited, Event, File, Follow, Membership, Other, Press, Text
from flows.model import HOUR
from tests.flows.stage import Chat, Stage
from tests.flows.town import ID_NUMBER, NOW, OPEN, UPCOMING

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


# --- what is private -------------------------------------------------------------------------------------------------


def test_an_id_number_typed_anywhere_is_taken_out_of_the_chat(chat: Chat) -> None:
    chat.commands("start")
    reaction = chat.says(ID_NUMBER)
    assert (len(reaction.all(DeleteMessage)), reaction.error, reaction.notice) == (
        1,
        "expects_button",
        "message_deleted",
    )
    assert not chat.says("110101199003070000").all(DeleteMessage)  # a wrong check digit: no such number


def test_an_id_number_that_is_read_is_deleted_once(chat: Chat) -> None:
    chat.signs_up()
    chat.opens_plan()
    chat.taps("fill_in")
    chat.taps("section", "work")
    reaction = chat.says(ID_NUMBER)
    assert len(reaction.all(DeleteMessage)) == 1


def test_somebody_sends_a_sticker_where_options_are_and_is_asked_to_choose(chat: Chat) -> None:
    chat.signs_up()
    chat.opens_plan()
    chat.taps("fill_in")
    chat.taps("section", "basics")
    assert chat.does(Other("sticker")).error == "expects_choice"
