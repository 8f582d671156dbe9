"""What a form is: sections of questions, some of them filled in several times; and what stands in it, worked out.

Answers are kept by *slot*: a question's key, or ``<section>-<item>-<question>`` in a section of items (household
members, projects). An optional question that was skipped has the answer "": it is not asked again. Progress is worked
out from the answers, never kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from flows.engine.fields import Answers, Photos, Question
from flows.engine.kinds import ItemChoice
from flows.engine.turn import Turn
from flows.events import File
from flows.model import Picture, PictureState

SKIPPED = ""
MOST_BYTES = 20_000_000  # Bot API: what a bot may download


class Sheet(Protocol):
    """A form as it is filled in just now."""

    @property
    def answers(self) -> Mapping[str, str]: ...

    @property
    def pictures(self) -> Sequence[Picture]: ...


class Paper(Protocol):
    """Where a form is kept: an application, the draft of a plan. All of it inside the turn."""

    def sheet(self, turn: Turn) -> Sheet: ...

    def save(self, turn: Turn, slot: str, value: str | None) -> None:
        """None takes the answer away."""
        ...

    def previous(self, turn: Turn) -> Mapping[str, str]:
        """Answers of an earlier form of the same person, by slot."""
        ...

    def add_picture(self, turn: Turn, slot: str, file: File) -> None: ...

    def remove_pictures(self, turn: Turn, slot: str) -> None: ...

    def show_pictures(self, turn: Turn, pictures: Sequence[Picture]) -> bool:
        """Sends them into the chat; False when none can be shown yet."""
        ...


def _nothing_needed(_: Answers) -> int:
    return 0


@dataclass(frozen=True, slots=True)
class Items:
    """A section filled in several times. ``needed``: how many there must be, given the other answers."""

    most: int
    needed: Callable[[Answers], int] = _nothing_needed


@dataclass(frozen=True, slots=True)
class Section:
    key: str
    questions: tuple[Question, ...]
    items: Items | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    done: int
    total: int
    required: bool

    @property
    def complete(self) -> bool:
        return self.done == self.total


@dataclass(frozen=True, slots=True)
class Part:
    """A section, or one item of it (``number`` from 1; 0: filled in once), with its answers for showing."""

    section: str
    number: int
    item: str
    answers: tuple[tuple[Question, str, int], ...]  # question, answer, number of pictures


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that must still be given: an answer, or (``question`` None) one more item of a section."""

    section: str
    item: str
    question: Question | None
    slot: str


@dataclass(frozen=True)
class Scope:
    """One section, or one item of it, of a filled-in form."""

    section: Section
    item: str
    sheet: Sheet
    prefix: str = field(init=False)
    answers: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        prefix = f"{self.section.key}-{self.item}-" if self.section.items is not None else ""
        answers = self.sheet.answers
        if prefix:  # conditions and checks of an item's questions see its own answers by question, others' by slot
            own = {slot.removeprefix(prefix): value for slot, value in answers.items() if slot.startswith(prefix)}
            others = {slot: value for slot, value in answers.items() if not slot.startswith(prefix)}
            answers = {**others, **own}
        object.__setattr__(self, "prefix", prefix)
        object.__setattr__(self, "answers", answers)

    def slot(self, question: Question) -> str:
        return self.prefix + question.key

    def value(self, question: Question) -> str | None:
        return self.sheet.answers.get(self.slot(question))

    def written(self, question: Question) -> str:
        """The answer as it is shown."""
        return question.kind.written(self.value(question) or SKIPPED, self.sheet.answers)

    def pictures(self, question: Question) -> list[Picture]:
        slot = self.slot(question)
        return [
            picture
            for picture in self.sheet.pictures
            if picture.field == slot and picture.state is not PictureState.REFUSED
        ]

    def asked(self, answers: Answers | None = None) -> list[Question]:
        """Questions whose conditions hold."""
        answers = self.answers if answers is None else answers
        return [question for question in self.section.questions if question.asked(answers)]

    def is_answered(self, question: Question) -> bool:
        value = self.value(question)
        if isinstance(question.kind, Photos) and len(self.pictures(question)) >= question.kind.least:
            return True
        return value is not None and (value != SKIPPED or not question.required)

    def wrong(self, question: Question, value: str | None = None) -> str | None:
        """The error key if the answer (the stored one, or this) does not go with the others."""
        answers = self.answers if value is None else {**self.answers, question.key: value}
        value = answers.get(question.key) if value is None else value
        return next((key for check in question.checks if (key := check(value, answers))), None) if value else None

    def progress(self) -> Progress:
        asked = self.asked()
        done = sum(self.is_answered(question) for question in asked)
        return Progress(done, len(asked), any(question.required for question in asked))

    def gaps(self) -> Iterator[Gap]:
        for question in self.asked():
            if question.required and (not self.is_answered(question) or self.wrong(question) is not None):
                yield Gap(self.section.key, self.item, question, self.slot(question))

    def shown(self) -> tuple[tuple[Question, str, int], ...]:
        return tuple((question, self.written(question), len(self.pictures(question))) for question in self.asked())


