"""A workbook that is filled in, made of the examples that stand beside the columns: so each of them is a right one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from bot.jobs.workbook import columns as c
from bot.jobs.workbook.columns import Column
from bot.jobs.workbook.fields import Catalogue, Field, FieldKind
from bot.jobs.workbook.shared import Kind
from bot.jobs.workbook.sheets import Cell
from bot.jobs.workbook.values import read_values
from bot.jobs.workbook.writing import write_workbook
from flows.model import Condition, Plan, Project, Relation, Rent, UnitType

T = TypeVar("T")

_ADULT = Condition("age", Relation.AT_LEAST, ("18",), "申请人须年满 18 周岁。")


def example_workbook(fields: Mapping[str, Field]) -> bytes:
    """An .xlsx that can be imported as it is, to look at and to try with. Blocking; takes CPU time."""
    return write_workbook(example_plan(fields), fields)


def example_plan(fields: Mapping[str, Field]) -> Plan:
    """Of conditions and demands only those whose question the form has."""
    catalogue = Catalogue(fields)
    rent = Rent(_of(c.RENT_HOME), _of(c.RENT_AREA), _of(c.RENT_MONTHLY))
    unit_type = UnitType(
        code=_of(c.UNIT_CODE),
        name=_of(c.UNIT_NAME),
        area=_of(c.UNIT_AREA),
        homes=_of(c.UNIT_HOMES),
        text=_of(c.UNIT_TEXT),
        rents=(rent,),
    )
    project = Project(
        code=_of(c.PROJECT_CODE),
        name=_of(c.PROJECT_NAME),
        address=_of(c.PROJECT_ADDRESS),
        district=_of(c.DISTRICT),
        latitude=_of(c.LATITUDE),
        longitude=_of(c.LONGITUDE),
        text=_of(c.PROJECT_TEXT),
        unit_types=(unit_type,),
    )
    asked, demand = catalogue.find(_of(c.DEMAND_FIELD)), _of(c.DEMAND)
    return Plan(
        code=_of(c.PLAN_CODE),
        name=_of(c.PLAN_NAME),
        opens_at=_of(c.OPENS_AT),
        closes_at=_of(c.CLOSES_AT),
        notice_title=_of(c.NOTICE_TITLE),
        notice_text=_of(c.NOTICE_TEXT),
        announced_on=_of(c.ANNOUNCED_ON),
        phone=_of(c.PHONE),
        hours=_of(c.HOURS),
        projects=(project,),
        conditions=(_ADULT, *_conditions(catalogue)),
        demands=() if asked is None or demand is None else ((asked.key, demand),),
    )


def _conditions(catalogue: Catalogue) -> tuple[Condition, ...]:
    field, relation = catalogue.find(_of(c.CONDITION_FIELD)), _of(c.CONDITION_RELATION)
    if field is None or field.kind is not FieldKind.NUMBER or relation is None:
        return ()
    values = read_values(_cell(c.CONDITION_VALUES), field, relation)
    return (Condition(field.key, relation, values, _of(c.CONDITION_MESSAGE)),)


def _of(column: Column[T]) -> T:
    return column.read(_cell(column))


def _cell(column: Column[T]) -> Cell:
    return Cell(Kind.TEXT, column.example)
