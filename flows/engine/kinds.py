"""Kinds of question that a form of staff has beside those of everybody: moments, texts, codes, areas, places, items."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import ClassVar

from flows.effects import Button, Rows
from flows.engine.fields import NO_ANSWERS, Answers, Check, Choice, Invalid, Kind
from flows.engine.text import one_line, plain_number
from flows.model import Moment

_BEIJING = timezone(timedelta(hours=8))
_INSTANT = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T]*(\d{1,2})[:：时点](\d{1,2})?分?", re.ASCII)
_FULL_WIDTH = str.maketrans("０１２３４５６７８９：　", "0123456789: ")


def read_moment(text: str) -> Moment:
    """Beijing time, to the minute: 2026-11-24 09:00, 2026年11月24日9点. Raises Invalid."""
    found = _INSTANT.fullmatch(one_line(text).translate(_FULL_WIDTH))
    if found is None:
        raise Invalid("not_a_moment")
    year, month, day, hour, minute = (int(part or "0") for part in found.groups())
    try:
        at = datetime(year, month, day, hour, minute, tzinfo=_BEIJING)
    except ValueError:
        raise Invalid("no_such_moment") from None
    if not 2020 <= year <= 2099:
        raise Invalid("no_such_moment")
    return int(at.timestamp()) * 1000


@dataclass(frozen=True, slots=True)
class Instant(Kind):
    """A point in Beijing time, kept as its ``Moment``."""

    shown: ClassVar = "instant"
    errors: ClassVar = ("not_a_moment", "no_such_moment")

    def parse(self, text: str, options: Mapping[str, str]) -> str:  # noqa: ARG002
        return str(read_moment(text))


@dataclass(frozen=True, slots=True)
class Paragraphs(Kind):
    """Text that keeps its lines, with at most one empty line between two others; as long as one message can be."""

    errors: ClassVar = ("empty", "too_long")
    longest: int = 4096

    def parse(self, text: str, options: Mapping[str, str]) -> str:  # noqa: ARG002
        lines = "\n".join(line.rstrip() for line in text.split("\n"))
        text = re.sub(r"\n{3,}", "\n\n", lines).strip()
        if not text:
            raise Invalid("empty")
        if len(text) > self.longest:
            raise Invalid("too_long", longest=self.longest, length=len(text))
        return text


@dataclass(frozen=True, slots=True)
class Code(Kind):
    """Letters and digits, and with ``marks`` also - and _; capital or small as they are typed."""

    errors: ClassVar = ("not_a_code",)
    least: int = 1
    most: int = 24
    marks: bool = True

    def parse(self, text: str, options: Mapping[str, str]) -> str:  # noqa: ARG002
        code = unicodedata.normalize("NFKC", one_line(text))
        marks = "_-" if self.marks else ""
        if re.fullmatch(rf"[A-Za-z0-9{marks}]{{{self.least},{self.most}}}", code, re.ASCII) is None:
            raise Invalid("not_a_code", least=self.least, most=self.most, marks=self.marks)
        return code


_AREA = re.compile(r"(\d{1,5}(?:\.\d{1,2})?)(?:M2|平方米|平米|平)?", re.ASCII)


def read_area(text: str) -> int:
    """Square metres (45.3, 45.3㎡), in hundredths. Raises Invalid."""
    match = _AREA.fullmatch(plain_number(text))
    area = int(Decimal(match[1]) * 100) if match else 0
    if not 0 < area <= 1_000_000:
        raise Invalid("not_an_area")
    return area


@dataclass(frozen=True, slots=True)
class Area(Kind):
    """Square metres, kept in hundredths."""

    shown: ClassVar = "area"
    errors: ClassVar = ("not_an_area",)

    def parse(self, text: str, options: Mapping[str, str]) -> str:  # noqa: ARG002
        return str(read_area(text))


_PLACE = re.compile(r"[^\d.]*?(\d{1,3}(?:\.\d{1,15})?)[^\d.]+(\d{1,3}(?:\.\d{1,15})?)[^\d.]*", re.ASCII)
_NORTH, _EAST = (39.4, 41.1), (115.4, 117.6)  # a box around Beijing


@dataclass(frozen=True, slots=True)
class Degrees(Kind):
    """A place in Beijing: degrees north and east as maps give them, in either order; kept as ``north east``."""

    errors: ClassVar = ("not_a_place",)

    def parse(self, text: str, options: Mapping[str, str]) -> str:  # noqa: ARG002
        match = _PLACE.fullmatch(unicodedata.normalize("NFKC", one_line(text)))
        if match is None:
            raise Invalid("not_a_place")
        north, east = sorted(map(float, match.groups()))
        if not (_NORTH[0] <= north <= _NORTH[1] and _EAST[0] <= east <= _EAST[1]):
            raise Invalid("not_a_place")
        return f"{round(north, 6)} {round(east, 6)}"


@dataclass(frozen=True, slots=True)
class ItemChoice(Kind):
    """One of the items of another section, kept by its number and called by its answer to ``named``."""

    errors: ClassVar = ("nothing_to_choose", "not_an_option")
    section: str
    named: str

    def choices(self, answers: Answers) -> Mapping[str, str]:
        ends = (f"{self.section}-", f"-{self.named}")
        found = {slot: name for slot, name in answers.items() if slot.startswith(ends[0]) and slot.endswith(ends[1])}
        numbers = {int(slot.split("-")[1]): name for slot, name in found.items()}
        return {str(number): numbers[number] for number in sorted(numbers)}

    def parse(self, text: str, options: Mapping[str, str]) -> str:
        if not options:
            raise Invalid("nothing_to_choose")
        return Choice(tuple(options)).parse(text, options)

    def buttons(self, current: str | None, answers: Answers = NO_ANSWERS) -> Rows:
        buttons = [
            Button("choose", number, values={"chosen": number == current, "called": name})
            for number, name in self.choices(answers).items()
        ]
        columns = 1 if len(buttons) <= 6 else 2
        return tuple(tuple(buttons[i : i + columns]) for i in range(0, len(buttons), columns))

    def written(self, value: str, answers: Answers) -> str:
        return self.choices(answers).get(value, "")


def after(other: str) -> Check:
    """The moment must lie after the one in answer ``other``."""

    def check(value: str, answers: Answers) -> str | None:
        return "closes_before_opening" if answers.get(other) and int(value) <= int(answers[other]) else None

    return check


def before(other: str) -> Check:
    """The moment must lie before the one in answer ``other``."""

    def check(value: str, answers: Answers) -> str | None:
        return "opens_after_closing" if answers.get(other) and int(value) >= int(answers[other]) else None

    return check


def not_taken(section: str, question: str, within: str = "") -> Check:
    """No other item of the section has this answer; ``within``: of those only that have the same answer to that."""

    def is_taken(value: str, answers: Answers) -> bool:
        items = [slot.split("-")[1] for slot, other in answers.items() if other == value and _is_of(slot)]
        group = answers.get(within)
        return any(not within or answers.get(f"{section}-{item}-{within}") == group for item in items)

    def _is_of(slot: str) -> bool:
        return slot.startswith(f"{section}-") and slot.endswith(f"-{question}")

    def check(value: str, answers: Answers) -> str | None:
        return "code_taken" if is_taken(value, answers) else None

    return check
