"""Real name: name and ID number of the identity card, asked of the identity service.

Each question to the service costs money: three failed ones a person and day, five an ID number and day.
"""

from __future__ import annotations

from flows.applicant.gate import closes
from flows.effects import Button, CheckIdentity, DeleteMessage, Say, Style
from flows.engine.fields import FullName, IdNumber, Invalid, birth_day
from flows.engine.flow import OPENING, PASSED, RESUMED, TEXT_SENT, Flow, State, Transition, View, came
from flows.engine.text import plain_digits
from flows.engine.turn import Turn
from flows.events import Came, Text
from flows.model import DAY, DocumentKind, IdentityCheck, beijing_day

FAILURES_PER_PERSON = 3
FAILURES_PER_NUMBER = 5
PRIVATE_DIGITS = 15  # so many are no name, but very likely an ID number that was typed too early


def _name(turn: Turn) -> str | Invalid:
    try:
        return FullName().parse(turn.text, {})
    except Invalid as invalid:
        return invalid


def _id_number(turn: Turn) -> str | Invalid:
    try:
        number = IdNumber().parse(turn.text, {})
    except Invalid as invalid:
        return invalid
    if birth_day(number) > beijing_day(turn.at):
        return Invalid("id_day")
    holder = turn.repository.id_number_holder(number)
    return number if holder in {None, turn.somebody.id} else Invalid("id_taken")


def _has_name(turn: Turn) -> bool:
    return isinstance(_name(turn), str)


def _has_id_number(turn: Turn) -> bool:
    return isinstance(_id_number(turn), str)


def _keep_name(turn: Turn) -> None:
    turn.data["name"] = str(_name(turn))


def _keep_id_number(turn: Turn) -> None:
    turn.data["id_number"] = str(_id_number(turn))
    _delete_typed(turn)


def _delete_typed(turn: Turn) -> None:
    if isinstance(turn.event, Text):
        turn.do(DeleteMessage(turn.event.message_id))
        turn.notice("message_deleted")


def _complain_of_name(turn: Turn) -> None:
    name = _name(turn)
    if isinstance(name, Invalid):
        turn.error(name.key, question="real_name", **name.values_)
    if sum(character.isdecimal() for character in turn.text) >= PRIVATE_DIGITS:
        _delete_typed(turn)


def _complain_of_id_number(turn: Turn) -> None:
    number = _id_number(turn)
    if isinstance(number, Invalid):
        turn.error(number.key, **number.values_)
    if len(plain_digits(turn.text)) >= 6:
        _delete_typed(turn)


def _tries_left(turn: Turn, person_id: int, id_number: str) -> int:
    mine, its = turn.repository.identity_mismatches(person_id, id_number, turn.at - DAY)
    return max(0, min(FAILURES_PER_PERSON - mine, FAILURES_PER_NUMBER - its))


def _has_tries(turn: Turn) -> bool:
    return _tries_left(turn, turn.somebody.id, turn.data["id_number"]) > 0


def _is_verified(turn: Turn) -> bool:
    return turn.somebody.is_verified


def _is_pending(turn: Turn) -> bool:
    return turn.repository.pending_identity_check(turn.somebody.id) is not None


def _ask_service(turn: Turn) -> None:
    name, number = turn.data["name"], turn.data["id_number"]
    check = turn.repository.add_identity_check(turn.somebody.id, name, number, DocumentKind.RESIDENT_ID, turn.at)
    turn.do(CheckIdentity(check, name, number, DocumentKind.RESIDENT_ID))
    turn.data.clear()


def _forget_typed(turn: Turn) -> None:
    turn.data.clear()


def _refuse(turn: Turn) -> None:
    turn.error("identity_today")


# --- what the identity service said ----------------------------------------------------------------------------------


def _check(turn: Turn) -> IdentityCheck | None:
    event = turn.event
    if not isinstance(event, Came):
        raise TypeError("no result came with this event")
    return turn.repository.identity_check(int(event.about["check"]))


def _status(turn: Turn) -> str:
    """``match``, ``mismatch``, ``taken``, ``unavailable`` (asked again by itself) or ``given_up``."""
    return str(turn.memo.get("identity", ""))


