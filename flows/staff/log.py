"""操作日志: what staff did, the newest first; of all, or of one plan."""

from __future__ import annotations

from flows.engine.flow import OPENING, PASSED, State, Transition, View
from flows.engine.lists import turns_page
from flows.engine.turn import Turn
from flows.staff.desk import DeskFlow, closes
from flows.staff.model import Duty
from flows.staff.pages import page_read

LINES = 8  # a page


def _view_list(turn: Turn) -> View:
    about = turn.data.get("about", "")
    repository = turn.repository
    page = page_read(turn, repository.log_length(about), LINES, lambda *part: repository.log_page(about, *part))
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
