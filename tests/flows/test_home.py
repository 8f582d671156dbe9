"""Home and the rooms beside it: commands, deep links, language, help, privacy, one's own data."""

from __future__ import annotations

import pytest

from flows.effects import Place, Show
from flows.model import Plan
from tests.flows.stage import Chat, Stage
from tests.flows.town import CLOSED, OPEN, UPCOMING


def test_home_shows_what_runs_and_what_comes(chat: Chat) -> None:
    values = chat.commands("start").one(Show).values

    def codes(which: str) -> list[str]:
        plans = values[which]
        assert isinstance(plans, list)
        return [plan.code for plan in plans if isinstance(plan, Plan)]

    assert (codes("running"), codes("coming")) == ([OPEN.code], [UPCOMING.code])


@pytest.mark.parametrize(
    ("button", "place"),
    [
        ("plans", "plans/list"),
        ("records", "sign_up/consent"),
        ("me", "sign_up/consent"),
        ("help", "help/contact"),
    ],
)
def test_every_button_of_home_leads_somewhere_and_back(chat: Chat, button: str, place: str) -> None:
    chat.commands("start")
    chat.taps(button)
    assert chat.at == place
    chat.taps("back")
    assert chat.at == "home/menu"


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ("start", "home/menu"),
        ("plans", "plans/list"),
        ("records", "records/list"),
        ("me", "me/overview"),
        ("help", "help/contact"),
        ("privacy", "privacy/statement"),
        ("language", "language/choice"),
    ],
)
def test_a_command_works_from_anywhere(chat: Chat, command: str, place: str) -> None:
    chat.signs_up()
    chat.opens_plan()
    chat.taps("fill_in")
    chat.taps("section", "work")
    assert chat.commands(command).one(Show).place is Place.SEND
    assert chat.at == place
    if place not in {"home/menu", "help/contact", "privacy/statement", "language/choice"}:
        chat.taps("back")
        assert chat.at == "home/menu"


# --- leaving ---------------------------------------------------------------------------------------------------------


def test_cancel_leaves_one_flow_after_the_other(chat: Chat) -> None:
    chat.signs_up()
    chat.opens_plan()
    chat.taps("fill_in")
    chat.commands("help")
    places = []
    while (reaction := chat.commands("cancel")).notice == "left":
        places.append(chat.at)
    assert places == ["application/overview", "plans/plan", "home/menu"]
    assert reaction.notice == "nothing_to_leave"


# --- deep links ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plan", [OPEN, CLOSED, UPCOMING], ids=lambda plan: plan.code)
def test_a_link_leads_to_its_plan(chat: Chat, plan: Plan) -> None:
    chat.opens_plan(plan)
    assert (chat.at, chat.data["plan"]) == ("plans/plan", plan.code)
    chat.taps("back")
    assert chat.at == "plans/list"
    chat.taps("back")
    assert chat.at == "home/menu"


def test_a_link_to_a_plan_that_is_gone_says_so(stage: Stage, chat: Chat) -> None:
    assert chat.commands("start", "plan_NOWHERE").error == "plan_unknown"
    assert chat.at == "plans/list"
    stage.unpublish(OPEN)
    assert chat.opens_plan(OPEN).error == "plan_unknown"


@pytest.mark.parametrize("argument", ["", "plan_", "plan_HD2603-X", "nonsense", "💣", "plan_" + "A" * 60])
def test_a_link_that_says_nothing_leads_home(chat: Chat, argument: str) -> None:
    assert chat.commands("start", argument).error == ""
    assert chat.at == "home/menu"


def test_a_link_leads_to_ones_own_records(chat: Chat) -> None:
    chat.signs_up()
    chat.commands("start", "records")
    assert chat.at == "records/list"


# --- language --------------------------------------------------------------------------------------------------------


def test_somebody_changes_the_language_at_home(chat: Chat) -> None:
    chat.commands("start")
    chat.taps("other_language")
    assert (chat.session.language, chat.session.language_chosen) == ("en", True)
    chat.taps("other_language")
    assert chat.session.language == "zh"


def test_somebody_chooses_the_language_anywhere_and_goes_on(chat: Chat) -> None:
    chat.opens_plan()
    chat.commands("language")
    assert [button.values["chosen"] for button in chat.buttons[:2]] == [True, False]
    chat.taps("choose_language", "en")
    assert (chat.at, chat.session.language, chat.session.language_chosen) == ("plans/plan", "en", True)
    chat.commands("language")
    chat.taps("back")
    assert chat.session.language == "en"


# --- one's own data --------------------------------------------------------------------------------------------------


def test_somebody_signed_in_reads_about_privacy_from_their_data(chat: Chat) -> None:
    chat.signs_up()
    chat.commands("me")
    assert "real_name" not in chat.ids
    chat.taps("privacy")
    chat.taps("back")
    assert chat.at == "me/overview"
    chat.taps("back")
    assert chat.at == "home/menu"


def test_somebody_without_a_proven_name_is_offered_to_prove_it(chat: Chat) -> None:
    chat.commands("me")
    chat.proves_phone()
    chat.taps("later")
    chat.taps("real_name")
    chat.taps("back")
    assert chat.at == "me/overview"
    chat.taps("real_name")
    chat.proves_name()
    assert (chat.at, "real_name" in chat.ids) == ("me/overview", False)
