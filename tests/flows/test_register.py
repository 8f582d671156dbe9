"""Registering: in time and out of it, through what is missing and back, once."""

from __future__ import annotations

import re

import pytest

from flows.applicant.registration import ALPHABET
from flows.effects import MakeRecord, SendSms
from flows.events import Press
from flows.model import HOUR, RegistrationState
from tests.flows.stage import Chat, Stage
from tests.flows.town import OPEN, PHONE, UPCOMING


@pytest.fixture
def ready(chat: Chat) -> Chat:
    """A submitted form, nothing registered yet."""
    return chat.signs_up().submits()


@pytest.fixture
def confirming(ready: Chat) -> Chat:
    ready.opens_plan()
    ready.taps("register")
    assert ready.at == "register/confirm"
    return ready


def counted(stage: Stage) -> int:
    return stage.repository.registered(OPEN.code)


# --- in time ---------------------------------------------------------------------------------------------------------


def test_a_registration_has_a_number_without_look_alikes(stage: Stage, confirming: Chat) -> None:
    confirming.taps("confirm")
    registration = confirming.registration()
    assert registration is not None
    assert re.fullmatch(rf"HD2603-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", registration.number)
    assert registration.submission_id == confirming.application().submission_id
    assert (registration.registered_at, counted(stage)) == (stage.now, 1)
    assert confirming.at == "register/registered"
    assert confirming.screen is not None
    assert confirming.screen.values["number"] == registration.number


def test_from_the_opening_to_the_last_millisecond_one_may_register(stage: Stage, ready: Chat) -> None:
    for at in (OPEN.opens_at, OPEN.closes_at - 1):
        stage.now = at
        number = ready.registers()
        stage.repository.cancel(number, at)


@pytest.mark.parametrize(("at", "status"), [(OPEN.opens_at - 1, "upcoming"), (OPEN.closes_at, "closed")])
def test_a_millisecond_outside_the_window_one_may_not(stage: Stage, ready: Chat, at: int, status: str) -> None:
    ready.opens_plan()
    stage.now = at
    assert ready.does(Press("register", "", ready.session.revision)).toast == ""
    assert ready.screen is not None
    assert (ready.at, ready.screen.values["status"]) == ("register/refused", status)
    assert ready.registration() is None


@pytest.mark.parametrize(("at", "status"), [(OPEN.opens_at - 1, "upcoming"), (OPEN.closes_at, "closed")])
def test_a_tap_on_confirm_counts_when_it_was_made(stage: Stage, confirming: Chat, at: int, status: str) -> None:
    stage.now = at
    confirming.taps("confirm")
    assert confirming.screen is not None
    assert (confirming.at, confirming.screen.values["status"]) == ("register/refused", status)
    assert counted(stage) == 0


def test_a_tap_on_confirm_in_the_last_millisecond_counts(stage: Stage, confirming: Chat) -> None:
    stage.now = OPEN.closes_at - 1
    confirming.taps("confirm")
    assert confirming.at == "register/registered"


def test_a_plan_withdrawn_meanwhile_takes_nobody(stage: Stage, confirming: Chat) -> None:
    stage.withdraw(OPEN)
    confirming.taps("confirm")
    assert confirming.screen is not None
    assert (confirming.at, confirming.screen.values["status"]) == ("register/refused", "withdrawn")


def test_a_plan_withdrawn_before_refuses_at_the_gate(stage: Stage, ready: Chat) -> None:
    ready.taps("back")
    ready.opens_plan()
    ready.taps("see_form")
    ready.taps("edit")
    ready.taps("section", "basics")
    ready.taps("question", "marital")
    ready.taps("choose", "married")
    ready.taps("check_answers")
    ready.taps("submit")
    assert ready.at == "application/submitted"
    stage.withdraw(OPEN)
    ready.taps("register")
    assert ready.at == "register/refused"


# --- too early -------------------------------------------------------------------------------------------------------


