"""A time that is set for a draft: typed, moved, called off; and what happens when it has come."""

from __future__ import annotations

from flows.effects import Say
from flows.engine.fields import Invalid
from flows.engine.turn import Turn
from flows.events import Came
from flows.model import MINUTE
from flows.staff import drafting, typed
from flows.staff.desk import may, note
from flows.staff.drafting import find_draft
from flows.staff.model import Act, Duty


def _typed_time(turn: Turn) -> int | Invalid:
    draft = find_draft(turn)
    try:
        at = typed.moment(turn.text)
        if at < turn.at + MINUTE:
            raise Invalid("time_is_past")
        if draft is not None and at >= draft.plan.closes_at:
            raise Invalid("time_after_closing", closes_at=draft.plan.closes_at)
    except Invalid as wrong:
        return wrong
    return at


def has_time(turn: Turn) -> bool:
    return isinstance(_typed_time(turn), int)


def schedule(turn: Turn) -> None:
    draft, at = find_draft(turn), _typed_time(turn)
    if draft is None or not isinstance(at, int):
        return
    turn.repository.schedule_draft(draft.id, turn.chat_id, at)
    before = {"publish_at": draft.publish_at} if draft.publish_at else None
    note(turn, Act.SCHEDULED, drafting.about(draft.plan.code), before, {"draft": draft.id, "publish_at": at})
    drafting.forget(turn)
    turn.notice("scheduled", at=at)


def complain_of_time(turn: Turn) -> None:
    wrong = _typed_time(turn)
    if isinstance(wrong, Invalid):
        turn.error(wrong.key, now=turn.at, **wrong.values_)


def unschedule(turn: Turn) -> None:
    draft = find_draft(turn)
    if draft is None or draft.publish_at is None:
        return
    turn.repository.unschedule_draft(draft.id)
    before = {"draft": draft.id, "publish_at": draft.publish_at}
    note(turn, Act.UNSCHEDULED, drafting.about(draft.plan.code), before)
    drafting.forget(turn)
    turn.notice("unscheduled")


def publish_when_due(turn: Turn) -> None:
    """The time that was set has come. A time that was moved or called off meanwhile leaves nothing to do."""
    event = turn.event
    draft = turn.repository.draft(int(event.about["draft"])) if isinstance(event, Came) else None
    if draft is None or draft.publish_at is None or draft.publish_at > turn.at or not isinstance(event, Came):
        return
    name = draft.plan.name
    obstacle = "late" if event.outcome.get("status") != "due" else ""
    obstacle = obstacle or ("overtaken" if drafting.is_overtaken(turn, draft) else "")
    obstacle = obstacle or ("over" if drafting.is_over(draft, turn.at) else "")
    if obstacle:
        turn.repository.unschedule_draft(draft.id)
        before = {"draft": draft.id, "publish_at": draft.publish_at}
        note(turn, Act.UNSCHEDULED, drafting.about(draft.plan.code), before, {"why": obstacle})
    else:
        drafting.publish(turn, draft)
    drafting.forget(turn)
    if may(turn, Duty.PLANS):
        turn.do(
            Say("publish_failed", {"name": name, "obstacle": obstacle})
            if obstacle
            else Say("published", {"name": name})
        )
