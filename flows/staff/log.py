"""操作日志: what staff did, the newest first; of all, or of one plan."""

from __future__ import annotations

from flows.engine.flow import OPENING, PASSED, State, Transition, View
from flows.engine.lists import part_of, turns_page
from flows.engine.turn import Turn
from flows.staff.desk import DeskFlow, closes
from flows.staff.model import Duty

LINES = 8  # a page


def _view_list(turn: Turn) -> View:
    about = turn.data.get("about", "")
    repository = turn.repository
    page = part_of(turn, repository.log_length(about), lambda *part: repository.log_page(about, *part), size=LINES)
    names = {entry.who: repository.staff_name(entry.who) for entry in page.items}
    names |= {member: repository.staff_name(member) for entry in page.items if (member := entry.member)}
    return View({"page": page, "names": names}, (page.buttons,))


AUDIT = DeskFlow(
    "audit",
    Duty.AUDIT,
    [State("list", _view_list)],
    [
        Transition(OPENING, PASSED, "list"),
        Transition("list", "page", None, do=[turns_page]),
        Transition("list", "back", None, do=[closes()]),
    ],
)