def test_who_comes_too_early_fills_in_and_is_let_through_once_it_opens(stage: Stage, chat: Chat) -> None:
    chat.signs_up()
    chat.opens_plan(UPCOMING)
    chat.taps("register")
    assert chat.at == "register/refused"
    chat.taps("fill_in")
    chat.fills_in()
    chat.taps("submit")
    assert chat.at == "application/submitted"
    chat.taps("back")
    assert chat.at == "register/refused"
    chat.taps("fill_in")
    stage.now = UPCOMING.opens_at
    chat.taps("back")
    assert chat.at == "register/confirm"
    chat.taps("confirm")
    assert chat.at == "register/registered"


def test_who_comes_too_early_needs_no_account_to_be_told(chat: Chat) -> None:
    chat.opens_plan(UPCOMING)
    chat.taps("register")
    assert chat.at == "register/refused"
    chat.taps("back")
    assert chat.at == "plans/plan"


def test_who_goes_round_before_the_opening_can_do_so_for_ever(chat: Chat) -> None:
    chat.signs_up()
    chat.submits(UPCOMING)
    for employer in map(str, range(6)):
        chat.taps("register")
        chat.taps("fill_in")
        chat.taps("edit")
        chat.taps("section", "work")
        chat.taps("question", "employer")
        chat.says(employer)
        chat.taps("check_answers")
        chat.taps("submit")
    assert len(chat.session.frames) < 6


# --- through what is missing -----------------------------------------------------------------------------------------


def test_somebody_new_is_led_through_everything_and_back(chat: Chat) -> None:
    chat.opens_plan()
    chat.taps("register")
    assert chat.at == "sign_up/consent"
    chat.proves_phone()
    assert chat.at == "sign_up/verified"
    chat.taps("real_name")
    assert chat.proves_name().notice == "identity_match"
    assert chat.at == "application/overview"
    chat.fills_in()
    chat.taps("submit")
    assert chat.at == "register/confirm"
    chat.taps("confirm")
    assert chat.at == "register/registered"


def test_who_has_a_phone_only_is_asked_for_the_name(stage: Stage, chat: Chat) -> None:
    chat.commands("me")
    chat.proves_phone()
    chat.opens_plan()
    chat.taps("register")
    assert chat.at == "real_name/ask_name"
    chat.taps("back")
    assert chat.at == "plans/plan"


@pytest.mark.parametrize("command", ["", "cancel"])
def test_who_turns_back_on_the_way_is_where_they_began(chat: Chat, command: str) -> None:
    def leaves() -> None:
        if command:
            chat.commands(command)
        else:
            chat.taps("later" if "later" in chat.ids else "back")
        assert chat.at == "plans/plan"
        chat.taps("register")

    chat.opens_plan()
    chat.taps("register")
    leaves()
    chat.proves_phone()
    leaves()
    assert chat.at == "real_name/ask_name"
    leaves()
    chat.proves_name()
    assert chat.at == "application/overview"
    leaves()
    chat.fills_in()
    chat.taps("submit")
    assert chat.at == "register/confirm"
    leaves()
    assert chat.registration() is None


def test_who_turns_back_at_the_name_right_after_the_phone_is_where_they_began(chat: Chat) -> None:
    chat.opens_plan()
    chat.taps("register")
    chat.proves_phone()
    chat.taps("real_name")
    chat.taps("back")
    assert chat.at == "plans/plan"


def test_an_unchanged_form_that_was_submitted_elsewhere_meanwhile_leads_on(stage: Stage, chat: Chat) -> None:
    chat.signs_up()
    chat.opens_plan()
    chat.taps("register")
    chat.fills_in()
    stage.repository.submit(chat.application().id, 1, stage.now)
    chat.taps("submit")
    assert chat.at == "register/confirm"


# --- once ------------------------------------------------------------------------------------------------------------


def test_a_double_tap_registers_once(stage: Stage, confirming: Chat) -> None:
    press = Press("confirm", "", confirming.session.revision, 1, "query")
    assert confirming.does(press).toast == ""
    assert confirming.does(press).toast == "stale"
    assert (confirming.at, counted(stage)) == ("register/registered", 1)


