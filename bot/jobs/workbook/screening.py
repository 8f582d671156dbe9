"""The sheets 条件 and 填报项: what a plan asks of applicants beyond the form itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from bot.jobs.workbook import columns as c
from bot.jobs.workbook.cells import WrongError
from bot.jobs.workbook.fields import Catalogue, Field, FieldKind
from bot.jobs.workbook.tables import Row
from bot.jobs.workbook.values import FITTING, read_values
from flows.model import Condition, Demand, Relation

_WORDS = {relation: word for word, relation in c.RELATIONS.items()}
_BOUNDS = (Relation.AT_LEAST, Relation.AT_MOST)
Demands = tuple[tuple[str, Demand], ...]


def read_demands(rows: Iterable[Row], catalogue: Catalogue) -> Demands:
    """Question and demand in the order of the rows; every mistake is noted at its row."""
    demands: list[tuple[str, Demand]] = []
    seen: dict[str, int] = {}
    for row in rows:
        field = _field(row, c.DEMAND_FIELD, catalogue, catalogue.questions)
        demand = row.take(c.DEMAND)
        if field is None:
            continue
        if field.derived:
            row.note(c.DEMAND_FIELD, "field_derived", value=field.label)
        elif (other := seen.setdefault(field.key, row.number)) != row.number:
            row.note(c.DEMAND_FIELD, "field_taken", value=field.label, other=str(other))
        elif demand is not None:
            demands.append((field.key, demand))
    return tuple(demands)


def read_conditions(rows: Iterable[Row], catalogue: Catalogue, demands: Demands) -> tuple[Condition, ...]:
    """In the order of the rows; every mistake is noted at its row."""
    left_out = {question for question, demand in demands if demand is Demand.LEFT_OUT}
    conditions: list[Condition] = []
    seen: dict[tuple[str, Relation], int] = {}
    bounds: dict[tuple[str, Relation], str] = {}
    for row in rows:
        field = _field(row, c.CONDITION_FIELD, catalogue, catalogue.comparable)
        relation = row.take(c.CONDITION_RELATION)
        cell, message = row.take(c.CONDITION_VALUES), row.take(c.CONDITION_MESSAGE) or ""
        if field is None or relation is None or not _fits(row, field, relation):
            continue
        if field.key in left_out:
            row.note(c.CONDITION_FIELD, "field_left_out", value=field.label)
        other = seen.setdefault((field.key, relation), row.number)
        if other != row.number:
            row.note(c.CONDITION_FIELD, "condition_taken", value=field.label, other=str(other))
        if cell is None:
            continue
        try:
            values = read_values(cell, field, relation)
        except WrongError as wrong:
            row.note(c.CONDITION_VALUES, wrong.key, **wrong.details)
            continue
        conditions.append(Condition(field.key, relation, values, message))
        bounds[field.key, relation] = values[0]
        if relation in _BOUNDS and _is_empty(field, bounds):
            row.note(c.CONDITION_VALUES, "condition_never", field=field.label)
    return tuple(conditions)


def _field(row: Row, column: c.Column[str], catalogue: Catalogue, among: Collection[Field]) -> Field | None:
    written = row.take(column)
    if written is None:
        return None
    field = catalogue.find(written)
    if field is None:
        row.note(column, "field_unknown", value=written, known="、".join(catalogue.near(written, among)))
    return field


def _fits(row: Row, field: Field, relation: Relation) -> bool:
    fitting = FITTING[field.kind]
    if not fitting:
        row.note(c.CONDITION_FIELD, "field_not_comparable", value=field.label)
    elif relation not in fitting:
        known = "、".join(_WORDS[each] for each in fitting)
        row.note(c.CONDITION_RELATION, "relation_unfit", value=_WORDS[relation], field=field.label, known=known)
    return relation in fitting


def _is_empty(field: Field, bounds: dict[tuple[str, Relation], str]) -> bool:
    """Whether nobody can be within both bounds."""
    least, most = (bounds.get((field.key, each)) for each in _BOUNDS)
    if least is None or most is None:
        return False
    if field.kind is FieldKind.DAY:
        return most < least  # in their ISO spelling days sort as they follow each other
    return int(most) < int(least)
