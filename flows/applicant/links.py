"""Deep links into what can be looked at: ``t.me/<bot>?start=<payload>``, also behind buttons beside the screen.

Codes of plans have no underscore, so the first one after ``project_`` ends the plan's. Bot API: 64 characters at most;
the longest payload here has 49.
"""

from __future__ import annotations

import re

_PLAN = re.compile(r"plan_([A-Za-z0-9]{1,16})", re.ASCII)
_PROJECT = re.compile(r"project_([A-Za-z0-9]{1,16})_([A-Za-z0-9_-]{1,24})", re.ASCII)


def link_to_plan(plan: str) -> str:
    return f"plan_{plan}"


def link_to_project(plan: str, project: str) -> str:
    return f"project_{plan}_{project}"


def read_link(payload: str) -> dict[str, str] | None:
    """What the flow ``plans`` is to be opened with; None for a payload that leads elsewhere."""
    if link := _PLAN.fullmatch(payload):
        return {"plan": link[1]}
    if link := _PROJECT.fullmatch(payload):
        return {"plan": link[1], "project": link[2]}
    return None
