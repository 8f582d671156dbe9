"""A form: a list of questions becomes a task list, one screen a question, a check of what is missing, and a review.

States: ``overview``, ``ask_<question>``, ``section`` (what stands in one section), ``check`` (passed through),
``missing``, ``review``, ``awaiting_pictures`` (submits by itself once the last is checked), ``submitting`` (passed
through). A flow adds what comes before and after: also where ``submitting`` leads when nothing is missing.

Progress is worked out from the answers, never kept. An optional question that was skipped has the answer "": it is not
asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from flows.effects import Button, FetchPicture, Place, Rows, SendPictures, Style
from flows.engine.fields import Answers, Invalid, Photos, Question
from flows.engine.flow import FILE_SENT, PASSED, RESUMED, TEXT_SENT, Action, Guard, State, Transition, View, came
from flows.engine.turn import Turn
from flows.model import Application, Picture, PictureState

SKIPPED = ""
RETURN = "return"  # frame data: where a change leads back to
COMPLAINT = "complaint"  # frame data: what was last said against a picture, of which question


@dataclass(frozen=True, slots=True)
class Section:
    key: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    done: int
    total: int
    required: bool

    @property
    def complete(self) -> bool:
        return self.done == self.total


@dataclass(frozen=True, slots=True)
class Form:
    """``version`` is kept with every submission; raise it when questions change."""

    version: int
    sections: tuple[Section, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(question for section in self.sections for question in section.questions)

    def section(self, key: str) -> Section:
        return next(section for section in self.sections if section.key == key)

    def question(self, key: str) -> Question:
        return next(question for question in self.questions if question.key == key)

    def section_of(self, question: Question) -> Section:
        return next(section for section in self.sections if question in section.questions)

    def asked(self, questions: Iterable[Question], answers: Answers) -> list[Question]:
        """Those whose conditions hold."""
        return [question for question in questions if question.asked(answers)]

    def progress(self, questions: Iterable[Question], application: Application) -> Progress:
        asked = self.asked(questions, application.answers)
        done = sum(is_answered(question, application) for question in asked)
        return Progress(done, len(asked), any(question.required for question in asked))

    def missing(self, application: Application) -> list[Question]:
        """Required questions without an answer that still holds, in order."""
        return [
            question
            for question in self.asked(self.questions, application.answers)
            if question.required
            and (not is_answered(question, application) or wrong(question, application.answers) is not None)
        ]


def pictures_of(question: Question, application: Application) -> list[Picture]:
    return [
        picture
        for picture in application.pictures
        if picture.field == question.key and picture.state is not PictureState.REFUSED
    ]


def is_answered(question: Question, application: Application) -> bool:
    if isinstance(question.kind, Photos):
        return len(pictures_of(question, application)) >= question.kind.least
    value = application.answers.get(question.key)
    return value is not None and (value != SKIPPED or not question.required)


def wrong(question: Question, answers: Answers) -> str | None:
    """The error key if the answer no longer goes with the others."""
    value = answers.get(question.key)
    if not value:
        return None
    return next((key for check in question.checks if (key := check(value, answers))), None)


def application_of(turn: Turn) -> Application:
    """The application that the talking form flow fills in (frame data ``plan``)."""
    plan = turn.data["plan"]
    if plan not in turn.applications:
        turn.applications[plan] = turn.repository.open_application(turn.somebody.id, plan, turn.at)
    return turn.applications[plan]


def _save(turn: Turn, question: Question, value: str) -> None:
    turn.repository.save_answer(application_of(turn).id, question.key, value, turn.at)
    turn.applications.clear()


def _read(turn: Turn, question: Question) -> str | Invalid:
    """What the event answers to the question; worked out once a turn."""
    if "read" not in turn.memo:
        try:
            options = turn.words.options(question.key)
            value = question.kind.parse(turn.argument or turn.text, options)
            application = application_of(turn)
            if key := wrong(question, {**application.answers, question.key: value}):
                raise Invalid(key)
            turn.memo["read"] = value
        except Invalid as invalid:
            turn.memo["read"] = invalid
    read = turn.memo["read"]
    assert isinstance(read, str | Invalid)  # noqa: S101 - the memo is untyped
    return read


def _previous(turn: Turn, question: Question) -> str | None:
    """What the person gave last time for another plan, if it still passes as an answer."""
    value = turn.repository.last_answers(turn.somebody.id, turn.data["plan"]).get(question.key)
    if not value or question.kind.takes_files:
        return None
    return None if wrong(question, {**application_of(turn).answers, question.key: value}) else value


class FormBuilder:
    """Makes the states and transitions of a form."""

    def __init__(self, form: Form) -> None:
        self.form = form

    def states(self) -> list[State]:
        return [
            State("overview", self._view_overview, "form/overview"),
            State("section", self._view_section, "form/section"),
            State("check"),
            State("missing", self._view_missing, "form/missing"),
            State("review", self._view_review, "form/review"),
            State("awaiting_pictures", self._view_awaiting_pictures, "form/awaiting_pictures"),
            State("submitting"),
            *(State(f"ask_{question.key}", self._view_question(question)) for question in self.form.questions),
        ]

    def transitions(self) -> list[Transition]:
        form = self.form
        made = [
            Transition("overview", "check_answers", "check", do=[returns_to("review")]),
            Transition("check", PASSED, "missing", when=[self._has_missing]),
            Transition("check", PASSED, "review"),
            Transition("missing", "contents", "overview", do=[returns_to("")]),
            Transition("review", "contents", "overview", do=[returns_to("")]),
            Transition("review", "change", "section", do=[_remember_section]),
            Transition("review", "submit", "awaiting_pictures", when=[_has_pictures_under_way]),
            Transition("review", "submit", "submitting"),
            Transition("awaiting_pictures", came("picture"), "submitting", unless=[_has_pictures_under_way]),
            Transition("awaiting_pictures", RESUMED, "submitting", unless=[_has_pictures_under_way]),
            Transition("awaiting_pictures", "back", "review"),
            Transition("submitting", PASSED, "missing", when=[self._has_missing]),
            Transition("section", "section_done", "check", when=[_goes_to_review]),
            Transition("section", "section_done", "overview"),
        ]
        made += [
            Transition("overview", "section", f"ask_{question.key}", when=[self._enters(section, question)])
            for section in form.sections
            for question in section.questions
        ]
        made.append(Transition("overview", "section", "section", do=[_remember_section]))
        for question in form.questions:
            state = f"ask_{question.key}"
            made.append(Transition(("section", "missing"), "question", state, when=[_argument_is(question.key)]))
            made += self._answers(question)
        return made

    def _answers(self, question: Question) -> list[Transition]:
        """The ways on from one question."""
        state = f"ask_{question.key}"

        def is_readable(turn: Turn) -> bool:
            return isinstance(_read(turn, question), str)

        def save(turn: Turn) -> None:
            _save(turn, question, str(_read(turn, question)))

        def save_previous(turn: Turn) -> None:
            _save(turn, question, _previous(turn, question) or SKIPPED)

        def skip(turn: Turn) -> None:
            _save(turn, question, SKIPPED)

        def complain(turn: Turn) -> None:
            read = _read(turn, question)
            if isinstance(read, Invalid):
                turn.error(read.key, question=question.key, **read.values_)

        made: list[Transition] = []
        if question.kind.takes_files:
            made += _picture_transitions(question, state)
            made += self._onward(question, "done", [_forget_complaint])
        else:
            for trigger in (TEXT_SENT, "choose"):
                made += self._onward(question, trigger, [save], [is_readable])
                made.append(Transition(state, trigger, None, do=[complain]))
            made += self._onward(question, "keep", [save_previous])
        made += self._onward(question, "next", [])
        if not question.required:
            made += self._onward(question, "skip", [skip])
        made += [
            Transition(state, "previous", f"ask_{other.key}", when=[self._is_before(question, other)])
            for other in self.form.section_of(question).questions
        ]
        made.append(Transition(state, "previous", "overview", do=[returns_to("")]))
        made.append(Transition(state, "contents", "overview", do=[returns_to("")]))
        return made

    def _onward(
        self, question: Question, trigger: str, do: Sequence[Action], when: Sequence[Guard] = ()
    ) -> list[Transition]:
        """After an answer: back to the review if that is where one came from, else the next open question."""
        state = f"ask_{question.key}"
        made = [Transition(state, trigger, "check", when=[*when, _goes_to_review], do=do)]
        made += [
            Transition(state, trigger, f"ask_{other.key}", when=[*when, self._is_next(question, other)], do=do)
            for other in self.form.section_of(question).questions
            if other is not question
        ]
        made.append(Transition(state, trigger, "overview", when=when, do=do))
        return made

    def _open(self, section: Section, turn: Turn, answered: Question | None = None) -> list[Question]:
        """Questions of a section still open, were ``answered`` answered by this event."""
        application = application_of(turn)
        answers = dict(application.answers)
        if answered is not None and not answered.kind.takes_files:
            read = turn.memo.get("read")
            answers[answered.key] = read if isinstance(read, str) else answers.get(answered.key, SKIPPED)
        return [
            question
            for question in self.form.asked(section.questions, answers)
            if question is not answered and not is_answered(question, application)
        ]

    def _is_next(self, question: Question, other: Question) -> Guard:
        section = self.form.section_of(question)
        after = section.questions[section.questions.index(question) + 1 :]

        def is_next(turn: Turn) -> bool:
            still_open = self._open(section, turn, question)
            later = [candidate for candidate in still_open if candidate in after]
            return next(iter(later or still_open), None) is other

        return is_next

    def _is_before(self, question: Question, other: Question) -> Guard:
        section = self.form.section_of(question)

        def is_before(turn: Turn) -> bool:
            asked = self.form.asked(section.questions, application_of(turn).answers)
            index = asked.index(question) if question in asked else 0
            return index > 0 and asked[index - 1] is other

        return is_before

    def _enters(self, section: Section, question: Question) -> Guard:
        def enters(turn: Turn) -> bool:
            return turn.argument == section.key and next(iter(self._open(section, turn)), None) is question

        return enters

    def _has_missing(self, turn: Turn) -> bool:
        return bool(self.form.missing(application_of(turn)))

    def _saved(self, application: Application) -> Progress:
        return self.form.progress(self.form.questions, application)

    def _view_overview(self, turn: Turn) -> View:
        application = application_of(turn)
        rows: list[tuple[Button, ...]] = []
        pending = True
        for section in self.form.sections:
            progress = self.form.progress(section.questions, application)
            style = Style.PRIMARY if pending and not progress.complete else None
            pending = pending and style is None
            rows.append((Button("section", section.key, style, {"section": section.key, "progress": progress}),))
        ready = not self.form.missing(application)
        rows.append((Button("check_answers", style=Style.SUCCESS if ready else None),))
        rows.append((Button("back"),))
        plan = turn.repository.plan(application.plan_code)
        return View({"plan": plan, "saved": self._saved(application)}, tuple(rows))

    def _view_question(self, question: Question) -> Callable[[Turn], View]:
        def view(turn: Turn) -> View:
            application = application_of(turn)
            section = self.form.section_of(question)
            asked = self.form.asked(section.questions, application.answers)
            current = application.answers.get(question.key) or None
            previous = _previous(turn, question) if current is None else None
            pictures = pictures_of(question, application)
            rows: list[tuple[Button, ...]] = list(question.kind.buttons(current))
            if question.kind.takes_files:
                rows += _picture_rows(pictures, is_answered(question, application))
            elif previous is not None:
                rows.append((Button("keep", style=Style.PRIMARY),))
            elif current is not None:
                rows.append((Button("next", style=Style.PRIMARY),))
            last = [Button("previous")]
            if not question.required:
                last.append(Button("skip"))
            rows.append((*last, Button("contents")))
            values = {
                "section": section.key,
                "number": asked.index(question) + 1 if question in asked else len(asked),
                "total": len(asked),
                "question": question,
                "current": current,
                "previous": previous,
                "pictures": pictures,
                "saved": self._saved(application),
            }
            window = "form/pictures" if question.kind.takes_files else "form/question"
            return View(values, tuple(rows), window=window, progress=question.kind.takes_files)

        return view

    def answered(self, section: Section, application: Application) -> list[tuple[Question, str, int]]:
        """What stands in a section, for showing: question, answer, number of pictures."""
        return [
            (question, application.answers.get(question.key) or "", len(pictures_of(question, application)))
            for question in self.form.asked(section.questions, application.answers)
        ]

    def review(self, application: Application) -> list[tuple[str, list[tuple[Question, str, int]]]]:
        return [(section.key, self.answered(section, application)) for section in self.form.sections]

    def _view_section(self, turn: Turn) -> View:
        application = application_of(turn)
        section = self.form.section(turn.data["section"])
        answers = self.answered(section, application)
        rows = [
            (Button("question", question.key, values={"question": question, "value": value, "pictures": pictures}),)
            for question, value, pictures in answers
        ]
        rows.append((Button("section_done", style=Style.PRIMARY),))
        return View({"section": section.key, "saved": self._saved(application)}, tuple(rows))

    def _view_missing(self, turn: Turn) -> View:
        application = application_of(turn)
        missing = self.form.missing(application)
        buttons = [Button("question", question.key, values={"question": question}) for question in missing]
        columns = max(1, -(-len(buttons) // ROWS_OF_MISSING))
        rows = [tuple(buttons[start : start + columns]) for start in range(0, len(buttons), columns)]
        return View({"missing": missing, "saved": self._saved(application)}, (*rows, (Button("contents"),)))

    def _view_review(self, turn: Turn) -> View:
        application = application_of(turn)
        rows = [(Button("submit", style=Style.SUCCESS),)]
        rows += [(Button("change", section.key, values={"section": section.key}),) for section in self.form.sections]
        rows.append((Button("contents"),))
        plan = turn.repository.plan(application.plan_code)
        values = {
            "plan": plan,
            "person": turn.somebody,
            "sections": self.review(application),
            "saved": self._saved(application),
        }
        return View(values, tuple(rows))

    def _view_awaiting_pictures(self, turn: Turn) -> View:
        return View({"saved": self._saved(application_of(turn))}, ((Button("back"),),))


def _picture_rows(pictures: Sequence[Picture], enough: bool) -> Rows:
    if not pictures:
        return ()
    done = ((Button("done", style=Style.PRIMARY),),) if enough else ()
    return (*done, (Button("again"), Button("view")))


def _picture_transitions(question: Question, state: str) -> list[Transition]:
    kind = question.kind
    assert isinstance(kind, Photos)  # noqa: S101 - narrows the type, the caller asked takes_files

    def objection(turn: Turn) -> tuple[str, Mapping[str, object]] | None:
        here = pictures_of(question, application_of(turn))
        if turn.file.size > MOST_BYTES:
            return "too_large", {"most": MOST_BYTES // 1_000_000}
        if any(picture.unique_id == turn.file.unique_id for picture in here):
            return "same_picture", {}
        return ("too_many_pictures", {"most": kind.most}) if len(here) >= kind.most else None

    def is_welcome(turn: Turn) -> bool:
        return objection(turn) is None

    def add(turn: Turn) -> None:
        file, application = turn.file, application_of(turn)
        new = Picture(0, question.key, file.file_id, file.unique_id, file.as_document, PictureState.FETCHING)
        picture = turn.repository.add_picture(application.id, new, turn.at)
        turn.applications.clear()
        if picture is not None:
            turn.do(FetchPicture(turn.somebody.id, application.id, picture.id, file.file_id, file.size))
        if not _is_of_same_album(turn):
            _forget_complaint(turn)
        repeat(turn)
        _keep_place(turn)

    def complain(turn: Turn) -> None:
        key, values = objection(turn) or ("", {})
        complain_of_picture(turn, question.key, key, **values)
        _keep_place(turn)

    def repeat(turn: Turn) -> None:
        """What was said of one picture stands until the person has done something about it."""
        field, _, rest = turn.data.get(COMPLAINT, "").partition(" ")
        key, _, most = rest.partition(" ")
        if field == question.key and turn.failed is None:
            turn.error(key, question=field, **({"most": int(most)} if most else {}))

    def remove(turn: Turn) -> None:
        _forget_complaint(turn)
        turn.repository.remove_pictures(application_of(turn).id, question.key, turn.at)
        turn.applications.clear()
        turn.notice("pictures_removed")

    def view(turn: Turn) -> None:
        files = tuple(picture.file for picture in pictures_of(question, application_of(turn)) if picture.file)
        if files:
            turn.do(SendPictures(turn.somebody.id, files))
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


ROWS_OF_MISSING = 7  # with the way back, all that a screen should have
MOST_BYTES = 20_000_000  # Bot API: what a bot may download


def complain_of_picture(turn: Turn, field: str, key: str, **values: object) -> None:
    """Says what is wrong with a picture, now and as often as its screen is drawn anew. ``values``: ``most``, if any."""
    turn.error(key, question=field, **values)
    turn.data[COMPLAINT] = " ".join([field, key, *map(str, values.values())])


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


def _remember_section(turn: Turn) -> None:
    turn.data["section"] = turn.argument


def _has_pictures_under_way(turn: Turn) -> bool:
    return any(picture.state is PictureState.FETCHING for picture in application_of(turn).pictures)
