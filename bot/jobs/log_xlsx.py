"""The log as .xlsx. A module of its own: openpyxl is only for the worker process."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font


def write(rows: Sequence[Sequence[str]]) -> bytes:
    """All cells are text, whatever they look like."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("log")
    sheet.freeze_panes = "A2"
    for letter, width in zip("ABCDEFGH", (8, 20, 16, 16, 16, 24, 60, 60), strict=True):
        sheet.column_dimensions[letter].width = width
    for number, row in enumerate(rows):
        cells = []
        for text in row:
            cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", text)[:32_767])  # what a cell of Excel may hold
            cell.data_type = "s"
            cell.font = Font(bold=number == 0)
            cells.append(cell)
        sheet.append(cells)
    target = BytesIO()
    book.save(target)
    return target.getvalue()
