"""Changing single things of a draft in the chat, and the pictures of its projects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flows.effects import FetchPlanPicture
from flows.engine.fields import Invalid
from flows.engine.turn import Turn
from flows.events import Came
from flows.model import Plan, Project
from flows.staff import drafting, typed
from flows.staff.desk import may
from flows.staff.drafting import find_draft
from flows.staff.model import Draft, Duty

MOST_PICTURES = 10  # of a project: one album (Bot API)


def choose_thing(turn: Turn) -> None:
    turn.data["thing"] = turn.argument


def _typed_plan(turn: Turn) -> Plan | Invalid | None:
    draft = find_draft(turn)
    if draft is None:
        return None
    try:
        return typed.changed(draft.plan, turn.data["thing"], turn.text)
    except Invalid as wrong:
        return wrong


def has_thing(turn: Turn) -> bool:
    return isinstance(_typed_plan(turn), Plan)


def keep_thing(turn: Turn) -> None:
    draft, plan = find_draft(turn), _typed_plan(turn)
    if draft is not None and isinstance(plan, Plan):
        drafting.change_draft(turn, draft, plan)


def clear_thing(turn: Turn) -> None:
    if draft := find_draft(turn):
        drafting.change_draft(turn, draft, typed.cleared(draft.plan, turn.data["thing"]))


def complain_of_thing(turn: Turn) -> None:
    wrong = _typed_plan(turn)
    if isinstance(wrong, Invalid):
        turn.error(wrong.key, **wrong.values_)


# --- pictures of a project -------------------------------------------------------------------------------------------


def chosen_project(turn: Turn) -> Project | None:
    draft = find_draft(turn)
    return draft.plan.project(turn.data.get("project", "")) if draft else None


def choose_project(turn: Turn) -> None:
    turn.data["project"] = turn.argument
    turn.data.pop("fetching", None)


def under_way(turn: Turn) -> int:
    return int(turn.data.get("fetching", "0"))


def has_room(turn: Turn) -> bool:
    project = chosen_project(turn)
    return project is not None and len(project.pictures) + under_way(turn) < MOST_PICTURES


def fetch(turn: Turn) -> None:
    turn.data["fetching"] = str(under_way(turn) + 1)
    turn.do(FetchPlanPicture(int(turn.data["draft"]), turn.data["project"], turn.file.file_id, turn.file.size))


def refuse_picture(turn: Turn) -> None:
    turn.error("plan_pictures_full", most=MOST_PICTURES)


def _with_pictures(draft: Draft, code: str, pictures: Sequence[str]) -> Plan:
    projects = [
        replace(project, pictures=tuple(pictures)) if project.code == code else project
        for project in draft.plan.projects
    ]
    return replace(draft.plan, projects=tuple(projects))


def note_picture(turn: Turn) -> None:
    """Kept wherever the clerk is by now; a draft that has gone, or waits for its time, takes no more."""
    event = turn.event
    if not isinstance(event, Came) or not may(turn, Duty.PLANS):
        return
    draft = turn.repository.draft(int(event.about["draft"]))
    project = draft.plan.project(event.about["project"]) if draft else None
    media = event.outcome.get("media")
    if draft is None or project is None or draft.publish_at is not None or media is None or media in project.pictures:
        return
    drafting.change_draft(turn, draft, _with_pictures(draft, project.code, (*project.pictures, media)))


def is_ours(turn: Turn) -> bool:
    event = turn.event
    return isinstance(event, Came) and event.about.get("draft") == turn.data.get("draft")


def note_arrival(turn: Turn) -> None:
    turn.data["fetching"] = str(max(0, under_way(turn) - 1))
    event = turn.event
    if isinstance(event, Came) and (reason := event.outcome.get("reason")):
        turn.error("plan_picture_refused", reason=reason)


def remove_pictures(turn: Turn) -> None:
    if draft := find_draft(turn):
        drafting.change_draft(turn, draft, _with_pictures(draft, turn.data["project"], ()))
