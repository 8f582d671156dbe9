"""Guards and actions that are asked about an event which is not theirs say and do nothing."""

from __future__ import annotations

import pytest

from flows.applicant import onboarding, real_name
from flows.applicant.application import APPLICATION
from flows.engine.fields import Invalid
from flows.engine.flow import TEXT_SENT, Action
from flows.engine.form import Items
from flows.engine.session import Frame
from flows.events import Press, Text
from flows.model import HOUR
from flows.staff import people
from flows.staff.model import SYSTEM, Role
from tests.flows.stage import Chat, Stage
from tests.flows.town import EMPLOYER, ID_NUMBER, NAME


@pytest.fixture
def form(chat: Chat) -> Chat:
    chat.signs_up()
    chat.opens_plan()
    chat.taps("fill_in")
    return chat


def test_an_event_without_a_number_brings_none(form: Chat) -> None:
    sent = onboarding._phone_sent(form.turn())
    assert isinstance(sent, Invalid)
    assert sent.key == "not_a_phone"


@pytest.mark.parametrize("delete", [onboarding._delete_typed, real_name._delete_typed])
def test_only_what_was_typed_is_deleted(form: Chat, delete: Action) -> None:
    turn = form.turn()
    delete(turn)
    assert turn.effects == []


def test_nothing_is_said_against_a_right_answer(stage: Stage, form: Chat) -> None:
    (complain,) = next(
        transition.do
        for transition in APPLICATION.transitions
        if (transition.source, transition.trigger, transition.dest) == ("ask_employer", TEXT_SENT, None)
    )
    for act, text in (
        (complain, EMPLOYER),
        (real_name._complain_of_name, NAME),
        (real_name._complain_of_id_number, ID_NUMBER),
        (people._complain, NAME),
    ):
        turn = stage.turn(form.session, Text(text))
        act(turn)
        assert turn.failed is None


def test_who_is_signed_in_and_proves_the_phone_once_more_stays_who_they_are(stage: Stage, form: Chat) -> None:
    before = form.person
    stage.now += HOUR
    session = form.session
    session.frames = [Frame("home", "menu", 1), Frame("sign_up", "ask_phone", 1)]
    form.restores(session)
    assert form.proves_phone().said == []
    assert (form.at, form.person) == ("home/menu", before)


def test_a_colleague_who_is_gone_or_has_the_role_already_is_left_alone(stage: Stage, form: Chat) -> None:
    stage.repository.add_staff(12, Role.EDITOR, "李雷", SYSTEM, stage.now)
    length = stage.repository.log_length()
    for member in ("404", "12"):
        session = form.session
        session.top.data["member"] = member
        turn = stage.turn(session, Press("role", "editor"))
        people._change_role(turn)
        if member == "404":
            people._remove(turn)
        assert (turn.effects, turn.told) == ([], None)
    assert stage.repository.log_length() == length


def test_a_section_of_items_needs_none_unless_it_says_so() -> None:
    assert Items(2).needed({}) == 0
