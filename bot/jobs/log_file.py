"""The log as a table: .xlsx or .csv, for the worker process. No cell of it can act as a formula."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

Rows = Sequence[Sequence[str]]

# OWASP, CSV injection: spreadsheets take a text that begins so for something to work out.
ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def log_csv(rows: Rows) -> bytes:
    """UTF-8 with a mark, by which Excel knows it; the first row holds the headings."""
    target = StringIO(newline="")
    csv.writer(target, quoting=csv.QUOTE_ALL).writerows([[_harmless(cell) for cell in row] for row in rows])
    return target.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.lstrip(" ").startswith(ACTIVE) else cell


def log_xlsx(rows: Rows) -> bytes:
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
