"""Registering for the draw: through what is missing, a confirmation, a number. Both ends of the window are judged by
the moment the tap reached the inbox."""

from __future__ import annotations

from flows.applicant.gate import closes, gate, was_left
from flows.applicant.records import export
from flows.effects import Button, Style
from flows.engine.flow import PASSED, RESUMED, Flow, State, Transition, View
from flows.engine.turn import Turn
from flows.model import PlanStatus
from flows.ports import AlreadyRegistered

# Without characters that are taken for others when read aloud or by hand: 0 O 1 I L 2 Z 5 S 8 B U V.
ALPHABET = "34679ACDEFGHJKMNPQRTWXY"


def _status(turn: Turn) -> PlanStatus | None:
    plan = turn.repository.plan(turn.data["plan"])
    return plan.status(turn.at) if plan is not None else None


def _is_gone(turn: Turn) -> bool:
    return _status(turn) in {None, PlanStatus.WITHDRAWN}


def _is_early(turn: Turn) -> bool:
    return _status(turn) is PlanStatus.UPCOMING


def _is_late(turn: Turn) -> bool:
    return _status(turn) is PlanStatus.CLOSED


def _is_registered(turn: Turn) -> bool:
    person = turn.person
    return person is not None and turn.repository.live_registration(person.id, turn.data["plan"]) is not None


def _lacks_form(turn: Turn) -> bool:
    application = turn.repository.application(turn.somebody.id, turn.data["plan"])
    return application is None or application.submitted_at is None


def _open_form(turn: Turn) -> None:
    turn.open("application", plan=turn.data["plan"], purpose="register")


def _register(turn: Turn) -> None:
    """Draws numbers until one is free: the alphabet gives 7.8e10, so the first nearly always is."""
    plan, person = turn.data["plan"], turn.somebody
    application = turn.repository.application(person.id, plan)
    if application is None or application.submission_id is None:
        raise LookupError("registering without a submitted form")
    try:
        while True:
            letters = turn.chance.letters(8, ALPHABET)
            number = f"{plan}-{letters[:4]}-{letters[4:]}"
            if turn.repository.register(number, person.id, plan, application.submission_id, turn.at) is not None:
                turn.data["number"] = number
                return
    except AlreadyRegistered:
        registration = turn.repository.live_registration(person.id, plan)
        turn.data["number"] = registration.number if registration else ""


def _remember_number(turn: Turn) -> None:
    registration = turn.repository.live_registration(turn.somebody.id, turn.data["plan"])
    turn.data["number"] = registration.number if registration else ""


def _open_record(turn: Turn) -> None:
    turn.open("records", number=turn.data["number"])


def _open_application(turn: Turn) -> None:
    turn.open("application", plan=turn.data["plan"])


def _go_home(turn: Turn) -> None:
    turn.start_over()


def _view_refused(turn: Turn) -> View:
    plan = turn.repository.plan(turn.data["plan"])
    rows = [(Button("fill_in", style=Style.PRIMARY),)] if _is_early(turn) else []
    if _status(turn) is PlanStatus.OPEN:  # the plan has opened while this screen stood there
        rows = [(Button("register", style=Style.PRIMARY),)]
    return View({"plan": plan, "status": _status(turn), "now": turn.at}, (*rows, (Button("back"),)))


def _view_confirm(turn: Turn) -> View:
    plan = turn.repository.plan(turn.data["plan"])
    values = {"plan": plan, "person": turn.somebody, "now": turn.at}
    return View(values, ((Button("confirm", style=Style.SUCCESS),), (Button("back"),)))


def _view_registered(turn: Turn) -> View:
    rows = ((Button("record", style=Style.PRIMARY),), (Button("export"),), (Button("home"),))
    return View({"number": turn.data["number"], "plan": turn.repository.plan(turn.data["plan"])}, rows)


def _view_already(turn: Turn) -> View:
    rows = ((Button("record", style=Style.PRIMARY),), (Button("back"),))
    return View({"number": turn.data["number"], "plan": turn.repository.plan(turn.data["plan"])}, rows)


REGISTER = Flow(
    "register",
    1,
    [
        State("gate"),
        State("form_gate"),
        State("refused", _view_refused),
        State("already", _view_already),
        State("confirm", _view_confirm),
        State("registered", _view_registered),
    ],
    [
        *gate(
            "form_gate",
            first=(
                Transition("gate", PASSED, "refused", when=[_is_gone]),
                Transition("gate", PASSED, "already", when=[_is_registered], do=[_remember_number]),
                Transition("gate", PASSED, "refused", when=[_is_early]),
                Transition("gate", PASSED, "refused", when=[_is_late]),
            ),
        ),
        Transition("form_gate", PASSED, "already", when=[_is_registered], do=[_remember_number]),
        Transition("form_gate", PASSED, None, when=[_lacks_form], do=[_open_form]),
        Transition("form_gate", PASSED, "confirm"),
        Transition("form_gate", RESUMED, None, when=[was_left], do=[closes()]),
        Transition("form_gate", RESUMED, None),
        Transition("confirm", "confirm", "refused", when=[_is_gone]),
        Transition("confirm", "confirm", "refused", when=[_is_late]),
        Transition("confirm", "confirm", "refused", when=[_is_early]),
        Transition("confirm", "confirm", "registered", do=[_register]),
        Transition("confirm", "back", None, do=[closes()]),
        Transition("refused", "register", "gate"),
        Transition("refused", "fill_in", None, do=[_open_application]),
        Transition("refused", RESUMED, "gate"),  # it may have opened by now
        Transition("refused", "back", None, do=[closes()]),
        Transition("registered", "record", None, do=[_open_record]),
        Transition("registered", "export", None, do=[export]),
        Transition("registered", "home", None, do=[_go_home]),
        Transition("registered", RESUMED, None),
        Transition("already", "record", None, do=[_open_record]),
        Transition("already", RESUMED, None),
        Transition("already", "back", None, do=[closes()]),
    ],
)
