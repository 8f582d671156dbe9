"""The sheets 条件 and 填报项: what they say, however it is written, and what is wrong with them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.jobs.workbook import DERIVED, Field, FieldKind, example_workbook, fields_of, read_workbook, write_workbook
from bot.jobs.workbook.fields import Catalogue, Names
from bot.windows import Windows
from flows.applicant.application import FORM
from flows.model import Condition, Demand, Plan, Relation
from tests.bot.workbook_maker import (
    FIELDS,
    Value,
    changed,
    good,
    good_plan,
    made,
    places,
    read_mistakes,
    read_plan,
    screened,
    screened_plan,
)

INSURED, INCOME, HUKOU, AGE, CONTRACT, EMPLOYER = range(2, 8)  # rows of the sheet 条件


def test_conditions_and_demands_are_read() -> None:
    assert read_plan(made(screened())) == screened_plan()


def test_conditions_and_demands_written_and_read_are_the_same() -> None:
    assert read_plan(write_workbook(screened_plan(), FIELDS)) == screened_plan()


@pytest.mark.parametrize(
    ("left", "plan"),
    [("条件", replace(screened_plan(), conditions=())), ("填报项", replace(screened_plan(), demands=()))],
)
def test_either_sheet_may_be_missing_empty_or_have_headings_only(left: str, plan: Plan) -> None:
    book = screened()
    for rows in (book[left][:1], []):
        book[left] = rows
        assert read_plan(made(book)) == plan
    del book[left]
    assert read_plan(made(book)) == plan


def test_without_fields_both_sheets_are_left_alone() -> None:
    book = screened() | {"条件": [["随便"]]}
    assert read_workbook(made(book)) == good_plan()


def test_fields_may_be_named_by_key_and_with_spaces() -> None:
    book = screened()
    book["条件"][INSURED - 1][0] = "insured_months"
    book["条件"][HUKOU - 1][0] = " 户口 所在地 *"
    book["条件"][HUKOU - 1][2] = "beijing_urban，北京农业户口"
    book["填报项"][1] = ["ＥＤＵＣＡＴＩＯＮ", " 必 填 "]
    assert read_plan(made(book)) == screened_plan()


@pytest.mark.parametrize(
    ("word", "relation"),
    [
        ("等于", Relation.EQUALS),
        ("不等于", Relation.DIFFERS),
        ("不少于", Relation.AT_LEAST),
        (" 不多于\n", Relation.AT_MOST),
        ("属于", Relation.AMONG),
        ("不属于", Relation.NOT_AMONG),
    ],
)
def test_every_relation_is_understood(word: str, relation: Relation) -> None:
    assert read_plan(made(changed("条件", INSURED, "关系", word))).conditions[0].relation is relation


@pytest.mark.parametrize(
    ("row", "written", "kept"),
    [
        (INSURED, 12.0, "12"),
        (INSURED, "12 个月", "12"),
        (INSURED, "１２", "12"),
        (INSURED, "1,200", "1200"),
        (INSURED, 0, "0"),
        (INCOME, 150000, "15000000"),
        (INCOME, 85000.5, "8500050"),
        (INCOME, "85,000元", "8500000"),
        (INCOME, "￥8.5万", "8500000"),
        (INCOME, "８．５万元", "8500000"),
        (INCOME, "人民币 10 万元", "10000000"),
        (INCOME, 0, "0"),
        (CONTRACT, date(2027, 6, 30), "2027-06-30"),
        (CONTRACT, "1999.1.2", "1999-01-02"),
        (EMPLOYER, "=1+1 ", "=1+1"),
        (EMPLOYER, 360, "360"),
        (EMPLOYER, "甲、乙", "甲、乙"),
        (HUKOU, "外地户口", "elsewhere"),
    ],
)
def test_value_is_understood_in_every_usual_form(row: int, written: Value, kept: str) -> None:
    if isinstance(written, str) and written.startswith("="):
        plan = replace(good_plan(), conditions=(Condition("employer", Relation.EQUALS, (kept,)),))
        assert read_plan(write_workbook(plan, FIELDS)) == plan
    else:
        assert read_plan(made(changed("条件", row, "值", written))).conditions[row - 2].values == (kept,)


@pytest.mark.parametrize("written", ["大专、大学本科", "大专，大学本科", "大专,大学本科；", "大专;大专\n大学本科"])
def test_list_may_be_separated_in_every_usual_way(written: str) -> None:
    book = good() | {"条件": [["字段", "关系", "值"], ["最高学历", "属于", written]]}
    assert read_plan(made(book)).conditions[0].values == ("college", "bachelor")


def test_numbers_and_sums_may_stand_in_lists() -> None:
    book = good() | {
        "条件": [["字段", "关系", "值"], ["年收入", "不属于", "10000，2万、8.5万元"], ["家庭人数", "属于", "1,2；3"]]
    }
    income, size = read_plan(made(book)).conditions
    assert income == Condition("yearly_income", Relation.NOT_AMONG, ("1000000", "2000000", "8500000"))
    assert size == Condition("household_size", Relation.AMONG, ("1", "2", "3"))


def test_option_whose_label_has_a_separator_is_written_by_its_key_and_read_again() -> None:
    condition = Condition("employer_district", Relation.AMONG, ("haidian", "other"))
    plan = replace(good_plan(), conditions=(condition,))
    assert read_plan(write_workbook(plan, FIELDS)) == plan


@pytest.mark.parametrize(
    ("sheet", "row", "heading", "value", "key"),
    [
        ("条件", INSURED, "字段", None, "required"),
        ("条件", INSURED, "字段", "社保月数", "field_unknown"),
        ("条件", INSURED, "字段", "身份证国徽面", "field_not_comparable"),
        ("条件", INSURED, "字段", "单位所在区", "relation_unfit"),
        ("条件", INSURED, "关系", None, "required"),
        ("条件", INSURED, "关系", "大概", "relation"),
        ("条件", INSURED, "值", None, "required"),
        ("条件", INSURED, "值", "\u200b ", "required"),
        ("条件", INSURED, "值", "一年", "number"),
        ("条件", INSURED, "值", -12, "number"),
        ("条件", INSURED, "值", 12.5, "number"),
        ("条件", INSURED, "值", "12、24", "number"),
        ("条件", INSURED, "值", "=10+2", "formula"),
        ("条件", INSURED, "值", "#N/A", "error_value"),
        ("条件", INSURED, "值", True, "boolean"),
        ("条件", INSURED, "值", date(2026, 3, 1), "turned_into_date"),
        ("条件", INSURED, "提示", "长" * 121, "too_long"),
        ("条件", INCOME, "值", "很多", "income"),
        ("条件", INCOME, "值", "8000元/月", "income"),
        ("条件", INCOME, "值", "-1万", "income_range"),
        ("条件", INCOME, "值", "2亿", "income"),
        ("条件", INCOME, "值", "20000万", "income_range"),
        ("条件", INCOME, "值", "1.005", "decimals"),
        ("条件", HUKOU, "关系", "不少于", "relation_unfit"),
        ("条件", HUKOU, "值", "城镇", "option"),
        ("条件", HUKOU, "值", "、，", "list_empty"),
        ("条件", HUKOU, "关系", "等于", "option"),
        ("条件", CONTRACT, "值", "明年", "day"),
        ("条件", CONTRACT, "值", "2027-02-30", "day"),
        ("条件", CONTRACT, "值", "1899-12-31", "day"),
        ("条件", EMPLOYER, "关系", "不多于", "relation_unfit"),
        ("条件", EMPLOYER, "值", "长" * 61, "too_long"),
        ("填报项", 2, "字段", None, "required"),
        ("填报项", 2, "字段", "学历", "field_unknown"),
        ("填报项", 2, "字段", "年龄", "field_derived"),
        ("填报项", 3, "字段", "最高学历", "field_taken"),
        ("填报项", 3, "字段", "education", "field_taken"),
        ("填报项", 2, "要求", None, "required"),
        ("填报项", 2, "要求", "随意", "demand"),
    ],
)
def test_wrong_cell_is_named(sheet: str, row: int, heading: str, value: Value, key: str) -> None:
    found = read_mistakes(made(changed(sheet, row, heading, value)))
    # what a cell makes wrong may stand in the one beside it
    assert [(each.sheet, each.row, each.key) for each in found] == [(sheet, row, key)]
    assert found[0].column is not None
    assert found[0].sentence.startswith(f"工作表“{sheet}”第 {row} 行“{found[0].column}”：")


def test_unknown_field_brings_near_ones_or_all() -> None:
    near = read_mistakes(made(changed("条件", INSURED, "字段", "社保月数")))[0]
    assert near.sentence == "工作表“条件”第 2 行“字段”：没有“社保月数”这个字段，请改为：社保缴纳月数。"
    far = read_mistakes(made(changed("条件", INSURED, "字段", "xyz")))[0]
    names = [each.label for each in (*FIELDS.values(), *DERIVED.values()) if each.kind is not FieldKind.PICTURES]
    assert dict(far.details)["known"] == "、".join(names)
    demand = read_mistakes(made(changed("填报项", 2, "字段", "身份证")))[0]
    assert dict(demand.details)["known"] == "身份证国徽面"


def test_wrong_option_brings_those_there_are() -> None:
    found = read_mistakes(made(changed("条件", HUKOU, "值", "北京城镇户口、城镇")))[0]
    assert found.sentence == (
        "工作表“条件”第 4 行“值”：“城镇”不是“户口所在地”的选项，可用的有：北京城镇户口、北京农业户口、外地户口。"
    )


def test_comma_between_digits_of_a_list_is_asked_about() -> None:
    book = changed("条件", INSURED, "值", "12,120")
    book["条件"][INSURED - 1][1] = "属于"
    assert read_mistakes(made(book))[0].sentence == (
        "工作表“条件”第 2 行“值”：“12,120”是一个数还是几个数？请用“、”隔开几个值，数字里不要写逗号。"
    )


def test_bounds_of_one_field_are_two_rows_and_the_same_row_twice_is_named() -> None:
    book = screened()
    book["条件"].append(["年龄", "不多于", 35])
    assert read_plan(made(book)).conditions[-1] == Condition("age", Relation.AT_MOST, ("35",))
    book["条件"].append(["age", "不多于", 40])
    assert places(read_mistakes(made(book))) == [("条件", 9, "字段", "condition_taken")]


@pytest.mark.parametrize(
    ("field", "least", "most"), [("年龄", 35, "9 岁"), ("劳动合同结束日期", "2027-01-01", "2026-12-31")]
)
def test_condition_that_nobody_meets_is_named(field: str, least: Value, most: Value) -> None:
    book = good() | {"条件": [["字段", "关系", "值"], [field, "不少于", least], [field, "不多于", most]]}
    assert places(read_mistakes(made(book))) == [("条件", 3, "值", "condition_never")]


def test_condition_on_what_is_not_asked_is_named() -> None:
    book = changed("填报项", 2, "字段", "年收入")
    book["填报项"][1][1] = "不填"
    assert places(read_mistakes(made(book))) == [("条件", INCOME, "字段", "field_left_out")]


def test_everything_wrong_in_both_sheets_is_told_at_once_and_in_order() -> None:
    book = changed("条件", INSURED, "值", "一年")
    book["条件"][HUKOU - 1][1] = "约"
    book["填报项"][1][1] = "?"
    book["项目"][1][3] = None
    assert places(read_mistakes(made(book))) == [
        ("项目", 2, "地址", "required"),
        ("条件", INSURED, "值", "number"),
        ("条件", HUKOU, "关系", "relation"),
        ("填报项", 2, "要求", "demand"),
    ]


def test_field_of_an_older_form_is_written_as_kept_and_named_on_reading() -> None:
    gone = (Condition("car", Relation.EQUALS, ("no",)),)
    plan = replace(good_plan(), conditions=gone, demands=(("car", Demand.OPTIONAL),))
    found = read_mistakes(write_workbook(plan, FIELDS))
    assert places(found) == [("条件", 2, "字段", "field_unknown"), ("填报项", 2, "字段", "field_unknown")]


def test_questions_of_the_form_become_fields() -> None:
    words = Windows(Path(__file__).parents[2] / "templates").wording("zh").questions
    fields = fields_of(FORM.questions, words)
    assert list(fields) == [question.key for question in FORM.questions]
    assert fields["insured_months"] == Field("insured_months", "社保缴纳月数", FieldKind.NUMBER)
    assert fields["yearly_income"].kind is FieldKind.MONEY
    assert fields["contract_end"].kind is FieldKind.DAY
    assert fields["employer"].kind is FieldKind.TEXT
    assert fields["id_front"].kind is FieldKind.PICTURES
    assert fields["hukou"].options["elsewhere"] == "外地户口"
    labels = [each.label for each in {**DERIVED, **fields}.values()]
    assert len(set(labels)) == len(labels)
    plan = read_workbook(example_workbook(fields), fields)
    assert isinstance(plan, Plan)
    assert [each.field for each in plan.conditions] == ["age", "insured_months"]
    assert plan.demands == (("education", Demand.OPTIONAL),)


def test_names_that_two_share_or_that_are_keys_stand_for_nothing_else() -> None:
    names = Names({"a": "甲", "b": "甲", "c": "a", "d": "丁"})
    assert [names.name(key) for key in "abcd"] == ["a", "b", "c", "丁"]
    assert [names.key(written) for written in ("甲", "a", "A ", "丁", "戊")] == [None, "a", "a", "d", None]


def test_question_of_the_form_goes_before_a_derived_field_of_its_key() -> None:
    own = Field("age", "申请人年龄", FieldKind.NUMBER)
    assert Catalogue({"age": own}).find("申请人年龄") == own
    assert Catalogue({"age": own}).find("年龄") is None
