"""From a cell to a value, forgiving in form and strict in meaning.

Each function raises ``WrongError`` with a key of ``mistakes.SENTENCES``. NFKC makes fullwidth digits and punctuation
(１２：００，￥) what they mean; what people read keeps its own punctuation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from bot.jobs.workbook.shared import Kind
from bot.jobs.workbook.sheets import Cell
from bot.jobs.workbook.visible import visible
from flows.model import BEIJING, DAY, HOUR, MINUTE, SECOND, Moment

_EXACT = 10**15  # Excel keeps fifteen digits and fills up with zeros
_NOISE = Decimal("0.0001")  # of a hundredth: what is left over when a computed value is pasted
_SERIALS = (36_526, 73_051)  # Excel's days of 2000-01-01 and 2100-01-01
_OLDEST = 367  # 1901-01-01; Excel believes that 1900 had a 29th of February
_EPOCH = date(1970, 1, 1).toordinal()
_EPOCH_SERIAL = 25_569  # 1970-01-01

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})(?:\.[0-9]{1,20})?")
_PLAN_CODE = re.compile(r"[A-Za-z0-9]{2,16}")
_CODE = re.compile(r"[A-Za-z0-9_-]{1,24}")
_MOMENT = re.compile(
    r"((?:19|20)[0-9]{2})[-/.年] ?([0-9]{1,2})[-/.月] ?([0-9]{1,2})"
    r"(?:日?|(?:日 ?| |T)([0-9]{1,2})(?: ?: ?([0-9]{2})(?::([0-9]{2}))?|[时点](?:([0-9]{1,2})分|整)?))"
)
_YUAN = re.compile(r"^(?:¥|人民币|RMB)|(?:元?/月|元?每月|元)$")
_SQUARE_METRES = re.compile(r"(?:m2|平方米|平米|平)$", re.IGNORECASE)
_HOMES = re.compile(r"[套间户]$")
_COUNTED = re.compile(r"(?:周?岁|个?月|[个人口年次])$")
_YUAN_ALONE = re.compile(r"^(?:¥|人民币|RMB)|元$")  # a year's or a month's would have to fit the question
_DEGREES = re.compile(r"^(?:北纬|东经)|[°度]?[NE]?$")


class WrongError(Exception):
    """The cell cannot be used: ``key`` and ``details`` of the mistake."""

    def __init__(self, key: str, **details: str) -> None:
        super().__init__(key)
        self.key = key
        self.details = details


def line(limit: int) -> Callable[[Cell], str]:
    """One line of at most ``limit`` characters, without control characters, with single spaces."""

    def read(cell: Cell) -> str:
        return _within(" ".join(visible(_text(cell)).split()), limit)

    return read


def paragraphs(limit: int) -> Callable[[Cell], str]:
    """Text of at most ``limit`` characters that keeps its lines; at most one empty line between two others."""

    def read(cell: Cell) -> str:
        lines = "\n".join(each.rstrip() for each in visible(_text(cell)).split("\n"))
        return _within(re.sub(r"\n{3,}", "\n\n", lines).strip("\n"), limit)

    return read


def plan_code(cell: Cell) -> str:
    """Short and plain, for it stands in a deep link (``plan_<code>``)."""
    return _matching(_PLAN_CODE, cell, "plan_code")


def code(cell: Cell) -> str:
    """Of a project or a unit type."""
    return _matching(_CODE, cell, "code")


def anything(cell: Cell) -> Cell | None:
    """Whatever stands there, to be read by somebody who knows more; None for what does not show."""
    return None if cell.kind is Kind.TEXT and not visible(cell.text).strip() else cell


def reference(cell: Cell) -> str:
    """A code written elsewhere; there it is checked, here it only has to be found."""
    return _folded(cell)


def moment(cell: Cell) -> Moment:
    """A point in Beijing time: a date of Excel with hours, or text such as ``2026-11-24 09:00``; 24:00 ends the day."""
    if cell.kind in {Kind.DAY, Kind.MOMENT}:
        if not _SERIALS[0] <= cell.number < _SERIALS[1]:
            raise WrongError("moment", value=cell.text)
        if cell.kind is Kind.DAY and cell.number == int(cell.number):
            raise WrongError("moment_without_hour", value=_date_of_serial(cell.number).isoformat())
        return round((cell.number - _EPOCH_SERIAL) * DAY / SECOND) * SECOND - BEIJING
    text = _folded(cell)
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise WrongError("moment", value=text)
    written = _date(found, "moment", text, since=2000)
    if found[4] is None:
        raise WrongError("moment_without_hour", value=text)
    hour, minute, second = int(found[4]), int(found[5] or found[7] or 0), int(found[6] or 0)
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and minute + second > 0):
        raise WrongError("moment", value=text)
    return (written.toordinal() - _EPOCH) * DAY + hour * HOUR + minute * MINUTE + second * SECOND - BEIJING


def day(cell: Cell) -> date:
    """A day of a plan on the calendar; hours are accepted and dropped."""
    return _day(cell, _SERIALS[0], 2000)


def any_day(cell: Cell) -> date:
    """A day that may lie in the life of an applicant."""
    return _day(cell, _OLDEST, 1901)


def money(cell: Cell) -> int:
    """Yuan as written (``4500``, ``4,500.50元``), in fen."""
    return _hundredths(cell, _YUAN, "money", most=1_000_000)


def area(cell: Cell) -> int:
    """Square metres as written (``56.5``, ``56.5㎡``), in hundredths."""
    return _hundredths(cell, _SQUARE_METRES, "area", most=10_000)


def count(cell: Cell) -> int:
    """How many homes."""
    value = _decimal(cell, _HOMES, "count")
    if value != int(value) or not 0 <= value <= 100_000:
        raise WrongError("count", value=_folded(cell))
    return int(value)


def number(cell: Cell) -> int:
    """A whole number with what it counts (``12``, ``12 个月``, ``18周岁``)."""
    value = _decimal(cell, _COUNTED, "number")
    if value != int(value) or not 0 <= value <= 1_000_000:
        raise WrongError("number", value=_folded(cell))
    return int(value)


def income(cell: Cell) -> int:
    """Yuan as people write larger sums (``85000``, ``8.5万元``), in fen; none at all is a sum, too."""
    text = _folded(cell)
    bare = _YUAN_ALONE.sub("", text.replace(" ", ""))
    tens_of_thousands = bare.endswith("万")
    if _NUMBER.fullmatch(bare.removesuffix("万")) is None:
        raise WrongError("income", value=text)
    value = Decimal(bare.removesuffix("万").replace(",", "")) * (1_000_000 if tens_of_thousands else 100)
    fen = int(value.to_integral_value())
    if abs(value - fen) > _NOISE:
        raise WrongError("decimals", value=text)
    if not 0 <= fen <= 100_000_000 * 100:
        raise WrongError("income_range", value=text)
    return fen


def latitude(cell: Cell) -> float:
    """Degrees north, any number; whether the place makes sense is seen together with the longitude."""
    return float(_decimal(cell, _DEGREES, "latitude"))


def longitude(cell: Cell) -> float:
    """Degrees east, any number."""
    return float(_decimal(cell, _DEGREES, "longitude"))


def _text(cell: Cell) -> str:
    match cell.kind:
        case Kind.TEXT:
            return cell.text
        case Kind.NUMBER:
            return _digits(cell)
        case Kind.FORMULA:
            raise WrongError("formula")
        case Kind.ERROR:
            raise WrongError("error_value", value=visible(cell.text))
        case Kind.BOOLEAN:
            raise WrongError("boolean", value=cell.text)
        case Kind.DAY | Kind.MOMENT:
            raise WrongError("turned_into_date")


def _digits(cell: Cell) -> str:
    if abs(cell.number) >= _EXACT:
        raise WrongError("digits_lost")
    return str(int(cell.number)) if cell.number == int(cell.number) else format(Decimal(repr(cell.number)), "f")


def _within(text: str, limit: int) -> str:
    if len(text) > limit:
        raise WrongError("too_long", limit=f"{limit:,}", length=f"{len(text):,}")
    return text


def _folded(cell: Cell) -> str:
    return " ".join(unicodedata.normalize("NFKC", visible(_text(cell)[:200])).split())


def _matching(pattern: re.Pattern[str], cell: Cell, key: str) -> str:
    text = _folded(cell)
    if pattern.fullmatch(text) is None:
        raise WrongError(key, value=text)
    return text


def _decimal(cell: Cell, units: re.Pattern[str], key: str) -> Decimal:
    text = _folded(cell)
    bare = units.sub("", text.replace(" ", ""))
    if _NUMBER.fullmatch(bare) is None:
        raise WrongError(key, value=text)
    return Decimal(bare.replace(",", ""))


def _hundredths(cell: Cell, units: re.Pattern[str], key: str, most: int) -> int:
    value = _decimal(cell, units, key) * 100
    whole = int(value.to_integral_value())
    if abs(value - whole) > _NOISE:
        raise WrongError("decimals", value=_folded(cell))
    if not 0 < whole <= most * 100:
        raise WrongError(f"{key}_range", value=_folded(cell))
    return whole


def _day(cell: Cell, first: int, since: int) -> date:
    if cell.kind in {Kind.DAY, Kind.MOMENT}:
        if not first <= cell.number < _SERIALS[1]:
            raise WrongError("day", value=cell.text)
        return _date_of_serial(cell.number)
    text = _folded(cell)
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise WrongError("day", value=text)
    return _date(found, "day", text, since)


def _date(found: re.Match[str], key: str, text: str, since: int) -> date:
    if int(found[1]) < since:
        raise WrongError(key, value=text)
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError as error:
        raise WrongError(key, value=text) from error


def _date_of_serial(serial: float) -> date:
    return date.fromordinal(int(serial) - _EPOCH_SERIAL + _EPOCH)
