"""The application form. A question is one line here and one block in ``templates/<language>/questions.j2``."""

from __future__ import annotations

from collections.abc import Mapping

from flows.applicant.gate import closes, gate, opens_for_plan
from flows.applicant.paper import ApplicationPaper, application_of
from flows.effects import Button, Say, Style
from flows.engine.fields import Choice, Day, Line, Money, Number, Photos, Question, not_before
from flows.engine.flow import PASSED, RESUMED, Flow, State, Transition, View
from flows.engine.form import Form, Section
from flows.engine.form_flow import FormBuilder, complain_of_picture, question_of, returns_to
from flows.engine.turn import Turn
from flows.events import Came
from flows.model import Application, PictureState, PlanStatus

DISTRICTS = (
    *("dongcheng", "xicheng", "chaoyang", "haidian", "fengtai", "shijingshan", "mentougou", "fangshan"),
    *("tongzhou", "shunyi", "changping", "daxing", "huairou", "pinggu", "miyun", "yanqing"),
)

DEGREES = ("secondary", "college", "bachelor", "postgraduate")

FORM = Form(
    1,
    (
        Section(
            "basics",
            (
                Question("marital", Choice(("single", "married", "divorced", "widowed"), columns=2)),
                Question("hukou", Choice(("beijing_urban", "beijing_rural", "elsewhere"))),
                Question("education", Choice(DEGREES, columns=2), required=False),
            ),
        ),
        Section(
            "work",
            (
                Question("employer", Line(60)),
                Question("employer_district", Choice(DISTRICTS, columns=3)),
                Question("contract_start", Day()),
                Question("contract_end", Day(), checks=[not_before("contract_start")]),
                Question("insured_months", Number(0, 600, ("个月", "月", "MONTHS", "MONTH"))),
                Question("yearly_income", Money(100_000_000)),
            ),
        ),
        Section(
            "documents",
            (
                Question("id_front", Photos()),
                Question("id_back", Photos()),
            ),
        ),
    ),
)


def _about(turn: Turn) -> Mapping[str, object]:
    return {"plan": turn.repository.plan(turn.data["plan"]), "person": turn.somebody}


FORM_BUILDER = FormBuilder(FORM, ApplicationPaper(), _about)


def is_registered(turn: Turn) -> bool:
    return turn.repository.live_registration(turn.somebody.id, turn.data["plan"]) is not None


def is_submitted(turn: Turn) -> bool:
    return application_of(turn).submitted_at is not None


def _was_asked_to_submit(turn: Turn) -> bool:
    """Opened by registering, which wants a submitted form and goes on as soon as there is one."""
    return turn.data.get("purpose") == "register"


def submitted_form(application: Application, turn: Turn) -> Application:
    """What was submitted last."""
    if application.submission_id is None:
        raise LookupError("nothing was submitted yet")
    return turn.repository.submission(application.submission_id)


def _is_unchanged(turn: Turn) -> bool:
    application = application_of(turn)
    return application.submitted_at is not None and not application.changed_since


def _submit(turn: Turn) -> None:
    turn.repository.submit(application_of(turn).id, FORM.version, turn.at)
    turn.applications.clear()


def _tell_unchanged(turn: Turn) -> None:
    turn.notice("form_unchanged")


def _tell_locked(turn: Turn) -> None:
    turn.error("form_locked")


def _live_number(turn: Turn) -> str:
    registration = turn.repository.live_registration(turn.somebody.id, turn.data["plan"])
    return registration.number if registration else ""


def _open_record(turn: Turn) -> None:
    turn.open("records", number=_live_number(turn))


def _open_cancelling(turn: Turn) -> None:
    turn.open("records", number=_live_number(turn), cancel="yes")


def _view_submitted(turn: Turn) -> View:
    plan = turn.repository.plan(turn.data["plan"])
    rows = ((Button("register", style=Style.PRIMARY),), (Button("see_form"),), (Button("back"),))
    is_open = plan is not None and plan.status(turn.at) is PlanStatus.OPEN
    return View({"plan": plan, "open": is_open, "now": turn.at}, rows)


def _view_form(turn: Turn) -> View:
    application = application_of(turn)
    registered = is_registered(turn)
    plan = turn.repository.plan(application.plan_code)
    values = {
        "plan": plan,
        "person": turn.somebody,
        "parts": FORM.parts(submitted_form(application, turn)),
        "submitted_at": application.submitted_at,
        "changed": application.changed_since,
        "registered": registered,
    }
    main = Button("edit")
    if registered:
        is_open = plan is not None and plan.status(turn.at) is PlanStatus.OPEN
        main = Button("cancel") if is_open else Button("record", style=Style.PRIMARY)
    return View(values, ((main,), (Button("back"),)))


def _note_picture(turn: Turn) -> None:
    """The picture was checked. A refusal is said on the question's own screen, or beside whatever is open."""
    event = turn.event
    if not isinstance(event, Came):
        raise TypeError("no result came with this event")
    picture = turn.repository.picture(int(event.about["picture"]))
    if picture is None or picture.state is not PictureState.FETCHING:
        return
    reason = event.outcome.get("reason")
    state = PictureState.REFUSED if reason else PictureState.STORED
    turn.repository.settle_picture(picture.id, state, event.outcome.get("file"), reason)
    turn.applications.clear()
    question = question_of(picture.field)
    if reason and (turn.frame.flow, turn.state) == ("application", f"ask_{question}"):
        complain_of_picture(turn, picture.field, f"picture_{reason}")
    elif reason:
        turn.do(Say("picture_refused", {"question": question, "reason": reason}))


APPLICATION = Flow(
    "application",
    1,
    [
        State("gate"),
        State("entrance"),
        State("submitted", _view_submitted),
        State("form", _view_form),
        *FORM_BUILDER.states(),
    ],
    [
        *gate("entrance"),
        Transition("entrance", PASSED, "form", when=[is_submitted], unless=[_was_asked_to_submit]),
        Transition("entrance", PASSED, "overview"),
        Transition("form", "edit", "overview", unless=[is_registered], do=[returns_to("")]),
        Transition("form", "edit", None, do=[_tell_locked]),
        Transition("form", "record", None, do=[_open_record]),
        Transition("form", "cancel", None, do=[_open_cancelling]),
        Transition("form", RESUMED, None),
        Transition("form", "back", None, do=[closes()]),
        Transition("overview", "back", None, do=[closes()]),
        *FORM_BUILDER.transitions(),
        Transition("submitting", PASSED, "form", when=[is_registered], do=[_tell_locked]),
        Transition("submitting", PASSED, None, when=[_was_asked_to_submit, _is_unchanged], do=[closes("done")]),
        Transition("submitting", PASSED, "form", when=[_is_unchanged], do=[_tell_unchanged]),
        Transition("submitting", PASSED, None, when=[_was_asked_to_submit], do=[_submit, closes("done")]),
        Transition("submitting", PASSED, "submitted", do=[_submit]),
        Transition("submitted", "register", None, do=[opens_for_plan("register")]),
        Transition("submitted", "see_form", "form"),
        Transition("submitted", RESUMED, None),
        Transition("submitted", "back", None, do=[closes("done")]),
    ],
    background={"picture": _note_picture},
)
