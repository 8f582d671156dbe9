"""Looking at plans. Needs no account."""

from __future__ import annotations

from flows.applicant.gate import closes, opens_for_plan
from flows.effects import Button, Style
from flows.engine.flow import OPENING, PASSED, RESUMED, Flow, State, Transition, View
from flows.engine.lists import page_of, turns_page
from flows.engine.turn import Turn
from flows.model import Plan, PlanStatus


def _plan(turn: Turn) -> Plan | None:
    return turn.repository.plan(turn.data.get("plan", ""))


def _has_plan(turn: Turn) -> bool:
    return _plan(turn) is not None


def _forget_plan(turn: Turn) -> None:
    if turn.data.pop("plan", None) is not None:
        turn.error("plan_unknown")


def _choose_plan(turn: Turn) -> None:
    turn.data["plan"] = turn.argument


def _view_list(turn: Turn) -> View:
    page = page_of(turn, turn.repository.plans())
    rows = [(Button("plan", plan.code, values={"plan": plan, "now": turn.at}),) for plan in page.items]
    return View({"page": page, "now": turn.at}, (*rows, page.buttons))


def view_plan(turn: Turn) -> View:
    plan = _plan(turn)
    if plan is None:
        return View({"plan": None}, ((Button("back"),),))
    application = turn.person and turn.repository.application(turn.person.id, plan.code)
    registration = turn.person and turn.repository.live_registration(turn.person.id, plan.code)
    submitted = bool(application and application.submitted_at)
    status = plan.status(turn.at)
    values = {
        "plan": plan,
        "now": turn.at,
        "registered": turn.repository.registered(plan.code),
        "submitted": submitted,
        "begun": bool(application and (application.answers or application.pictures)),
        "registration": registration,
    }
    rows = []
    if registration is not None:
        rows.append((Button("record", style=Style.PRIMARY),))
    elif status in {PlanStatus.UPCOMING, PlanStatus.OPEN}:
        rows.append((Button("register", style=Style.PRIMARY if status is PlanStatus.OPEN else None),))
    if submitted:
        rows.append((Button("see_form"),))
    elif status in {PlanStatus.UPCOMING, PlanStatus.OPEN}:
        rows.append((Button("fill_in"),))
    rows.append((Button("back"),))
    return View(values, tuple(rows))


def _open_record(turn: Turn) -> None:
    registration = turn.repository.live_registration(turn.somebody.id, turn.data["plan"])
    turn.open("records", number=registration.number if registration else "")


def _leave_plan(turn: Turn) -> None:
    turn.data.pop("plan", None)


PLANS = Flow(
    "plans",
    1,
    [State("list", _view_list), State("plan", view_plan)],
    [
        Transition(OPENING, PASSED, "plan", when=[_has_plan]),
        Transition(OPENING, PASSED, "list", do=[_forget_plan]),
        Transition("list", "plan", "plan", do=[_choose_plan]),
        Transition("list", "page", None, do=[turns_page]),
        Transition("list", "back", None, do=[closes()]),
        Transition("plan", "register", None, do=[opens_for_plan("register")]),
        Transition("plan", "record", None, do=[_open_record]),
        Transition("plan", "fill_in", None, do=[opens_for_plan("application")]),
        Transition("plan", "see_form", None, do=[opens_for_plan("application")]),
        Transition("plan", "back", "list", do=[_leave_plan]),
        Transition("plan", RESUMED, None),
    ],
)
