"""A form as a conversation: a task list, one screen a question, items to add and remove, what is missing, a review.

States: ``overview``, ``ask_<question>``, ``section`` (what stands in one section, or one item), ``items`` (the items of
a section), ``remove_item``, ``check`` (passed through), ``missing``, ``review``, ``awaiting_pictures`` (submits by
itself once the last is checked), ``submitting`` (passed through). A flow adds what comes before and after: also where
``overview`` leads back to, and where ``submitting`` leads when nothing is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flows.effects import Place
from flows.engine.fields import Invalid, Photos, Question
from flows.engine.flow import FILE_SENT, PASSED, RESUMED, TEXT_SENT, Action, Guard, State, Transition, came
from flows.engine.form import MOST_BYTES, SKIPPED, Section, items_of
from flows.engine.form_views import ITEM, ITEMS, ITEMS_PAGE, SECTION, FormViews
from flows.engine.lists import turns_page_of
from flows.engine.turn import Turn
from flows.model import PictureState

RETURN = "return"  # frame data: "review" while a change leads back there
COMPLAINT = "complaint"  # frame data: what was last said against a picture, of which slot


class FormBuilder(FormViews):
    """Makes the states and transitions of a form."""

    def states(self) -> list[State]:
        made = [
            State("overview", self.view_overview, self.window("overview")),
            State("section", self.view_section, self.window("section")),
            State("check"),
            State("missing", self.view_missing, self.window("missing")),
            State("review", self.view_review, self.window("review")),
            State("submitting"),
        ]
        if self._has_pictures():
            made.append(State("awaiting_pictures", self.view_awaiting_pictures, self.window("awaiting_pictures")))
        if self._has_items():
            made.append(State("items", self.view_items, self.window("items")))
            made.append(State("remove_item", self.view_remove_item, self.window("remove_item")))
        return [*made, *(State(_ask(question), self.view_question(question)) for question in self.form.questions)]

    def transitions(self) -> list[Transition]:
        made = [
            Transition("overview", "check_answers", "check", do=[returns_to("review")]),
            Transition("check", PASSED, "missing", when=[self._has_gaps]),
            Transition("check", PASSED, "review"),
            Transition("missing", "contents", "overview", do=[returns_to("")]),
            Transition("review", "contents", "overview", do=[returns_to("")]),
        ]
        if self._has_pictures():
            under_way = [self._has_pictures_under_way]
            made += [
                Transition("review", "submit", "awaiting_pictures", when=under_way),
                Transition("awaiting_pictures", came("picture"), "submitting", unless=under_way),
                Transition("awaiting_pictures", RESUMED, "submitting", unless=under_way),
                Transition("awaiting_pictures", "back", "review"),
            ]
        made += [
            Transition("review", "submit", "submitting"),
            Transition("submitting", PASSED, "missing", when=[self._has_gaps]),
        ]
        for section in self.form.sections:
            made += self._entering(section)
        if self._has_items():
            made += self._between_items()
        made += [
            Transition("overview", "section", "section", do=[_remember_section]),
            Transition("review", "change", "section", do=[_remember_section]),
            Transition("section", "section_done", "check", when=[_goes_to_review]),
            Transition("section", "section_done", "overview"),
        ]
        for question in self.form.questions:
            to = _ask(question)
            made.append(Transition("section", "question", to, when=[self._is_slot_of(question)]))
            made.append(Transition("missing", "question", to, when=[self._is_slot_of(question)], do=[_remember_slot]))
            made += self._answers(question)
        return made

    def _has_pictures(self) -> bool:
        return any(question.kind.takes_files for question in self.form.questions)

    def _has_items(self) -> bool:
        return any(section.items is not None for section in self.form.sections)

    def _entering(self, section: Section) -> list[Transition]:
        """From task list and review into a section: its first open question, or what stands in it."""
        is_it = [_argument_is(section.key)]
        if section.items is not None:
            return [
                Transition("overview", "section", "items", when=is_it, do=[_remember_section]),
                Transition("missing", "section", "items", when=is_it, do=[_remember_section]),
                Transition("review", "change", "items", when=is_it, do=[_remember_section]),
            ]
        return [
            Transition("overview", "section", _ask(question), when=[*is_it, self._is_first_open(question)])
            for question in section.questions
        ]

    def _between_items(self) -> list[Transition]:
        made = [
            Transition("items", "item", "section", do=[_remember_item]),
            Transition("items", "page", None, do=[turns_page_of(ITEMS_PAGE)]),
            Transition("items", "items_done", "check", when=[_goes_to_review]),
            Transition("items", "items_done", "overview"),
            Transition("section", "section_done", "items", when=[self._is_in_item]),
            Transition("section", "remove_item", "remove_item", when=[self._is_in_item]),
            Transition("remove_item", "confirm_remove", "items", do=[self._remove_item]),
            Transition("remove_item", "keep_item", "section"),
        ]
        made += [
            Transition(
                "items", "add_item", _ask(section.questions[0]), when=[self._is_in(section)], do=[self._new_item]
            )
            for section in self.form.sections
            if section.items is not None
        ]
        return made

    def _answers(self, question: Question) -> list[Transition]:
        """The ways on from one question."""
        state = _ask(question)
        section = self.form.section_of(question)

        def is_readable(turn: Turn) -> bool:
            return isinstance(self._read(turn, question), str)

        def save(turn: Turn) -> None:
            self._save(turn, question, str(self._read(turn, question)))

        def save_previous(turn: Turn) -> None:
            self._save(turn, question, self.previous(turn, question) or SKIPPED)

        def skip(turn: Turn) -> None:
            self._save(turn, question, SKIPPED)

        def complain(turn: Turn) -> None:
            read = self._read(turn, question)
            if isinstance(read, Invalid):
                turn.error(read.key, question=question.key, **read.values_)

        made: list[Transition] = []
        if question.kind.takes_files:
            made += self._picture_transitions(question)
            made += self._onward(question, "done", [_forget_complaint])
        else:
            for trigger in (TEXT_SENT, "choose"):
                made += self._onward(question, trigger, [save], [is_readable])
                made.append(Transition(state, trigger, None, do=[complain]))
            if self.remembers:
                made += self._onward(question, "keep", [save_previous])
        made += self._onward(question, "next", [])
        if not question.required:
            made += self._onward(question, "skip", [skip])
        made += [
            Transition(state, "previous", _ask(other), when=[self._is_before(question, other)])
            for other in section.questions
        ]
        if section.items is not None:
            made.append(Transition(state, "previous", "items", do=[_opens_section(section)]))
        else:
            made.append(Transition(state, "previous", "overview", do=[returns_to("")]))
        made.append(Transition(state, "contents", "overview", do=[returns_to("")]))
        return made

    def _onward(
        self, question: Question, trigger: str, do: Sequence[Action], when: Sequence[Guard] = ()
    ) -> list[Transition]:
        """After an answer: back to the review if that is where one came from, else the next open question.

        An item is filled in to its end first, also when it was added from the review.
        """
        state, section = _ask(question), self.form.section_of(question)
        onward = [
            Transition(state, trigger, _ask(other), when=[*when, self._is_next(question, other)], do=do)
            for other in section.questions
            if other is not question
        ]
        if section.items is not None:
            return [*onward, Transition(state, trigger, "items", when=when, do=[*do, _opens_section(section)])]
        return [
            Transition(state, trigger, "check", when=[*when, _goes_to_review], do=do),
            *onward,
            Transition(state, trigger, "overview", when=when, do=do),
        ]

    # -- reading and keeping -------------------------------------------------------------------------------------------

    def _read(self, turn: Turn, question: Question) -> str | Invalid:
        """What the event answers to the question; worked out once a turn."""
        if "read" not in turn.memo:
            try:
                scope = self.scope(turn, question)
                options = question.kind.choices(scope.sheet.answers) or turn.words.options(question.key)
                value = question.kind.parse(turn.argument or turn.text, options)
                if key := scope.wrong(question, value):
                    raise Invalid(key)
                turn.memo["read"] = value
            except Invalid as invalid:
                turn.memo["read"] = invalid
        read = turn.memo["read"]
        assert isinstance(read, str | Invalid)  # noqa: S101 - the memo is untyped
        return read

    def _save(self, turn: Turn, question: Question, value: str) -> None:
        self.paper.save(turn, self.scope(turn, question).slot(question), value)

    def _new_item(self, turn: Turn) -> None:
        there = items_of(self.section(turn), self.sheet(turn))
        turn.data[ITEM] = str(max(map(int, there), default=0) + 1)
        turn.data[ITEMS_PAGE] = str(len(there) // ITEMS + 1)  # where it will stand

    def _remove_item(self, turn: Turn) -> None:
        """With it go the answers that point to it: a later item may get its number."""
        scope = self.open_scope(turn)
        for slot in self.form.references(scope.section, scope.item, scope.sheet):
            self.paper.save(turn, slot, None)
        for question in scope.section.questions:
            self.paper.save(turn, scope.slot(question), None)
            if question.kind.takes_files:
                self.paper.remove_pictures(turn, scope.slot(question))
        turn.notice("item_removed")

    # -- guards --------------------------------------------------------------------------------------------------------

    def _open_questions(self, turn: Turn, section: Section, answered: Question | None = None) -> list[Question]:
        """Questions of a section (or of the item that is open) still to be answered, were ``answered`` answered now."""
        scope = self.scope(turn, section.questions[0])
        answers = dict(scope.answers)
        if answered is not None and not answered.kind.takes_files:
            read = turn.memo.get("read")
            answers[answered.key] = read if isinstance(read, str) else answers.get(answered.key, SKIPPED)
        return [
            question
            for question in scope.asked(answers)
            if question is not answered and not scope.is_answered(question)
        ]

    def _is_next(self, question: Question, other: Question) -> Guard:
        section = self.form.section_of(question)
        after = section.questions[section.questions.index(question) + 1 :]
        key = f"after {question.key}"

        def is_next(turn: Turn) -> bool:
            if key not in turn.memo:  # asked once for every question that might be next
                still_open = self._open_questions(turn, section, question)
                later = [candidate for candidate in still_open if candidate in after]
                turn.memo[key] = next(iter(later or still_open), None)
            return turn.memo[key] is other

        return is_next

    def _is_before(self, question: Question, other: Question) -> Guard:
        def is_before(turn: Turn) -> bool:
            asked = self.scope(turn, question).asked()
            index = asked.index(question) if question in asked else 0
            return index > 0 and asked[index - 1] is other

        return is_before

    def _is_first_open(self, question: Question) -> Guard:
        section = self.form.section_of(question)

        def is_first_open(turn: Turn) -> bool:
            return next(iter(self._open_questions(turn, section)), None) is question

        return is_first_open

    def _is_slot_of(self, question: Question) -> Guard:
        section = self.form.section_of(question)

        def is_slot_of(turn: Turn) -> bool:
            if section.items is None:
                return turn.argument == question.key
            return turn.argument.split("-")[::2] == [section.key, question.key]

        return is_slot_of

    def _is_in(self, section: Section) -> Guard:
        def is_in(turn: Turn) -> bool:
            return turn.data[SECTION] == section.key

        return is_in

    def _is_in_item(self, turn: Turn) -> bool:
        return self.section(turn).items is not None

    def _has_gaps(self, turn: Turn) -> bool:
        return bool(self.form.gaps(self.sheet(turn)))

    def _has_pictures_under_way(self, turn: Turn) -> bool:
        return any(picture.state is PictureState.FETCHING for picture in self.sheet(turn).pictures)

    # -- photographed documents ----------------------------------------------------------------------------------------

    def _picture_transitions(self, question: Question) -> list[Transition]:
        state, kind = _ask(question), question.kind
        assert isinstance(kind, Photos)  # noqa: S101 - narrows the type, the caller asked takes_files
        most = kind.most

        def objection(turn: Turn) -> tuple[str, Mapping[str, object]] | None:
            here = self.scope(turn, question).pictures(question)
            if turn.file.size > MOST_BYTES:
                return "too_large", {"most": MOST_BYTES // 1_000_000}
            if any(picture.unique_id == turn.file.unique_id for picture in here):
                return "same_picture", {}
            return ("too_many_pictures", {"most": most}) if len(here) >= most else None

        def is_welcome(turn: Turn) -> bool:
            return objection(turn) is None

        def add(turn: Turn) -> None:
            self.paper.add_picture(turn, self.scope(turn, question).slot(question), turn.file)
            if not _is_of_same_album(turn):
                _forget_complaint(turn)
            repeat(turn)
            _keep_place(turn)

        def complain(turn: Turn) -> None:
            key, values = objection(turn) or ("", {})
            complain_of_picture(turn, self.scope(turn, question).slot(question), key, **values)
            _keep_place(turn)

        def repeat(turn: Turn) -> None:
            """What was said of one picture stands until the person has done something about it."""
            slot, _, rest = turn.data.get(COMPLAINT, "").partition(" ")
            key, _, most = rest.partition(" ")
            if slot == self.scope(turn, question).slot(question) and turn.failed is None:
                turn.error(key, question=question.key, **({"most": int(most)} if most else {}))

        def remove(turn: Turn) -> None:
            _forget_complaint(turn)
            self.paper.remove_pictures(turn, self.scope(turn, question).slot(question))
            turn.notice("pictures_removed")

        def view(turn: Turn) -> None:
            if self.paper.show_pictures(turn, self.scope(turn, question).pictures(question)):
                turn.show_at(Place.SEND)
            else:
                turn.notice("pictures_being_checked")

        return [
            Transition(state, FILE_SENT, None, when=[is_welcome], do=[add]),
            Transition(state, FILE_SENT, None, do=[complain]),
            Transition(state, came("picture"), None, do=[repeat]),
            Transition(state, "again", None, do=[remove]),
            Transition(state, "view", None, do=[view]),
        ]


def _ask(question: Question) -> str:
    return f"ask_{question.key}"


def complain_of_picture(turn: Turn, slot: str, key: str, **values: object) -> None:
    """Says what is wrong with a picture, now and as often as its screen is drawn anew. ``values``: ``most``, if any."""
    turn.error(key, question=question_of(slot), **values)
    turn.data[COMPLAINT] = " ".join([slot, key, *map(str, values.values())])


def question_of(slot: str) -> str:
    """The key of the question that a slot belongs to."""
    return slot.rsplit("-", 1)[-1]


def _forget_complaint(turn: Turn) -> None:
    turn.data.pop(COMPLAINT, None)


def _is_of_same_album(turn: Turn) -> bool:
    return turn.file.group != "" and turn.data.get("group") == turn.file.group


def _keep_place(turn: Turn) -> None:
    """The pictures of one album share one screen: it is edited in place, not sent again below each."""
    if _is_of_same_album(turn):
        turn.show_at(Place.EDIT)
    turn.data["group"] = turn.file.group


def _argument_is(key: str) -> Guard:
    def is_argument(turn: Turn) -> bool:
        return turn.argument == key

    return is_argument


def _goes_to_review(turn: Turn) -> bool:
    return turn.data.get(RETURN) == "review"


def returns_to(to: str) -> Action:
    """A change made from here leads back to ``review``, or with nothing just on through the form."""

    def returns(turn: Turn) -> None:
        turn.data[RETURN] = to

    return returns


def _opens_section(section: Section) -> Action:
    def open_section(turn: Turn) -> None:
        turn.data[SECTION] = section.key

    return open_section


def _remember_section(turn: Turn) -> None:
    turn.data[SECTION] = turn.argument
    turn.data.pop(ITEMS_PAGE, None)


def _remember_item(turn: Turn) -> None:
    turn.data[ITEM] = turn.argument


def _remember_slot(turn: Turn) -> None:
    """A slot of an item says which item it is in."""
    parts = turn.argument.split("-")
    if len(parts) == 3:
        turn.data[SECTION], turn.data[ITEM] = parts[0], parts[1]
