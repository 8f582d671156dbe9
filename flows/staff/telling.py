"""What those who registered are told of their plan."""

from __future__ import annotations

from flows.applicant.links import link_to_plan
from flows.effects import Say
from flows.model import Plan
from flows.staff.drafting import shown
from flows.staff.model import Notice

NAMED = 15  # changes that are named in a message; the rest is counted


def message(notice: Notice, plan: Plan) -> Say:
    """The same for everybody; each reads it in their own language."""
    links = (("see_plan", link_to_plan(plan.code)), ("records", "records"))
    if notice.kind == "withdrawn":
        return Say("plan_withdrawn", {"plan": plan}, links=links)
    changes = shown(notice.changes)
    more = max(0, len(changes) - NAMED)
    return Say("plan_changed", {"plan": plan, "changes": changes[:NAMED], "more": more}, links=links)
