"""What people type: lines, names, and what the door takes out of every text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.engine.fields import (
    FullName,
    Invalid,
    Kind,
    Line,
)
from flows.engine.text import clean, is_letter_of_name, name_text, one_line, plain_digits, plain_number


def refusal(kind: Kind, text: str) -> str:
    with pytest.raises(Invalid) as refused:
        kind.parse(text, {})
    return refused.value.key


# --- lines and names -------------------------------------------------------------------------------------------------


def test_a_line_has_its_spaces_put_in_order() -> None:
    assert Line().parse(" 北京\u3000安居\n\n科技 ", {}) == "北京 安居 科技"
    assert Line(3).parse("一二三", {}) == "一二三"
    assert refusal(Line(3), "一二三四") == "too_long"
    assert refusal(Line(), " \n ") == "empty"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("王芳", "王芳"),
        ("王　芳", "王芳"),
        ("欧 阳 娜 娜", "欧阳娜娜"),
        ("𬀩 䶮", "𬀩䶮"),
        ("\U000323b0芳", "\U000323b0芳"),
        ("〇一", "〇一"),
        ("买买提•吐尔逊", "买买提·吐尔逊"),
        ("阿卜杜拉 ‧ 买买提", "阿卜杜拉·买买提"),
        ("Jean-Luc  O'Neil", "Jean-Luc O'Neil"),
        ("e\u0301ve", "éve"),
        ("\ue863", ""),
    ],
)
def test_a_name_is_kept_whole(typed: str, kept: str) -> None:
    if kept:
        assert FullName().parse(typed, {}) == kept
    else:
        assert FullName().parse(clean(typed), {}) == "䶮"


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", "empty"),
        ("·-'.", "empty"),
        ("王" * 41, "too_long"),
        ("王5", "name_letters"),
        ("王芳！", "name_letters"),
        ("<王芳>", "name_letters"),
        ("王🐼", "name_letters"),
    ],
)
def test_what_is_no_name_is_refused(typed: str, error: str) -> None:
    assert refusal(FullName(), typed) == error


# --- cleaning --------------------------------------------------------------------------------------------------------


@given(text=st.text(st.characters(codec=None), max_size=60))
def test_a_text_that_passed_the_door_passes_it_unchanged(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    once.encode()
    assert "\x00" not in once


@pytest.mark.parametrize(
    ("dirty", "cleaned"),
    [
        ("a\x00b\ud800c", "abc"),
        ("\u202e王\u200b芳\ufeff", "王芳"),
        ("一\r\n二\r三\n四", "一\n二\n三\n四"),
        ("一\t二\u2028三\u2029四", "一 二 三 四"),
        ("\ue863\ue000", "䶮"),
        ("\U000323b0", "\U000323b0"),
        ("  王芳 \n", "王芳"),
    ],
)
def test_the_door_takes_out_what_nobody_sees_and_nothing_else(dirty: str, cleaned: str) -> None:
    assert clean(dirty) == cleaned


@given(text=st.text(max_size=60))
def test_spellings_are_put_in_order_once(text: str) -> None:
    for spell in (one_line, name_text, plain_digits, plain_number):
        assert spell(spell(text)) == spell(text)


def test_letters_of_names_are_told_from_other_signs() -> None:
    assert all(is_letter_of_name(character) for character in "王〇䶮𬀩·'-. éÑşЖ\u0301")
    assert not any(is_letter_of_name(character) for character in "5<>&🐼！\n_、")
