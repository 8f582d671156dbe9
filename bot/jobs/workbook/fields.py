"""What conditions and demands may speak of: the questions of the form, and a few facts worked out from the answers."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum

from bot.jobs.workbook.visible import visible
from bot.wording import Asked
from flows.engine.fields import Choice, Day, Money, Number, Question

SEPARATOR = re.compile(r"[、，,;；\n]")  # between the values of a list
_NEAR = 6  # names offered in place of an unknown one


class FieldKind(StrEnum):
    """How the values of a field are written and compared. Pictures can be demanded, but not compared."""

    NUMBER = "number"
    MONEY = "money"
    DAY = "day"
    CHOICE = "choice"
    TEXT = "text"
    PICTURES = "pictures"


@dataclass(frozen=True, slots=True)
class Field:
    """``label`` is what clerks call it, ``options`` are key → label of a choice.

    A derived field is no question: it can stand in a condition, and nobody can be asked for it.
    """

    key: str
    label: str
    kind: FieldKind
    options: Mapping[str, str] = field(default_factory=dict)
    derived: bool = False


DERIVED: Mapping[str, Field] = {
    each.key: each
    for each in (
        Field("age", "年龄", FieldKind.NUMBER, derived=True),
        Field("household_size", "家庭人数", FieldKind.NUMBER, derived=True),
        Field("income_per_head", "家庭人均年收入", FieldKind.MONEY, derived=True),
    )
}
"""Worked out from the answers; known to every workbook, whatever fields are given."""


def fields_of(questions: Iterable[Question], words: Mapping[str, Asked]) -> dict[str, Field]:
    """The fields of a form; ``words`` are those of its language (``Wording.questions``), by question."""
    fields = {}
    for question in questions:
        asked, kind = words[question.key], question.kind
        options: dict[str, str] = {}
        found = FieldKind.PICTURES if kind.takes_files else FieldKind.TEXT
        if isinstance(kind, Choice):
            found = FieldKind.CHOICE
            options = {key: asked.options.get(key, key) for key in kind.keys}
        elif isinstance(kind, Number | Money | Day):
            found = {Number: FieldKind.NUMBER, Money: FieldKind.MONEY, Day: FieldKind.DAY}[type(kind)]
        fields[question.key] = Field(question.key, asked.label, found, options)
    return fields


class Names:
    """Keys by what people write for them: the label, or the key itself, without regard to spaces and width.

    A label that two share, or that is another's key, names nothing: then the key is written.
    """

    def __init__(self, labels: Mapping[str, str]) -> None:
        shared = Counter(map(_folded, labels.values()))
        self._labels = labels
        self._keys = {_folded(label): key for key, label in labels.items() if shared[_folded(label)] == 1}
        self._keys |= {_folded(key): key for key in labels}

    def key(self, written: str) -> str | None:
        return self._keys.get(_folded(written))

    def name(self, key: str) -> str:
        """What to write so that the key is found again, also in a list."""
        label = self._labels.get(key, key)
        return label if self.key(label) == key and not SEPARATOR.search(label) else key


class Catalogue:
    """All fields there are, those given and those derived."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self.fields: Mapping[str, Field] = {
            **fields,
            **{key: each for key, each in DERIVED.items() if key not in fields},
        }
        self._names = Names({key: each.label for key, each in self.fields.items()})

    @property
    def comparable(self) -> list[Field]:
        """What conditions can be about."""
        return [each for each in self.fields.values() if each.kind is not FieldKind.PICTURES]

    @property
    def questions(self) -> list[Field]:
        """What can be demanded."""
        return [each for each in self.fields.values() if not each.derived]

    def find(self, written: str) -> Field | None:
        key = self._names.key(written)
        return None if key is None else self.fields[key]

    def name(self, key: str) -> str:
        return self._names.name(key)

    def near(self, written: str, among: Collection[Field]) -> list[str]:
        """Names that may have been meant, the likeliest first; all of them when none is alike."""
        names = [self.name(each.key) for each in among]
        wanted = _folded(written)
        likely = [name for name in names if wanted and (wanted in _folded(name) or _folded(name) in wanted)]
        likely += get_close_matches(wanted, names, _NEAR, 0.4)
        return list(dict.fromkeys(likely))[:_NEAR] or names


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", visible(text)).split()).casefold().strip("*")
