"""A new plan step by step in the chat: a form that is kept after every answer, and becomes a draft in the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flows.effects import Button, Style
from flows.engine.flow import OPENING, PASSED, Action, State, Transition, View
from flows.engine.form import Sheet
from flows.engine.form_flow import FormBuilder, returns_to
from flows.engine.turn import Turn
from flows.events import File
from flows.model import Picture, Plan
from flows.staff import drafting
from flows.staff.desk import DeskFlow, closes
from flows.staff.model import Duty
from flows.staff.plan_form import PLAN_FORM, plan_of

_MEMO = "plan_sheet"
UNNAMED = ""


@dataclass(frozen=True, slots=True)
class PlanSheet:
    """``flows.engine.form.Sheet``."""

    answers: Mapping[str, str]
    pictures: Sequence[Picture] = ()


class PlanPaper:
    """``flows.engine.form.Paper``: one sheet a clerk. Pictures are sent to the draft that becomes of it."""

    def sheet(self, turn: Turn) -> PlanSheet:
        if _MEMO not in turn.memo:
            turn.memo[_MEMO] = PlanSheet(turn.repository.plan_sheet(turn.chat_id))
        kept: PlanSheet = turn.memo[_MEMO]
        return kept

    def save(self, turn: Turn, slot: str, value: str | None) -> None:
        turn.repository.save_plan_answer(turn.chat_id, slot, value, turn.at)
        turn.memo.pop(_MEMO, None)

    def drop(self, turn: Turn) -> None:
        turn.repository.drop_plan_sheet(turn.chat_id)
        turn.memo.pop(_MEMO, None)

    def previous(self, turn: Turn) -> Mapping[str, str]:  # noqa: ARG002 - every plan is a new one
        return {}

    def add_picture(self, turn: Turn, slot: str, file: File) -> None:
        """No question takes any."""

    def remove_pictures(self, turn: Turn, slot: str) -> None:
        """There are none."""

    def show_pictures(self, turn: Turn, pictures: Sequence[Picture]) -> bool:  # noqa: ARG002
        return False


class PlanFormBuilder(FormBuilder):
    """With a way to throw away what was entered."""

    def view_overview(self, turn: Turn) -> View:
        view = super().view_overview(turn)
        if not self.sheet(turn).answers:
            return view
        return replace(view, rows=(*view.rows[:-1], (Button("throw_away"),), view.rows[-1]))


def unfinished(turn: Turn) -> str | None:
    """What this clerk's plan is called that is not finished yet, empty without a name; None if there is none."""
    answers = PAPER.sheet(turn).answers
    return answers.get("plan_name", UNNAMED) if answers else None


def _about(turn: Turn) -> Mapping[str, object]:
    """For task list and review: the plan, as soon as it is one."""
    sheet: Sheet = PAPER.sheet(turn)
    whole = None if PLAN_FORM.gaps(sheet) else plan_of(sheet)
    return {"name": unfinished(turn) or UNNAMED, "plan": whole}


PAPER = PlanPaper()
BUILDER = PlanFormBuilder(
    PLAN_FORM,
    PAPER,
    _about,
    windows={"overview": "staff/composing/overview", "review": "staff/composing/review"},
    remembers=False,
)


# --- the end of it ---------------------------------------------------------------------------------------------------


def _entered(turn: Turn) -> Plan:
    return plan_of(PAPER.sheet(turn))


def _is_taken(turn: Turn) -> bool:
    """There is a plan of this code, or this clerk is at work on one: neither is to be overwritten."""
    code = _entered(turn).code
    is_stored = turn.repository.stored_plan(code) is not None
    return is_stored or turn.repository.draft_of(code, turn.chat_id) is not None


def _say_taken(turn: Turn) -> None:
    turn.error("plan_code_taken", code=_entered(turn).code)


def _make_draft(turn: Turn) -> None:
    """The list of plans, where one comes back to, opens it."""
    turn.memo["new_draft"] = drafting.keep_workbook(turn, _entered(turn))
    PAPER.drop(turn)
    turn.notice("draft_made")
    turn.close("done")


def _throw_away(turn: Turn) -> None:
    PAPER.drop(turn)
    turn.notice("sheet_thrown_away")
    turn.close()


def _view_confirm(turn: Turn) -> View:
    rows = ((Button("confirm_throwing_away", style=Style.DANGER),), (Button("back"),))
    return View({"name": unfinished(turn) or UNNAMED, "saved": BUILDER.saved(turn)}, rows)


_leave: Action = closes()

COMPOSING = DeskFlow(
    "composing",
    Duty.PLANS,
    [State("confirm_throwing_away", _view_confirm), *BUILDER.states()],
    [
        Transition(OPENING, PASSED, "overview"),
        Transition("overview", "back", None, do=[_leave]),
        Transition("overview", "throw_away", "confirm_throwing_away"),
        Transition("confirm_throwing_away", "confirm_throwing_away", None, do=[_throw_away]),
        Transition("confirm_throwing_away", "back", "overview"),
        *BUILDER.transitions(),
        Transition("submitting", PASSED, "ask_plan_code", when=[_is_taken], do=[returns_to("review"), _say_taken]),
        Transition("submitting", PASSED, None, do=[_make_draft]),
    ],
)
