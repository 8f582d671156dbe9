"""The form: every question, ways through it, and what was said last time."""

from __future__ import annotations

import pytest

from flows.applicant.application import FORM
from flows.effects import Show
from flows.engine.fields import Photos, Question
from flows.engine.form import Progress
from flows.model import DAY
from tests.flows.stage import Chat, Stage
from tests.flows.town import ANSWERS, EMPLOYER, OPEN, UPCOMING

TYPED = [question for question in FORM.questions if not isinstance(question.kind, Photos)]
OPTIONAL = [question for question in FORM.questions if not question.required]


@pytest.fixture
def form(chat: Chat) -> Chat:
    """At the empty task list of the open plan."""
    chat.signs_up()
    chat.opens_plan()
    chat.taps("fill_in")
    assert chat.at == "application/overview"
    return chat


def section_of(question: Question) -> str:
    return FORM.section_of(question).key


def reach(chat: Chat, key: str) -> None:
    """To one question by way of the answers before it, from the task list."""
    question = FORM.question(key)
    chat.taps("section", section_of(question))
    while chat.at != f"application/ask_{key}":
        chat.answers(chat.at.removeprefix("application/ask_"))


def saved(chat: Chat) -> object:
    assert chat.screen is not None
    return chat.screen.values["saved"]


# --- questions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", TYPED, ids=lambda question: question.key)
def test_an_answer_is_saved_and_the_next_question_asked(form: Chat, question: Question) -> None:
    reach(form, question.key)
    before = form.application().answers
    form.answers(question.key)
    assert form.application().answers == {**before, question.key: ANSWERS[question.key][1]}
    section = FORM.section_of(question).questions
    after = section[section.index(question) + 1 :]
    assert form.at == (f"application/ask_{after[0].key}" if after else "application/overview")


@pytest.mark.parametrize(
    ("key", "typed", "error"),
    [
        ("marital", "也许", "not_an_option"),
        ("employer", "", "empty"),
        ("employer", "长" * 61, "too_long"),
        ("contract_start", "去年", "not_a_day"),
        ("contract_start", "2024-02-30", "no_such_day"),
        ("contract_end", "2023-12-31", "day_order"),
        ("insured_months", "很多", "not_a_number"),
        ("insured_months", "601", "too_big"),
        ("yearly_income", "不少", "not_money"),
        ("yearly_income", "1000000万", "too_much"),
    ],
)
def test_what_is_no_answer_is_refused_and_nothing_saved(form: Chat, key: str, typed: str, error: str) -> None:
    reach(form, key)
    before = form.application().answers
    reaction = form.says(typed)
    assert (reaction.error, form.at) == (error, f"application/ask_{key}")
    shown = reaction.one(Show)
    assert shown.error is not None
    assert shown.error[1]["question"] == key
    assert form.application().answers == before


def test_an_option_may_be_typed(form: Chat) -> None:
    form.taps("section", "basics")
    form.says(" 已婚 ")
    assert form.application().answers == {"marital": "married"}


def test_progress_is_shown_on_every_screen(form: Chat) -> None:
    assert saved(form) == Progress(0, 11, required=True)
    reach(form, "education")
    assert saved(form) == Progress(2, 11, required=True)
    form.taps("contents")
    assert saved(form) == Progress(2, 11, required=True)


# --- ways through ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", OPTIONAL, ids=lambda question: question.key)
def test_an_optional_question_is_skipped_and_not_asked_again(form: Chat, question: Question) -> None:
    reach(form, question.key)
    form.taps("skip")
    assert form.application().answers[question.key] == ""
    form.taps("section", section_of(question))
    assert form.at == "application/section"


def test_a_required_question_has_no_way_to_skip_it(form: Chat) -> None:
    form.taps("section", "basics")
    assert "skip" not in form.ids


def test_somebody_goes_back_question_by_question_to_the_task_list(form: Chat) -> None:
    reach(form, "contract_start")
    form.taps("previous")
    assert form.at == "application/ask_employer_district"
    form.taps("previous")
    assert form.at == "application/ask_employer"
    assert form.screen is not None
    assert form.screen.values["current"] == EMPLOYER
    form.taps("previous")
    assert form.at == "application/overview"


def test_an_answer_that_is_there_may_stay(form: Chat) -> None:
    reach(form, "employer_district")
    form.taps("previous")
    form.taps("next")
    assert form.at == "application/ask_employer_district"
    assert form.application().answers == {"employer": EMPLOYER}


def test_the_last_open_question_of_a_section_is_asked_also_when_it_lies_before(form: Chat) -> None:
    form.taps("section", "basics")
    form.taps("contents")
    form.taps("section", "basics")
    form.answers("marital")
    form.taps("previous")
    form.taps("contents")
    form.taps("section", "basics")
    assert form.at == "application/ask_hukou"
    form.taps("contents")
    form.taps("check_answers")
    form.taps("question", "contract_end")
    form.taps("contents")
    form.taps("section", "work")
    assert form.at == "application/ask_employer"


def test_a_section_that_is_complete_shows_its_answers(form: Chat) -> None:
    form.fills_in()
    form.taps("contents")
    form.taps("section", "work")
    assert form.at == "application/section"
    form.taps("question", "employer")
    form.says("另一家公司")
    assert form.at == "application/overview"
    form.taps("section", "work")
    form.taps("section_done")
    assert form.at == "application/overview"


def test_somebody_leaves_and_finds_everything_again(form: Chat) -> None:
    reach(form, "contract_start")
    assert form.commands("cancel").notice == "left"
    assert form.at == "plans/plan"
    form.taps("fill_in")
    form.taps("section", "work")
    assert form.at == "application/ask_contract_start"


def test_the_task_list_leads_back_to_the_plan(form: Chat) -> None:
    form.taps("back")
    assert form.at == "plans/plan"


# --- last time -------------------------------------------------------------------------------------------------------


@pytest.fixture
def second(stage: Stage, chat: Chat) -> Chat:
    """Submitted for one plan, at the empty form of another."""
    chat.signs_up()
    chat.submits(OPEN)
    stage.now += DAY
    chat.opens_plan(UPCOMING)
    chat.taps("fill_in")
    return chat


def test_what_was_said_last_time_is_offered_and_kept(second: Chat) -> None:
    second.taps("section", "work")
    assert second.screen is not None
    assert second.screen.values["previous"] == EMPLOYER
    assert "next" not in second.ids
    second.taps("keep")
    assert second.at == "application/ask_employer_district"
    assert second.application(UPCOMING).answers == {"employer": EMPLOYER}


def test_what_was_said_last_time_gives_way_to_what_is_said_now(second: Chat) -> None:
    second.taps("section", "work")
    second.says("另一家公司")
    second.taps("previous")
    assert second.screen is not None
    assert (second.screen.values["current"], second.screen.values["previous"]) == ("另一家公司", None)


def test_what_was_said_last_time_and_contradicts_is_not_offered(second: Chat) -> None:
    second.taps("section", "work")
    second.taps("keep")
    second.taps("keep")
    second.says("2030年1月1日")
    assert second.at == "application/ask_contract_end"
    assert "keep" not in second.ids


def test_only_what_was_submitted_is_offered(stage: Stage, form: Chat) -> None:
    form.taps("section", "basics")
    form.answers("marital")
    form.opens_plan(UPCOMING)
    form.taps("fill_in")
    form.taps("section", "basics")
    assert "keep" not in form.ids
