"""A plan as a workbook: what can be sent back changed, and, without a plan, the blank template."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.worksheet.worksheet import Worksheet

from bot.jobs.workbook import columns as c
from bot.jobs.workbook.dressing import AS_DAY, AS_MOMENT, AS_SECOND, AS_TEXT, dress
from bot.jobs.workbook.fields import Catalogue, Field
from bot.jobs.workbook.guide import add_guide, add_options
from bot.jobs.workbook.values import written_values
from flows.model import BEIJING, DAY, MINUTE, SECOND, Moment, Plan

_Value = str | int | float | tuple[float, str] | None  # of a pair the second is how the first is shown
_Rows = Iterator[tuple[_Value, ...]]

_WRAPPED = Alignment(vertical="top", wrap_text=True)
_LIKE_AN_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_EPOCH = 25_569  # 1970-01-01 as Excel counts days
_EPOCH_ORDINAL = 719_163


def template_workbook(fields: Mapping[str, Field]) -> bytes:
    """The blank .xlsx to be filled in: all sheets with their headings, notes, lists and rules, and a sheet 说明.

    ``fields`` are the questions of the form, by key. Blocking; takes CPU time.
    """
    return write_workbook(None, fields)


def write_workbook(plan: Plan | None = None, fields: Mapping[str, Field] | None = None) -> bytes:
    """The .xlsx that ``read_workbook`` reads back, given the same fields, as the same plan; times to the second.

    Of a condition or demand whose field there is no more, the key and the values are written as they are kept, which
    reading will name. When the plan was published or withdrawn, its files and its revision are not part of a workbook.
    Blocking; takes CPU time.
    """
    catalogue = Catalogue(fields or {})
    book = Workbook()
    book.remove(book.worksheets[0])
    for form in c.FORMS:
        sheet = book.create_sheet(form.title)
        dress(sheet, form, len(catalogue.comparable), len(catalogue.questions))
        if plan is not None:
            _fill(sheet, _ROWS[form.title](plan, catalogue))
    add_guide(book, catalogue)
    add_options(book, catalogue)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _fill(sheet: Worksheet, rows: _Rows) -> None:
    for number, row in enumerate(rows, start=2):
        for place, value in enumerate(row, start=1):
            if isinstance(value, str) and value:
                cell = sheet.cell(number, place, _LIKE_AN_ESCAPE.sub("_x005F_", value))
                cell.data_type = "s"  # text that begins with = is no formula
                cell.number_format = AS_TEXT
                if "\n" in value:
                    cell.alignment = _WRAPPED
            elif isinstance(value, tuple):
                cell = sheet.cell(number, place, value[0])
                cell.number_format = value[1]
            elif value is not None and value != "":
                sheet.cell(number, place, value)


def _moment(at: Moment) -> tuple[float, str]:
    whole = at // SECOND * SECOND
    return (whole + BEIJING) / DAY + _EPOCH, AS_SECOND if whole % MINUTE else AS_MOMENT


def _hundredths(value: int | None) -> int | float | None:
    if value is None:
        return None
    return value // 100 if value % 100 == 0 else float(Decimal(value) / 100)


def _plan(plan: Plan, _: Catalogue) -> _Rows:
    announced = None
    if plan.announced_on is not None:
        announced = float(plan.announced_on.toordinal() - _EPOCH_ORDINAL + _EPOCH), AS_DAY
    times = _moment(plan.opens_at), _moment(plan.closes_at)
    yield plan.code, plan.name, plan.notice_title, plan.notice_text, *times, announced, plan.phone, plan.hours


def _projects(plan: Plan, _: Catalogue) -> _Rows:
    for each in plan.projects:
        yield each.code, each.name, each.district, each.address, each.latitude, each.longitude, each.text


def _unit_types(plan: Plan, _: Catalogue) -> _Rows:
    for project in plan.projects:
        for each in project.unit_types:
            yield project.code, each.code, each.name, _hundredths(each.area), each.homes, each.text


def _rents(plan: Plan, _: Catalogue) -> _Rows:
    for project in plan.projects:
        for unit_type in project.unit_types:
            for each in unit_type.rents:
                yield project.code, unit_type.code, each.home, _hundredths(each.area), _hundredths(each.monthly)


def _conditions(plan: Plan, catalogue: Catalogue) -> _Rows:
    words = {relation: word for word, relation in c.RELATIONS.items()}
    for each in plan.conditions:
        values = written_values(each.values, catalogue.fields.get(each.field))
        yield catalogue.name(each.field), words[each.relation], values, each.message


def _demands(plan: Plan, catalogue: Catalogue) -> _Rows:
    words = {demand: word for word, demand in c.DEMANDS.items()}
    for question, demand in plan.demands:
        yield catalogue.name(question), words[demand]


_ROWS: dict[str, Callable[[Plan, Catalogue], _Rows]] = {
    c.PLAN.title: _plan,
    c.PROJECTS.title: _projects,
    c.UNIT_TYPES.title: _unit_types,
    c.RENTS.title: _rents,
    c.CONDITIONS.title: _conditions,
    c.QUESTIONS.title: _demands,
}
