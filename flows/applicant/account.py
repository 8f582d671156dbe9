"""「我的资料」: what Anju knows of the person, masked."""

from __future__ import annotations

from flows.applicant.gate import closes, gate, opens
from flows.effects import Button, Style
from flows.engine.flow import RESUMED, Flow, State, Transition, View
from flows.engine.turn import Turn


def _view_me(turn: Turn) -> View:
    person = turn.somebody
    rows = [] if person.is_verified else [(Button("real_name", style=Style.PRIMARY),)]
    return View({"person": person}, (*rows, (Button("privacy"),), (Button("back"),)))


ME = Flow(
    "me",
    1,
    [State("gate"), State("overview", _view_me)],
    [
        *gate("overview", name=False),
        Transition("overview", "real_name", None, do=[opens("real_name")]),
        Transition("overview", "privacy", None, do=[opens("privacy")]),
        Transition("overview", RESUMED, None),
        Transition("overview", "back", None, do=[closes()]),
    ],
)
