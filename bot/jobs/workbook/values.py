"""The values of a condition: read by the kind of their field, and written so that they are read again.

They are kept as answers are: money as whole fen, days as 2026-11-24, choices as the keys of options.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal

from bot.jobs.workbook import cells
from bot.jobs.workbook.cells import WrongError
from bot.jobs.workbook.fields import SEPARATOR, Field, FieldKind, Names
from bot.jobs.workbook.shared import Kind
from bot.jobs.workbook.sheets import Cell
from bot.jobs.workbook.visible import visible
from flows.model import Relation

LONGEST = 60  # characters of a text
LISTS = frozenset({Relation.AMONG, Relation.NOT_AMONG})
_UNORDERED = (Relation.EQUALS, Relation.DIFFERS, Relation.AMONG, Relation.NOT_AMONG)
FITTING: dict[FieldKind, tuple[Relation, ...]] = {
    FieldKind.NUMBER: tuple(Relation),
    FieldKind.MONEY: tuple(Relation),
    FieldKind.DAY: tuple(Relation),
    FieldKind.CHOICE: _UNORDERED,
    FieldKind.TEXT: _UNORDERED,
    FieldKind.PICTURES: (),
}
"""How fields of each kind can be compared."""

_THOUSANDS = re.compile(r"(?<![0-9])[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])")


def read_values(cell: Cell, field: Field, relation: Relation) -> tuple[str, ...]:
    """One value, or the different ones of a list. Raises ``WrongError``."""
    read = _READERS[field.kind]
    if relation not in LISTS or cell.kind is not Kind.TEXT:
        return (read(cell, field),)
    text = visible(cell.text)
    if field.kind in {FieldKind.NUMBER, FieldKind.MONEY}:
        _check_commas(text)
    pieces = [piece for piece in SEPARATOR.split(text) if piece.strip()]
    if not pieces:
        raise WrongError("list_empty", value=text.strip())
    return tuple(dict.fromkeys(read(Cell(Kind.TEXT, piece), field) for piece in pieces))


def written_values(values: tuple[str, ...], field: Field | None) -> str | int | float:
    """As people write them; those of a field that is no more stay as they are."""
    written = [value if field is None else _written(value, field) for value in values]
    return written[0] if len(written) == 1 else "、".join(map(str, written))


def _check_commas(text: str) -> None:
    """12,120 in a list may be one number or two."""
    found = _THOUSANDS.search(unicodedata.normalize("NFKC", text))
    if found is not None:
        raise WrongError("list_comma", value=found[0])


def _number(cell: Cell, _field: Field) -> str:
    return str(cells.number(cell))


def _money(cell: Cell, _field: Field) -> str:
    return str(cells.income(cell))


def _day(cell: Cell, _field: Field) -> str:
    return cells.any_day(cell).isoformat()


def _choice(cell: Cell, field: Field) -> str:
    text = cells.line(20_000)(cell)
    names = Names(field.options)
    key = names.key(text)
    if key is None:
        raise WrongError("option", value=text, field=field.label, known="、".join(map(names.name, field.options)))
    return key


def _text(cell: Cell, _field: Field) -> str:
    return cells.line(LONGEST)(cell)


_READERS: dict[FieldKind, Callable[[Cell, Field], str]] = {
    FieldKind.NUMBER: _number,
    FieldKind.MONEY: _money,
    FieldKind.DAY: _day,
    FieldKind.CHOICE: _choice,
    FieldKind.TEXT: _text,
}


def _written(value: str, field: Field) -> str | int | float:
    if field.kind is FieldKind.CHOICE:
        return Names(field.options).name(value)
    if value.isdecimal() and field.kind is FieldKind.NUMBER:
        return int(value)
    if value.isdecimal() and field.kind is FieldKind.MONEY:
        yuan = Decimal(value) / 100
        return int(yuan) if yuan == int(yuan) else float(yuan)
    return value
