"""Being reminded that a plan opens, or is about to close: asked for on the plan's screen, said once when it is time."""

from __future__ import annotations

from flows.applicant.links import link_to_plan
from flows.effects import Button, Rows, Say
from flows.engine.flow import View
from flows.engine.turn import Turn
from flows.events import Came
from flows.model import CLOSING_NOTICE, Occasion, Plan, PlanStatus, reminder_at


def _is_registered(turn: Turn, plan: Plan) -> bool:
    return turn.person is not None and turn.repository.live_registration(turn.person.id, plan.code) is not None


def occasion_of(turn: Turn, plan: Plan) -> Occasion | None:
    """What there is to be reminded of now. Whoever has registered need not be told that registration ends."""
    match plan.status(turn.at):
        case PlanStatus.UPCOMING:
            return Occasion.OPENS
        case PlanStatus.OPEN if not _is_registered(turn, plan):
            return Occasion.CLOSES
    return None


def _due(turn: Turn) -> tuple[Plan, Occasion, int] | None:
    """What can still be asked for, and when it would be said."""
    plan = turn.repository.plan(turn.data.get("plan", ""))
    occasion = occasion_of(turn, plan) if plan else None
    due_at = reminder_at(plan, occasion, turn.at) if plan and occasion else None
    return (plan, occasion, due_at) if plan and occasion and due_at else None


def is_set(turn: Turn) -> bool:
    due = _due(turn)
    return due is not None and turn.repository.has_reminder(due[0].code, turn.chat_id, due[1])


def reminder_rows(turn: Turn) -> Rows:
    due = _due(turn)
    if due is None:
        return ()
    return ((Button("reminder") if is_set(turn) else Button("remind", values={"occasion": due[1]}),),)


def set_reminder(turn: Turn) -> None:
    due = _due(turn)
    if due is None:
        raise LookupError("there is nothing to be reminded of")
    plan, occasion, due_at = due
    turn.repository.add_reminder(plan.code, turn.chat_id, occasion, due_at)
    turn.pop_up("reminder_set", due_at=due_at)


def drop_reminder(turn: Turn) -> None:
    for occasion in Occasion:
        turn.repository.end_reminder(turn.data["plan"], turn.chat_id, occasion)
    turn.pop_up("reminder_dropped")


def view_reminder(turn: Turn) -> View:
    due = _due(turn)
    waits = due is not None and is_set(turn)
    plan, occasion, due_at = due or (turn.repository.plan(turn.data["plan"]), None, None)
    values = {"plan": plan, "occasion": occasion if waits else None, "due_at": due_at}
    return View(values, (*(((Button("drop"),),) if waits else ()), (Button("back"),)))


def note_reminder(turn: Turn) -> None:
    """It is time. What became pointless meanwhile is not said; what was put off since is waited for once more."""
    event = turn.event
    if not isinstance(event, Came):
        raise TypeError("no result came with this event")
    code, occasion = event.about["plan"], Occasion(event.about["occasion"])
    if not turn.repository.end_reminder(code, turn.chat_id, occasion) or event.outcome.get("status") != "due":
        return
    plan = turn.repository.plan(code)
    if plan is None or plan.status(turn.at) in {PlanStatus.WITHDRAWN, PlanStatus.CLOSED}:
        return
    not_before = plan.opens_at if occasion is Occasion.OPENS else plan.closes_at - max(CLOSING_NOTICE)
    due_at = reminder_at(plan, occasion, turn.at)
    if turn.at < not_before and due_at is not None:
        turn.repository.add_reminder(code, turn.chat_id, occasion, due_at)
    elif occasion is Occasion.OPENS or not _is_registered(turn, plan):
        link = (("see_plan", link_to_plan(code)),)
        opens = occasion is Occasion.OPENS
        turn.do(Say("reminder_opens" if opens else "reminder_closes", {"plan": plan, "now": turn.at}, links=link))
