"""Texts in pages and in columns, whatever they are made of."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from flows.engine.columns import WIDEST, table, width
from flows.engine.paging import pages_of

letters = st.one_of(st.sampled_from(list("安居，。\n .、e\u0301\u200d😀𬀩")), st.characters(exclude_categories=["Cs"]))
texts = st.text(letters, max_size=300)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@given(text=texts, longest=st.integers(4, 60))
def test_pages_are_the_text_again_and_none_is_too_long(text: str, longest: int) -> None:
    pages = pages_of(text, longest)
    assert "".join(pages) == text
    assert all(units(page) <= longest for page in pages)
    assert all(pages) or pages == ("",)
    assert all(len(page) >= longest // 4 for page in pages[:-1])


def test_a_page_ends_where_a_reader_pauses() -> None:
    assert pages_of("第一段。\n\n第二段。\n\n第三段。", 12) == ("第一段。\n\n第二段。\n\n", "第三段。")
    assert pages_of("一句话。又一句话。再一句", 10) == ("一句话。又一句话。", "再一句")
    assert pages_of("啊" * 10, 4) == ("啊啊啊啊", "啊啊啊啊", "啊啊")
    assert pages_of("e\u0301" * 4, 5) == ("e\u0301e\u0301", "e\u0301e\u0301")


@given(
    rows=st.lists(st.tuples(st.text("安居1-e\u0301", max_size=6), st.text("1,.—", max_size=6)), min_size=1, max_size=6)
)
def test_columns_line_up(rows: list[tuple[str, str]]) -> None:
    lines = table(rows)
    assert lines is not None
    filled = [line for line, (_, last) in zip(lines, rows, strict=True) if last]
    assert len({width(line) for line in filled}) <= 1
    assert all(width(line) <= WIDEST for line in lines)


def test_what_is_too_wide_is_no_table() -> None:
    assert table([["安" * 15, "1"]]) is None
    assert table([["安" * 13, "1"]]) is not None
    assert width("安居e\u0301") == 5
    assert unicodedata.category("\u0301") == "Mn"
