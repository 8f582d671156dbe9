"""How a language writes: days and times (always Beijing's), durations, money, masked personal data, and its questions.

Which words stand in what order is the language's own: patterns and units are the blocks of its ``formats.j2``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flows.engine.fields import Question
from flows.model import DAY, HOUR, MINUTE, Moment

BEIJING = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of one question; ``options`` are those of a choice, in the order of the template."""

    label: str
    hint: str
    example: str
    options: Mapping[str, str]


def read_question(text: str) -> Asked:
    """A block of ``questions.j2``: the label, then ``> example``, ``= key option``, and lines of the hint."""
    label, *rest = [line.strip() for line in text.strip().splitlines()] or [""]
    options: dict[str, str] = {}
    example, hint = "", []
    for line in rest:
        mark, _, words = line.partition(" ")
        if mark == ">":
            example = words.strip()
        elif mark == "=":
            key, _, name = words.strip().partition(" ")
            options[key] = name.strip()
        elif line:
            hint.append(line)
    return Asked(label, "\n".join(hint), example, options)


def masked_phone(phone: str) -> str:
    """+8613800138000 as 138****8000; of a number too short for that, nothing."""
    number = phone.removeprefix("+86")
    return f"{number[:3]}****{number[-4:]}" if len(number) >= 10 else "*" * len(number)


def masked_id(number: str) -> str:
    """110***********1234: three characters, four, and no birthday; of a number too short for that, the first only."""
    if len(number) < 10:
        return number[:1] + "*" * (len(number) - 1)
    return number[:3] + "*" * (len(number) - 7) + number[-4:]


def masked_name(name: str) -> str:
    """王芳 as 王*, 买买提·吐尔逊 as 买**·***; of a name in Latin letters the first one, as J***."""
    if name[:1].isascii():
        return name[:1] + "***" if name else ""
    return name[:1] + "".join(letter if letter == "·" else "*" for letter in name[1:])


class Wording:
    """The filters and functions that templates use, in one language."""

    def __init__(self, formats: Mapping[str, str], questions: Mapping[str, str]) -> None:
        """``formats`` and ``questions``: the blocks of the files of these names, as text."""
        self._formats = formats
        self._months = formats["months"].split()
        self._sections = _titles("section_", questions)
        self._items = _titles("item_", questions)
        self.questions = {
            name: read_question(text) for name, text in questions.items() if not name.startswith(("section_", "item_"))
        }

    @property
    def filters(self) -> dict[str, Callable[..., str]]:
        return {
            "moment": self.moment,
            "day": self.day,
            "span": self.span,
            "money": self.money,
            "count": self.count,
            "masked_phone": masked_phone,
            "masked_id": masked_id,
            "masked_name": masked_name,
        }

    @property
    def functions(self) -> dict[str, Callable[..., str]]:
        return {
            "label": self.label,
            "hint": self.hint,
            "example": self.example,
            "option": self.option,
            "section_title": self.section_title,
            "answer": self.answer,
            "pictures_count": self.pictures,
            "period": self.period,
        }

    # --- the form ----------------------------------------------------------------------------------------------------

    def _asked(self, question: Question | str) -> Asked:
        return self.questions[question if isinstance(question, str) else question.key]

    def label(self, question: Question | str) -> str:
        return self._asked(question).label

    def hint(self, question: Question | str) -> str:
        return self._asked(question).hint

    def example(self, question: Question | str) -> str:
        return self._asked(question).example

    def option(self, question: Question | str, key: str) -> str:
        """An option that the form has no longer is shown by its key."""
        return self._asked(question).options.get(key, key)

    def section_title(self, section: str, item: int = 0) -> str:
        """Of a section, or of one item in it, by its number: 「户型 2」."""
        title = self._sections[section]
        return f"{self._items.get(section, title)} {item}" if item else title

    def answer(self, question: Question, value: str, pictures: int = 0, *, masked: bool = True) -> str:
        """An answer as people read it; personal numbers masked unless it is shown to their owner for checking."""
        shown = question.kind.shown
        if shown == "pictures":
            return self.pictures(pictures) if pictures else self._formats["no_pictures"]
        if not value:
            return self._formats["no_answer"]
        if masked and shown in _MASKS:
            return _MASKS[shown](value)
        writers: dict[str, Callable[[str], str]] = {
            "choice": lambda key: self.option(question, key),
            "number": lambda number: self.count(int(number)),
            "money": lambda fen: self.money(int(fen)),
            "day": self.day,
            "instant": lambda at: self.moment(int(at)),
            "area": lambda hundredths: f"{int(hundredths) / 100:g} ㎡",
            "phone": lambda phone: phone.removeprefix("+86"),
        }
        return writers[shown](value) if shown in writers else value

    # --- numbers and times -------------------------------------------------------------------------------------------

    def _counted(self, unit: str, number: int) -> str:
        """The pattern ``one|many`` of a unit."""
        one, _, many = self._formats[unit].partition("|")
        return (one if number == 1 or not many else many).format(n=f"{number:,}")

    def pictures(self, number: int) -> str:
        return self._counted("pictures", number)

    def count(self, number: int) -> str:
        return f"{number:,}"

    def money(self, fen: int) -> str:
        yuan, rest = divmod(fen, 100)
        return self._formats["money"].format(n=f"{yuan:,}" + (f".{rest:02}" if rest else ""))

    def day(self, day: date | str) -> str:
        """A day of the calendar, or its ISO spelling."""
        if isinstance(day, str):
            day = date.fromisoformat(day)
        return self._day(day, "day")

    def _day(self, day: date, pattern: str) -> str:
        return self._formats[pattern].format(year=day.year, month=self._months[day.month - 1], day=day.day)

    def moment(self, at: Moment) -> str:
        """Beijing time, to the minute."""
        time = datetime.fromtimestamp(at / 1000, BEIJING)
        return self._formats["moment"].format(day=self.day(time.date()), time=f"{time:%H:%M}")

    def period(self, first: Moment, last: Moment) -> str:
        """From one moment to another; the year is said once if it is the same."""
        begin, end = (datetime.fromtimestamp(at / 1000, BEIJING) for at in (first, last))
        if begin.year != end.year:
            return self._formats["period"].format(first=self.moment(first), last=self.moment(last))
        day = self._day(end.date(), "day_of_year")
        end_words = self._formats["moment"].format(day=day, time=f"{end:%H:%M}")
        return self._formats["period"].format(first=self.moment(first), last=end_words)

    def span(self, length: Moment) -> str:
        """A duration in its two greatest units, rounded down, for countdowns."""
        days, hours, minutes = length // DAY, length % DAY // HOUR, length % HOUR // MINUTE
        units = [("days", days), ("hours", hours)] if days > 0 else [("hours", hours), ("minutes", minutes)]
        parts = [self._counted(unit, number) for unit, number in units if number > 0]
        return " ".join(parts) if length >= MINUTE else self._formats["moments"]


def _titles(kind: str, blocks: Mapping[str, str]) -> Mapping[str, str]:
    return {name.removeprefix(kind): text.strip() for name, text in blocks.items() if name.startswith(kind)}


_MASKS: dict[str, Callable[[str], str]] = {"phone": masked_phone, "id_number": masked_id, "name": masked_name}
