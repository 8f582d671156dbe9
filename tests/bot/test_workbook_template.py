"""What is sent out to be filled in: the blank workbook, the example, and a plan as a workbook."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook

from bot.jobs.workbook import FieldKind, example_workbook, read_workbook, template_workbook, write_workbook
from bot.jobs.workbook.columns import DEMANDS, FORMS, RELATIONS
from bot.jobs.workbook.dressing import DISTRICTS, OPTIONS
from bot.jobs.workbook.example import example_plan
from bot.jobs.workbook.fields import Catalogue
from flows.applicant.application import DISTRICTS as DISTRICT_KEYS
from flows.model import SECOND, Condition, Relation
from tests.bot.workbook_maker import FIELDS, Value, good_plan, read_mistakes, read_plan, screened, screened_plan

BLANK = template_workbook(FIELDS)


def opened(content: bytes) -> Workbook:
    return load_workbook(BytesIO(content))


def saved(book: Workbook) -> bytes:
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def test_template_has_an_explanation_first_all_six_sheets_and_a_hidden_list() -> None:
    book = opened(BLANK)
    assert book.sheetnames == ["说明", "计划", "项目", "户型", "租金", "条件", "填报项", OPTIONS]
    assert [sheet.title for sheet in book if sheet.sheet_state != "visible"] == [OPTIONS]


def test_template_has_headings_with_notes_and_nothing_below() -> None:
    book = opened(BLANK)
    for form in FORMS:
        sheet = book[form.title]
        assert sheet.freeze_panes == "A2"
        assert sheet.max_row == 1
        for cell, column in zip(sheet[1], form.columns, strict=True):
            assert cell.value == column.heading + "*" * column.required
            assert cell.font.bold
            assert cell.fill.fgColor.rgb != "00000000"
            assert cell.comment is not None
            assert column.note in cell.comment.text
            assert column.example in cell.comment.text


def test_template_sent_back_as_it_is_asks_for_a_plan_and_a_project() -> None:
    found = [(each.sheet, each.key) for each in read_mistakes(BLANK)]
    assert found == [("计划", "plan_missing"), ("项目", "project_missing")]


def test_template_filled_in_is_imported() -> None:
    book = opened(BLANK)
    for title, rows in screened().items():
        for row in rows[1:]:
            book[title].append(row)
    assert read_plan(saved(book)) == screened_plan()


def test_template_filled_in_with_dates_of_excel_is_imported() -> None:
    book = opened(write_workbook(good_plan(), FIELDS))
    sheet = book["计划"]
    assert sheet["E2"].value == datetime.fromisoformat("2026-11-24T09:00")
    sheet["F2"].value = datetime.fromisoformat("2026-11-28T17:00")
    assert read_plan(saved(book)) == good_plan()


def rules(title: str) -> dict[str, tuple[str, str, str]]:
    """Column → type, first formula and severity."""
    return {
        str(rule.sqref).partition("2")[0]: (str(rule.type), str(rule.formula1), str(rule.errorStyle))
        for rule in opened(BLANK)[title].data_validations.dataValidation
    }


def test_template_offers_lists() -> None:
    assert rules("项目")["C"] == ("list", f'"{",".join(DISTRICTS)}"', "warning")
    assert rules("户型")["A"] == ("list", "'项目'!$A$2:$A$10000", "warning")
    assert rules("条件") == {
        "A": ("list", f"'{OPTIONS}'!$A$1:$A$10", "stop"),
        "B": ("list", f'"{",".join(RELATIONS)}"', "stop"),
    }
    assert rules("填报项") == {
        "A": ("list", f"'{OPTIONS}'!$B$1:$B$8", "stop"),
        "B": ("list", f'"{",".join(DEMANDS)}"', "stop"),
    }
    options = opened(BLANK)[OPTIONS]
    listed = [[cell.value for cell in column if cell.value] for column in options.iter_cols()]
    comparable = [each.label for each in FIELDS.values() if each.kind is not FieldKind.PICTURES]
    assert listed == [[*comparable, "年龄", "家庭人数", "家庭人均年收入"], [each.label for each in FIELDS.values()]]


def test_template_refuses_what_is_no_date_and_no_number() -> None:
    assert {column: rule[0] for column, rule in rules("计划").items()} == {
        "A": "textLength",
        "E": "date",
        "F": "date",
        "G": "date",
    }
    assert rules("计划")["F"][1] == "E2"
    assert {column: rule[0] for column, rule in rules("租金").items()} == {
        "A": "list",
        "B": "textLength",
        "D": "decimal",
        "E": "decimal",
    }


def test_rules_keep_to_what_excel_takes() -> None:
    for sheet in opened(BLANK):
        for rule in sheet.data_validations.dataValidation:
            assert len(rule.errorTitle) <= 32
            assert 0 < len(rule.error) <= 255
            assert len(str(rule.formula1)) <= 255


def test_districts_are_those_of_the_form() -> None:
    assert len(DISTRICTS) == len(DISTRICT_KEYS) == 16


def test_explanation_tells_every_column_and_every_field() -> None:
    told = {str(cell.value) for row in opened(BLANK)["说明"].iter_rows() for cell in row if cell.value}
    for form in FORMS:
        assert {form.title, *(column.note for column in form.columns)} <= told
    assert {each.label for each in Catalogue(FIELDS).fields.values()} <= told
    assert "北京城镇户口、北京农业户口、外地户口" in told


def test_example_is_imported_as_it_is() -> None:
    plan = read_plan(example_workbook(FIELDS))
    assert plan == example_plan(FIELDS)
    assert [each.field for each in plan.conditions] == ["age", "insured_months"]
    assert plan.demands


def test_example_of_a_form_without_its_questions_is_imported_too() -> None:
    plan = read_workbook(example_workbook({}), {})
    assert plan == example_plan({})
    insured = replace(FIELDS["insured_months"], kind=FieldKind.TEXT)
    assert example_plan({"insured_months": insured}).conditions == example_plan({}).conditions


@pytest.mark.parametrize(
    "text", ["=1+1", "+8613800138000", "-5", "@SUM(A1)", "=cmd|' /C calc'!A0", "'=1", "1e5", "TRUE"]
)
def test_text_that_looks_like_a_formula_stays_text(text: str) -> None:
    condition = Condition("employer", Relation.EQUALS, (text,), text)
    plan = replace(good_plan(), name=text, phone=text, conditions=(condition,))
    content = write_workbook(plan, FIELDS)
    assert read_plan(content) == plan
    book = opened(content)
    for cell in (book["计划"]["B2"], book["计划"]["H2"], book["条件"]["C2"], book["条件"]["D2"]):
        assert (cell.value, cell.data_type, cell.number_format) == (text, "s", "@")


def test_times_are_kept_to_the_second() -> None:
    plan = replace(good_plan(), opens_at=good_plan().opens_at + 7 * SECOND)
    assert read_plan(write_workbook(replace(plan, opens_at=plan.opens_at + 999), FIELDS)) == plan
    formats: list[Value] = [opened(write_workbook(plan))["计划"][place].number_format for place in ("E2", "F2", "G2")]
    assert formats == ["yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd hh:mm", "yyyy-mm-dd"]
