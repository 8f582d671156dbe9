"""Whatever stands in the cells: a plan that keeps its own rules, or mistakes that say where."""

from __future__ import annotations

import re
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.jobs.workbook import read_workbook, write_workbook
from bot.jobs.workbook.visible import visible
from flows.model import SECOND, Plan, Project, Rent, UnitType
from tests.bot.workbook_maker import CLOSES, OPENS, Value, good, made, read_plan

# what can stand in XML 1.0 at all
CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff") | st.sampled_from("\t\n")
VALUES: st.SearchStrategy[Value] = st.one_of(
    st.none(),
    st.text(CHARACTERS, max_size=40),
    st.from_regex(r"20[0-9]{2}[-/年][0-9]{1,2}[-/月][0-9]{1,2}日? [0-9]{1,2}[:：][0-9]{2}", fullmatch=True),
    st.from_regex(r"[-+¥￥]?[0-9０-９,，.]{1,12}(元|㎡|套)?", fullmatch=True),
    st.integers(-(10**18), 10**18),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.datetimes(min_value=datetime.fromisoformat("1900-03-01")),
    st.dates(min_value=datetime.fromisoformat("1900-03-01").date()),
    st.sampled_from(["=1+1", "#N/A", "#REF!", "QH01", "A1"]),
)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_any_cells_give_a_plan_or_mistakes_that_say_where(data: st.DataObject) -> None:
    book = good()
    for _ in range(data.draw(st.integers(1, 12))):
        sheet = data.draw(st.sampled_from(sorted(book)))
        row = data.draw(st.integers(0 if data.draw(st.integers(0, 9)) == 0 else 1, len(book[sheet]) - 1))
        book[sheet][row][data.draw(st.integers(0, len(book[sheet][row]) - 1))] = data.draw(VALUES)
    result = read_workbook(made(book))
    if isinstance(result, Plan):
        assert re.fullmatch(r"[A-Za-z0-9]{2,16}", result.code)
        assert result.opens_at < result.closes_at
        assert result.projects
        assert all(each.name and each.address and each.homes >= 0 for each in result.projects)
        assert read_workbook(write_workbook(result)) == result
    else:
        assert result
        assert all(each.sheet and each.sentence.startswith(f"工作表“{each.sheet}”") for each in result)
        assert all(visible(each.sentence) == each.sentence and "\n" not in each.sentence for each in result)


CODES = st.from_regex(r"[A-Za-z0-9_-]{1,24}", fullmatch=True)
LINES = (
    st.text("甲乙丙𠅤Aab1 ·（）—é=+@<&_x000D_", min_size=1, max_size=60)
    .map(str.strip)
    .filter(lambda text: text and "  " not in text)
)
RENTS = st.builds(Rent, st.just(""), st.none() | st.integers(1, 1_000_000), st.integers(1, 100_000_000))
UNIT_TYPES = st.builds(
    UnitType,
    CODES,
    LINES,
    st.none() | st.integers(1, 1_000_000),
    st.integers(0, 100_000),
    LINES | st.just(""),
    st.lists(RENTS, max_size=3).map(tuple),
)
PROJECTS = st.builds(
    Project,
    CODES,
    LINES,
    LINES,
    LINES | st.just(""),
    text=LINES | st.just(""),
    unit_types=st.lists(UNIT_TYPES, max_size=3, unique_by=lambda each: each.code).map(tuple),
)
PLANS = st.builds(
    Plan,
    st.from_regex(r"[A-Za-z0-9]{2,16}", fullmatch=True),
    LINES,
    st.integers(OPENS // SECOND - 10**6, OPENS // SECOND).map(lambda seconds: seconds * SECOND),
    st.integers(OPENS // SECOND + 1, CLOSES // SECOND).map(lambda seconds: seconds * SECOND),
    notice_text=st.lists(LINES, max_size=5).map("\n".join),
    projects=st.lists(PROJECTS, min_size=1, max_size=3, unique_by=lambda each: each.code).map(tuple),
)


@settings(deadline=None, max_examples=40)
@given(PLANS)
def test_any_plan_survives_writing_and_reading(plan: Plan) -> None:
    assert read_plan(write_workbook(plan)) == plan
