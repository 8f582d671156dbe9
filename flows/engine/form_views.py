"""What a form shows: task list, one question a screen, items of a section, what is missing, the review."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from flows.effects import Button, Rows, Style
from flows.engine.fields import Question
from flows.engine.flow import View
from flows.engine.form import Form, Paper, Part, Progress, Scope, Section, Sheet
from flows.engine.lists import page_of
from flows.engine.turn import Turn
from flows.model import Picture

SECTION = "section"  # frame data: which section is open, and which of its items
ITEM = "item"
ITEMS_PAGE = "items_page"  # frame data: which page of the items
ROWS_OF_MISSING = 7  # with the way back, all that a screen should have
MISSING = 3 * ROWS_OF_MISSING  # gaps with a button; more come up as these are filled
ITEMS = 6  # a page

About = Callable[[Turn], Mapping[str, object]]


def nothing_about(_: Turn) -> Mapping[str, object]:
    return {}


class FormViews:
    """``about`` says what the form is for (a plan, a person): more values for task list and review.

    ``windows``: states of this form that have a window of their own, in place of the one that all forms share.
    ``remembers``: whether answers of an earlier form can be kept.
    """

    def __init__(
        self,
        form: Form,
        paper: Paper,
        about: About = nothing_about,
        *,
        windows: Mapping[str, str] = MappingProxyType({}),
        remembers: bool = True,
    ) -> None:
        self.form = form
        self.paper = paper
        self.about = about
        self.windows = windows
        self.remembers = remembers

    # -- what the talking flow stands at -------------------------------------------------------------------------------

    def sheet(self, turn: Turn) -> Sheet:
        return self.paper.sheet(turn)

    def section(self, turn: Turn) -> Section:
        return self.form.section(turn.data[SECTION])

    def scope(self, turn: Turn, question: Question) -> Scope:
        """The section of a question, or the item of it that is open."""
        section = self.form.section_of(question)
        return Scope(section, turn.data[ITEM] if section.items is not None else "", self.sheet(turn))

    def open_scope(self, turn: Turn) -> Scope:
        section = self.section(turn)
        return Scope(section, turn.data[ITEM] if section.items is not None else "", self.sheet(turn))

    def previous(self, turn: Turn, question: Question) -> str | None:
        """What was given last time, if it still passes as an answer."""
        scope = self.scope(turn, question)
        value = self.paper.previous(turn).get(scope.slot(question))
        if not value or question.kind.takes_files or scope.wrong(question, value):
            return None
        return value

    def saved(self, turn: Turn) -> Progress:
        return self.form.progress(self.form.sections, self.sheet(turn))

    def window(self, state: str) -> str:
        return self.windows.get(state, f"form/{state}")

    # -- screens -------------------------------------------------------------------------------------------------------

    def view_overview(self, turn: Turn) -> View:
        sheet = self.sheet(turn)
        rows: list[tuple[Button, ...]] = []
        ready = not self.form.gaps(sheet)
        pending = not ready  # one coloured button: where to go on, or the check once nothing is lacking
        for section in self.form.sections:
            progress = self.form.progress([section], sheet)
            style = Style.PRIMARY if pending and not progress.complete else None
            pending = pending and style is None
            rows.append((Button("section", section.key, style, {"section": section.key, "progress": progress}),))
        rows.append((Button("check_answers", style=Style.SUCCESS if ready else None),))
        rows.append((Button("back"),))
        return View({**self.about(turn), "saved": self.saved(turn)}, tuple(rows))

    def view_question(self, question: Question) -> Callable[[Turn], View]:
        def view(turn: Turn) -> View:
            scope = self.scope(turn, question)
            asked = scope.asked()
            stored = scope.value(question)
            current = scope.written(question) or None
            previous = self.previous(turn, question) if current is None else None
            pictures = scope.pictures(question)
            rows: list[tuple[Button, ...]] = list(question.kind.buttons(stored, scope.sheet.answers))
            if question.kind.takes_files:
                rows += _picture_rows(pictures, scope.is_answered(question))
            elif previous is not None:
                rows.append((Button("keep", style=Style.PRIMARY),))
            elif stored is not None:
                rows.append((Button("next", style=Style.PRIMARY),))
            last = [Button("previous")]
            if not question.required and stored is None and not pictures:
                last.append(Button("skip"))
            rows.append((*last, Button("contents")))
            values = {
                "section": scope.section.key,
                "item": self._number(scope),
                "number": asked.index(question) + 1 if question in asked else len(asked),
                "total": len(asked),
                "question": question,
                "current": current,
                "previous": previous,
                "pictures": pictures,
                "saved": self.saved(turn),
            }
            window = self.window("pictures" if question.kind.takes_files else "question")
            return View(values, tuple(rows), window=window, progress=question.kind.takes_files)

        return view

    def view_section(self, turn: Turn) -> View:
        scope = self.open_scope(turn)
        rows = [
            (
                Button(
                    "question", scope.slot(question), values={"question": question, "value": value, "pictures": count}
                ),
            )
            for question, value, count in scope.shown()
        ]
        if scope.section.items is not None:
            rows.append((Button("remove_item"),))
        rows.append((Button("section_done", style=Style.PRIMARY),))
        return View({"section": scope.section.key, "item": self._number(scope), "saved": self.saved(turn)}, tuple(rows))

    def view_items(self, turn: Turn) -> View:
        section, sheet = self.section(turn), self.sheet(turn)
        parts = [part for part in self.form.parts(sheet) if part.section == section.key]
        unfinished = {scope.item for scope in self.form.scopes(section, sheet) if any(scope.gaps())}
        page = page_of(turn, parts, key=ITEMS_PAGE, size=ITEMS)
        rows: list[tuple[Button, ...]] = [
            (Button("item", part.item, values={"part": part, "unfinished": part.item in unfinished}),)
            for part in page.items
        ]
        most = section.items.most if section.items is not None else 0
        if len(parts) < most:
            rows.append((Button("add_item", style=None if parts else Style.PRIMARY),))
        rows.append(page.around(Button("items_done", style=Style.PRIMARY if parts else None)))
        values = {"section": section.key, "parts": parts, "page": page, "most": most, "saved": self.saved(turn)}
        return View(values, tuple(rows))

    def view_remove_item(self, turn: Turn) -> View:
        scope = self.open_scope(turn)
        part = Part(scope.section.key, self._number(scope), scope.item, scope.shown())
        rows = ((Button("confirm_remove", style=Style.DANGER),), (Button("keep_item"),))
        return View({"section": scope.section.key, "part": part, "saved": self.saved(turn)}, rows)

    def view_missing(self, turn: Turn) -> View:
        sheet = self.sheet(turn)
        gaps = self.form.gaps(sheet)
        numbers = {
            (section.key, scope.item): number
            for section in self.form.sections
            for number, scope in enumerate(self.form.scopes(section, sheet), start=1)
        }
        missing = [(gap, numbers[gap.section, gap.item] if gap.item else 0) for gap in gaps]
        buttons = [
            Button("question" if gap.question else "section", gap.slot, values={"gap": gap, "item": number})
            for gap, number in missing[:MISSING]
        ]
        columns = max(1, -(-len(buttons) // ROWS_OF_MISSING))
        rows = [tuple(buttons[start : start + columns]) for start in range(0, len(buttons), columns)]
        return View({"missing": missing, "saved": self.saved(turn)}, (*rows, (Button("contents"),)))

    def view_review(self, turn: Turn) -> View:
        rows = [(Button("submit", style=Style.SUCCESS),)]
        rows += [(Button("change", section.key, values={"section": section.key}),) for section in self.form.sections]
        rows.append((Button("contents"),))
        values = {**self.about(turn), "parts": self.form.parts(self.sheet(turn)), "saved": self.saved(turn)}
        return View(values, tuple(rows))

    def view_awaiting_pictures(self, turn: Turn) -> View:
        return View({"saved": self.saved(turn)}, ((Button("back"),),))

    def _number(self, scope: Scope) -> int:
        """Which item of its section this is, counted from 1; the one being added comes last. 0: no item."""
        if scope.section.items is None:
            return 0
        items = [other.item for other in self.form.scopes(scope.section, scope.sheet)]
        return items.index(scope.item) + 1 if scope.item in items else len(items) + 1


def _picture_rows(pictures: Sequence[Picture], enough: bool) -> Rows:
    if not pictures:
        return ()
    done = ((Button("done", style=Style.PRIMARY),),) if enough else ()
    return (*done, (Button("again"), Button("view")))
