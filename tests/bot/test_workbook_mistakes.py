"""Workbooks that are wrong: every mistake named by sheet, row and column, all at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from bot.jobs.workbook import Mistake, mistakes
from bot.jobs.workbook.mistakes import SENTENCES, SHOWN, Mistakes, mistake
from tests.bot.workbook_maker import Value, changed, edited, good, made, places, read_mistakes


def only(content: bytes) -> Mistake:
    found = read_mistakes(content)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("sheet", "row", "heading", "value", "key"),
    [
        ("计划", 2, "编号", None, "required"),
        ("计划", 2, "名称", "   ", "required"),
        ("计划", 2, "名称", "\u200b\u202e", "required"),
        ("项目", 3, "地址", None, "required"),
        ("户型", 2, "名称", None, "required"),
        ("租金", 4, "月租金", None, "required"),
        ("租金", 4, "项目编号", None, "required"),
        ("计划", 2, "编号", "H", "plan_code"),
        ("计划", 2, "编号", "HD-2603", "plan_code"),
        ("计划", 2, "编号", "海淀2603", "plan_code"),
        ("计划", 2, "编号", "A" * 17, "plan_code"),
        ("计划", 2, "编号", 2603.5, "plan_code"),
        ("项目", 2, "编号", "清河1", "code"),
        ("项目", 2, "编号", "a b", "code"),
        ("户型", 2, "编号", "A" * 25, "code"),
        ("项目", 3, "编号", date(2026, 3, 1), "turned_into_date"),
        ("租金", 2, "房源", datetime.fromisoformat("2026-03-01T09:00"), "turned_into_date"),
        ("租金", 2, "月租金", date(2026, 3, 1), "turned_into_date"),
        ("项目", 2, "名称", True, "boolean"),
        ("户型", 2, "套数", False, "boolean"),
        ("租金", 3, "月租金", "=D3*80", "formula"),
        ("计划", 2, "登记截止", "=E2+4", "formula"),
        ("租金", 3, "面积", "#N/A", "error_value"),
        ("计划", 2, "联系电话", 1e15, "digits_lost"),
        ("项目", 2, "名称", "长" * 61, "too_long"),
        ("项目", 2, "地址", "长" * 121, "too_long"),
        ("项目", 2, "简介", "长" * 20_001, "too_long"),
        ("计划", 2, "登记开始", "2026-11-24", "moment_without_hour"),
        ("计划", 2, "登记开始", "2026年11月24日", "moment_without_hour"),
        ("计划", 2, "登记开始", date(2026, 11, 24), "moment_without_hour"),
        ("计划", 2, "登记开始", "11月24日 9点", "moment"),
        ("计划", 2, "登记开始", "2026-11-31 09:00", "moment"),
        ("计划", 2, "登记开始", "2026-11-24 25:00", "moment"),
        ("计划", 2, "登记开始", "2026-11-24 24:01", "moment"),
        ("计划", 2, "登记开始", "2026-11-24 09:60", "moment"),
        ("计划", 2, "登记开始", "尽快", "moment"),
        ("计划", 2, "登记开始", 46350.375, "moment"),
        ("计划", 2, "登记开始", datetime.fromisoformat("1926-11-24T09:00"), "moment"),
        ("计划", 2, "登记截止", "2026-11-24 09:00", "closes_before_opening"),
        ("计划", 2, "登记截止", "2026-11-20 17:00", "closes_before_opening"),
        ("计划", 2, "登记开始", "1999-11-24 09:00", "moment"),
        ("计划", 2, "公布日期", "1999-11-24", "day"),
        ("计划", 2, "公布日期", "下周一", "day"),
        ("计划", 2, "公布日期", "2026-02-30", "day"),
        ("计划", 2, "公布日期", datetime.fromisoformat("1926-11-24T09:00"), "day"),
        ("租金", 2, "月租金", "面议", "money"),
        ("租金", 2, "月租金", "0.45万元", "money"),
        ("租金", 2, "月租金", "45,00", "money"),
        ("租金", 2, "月租金", "4500.005", "decimals"),
        ("租金", 2, "月租金", 4500.005, "decimals"),
        ("租金", 2, "月租金", 0, "money_range"),
        ("租金", 2, "月租金", -4500, "money_range"),
        ("租金", 2, "月租金", 1_000_000.01, "money_range"),
        ("户型", 2, "建筑面积", "约 50", "area"),
        ("户型", 2, "建筑面积", 0, "area_range"),
        ("租金", 2, "面积", 10_001, "area_range"),
        ("户型", 2, "套数", 12.5, "count"),
        ("户型", 2, "套数", -1, "count"),
        ("户型", 2, "套数", 100_001, "count"),
        ("户型", 2, "套数", "若干", "count"),
        ("项目", 2, "纬度", "四十度", "latitude"),
        ("项目", 2, "经度", "东边", "longitude"),
        ("项目", 2, "纬度", 60.1, "latitude_range"),
        ("项目", 2, "纬度", -40.03, "latitude_range"),
        ("项目", 2, "经度", -116.35, "longitude_range"),
        ("项目", 2, "纬度", None, "coordinate_alone"),
        ("项目", 2, "经度", None, "coordinate_alone"),
        ("户型", 3, "项目编号", "YF03", "unknown_project"),
        ("租金", 4, "项目编号", "YF03", "unknown_project"),
        ("租金", 4, "户型编号", "B1", "unknown_unit_type"),
        ("租金", 3, "房源", "1 号楼", "home_taken"),
    ],
)
def test_wrong_cell_is_named(sheet: str, row: int, heading: str, value: Value, key: str) -> None:
    found = read_mistakes(made(changed(sheet, row, heading, value)))
    assert (sheet, row, heading, key) in places(found)
    named = next(each for each in found if each.key == key)
    assert named.sentence.startswith(f"工作表“{sheet}”第 {row} 行“{heading}”：")


def test_clerk_reads_where_what_and_an_example() -> None:
    assert only(made(changed("项目", 3, "地址", None))).sentence == "工作表“项目”第 3 行“地址”：必填，请填写。"
    assert only(made(changed("计划", 2, "登记开始", "11月24日"))).sentence == (
        "工作表“计划”第 2 行“登记开始”：“11月24日”不是时间，请写成 2026-11-24 09:00 的样子。"
    )


def test_swapped_coordinates_are_named_once() -> None:
    book = changed("项目", 2, "纬度", 116.3402)
    book["项目"][1][5] = 40.0331
    assert places(read_mistakes(made(book))) == [("项目", 2, "纬度", "coordinates_swapped")]


def test_code_used_twice_is_named_with_the_first_row() -> None:
    found = read_mistakes(made(changed("项目", 3, "编号", "QH01")))
    assert found[0].sentence == "工作表“项目”第 3 行“编号”：“QH01”与第 2 行重复，请改为不同的编号。"


def test_same_unit_type_code_in_two_projects_is_fine_and_twice_in_one_is_not() -> None:
    book = good()
    book["户型"].append(["QH01", "A1", "两居室"])
    assert places(read_mistakes(made(book))) == [("户型", 4, "编号", "taken")]


def test_wrong_code_is_told_once_not_for_every_reference() -> None:
    book = good()
    for sheet, column in (("项目", 0), ("户型", 0), ("租金", 0)):
        for row in book[sheet][1:]:
            row[column] = str(row[column]).replace("QH01", "清河")
    assert places(read_mistakes(made(book))) == [("项目", 2, "编号", "code")]


def test_everything_wrong_is_told_at_once_in_order() -> None:
    book = changed("租金", 3, "月租金", "面议")
    book["租金"][1][4] = None
    book["项目"][2][3] = None
    book["项目"][1][5] = "x"
    book["计划"][1][5] = "2026"
    book["计划"][1][0] = "?"
    del book["户型"]
    book["附表"] = [["其他"]]
    assert places(read_mistakes(made(book))) == [
        ("计划", 2, "编号", "plan_code"),
        ("计划", 2, "登记截止", "moment"),
        ("项目", 2, "经度", "longitude"),
        ("项目", 3, "地址", "required"),
        ("户型", None, None, "sheet_missing"),
        ("租金", 2, "月租金", "required"),
        ("租金", 3, "月租金", "money"),
        ("附表", None, None, "sheet_unknown"),
    ]


def test_two_hundred_are_told_and_the_rest_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mistakes, "_KEPT", 250)
    book = good()
    book["租金"] += [["QH01", "A1", None, None, "?"] for _ in range(300)]
    found = read_mistakes(made(book))
    assert len(found) == SHOWN + 1
    assert [each.row for each in found[:SHOWN]] == list(range(5, 205))
    assert found[-1].sentence == "另有 100 处问题未列出，请先修改以上各处再发送。"


@pytest.mark.parametrize("sheet", ["计划", "项目", "户型", "租金"])
def test_missing_sheet_is_named(sheet: str) -> None:
    book = good()
    del book[sheet]
    assert only(made(book)).sentence == f"工作表“{sheet}”：缺少这个工作表，请补上。"


@pytest.mark.parametrize(("sheet", "key"), [("计划", "plan_missing"), ("项目", "project_missing")])
def test_sheet_with_headings_only_is_named(sheet: str, key: str) -> None:
    book = good()
    del book[sheet][1:]
    assert places(read_mistakes(made(book)))[0] == (sheet, None, None, key)


def test_sheet_without_anything_is_named_with_its_columns() -> None:
    book = good()
    book["租金"] = []
    assert only(made(book)).sentence == (
        "工作表“租金”：没有列名，请把列名写在第一行：项目编号、户型编号、房源、面积、月租金。"
    )


def test_second_plan_is_named_by_its_row() -> None:
    book = good()
    book["计划"].append(["HD2604"])
    assert places(read_mistakes(made(book))) == [("计划", 3, None, "plan_twice")]


def test_sheets_of_one_name_are_named() -> None:
    book = good()
    book["项目 "] = book["项目"]
    assert places(read_mistakes(made(book))) == [("项目", None, None, "sheet_twice")]


def test_unknown_sheet_is_named_with_those_there_are() -> None:
    found = only(made({**good(), "租金2": [["x"]]}))
    assert found.sentence.startswith(
        "工作表“租金2”：不认识这个工作表。可用的有：计划、项目、户型、租金、条件、填报项；"
    )


def test_sheet_that_is_a_chart_is_nothing_to_read() -> None:
    def add_chart(workbook: Workbook) -> None:
        workbook.create_chartsheet("租金")

    book = good()
    del book["租金"]
    assert places(read_mistakes(made(book, add_chart))) == [("租金", None, None, "sheet_empty")]


def test_columns_missing_unknown_twice_and_unnamed_are_named() -> None:
    book = good()
    book["项目"][0] = ["编号", "名称", "区", "详细地址", "纬度", "纬度", "简介", None]
    book["项目"][1].append("备注")
    found = read_mistakes(made(book))
    assert sorted(places(found), key=str) == sorted(
        [
            ("项目", None, "地址", "column_missing"),
            ("项目", None, "详细地址", "column_unknown"),
            ("项目", None, "纬度", "column_twice"),
            ("项目", None, "H", "column_unnamed"),
            ("项目", 2, "经度", "coordinate_alone"),
        ],
        key=str,
    )
    assert "工作表“项目”“地址”：缺少这一列，请补上。" in [each.sentence for each in found]


def test_missing_column_of_codes_does_not_make_every_reference_wrong() -> None:
    book = good()
    book["项目"] = [row[1:] for row in book["项目"]]
    assert places(read_mistakes(made(book))) == [("项目", None, "编号", "column_missing")]


def merged(sheet: str, cells: str) -> Callable[[Workbook], None]:
    return lambda workbook: workbook[sheet].merge_cells(cells)


def test_merged_cells_are_named_and_what_they_cover_is_not_called_missing() -> None:
    found = only(made(good(), merged("租金", "A2:A4")))
    assert found.sentence == "工作表“租金”第 2 行“项目编号”：单元格 A2:A4 是合并的，请取消合并，并在每一行分别填写。"


def test_merged_headings_are_named() -> None:
    assert ("租金", 1, "项目编号", "merged") in places(read_mistakes(made(good(), merged("租金", "A1:B1"))))


def test_formula_is_named_even_with_a_value_kept_beside_it() -> None:
    content = made(good())
    kept = edited(content, "xl/worksheets/sheet4.xml", ("<v>2480</v>", "<f>31*80</f><v>2480</v>"))
    assert only(kept).sentence == "工作表“租金”第 2 行“月租金”：这里是公式，请粘贴为数值。"


def test_error_cell_is_quoted() -> None:
    found = only(made(changed("租金", 2, "面积", "#DIV/0!")))
    assert found.sentence == "工作表“租金”第 2 行“面积”：这里是错误值“#DIV/0!”，请改为正确的内容。"


def test_long_values_are_cut_in_sentences_and_names_of_columns_are_not() -> None:
    found = only(made(changed("租金", 2, "月租金", "很贵" * 90)))
    assert found.details == (("value", "很贵" * 20 + "…"),)


def test_every_sentence_has_a_key_that_is_used_and_can_be_filled() -> None:
    for key, sentence in SENTENCES.items():
        names = re.findall(r"\{(\w+)\}", sentence)
        filled = mistake(key, "项目", 3, "地址", dict.fromkeys(names, "值"))
        assert filled.sentence.startswith("工作表“项目”第 3 行“地址”：")
        assert filled.sentence.endswith("。")
        assert "{" not in filled.sentence


def test_gathering_nothing_is_no_mistake() -> None:
    assert not Mistakes(())
    assert Mistakes(()).told() == []
