"""Long text on pages, and columns that line up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.engine.columns import WIDEST, table, width
from flows.engine.paging import LONGEST, pages_of


def units(text: str) -> int:
    """As Telegram counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


texts = st.text(st.sampled_from("公告𬱖a。！； \n）e\u0301\u200d，"), max_size=400) | st.text(max_size=400)


@given(texts, st.integers(2, 60))
def test_pages_are_the_text_again_and_none_is_too_long(text: str, longest: int) -> None:
    pages = pages_of(text, longest)
    assert "".join(pages) == text
    assert all(pages) or pages == ("",)
    assert all(units(page) <= longest for page in pages)


@given(texts, st.integers(8, 60))
def test_no_page_is_left_nearly_empty(text: str, longest: int) -> None:
    *before, _ = pages_of(text, longest)
    assert all(len(page) >= longest // 2 // 2 - 1 for page in before)


def test_a_short_text_is_one_page() -> None:
    assert pages_of("") == ("",)
    assert pages_of("公告。\n\n第一条。") == ("公告。\n\n第一条。",)
    assert len(pages_of("字" * LONGEST)) == 1
    assert len(pages_of("字" * (LONGEST + 1))) == 2
    assert len(pages_of("𬱖" * (LONGEST // 2 + 1))) == 2


def test_a_page_ends_where_a_reader_pauses() -> None:
    assert pages_of("第一条。第二句。\n\n第二条。\n第三条，还有", 16) == (
        "第一条。第二句。\n\n",
        "第二条。\n第三条，还有",
    )
    assert pages_of("第一句。第二句。\n第三句。", 12) == ("第一句。第二句。\n", "第三句。")
    assert pages_of("他说：“第一句。”第二句很长很长", 14) == ("他说：“第一句。”", "第二句很长很长")
    assert pages_of("第一，第二，第三，第四", 7) == ("第一，第二，", "第三，第四")
    assert pages_of("一二三四五六七八", 5) == ("一二三四五", "六七八")


def test_a_page_never_ends_within_a_character() -> None:
    assert pages_of("ab𬱖𬱖𬱖", 5) == ("ab𬱖", "𬱖𬱖")
    assert pages_of("abcde\u0301fgh", 5) == ("abcd", "e\u0301fgh")


def test_a_blank_line_far_up_does_not_leave_a_page_empty() -> None:
    first, second = pages_of("题。\n\n" + "字" * 20, 20)
    assert len(first) == 20
    assert second == "字" * 4


# --- columns ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "columns"), [("3-1203", 6), ("3号楼", 5), ("Ａ座", 4), ("", 0), ("e\u0301", 1), ("①", 1)]
)
def test_full_width_characters_take_two_columns(text: str, columns: int) -> None:
    assert width(text) == columns


def test_columns_line_up_however_wide_full_width_characters_are_drawn() -> None:
    lines = table([("3号楼1203", "45.3", "2,100"), ("12-1", "100", "12,100.50"), ("東楼", "-", "900")])
    assert lines == [
        "3号楼1203  45.3      2,100",
        "12-1\u3000\u3000    100  12,100.50",
        "東楼          -        900",
    ]
    for wide in (1.5, 2.0):  # of a narrow one
        ends = {sum(wide if width(sign) == 2 else 1 for sign in line) for line in lines}
        assert len(ends) == 1


def test_a_table_that_is_too_wide_is_none() -> None:
    row = ("一二三四五六七八", "45.3", "2,1")
    assert width("".join(row)) + 4 == WIDEST - 3
    assert table([row]) is not None
    assert table([(*row[:2], "12,100")]) is not None
    assert table([(*row[:2], "112,100")]) is None


names = st.text(st.sampled_from("东楼Ａ1- x"), max_size=9)


@given(st.lists(st.tuples(names, st.sampled_from(["45.3", "-", "100"]), st.sampled_from(["900", "2,100"])), min_size=1))
def test_no_line_is_wider_than_a_phone(rows: list[tuple[str, str, str]]) -> None:
    lines = table(rows)
    if lines is not None:
        assert len({width(line) for line in lines}) == 1
        assert all(width(line) <= WIDEST for line in lines)
