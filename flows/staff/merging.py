"""Bringing one clerk's changes onto what another has made of the plan meanwhile.

What the clerk has changed stays as the clerk wants it; everything else is as it stands now. Nothing that the other did
is taken back but what both have changed, and the clerk is shown the difference before it counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import TypeVar

from flows.model import Condition, Demand, Plan, Project, Relation, UnitType

_NOT_THE_CLERKS = frozenset({"code", "published_at", "withdrawn_at", "withdrawn_reason", "revision"})
_WORKED_OUT = frozenset({"rent_count", "lowest", "highest"})

T = TypeVar("T")
Flat = TypeVar("Flat", Plan, Project, UnitType)
Key = Callable[[T], object]


def merge(base: Plan, mine: Plan, theirs: Plan) -> Plan:
    """Mine on top of theirs; ``base`` is what both began from."""
    merged = _flat(base, mine, theirs, _NOT_THE_CLERKS | {"projects", "conditions", "demands"})
    return replace(
        merged,
        projects=_each(base.projects, mine.projects, theirs.projects, _code, _project),
        conditions=_each(base.conditions, mine.conditions, theirs.conditions, _compared, _pick),
        demands=_each(base.demands, mine.demands, theirs.demands, _question, _pick),
    )


def _code(thing: Project | UnitType) -> str:
    return thing.code


def _compared(condition: Condition) -> tuple[str, Relation]:
    return condition.field, condition.relation


def _question(demand: tuple[str, Demand]) -> str:
    return demand[0]


def _project(base: Project, mine: Project, theirs: Project) -> Project:
    units = _each(base.unit_types, mine.unit_types, theirs.unit_types, _code, _unit)
    return replace(_flat(base, mine, theirs, frozenset({"unit_types"})), unit_types=units)


def _unit(base: UnitType, mine: UnitType, theirs: UnitType) -> UnitType:
    """The table of rents is one thing: half of one clerk's and half of another's would be nobody's."""
    return _flat(base, mine, theirs, _WORKED_OUT)


def _pick(base: T, mine: T, theirs: T) -> T:
    return theirs if mine == base else mine


def _flat(base: Flat, mine: Flat, theirs: Flat, but: frozenset[str]) -> Flat:
    """Theirs, with those fields that I have changed."""
    names = [field.name for field in fields(theirs) if field.name not in but]
    changed = {name: getattr(mine, name) for name in names if getattr(mine, name) != getattr(base, name)}
    if changed.get("rents") == ():
        changed |= dict.fromkeys(_WORKED_OUT) | {"rent_count": 0}
    return replace(theirs, **changed)


def _each(
    base: Sequence[T], mine: Sequence[T], theirs: Sequence[T], key: Callable[[T], object], one: Callable[[T, T, T], T]
) -> tuple[T, ...]:
    """Things with a key: what I took out is out, what either added is in, in the order of whoever changed it."""
    was, mine_by, theirs_by = ({key(thing): thing for thing in things} for things in (base, mine, theirs))
    merged: dict[object, T] = {}
    for name in {**theirs_by, **mine_by}:
        if name in mine_by and name in theirs_by:
            both = (mine_by[name], theirs_by[name])
            merged[name] = one(was[name], *both) if name in was else both[0]
        elif name in mine_by and mine_by[name] != was.get(name):
            merged[name] = mine_by[name]  # I added it, or changed what the other took out
        elif name in theirs_by and name not in was:
            merged[name] = theirs_by[name]
    moved = [name for name in was if name in mine_by] != [name for name in mine_by if name in was]
    first, second = (mine_by, theirs_by) if moved else (theirs_by, mine_by)
    return tuple(merged[name] for name in {**first, **second} if name in merged)
