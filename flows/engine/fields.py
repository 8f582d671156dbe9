"""Kinds of question. Each owns how an answer is read, what can be wrong with it, its buttons, and how it is shown.

Answers are kept as strings in one canonical spelling: a day as 2026-11-24, money as whole fen, a choice as its key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import ClassVar

from flows.effects import Button, Rows
from flows.engine.text import is_letter_of_name, name_text, one_line, plain_digits, plain_number

Answers = Mapping[str, str]
NO_ANSWERS: Answers = MappingProxyType({})


class Invalid(ValueError):  # noqa: N818 - reads as what it says of an answer
    """``key`` names the sentence ``error_<key>``, ``values`` what stands in it."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values_ = values


@dataclass(frozen=True, slots=True)
class Kind:
    """``shown``: which filter of the windows writes an answer out. ``errors``: every key that ``parse`` may raise."""

    shown: ClassVar[str] = "text"
    errors: ClassVar[tuple[str, ...]] = ()
    takes_files: ClassVar[bool] = False

    def parse(self, text: str, options: Mapping[str, str]) -> str:
        """The canonical answer. Raises Invalid."""
        raise NotImplementedError

    def choices(self, answers: Answers) -> Mapping[str, str]:  # noqa: ARG002 - most kinds have none
        """Options that the form itself makes, with their words; those of other choices are the language's."""
        return {}

    def buttons(self, current: str | None, answers: Answers = NO_ANSWERS) -> Rows:  # noqa: ARG002 - most are typed
        return ()

    def written(self, value: str, answers: Answers) -> str:  # noqa: ARG002 - most say all themselves
        """What stands for a stored answer where it is shown."""
        return value


@dataclass(frozen=True, slots=True)
class Line(Kind):
    """One line of free text."""

    errors: ClassVar = ("empty", "too_long")
    longest: int = 60

    def parse(self, text: str, options: Mapping[str, str]) -> str:  # noqa: ARG002
        text = one_line(text)
        if not text:
            raise Invalid("empty")
        if len(text) > self.longest:
            raise Invalid("too_long", longest=self.longest, length=len(text))
        return text


@dataclass(frozen=True, slots=True)
class FullName(Kind):
    """A name as on the identity card: Han of any plane with ·, or Latin letters. GB/T 2261 knows no shorter limit."""

    shown: ClassVar = "name"
    errors: ClassVar = ("empty", "too_long", "name_letters")
    longest: int = 40

    def parse(self, text: str, options: Mapping[str, str]) -> str:  # noqa: ARG002
        text = name_text(text)
        if not text.strip("·'-. "):
            raise Invalid("empty")
        if len(text) > self.longest:
            raise Invalid("too_long", longest=self.longest, length=len(text))
        if not all(is_letter_of_name(character) for character in text):
            raise Invalid("name_letters")
        return text


@dataclass(frozen=True, slots=True)
class Choice(Kind):
    """One of a few. Typed words count when they are an option's own, or point to one only."""

    shown: ClassVar = "choice"
    errors: ClassVar = ("not_an_option",)
    keys: tuple[str, ...]
    columns: int = 1

    def parse(self, text: str, options: Mapping[str, str]) -> str:
        text = one_line(text).casefold()
        if text in self.keys:
            return text
        exact = [key for key in self.keys if options.get(key, "").casefold() == text]
        near = [key for key in self.keys if text and text in options.get(key, "").casefold()]
        for found in (exact, near):
            if len(found) == 1:
                return found[0]
        raise Invalid("not_an_option")

    def buttons(self, current: str | None, answers: Answers = NO_ANSWERS) -> Rows:  # noqa: ARG002
        buttons = [Button("choose", key, values={"chosen": key == current}) for key in self.keys]
        return tuple(tuple(buttons[i : i + self.columns]) for i in range(0, len(buttons), self.columns))


@dataclass(frozen=True, slots=True)
class Number(Kind):
    """A whole number within bounds. ``units`` may stand behind it; any other word might mean another number."""

    shown: ClassVar = "number"
    errors: ClassVar = ("not_a_number", "too_small", "too_big")
    least: int = 0
    most: int = 1_000_000
    units: tuple[str, ...] = ()

    def parse(self, text: str, options: Mapping[str, str]) -> str:  # noqa: ARG002
        units = "|".join(map(re.escape, self.units))
        match = re.fullmatch(rf"(\d{{1,9}})(?:{units})?[.。]?", plain_number(text), re.ASCII)
        if match is None:
            raise Invalid("not_a_number")
        number = int(match[1])
        if number < self.least:
            raise Invalid("too_small", least=self.least)
        if number > self.most:
            raise Invalid("too_big", most=self.most)
        return str(number)