def _note_identity(turn: Turn) -> None:
    """Written down wherever the person is by now, also on another account; told beside the screen if not on it."""
    check = _check(turn)
    event = turn.event
    if check is None or check.verdict is not None or not isinstance(event, Came):
        return
    status = event.outcome["status"]
    if status == "match" and turn.repository.id_number_holder(check.id_number) not in {None, check.person_id}:
        status = "taken"
    turn.memo["identity"] = status
    if status == "match":
        turn.repository.settle_identity_check(check.id, "match")
        turn.repository.verify_person(check.person_id, check.name, check.id_number, check.document, turn.at)
        turn.forget_person()
    elif status in {"mismatch", "taken", "given_up"}:
        turn.repository.settle_identity_check(check.id, "mismatch" if status == "mismatch" else "given_up")
    turn.memo["tries"] = _tries_left(turn, check.person_id, check.id_number) if status == "mismatch" else 0
    if (turn.frame.flow, turn.state) != ("real_name", "checking") and status != "unavailable":
        turn.do(Say(f"identity_{status}", {"tries": turn.memo["tries"]}))


def _is_match(turn: Turn) -> bool:
    return _status(turn) == "match"


def _is_unavailable(turn: Turn) -> bool:
    return _status(turn) == "unavailable"


def _is_over(turn: Turn) -> bool:
    return _status(turn) in {"mismatch", "taken", "given_up"}


def _congratulate(turn: Turn) -> None:
    turn.notice("identity_match")


def _remember_waiting(turn: Turn) -> None:
    turn.data["waiting"] = "yes"


def _remember_outcome(turn: Turn) -> None:
    turn.data.update(status=_status(turn), tries=str(turn.memo["tries"]))


# --- screens ---------------------------------------------------------------------------------------------------------


def _view_ask(_: Turn) -> View:
    return View(rows=((Button("back"),),))


def _view_confirm(turn: Turn) -> View:
    values = {"name": turn.data["name"], "id_number": turn.data["id_number"]}
    return View(values, ((Button("confirm", style=Style.PRIMARY),), (Button("again"),), (Button("back"),)))


def _view_checking(turn: Turn) -> View:
    return View({"waiting": "waiting" in turn.data}, ((Button("back"),),))


def _view_refused(turn: Turn) -> View:
    tries = int(turn.data["tries"])
    again = ((Button("again", style=Style.PRIMARY),),) if tries or turn.data["status"] != "mismatch" else ()
    return View({"status": turn.data["status"], "tries": tries}, (*again, (Button("back"),)))


REAL_NAME = Flow(
    "real_name",
    1,
    [
        State("ask_name", _view_ask),
        State("ask_id_number", _view_ask),
        State("confirm", _view_confirm),
        State("checking", _view_checking),
        State("refused", _view_refused),
    ],
    [
        Transition(OPENING, PASSED, None, when=[_is_verified], do=[closes("done")]),
        Transition(OPENING, PASSED, "checking", when=[_is_pending]),
        Transition(OPENING, PASSED, "ask_name"),
        Transition("ask_name", TEXT_SENT, "ask_id_number", when=[_has_name], do=[_keep_name]),
        Transition("ask_name", TEXT_SENT, None, do=[_complain_of_name]),
        Transition("ask_name", "back", None, do=[closes()]),
        Transition("ask_id_number", TEXT_SENT, "confirm", when=[_has_id_number], do=[_keep_id_number]),
        Transition("ask_id_number", TEXT_SENT, None, do=[_complain_of_id_number]),
        Transition("ask_id_number", "back", "ask_name"),
        Transition("confirm", "confirm", "checking", when=[_has_tries], do=[_ask_service]),
        Transition("confirm", "confirm", None, do=[_refuse]),
        Transition("confirm", "again", "ask_name", do=[_forget_typed]),
        Transition("confirm", "back", None, do=[closes()]),
        Transition("checking", came("identity"), None, when=[_is_match], do=[_congratulate, closes("done")]),
        Transition("checking", came("identity"), "refused", when=[_is_over], do=[_remember_outcome]),
        Transition("checking", came("identity"), None, when=[_is_unavailable], do=[_remember_waiting]),
        Transition("checking", RESUMED, OPENING, unless=[_is_pending]),
        Transition("checking", "back", None, do=[closes()]),
        Transition("refused", "again", "ask_name", do=[_forget_typed]),
        Transition("refused", "back", None, do=[closes()]),
    ],
    background={"identity": _note_identity},
)
