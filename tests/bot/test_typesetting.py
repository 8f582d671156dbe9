"""Where lines end."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.sheets import columns
from bot.jobs.typesetting import NOT_FIRST, NOT_LAST, break_lines, typecase


def squares(text: str) -> float:
    """Widths for tests: Chinese characters 2, all others 1."""
    return sum(2 if character >= "\u2e80" or character in "“”‘’—…" else 1 for character in text)


@pytest.mark.parametrize(
    ("text", "limit", "lines"),
    [
        ("", 10, [""]),
        ("安居", 10, ["安居"]),
        ("请您填写姓名，谢谢", 12, ["请您填写姓", "名，谢谢"]),
        ("请您填写（姓名）", 10, ["请您填写", "（姓名）"]),
        ("电话13812348000转", 14, ["电话", "13812348000转"]),
        ("电话13812348000转", 12, ["电话", "13812348000", "转"]),
        ("电话13812348000", 8, ["电话", "13812348", "000"]),
        ("共计120,000元整", 9, ["共计", "120,000元", "整"]),
        ("from Beijing to Shanghai", 12, ["from Beijing", "to Shanghai"]),
        ("unbreakablelongword end", 10, ["unbreakabl", "elongword", "end"]),
        ("登记号HD2603-7KQ4-XM2P完", 17, ["登记号", "HD2603-7KQ4-XM2P", "完"]),
        ("第一行\n\n第三行", 20, ["第一行", "", "第三行"]),
        ("　　首行缩进两字", 10, ["　　首行缩", "进两字"]),
        ("他说：“好。”然后走了", 14, ["他说：“好。”", "然后走了"]),
        ("，，，，，，", 4, ["，，", "，，", "，，"]),
        ("好", 1, ["好"]),
        ("一〔U+28B4E〕二", 12, ["一", "〔U+28B4E〕", "二"]),
    ],
)
def test_lines_end_where_a_reader_expects(text: str, limit: float, lines: list[str]) -> None:
    assert break_lines(text, squares, limit) == lines


@given(st.text("安居一二，。（）“”12a- \n《》年", max_size=80), st.integers(1, 30))
def test_breaking_loses_nothing_and_keeps_to_the_width(text: str, limit: int) -> None:
    lines = break_lines(text, squares, limit)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(squares(line) <= limit or len(line) == 1 for line in lines)


@given(st.text("安居一二，。；（）《》", max_size=80).filter(lambda text: "（（" not in text and "，，" not in text))
def test_ordinary_text_never_breaks_the_rules(text: str) -> None:
    marks = NOT_FIRST | NOT_LAST
    if any({before, after} <= marks for before, after in pairwise(text)):
        return  # rows of marks may be wider than a line
    lines = [line for line in break_lines(text, squares, 8) if line]
    assert not [line for line in lines[1:] if line[0] in NOT_FIRST]
    assert not [line for line in lines[:-1] if line[-1] in NOT_LAST]


def test_printable_text_can_be_measured() -> None:
    case = typecase()
    text, missing = case.printable("王𨭎\ud800")
    assert text == "王𨭎〔U+D800〕"
    assert missing == {"U+D800"}
    assert case.width("王𨭎") == pytest.approx(2)
    assert case.width("王𨭎", bold=True) == pytest.approx(2)


@pytest.mark.parametrize(
    ("natural", "least", "widths"),
    [
        ([10, 20, 30], [5, 5, 5], [30, 40, 50]),
        ([10, 100, 100], [10, 10, 10], [10, 55, 55]),
        ([100, 100, 100], [10, 60, 20], [20, 70, 30]),
        ([200], [20], [120]),
        ([300, 300], [180, 60], [90, 30]),
    ],
)
def test_columns_share_the_page(natural: list[float], least: list[float], widths: list[float]) -> None:
    assert columns(natural, least, 120) == pytest.approx(widths)