_MONEY = re.compile(
    r"(?:¥|RMB|CNY|人民币)?(\d{1,12}|\d{1,4}(?:,\d{3,4}){1,3})(?:[.。](\d{1,4}))?(万|W)?(?:元|圆|块|块钱|YUAN|RMB|CNY)?整?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Money(Kind):
    """Yuan, kept as fen. 万 is understood: 「8.5万」 is 85,000 yuan. ``most`` is in yuan.

    What might mean another sum is refused rather than guessed: 「8-10万」, 「1万5」, 「3块5」, 「1,5」.
    """

    shown: ClassVar = "money"
    errors: ClassVar = ("not_money", "too_much")
    most: int = 100_000_000

    def parse(self, text: str, options: Mapping[str, str]) -> str:  # noqa: ARG002
        match = _MONEY.fullmatch(plain_number(text))
        if match is None:
            raise Invalid("not_money")
        scale = 1_000_000 if match[3] else 100
        whole, fraction = match[1].replace(",", ""), (match[2] or "").ljust(4, "0")
        fen, rest = divmod(int(whole + fraction) * scale, 10_000)
        if rest:
            raise Invalid("not_money")
        if fen > self.most * 100:
            raise Invalid("too_much", most=self.most * 100)
        return str(fen)


def read_day(text: str) -> date:
    """A day in any usual spelling: 2026-11-24, 2026.11.24, 20261124, 2026年11月24日. Raises Invalid."""
    text = re.sub(r"[年月./。、\-]", " ", _spaced_digits(text)).replace("日", " ").replace("号", " ").strip()
    match = re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text) or re.fullmatch(r"(\d{4}) +(\d{1,2}) +(\d{1,2})", text)
    if match is None:
        raise Invalid("not_a_day")
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        raise Invalid("no_such_day") from None


def _spaced_digits(text: str) -> str:
    return "".join(plain_digits(character) or " " for character in text)


@dataclass(frozen=True, slots=True)
class Day(Kind):
    shown: ClassVar = "day"
    errors: ClassVar = ("not_a_day", "no_such_day", "day_range")
    first: date = date(1900, 1, 1)
    last: date = date(2100, 12, 31)

    def parse(self, text: str, options: Mapping[str, str]) -> str:  # noqa: ARG002
        day = read_day(text)
        if not self.first <= day <= self.last:
            raise Invalid("day_range", first=self.first, last=self.last)
        return day.isoformat()


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_REGIONS = frozenset(  # GB/T 2260, first two digits; 81-83 are residence permits of people from 港澳台
    f"{region}"
    for region in (
        *range(11, 16),
        *range(21, 24),
        *range(31, 38),
        *range(41, 47),
        *range(50, 55),
        *range(61, 66),
        71,
        81,
        82,
        83,
    )
)


@dataclass(frozen=True, slots=True)
class IdNumber(Kind):
    """The 18 characters of a resident identity card: GB 11643 check character, a real day, a known region."""

    shown: ClassVar = "id_number"
    errors: ClassVar = ("id_length", "id_day", "id_check")

    def parse(self, text: str, options: Mapping[str, str]) -> str:  # noqa: ARG002
        number = plain_digits(text)
        if re.fullmatch(r"[1-9]\d{16}[\dX]", number, re.ASCII) is None:
            raise Invalid("id_length", length=len(number))
        try:
            born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
        except ValueError:
            raise Invalid("id_day") from None
        if born.year < 1900:
            raise Invalid("id_day")
        total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True))
        if "10X98765432"[total % 11] != number[17] or number[:2] not in _REGIONS:
            raise Invalid("id_check")
        return number


def birth_day(id_number: str) -> date:
    """From the ID number (GB 11643: digits 7 to 14)."""
    return date(int(id_number[6:10]), int(id_number[10:12]), int(id_number[12:14]))


def is_female(id_number: str) -> bool:
    """From the ID number (GB 11643: digit 17 is even for women)."""
    return int(id_number[16]) % 2 == 0


@dataclass(frozen=True, slots=True)
class Phone(Kind):
    """A mobile number of mainland China, kept as +86 and 11 digits: others get no code by SMS."""

    shown: ClassVar = "phone"
    errors: ClassVar = ("not_a_phone",)

    def parse(self, text: str, options: Mapping[str, str]) -> str:  # noqa: ARG002
        match = re.fullmatch(r"(?:\+?86|0086)?(1[3-9]\d{9})", re.sub(r"[().（）]", "", plain_digits(text)), re.ASCII)
        if match is None:
            raise Invalid("not_a_phone")
        return "+86" + match[1]


@dataclass(frozen=True, slots=True)
class Photos(Kind):
    """Photographed papers, one or several. ``least`` and ``most`` count pictures."""

    shown: ClassVar = "pictures"
    errors: ClassVar = ("too_many_pictures", "same_picture", "not_readable", "too_large")
    takes_files: ClassVar = True
    least: int = 1
    most: int = 6


Check = Callable[[str, Answers], str | None]


def not_before(other: str) -> Check:
    """The day may not lie before the one in answer ``other``."""

    def check(value: str, answers: Answers) -> str | None:
        return "day_order" if other in answers and value < answers[other] else None

    return check


def always(_: Answers) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a form. Its words are the block of its key, in each language."""

    key: str
    kind: Kind
    required: bool = True
    asked: Callable[[Answers], bool] = always
    checks: Sequence[Check] = field(default=())
