"""A draft: what it would make or change, its single things, and the ways to let it count."""

from __future__ import annotations

from collections.abc import Sequence

from flows.effects import Button, Rows, Style
from flows.engine.flow import FILE_SENT, OPENING, PASSED, RESUMED, TEXT_SENT, State, Transition, View, came
from flows.engine.lists import page_of, turns_page, turns_page_of
from flows.engine.turn import Turn
from flows.staff import drafting, editing, schedule, typed
from flows.staff.changes import Change, diff
from flows.staff.desk import DeskFlow
from flows.staff.drafting import find_draft
from flows.staff.editing import MOST_PICTURES, chosen_project, under_way
from flows.staff.model import Act, Duty

LINES = 12  # changes a page
PROJECTS = 6
COUNTS = frozenset({Act.PUBLISHED, Act.CHANGED, Act.WITHDRAWN})  # what a draft can be overtaken by


# --- guards ----------------------------------------------------------------------------------------------------------


def _is_overtaken(turn: Turn) -> bool:
    draft = find_draft(turn)
    return draft is not None and drafting.is_overtaken(turn, draft)


def _is_over(turn: Turn) -> bool:
    draft = find_draft(turn)
    return draft is not None and drafting.is_over(draft, turn.at)


def _is_gone(turn: Turn) -> bool:
    return find_draft(turn) is None


# --- letting it count ------------------------------------------------------------------------------------------------


def _publish(turn: Turn) -> None:
    draft = find_draft(turn)
    if draft is not None and drafting.publish(turn, draft):
        turn.notice("plan_published", name=draft.plan.name)
        turn.close()


def _confirm(turn: Turn) -> None:
    draft = find_draft(turn)
    people = drafting.confirm(turn, draft) if draft else None
    if draft is not None and people is not None:
        turn.notice("plan_changed", name=draft.plan.name, people=people)
        turn.close()


def _drop(turn: Turn) -> None:
    draft = find_draft(turn)
    if draft is not None:
        drafting.drop(turn, draft)
        turn.notice("draft_dropped", name=draft.plan.name)
    turn.close()


def _leave(turn: Turn) -> None:
    """A draft of changes that has none is not worth keeping."""
    draft = find_draft(turn)
    if draft is not None and draft.is_change and not draft.changes and draft.made_by == turn.chat_id:
        drafting.drop(turn, draft)
    turn.close()


def _take_new_base(turn: Turn) -> None:
    if draft := find_draft(turn):
        drafting.take_new_base(turn, draft)
        turn.notice("draft_rebased")


def _say_over(turn: Turn) -> None:
    if draft := find_draft(turn):
        turn.error("plan_over", closes_at=draft.plan.closes_at)


def _open_preview(turn: Turn) -> None:
    if draft := find_draft(turn):
        turn.open("preview", draft=str(draft.id), plan=draft.plan.code)


# --- screens ---------------------------------------------------------------------------------------------------------


def _gone() -> View:
    return View(rows=((Button("back"),),), window="staff/draft/gone")


def _view_card(turn: Turn) -> View:
    draft = find_draft(turn)
    if draft is None:
        return _gone()
    changes = drafting.shown(draft.changes)
    page = page_of(turn, changes, size=LINES)
    values = {
        "draft": draft,
        "plan": draft.plan,
        "page": page,
        "changes": page.items,
        "more": 0,
        "maker": turn.repository.staff_name(draft.made_by),
        "overtaken": drafting.is_overtaken(turn, draft),
        "people": turn.repository.reachable_registered(draft.plan.code) if draft.is_change else 0,
        "now": turn.at,
    }
    if draft.publish_at is not None:
        return View(
            values,
            (
                (Button("schedule", style=Style.PRIMARY),),
                (Button("unschedule"),),
                (Button("preview"),),
                (Button("back"),),
            ),
        )
    main: Rows = ()
    if draft.is_change:
        main = ((Button("confirm", style=Style.SUCCESS),),) if changes else ()
    else:
        main = ((Button("publish", style=Style.SUCCESS),), (Button("schedule"),))
    return View(values, (*main, (Button("preview"), Button("edit")), (Button("drop"),), page.buttons))


def _view_confirm_publish(turn: Turn) -> View:
    draft = find_draft(turn)
    if draft is None:
        return _gone()
    rows = ((Button("confirm_publish", style=Style.SUCCESS),), (Button("back"),))
    return View({"plan": draft.plan, "now": turn.at}, rows)


def _view_confirm_drop(turn: Turn) -> View:
    draft = find_draft(turn)
    if draft is None:
        return _gone()
    return View(
        {"draft": draft, "plan": draft.plan}, ((Button("confirm_drop", style=Style.DANGER),), (Button("back"),))
    )


def _view_edit(turn: Turn) -> View:
    draft = find_draft(turn)
    if draft is None:
        return _gone()
    names = list(typed.THINGS)
    rows = [tuple(Button("thing", name, values={"thing": name}) for name in names[i : i + 2]) for i in (0, 2, 4, 6)]
    pictures = ((Button("pictures"),),) if draft.plan.projects else ()
    return View({"plan": draft.plan}, (*rows, *pictures, (Button("back"),)))


def _view_ask(turn: Turn) -> View:
    draft = find_draft(turn)
    if draft is None:
        return _gone()
    thing = typed.THINGS[turn.data["thing"]]
    clear = ((Button("clear"),),) if thing.optional and getattr(draft.plan, thing.name) else ()
    return View({"plan": draft.plan, "thing": thing.name}, (*clear, (Button("back"),)))