def test_who_is_registered_sees_the_record_in_place_of_the_button(confirming: Chat) -> None:
    confirming.taps("confirm")
    confirming.opens_plan()
    assert "register" not in confirming.ids
    confirming.taps("record")
    assert confirming.at == "records/record"
    confirming.taps("back")
    assert confirming.at == "plans/plan"


def test_who_registered_elsewhere_meanwhile_has_one_number(stage: Stage, confirming: Chat) -> None:
    application = confirming.application()
    assert application.submission_id is not None
    stage.repository.register("HD2603-X", application.person_id, OPEN.code, application.submission_id, stage.now)
    confirming.taps("confirm")
    assert confirming.at == "register/registered"
    assert confirming.data["number"] == "HD2603-X"
    assert counted(stage) == 1


def test_a_login_on_the_way_that_finds_a_registration_shows_it(stage: Stage, confirming: Chat) -> None:
    confirming.taps("confirm")
    number = confirming.data["number"]
    stage.now += HOUR
    other = stage.chat(2)
    other.opens_plan()
    other.taps("register")
    other.taps("agree")
    other.shares(PHONE)
    other.says(other.last(SendSms).code)
    assert (other.at, other.data["number"]) == ("register/already", number)
    other.taps("record")
    assert other.at == "records/record"
    other.taps("back")
    assert other.at == "register/already"
    other.taps("back")
    assert other.at == "plans/plan"


def test_a_registration_made_while_the_form_was_open_shows_at_its_end(stage: Stage, chat: Chat) -> None:
    chat.signs_up()
    chat.opens_plan()
    chat.taps("register")
    chat.fills_in()
    application = chat.application()
    submission = stage.repository.submit(application.id, 1, stage.now)
    stage.repository.register("HD2603-X", application.person_id, OPEN.code, submission, stage.now)
    chat.taps("submit")
    assert chat.at == "application/form"
    chat.taps("back")
    assert chat.at == "plans/plan"


def test_a_number_that_is_taken_is_drawn_anew(stage: Stage, confirming: Chat) -> None:
    stage.chance.coming += ["AAAACCCC"]
    confirming.taps("confirm")
    other = stage.chat(2).signs_up("+8613900139000", id_number="11010119900307790X").submits()
    stage.chance.coming += ["AAAACCCC", "AAAACCCC", "AAAADDDD"]
    assert other.registers() == "HD2603-AAAA-DDDD"
    assert counted(stage) == 2


# --- afterwards ------------------------------------------------------------------------------------------------------


def test_who_is_registered_takes_the_pdf_looks_at_the_record_and_goes_home(confirming: Chat) -> None:
    confirming.taps("confirm")
    reaction = confirming.taps("export")
    assert reaction.toast == "record_being_made"
    assert reaction.one(MakeRecord).number == confirming.data["number"]
    confirming.taps("record")
    assert confirming.at == "records/record"
    confirming.taps("back")
    assert confirming.at == "register/registered"
    confirming.taps("home")
    assert confirming.at == "home/menu"


def test_after_cancelling_one_may_register_again_with_another_number(stage: Stage, confirming: Chat) -> None:
    confirming.taps("confirm")
    first = confirming.data["number"]
    confirming.taps("record")
    confirming.taps("cancel")
    confirming.taps("confirm_cancel")
    assert counted(stage) == 0
    second = confirming.registers()
    assert second != first
    assert counted(stage) == 1
    old = stage.repository.registration(first)
    assert old is not None
    assert old.state is RegistrationState.CANCELLED


def test_what_is_asked_for_confirmation_names_plan_and_person(confirming: Chat) -> None:
    assert confirming.screen is not None
    assert confirming.screen.values["plan"] == confirming.stage.repository.plan(OPEN.code)
    assert confirming.screen.values["person"] == confirming.person


def test_registering_without_a_submitted_form_is_a_mistake_that_is_named(stage: Stage, confirming: Chat) -> None:
    stage.connection.execute("UPDATE applications SET submission_id = NULL")
    with pytest.raises(LookupError, match="without a submitted form"):
        confirming.taps("confirm")
    assert counted(stage) == 0
