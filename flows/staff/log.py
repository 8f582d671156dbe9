"""操作日志: what staff did, the newest first; of all, or of one plan; and taken away as a file."""

from __future__ import annotations

from flows.effects import Button, ExportLog, Say
from flows.engine.flow import OPENING, PASSED, State, Transition, View
from flows.engine.lists import page_of, part_of, turns_page, turns_page_of
from flows.engine.turn import Turn
from flows.events import Came
from flows.staff.desk import DeskFlow, closes, note
from flows.staff.model import Act, Duty

LINES = 8  # a page
CODES = 6
FORMS = ("xlsx", "csv")


def _choose_plan(turn: Turn) -> None:
    turn.data["about"] = f"plan:{turn.argument}"
    turn.data.pop("page", None)


def _show_all(turn: Turn) -> None:
    turn.data.pop("about", None)
    turn.data.pop("page", None)


def _export(turn: Turn) -> None:
    """Written down before the file is made, so that the file has this line, too."""
    about = turn.data.get("about", "")
    note(turn, Act.EXPORTED, "log", None, {"what": "log", "of": about, "form": turn.argument})
    turn.do(ExportLog(about, turn.argument))
    turn.pop_up("file_coming")


def _note_file(turn: Turn) -> None:
    event = turn.event
    if isinstance(event, Came) and event.outcome.get("status") == "given_up":
        turn.do(Say("file_failed"))


def _view_list(turn: Turn) -> View:
    about, repository = turn.data.get("about", ""), turn.repository
    page = part_of(turn, repository.log_length(about), lambda *part: repository.log_page(about, *part), size=LINES)
    names = {entry.who: repository.staff_name(entry.who) for entry in page.items}
    names |= {member: repository.staff_name(member) for entry in page.items if (member := entry.member)}
    files = tuple(Button("export", form, values={"form": form}) for form in FORMS)
    rows = ((Button("all" if about else "filter"),), files, page.buttons)
    return View({"page": page, "names": names, "code": about.partition(":")[2]}, rows)


def _view_choose_plan(turn: Turn) -> View:
    page = page_of(turn, turn.repository.logged_plans(), key="codes_page", size=CODES)
    rows = [(Button("plan", code, values={"code": code}),) for code in page.items]
    return View({"page": page}, (*rows, page.buttons))


AUDIT = DeskFlow(
    "audit",
    Duty.AUDIT,
    [State("list", _view_list), State("choose_plan", _view_choose_plan)],
    [
        Transition(OPENING, PASSED, "list"),
        Transition("list", "filter", "choose_plan"),
        Transition("list", "all", None, do=[_show_all]),
        Transition("list", "export", None, do=[_export]),
        Transition("list", "page", None, do=[turns_page]),
        Transition("list", "back", None, do=[closes()]),
        Transition("choose_plan", "plan", "list", do=[_choose_plan]),
        Transition("choose_plan", "page", None, do=[turns_page_of("codes_page")]),
        Transition("choose_plan", "back", "list"),
    ],
    background={"log": _note_file},
)
