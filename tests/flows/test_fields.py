"""Kinds of question: what is taken for an answer, in every usual spelling, and what never is."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.engine.fields import (
    Choice,
    Day,
    FullName,
    IdNumber,
    Invalid,
    Kind,
    Line,
    Money,
    Number,
    Phone,
    Photos,
    birth_day,
    is_female,
    not_before,
    read_day,
)

CHOICE = Choice(("single", "married", "divorced"), columns=2)
OPTIONS = {"single": "未婚", "married": "已婚", "divorced": "离异（已婚过）"}
MONTHS = Number(0, 600, ("个月", "月", "MONTHS", "MONTH"))
TYPED: tuple[Kind, ...] = (Line(), FullName(), CHOICE, MONTHS, Number(), Money(), Day(), IdNumber(), Phone())

digits = st.text("0123456789０１２٣٤५-–—. ,，。年月日万元Xx+()（）", max_size=24)
anything = st.one_of(st.text(max_size=60), digits)


def refusal(kind: Kind, text: str) -> str:
    with pytest.raises(Invalid) as refused:
        kind.parse(text, OPTIONS)
    return refused.value.key


# --- every kind ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", TYPED, ids=lambda kind: type(kind).__name__)
@given(text=anything)
def test_a_kind_takes_a_text_or_says_why_not(kind: Kind, text: str) -> None:
    try:
        assert kind.parse(text, OPTIONS)
    except Invalid as invalid:
        refused = invalid.key
    else:
        return
    assert refused in kind.errors


@pytest.mark.parametrize(
    "kind", [kind for kind in TYPED if not isinstance(kind, Money)], ids=lambda kind: type(kind).__name__
)
@given(text=anything)
def test_an_answer_that_was_taken_is_taken_again_as_it_is(kind: Kind, text: str) -> None:
    try:
        answer = kind.parse(text, OPTIONS)
    except Invalid:
        return
    assert kind.parse(answer, OPTIONS) == answer


def test_a_kind_that_is_not_typed_is_not_read() -> None:
    with pytest.raises(NotImplementedError):
        Photos().parse("", {})
    assert (Photos().takes_files, Photos().buttons(None)) == (True, ())


def test_only_a_choice_has_buttons_of_its_own() -> None:
    rows = CHOICE.buttons("married")
    assert [[button.argument for button in row] for row in rows] == [["single", "married"], ["divorced"]]
    assert [button.values["chosen"] for row in rows for button in row] == [False, True, False]
    assert [kind.buttons(None) for kind in TYPED if kind is not CHOICE] == [()] * (len(TYPED) - 1)


# --- choices ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("married", "married"), ("MARRIED", "married"), ("已婚", "married"), ("未", "single"), ("离异", "divorced")],
)
def test_an_option_is_known_by_its_key_its_words_or_a_part_that_only_it_has(typed: str, kept: str) -> None:
    assert CHOICE.parse(typed, OPTIONS) == kept


@pytest.mark.parametrize("typed", ["", "婚", "丧偶", "，"])
def test_what_could_be_several_options_or_none_is_refused(typed: str) -> None:
    assert refusal(CHOICE, typed) == "not_an_option"


# --- numbers and money -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("60", "60"), ("６０", "60"), ("60个月", "60"), ("60 months", "60"), ("060", "60"), ("60。", "60")],
)
def test_a_number_is_read(typed: str, kept: str) -> None:
    assert MONTHS.parse(typed, {}) == kept


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        *[(text, "not_a_number") for text in ("", "六十", "-5", "5-6", "5~6", "2年", "1.5", "1/2", "9" * 10, "Ⅷ")],
        ("601", "too_big"),
    ],
)
def test_what_is_no_number_or_may_mean_another_is_refused(typed: str, error: str) -> None:
    assert refusal(MONTHS, typed) == error
    assert refusal(Number(18), "17") == "too_small"


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("85000", 8_500_000),
        ("85,000", 8_500_000),
        ("8,5000", 8_500_000),
        ("¥85，000.50元", 8_500_050),
        ("人民币85000元整", 8_500_000),
        ("８５０００ rmb", 8_500_000),
        ("8.5万", 8_500_000),
        ("8。5 万元", 8_500_000),
        ("8.5w", 8_500_000),
        ("10万块钱", 10_000_000),
        ("0", 0),
        ("0.01", 1),
        ("0.0001万", 100),
        ("1.10", 110),
    ],
)
def test_a_sum_is_read(typed: str, fen: int) -> None:
    assert Money().parse(typed, {}) == str(fen)


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        *[(text, "not_money") for text in ("", "八万", "-1", "8-9万", "8~9万", "1万5", "3块5", "1,5", "1e5", "0.001")],
        *[(text, "not_money") for text in ("1.", ".5", "8万5千", "85k", "1.2.3", "万", "约8万", "85000/年")],
        ("100000001", "too_much"),
        ("10000.01万", "too_much"),
    ],
)
def test_what_is_no_sum_or_may_mean_another_is_refused(typed: str, error: str) -> None:
    assert refusal(Money(), typed) == error


@given(fen=st.integers(0, 10_000_000_000))
def test_a_sum_written_out_in_any_usual_way_is_read_back(fen: int) -> None:
    yuan, rest = divmod(fen, 100)
    written = [f"{yuan}.{rest:02}", f"{yuan:,}.{rest:02}元", f"¥{yuan}.{rest:02}"]
    if fen % 100_00 == 0:
        written.append(f"{fen // 1_000_000}.{fen // 10_000 % 100:02}万")
    assert {Money().parse(text, {}) for text in written} == {str(fen)}


# --- days ------------------------------------------------------------------------------------------------------------


@given(day=st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_a_day_is_read_in_every_usual_spelling(day: date) -> None:
    spellings = [
        day.isoformat(),
        f"{day:%Y%m%d}",
        f"{day:%Y.%m.%d}",
        f"{day:%Y/%m/%d}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year} 年 {day.month} 月 {day.day} 号",
        f"{day.year}-{day.month}-{day.day}",
        f" {day.year}、{day.month}、{day.day} ",
        f"{day.year}。{day.month}。{day.day}",
        f"{day:%Y—%m–%d}",
        "".join(chr(ord(digit) + 0xFEE0) if digit.isdecimal() else digit for digit in f"{day:%Y-%m-%d}"),
    ]
    assert {Day().parse(text, {}) for text in spellings} == {day.isoformat()}


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        *[
            (text, "not_a_day")
            for text in ("", "去年", "2024", "2024-1", "24-1-1", "1.1.2024", "2024-1-1-1", "2024 0101")
        ],
        *[(text, "no_such_day") for text in ("2024-02-30", "2023-02-29", "2024-13-01", "2024-00-10", "00000101")],
        *[(text, "day_range") for text in ("1899-12-31", "2101-01-01")],
    ],
)
def test_what_is_no_day_is_refused(typed: str, error: str) -> None:
    assert refusal(Day(), typed) == error


def test_a_day_may_have_bounds_and_an_order() -> None:
    assert refusal(Day(first=date(2000, 1, 1)), "1999-12-31") == "day_range"
    check = not_before("begin")
    assert check("2024-01-01", {"begin": "2024-01-02"}) == "day_order"
    assert check("2024-01-02", {"begin": "2024-01-02"}) is None
    assert check("2024-01-01", {}) is None
    assert read_day("2024年1月1日") == date(2024, 1, 1)


# --- ID numbers and phones -------------------------------------------------------------------------------------------

WEIGHTS = [2 ** (17 - place) % 11 for place in range(17)]  # GB 11643: as powers, not as the table in the program


def with_check(first: str) -> str:
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, first, strict=True))
    return first + "10X98765432"[total % 11]


@given(
    region=st.sampled_from(["110101", "440304", "659001", "710000", "810000", "830000"]),
    day=st.dates(date(1900, 1, 1), date(2030, 12, 31)),
    order=st.integers(0, 999),
)
def test_an_id_number_is_read_in_every_usual_spelling(region: str, day: date, order: int) -> None:
    number = with_check(f"{region}{day:%Y%m%d}{order:03}")
    for text in (number, number.lower(), f"{number[:6]} {number[6:14]}-{number[14:]}", f" {number} "):
        assert IdNumber().parse(text, {}) == number
    assert birth_day(number) == day
    assert is_female(number) is (order % 2 == 0)


@given(place=st.integers(0, 16), other=st.integers(1, 9))
def test_an_id_number_with_one_wrong_digit_is_refused(place: int, other: int) -> None:
    number = "110101199003070038"
    wrong = number[:place] + str((int(number[place]) + other) % 10) + number[place + 1 :]
    assert refusal(IdNumber(), wrong) in IdNumber.errors


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", "id_length"),
        ("11010119900307003", "id_length"),
        ("1101011990030700388", "id_length"),
        ("X10101199003070038", "id_length"),
        ("010101199003070038", "id_length"),
        ("11010119900307X038", "id_length"),
        ("110101900307003", "id_length"),
        (with_check("11010119901307003"), "id_day"),
        (with_check("11010118991231003"), "id_day"),
        (with_check("11010100000101003"), "id_day"),
        ("110101199003070039", "id_check"),
        (with_check("99010119900307003"), "id_check"),
    ],
)
def test_what_is_no_id_number_is_refused(typed: str, error: str) -> None:
    assert refusal(IdNumber(), typed) == error


@pytest.mark.parametrize(
    "typed",
    [
        "13800138000",
        "+8613800138000",
        "8613800138000",
        "008613800138000",
        "138-0013-8000",
        "(+86) 138 0013 8000",
        "１３８００１３８０００",
    ],
)
def test_a_phone_number_is_read(typed: str) -> None:
    assert Phone().parse(typed, {}) == "+8613800138000"


@pytest.mark.parametrize(
    "typed", ["", "12800138000", "1380013800", "138001380000", "+13800138000", "+85213800138000", "010-12345678", "86"]
)
def test_what_is_no_mobile_number_is_refused(typed: str) -> None:
    assert refusal(Phone(), typed) == "not_a_phone"
