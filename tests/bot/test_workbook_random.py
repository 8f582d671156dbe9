"""Whatever stands in the cells: a plan that keeps its own rules, or mistakes that say where."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.jobs.workbook import FieldKind, PackagePicture, read_workbook, write_package, write_workbook
from bot.jobs.workbook.fields import Catalogue
from bot.jobs.workbook.values import FITTING, LISTS
from bot.jobs.workbook.visible import visible
from flows.model import SECOND, Condition, Demand, Plan, Project, Relation, Rent, UnitType
from tests.bot.workbook_maker import (
    CLOSES,
    FIELDS,
    JPEG,
    OPENS,
    PDF,
    PNG,
    WEBP,
    Value,
    made,
    read_parcel,
    read_plan,
    screened,
)

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


@settings(deadline=None, max_examples=30)
@given(st.data())
def test_any_cells_give_a_plan_or_mistakes_that_say_where(data: st.DataObject) -> None:
    book = screened()
    for _ in range(data.draw(st.integers(1, 12))):
        sheet = data.draw(st.sampled_from(sorted(book)))
        row = data.draw(st.integers(0 if data.draw(st.integers(0, 9)) == 0 else 1, len(book[sheet]) - 1))
        book[sheet][row][data.draw(st.integers(0, len(book[sheet][row]) - 1))] = data.draw(VALUES)
    result = read_workbook(made(book), FIELDS)
    if isinstance(result, Plan):
        assert re.fullmatch(r"[A-Za-z0-9]{2,16}", result.code)
        assert result.opens_at < result.closes_at
        assert result.projects
        assert all(each.name and each.address and each.homes >= 0 for each in result.projects)
        assert read_workbook(write_workbook(result, FIELDS), FIELDS) == result
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


VALUES_OF = {
    FieldKind.NUMBER: st.integers(0, 1_000_000).map(str),
    FieldKind.MONEY: st.integers(0, 10**10).map(str),
    FieldKind.DAY: st.dates(date(1901, 1, 1), date(2099, 12, 31)).map(date.isoformat),
    FieldKind.TEXT: LINES,
}
MESSAGES = LINES | st.just("") | st.sampled_from(["=1+1", "+86", "-1", "@SUM(A1)", "=HYPERLINK(A1)"])


@st.composite
def conditions(draw: st.DrawFn, left_out: Collection[str]) -> tuple[Condition, ...]:
    """Only such as somebody can meet, for others are mistakes."""
    drawn: dict[tuple[str, Relation], Condition] = {}
    fields = [each for each in Catalogue(FIELDS).comparable if each.key not in left_out]
    for field in draw(st.lists(st.sampled_from(fields), max_size=5)):
        relation = draw(st.sampled_from(FITTING[field.kind]))
        value = st.sampled_from(sorted(field.options)) if field.options else VALUES_OF[field.kind]
        values = draw(st.lists(value, min_size=1, max_size=3 if relation in LISTS else 1, unique=True))
        drawn[field.key, relation] = Condition(field.key, relation, tuple(values), draw(MESSAGES))
    opposite = {Relation.AT_LEAST: Relation.AT_MOST}
    return tuple(
        each
        for each in drawn.values()
        if (each.field, opposite.get(each.relation, each.relation)) not in drawn or each.relation not in opposite
    )


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    chosen = draw(st.lists(st.sampled_from(sorted(FIELDS)), max_size=4, unique=True))
    demands = tuple((key, draw(st.sampled_from(Demand))) for key in chosen)
    left_out = {key for key, demand in demands if demand is Demand.LEFT_OUT}
    return replace(draw(PLANS), demands=demands, conditions=draw(conditions(left_out)))


@settings(deadline=None, max_examples=15)
@given(plans())
def test_any_plan_survives_writing_and_reading(plan: Plan) -> None:
    assert read_plan(write_workbook(plan, FIELDS)) == plan


NAMES = st.builds(
    lambda stem, end: stem + end,
    st.text("甲乙𠅤Aa1203 -_（）é.", min_size=1, max_size=20).filter(lambda text: not text.startswith("._")),
    st.sampled_from([".jpg", ".JPEG", ".png", ".webp"]),
)


@settings(deadline=None, max_examples=8)
@given(st.data())
def test_any_package_survives_writing_and_reading(data: st.DataObject) -> None:
    plan = data.draw(plans())
    homes: list[tuple[str, str | None]] = [(project.code, None) for project in plan.projects]
    homes += [(project.code, unit.code) for project in plan.projects for unit in project.unit_types]
    names = data.draw(st.lists(st.tuples(st.sampled_from(homes), NAMES), max_size=6, unique=True))
    pictures = [PackagePicture(*home, name, data.draw(st.sampled_from([JPEG, PNG, WEBP]))) for home, name in names]
    notice = data.draw(st.none() | st.just(PDF))
    package = read_parcel(write_package(plan, pictures, notice, FIELDS))
    assert (package.plan, package.notice_pdf) == (plan, notice)
    assert set(package.pictures) == set(pictures)
    assert len(package.pictures) == len(pictures)
    assert read_parcel(write_package(package.plan, package.pictures, notice, FIELDS)) == package
