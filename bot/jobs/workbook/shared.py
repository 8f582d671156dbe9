"""What all sheets of an .xlsx share: the texts of its cells and the ways in which their numbers are shown."""

from __future__ import annotations

import re
from enum import Enum

from bot.jobs.workbook.markup import read_markup
from bot.jobs.workbook.safety import Archive

# ECMA-376 18.8.30 and its Chinese locale; 27 to 36 and 50 to 58 are what Excel and WPS write in China
_DAYS = {14, 15, 16, 17, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58}
_HOURS = {18, 19, 20, 21, 22, 32, 33, 34, 35, 45, 46, 47, 55, 56}
_NOT_FORMAT = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.')
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # ST_Xstring: Excel writes a carriage return as _x000D_


class Kind(Enum):
    """What a cell holds. ``DAY`` and ``MOMENT`` are numbers shown as a date, without and with hours."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    MOMENT = "moment"
    BOOLEAN = "boolean"
    ERROR = "error"
    FORMULA = "formula"


def unescaped(text: str) -> str:
    """``_x000D_`` is how a carriage return is written."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def read_shared_strings(archive: Archive, part: str) -> list[str]:
    """The texts to which cells refer by number."""
    strings: list[str] = []
    pieces: list[str] = []
    inside = {"t": False, "rPh": False}  # rPh tells how the text is spoken, and is not part of it

    def start(name: str, _attributes: dict[str, str]) -> None:
        if name in inside:
            inside[name] = True

    def end(name: str) -> None:
        if name in inside:
            inside[name] = False
        elif name == "si":
            strings.append(unescaped("".join(pieces)))
            pieces.clear()

    def text(characters: str) -> None:
        if inside["t"] and not inside["rPh"]:
            pieces.append(characters)

    read_markup(archive, part, start, end, text)
    return strings


def _kind_of_format(code: str) -> Kind:
    bare = _NOT_FORMAT.sub("", code).lower()
    if "h" in bare or "s" in bare:
        return Kind.MOMENT
    return Kind.DAY if "y" in bare or "d" in bare else Kind.NUMBER


def read_kinds(archive: Archive, part: str) -> list[Kind]:
    """Whether a number in a cell of each style is shown as a number, a day or a moment."""
    formats = dict.fromkeys(map(str, _DAYS), Kind.DAY) | dict.fromkeys(map(str, _HOURS), Kind.MOMENT)
    kinds: list[Kind] = []
    in_cells = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal in_cells
        if name == "numFmt":
            formats[attributes.get("numFmtId", "")] = _kind_of_format(attributes.get("formatCode", ""))
        elif name == "cellXfs":
            in_cells = True
        elif name == "xf" and in_cells:
            kinds.append(formats.get(attributes.get("numFmtId", ""), Kind.NUMBER))

    def end(name: str) -> None:
        nonlocal in_cells
        if name == "cellXfs":
            in_cells = False

    read_markup(archive, part, start, end)
    return kinds
