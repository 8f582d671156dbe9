"""Sections that are filled in several times: adding, changing, removing, and what they do to the rest of a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson
import pytest

from flows.effects import Show
from flows.engine.fields import Answers, Choice, FullName, Line, Photos, Question
from flows.engine.fire import Book, fire
from flows.engine.flow import OPENING, PASSED, Flow, State, Transition, View
from flows.engine.form import Form, Items, Section, items_of
from flows.engine.form_flow import FormBuilder
from flows.engine.session import Session
from flows.engine.turn import Turn
from flows.events import Event, File, Press, Text
from flows.model import Picture, PictureState
from tests.flows.stage import Stage
from tests.flows.town import PlainWords


def _spouse_needed(answers: Answers) -> int:
    return 1 if answers.get("marital") == "married" else 0


def _is_spouse(answers: Answers) -> bool:
    return answers.get("relation") == "spouse"


def _not_twice(value: str, answers: Answers) -> str | None:
    return "too_long" if value == answers.get("forbidden") else None


FORM = Form(
    1,
    (
        Section("basics", (Question("marital", Choice(("single", "married"))),)),
        Section(
            "family",
            (
                Question("member_name", FullName(), checks=[_not_twice]),
                Question("relation", Choice(("spouse", "child"))),
                Question("wedding", Line(), asked=_is_spouse),
                Question("note", Line(), required=False),
                Question("paper", Photos(), required=False),
            ),
            Items(2, _spouse_needed),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class FrameSheet:
    answers: Mapping[str, str]
    pictures: Sequence[Picture]


class FramePaper:
    """Keeps a form in the frame itself: nothing but the engine is played with here."""

    def sheet(self, turn: Turn) -> FrameSheet:
        stored = orjson.loads(turn.data.get("sheet", "{}"))
        pictures = [
            Picture(0, slot, name, name, as_document=False, state=PictureState.STORED, file=name)
            for slot, name in orjson.loads(turn.data.get("pictures", "[]"))
        ]
        return FrameSheet(stored, pictures)

    def save(self, turn: Turn, slot: str, value: str | None) -> None:
        stored = dict(self.sheet(turn).answers)
        if value is None:
            stored.pop(slot, None)
        else:
            stored[slot] = value
        turn.data["sheet"] = orjson.dumps(stored).decode()

    def previous(self, turn: Turn) -> Mapping[str, str]:
        return {"family-1-member_name": "王小明"}

    def add_picture(self, turn: Turn, slot: str, file: File) -> None:
        there = [[picture.field, picture.unique_id] for picture in self.sheet(turn).pictures]
        turn.data["pictures"] = orjson.dumps([*there, [slot, file.unique_id]]).decode()

    def remove_pictures(self, turn: Turn, slot: str) -> None:
        kept = [[p.field, p.unique_id] for p in self.sheet(turn).pictures if p.field != slot]
        turn.data["pictures"] = orjson.dumps(kept).decode()

    def show_pictures(self, turn: Turn, pictures: Sequence[Picture]) -> bool:
        return bool(pictures)


BUILDER = FormBuilder(FORM, FramePaper())


def _view_done(_: Turn) -> View:
    return View()


FLOW = Flow(
    "form",
    1,
    [State("done", _view_done), *BUILDER.states()],
    [
        Transition(OPENING, PASSED, "overview"),
        Transition("overview", "back", "done"),
        *BUILDER.transitions(),
        Transition("submitting", PASSED, "done"),
    ],
)


class Talk:
    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.session = Session(1, "zh")
        self.does(Text("?"))

    def does(self, event: Event) -> Turn:
        session = Session.load(1, orjson.loads(orjson.dumps(self.session.dump())))
        repository = self.stage.new_repository()
        turn = Turn(session, event, at=0, repository=repository, chance=self.stage.chance, words=PlainWords())
        fire(Book((FLOW,), "form", {}), turn)
        self.session = session
        (self.screen,) = [effect for effect in turn.effects if isinstance(effect, Show)]
        return turn

    def taps(self, button: str, argument: str = "") -> Turn:
        before = self.session.revision
        turn = self.does(Press(button, argument, before, 1, "query"))
        assert self.session.revision > before, f"{button} {argument} is not on {self.at}: {self.buttons}"
        return turn

    def says(self, text: str) -> Turn:
        return self.does(Text(text))

    def adds(self, name: str, relation: str = "child") -> None:
        """From the list of items to the list of items."""
        self.taps("add_item")
        self.says(name)
        self.taps("choose", relation)
        if relation == "spouse":
            self.says("2020年")
        self.taps("skip")
        self.taps("skip")

    @property
    def at(self) -> str:
        return self.session.top.state

    @property
    def buttons(self) -> list[tuple[str, str]]:
        return [(button.id, button.argument) for row in self.screen.rows for button in row]

    @property
    def answers(self) -> dict[str, str]:
        return dict(orjson.loads(self.session.top.data.get("sheet", "{}")))


@pytest.fixture
def talk(stage: Stage) -> Talk:
    return Talk(stage)


def test_an_item_is_added_question_by_question(talk: Talk) -> None:
    talk.taps("section", "family")
    assert (talk.at, talk.buttons) == ("items", [("add_item", ""), ("items_done", "")])
    talk.adds("王小红", "spouse")
    assert talk.at == "items"
    assert talk.answers == {
        "family-1-member_name": "王小红",
        "family-1-relation": "spouse",
        "family-1-wedding": "2020年",
        "family-1-note": "",
        "family-1-paper": "",
    }
    assert talk.buttons == [("item", "1"), ("add_item", ""), ("items_done", "")]
    talk.taps("items_done")
    assert talk.at == "overview"


def test_there_are_never_more_items_than_allowed(talk: Talk) -> None:
    talk.taps("section", "family")
    talk.adds("一")
    talk.adds("二")
    assert talk.buttons == [("item", "1"), ("item", "2"), ("items_done", "")]


def test_a_condition_looks_at_the_item_it_stands_in(talk: Talk) -> None:
    talk.taps("section", "family")
    talk.adds("一", "spouse")
    talk.taps("add_item")
    assert talk.screen.values["item"] == 2
    talk.says("二")
    talk.taps("choose", "child")
    assert talk.at == "ask_note"  # a child has no wedding, though the spouse before it has


def test_what_stands_in_an_item_is_changed_and_leads_back_to_the_list(talk: Talk) -> None:
    talk.taps("section", "family")
    talk.adds("一")
    talk.taps("item", "1")
    assert talk.at == "section"
    assert ("question", "family-1-member_name") in talk.buttons
    talk.taps("question", "family-1-member_name")
    talk.says("壹")
    assert (talk.at, talk.answers["family-1-member_name"]) == ("items", "壹")
    talk.taps("item", "1")
    talk.taps("section_done")
    assert talk.at == "items"


def test_an_item_is_removed_with_all_that_is_in_it_after_asking(talk: Talk) -> None:
    talk.taps("section", "family")
    talk.adds("一")
    talk.adds("二")
    talk.taps("item", "1")
    talk.taps("question", "family-1-paper")
    talk.does(File("f", "u", as_document=False))
    talk.taps("done")
    talk.taps("item", "1")
    talk.taps("remove_item")
    assert talk.at == "remove_item"
    talk.taps("keep_item")
    assert talk.at == "section"
    talk.taps("remove_item")
    turn = talk.taps("confirm_remove")
    assert turn.told == ("item_removed", {})
    assert {slot.split("-")[1] for slot in talk.answers} == {"2"}
    assert talk.session.top.data["pictures"] == "[]"
    assert talk.buttons[0] == ("item", "2")
    talk.taps("add_item")
    assert talk.session.top.data["item"] == "3"


def test_going_back_from_the_first_question_leads_to_the_list(talk: Talk) -> None:
    talk.taps("section", "family")
    talk.taps("add_item")
    assert ("keep", "") in talk.buttons  # from the last time, for the same item
    talk.taps("previous")
    assert (talk.at, talk.answers) == ("items", {})
    talk.taps("add_item")
    talk.taps("keep")
    assert talk.answers == {"family-1-member_name": "王小明"}
    talk.taps("previous")
    assert talk.at == "ask_member_name"
    talk.taps("contents")
    assert talk.at == "overview"


def test_items_that_are_needed_are_missing_until_they_are_there(talk: Talk) -> None:
    talk.taps("section", "basics")
    talk.taps("choose", "married")
    assert talk.at == "overview"
    talk.taps("check_answers")
    assert (talk.at, talk.buttons) == ("missing", [("section", "family"), ("contents", "")])
    assert FORM.progress(FORM.sections, BUILDER.paper.sheet(_turn(talk))).total == 2
    talk.taps("section", "family")
    talk.adds("一", "spouse")
    talk.taps("items_done")
    assert talk.at == "review"
    talk.taps("change", "family")
    assert talk.at == "items"
    talk.adds("二")
    talk.taps("items_done")
    assert talk.at == "review"
    talk.taps("submit")
    assert talk.at == "done"


def test_a_gap_in_an_item_leads_to_that_item(talk: Talk) -> None:
    talk.taps("section", "basics")
    talk.taps("choose", "single")
    talk.taps("section", "family")
    talk.adds("一")
    talk.taps("add_item")
    talk.says("二")
    talk.taps("contents")
    talk.taps("check_answers")
    assert talk.buttons == [("question", "family-2-relation"), ("contents", "")]
    talk.taps("question", "family-2-relation")
    talk.taps("choose", "child")
    assert (talk.at, talk.answers["family-2-relation"]) == ("ask_note", "child")


def test_checks_see_the_answers_of_the_item(talk: Talk) -> None:
    sheet = FrameSheet({"family-1-member_name": "一", "family-1-forbidden": "一", "family-2-member_name": "一"}, [])
    first, second = FORM.scopes(FORM.section("family"), sheet)
    question = FORM.question("member_name")
    assert (first.wrong(question), second.wrong(question)) == ("too_long", None)
    assert items_of(FORM.section("family"), sheet) == ["1", "2"]


def test_parts_number_items_from_one_whatever_they_are_called(talk: Talk) -> None:
    sheet = FrameSheet({"family-3-member_name": "一", "family-10-member_name": "二"}, [])
    parts = [part for part in FORM.parts(sheet) if part.section == "family"]
    assert [(part.number, part.item) for part in parts] == [(1, "3"), (2, "10")]


def _turn(talk: Talk) -> Turn:
    repository = talk.stage.new_repository()
    return Turn(talk.session, Text(""), at=0, repository=repository, chance=talk.stage.chance, words=PlainWords())
