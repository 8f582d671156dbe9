"""The sheets for people: what to write where, with an example for each column, and the lists that rules refer to.

The reader passes over every sheet whose name begins with 说明, so nothing of this has to be deleted.
"""

from __future__ import annotations

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from bot.jobs.workbook import columns as c
from bot.jobs.workbook.dressing import AS_TEXT, OPTIONS
from bot.jobs.workbook.fields import Catalogue, Field, FieldKind, Names
from bot.jobs.workbook.values import FITTING

_OPENING = (
    "怎样填写",
    "每个工作表的第一行是列名，请从第二行开始填写。带 * 的列必填。列的顺序可以改变，列名请不要改。",
    "不要合并单元格，不要使用公式。名称以“说明”开头的工作表只供阅读，不会导入，可以保留。",
    "照片和公告可以与工作簿一起压缩为 .zip 发送：照片放进“照片/项目编号”或“照片/项目编号/户型编号”文件夹。",
    "公告取名“公告.pdf”，放在工作簿旁边。",
)
_KINDS = {
    FieldKind.NUMBER: "整数",
    FieldKind.MONEY: "金额（元）",
    FieldKind.DAY: "日期",
    FieldKind.CHOICE: "选项",
    FieldKind.TEXT: "文字",
    FieldKind.PICTURES: "照片，不能用作条件",
}
_TITLE = Font(bold=True, size=14)
_BOLD = Font(bold=True)
_FILL = PatternFill("solid", fgColor="DDEBF7")
_WRAPPED = Alignment(vertical="top", wrap_text=True)
_WIDTHS = (14.0, 22.0, 20.0, 64.0, 44.0)


def add_guide(book: Workbook, catalogue: Catalogue) -> None:
    """The sheet 说明, first in the book."""
    sheet = book.create_sheet(c.EXPLANATION, 0)
    for place, width in enumerate(_WIDTHS):
        sheet.column_dimensions["ABCDE"[place]].width = width
    for number, text in enumerate(_OPENING, start=1):
        sheet.cell(number, 1, text).font = _TITLE if number == 1 else Font()
    sheet.append([])
    _append(sheet, ["工作表", "列", "是否必填", "怎样填写", "例子"], heading=True)
    for form in c.FORMS:
        _append(sheet, [form.title, "", "" if form.required else "整个工作表可不填", form.about, ""])
        for column in form.columns:
            need = "必填" if column.required else "选填"
            _append(sheet, ["", column.heading, need, column.note, column.example])
    sheet.append([])
    _append(sheet, ["字段", "", "种类", "选项", "可以用的关系"], heading=True)
    for each in catalogue.fields.values():
        _append(sheet, ["", catalogue.name(each.key), _kind(each), _options(each), _relations(each)])


def add_options(book: Workbook, catalogue: Catalogue) -> None:
    """The hidden sheet that rules refer to, last in the book."""
    sheet = book.create_sheet(OPTIONS)
    sheet.sheet_state = "hidden"
    for place, among in enumerate((catalogue.comparable, catalogue.questions), start=1):
        for number, each in enumerate(among, start=1):
            sheet.cell(number, place, catalogue.name(each.key)).number_format = AS_TEXT


def _append(sheet: Worksheet, texts: list[str], *, heading: bool = False) -> None:
    row = sheet.max_row + 1
    for place, text in enumerate(texts, start=1):
        cell = sheet.cell(row, place, text or None)
        cell.number_format, cell.alignment = AS_TEXT, _WRAPPED
        if text:
            cell.data_type = "s"  # a label that begins with = is no formula
        if heading:
            cell.font, cell.fill = _BOLD, _FILL


def _kind(field: Field) -> str:
    return _KINDS[field.kind] + ("，由其他填报项算出" if field.derived else "")


def _options(field: Field) -> str:
    return "、".join(map(Names(field.options).name, field.options))


def _relations(field: Field) -> str:
    return "、".join(word for word, relation in c.RELATIONS.items() if relation in FITTING[field.kind])
