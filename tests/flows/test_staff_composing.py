"""A new plan step by step: kinds of answers, what does not go together, leaving and coming back, the draft it makes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from flows.engine.fields import Invalid, Kind
from flows.engine.form import MOST_BYTES
from flows.engine.kinds import (
    Area,
    Code,
    Degrees,
    Instant,
    ItemChoice,
    Paragraphs,
    after,
    before,
    not_taken,
    read_moment,
)
from flows.events import Edited, File, Press
from flows.model import Plan, Project, Rent, UnitType
from flows.staff.composing import PAPER, PlanSheet, unfinished
from flows.staff.model import SYSTEM, Act, Role
from flows.staff.plan_form import HOMES, PLAN_FORM, RentLines, plan_of
from tests.flows.stage import Chat, Stage
from tests.flows.town import OPEN

EDITOR = 12
OPENS, CLOSES = "2026-12-24 09:00", "2026-12-28 17:00"


@pytest.fixture
def editor(stage: Stage) -> Chat:
    stage.repository.add_staff(EDITOR, Role.EDITOR, "李雷", SYSTEM, stage.now)
    chat = stage.chat(EDITOR)
    enters(chat)
    return chat


def enters(chat: Chat) -> None:
    """The plans of the desk."""
    chat.commands("staff")
    chat.taps("desk_plans")


def composes(chat: Chat) -> Chat:
    chat.taps("compose")
    assert chat.at == "composing/overview"
    return chat


def fills_in_plan(chat: Chat, code: str = "CY2604") -> None:
    chat.taps("section", "plan")
    for text in ("朝阳区2026年第四批保租房", code, OPENS, CLOSES):
        chat.says(text)
    assert chat.at == "composing/overview"


def adds_project(chat: Chat, name: str, code: str, place: str = "") -> None:
    """From the list of projects and back to it."""
    chat.taps("add_item")
    chat.says(name)
    chat.says(code)
    chat.taps("choose", "chaoyang")
    chat.says("望京街 1 号")
    if place:
        chat.says(place)
    else:
        chat.taps("skip")
    chat.taps("skip")
    assert chat.at == "composing/items"


def adds_unit(chat: Chat, project: str, code: str, rents: str = "") -> None:
    chat.taps("add_item")
    chat.taps("choose", project)
    chat.says("一居室")
    chat.says(code)
    chat.says("45.3㎡")
    chat.says("20套")
    if rents:
        chat.says(rents)
    else:
        chat.taps("skip")
    assert chat.at == "composing/items"


def fills_in(chat: Chat) -> None:
    composes(chat)
    fills_in_plan(chat)
    chat.taps("section", "projects")
    adds_project(chat, "望京家园", "WJ", "北纬 39.99，东经 116.47")
    chat.taps("items_done")
    chat.taps("section", "units")
    adds_unit(chat, "1", "A", "3-301 45.3 2100\n3-302 2,150.5元/月")
    chat.taps("items_done")
    chat.taps("check_answers")
    assert chat.at == "composing/review"


def refusal(kind: Kind, text: str, options: Mapping[str, str] | None = None) -> str:
    with pytest.raises(Invalid) as refused:
        kind.parse(text, options or {})
    assert refused.value.key in kind.errors
    return refused.value.key


# --- kinds -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["2026-11-24 09:00", "2026年11月24日9点", "２０２６.11.24　9：00", "2026/11/24T09时00分"]
)
def test_a_moment_is_beijing_time_in_any_usual_spelling(text: str) -> None:
    assert Instant().parse(text, {}) == "1795482000000"
    assert read_moment(text) == 1_795_482_000_000


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("明天9点", "not_a_moment"),
        ("2026-11-24", "not_a_moment"),
        ("2026-02-30 09:00", "no_such_moment"),
        ("2026-11-24 25:00", "no_such_moment"),
        ("1999-11-24 09:00", "no_such_moment"),
    ],
)
def test_what_is_no_moment_is_refused(text: str, key: str) -> None:
    assert refusal(Instant(), text) == key


def test_paragraphs_keep_their_lines_and_no_more_than_one_empty_one() -> None:
    assert Paragraphs().parse("  一、\n\n\n\n二、 \n三、\n", {}) == "一、\n\n二、\n三、"
    assert refusal(Paragraphs(), " \n ") == "empty"
    assert refusal(Paragraphs(5), "一二三四五六") == "too_long"


def test_a_code_has_letters_and_digits() -> None:
    assert Code(2, 16, marks=False).parse("ＨＤ2603", {}) == "HD2603"
    assert Code().parse("QH-1_a", {}) == "QH-1_a"
    for wrong in ("H", "HD-2603", "海淀2603", "H" * 17, ""):
        assert refusal(Code(2, 16, marks=False), wrong) == "not_a_code"


@pytest.mark.parametrize("text", ["45.3", "45.3㎡", "45.30 平方米", "４５.3m²", "45.3平"])
def test_an_area_is_kept_in_hundredths(text: str) -> None:
    assert Area().parse(text, {}) == "4530"


@pytest.mark.parametrize("text", ["", "0", "10001", "45.333", "四十五", "45,3", "-3"])
def test_what_is_no_area_is_refused(text: str) -> None:
    assert refusal(Area(), text) == "not_an_area"


@pytest.mark.parametrize(
    "text", ["40.0345 116.3402", "116.3402,40.0345", "北纬40.0345°，东经116.3402°", "40.0345N 116.3402E"]
)
def test_a_place_is_read_in_either_order(text: str) -> None:
    assert Degrees().parse(text, {}) == "40.0345 116.3402"


@pytest.mark.parametrize("text", ["", "40.0345", "31.2 121.5", "清河路 1 号", "40.0 116.3 5"])
def test_what_is_no_place_in_beijing_is_refused(text: str) -> None:
    assert refusal(Degrees(), text) == "not_a_place"


def test_rents_are_tidied_and_stay_as_they_are() -> None:
    kept = RentLines().parse("3-301  45.3㎡、2100元\n\n3-302，2,150.50元/月\n３-303 1万", {})
    assert kept == "3-301 45.3 2100\n3-302 2150.50\n3-303 10000"
    assert RentLines().parse(kept, {}) == kept


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "rent_line"),
        ("3-301", "rent_line"),
        ("3-301,45.3,2100", "rent_line"),
        ("3 单元 301 45.3 2100", "rent_line"),
        ("3-301 大 2100", "rent_area"),
        ("3-301 45.3 面议", "rent_money"),
        ("3-301 45.3 0", "rent_money"),
        ("3-301 2100\n3-301 2200", "rent_twice"),
        ("\n".join(f"{home} 2100" for home in range(HOMES + 1)), "too_many_rents"),
    ],
)
def test_a_wrong_line_of_rents_is_named(text: str, key: str) -> None:
    assert refusal(RentLines(), text) == key


def test_the_number_of_a_wrong_line_is_said() -> None:
    with pytest.raises(Invalid) as refused:
        RentLines().parse("3-301 2100\n3-302 x", {})
    assert refused.value.values_ == {"number": 2, "line": "3-302 x"}


PROJECTS = {"projects-10-project_name": "乙", "projects-2-project_name": "甲", "projects-2-project_code": "A"}
PROJECT = ItemChoice("projects", "project_name")


def test_items_of_another_section_are_chosen_by_number_or_name() -> None:
    assert dict(PROJECT.choices(PROJECTS)) == {"2": "甲", "10": "乙"}
    assert PROJECT.parse("乙", PROJECT.choices(PROJECTS)) == "10"
    assert refusal(PROJECT, "丙", PROJECT.choices(PROJECTS)) == "not_an_option"
    assert refusal(PROJECT, "甲") == "nothing_to_choose"
    assert (PROJECT.written("10", PROJECTS), PROJECT.written("3", PROJECTS)) == ("乙", "")
    assert [[button.argument for button in row] for row in PROJECT.buttons("2", PROJECTS)] == [["2"], ["10"]]
    many = {f"projects-{number}-project_name": "x" for number in range(12)}
    assert [len(row) for row in PROJECT.buttons(None, many)] == [2] * 6


def test_answers_that_do_not_go_together() -> None:
    assert after("opens_at")("5", {"opens_at": "5"}) == "closes_before_opening"
    assert after("opens_at")("6", {"opens_at": "5"}) is after("opens_at")("6", {}) is None
    assert before("closes_at")("5", {"closes_at": "5"}) == "opens_after_closing"
    assert before("closes_at")("4", {"closes_at": "5"}) is before("closes_at")("4", {}) is None
    others = {"units-1-unit_code": "A", "units-1-unit_project": "1", "unit_project": "1"}
    taken = not_taken("units", "unit_code", within="unit_project")
    assert taken("A", others) == "code_taken"
    assert taken("B", others) is taken("A", {**others, "unit_project": "2"}) is None
    assert not_taken("units", "unit_code")("A", {"units-1-unit_code": "A"}) == "code_taken"


# --- the conversation ------------------------------------------------------------------------------------------------


def test_a_plan_entered_step_by_step_becomes_a_draft(stage: Stage, editor: Chat) -> None:
    fills_in(editor)
    reaction = editor.taps("submit")
    assert (editor.at, reaction.notice) == ("draft/card", "draft_made")
    number = stage.repository.draft_of("CY2604", EDITOR)
    assert number is not None
    assert stage.repository.draft_plan(number) == Plan(
        "CY2604",
        "朝阳区2026年第四批保租房",
        read_moment(OPENS),
        read_moment(CLOSES),
        projects=(
            Project(
                "WJ",
                "望京家园",
                "望京街 1 号",
                "朝阳区",
                39.99,
                116.47,
                unit_types=(
                    UnitType(
                        "A", "一居室", 4_530, 20, rents=(Rent("3-301", 4_530, 210_000), Rent("3-302", None, 215_050))
                    ),
                ),
            ),
        ),
    )
    assert stage.repository.log_page("", 0, 1)[0].act is Act.DRAFTED
    assert not stage.repository.plan_sheet(EDITOR)
    editor.taps("publish")
    editor.taps("confirm_publish")
    assert editor.at == "desk_plans/list"
    assert stage.repository.plan("CY2604") is not None


def test_it_is_left_and_taken_up_again(stage: Stage, editor: Chat) -> None:
    fills_in_plan(composes(editor))
    editor.taps("section", "notice")
    for text in ("公告", "第一条\n第二条", "2026-12-01", "010-12345678"):
        editor.says(text)
    editor.commands("cancel")
    enters(editor)
    assert editor.buttons[0].id == "compose"
    assert editor.buttons[0].values == {"unfinished": "朝阳区2026年第四批保租房"}
    composes(editor)
    editor.taps("section", "notice")
    assert editor.at == "composing/ask_plan_hours"
    editor.taps("skip")
    plan = dict(stage.repository.plan_sheet(EDITOR))
    assert (plan["notice_text"], plan["plan_hours"]) == ("第一条\n第二条", "")


def test_it_is_its_own_clerks_only(stage: Stage, editor: Chat) -> None:
    fills_in_plan(composes(editor))
    stage.repository.add_staff(13, Role.EDITOR, "韩梅梅", SYSTEM, stage.now)
    other = stage.chat(13)
    enters(other)
    assert next(button for button in other.buttons if button.id == "compose").values == {"unfinished": None}
    assert unfinished(other.turn()) is None
    assert unfinished(editor.turn()) == "朝阳区2026年第四批保租房"


def test_it_is_thrown_away_after_asking(stage: Stage, editor: Chat) -> None:
    assert "throw_away" not in composes(editor).ids
    fills_in_plan(editor)
    editor.taps("throw_away")
    editor.taps("back")
    editor.taps("throw_away")
    assert stage.repository.plan_sheet(EDITOR)
    reaction = editor.taps("confirm_throwing_away")
    assert (editor.at, reaction.notice) == ("desk_plans/list", "sheet_thrown_away")
    assert not stage.repository.plan_sheet(EDITOR)


def test_closing_before_opening_is_said_at_the_question(editor: Chat) -> None:
    composes(editor)
    editor.taps("section", "plan")
    for text in ("甲", "CY2604", OPENS):
        editor.says(text)
    assert editor.says(OPENS).error == "closes_before_opening"
    assert editor.at == "composing/ask_closes_at"
    editor.says(CLOSES)
    editor.taps("section", "plan")
    editor.taps("question", "opens_at")
    assert editor.says("2027-01-01 09:00").error == "opens_after_closing"


def test_codes_are_used_once(editor: Chat) -> None:
    composes(editor)
    editor.taps("section", "projects")
    adds_project(editor, "望京家园", "WJ")
    editor.taps("add_item")
    editor.says("望京二区")
    assert editor.says("WJ").error == "code_taken"
    editor.says("WJ2")
    editor.taps("contents")
    editor.taps("section", "units")
    adds_unit(editor, "1", "A")
    editor.taps("add_item")
    editor.taps("choose", "1")
    editor.says("两居室")
    assert editor.says("A").error == "code_taken"
    editor.taps("previous")
    editor.taps("previous")
    editor.taps("choose", "2")
    editor.says("A")
    assert editor.at == "composing/ask_unit_area"


def test_typing_the_same_code_again_is_no_second_one(editor: Chat) -> None:
    composes(editor)
    editor.taps("section", "projects")
    adds_project(editor, "望京家园", "WJ")
    editor.taps("item", "1")
    editor.taps("question", "projects-1-project_code")
    assert editor.says("WJ").error == ""
    assert editor.at == "composing/items"


def test_without_a_project_there_is_none_to_choose(editor: Chat) -> None:
    composes(editor)
    editor.taps("section", "units")
    editor.taps("add_item")
    assert editor.says("望京家园").error == "nothing_to_choose"
    editor.taps("contents")
    editor.taps("section", "projects")
    adds_project(editor, "望京家园", "WJ")
    editor.taps("items_done")
    editor.taps("section", "units")
    editor.taps("add_item")
    assert editor.says("清河家园").error == "not_an_option"
    editor.says("望京")
    assert editor.at == "composing/ask_unit_name"


def test_a_removed_project_leaves_its_unit_types_without_one(stage: Stage, editor: Chat) -> None:
    fills_in(editor)
    editor.taps("change", "projects")
    editor.taps("item", "1")
    editor.taps("remove_item")
    editor.taps("confirm_remove")
    adds_project(editor, "望京二区", "WJ2")
    assert "units-1-unit_project" not in stage.repository.plan_sheet(EDITOR)
    editor.taps("items_done")
    assert editor.at == "composing/missing"
    editor.taps("question", "units-1-unit_project")
    editor.taps("choose", "1")
    assert editor.at == "composing/items"
    editor.taps("items_done")
    assert editor.at == "composing/review"


def test_items_come_in_pages_and_a_new_one_is_seen(stage: Stage, editor: Chat) -> None:
    composes(editor)
    for number in range(1, 7):
        stage.repository.save_plan_answer(EDITOR, f"projects-{number}-project_name", f"小区 {number}", stage.now)
    editor.taps("section", "projects")
    assert "page" not in editor.ids
    adds_project(editor, "望京家园", "WJ")
    assert [button.argument for button in editor.buttons if button.id == "item"] == ["7"]
    editor.taps("page", "1")
    assert [button.argument for button in editor.buttons if button.id == "item"] == ["1", "2", "3", "4", "5", "6"]
    assert [button.values["unfinished"] for button in editor.buttons if button.id == "item"] == [True] * 6
    editor.taps("items_done")
    editor.taps("check_answers")
    assert len([button for button in editor.buttons if button.id != "contents"]) == 21


@pytest.mark.parametrize("by", ["plan", "draft"])
def test_a_code_that_is_used_elsewhere_overwrites_nothing(stage: Stage, editor: Chat, by: str) -> None:
    fills_in(editor)
    editor.taps("change", "plan")
    editor.taps("question", "plan_code")
    code = OPEN.code
    if by == "draft":
        code = "CY9"
        stage.repository.keep_draft(Plan(code, "另一个", 0, 1), None, EDITOR, stage.now)
    editor.says(code)
    reaction = editor.taps("submit")
    assert (editor.at, reaction.error) == ("composing/ask_plan_code", "plan_code_taken")
    editor.says("CY2605")
    assert editor.at == "composing/review"
    editor.taps("submit")
    assert editor.at == "draft/card"


def test_whoever_loses_the_role_finds_the_door_closed(stage: Stage, editor: Chat) -> None:
    composes(editor)
    editor.taps("section", "plan")
    stage.repository.change_role(EDITOR, Role.REVIEWER)
    editor.says("朝阳区2026年第四批保租房")
    assert editor.at == "home/menu"
    assert not stage.repository.plan_sheet(EDITOR)
    assert editor.does(Press("compose", "", editor.session.revision)).toast == "stale"


def test_a_file_is_not_what_the_form_takes(editor: Chat) -> None:
    composes(editor)
    editor.taps("section", "plan")
    reaction = editor.does(File("f", "u", as_document=False, size=MOST_BYTES))
    assert (editor.at, reaction.error) == ("composing/ask_plan_name", "expects_text")


def test_a_plan_has_no_pictures_until_it_is_a_draft(stage: Stage, editor: Chat) -> None:
    turn = stage.turn(editor.session, Edited())
    PAPER.add_picture(turn, "plan_name", File("f", "u", as_document=False))
    PAPER.remove_pictures(turn, "plan_name")
    assert not PAPER.show_pictures(turn, ())
    assert PAPER.sheet(turn) == PlanSheet({})


def test_a_sheet_with_all_that_can_be_left_out_left_out() -> None:
    answers = {"plan_name": "甲", "plan_code": "A1", "opens_at": "1", "closes_at": "2", "announced_on": "2026-12-01"}
    answers |= {
        "projects-3-project_name": "乙",
        "projects-3-project_code": "B",
        "projects-3-project_district": "haidian",
    }
    answers |= {"projects-3-project_address": "丙", "units-1-unit_project": "3", "units-1-unit_name": "丁"}
    answers |= {"units-1-unit_code": "C", "units-1-unit_homes": "7"}
    sheet = PlanSheet(answers)
    assert PLAN_FORM.gaps(sheet) == []
    unit = UnitType("C", "丁", homes=7)
    project = Project("B", "乙", "丙", "海淀区", unit_types=(unit,))
    assert plan_of(sheet) == Plan("A1", "甲", 1, 2, announced_on=date(2026, 12, 1), projects=(project,))
