"""Records: the list, one of them, its PDF, cancelling in time and too late, and what others may not see."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flows.applicant import records
from flows.effects import MakeRecord
from flows.engine.lists import PAGE
from flows.events import Came, Press
from flows.model import MINUTE, RegistrationState
from tests.flows.stage import Chat, Stage
from tests.flows.town import OPEN, UPCOMING


@pytest.fixture
def registered(chat: Chat) -> Chat:
    """At the record of a registration, come to by the list."""
    chat.signs_up().submits().registers()
    chat.commands("records")
    (number,) = (button.argument for button in chat.buttons if button.id == "record")
    chat.taps("record", number)
    assert chat.at == "records/record"
    return chat


def state(chat: Chat) -> RegistrationState:
    registration = chat.stage.repository.registration(chat.data["number"])
    assert registration is not None
    return registration.state


# --- the list --------------------------------------------------------------------------------------------------------


def test_who_is_not_signed_in_signs_in_first(chat: Chat) -> None:
    chat.commands("records")
    assert chat.at == "sign_up/consent"
    chat.taps("back")
    assert chat.at == "home/menu"
    chat.commands("records")
    chat.proves_phone()
    chat.taps("later")
    assert (chat.at, chat.ids) == ("records/list", ["back"])


def test_the_newest_registration_stands_first(stage: Stage, chat: Chat) -> None:
    first = chat.signs_up().submits().registers()
    chat.taps("record")
    chat.taps("cancel")
    chat.taps("confirm_cancel")
    stage.now += MINUTE
    second = chat.registers()
    chat.commands("records")
    assert [button.argument for button in chat.buttons if button.id == "record"] == [second, first]


def test_a_long_list_comes_in_pages(stage: Stage, chat: Chat) -> None:
    chat.signs_up().submits()
    application = chat.application()
    assert application.submission_id is not None
    for number in range(PAGE * 2 + 1):
        plan = replace(OPEN, code=f"P{number}", projects=())
        stage.repository.add_plan(plan, stage.now)
        stage.repository.register(
            f"P{number}-A", application.person_id, plan.code, application.submission_id, stage.now + number
        )
    chat.commands("records")
    assert chat.ids == ["record"] * PAGE + ["back", "page"]
    chat.taps("page", "2")
    assert chat.ids == ["record"] * PAGE + ["page", "back", "page"]
    chat.taps("page", "3")
    assert chat.ids == ["record", "page", "back"]
    stage.connection.execute("DELETE FROM registrations WHERE number = 'P0-A'")
    chat.commands("help")
    chat.taps("back")
    assert chat.ids == ["record"] * PAGE + ["page", "back"]
    chat.taps("back")
    assert chat.at == "home/menu"


# --- one record ------------------------------------------------------------------------------------------------------


def test_a_record_leads_back_to_the_list_it_was_chosen_from(registered: Chat) -> None:
    registered.taps("back")
    assert (registered.at, registered.data.get("number")) == ("records/list", None)


def test_the_pdf_is_made_for_its_owner(registered: Chat) -> None:
    assert registered.person is not None
    reaction = registered.taps("export")
    assert reaction.one(MakeRecord) == MakeRecord(registered.person.id, registered.data["number"])
    assert registered.hears(registered.last(MakeRecord)).effects == ()
    assert registered.hears(registered.last(MakeRecord), status="given_up").said == ["record_failed"]


def test_results_without_an_event_of_theirs_say_nothing(registered: Chat) -> None:
    turn = registered.turn()
    records._note_record(turn)
    assert turn.effects == []


# --- cancelling ------------------------------------------------------------------------------------------------------


def test_somebody_thinks_again_and_keeps_the_registration(registered: Chat) -> None:
    registered.taps("cancel")
    assert registered.at == "records/confirm_cancel"
    registered.taps("keep")
    assert (registered.at, state(registered)) == ("records/record", RegistrationState.REGISTERED)


def test_a_registration_is_cancelled_to_the_last_millisecond(stage: Stage, registered: Chat) -> None:
    registered.taps("cancel")
    stage.now = OPEN.closes_at - 1
    assert registered.taps("confirm_cancel").notice == "cancelled"
    assert (registered.at, state(registered)) == ("records/record", RegistrationState.CANCELLED)
    assert stage.repository.registered(OPEN.code) == 0
    assert "cancel" not in registered.ids
    registered.taps("see_plan")
    assert (registered.at, registered.data["plan"]) == ("plans/plan", OPEN.code)


def test_a_registration_is_not_cancelled_after_the_end(stage: Stage, registered: Chat) -> None:
    registered.taps("cancel")
    stage.now = OPEN.closes_at
    assert registered.taps("confirm_cancel").error == "cancel_too_late"
    assert (registered.at, state(registered)) == ("records/record", RegistrationState.REGISTERED)
    assert "cancel" not in registered.ids


def test_the_button_of_before_the_end_is_stale_after_it(stage: Stage, registered: Chat) -> None:
    stage.now = OPEN.closes_at
    assert registered.does(Press("cancel", "", registered.session.revision)).toast == "stale"
    assert registered.at == "records/record"


def test_a_double_tap_cancels_once(stage: Stage, registered: Chat) -> None:
    registered.taps("cancel")
    press = Press("confirm_cancel", "", registered.session.revision)
    registered.does(press)
    assert registered.does(press).toast == "stale"
    assert stage.repository.registered(OPEN.code) == 0


# --- whose it is -----------------------------------------------------------------------------------------------------


def test_nobody_sees_the_record_of_another(stage: Stage, registered: Chat) -> None:
    number = registered.data["number"]
    other = stage.chat(2).signs_up("+8613900139000", id_number="11010119900307790X")
    other.commands("records")
    assert other.ids == ["back"]
    assert other.does(Press("record", number, other.session.revision)).toast == "stale"
    session = other.session
    session.top.state, session.top.data["number"] = "entrance", number
    other.restores(session)
    assert other.at == "records/list"
    with pytest.raises(LookupError, match="no record"):
        records._record(other.turn())
    assert not records.may_cancel(other.turn())


def test_a_record_of_an_unpublished_plan_can_still_be_looked_at(stage: Stage, registered: Chat) -> None:
    stage.unpublish(OPEN)
    registered.commands("records")
    registered.taps("record", registered.buttons[0].argument)
    assert registered.ids == ["export", "back"]
    assert registered.stage.repository.plan(UPCOMING.code) is not None


def test_a_result_for_a_record_finds_the_person_elsewhere(registered: Chat) -> None:
    registered.commands("start")
    assert registered.does(Came("record", {"status": "given_up"}, {"number": "x"})).said == ["record_failed"]
