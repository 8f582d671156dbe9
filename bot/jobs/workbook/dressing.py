"""How a written sheet helps who fills it in: headings with notes, widths, and what Excel offers and refuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from bot.jobs.workbook import columns as c
from bot.jobs.workbook.columns import Column, Entry
from bot.jobs.workbook.sheets import column_letter

DISTRICTS = (
    *("东城区", "西城区", "朝阳区", "海淀区", "丰台区", "石景山区", "门头沟区", "房山区"),
    *("通州区", "顺义区", "昌平区", "大兴区", "怀柔区", "平谷区", "密云区", "延庆区"),
)
OPTIONS = "说明（选项）"
"""The hidden sheet on which lists too long for a rule stand: in column A fields, in B questions."""

AS_TEXT = "@"  # or Excel makes a date of the code 3-1 as soon as it is typed
AS_MOMENT, AS_SECOND, AS_DAY = "yyyy-mm-dd hh:mm", "yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd"
_NUMBERS = {Entry.LATITUDE, Entry.LONGITUDE, Entry.AREA, Entry.COUNT, Entry.RENT}
_MOMENTS = {Entry.MOMENT, Entry.CLOSING}
_LAST_ROW = 10_000  # of what is watched; more may be written

_REQUIRED = PatternFill("solid", fgColor="FFF2CC")
_OPTIONAL = PatternFill("solid", fgColor="E2EFDA")
_BOLD = Font(bold=True)
_HEADING = Alignment(vertical="center", wrap_text=True)
_WIDTHS = {Entry.PARAGRAPHS: 60.0, Entry.FIELD: 24.0, Entry.QUESTION: 24.0, Entry.VALUE: 30.0, Entry.COUNT: 12.0}
_WIDE = {"公告标题": 44.0, "地址": 44.0, "名称": 30.0, "房源": 30.0, "提示": 44.0, "服务时间": 32.0}
_EVERY_WIDTH = 18.0


@dataclass(frozen=True, slots=True)
class _Rule:
    """``first`` and ``second`` are formulas in the English of the file format; a warning may be overruled."""

    type: Literal["list", "date", "decimal", "whole", "textLength"]
    operator: Literal["between", "greaterThan"] | None
    first: str
    second: str | None
    error: str
    warning: bool = False


def number_format(entry: Entry) -> str | None:
    """In which Excel is to understand what is typed; None leaves it to Excel."""
    if entry in _MOMENTS:
        return AS_MOMENT
    if entry is Entry.DAY:
        return AS_DAY
    return None if entry in _NUMBERS else AS_TEXT


def dress(sheet: Worksheet, form: c.Form, fields: int, questions: int) -> None:
    """Put the headings on an empty sheet; ``fields`` and ``questions``: how many ``OPTIONS`` lists."""
    sheet.freeze_panes = "A2"
    sheet.row_dimensions[1].height = 24
    for place, column in enumerate(form.columns, start=1):
        letter = column_letter(place)
        heading = sheet.cell(1, place, column.heading + "*" * column.required)
        heading.font, heading.alignment = _BOLD, _HEADING
        heading.fill = _REQUIRED if column.required else _OPTIONAL
        heading.comment = _note(column)
        dimension = sheet.column_dimensions[letter]
        dimension.width = _WIDTHS.get(column.entry, _WIDE.get(column.heading, _EVERY_WIDTH))
        if (shown := number_format(column.entry)) is not None:
            dimension.number_format = shown
        if (rule := _rule(column.entry, letter, fields, questions)) is not None:
            validation = _validation(rule, column)
            validation.add(f"{letter}2:{letter}{_LAST_ROW}")
            sheet.add_data_validation(validation)


def _note(column: Column[object]) -> Comment:
    need = "必填。" if column.required else "选填。"
    return Comment(f"{need}{column.note}\n例如：{column.example}", "安居", height=110, width=280)


def _validation(rule: _Rule, column: Column[object]) -> DataValidation:
    return DataValidation(
        type=rule.type,
        operator=rule.operator,
        formula1=rule.first,
        formula2=rule.second,
        allow_blank=True,
        showErrorMessage=True,
        errorStyle="warning" if rule.warning else "stop",
        errorTitle=column.heading,
        error=rule.error,
    )


def _inline(choices: tuple[str, ...]) -> str:
    """A list in the rule itself: up to 255 characters."""
    return f'"{",".join(choices)}"'


def _rule(entry: Entry, letter: str, fields: int, questions: int) -> _Rule | None:
    if entry is Entry.CLOSING:
        opens = chr(ord(letter) - 1)
        return _Rule("date", "greaterThan", f"{opens}2", None, "须晚于登记开始，请写成 2026-11-28 17:00 的样子。")
    if entry is Entry.FIELD:
        return _from_options("A", fields)
    if entry is Entry.QUESTION:
        return _from_options("B", questions)
    return _RULES.get(entry)


def _from_options(letter: str, count: int) -> _Rule | None:
    if count == 0:
        return None
    place = f"'{OPTIONS}'!${letter}$1:${letter}${count}"
    return _Rule("list", None, place, None, "请从列表中选择。")


# 36526 and 73050 are 2000-01-01 and 2099-12-31
_RULES = {
    Entry.PLAN_CODE: _Rule("textLength", "between", "2", "16", "请用 2 至 16 个英文字母或数字，例如 HD2603。"),
    Entry.CODE: _Rule("textLength", "between", "1", "24", "请用 1 至 24 个英文字母、数字、“-”或“_”。"),
    Entry.PROJECT: _Rule(
        "list", None, f"'{c.PROJECTS.title}'!$A$2:$A${_LAST_ROW}", None, "工作表“项目”中没有这个编号。", warning=True
    ),
    Entry.MOMENT: _Rule("date", "between", "36526", "73050", "请写成 2026-11-24 09:00 的样子。"),
    Entry.DAY: _Rule("date", "between", "36526", "73050", "请写成 2026-11-24 的样子。"),
    Entry.DISTRICT: _Rule("list", None, _inline(DISTRICTS), None, "不在北京的 16 个区之中。", warning=True),
    Entry.LATITUDE: _Rule("decimal", "between", "18", "54", "请写以度为单位的小数，北京约为 39.4 至 41.1。"),
    Entry.LONGITUDE: _Rule("decimal", "between", "73", "136", "请写以度为单位的小数，北京约为 115.4 至 117.6。"),
    Entry.AREA: _Rule("decimal", "between", "0.01", "10000", "请写以平方米为单位的数字，例如 56.5。"),
    Entry.COUNT: _Rule("whole", "between", "0", "100000", "请写 0 至 100,000 的整数。"),
    Entry.RENT: _Rule("decimal", "between", "0.01", "1000000", "请写以元为单位的数字，例如 4500 或 4500.50。"),
    Entry.RELATION: _Rule("list", None, _inline(tuple(c.RELATIONS)), None, "请从列表中选择。"),
    Entry.DEMAND: _Rule("list", None, _inline(tuple(c.DEMANDS)), None, "请从列表中选择。"),
}
