"""What became of a registration: list, record, PDF, cancelling."""

from __future__ import annotations

from flows.applicant.gate import closes, gate
from flows.effects import Button, MakeRecord, Say, Style
from flows.engine.flow import PASSED, Flow, State, Transition, View
from flows.engine.lists import page_of, turns_page
from flows.engine.turn import Turn
from flows.events import Came
from flows.model import PlanStatus, Registration, RegistrationState


def _mine(turn: Turn) -> Registration | None:
    """The chosen record, if it is this person's."""
    registration = turn.repository.registration(turn.data.get("number", ""))
    mine = registration is not None and turn.person is not None and registration.person_id == turn.person.id
    return registration if mine else None


def _record(turn: Turn) -> Registration:
    registration = _mine(turn)
    if registration is None:
        raise LookupError("no record is open")
    return registration


def _has_record(turn: Turn) -> bool:
    return _mine(turn) is not None


def _came_from_elsewhere(turn: Turn) -> bool:
    """Opened on one record: back leads out, not to the list."""
    return "direct" in turn.data


def _wants_to_cancel(turn: Turn) -> bool:
    return "cancel" in turn.data


def _remember_direct(turn: Turn) -> None:
    turn.data["direct"] = "yes"


def _choose(turn: Turn) -> None:
    turn.data["number"] = turn.argument


def _leave_record(turn: Turn) -> None:
    turn.data.pop("number", None)


def _is_live(registration: Registration) -> bool:
    return registration.state is RegistrationState.REGISTERED


def may_cancel(turn: Turn) -> bool:
    """Only inside the window, as registering."""
    registration = _mine(turn)
    plan = turn.repository.plan(registration.plan_code) if registration else None
    return bool(registration and plan and _is_live(registration) and plan.status(turn.at) is PlanStatus.OPEN)


def _cancel(turn: Turn) -> None:
    turn.repository.cancel(turn.data["number"], turn.at)
    turn.notice("cancelled")


def _refuse_cancel(turn: Turn) -> None:
    turn.error("cancel_too_late")


def export(turn: Turn) -> None:
    turn.do(MakeRecord(turn.somebody.id, turn.data["number"]))
    turn.pop_up("record_being_made")


def _note_record(turn: Turn) -> None:
    event = turn.event
    if isinstance(event, Came) and event.outcome.get("status") == "given_up":
        turn.do(Say("record_failed"))


def _open_plan(turn: Turn) -> None:
    turn.start_over("plans", plan=_record(turn).plan_code)


def _view_list(turn: Turn) -> View:
    page = page_of(turn, turn.repository.registrations(turn.somebody.id))
    plans = {registration.plan_code: turn.repository.plan(registration.plan_code) for registration in page.items}
    rows = [
        (
            Button(
                "record",
                registration.number,
                values={"registration": registration, "plan": plans[registration.plan_code]},
            ),
        )
        for registration in page.items
    ]
    return View({"page": page, "plans": plans}, (*rows, page.buttons))


def _view_record(turn: Turn) -> View:
    registration = _record(turn)
    plan = turn.repository.plan(registration.plan_code)
    rows = [(Button("export", style=Style.PRIMARY),)]
    if may_cancel(turn):
        rows.append((Button("cancel"),))
    elif not _is_live(registration):
        rows.append((Button("see_plan"),))
    rows.append((Button("back"),))
    return View({"registration": registration, "plan": plan, "person": turn.somebody, "now": turn.at}, tuple(rows))


def _view_confirm_cancel(turn: Turn) -> View:
    plan = turn.repository.plan(_record(turn).plan_code)
    rows = ((Button("confirm_cancel", style=Style.DANGER),), (Button("keep"),))
    return View({"registration": _record(turn), "plan": plan, "now": turn.at}, rows)


RECORDS = Flow(
    "records",
    1,
    [
        State("gate"),
        State("entrance"),
        State("list", _view_list),
        State("record", _view_record),
        State("confirm_cancel", _view_confirm_cancel),
    ],
    [
        *gate("entrance", name=False),
        Transition("entrance", PASSED, "confirm_cancel", when=[_wants_to_cancel, may_cancel], do=[_remember_direct]),
        Transition("entrance", PASSED, "record", when=[_has_record], do=[_remember_direct]),
        Transition("entrance", PASSED, "list"),
        Transition("list", "record", "record", do=[_choose]),
        Transition("list", "page", None, do=[turns_page]),
        Transition("list", "back", None, do=[closes()]),
        Transition("record", "export", None, do=[export]),
        Transition("record", "cancel", "confirm_cancel", when=[may_cancel]),
        Transition("record", "cancel", None, do=[_refuse_cancel]),
        Transition("record", "see_plan", None, do=[_open_plan]),
        Transition("record", "back", None, when=[_came_from_elsewhere], do=[closes()]),
        Transition("record", "back", "list", do=[_leave_record]),
        Transition("confirm_cancel", "confirm_cancel", "record", when=[may_cancel], do=[_cancel]),
        Transition("confirm_cancel", "confirm_cancel", "record", do=[_refuse_cancel]),
        Transition("confirm_cancel", "keep", "record"),
    ],
    background={"record": _note_record},
)
