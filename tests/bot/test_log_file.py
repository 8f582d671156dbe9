"""The log as a file: all of it, and nothing in it that a spreadsheet would carry out."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook

from bot.jobs.log_file import log_csv, log_xlsx

HEAD = ["序号", "时间", "编号", "姓名", "操作", "对象", "之前", "之后"]
EVIL = ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "＝1", '  =cmd|"/c calc"!A0', "\r=1"]


def as_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_table_comes_back_as_it_was() -> None:
    rows = [HEAD, ["1", "2026-11-24 09:00:00", "100", "张“晓”敏", "changed", "plan:HD2603", "", '{"a": "1,2\n3"}']]
    assert as_csv(log_csv(rows)) == rows
    assert log_csv(rows).startswith(b"\xef\xbb\xbf")
    sheet = load_workbook(BytesIO(log_xlsx(rows))).worksheets[0]
    assert [[cell.value or "" for cell in row] for row in sheet.iter_rows()] == rows


@pytest.mark.parametrize("cell", EVIL)
def test_no_cell_is_taken_for_a_formula(cell: str) -> None:
    rows = [HEAD, [cell] * 8]
    for read in as_csv(log_csv(rows))[1]:
        assert read == f"'{cell}"
    sheet = load_workbook(BytesIO(log_xlsx(rows))).worksheets[0]
    assert {found.data_type for found in sheet[2]} == {"s"}


def test_what_excel_cannot_hold_is_left_out() -> None:
    content = log_xlsx([HEAD, ["a\x00b", "长" * 40_000, *[""] * 6]])
    first, second, *_ = (cell.value for cell in load_workbook(BytesIO(content)).worksheets[0][2])
    assert first == "ab"
    assert len(str(second)) == 32_767
