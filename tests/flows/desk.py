"""Clerks on the stage, and the ways to a draft's card."""

from __future__ import annotations

from dataclasses import replace

from flows.events import Came, File
from flows.model import Plan
from flows.staff.model import SYSTEM, Act, Draft, Role
from flows.staff.plan_text import plan_to_text
from tests.flows.stage import Chat, Reaction, Stage
from tests.flows.town import OPEN, UPCOMING

EDITOR, OTHER = 21, 22
NEW = replace(UPCOMING, code="NEW1", name="新的保租房")
MEDIA = "e" * 64


def employ(stage: Stage, number: int, name: str = "李雷") -> Chat:
    stage.repository.add_staff(number, Role.EDITOR, name, SYSTEM, stage.now)
    return stage.chat(number)


def at_plans(editor: Chat) -> Chat:
    editor.commands("staff")
    editor.taps("desk_plans")
    return editor


def sends_workbook(editor: Chat, name: str = "book") -> Reaction:
    return editor.does(File(name, name, as_document=True, size=9_000))


def came(editor: Chat, **outcome: str) -> Reaction:
    return editor.does(Came("workbook", outcome))


def drafts(editor: Chat, plan: Plan = NEW) -> Draft:
    """A new plan by its workbook; before its card."""
    at_plans(editor)
    sends_workbook(editor)
    came(editor, plan=plan_to_text(plan))
    assert editor.at == "draft/card"
    return draft_of(editor)


def changes(editor: Chat, plan: Plan = OPEN, **things: str) -> Draft:
    """A draft of changes, each typed; before its card."""
    at_plans(editor)
    editor.taps("plan", plan.code)
    editor.taps("change")
    for thing, text in things.items():
        editor.taps("edit")
        editor.taps("thing", thing)
        editor.says(text)
        assert editor.at == "draft/card"
    return draft_of(editor)


def draft_of(editor: Chat) -> Draft:
    draft = editor.stage.repository.draft(int(editor.data["draft"]))
    assert draft is not None
    return draft


def acts(stage: Stage, plan: Plan) -> list[Act]:
    return [entry.act for entry in reversed(stage.repository.log_page(f"plan:{plan.code}", 0, 50))]


def registers(stage: Stage, number: int = 1) -> Chat:
    chat = stage.chat(number)
    chat.signs_up()
    chat.submits()
    chat.registers()
    return chat


def came_picture(editor: Chat, draft: Draft, project: str = "YF", **outcome: str) -> Reaction:
    return editor.does(Came("plan_picture", outcome, {"draft": str(draft.id), "project": project}))
