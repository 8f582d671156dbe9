"""A form towards its end: what is missing, the review, submitting, the lock."""

from __future__ import annotations

import pytest

from flows.applicant.application import FORM, submitted_form
from flows.effects import FetchPicture, MakeRecord
from flows.engine.fields import Answers, Question
from flows.engine.form import Form, Progress, Section
from flows.model import Application, Plan
from tests.flows.stage import Chat, Stage
from tests.flows.town import ANSWERS, CLOSED, OPEN, UPCOMING


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

    question = Question("spouse", FORM.questions[0].kind, asked=never)
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
