"""What becomes of a draft: kept, published, confirmed, brought up to date, dropped; each with its line in the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flows.applicant.application import FORM
from flows.effects import TellRegistered
from flows.engine.turn import Turn
from flows.model import Moment, Plan, PlanStatus, Project
from flows.staff.changes import Change, diff, moves_dates, to_json, told
from flows.staff.desk import note
from flows.staff.merging import merge
from flows.staff.model import Act, Draft

_MEMO = "draft"


def find_draft(turn: Turn) -> Draft | None:
    """The one that the talking flow is about; read once a turn, until it is written."""
    number = int(turn.data.get("draft", "0"))
    kept = turn.memo.get(_MEMO)
    if kept is None or kept[0] != number:
        kept = turn.memo[_MEMO] = (number, turn.repository.draft(number))
    found: Draft | None = kept[1]
    return found


def forget(turn: Turn) -> None:
    turn.memo.pop(_MEMO, None)


def about(code: str) -> str:
    return f"plan:{code}"


# --- keeping ---------------------------------------------------------------------------------------------------------


def keep_workbook(turn: Turn, plan: Plan) -> int:
    """A plan that was sent as a workbook, beside the stored one of its code, if there is one."""
    base = turn.repository.whole_plan(plan.code)
    plan = _with_papers(base, plan) if base else plan
    draft = turn.repository.keep_draft(plan, base, turn.chat_id, turn.at)
    note(
        turn,
        Act.DRAFTED,
        about(plan.code),
        None,
        {"draft": draft, "changes": to_json(diff(base, plan) if base else ())},
    )
    return draft


def _with_papers(base: Plan, plan: Plan) -> Plan:
    """A workbook alone says nothing about pictures and announcement: those that there are stay."""
    if plan.notice_file is None:
        plan = replace(plan, notice_file=base.notice_file)
    seen = [project.pictures or any(unit.pictures for unit in project.unit_types) for project in plan.projects]
    if any(seen):
        return plan
    return replace(
        plan, projects=tuple(_with_pictures(base.project(project.code), project) for project in plan.projects)
    )


def _with_pictures(base: Project | None, project: Project) -> Project:
    if base is None:
        return project
    before = {unit.code: unit.pictures for unit in base.unit_types}
    units = tuple(replace(unit, pictures=before.get(unit.code, ())) for unit in project.unit_types)
    return replace(project, pictures=base.pictures, unit_types=units)


def begin_change(turn: Turn, code: str) -> int | None:
    """This clerk's draft of a stored plan: the one they have, or a new one that changes nothing yet."""
    earlier = turn.repository.draft_of(code, turn.chat_id)
    if earlier is not None:
        return earlier
    plan = turn.repository.whole_plan(code)
    return turn.repository.keep_draft(plan, plan, turn.chat_id, turn.at) if plan else None


def change_draft(turn: Turn, draft: Draft, plan: Plan) -> None:
    """One thing of it is different now. What waits for its time stays as it was approved."""
    changes = diff(draft.plan, plan)
    if not changes or draft.publish_at is not None:
        return
    turn.repository.change_draft(draft.id, plan, turn.at)
    note(turn, Act.DRAFT_CHANGED, about(plan.code), None, {"draft": draft.id, "changes": to_json(changes)})
    forget(turn)


def drop(turn: Turn, draft: Draft) -> None:
    turn.repository.drop_draft(draft.id)
    if draft.changes or not draft.is_change:
        note(turn, Act.DRAFT_DROPPED, about(draft.plan.code), {"draft": draft.id})
    forget(turn)


# --- what stands in the way ------------------------------------------------------------------------------------------


def is_overtaken(turn: Turn, draft: Draft) -> bool:
    """The plan is not what it was when the draft was begun."""
    stored = turn.repository.stored_plan(draft.plan.code)
    return (stored.revision if stored else 0) != draft.base_revision


def is_over(draft: Draft, at: Moment) -> bool:
    """Nobody could register in it any more."""
    return draft.plan.closes_at <= at


def take_new_base(turn: Turn, draft: Draft) -> None:
    """This clerk's changes on top of what the plan is now."""
    stored = turn.repository.whole_plan(draft.plan.code)
    if stored is None:
        return
    plan = merge(draft.base, draft.plan, stored) if draft.base else replace(draft.plan, revision=stored.revision)
    turn.repository.unschedule_draft(draft.id)
    turn.repository.rebase_draft(draft.id, plan, stored, turn.at)
    note(turn, Act.REBASED, about(plan.code), {"revision": draft.base_revision}, {"revision": stored.revision})
    forget(turn)


# --- counting --------------------------------------------------------------------------------------------------------


def publish(turn: Turn, draft: Draft) -> bool:
    """Puts a new plan before everybody; False if somebody was quicker."""
    code = draft.plan.code
    if draft.base is None:
        if turn.repository.stored_plan(code) is not None:
            return False
        turn.repository.add_plan(draft.plan, turn.at)
    else:
        if not turn.repository.change_plan(draft.plan, draft.base_revision):
            return False
        turn.repository.publish_plan(code, turn.at)
    stored = turn.repository.stored_plan(code)
    turn.repository.drop_draft(draft.id)
    after = {"name": draft.plan.name, "revision": stored.revision if stored else 0}
    note(turn, Act.PUBLISHED, about(code), None, after)
    forget(turn)
    return True


def confirm(turn: Turn, draft: Draft) -> int | None:
    """Changes a published plan, and has those told who registered; how many that are, None if somebody was quicker."""
    code, changes = draft.plan.code, draft.changes
    if not turn.repository.change_plan(draft.plan, draft.base_revision):
        return None
    stored = turn.repository.stored_plan(code)
    turn.repository.drop_draft(draft.id)
    after = {"revision": stored.revision if stored else 0, "changes": to_json(changes)}
    note(turn, Act.CHANGED, about(code), {"revision": draft.base_revision}, after)
    forget(turn)
    if moves_dates(changes):
        turn.repository.move_reminders(draft.plan, turn.at)
    return tell(turn, code, "changed", told(changes))


def tell(turn: Turn, code: str, kind: str, changes: Sequence[Change]) -> int:
    """Owes those who registered the news; returns how many they are."""
    if kind == "changed" and not changes:
        return 0
    people = turn.repository.reachable_registered(code)
    if people:
        turn.do(TellRegistered(turn.repository.add_notice(code, kind, changes, turn.at)))
    return people


def withdraw(turn: Turn, plan: Plan, reason: str) -> int:
    """Takes a plan back; records stay. Returns how many are told."""
    turn.repository.withdraw_plan(plan.code, reason, turn.at)
    turn.repository.drop_reminders(plan.code)
    note(
        turn,
        Act.WITHDRAWN,
        about(plan.code),
        {"revision": plan.revision},
        {"reason": reason, "revision": plan.revision + 1},
    )
    return tell(turn, plan.code, "withdrawn", ())


def may_be_changed(plan: Plan, at: Moment) -> bool:
    return plan.status(at) is not PlanStatus.WITHDRAWN


def shown(changes: Sequence[Change]) -> tuple[Change, ...]:
    """For reading: a question that the form has no longer has no name, either."""
    questions = {question.key for question in FORM.questions}
    return tuple(
        Change("demands") if change.kind == "demand" and change.where not in questions else change for change in changes
    )
