"""The gate before what needs an account: goes through sign-up and real name as far as needed, and back."""

from __future__ import annotations

from flows.engine.flow import OPENING, PASSED, RESUMED, Action, Guard, Transition
from flows.engine.turn import Turn


def has_no_phone(turn: Turn) -> bool:
    return turn.person is None


def is_unverified(turn: Turn) -> bool:
    return turn.person is not None and not turn.person.is_verified


def was_left(turn: Turn) -> bool:
    return turn.result == "left"


def opens(flow: str) -> Action:
    def open_flow(turn: Turn) -> None:
        turn.open(flow)

    open_flow.__name__ = f"open_{flow}"
    return open_flow


def opens_for_plan(flow: str) -> Action:
    def open_flow(turn: Turn) -> None:
        turn.open(flow, plan=turn.data["plan"])

    open_flow.__name__ = f"open_{flow}"
    return open_flow


def closes(result: str = "left") -> Action:
    def close(turn: Turn) -> None:
        turn.close(result)

    return close


def gate(to: str, *, name: bool = True, first: tuple[Transition, ...] = ()) -> list[Transition]:
    """Transitions of the state ``gate``: on to ``to`` once phone (and real name, if ``name``) are proven.

    Whoever turns back on the way leaves the flow.
    """
    still_lacks: list[Guard] = [has_no_phone]
    made = [
        Transition(OPENING, PASSED, "gate"),
        *first,
        Transition("gate", PASSED, None, when=[has_no_phone], do=[opens("sign_up")]),
    ]
    if name:
        made.append(Transition("gate", PASSED, None, when=[is_unverified], do=[opens("real_name")]))
        still_lacks = []
    return [
        *made,
        Transition("gate", PASSED, to),
        Transition("gate", RESUMED, None, when=[was_left, *still_lacks], do=[closes("left")]),
        Transition("gate", RESUMED, None),
    ]
