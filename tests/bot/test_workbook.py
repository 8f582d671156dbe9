"""Workbooks that are right, however their makers write."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from bot.jobs.workbook import read_workbook, write_workbook
from bot.jobs.workbook.columns import FORMS
from bot.rehearsal.sample_workbook import CHAOYANG, chaoyang_workbook, haidian_workbook, sample_plan
from flows.model import DAY, HOUR, MINUTE, SECOND, Plan, PlanStatus, Project, Rent, UnitType
from tests.bot.workbook_maker import (
    CLOSES,
    OPENS,
    Value,
    changed,
    edited,
    good,
    good_plan,
    made,
    part_of,
    read_mistakes,
    read_plan,
    repacked,
    screened,
    with_shared_strings,
)


def test_good_workbook_is_read_as_its_plan() -> None:
    assert read_plan(made(good())) == good_plan()


def test_texts_may_be_kept_in_a_part_of_their_own() -> None:
    content = with_shared_strings(made(good()))
    assert b"inlineStr" not in part_of(content, "xl/worksheets/sheet1.xml")
    assert read_plan(content) == good_plan()
    spoken = "<r><t>开</t></r><r><t>间</t></r><rPh><t>kai</t></rPh>"
    assert read_plan(edited(content, "xl/sharedStrings.xml", ("<t>开间</t>", spoken))) == good_plan()


def test_plan_written_and_read_is_the_same_plan() -> None:
    assert read_plan(write_workbook(good_plan())) == good_plan()


def test_sample_of_haidian_reads_as_four_projects_with_860_homes() -> None:
    plan = read_plan(haidian_workbook(OPENS, CLOSES))
    assert plan == sample_plan("HD2603", "海淀区2026年第三批保租房", OPENS, CLOSES)
    assert [project.name for project in plan.projects] == ["清河家园", "永丰嘉苑", "学院路公寓", "西三旗新寓"]
    assert plan.homes == 860
    assert plan.announced_on == date(2026, 11, 10)
    assert all(unit_type.rents for project in plan.projects for unit_type in project.unit_types)
    assert "自 2026年11月24日 09:00 起，至 2026年11月28日 17:00 止" in plan.notice_text


def test_sample_of_chaoyang_opens_when_told_to_the_second() -> None:
    opens_at = OPENS + 2 * MINUTE + 7 * SECOND
    plan = read_plan(chaoyang_workbook(opens_at, opens_at + DAY))
    assert plan.projects == CHAOYANG
    assert (plan.opens_at, plan.closes_at) == (opens_at, opens_at + DAY)
    assert plan.status(opens_at - 1) is PlanStatus.UPCOMING
    assert plan.status(opens_at) is PlanStatus.OPEN


def test_blank_template_has_every_sheet_and_asks_for_a_plan_and_a_project() -> None:
    assert [(each.sheet, each.key) for each in read_mistakes(write_workbook())] == [
        ("计划", "plan_missing"),
        ("项目", "project_missing"),
    ]


def test_five_thousand_rents_are_read() -> None:
    rents = tuple(
        Rent(f"{number // 100 + 1} 号楼 {number} 室", 3_000 + number, 200_000 + number) for number in range(5_000)
    )
    units = (UnitType("A1", "开间", 3_000, 5_000, rents=rents),)
    plan = Plan("HD2603", "大计划", OPENS, CLOSES, projects=(Project("QH01", "清河家园", "安宁庄", unit_types=units),))
    assert read_plan(write_workbook(plan)) == plan


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-24 09:00",
        "2026-11-24 9:00",
        "2026/11/24 9:00",
        "2026.11.24 09:00",
        "2026年11月24日 09:00",
        "2026年11月24日09:00",
        "2026年11月24日9时",
        "2026年11月24日 9点00分",
        "2026-11-24T09:00:00",
        "２０２６-１１-２４　０９：００",
        "２０２６年１１月２４日　９：００",
        "  2026-11-24   09:00\n",
        datetime.fromisoformat("2026-11-24T09:00"),
    ],
)
def test_opening_is_understood_in_every_usual_form(written: Value) -> None:
    assert read_plan(made(changed("计划", 2, "登记开始", written))).opens_at == OPENS


def test_24_00_ends_the_day() -> None:
    plan = read_plan(made(changed("计划", 2, "登记截止", "2026-11-28 24:00")))
    assert plan.closes_at == OPENS + 4 * DAY + 15 * HOUR


def test_midnight_of_a_date_cell_that_shows_hours_is_a_time() -> None:
    at_midnight = datetime.fromisoformat("2026-11-29")
    assert read_plan(made(changed("计划", 2, "登记截止", at_midnight))).closes_at == OPENS + 4 * DAY + 15 * HOUR


@pytest.mark.parametrize(
    "written", ["2026-11-10", "2026/11/10", "2026年11月10日", "２０２６－１１－１０", date(2026, 11, 10)]
)
def test_day_is_understood_in_every_usual_form(written: Value) -> None:
    assert read_plan(made(changed("计划", 2, "公布日期", written))).announced_on == date(2026, 11, 10)


def test_dates_of_the_calendar_since_1904_are_the_same_days() -> None:
    def count_from_1904(workbook: Workbook) -> None:
        workbook.epoch = CALENDAR_MAC_1904

    content = made(changed("计划", 2, "公布日期", date(2026, 11, 10)), count_from_1904)
    assert b'date1904="1"' in part_of(content, "xl/workbook.xml")
    assert read_plan(content) == good_plan()


@pytest.mark.parametrize(
    ("written", "fen"),
    [
        (4500, 450_000),
        (4500.5, 450_050),
        (56.5 * 79.6, 449_740),  # 4497.400000000001
        ("4500", 450_000),
        ("4,500.50", 450_050),
        ("4500元", 450_000),
        ("4500 元/月", 450_000),
        ("￥4,500", 450_000),
        ("４，５００．５元", 450_050),
        ("0.01", 1),
    ],
)
def test_rent_is_understood_in_every_usual_form(written: Value, fen: int) -> None:
    plan = read_plan(made(changed("租金", 2, "月租金", written)))
    assert plan.projects[0].unit_types[0].rents[0].monthly == fen


@pytest.mark.parametrize("written", [56.5, "56.5", "56.50㎡", "56.5 m²", "56.5平方米", "５６．５平米"])
def test_area_is_understood_in_every_usual_form(written: Value) -> None:
    assert read_plan(made(changed("户型", 2, "建筑面积", written))).projects[0].unit_types[0].area == 5_650


@pytest.mark.parametrize("written", [860, 860.0, "860", "860套", "８６０ 套"])
def test_number_of_homes_is_understood_in_every_usual_form(written: Value) -> None:
    assert read_plan(made(changed("户型", 2, "套数", written))).homes == 860


@pytest.mark.parametrize("written", [40.0331, "40.0331", "40.0331°", "北纬40.0331°", "４０．０３３１", "40.0331° N"])
def test_latitude_is_understood_in_every_usual_form(written: Value) -> None:
    assert read_plan(made(changed("项目", 2, "纬度", written))).projects[0].latitude == 40.0331


def test_codes_may_be_numbers_and_fullwidth() -> None:
    book = changed("计划", 2, "编号", "ＨＤ２６０３")
    book["项目"][1][0] = 1
    book["户型"][1][0] = "1"
    book["户型"][1][1] = 12.0
    book["租金"][1][:2] = book["租金"][2][:2] = ["１", "12"]
    plan = read_plan(made(book))
    assert (plan.code, plan.projects[0].code, plan.projects[0].unit_types[0].code) == ("HD2603", "1", "12")
    assert len(plan.projects[0].unit_types[0].rents) == 2


def test_phone_typed_as_a_number_keeps_its_digits() -> None:
    assert read_plan(made(changed("计划", 2, "联系电话", 13800138000))).phone == "13800138000"


def test_headings_may_come_in_any_order_without_asterisk_and_with_units() -> None:
    book = good()
    book["租金"] = [list(reversed(row)) for row in book["租金"]]
    book["租金"][0] = ["月租金（元）", "面积 (㎡)", "房 源", "户型编号", "＊项目编号"]
    assert read_plan(made(book)) == good_plan()


def test_optional_columns_may_be_missing() -> None:
    book = good()
    book["计划"] = [[row[0], row[1], row[4], row[5]] for row in book["计划"]]
    plan = read_plan(made(book))
    assert (plan.notice_title, plan.announced_on, plan.phone) == ("", None, "")
    assert plan.projects == good_plan().projects


def test_title_above_headings_empty_rows_and_blanks_do_no_harm() -> None:
    book = good()
    headings, first, second = book["项目"]
    book["项目"] = [["配租项目一览表"], [], headings, [" ", None], first, [], second]

    def merge(workbook: Workbook) -> None:
        workbook["项目"].merge_cells("A1:G1")
        workbook["项目"].merge_cells("I3:J9")

    assert read_plan(made(book, merge)) == good_plan()


def test_explanations_and_empty_sheets_are_left_alone() -> None:
    book: dict[str, list[list[Value]]] = {
        "说明（必读）": [["请先阅读"]],
        **good(),
        "Sheet2": [],
        "条件": [],
        "填报项": [],
    }
    assert read_plan(made(book)) == good_plan()


def test_hidden_sheets_and_rows_are_read_like_others() -> None:
    def hide(workbook: Workbook) -> None:
        workbook["租金"].sheet_state = "hidden"
        workbook["项目"].row_dimensions[3].hidden = True
        workbook["项目"].column_dimensions["D"].hidden = True

    assert read_plan(made(good(), hide)) == good_plan()


def test_text_loses_what_does_not_show_and_keeps_its_paragraphs() -> None:
    book = changed("项目", 2, "简介", "\u3000\u3000第一段\u202e \r\n\r\n\r\n\r\n第\u200b二段\t\u0085完\n\n")
    book["项目"][1][1] = " 清河\u3000 家园\ufeff\n"
    project = read_plan(made(book)).projects[0]
    assert project.text == "\u3000\u3000第一段\n\n第二段 完"
    assert project.name == "清河 家园"


def test_rare_characters_stay() -> None:
    book = changed("项目", 2, "名称", "䶮𠅤𬍛家园🏠")
    assert read_plan(made(book)).projects[0].name == "䶮𠅤𬍛家园🏠"


def test_text_that_looks_like_a_formula_or_an_escape_survives_writing() -> None:
    plan = replace(good_plan(), name="=1+1", notice_text="_x000D_ 与 _x005F_")
    assert read_plan(write_workbook(plan)) == plan


def test_columns_marked_as_required_are_those_that_are() -> None:
    for form in FORMS:
        headings = [str(each) for each in screened()[form.title][0]]
        assert [column.heading + "*" * column.required for column in form.columns] == headings


def test_inline_rich_and_escaped_text_and_cells_without_references_are_read() -> None:
    rows = (
        "<row><c t='inlineStr'><is><t>项目编号</t></is></c><c t='inlineStr'><is><t>编号</t></is></c>"
        "<c t='inlineStr'><is><t>名称</t></is></c></row>"
        "<row><c t='str'><v>QH01</v></c><c t='n'><v>7</v></c>"
        "<c t='inlineStr'><is><r><t>一</t></r><r><t>居_x000D_室</t></r><rPh><t>yi ju</t></rPh></is></c></row>"
    )
    sheet = (
        f"<worksheet xmlns='http://purl.oclc.org/ooxml/spreadsheetml/main'><sheetData>{rows}</sheetData></worksheet>"
    )
    book = good()
    book["租金"] = book["租金"][:1]
    content = made(book)
    plan = read_plan(repacked(content, {"xl/worksheets/sheet3.xml": sheet.encode()}))
    assert plan.projects[0].unit_types == (UnitType("7", "一居 室"),)


def test_reading_is_repeatable() -> None:
    content = made(good())
    assert read_workbook(content) == read_workbook(content)
