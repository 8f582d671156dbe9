"""The desk: who may come to it, and the rooms that they may enter.

Every event is judged by the role that somebody has at that moment: whoever is removed finds every screen of the desk
closed from then on, and every button of it dead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from flows.effects import Button, SetMenu, Style
from flows.engine.flow import OPENING, PASSED, RESUMED, Action, Flow, State, Transition, View
from flows.engine.turn import Turn
from flows.staff.model import MAY, Act, Duty, Staff

Seen = Callable[[Turn], View]
ROOMS: Mapping[Duty, str] = {  # in the order of the buttons; the flow has the name of its button
    Duty.PLANS: "desk_plans",
    Duty.STATISTICS: "statistics",
    Duty.PEOPLE: "people",
    Duty.AUDIT: "audit",
}


def clerk(turn: Turn) -> Staff | None:
    """Whoever works here and is in this chat."""
    return turn.repository.staff(turn.chat_id)


def may(turn: Turn, duty: Duty) -> bool:
    somebody = clerk(turn)
    return somebody is not None and duty in MAY[somebody.role]


def note(
    turn: Turn,
    act: Act,
    about: str,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    """Writes down what the person in this chat has done."""
    turn.repository.log(turn.at, turn.chat_id, act, about, before, after)


class DeskFlow(Flow):
    """A flow for those who have a duty (any, without one). To everybody else it is a closed door, whatever they do."""

    def __init__(
        self,
        name: str,
        duty: Duty | None,
        states: Sequence[State],
        transitions: Sequence[Transition],
        *,
        background: Mapping[str, Action] | None = None,
    ) -> None:
        self.duty = duty
        super().__init__(name, 1, states, transitions, background=background)

    def admits(self, turn: Turn) -> bool:
        return may(turn, self.duty) if self.duty is not None else clerk(turn) is not None

    def window(self, state: str) -> str:
        return self.states[state].window or f"staff/{self.name}/{state}"

    def view(self, turn: Turn) -> View:
        return super().view(turn) if self.admits(turn) else closed(turn)

    def trigger(self, name: str, turn: Turn) -> bool:
        if self.admits(turn):
            return super().trigger(name, turn)
        if name not in self.accepts[turn.state] and name != "back":
            return False
        turn.start_over()
        return True


def closed(_: Turn) -> View:
    return View(rows=((Button("back"),),), window="staff/desk/closed")


def opens(flow: str) -> Action:
    def open_flow(turn: Turn) -> None:
        turn.open(flow)

    open_flow.__name__ = f"open_{flow}"
    return open_flow


def closes() -> Action:
    def close(turn: Turn) -> None:
        turn.close()

    return close


def may_enter(turn: Turn) -> bool:
    return clerk(turn) is not None


def _show_in_menu(turn: Turn) -> None:
    """Once: later it is there."""
    if turn.repository.note_menu(turn.chat_id, turn.at):
        turn.do(SetMenu(turn.chat_id, staff=True))


def _view_home(turn: Turn) -> View:
    somebody = clerk(turn)
    rooms = [room for duty, room in ROOMS.items() if may(turn, duty)]
    rows = [(Button(room, style=Style.PRIMARY if place == 0 else None),) for place, room in enumerate(rooms)]
    values = {"clerk": somebody, "role": somebody.role if somebody else None}
    return View(values, (*rows, (Button("back"),)))


DESK = DeskFlow(
    "desk",
    None,
    [State("closed", closed), State("home", _view_home)],
    [
        Transition(OPENING, PASSED, "home", when=[may_enter], do=[_show_in_menu]),
        Transition(OPENING, PASSED, "closed"),
        Transition("closed", "back", None, do=[closes()]),
        *(Transition("home", room, None, do=[opens(room)]) for room in ROOMS.values()),
        Transition("home", RESUMED, None),
        Transition("home", "back", None, do=[closes()]),
    ],
)
