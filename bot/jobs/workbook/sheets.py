"""An .xlsx as rows of cells, each with what it is: the little of ECMA-376 that a workbook of plans needs.

Not openpyxl, which writes our workbooks: its quick reader knows nothing of merged cells, its thorough one keeps every
cell of a formatted column, it stops at styles WPS writes, and bad content ends in whatever exception comes first.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass, field
from posixpath import basename, dirname, normpath
from posixpath import join as joined

from bot.jobs.workbook.markup import read_markup
from bot.jobs.workbook.safety import Archive, RefusedError
from bot.jobs.workbook.shared import Kind, read_kinds, read_shared_strings, unescaped
from bot.jobs.workbook.visible import visible

ROWS = 100_000
CELL_CHARACTERS = 40_000  # Excel allows 32,767
CHARACTERS = 20_000_000  # of all cells: one shared string may stand in every one of them
MERGED_RANGES = 500
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_DAYS_1904 = 1_462  # between the two calendars of Excel

_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")


@dataclass(frozen=True, slots=True)
class Cell:
    """``number`` is set for numbers and dates: for dates, days since 1899-12-30."""

    kind: Kind
    text: str
    number: float = 0.0


@dataclass(frozen=True, slots=True)
class Range:
    """Merged cells, from the first to the last row and column inclusive."""

    reference: str
    first_row: int
    first_column: int
    last_row: int
    last_column: int

    def covers(self, row: int, column: int) -> bool:
        return self.first_row <= row <= self.last_row and self.first_column <= column <= self.last_column


@dataclass(slots=True)
class Sheet:
    """The cells that hold something, by row and column, both counted from 1."""

    title: str
    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    merged: list[Range] = field(default_factory=list)
    too_long: bool = False  # more than ROWS below the headings: what comes after was not kept


def column_letter(column: int) -> str:
    """1 is A, 27 is AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def read_sheets(archive: Archive) -> list[Sheet]:
    """All sheets in their order, hidden ones too; raises ``RefusedError`` when the file is broken or too large.

    A sheet of another kind, such as a chart, comes without rows.
    """
    return _Book(archive).read()


class _Book:
    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.shared: list[str] = []
        self.kinds: list[Kind] = []
        self.since_1904 = False
        self.characters_left = CHARACTERS

    def read(self) -> list[Sheet]:
        workbook = next((target for kind, target in self._relations("").values() if kind == "officeDocument"), None)
        if workbook is None:
            raise RefusedError("not_a_workbook")
        named: list[tuple[str, str]] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == "sheet":
                named.append((attributes.get("name", ""), attributes.get("id", "")))
            elif name == "workbookPr":
                self.since_1904 = attributes.get("date1904") in {"1", "true"}

        read_markup(self.archive, workbook, start)
        relations = self._relations(workbook)
        for kind, target in relations.values():
            if kind == "sharedStrings":
                self.shared = read_shared_strings(self.archive, target)
            elif kind == "styles":
                self.kinds = read_kinds(self.archive, target)
        sheets = []
        for title, relation in named:
            kind, target = relations.get(relation, ("", ""))
            sheet = Sheet(" ".join(unicodedata.normalize("NFKC", visible(title[:100])).split()))
            if kind == "worksheet":
                reader = _SheetReader(self, sheet)
                read_markup(self.archive, target, reader.start, reader.end, reader.characters)
            sheets.append(sheet)
        return sheets

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Id → (kind, part) of what the part refers to inside the file."""
        folder = dirname(part)
        found: dict[str, tuple[str, str]] = {}

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == "Relationship" and attributes.get("TargetMode") != "External":
                target = normpath(joined("/", folder, attributes.get("Target", ""))).lstrip("/")
                found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], target)

        read_markup(self.archive, joined(folder, "_rels", basename(part) + ".rels"), start)
        return found


class _SheetReader:
    """Takes the events of one worksheet. Value, formula and inline text count only inside a cell."""

    def __init__(self, book: _Book, sheet: Sheet) -> None:
        self.book = book
        self.sheet = sheet
        self.row = self.column = 0
        self.type = self.style = ""
        self.has_formula = False
        self.within: str | None = None  # v or t, when its characters are the value
        self.pieces: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            self._start_row(attributes.get("r"))
        elif name == "c":
            _, self.column = _position(attributes["r"]) if "r" in attributes else (0, self.column + 1)
            self.type, self.style = attributes.get("t", "n"), attributes.get("s", "0")
            self.has_formula = False
            self.pieces.clear()
        elif name == "f":
            self.has_formula = True
        elif name in {"v", "t", "rPh"} and self.within != "rPh":
            self.within = name
        elif name == "mergeCell" and len(self.sheet.merged) < MERGED_RANGES:
            self._merge(attributes.get("ref", ""))

    def end(self, name: str) -> None:
        if name == "c":
            self._end_cell()
        elif name == self.within:
            self.within = None

    def characters(self, characters: str) -> None:
        if self.within in {"v", "t"}:
            self.pieces.append(characters)

    def _start_row(self, number: str | None) -> None:
        row = self.row + 1 if number is None else int(number) if number.isascii() and number.isdecimal() else 0
        if not self.row < row <= _LAST_ROW:
            raise RefusedError("damaged")
        self.row, self.column = row, 0

    def _end_cell(self) -> None:
        text = "".join(self.pieces)[:CELL_CHARACTERS]
        if not self.has_formula and not text.strip():
            return
        cell = self._cell(text)
        self.book.characters_left -= len(cell.text)
        if self.book.characters_left < 0 or self.row == 0:
            raise RefusedError("too_large" if self.row else "damaged")
        if cell.kind is Kind.TEXT and not cell.text.strip():
            return
        if self.row not in self.sheet.rows and len(self.sheet.rows) > ROWS:
            self.sheet.too_long = True
            return
        self.sheet.rows.setdefault(self.row, {})[self.column] = cell

    def _cell(self, text: str) -> Cell:
        if self.has_formula:
            return Cell(Kind.FORMULA, text)
        if self.type == "s":
            if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) < len(self.book.shared)):
                raise RefusedError("damaged")
            return Cell(Kind.TEXT, self.book.shared[int(text)][:CELL_CHARACTERS])
        if self.type == "b":
            return Cell(Kind.BOOLEAN, "FALSE" if text.strip() == "0" else "TRUE")
        if self.type == "e":
            return Cell(Kind.ERROR, text)
        if self.type == "n":
            return self._number(text)
        return Cell(Kind.TEXT, unescaped(text))  # inlineStr, str, d (a date as ISO 8601)

    def _number(self, text: str) -> Cell:
        try:
            number = float(text)
        except ValueError:
            number = math.inf
        if not math.isfinite(number):
            return Cell(Kind.TEXT, text)
        style = int(self.style) if self.style.isascii() and self.style.isdecimal() and len(self.style) < 10 else 0
        kind = self.book.kinds[style] if style < len(self.book.kinds) else Kind.NUMBER
        if kind is not Kind.NUMBER and self.book.since_1904:
            number += _DAYS_1904
        return Cell(kind, text, number)

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        if not last or first == last:
            return
        (first_row, first_column), (last_row, last_column) = _position(first), _position(last)
        self.sheet.merged.append(Range(reference, first_row, first_column, last_row, last_column))


def _position(reference: str) -> tuple[int, int]:
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise RefusedError("damaged")
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    row = int(found[2])
    if not (1 <= row <= _LAST_ROW and column <= _LAST_COLUMN):
        raise RefusedError("damaged")
    return row, column
