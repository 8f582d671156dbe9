"""A sheet with its headings found: rows from which typed values are taken, and every mistake on the way noted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, TypeVar

from bot.jobs.workbook.cells import WrongError, reference
from bot.jobs.workbook.columns import Column, Form
from bot.jobs.workbook.mistakes import Mistakes
from bot.jobs.workbook.shared import Kind
from bot.jobs.workbook.sheets import ROWS, Cell, Sheet, column_letter
from bot.jobs.workbook.visible import visible

_ABOVE = 10  # rows in which headings are looked for: a title or a remark may stand over them
_UNIT = re.compile(r"[(\[][^()\[\]]*[)\]]$")  # 月租金（元）

T = TypeVar("T")


def heading_of(cell: Cell) -> str:
    """The heading without spaces, asterisk and a unit in brackets."""
    bare = "".join(unicodedata.normalize("NFKC", visible(cell.text[:100])).split()).replace("*", "")
    return _UNIT.sub("", bare) or bare


class Row:
    """One row; ``take`` gives a value, or None where there is none or a wrong one, which is then noted."""

    def __init__(self, table: Table, number: int, cells: dict[int, Cell]) -> None:
        self.number = number
        self._table = table
        self.cells = cells

    def take(self, column: Column[T]) -> T | None:
        place = self._table.places.get(column.heading)
        if place is None:
            return None
        cell = self.cells.get(place)
        try:
            value = None if cell is None else column.read(cell)
        except WrongError as wrong:
            self.note(column, wrong.key, **wrong.details)
            return None
        if value == "" or value is None:  # nothing but spaces and hidden characters is nothing
            if column.required and not self._table.is_covered(self.number, place):
                self.note(column, "required")
            return None
        return value

    def has(self, column: Column[Any]) -> bool:
        """Whether anything is written there, right or wrong."""
        return self._table.places.get(column.heading) in self.cells

    def raw(self, column: Column[Any]) -> str:
        """What is written there, right or wrong, to be compared with what is written elsewhere."""
        cell = self.cells.get(self._table.places.get(column.heading, 0))
        try:
            return "" if cell is None else reference(cell)
        except WrongError:
            return ""

    def note(self, column: Column[Any], key: str, **details: str) -> None:
        self._table.note(key, self.number, column.heading, **details)


class Table:
    """``places`` is heading → number of the column, of the columns that are there."""

    def __init__(self, form: Form, sheet: Sheet, mistakes: Mistakes) -> None:
        self.form = form
        self.places: dict[str, int] = {}
        self._sheet = sheet
        self._mistakes = mistakes
        self._headings = self._find_headings()
        if self._headings is None:
            self.note("sheet_empty", known=_known(form))
            return
        self._read_headings(sheet.rows[self._headings])
        self._note_merged(self._headings)
        if sheet.too_long:
            self.note("too_many_rows", limit=f"{ROWS:,}")

    def note(self, key: str, row: int | None = None, column: str | None = None, **details: str) -> None:
        position = self.places.get(column or "", 0)
        self._mistakes.add(key, self.form.title, row=row, column=column, position=position, details=details)

    def note_if_empty(self, key: str) -> None:
        """When there are headings and nothing below them."""
        if self.places and not any(True for _ in self):
            self.note(key)

    def is_covered(self, row: int, column: int) -> bool:
        """Whether the cell is empty because it is merged into another, which is a mistake of its own."""
        return any(each.covers(row, column) for each in self._sheet.merged)

    def __iter__(self) -> Iterator[Row]:
        """The rows below the headings that hold anything."""
        if self._headings is not None:
            for number, cells in sorted(self._sheet.rows.items()):
                if number > self._headings:
                    yield Row(self, number, cells)

    def _find_headings(self) -> int | None:
        known = {column.heading for column in self.form.columns}
        first = sorted(self._sheet.rows)[:_ABOVE]
        found = {row: sum(heading_of(cell) in known for cell in self._sheet.rows[row].values()) for row in first}
        return next((row for row in first if found[row] >= 2), first[0] if first else None)

    def _read_headings(self, cells: dict[int, Cell]) -> None:
        known = {column.heading for column in self.form.columns}
        for place, cell in sorted(cells.items()):
            heading = heading_of(cell)
            if cell.kind is not Kind.TEXT or heading not in known:
                self._mistakes.add(
                    "column_unknown",
                    self.form.title,
                    column=heading or column_letter(place),
                    position=place,
                    details={"known": _known(self.form)},
                )
            elif heading in self.places:
                self._mistakes.add("column_twice", self.form.title, column=heading, position=place)
            else:
                self.places[heading] = place
        for column in self.form.columns:
            if column.required and column.heading not in self.places:
                self.note("column_missing", column=column.heading)
        for place in sorted({place for row in self for place in row.cells} - set(cells)):
            self._mistakes.add("column_unnamed", self.form.title, column=column_letter(place), position=place)

    def _note_merged(self, headings: int) -> None:
        # Blank merged cells, and a title over the headings, do no harm.
        names = {place: heading for heading, place in self.places.items()}
        for each in self._sheet.merged:
            if each.first_row >= headings and each.first_column in self._sheet.rows.get(each.first_row, {}):
                column = names.get(each.first_column, column_letter(each.first_column))
                self.note("merged", each.first_row, column, range=each.reference)


def _known(form: Form) -> str:
    return "、".join(column.heading for column in form.columns)
