"""The form: every question, ways through it, what was said last time, the review, submitting, the lock."""

from __future__ import annotations

import pytest

from flows.applicant.application import FORM, submitted_form
from flows.effects import FetchPicture, MakeRecord, Show
from flows.engine.fields import Answers, Photos, Question
from flows.engine.form import Form, Progress, Section
from flows.model import DAY, Application, Plan
from tests.flows.stage import Chat, Stage
from tests.flows.town import ANSWERS, CLOSED, EMPLOYER, OPEN, UPCOMING

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


@pytest.fixture
def review(form: Chat) -> Chat:
    """All filled in, before submitting."""
    form.fills_in()
    assert form.at == "application/review"
    return form


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


# --- what is missing, the review -------------------------------------------------------------------------------------


def test_everything_that_is_missing_is_named_with_a_way_there(form: Chat) -> None:
    form.taps("check_answers")
    assert form.at == "application/missing"
    required = [question.key for question in FORM.questions if question.required]
    assert [button.argument for button in form.buttons if button.id == "question"] == required
    assert form.screen is not None
    assert len(form.screen.rows) <= 8
    form.taps("question", "hukou")
    form.answers("hukou")
    assert form.at == "application/missing"
    assert "hukou" not in [button.argument for button in form.buttons]


def test_somebody_looks_into_the_task_list_from_what_is_missing(form: Chat) -> None:
    form.taps("check_answers")
    form.taps("contents")
    assert form.at == "application/overview"
    form.taps("section", "basics")
    form.answers("marital")
    assert form.at == "application/ask_hukou"


def test_an_answer_that_contradicts_another_by_now_is_missing(review: Chat) -> None:
    review.taps("change", "work")
    review.taps("question", "contract_start")
    review.says("2029年1月1日")
    assert review.at == "application/missing"
    assert [button.argument for button in review.buttons if button.id == "question"] == ["contract_end"]
    review.taps("question", "contract_end")
    review.says("2030年1月1日")
    assert review.at == "application/review"


def test_a_change_from_the_review_leads_back_there(review: Chat) -> None:
    review.taps("change", "work")
    assert review.at == "application/section"
    review.taps("section_done")
    assert review.at == "application/review"
    review.taps("change", "work")
    review.taps("question", "employer")
    review.says("另一家公司")
    assert review.at == "application/review"
    assert review.application().answers["employer"] == "另一家公司"


def test_a_change_of_mind_on_the_way_does_not_lead_to_the_review(review: Chat) -> None:
    review.taps("change", "work")
    review.taps("question", "employer")
    review.taps("contents")
    assert review.at == "application/overview"
    review.taps("section", "work")
    review.taps("section_done")
    assert review.at == "application/overview"


def test_the_review_shows_all_answers_and_leads_to_the_task_list(review: Chat) -> None:
    assert review.screen is not None
    parts = review.screen.values["parts"]
    assert isinstance(parts, list)
    answers = {question.key: answer for part in parts for question, answer, _ in part.answers}
    assert answers.items() >= {key: kept for key, (_, kept) in ANSWERS.items()}.items()
    review.taps("contents")
    assert review.at == "application/overview"


# --- submitting ------------------------------------------------------------------------------------------------------


def test_a_submitted_form_is_kept_as_it_was(stage: Stage, review: Chat) -> None:
    review.taps("submit")
    assert review.at == "application/submitted"
    application = review.application()
    assert (application.submitted_at, application.changed_since) == (stage.now, False)
    kept = submitted_form(application, review.turn())
    assert kept.answers == {key: answer for key, (_, answer) in ANSWERS.items()}
    assert [(picture.field, picture.file) for picture in kept.pictures] == [
        ("id_front", "file-id_front"),
        ("id_back", "file-id_back"),
    ]


def test_a_submitted_form_is_looked_at_and_changed(review: Chat) -> None:
    review.taps("submit")
    review.taps("see_form")
    assert review.at == "application/form"
    review.taps("edit")
    review.taps("section", "work")
    review.taps("question", "employer")
    review.says("另一家公司")
    review.taps("back")
    assert review.application().changed_since
    review.taps("see_form")
    assert review.screen is not None
    assert review.screen.values["changed"] is True
    first = review.application().submission_id
    review.taps("edit")
    review.taps("check_answers")
    review.taps("submit")
    assert review.at == "application/submitted"
    second = review.application()
    assert second.submission_id != first
    assert submitted_form(second, review.turn()).answers["employer"] == "另一家公司"


