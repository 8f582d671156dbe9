"""What is different between two states of a plan, thing by thing, in words that clerks and applicants know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from flows.model import Condition, Plan, Project, Rent, UnitType

Value = str | int | None
T = TypeVar("T")

SINGLE_RENTS = 3  # so many changed rents of a unit type are named one by one, more are counted
SHOWN = 60  # characters of a text that are quoted


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. ``kind`` says of what, ``where`` in which project, unit type or question; see ``diff``."""

    kind: str
    where: str = ""
    before: Value = None
    after: Value = None


# What those who registered need not be told: it changes nothing for them.
UNTOLD = frozenset({"project_pictures", "unit_pictures", "project_place", "project_order", "unit_order", "rents_order"})
TEXTS = frozenset({"notice_text", "project_text", "unit_text"})  # too long to be quoted


def diff(old: Plan, new: Plan) -> tuple[Change, ...]:
    """From the old state to the new one, in the order of the workbook; empty when nothing is different.

    Codes tell what is the same thing: a project of another code is another project. When it was published or withdrawn
    is no part of it.
    """
    return (
        *_fields(old, new, ("name", "notice_title", "notice_text", "opens_at", "closes_at")),
        *_announced(old, new),
        *_fields(old, new, ("phone", "hours")),
        *_file(old.notice_file, new.notice_file),
        *_projects(old, new),
        *_conditions(old.conditions, new.conditions),
        *_demands(old, new),
    )


def told(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Those that somebody who registered must know of."""
    return tuple(change for change in changes if change.kind not in UNTOLD)


def moves_dates(changes: Sequence[Change]) -> bool:
    return any(change.kind in {"opens_at", "closes_at"} for change in changes)


def to_json(changes: Sequence[Change]) -> list[list[Value]]:
    return [[change.kind, change.where, change.before, change.after] for change in changes]


def from_json(written: object) -> tuple[Change, ...]:
    """Raises TypeError or ValueError for what ``to_json`` has not written."""
    if not isinstance(written, list):
        raise TypeError("no list of changes")
    return tuple(Change(str(kind), str(where), before, after) for kind, where, before, after in written)


# --- a plan ----------------------------------------------------------------------------------------------------------


def _fields(old: object, new: object, names: Sequence[str], kind: str = "", where: str = "") -> Iterator[Change]:
    """Fields of the same name; texts are not quoted."""
    for name in names:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            named = f"{kind}{name}"
            yield Change(named, where) if named in TEXTS else Change(named, where, _quoted(before), _quoted(after))


def _quoted(value: Value) -> Value:
    if isinstance(value, str) and len(value) > SHOWN:
        return value[:SHOWN] + "…"
    return value


def _announced(old: Plan, new: Plan) -> Iterator[Change]:
    if old.announced_on != new.announced_on:
        days = [day.isoformat() if day else None for day in (old.announced_on, new.announced_on)]
        yield Change("announced_on", "", *days)


def _file(before: str | None, after: str | None) -> Iterator[Change]:
    if before != after:
        yield Change("notice_file", "", int(before is not None), int(after is not None))


def _conditions(old: Sequence[Condition], new: Sequence[Condition]) -> Iterator[Change]:
    """A condition is known by its field and relation; the clerk's words stand for it, where there are any."""
    before = {(one.field, one.relation): one for one in old}
    after = {(one.field, one.relation): one for one in new}
    for key in _keys(before, after):
        mine, theirs = before.get(key), after.get(key)
        if mine == theirs:
            continue
        kind = "condition_added" if mine is None else "condition_removed" if theirs is None else "condition_changed"
        shown = theirs or mine
        yield Change(kind, _short(shown.message or shown.field) if shown else "")


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def _demands(old: Plan, new: Plan) -> Iterator[Change]:
    before, after = dict(old.demands), dict(new.demands)
    for question in _keys(before, after):
        if before.get(question) != after.get(question):
            yield Change("demand", question, before.get(question), after.get(question))


def _keys(before: Mapping[T, object], after: Mapping[T, object]) -> list[T]:
    """Of both, those of before first."""
    return list(dict.fromkeys([*before, *after]))


# --- projects --------------------------------------------------------------------------------------------------------


def _projects(old: Plan, new: Plan) -> Iterator[Change]:
    before = {project.code: project for project in old.projects}
    after = {project.code: project for project in new.projects}
    for code in _keys(before, after):
        if code not in before:
            yield Change("project_added", after[code].name, after=after[code].homes)
        elif code not in after:
            yield Change("project_removed", before[code].name, before=before[code].homes)
        else:
            yield from _project(before[code], after[code])
    yield from _order("project_order", "", before, after)


def _order(kind: str, where: str, before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[Change]:
    if [code for code in before if code in after] != [code for code in after if code in before]:
        yield Change(kind, where)


def _project(old: Project, new: Project) -> Iterator[Change]:
    yield from _fields(old, new, ("name", "district", "address", "text"), "project_", old.name)
    if (old.latitude, old.longitude) != (new.latitude, new.longitude):
        yield Change("project_place", old.name)
    if old.pictures != new.pictures:
        yield Change("project_pictures", old.name, len(old.pictures), len(new.pictures))
    before = {unit.code: unit for unit in old.unit_types}
    after = {unit.code: unit for unit in new.unit_types}
    for code in _keys(before, after):
        if code not in before:
            yield Change("unit_added", f"{new.name} · {after[code].name}", after=after[code].homes)
        elif code not in after:
            yield Change("unit_removed", f"{old.name} · {before[code].name}", before=before[code].homes)
        else:
            yield from _unit(f"{old.name} · {before[code].name}", before[code], after[code])
    yield from _order("unit_order", old.name, before, after)


def _unit(where: str, old: UnitType, new: UnitType) -> Iterator[Change]:
    yield from _fields(old, new, ("name", "area", "homes", "text"), "unit_", where)
    if old.pictures != new.pictures:
        yield Change("unit_pictures", where, len(old.pictures), len(new.pictures))
    yield from _rents(where, old.rents, new.rents)


def _rents(where: str, old: Sequence[Rent], new: Sequence[Rent]) -> Iterator[Change]:
    """Homes are known by their names, those without one by their place."""
    if old == new:
        return
    before = {rent.home or f"#{place}": rent for place, rent in enumerate(old)}
    after = {rent.home or f"#{place}": rent for place, rent in enumerate(new)}
    both = [(home, before[home], after[home]) for home in before if home in after and before[home] != after[home]]
    gone, come = len(before.keys() - after.keys()), len(after.keys() - before.keys())
    dearer = [(home, was, is_) for home, was, is_ in both if was.monthly != is_.monthly]
    if come:
        yield Change("rents_added", where, after=come)
    if gone:
        yield Change("rents_removed", where, before=gone)
    if len(dearer) <= SINGLE_RENTS:
        for home, was, is_ in dearer:
            named = where if home.startswith("#") else f"{where} · {home}"
            yield Change("rent", named, was.monthly, is_.monthly)
    else:
        yield Change("rents_changed", where, after=len(dearer))
    if resized := sum(was.area != is_.area for _, was, is_ in both):
        yield Change("rents_resized", where, after=resized)
    if not (come or gone or both):
        yield Change("rents_order", where)
