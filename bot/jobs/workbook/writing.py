"""A plan as a workbook: what can be sent back changed, and, without a plan, the blank template."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from bot.jobs.workbook import columns as c
from bot.jobs.workbook.sheets import column_letter
from flows.model import BEIJING, HOUR, MINUTE, SECOND, Moment, Plan, beijing_day

_Value = str | int | float | None

_WIDTHS = {"公告正文": 60.0, "公告标题": 40.0, "简介": 60.0, "说明": 40.0, "地址": 40.0, "名称": 30.0}
_NUMBERS = {"纬度", "经度", "建筑面积", "套数", "面积", "月租金"}
_TEXT = "@"  # or Excel makes a date of the code 3-1 as soon as it is typed
_WRAPPED = Alignment(vertical="top", wrap_text=True)
_LIKE_AN_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def write_workbook(plan: Plan | None = None) -> bytes:
    """The .xlsx that ``read_workbook`` reads back as the same plan (times to the second), or a blank one.

    When it was published or withdrawn is not part of a workbook. Blocking; takes CPU time.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    rows = {form.title: [] if plan is None else list(_ROWS[form.title](plan)) for form in c.FORMS}
    for form in c.FORMS:
        _write(book.create_sheet(form.title), form, rows[form.title])
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _write(sheet: Worksheet, form: c.Form, rows: list[tuple[_Value, ...]]) -> None:
    sheet.freeze_panes = "A2"
    for place, column in enumerate(form.columns, start=1):
        heading = sheet.cell(1, place, column.heading + ("*" if column.required else ""))
        heading.font = Font(bold=True)
        dimension = sheet.column_dimensions[column_letter(place)]
        dimension.width = _WIDTHS.get(column.heading, 18.0)
        if column.heading not in _NUMBERS:
            dimension.number_format = _TEXT
    for number, row in enumerate(rows, start=2):
        for place, value in enumerate(row, start=1):
            if isinstance(value, str) and value:
                cell = sheet.cell(number, place, _LIKE_AN_ESCAPE.sub("_x005F_", value))
                cell.data_type = "s"  # text that begins with = is no formula
                cell.number_format = _TEXT
                if "\n" in value:
                    cell.alignment = _WRAPPED
            elif value is not None and value != "":
                sheet.cell(number, place, value)


def _moment(at: Moment) -> str:
    since_midnight = (at + BEIJING) % (24 * HOUR)
    text = f"{beijing_day(at)} {since_midnight // HOUR:02}:{since_midnight // MINUTE % 60:02}"
    seconds = since_midnight // SECOND % 60
    return f"{text}:{seconds:02}" if seconds else text


def _hundredths(value: int | None) -> int | float | None:
    if value is None:
        return None
    return value // 100 if value % 100 == 0 else float(Decimal(value) / 100)


def _plan(plan: Plan) -> Iterator[tuple[_Value, ...]]:
    announced = plan.announced_on.isoformat() if plan.announced_on else None
    times = _moment(plan.opens_at), _moment(plan.closes_at)
    yield plan.code, plan.name, plan.notice_title, plan.notice_text, *times, announced, plan.phone, plan.hours


def _projects(plan: Plan) -> Iterator[tuple[_Value, ...]]:
    for each in plan.projects:
        yield each.code, each.name, each.district, each.address, each.latitude, each.longitude, each.text


def _unit_types(plan: Plan) -> Iterator[tuple[_Value, ...]]:
    for project in plan.projects:
        for each in project.unit_types:
            yield project.code, each.code, each.name, _hundredths(each.area), each.homes, each.text


def _rents(plan: Plan) -> Iterator[tuple[_Value, ...]]:
    for project in plan.projects:
        for unit_type in project.unit_types:
            for each in unit_type.rents:
                yield project.code, unit_type.code, each.home, _hundredths(each.area), _hundredths(each.monthly)


_ROWS = {c.PLAN.title: _plan, c.PROJECTS.title: _projects, c.UNIT_TYPES.title: _unit_types, c.RENTS.title: _rents}