def test_a_form_that_did_not_change_is_not_submitted_again(review: Chat) -> None:
    review.taps("submit")
    first = review.application().submission_id
    review.taps("see_form")
    review.taps("edit")
    review.taps("check_answers")
    assert review.taps("submit").notice == "form_unchanged"
    assert (review.at, review.application().submission_id) == ("application/form", first)


def test_who_has_submitted_goes_on_to_register_or_back_to_the_plan(review: Chat) -> None:
    review.taps("submit")
    review.taps("register")
    assert review.at == "register/confirm"
    review.taps("back")
    assert review.at == "application/submitted"
    review.taps("back")
    assert review.at == "plans/plan"


def test_an_answer_that_was_taken_back_meanwhile_keeps_the_form_unsubmitted(stage: Stage, review: Chat) -> None:
    stage.repository.save_answer(review.application().id, "employer", None, stage.now)
    review.taps("submit")
    assert review.at == "application/missing"


# --- the lock --------------------------------------------------------------------------------------------------------


def test_a_form_is_locked_while_its_owner_is_registered(stage: Stage, review: Chat) -> None:
    review.taps("submit")
    review.registers()
    review.opens_plan()
    review.taps("see_form")
    assert review.at == "application/form"
    assert "edit" not in review.ids
    review.taps("cancel")
    assert review.at == "records/confirm_cancel"
    review.taps("confirm_cancel")
    review.taps("back")
    assert review.at == "application/form"
    review.taps("edit")
    assert review.at == "application/overview"


def test_a_locked_form_of_a_closed_plan_leads_to_the_record(stage: Stage, review: Chat) -> None:
    review.taps("submit")
    review.registers()
    stage.now = OPEN.closes_at
    review.opens_plan()
    review.taps("see_form")
    review.taps("record")
    assert review.at == "records/record"
    review.taps("back")
    assert review.at == "application/form"


def test_who_registered_elsewhere_meanwhile_cannot_submit(stage: Stage, review: Chat) -> None:
    review.taps("submit")
    review.taps("see_form")
    review.taps("edit")
    review.taps("section", "work")
    review.taps("question", "employer")
    review.says("另一家公司")
    review.taps("check_answers")
    application = review.application()
    assert application.submission_id is not None
    stage.repository.register("HD2603-X", application.person_id, OPEN.code, application.submission_id, stage.now)
    assert review.taps("submit").error == "form_locked"
    assert review.at == "application/form"
    assert review.application().submission_id == application.submission_id


def test_a_form_is_filled_in_before_its_plan_opens(stage: Stage, chat: Chat) -> None:
    chat.signs_up()
    chat.submits(UPCOMING)
    assert chat.screen is not None
    assert chat.screen.values["open"] is False


# --- what cannot be --------------------------------------------------------------------------------------------------


def test_a_form_that_was_never_submitted_cannot_be_shown(form: Chat) -> None:
    with pytest.raises(LookupError, match="nothing was submitted"):
        submitted_form(form.application(), form.turn())


def test_a_question_that_is_not_asked_is_neither_missing_nor_counted() -> None:
    def never(_: Answers) -> bool:
        return False

    question = Question("spouse", TYPED[0].kind, asked=never)
    form = Form(1, (Section("family", (question,)),))
    nothing = Application(1, 1, OPEN.code)
    assert form.gaps(nothing) == []
    assert form.progress(form.sections, nothing) == Progress(0, 0, required=False)


@pytest.mark.parametrize("plan", [OPEN, CLOSED, UPCOMING], ids=lambda plan: plan.code)
def test_a_form_belongs_to_its_plan(stage: Stage, chat: Chat, plan: Plan) -> None:
    chat.signs_up()
    assert chat.person is not None
    application = stage.repository.open_application(chat.person.id, plan.code, stage.now)
    assert stage.repository.open_application(chat.person.id, plan.code, stage.now) == application
    assert application.plan_code == plan.code


def test_no_job_is_left_over_by_a_whole_form(stage: Stage, review: Chat) -> None:
    review.taps("submit")
    assert [job for _, job in stage.jobs if isinstance(job, MakeRecord)] == []
    assert len([job for _, job in stage.jobs if isinstance(job, FetchPicture)]) == 2
