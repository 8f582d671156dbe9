"""A whole plan as JSON and back: what drafts and the results of jobs carry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from flows.model import Condition, Demand, Plan, Project, Relation, Rent, UnitType

_WORKED_OUT = ("rent_count", "lowest", "highest")  # from the rents


def plan_to_text(plan: Plan) -> str:
    """Without spaces. Nothing of a plan is lost in it but what is worked out from the rest."""
    return json.dumps(asdict(plan), ensure_ascii=False, separators=(",", ":"), default=_written)


def plan_from_text(text: str | bytes) -> Plan:
    """Raises ValueError, TypeError or LookupError for what ``plan_to_text`` has not written."""
    read: dict[str, Any] = json.loads(text)
    announced = read.pop("announced_on")
    return Plan(
        **read
        | {
            "announced_on": date.fromisoformat(announced) if announced else None,
            "projects": tuple(map(_project, read["projects"])),
            "conditions": tuple(map(_condition, read["conditions"])),
            "demands": tuple((question, Demand(demand)) for question, demand in read["demands"]),
        }
    )


def _written(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no JSON for {type(value).__name__}")


def _project(read: Mapping[str, Any]) -> Project:
    changed = {"unit_types": tuple(map(_unit_type, read["unit_types"])), "pictures": tuple(read["pictures"])}
    return Project(**{**read, **changed})


def _unit_type(read: Mapping[str, Any]) -> UnitType:
    rents = tuple(Rent(**rent) for rent in read["rents"])
    kept = {name: value for name, value in read.items() if not rents or name not in _WORKED_OUT}
    return UnitType(**{**kept, "rents": rents, "pictures": tuple(read["pictures"])})


def _condition(read: Mapping[str, Any]) -> Condition:
    return Condition(**{**read, "relation": Relation(read["relation"]), "values": tuple(read["values"])})