def items_of(section: Section, sheet: Sheet) -> list[str]:
    """The items that there are of a section, in the order in which they were added."""
    prefix = f"{section.key}-"
    slots = [*sheet.answers, *(picture.field for picture in sheet.pictures)]
    found = {int(slot.split("-")[1]) for slot in slots if slot.startswith(prefix) and slot.count("-") == 2}
    return [str(number) for number in sorted(found)]


@dataclass(frozen=True, slots=True)
class Form:
    """``version`` is kept with every submission; raise it when questions change."""

    version: int
    sections: tuple[Section, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(question for section in self.sections for question in section.questions)

    def section(self, key: str) -> Section:
        """Raises KeyError for one that the form does not have."""
        return {section.key: section for section in self.sections}[key]

    def question(self, key: str) -> Question:
        return next(question for question in self.questions if question.key == key)

    def section_of(self, question: Question) -> Section:
        return next(section for section in self.sections if question in section.questions)

    def scopes(self, section: Section, sheet: Sheet) -> list[Scope]:
        """The section itself, or its items."""
        if section.items is None:
            return [Scope(section, "", sheet)]
        return [Scope(section, item, sheet) for item in items_of(section, sheet)]

    def progress(self, sections: Sequence[Section], sheet: Sheet) -> Progress:
        """Of these sections together; items that are needed and not there count as one thing to do each."""
        done = total = 0
        required = False
        for section in sections:
            scopes = self.scopes(section, sheet)
            for scope in scopes:
                each = scope.progress()
                done, total, required = done + each.done, total + each.total, required or each.required
            lacking = self._lacking(section, sheet, len(scopes))
            total, required = total + lacking, required or lacking > 0
        return Progress(done, total, required)

    def gaps(self, sheet: Sheet) -> list[Gap]:
        """All that is missing or no longer right, in order."""
        found: list[Gap] = []
        for section in self.sections:
            scopes = self.scopes(section, sheet)
            for scope in scopes:
                found += scope.gaps()
            if self._lacking(section, sheet, len(scopes)):
                found.append(Gap(section.key, "", None, section.key))
        return found

    def parts(self, sheet: Sheet) -> list[Part]:
        return [
            Part(section.key, number if section.items is not None else 0, scope.item, scope.shown())
            for section in self.sections
            for number, scope in enumerate(self.scopes(section, sheet), start=1)
        ]

    def references(self, section: Section, item: str, sheet: Sheet) -> list[str]:
        """Slots of the answers that point to an item of the section."""
        return [
            scope.slot(question)
            for other in self.sections
            for question in other.questions
            if isinstance(question.kind, ItemChoice) and question.kind.section == section.key
            for scope in self.scopes(other, sheet)
            if scope.value(question) == item
        ]

    @staticmethod
    def _lacking(section: Section, sheet: Sheet, there: int) -> int:
        return max(0, section.items.needed(sheet.answers) - there) if section.items is not None else 0
