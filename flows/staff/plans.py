"""配租计划 at the desk: every plan and draft, new ones from a workbook, and what can be done with one that stands."""

from __future__ import annotations

import json
from dataclasses import dataclass

from flows.effects import Button, ExportPlan, MakePoster, ReadWorkbook, Say, SendTemplate, Style
from flows.engine.fields import Invalid
from flows.engine.flow import FILE_SENT, OPENING, PASSED, RESUMED, TEXT_SENT, State, Transition, View, came
from flows.engine.lists import page_of, turns_page, turns_page_of
from flows.engine.turn import Turn
from flows.events import Came
from flows.model import Plan
from flows.staff import composing, drafting, typed
from flows.staff.desk import DeskFlow, closes, may, note, opens
from flows.staff.model import Act, DraftHead, Duty
from flows.staff.plan_text import plan_from_text

LISTED = 6  # a page
MISTAKES = 10
LONGEST_REASON = 300  # characters


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the list: a draft of what nobody sees yet, or a plan that is stored."""

    draft: DraftHead | None
    plan: Plan | None
    revised: bool = False  # somebody has a draft of changes


def _listed(turn: Turn) -> list[Listed]:
    stored, drafts = turn.repository.stored_plans(), turn.repository.drafts()
    public = {plan.code for plan in stored if plan.published_at is not None}
    drafted = {draft.code for draft in drafts}
    new = [Listed(draft, None) for draft in drafts if draft.code not in public]
    begun = [Listed(None, plan) for plan in stored if plan.published_at is None and plan.code not in drafted]
    return [*new, *begun, *(Listed(None, plan, plan.code in drafted) for plan in stored if plan.code in public)]


def _plan(turn: Turn) -> Plan | None:
    return turn.repository.stored_plan(turn.data.get("plan", ""))


# --- a workbook ------------------------------------------------------------------------------------------------------


def _is_file(turn: Turn) -> bool:
    return turn.file.as_document


def _say_as_file(turn: Turn) -> None:
    turn.error("workbook_as_file")


def _read_workbook(turn: Turn) -> None:
    turn.do(ReadWorkbook(turn.file.file_id, turn.file.size))


def _note_workbook(turn: Turn) -> None:
    """A draft is made of it wherever the clerk is by now; told beside the screen if they are elsewhere."""
    event = turn.event
    if not isinstance(event, Came) or not may(turn, Duty.PLANS):
        return
    outcome, waits = event.outcome, (turn.frame.flow, turn.state) == ("desk_plans", "reading")
    if "plan" in outcome:
        plan = plan_from_text(outcome["plan"])
        stored = turn.repository.stored_plan(plan.code)
        if stored is not None and not drafting.may_be_changed(stored, turn.at):
            turn.memo["wrong"] = "plan_is_withdrawn"
        else:
            turn.memo["new_draft"] = drafting.keep_workbook(turn, plan)
        if not waits:
            wrong = "withdrawn" if "wrong" in turn.memo else ""
            turn.do(Say("workbook_read", {"name": plan.name, "wrong": wrong}))
    elif "mistakes" in outcome:
        turn.memo["mistakes"] = outcome["mistakes"]
        if not waits:
            mistakes = json.loads(outcome["mistakes"])
            more = max(0, len(mistakes) - MISTAKES)
            turn.do(Say("workbook_mistakes", {"count": len(mistakes), "mistakes": mistakes[:MISTAKES], "more": more}))
    else:
        turn.memo["wrong"] = f"workbook_{outcome['reason']}"
        if not waits:
            turn.do(Say("workbook_unread"))


def _has_new_draft(turn: Turn) -> bool:
    return "new_draft" in turn.memo


def _has_mistakes(turn: Turn) -> bool:
    return "mistakes" in turn.memo


def _open_new_draft(turn: Turn) -> None:
    turn.open("draft", draft=str(turn.memo["new_draft"]))


def _keep_mistakes(turn: Turn) -> None:
    turn.data["mistakes"] = str(turn.memo["mistakes"])
    turn.data.pop("mistakes_page", None)


def _say_unread(turn: Turn) -> None:
    turn.error(str(turn.memo.get("wrong", "workbook_late")))


def _forget_mistakes(turn: Turn) -> None:
    turn.data.pop("mistakes", None)


def _send_template(turn: Turn) -> None:
    turn.do(SendTemplate())
    turn.pop_up("file_coming")


# --- one plan --------------------------------------------------------------------------------------------------------


def _choose(turn: Turn) -> None:
    turn.data["plan"] = turn.argument


def _open_draft(turn: Turn) -> None:
    turn.open("draft", draft=turn.argument)


def _begin_change(turn: Turn) -> None:
    draft = drafting.begin_change(turn, turn.data["plan"])
    if draft is not None:
        turn.open("draft", draft=str(draft))


def _is_withdrawn(turn: Turn) -> bool:
    plan = _plan(turn)
    return plan is None or not drafting.may_be_changed(plan, turn.at)


def _say_withdrawn(turn: Turn) -> None:
    turn.error("plan_is_withdrawn")


def _export(turn: Turn) -> None:
    code = turn.data["plan"]
    note(turn, Act.EXPORTED, drafting.about(code), None, {"what": "workbook"})
    turn.do(ExportPlan(code))
    turn.pop_up("file_coming")


def _open_statistics(turn: Turn) -> None:
    turn.open("statistics", plan=turn.data["plan"], direct="yes")


def _make_poster(turn: Turn) -> None:
    turn.do(MakePoster(turn.data["plan"]))
    turn.pop_up("file_coming")


def _note_paper(turn: Turn) -> None:
    event = turn.event
    if isinstance(event, Came) and event.outcome.get("status") == "given_up":
        turn.do(Say("file_failed"))


# --- taking it back --------------------------------------------------------------------------------------------------


def _typed_reason(turn: Turn) -> str | Invalid:
    try:
        return typed.line(turn.text, LONGEST_REASON)
    except Invalid as wrong:
        return wrong


def _has_reason(turn: Turn) -> bool:
    return isinstance(_typed_reason(turn), str)


def _keep_reason(turn: Turn) -> None:
    turn.data["reason"] = str(_typed_reason(turn))


def _complain_of_reason(turn: Turn) -> None:
    wrong = _typed_reason(turn)
    if isinstance(wrong, Invalid):
        turn.error(wrong.key, **wrong.values_)


def _withdraw(turn: Turn) -> None:
    plan = _plan(turn)
    if plan is None:
        return
    people = drafting.withdraw(turn, plan, turn.data.pop("reason"))
    turn.notice("plan_withdrawn", name=plan.name, people=people)


def _note_told(turn: Turn) -> None:
    """The last of those who registered has been told."""
    event = turn.event
    if isinstance(event, Came) and "plan" in event.outcome and may(turn, Duty.PLANS):
        plan = turn.repository.stored_plan(event.outcome["plan"])
        turn.do(Say("all_told", {"name": plan.name if plan else "", "people": int(event.outcome["told"])}))


# --- screens ---------------------------------------------------------------------------------------------------------


def _view_list(turn: Turn) -> View:
    unfinished = composing.unfinished(turn)
    page = page_of(turn, _listed(turn), size=LISTED if unfinished is None else LISTED - 1)
    rows: list[tuple[Button, ...]] = []
    compose = Button("compose", values={"unfinished": unfinished})
    if unfinished is not None:
        rows.append((compose,))
    for listed in page.items:
        values = {"listed": listed, "plan": listed.plan, "now": turn.at}
        if listed.draft is not None:
            rows.append((Button("draft", str(listed.draft.id), values=values),))
        elif listed.plan is not None:
            rows.append((Button("plan", listed.plan.code, values=values),))
    rows.append((Button("template"),) if unfinished is not None else (compose, Button("template")))
    return View({"page": page}, (*rows, page.buttons))


def _view_reading(_: Turn) -> View:
    return View(rows=((Button("back"),),))


def _view_mistakes(turn: Turn) -> View:
    mistakes: list[str] = json.loads(turn.data.get("mistakes", "[]"))
    page = page_of(turn, mistakes, key="mistakes_page", size=MISTAKES)
    return View({"page": page, "count": len(mistakes)}, (page.buttons,))


def _view_plan(turn: Turn) -> View:
    plan = _plan(turn)
    if plan is None:
        return View(rows=((Button("back"),),), window="staff/draft/gone")
    repository = turn.repository
    others = [draft for draft in repository.drafts() if draft.code == plan.code and draft.made_by != turn.chat_id]
    own = repository.draft_of(plan.code, turn.chat_id)
    values = {
        "plan": plan,
        "registered": repository.registered(plan.code),
        "own": own,
        "others": others,
        "names": {draft.made_by: repository.staff_name(draft.made_by) for draft in others},
        "now": turn.at,
    }
    papers = ((Button("poster"), Button("export")),)
    if plan.published_at is None:
        return View(values, ((Button("change", style=Style.PRIMARY),), (Button("export"),), (Button("back"),)))
    if not drafting.may_be_changed(plan, turn.at):
        return View(values, ((Button("export"),), (Button("back"),)))
    figures = ((Button("statistics"),),) if may(turn, Duty.STATISTICS) else ()
    rows = ((Button("change", style=Style.PRIMARY),), *papers, *figures, (Button("withdraw"),), (Button("back"),))
    return View(values, rows)


def _view_ask_reason(turn: Turn) -> View:
    plan = _plan(turn)
    people = turn.repository.reachable_registered(plan.code) if plan else 0
    return View({"plan": plan, "people": people}, ((Button("back"),),))


def _view_confirm_withdrawal(turn: Turn) -> View:
    plan = _plan(turn)
    people = turn.repository.reachable_registered(plan.code) if plan else 0
    values = {"plan": plan, "reason": turn.data.get("reason", ""), "people": people}
    return View(values, ((Button("confirm_withdrawal", style=Style.DANGER),), (Button("back"),)))


_TAKES_FILES = ["list", "mistakes", "plan"]

DESK_PLANS = DeskFlow(
    "desk_plans",
    Duty.PLANS,
    [
        State("list", _view_list),
        State("reading", _view_reading),
        State("mistakes", _view_mistakes),
        State("plan", _view_plan),
        State("ask_reason", _view_ask_reason),
        State("confirm_withdrawal", _view_confirm_withdrawal),
    ],
    [
        Transition(OPENING, PASSED, "list"),
        Transition(_TAKES_FILES, FILE_SENT, "reading", when=[_is_file], do=[_forget_mistakes, _read_workbook]),
        Transition(_TAKES_FILES, FILE_SENT, None, do=[_say_as_file]),
        Transition("list", "draft", None, do=[_open_draft]),
        Transition("list", "plan", "plan", do=[_choose]),
        Transition("list", "template", None, do=[_send_template]),
        Transition("list", "page", None, do=[turns_page]),
        Transition("list", "compose", None, do=[opens("composing")]),
        Transition("list", RESUMED, None, when=[_has_new_draft], do=[_open_new_draft]),
        Transition("list", RESUMED, None),
        Transition("list", "back", None, do=[closes()]),
        Transition("reading", came("workbook"), "list", when=[_has_new_draft], do=[_open_new_draft]),
        Transition("reading", came("workbook"), "mistakes", when=[_has_mistakes], do=[_keep_mistakes]),
        Transition("reading", came("workbook"), "list", do=[_say_unread]),
        Transition("reading", "back", "list"),
        Transition("mistakes", "page", None, do=[turns_page_of("mistakes_page")]),
        Transition("mistakes", "back", "list", do=[_forget_mistakes]),
        Transition("plan", "change", None, when=[_is_withdrawn], do=[_say_withdrawn]),
        Transition("plan", "change", None, do=[_begin_change]),
        Transition("plan", "poster", None, do=[_make_poster]),
        Transition("plan", "export", None, do=[_export]),
        Transition("plan", "statistics", None, do=[_open_statistics]),
        Transition("plan", "withdraw", None, when=[_is_withdrawn], do=[_say_withdrawn]),
        Transition("plan", "withdraw", "ask_reason"),
        Transition("plan", RESUMED, None),
        Transition("plan", "back", "list"),
        Transition("ask_reason", TEXT_SENT, "confirm_withdrawal", when=[_has_reason], do=[_keep_reason]),
        Transition("ask_reason", TEXT_SENT, None, do=[_complain_of_reason]),
        Transition("ask_reason", "back", "plan"),
        Transition("confirm_withdrawal", "confirm_withdrawal", "plan", when=[_is_withdrawn], do=[_say_withdrawn]),
        Transition("confirm_withdrawal", "confirm_withdrawal", "plan", do=[_withdraw]),
        Transition("confirm_withdrawal", "back", "ask_reason"),
    ],
    background={
        "workbook": _note_workbook,
        "notice": _note_told,
        "template": _note_paper,
        "package": _note_paper,
        "poster": _note_paper,
    },
)