def _view_ask_time(turn: Turn) -> View:
    draft = find_draft(turn)
    return View({"plan": draft.plan, "draft": draft, "now": turn.at}, ((Button("back"),),)) if draft else _gone()


def _view_projects(turn: Turn) -> View:
    draft = find_draft(turn)
    if draft is None:
        return _gone()
    page = page_of(turn, draft.plan.projects, key="projects_page", size=PROJECTS)
    rows = [(Button("project", project.code, values={"project": project}),) for project in page.items]
    return View({"plan": draft.plan, "page": page}, (*rows, page.buttons))


def _view_pictures(turn: Turn) -> View:
    project = chosen_project(turn)
    if project is None:
        return _gone()
    remove = ((Button("remove_pictures"),),) if project.pictures else ()
    values = {"project": project, "fetching": under_way(turn), "most": MOST_PICTURES}
    return View(values, (*remove, (Button("back"),)), progress=True)


def _view_conflict(turn: Turn) -> View:
    """Who was quicker, when, and what is different by now from what this clerk began with."""
    draft = find_draft(turn)
    if draft is None:
        return _gone()
    code, repository = draft.plan.code, turn.repository
    stored = repository.whole_plan(code)
    entries = [
        entry
        for entry in repository.log_page(drafting.about(code), 0, 50)
        if entry.act in COUNTS and entry.revision > draft.base_revision
    ]
    changes: Sequence[Change] = drafting.shown(diff(draft.base, stored)) if draft.base and stored else ()
    values = {
        "plan": draft.plan,
        "entries": entries[:5],
        "names": {entry.who: repository.staff_name(entry.who) for entry in entries},
        "changes": changes[:LINES],
        "more": max(0, len(changes) - LINES),
        "stored": stored,
        "now": turn.at,
    }
    may_go_on = stored is not None and drafting.may_be_changed(stored, turn.at)
    take = ((Button("take_new_base", style=Style.PRIMARY),),) if may_go_on else ()
    return View(values, (*take, (Button("drop"),), (Button("back"),)))


DRAFT = DeskFlow(
    "draft",
    Duty.PLANS,
    [
        State("card", _view_card),
        State("confirm_publish", _view_confirm_publish),
        State("confirm_drop", _view_confirm_drop),
        State("conflict", _view_conflict),
        State("ask_time", _view_ask_time),
        State("edit", _view_edit),
        State("ask", _view_ask),
        State("projects", _view_projects),
        State("pictures", _view_pictures),
    ],
    [
        Transition(OPENING, PASSED, "card"),
        Transition("card", "publish", "conflict", when=[_is_overtaken]),
        Transition("card", "publish", None, when=[_is_over], do=[_say_over]),
        Transition("card", "publish", "confirm_publish"),
        Transition("card", "schedule", "conflict", when=[_is_overtaken]),
        Transition("card", "schedule", None, when=[_is_over], do=[_say_over]),
        Transition("card", "schedule", "ask_time"),
        Transition("card", "unschedule", None, do=[schedule.unschedule]),
        Transition("card", "confirm", "conflict", when=[_is_overtaken]),
        Transition("card", "confirm", None, do=[_confirm]),
        Transition("card", "preview", None, do=[_open_preview]),
        Transition("card", "edit", "edit"),
        Transition("card", "drop", "confirm_drop"),
        Transition("card", "page", None, do=[turns_page]),
        Transition("card", RESUMED, None),
        Transition("card", "back", None, do=[_leave]),
        Transition("confirm_publish", "confirm_publish", "conflict", when=[_is_overtaken]),
        Transition("confirm_publish", "confirm_publish", "card", when=[_is_over], do=[_say_over]),
        Transition("confirm_publish", "confirm_publish", "card", do=[_publish]),
        Transition("confirm_publish", "back", "card"),
        Transition("confirm_drop", "confirm_drop", None, do=[_drop]),
        Transition("confirm_drop", "back", "card"),
        Transition("conflict", "take_new_base", "card", do=[_take_new_base]),
        Transition("conflict", "drop", "confirm_drop"),
        Transition("conflict", "back", "card"),
        Transition("ask_time", TEXT_SENT, "card", when=[_is_gone]),
        Transition("ask_time", TEXT_SENT, "card", when=[schedule.has_time], do=[schedule.schedule]),
        Transition("ask_time", TEXT_SENT, None, do=[schedule.complain_of_time]),
        Transition("ask_time", "back", "card"),
        Transition("edit", "thing", "ask", do=[editing.choose_thing]),
        Transition("edit", "pictures", "projects"),
        Transition("edit", "back", "card"),
        Transition("ask", TEXT_SENT, "card", when=[editing.has_thing], do=[editing.keep_thing]),
        Transition("ask", TEXT_SENT, None, do=[editing.complain_of_thing]),
        Transition("ask", "clear", "card", do=[editing.clear_thing]),
        Transition("ask", "back", "edit"),
        Transition("projects", "project", "pictures", do=[editing.choose_project]),
        Transition("projects", "page", None, do=[turns_page_of("projects_page")]),
        Transition("projects", "back", "edit"),
        Transition("pictures", FILE_SENT, None, when=[editing.has_room], do=[editing.fetch]),
        Transition("pictures", FILE_SENT, None, do=[editing.refuse_picture]),
        Transition("pictures", came("plan_picture"), None, when=[editing.is_ours], do=[editing.note_arrival]),
        Transition("pictures", "remove_pictures", None, do=[editing.remove_pictures]),
        Transition("pictures", "back", "card"),
    ],
    background={"publish": schedule.publish_when_due, "plan_picture": editing.note_picture},
)
