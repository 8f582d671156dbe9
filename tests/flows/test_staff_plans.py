"""Plans as text, what is different between two of them, and two clerks' changes brought together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from flows.model import Condition, Demand, Plan, Project, Relation, Rent, UnitType
from flows.staff.changes import Change, Value, diff, from_json, moves_dates, to_json, told
from flows.staff.merging import merge
from flows.staff.plan_text import plan_from_text, plan_to_text

RENTS = tuple(Rent(f"1-{number}", 4_000 + number, 300_000 + number) for number in range(6))
UNIT = UnitType("A", "一居室", 4_530, 6, "南向", RENTS, ("aa" * 32,))
BARE_UNIT = UnitType("B", "二居室")
QINGHE = Project(
    "QH", "清河家园", "清河路 1 号", "海淀区", 40.03, 116.34, "介绍", (UNIT, BARE_UNIT), ("bb" * 32, "cc" * 32)
)
XIERQI = Project("XE", "西二旗公寓", "西二旗大街 2 号")
OVER_18 = Condition("age", Relation.AT_LEAST, ("18",), "年满 18 周岁")
PLAN = Plan(
    "HD2603",
    "海淀区2026年第三批保租房",
    1_795_482_000_000,
    1_795_900_000_000,
    "公告",
    "正文",
    date(2026, 12, 10),
    "010-12345678",
    "9:00–17:00",
    projects=(QINGHE, XIERQI),
    conditions=(OVER_18,),
    demands=(("education", Demand.REQUIRED),),
    notice_file="dd" * 32,
)


def with_project(plan: Plan, project: Project) -> Plan:
    return replace(plan, projects=tuple(project if one.code == project.code else one for one in plan.projects))


def with_unit(plan: Plan, unit: UnitType) -> Plan:
    project = plan.projects[0]
    units = tuple(unit if one.code == unit.code else one for one in project.unit_types)
    return with_project(plan, replace(project, unit_types=units))


@pytest.mark.parametrize(
    "plan",
    [PLAN, Plan("X1", "x", 0, 1), replace(PLAN, published_at=5, withdrawn_at=6, withdrawn_reason="“'", revision=9)],
)
def test_a_plan_comes_back_from_text_as_it_was(plan: Plan) -> None:
    assert plan_from_text(plan_to_text(plan)) == plan
    read = plan_from_text(plan_to_text(plan).encode())
    assert all(isinstance(project.unit_types, tuple) for project in read.projects)


def test_a_plan_without_its_rents_keeps_their_range() -> None:
    seen = with_unit(PLAN, replace(UNIT, rents=(), rent_count=6, lowest=1, highest=2))
    assert plan_from_text(plan_to_text(seen)) == seen


def test_text_holds_nothing_but_a_plan() -> None:
    with pytest.raises(TypeError):
        plan_to_text(replace(PLAN, name=object()))  # type: ignore[arg-type]
    with pytest.raises(LookupError):
        plan_from_text("{}")


def test_a_plan_is_not_different_from_itself() -> None:
    assert diff(PLAN, PLAN) == ()
    assert diff(PLAN, replace(PLAN, published_at=1, withdrawn_at=2, withdrawn_reason="x", revision=7)) == ()


WHERE, UNIT_WHERE = "清河家园", "清河家园 · 一居室"


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (replace(PLAN, name="新名"), [("name", "", PLAN.name, "新名")]),
        (replace(PLAN, notice_title=""), [("notice_title", "", "公告", "")]),
        (replace(PLAN, notice_text="另一个正文"), [("notice_text", "", None, None)]),
        (replace(PLAN, opens_at=7), [("opens_at", "", PLAN.opens_at, 7)]),
        (replace(PLAN, closes_at=8), [("closes_at", "", PLAN.closes_at, 8)]),
        (replace(PLAN, announced_on=None), [("announced_on", "", "2026-12-10", None)]),
        (replace(PLAN, phone="1", hours="2"), [("phone", "", PLAN.phone, "1"), ("hours", "", PLAN.hours, "2")]),
        (replace(PLAN, notice_file=None), [("notice_file", "", 1, 0)]),
        (replace(PLAN, name="长" * 99), [("name", "", PLAN.name, "长" * 60 + "…")]),
        (replace(PLAN, conditions=()), [("condition_removed", "年满 18 周岁", None, None)]),
        (
            replace(PLAN, conditions=(replace(OVER_18, values=("20",), message=""),)),
            [("condition_changed", "age", None, None)],
        ),
        (
            replace(PLAN, conditions=(OVER_18, Condition("hukou", Relation.EQUALS, ("x",)))),
            [("condition_added", "hukou", None, None)],
        ),
        (
            replace(PLAN, demands=(("hukou", Demand.LEFT_OUT),)),
            [("demand", "education", "required", None), ("demand", "hukou", None, "left_out")],
        ),
        (replace(PLAN, projects=(QINGHE,)), [("project_removed", "西二旗公寓", 0, None)]),
        (replace(PLAN, projects=(XIERQI, QINGHE)), [("project_order", "", None, None)]),
        (
            replace(PLAN, projects=(QINGHE, replace(XIERQI, code="NEW"))),
            [("project_removed", "西二旗公寓", 0, None), ("project_added", "西二旗公寓", None, 0)],
        ),
        (with_project(PLAN, replace(QINGHE, name="清河")), [("project_name", WHERE, WHERE, "清河")]),
        (with_project(PLAN, replace(QINGHE, text="新")), [("project_text", WHERE, None, None)]),
        (with_project(PLAN, replace(QINGHE, latitude=40.1)), [("project_place", WHERE, None, None)]),
        (with_project(PLAN, replace(QINGHE, pictures=())), [("project_pictures", WHERE, 2, 0)]),
        (with_project(PLAN, replace(QINGHE, unit_types=(UNIT,))), [("unit_removed", "清河家园 · 二居室", 0, None)]),
        (
            with_project(PLAN, replace(QINGHE, unit_types=(UNIT, BARE_UNIT, replace(UNIT, code="C")))),
            [("unit_added", UNIT_WHERE, None, 6)],
        ),
        (
            with_project(PLAN, replace(QINGHE, unit_types=(BARE_UNIT, UNIT))),
            [("unit_order", WHERE, None, None)],
        ),
        (with_unit(PLAN, replace(UNIT, homes=9)), [("unit_homes", UNIT_WHERE, 6, 9)]),
        (with_unit(PLAN, replace(UNIT, area=None)), [("unit_area", UNIT_WHERE, 4_530, None)]),
        (with_unit(PLAN, replace(UNIT, pictures=())), [("unit_pictures", UNIT_WHERE, 1, 0)]),
        (with_unit(PLAN, replace(UNIT, rents=RENTS[1:])), [("rents_removed", UNIT_WHERE, 1, None)]),
        (with_unit(PLAN, replace(UNIT, rents=RENTS[::-1])), [("rents_order", UNIT_WHERE, None, None)]),
        (
            with_unit(PLAN, replace(UNIT, rents=(*RENTS, Rent("9-9", None, 1)))),
            [("rents_added", UNIT_WHERE, None, 1)],
        ),
        (
            with_unit(PLAN, replace(UNIT, rents=(replace(RENTS[0], monthly=1), *RENTS[1:]))),
            [("rent", f"{UNIT_WHERE} · 1-0", 300_000, 1)],
        ),
        (
            with_unit(PLAN, replace(UNIT, rents=tuple(replace(rent, monthly=1) for rent in RENTS))),
            [("rents_changed", UNIT_WHERE, None, 6)],
        ),
        (
            with_unit(PLAN, replace(UNIT, rents=tuple(replace(rent, area=None) for rent in RENTS))),
            [("rents_resized", UNIT_WHERE, None, 6)],
        ),
    ],
)
def test_every_difference_is_named(new: Plan, expected: list[tuple[str, str, Value, Value]]) -> None:
    changes = diff(PLAN, new)
    assert [(change.kind, change.where, change.before, change.after) for change in changes] == expected
    assert from_json(to_json(changes)) == changes
    assert diff(new, new) == ()


def test_homes_without_names_are_known_by_their_place() -> None:
    nameless = tuple(replace(rent, home="") for rent in RENTS)
    old, new = with_unit(PLAN, replace(UNIT, rents=nameless)), with_unit(PLAN, replace(UNIT, rents=nameless[:3]))
    assert diff(old, new) == (Change("rents_removed", UNIT_WHERE, 3),)
    dearer = (replace(nameless[0], monthly=1), *nameless[1:])
    assert diff(old, with_unit(PLAN, replace(UNIT, rents=dearer))) == (Change("rent", UNIT_WHERE, 300_000, 1),)


def test_those_who_registered_are_told_what_matters_to_them() -> None:
    new = with_project(replace(PLAN, closes_at=9), replace(QINGHE, pictures=(), latitude=1.0))
    changes = diff(PLAN, new)
    assert [change.kind for change in changes] == ["closes_at", "project_place", "project_pictures"]
    assert [change.kind for change in told(changes)] == ["closes_at"]
    assert moves_dates(changes)
    assert not moves_dates(changes[1:])


@pytest.mark.parametrize("written", [None, {}, "x"])
def test_no_list_is_no_list_of_changes(written: object) -> None:
    with pytest.raises(TypeError):
        from_json(written)


def test_changes_of_two_clerks_are_brought_together() -> None:
    mine = with_project(replace(PLAN, closes_at=9), replace(QINGHE, text="我的介绍"))
    theirs = with_unit(replace(PLAN, phone="110", revision=4, published_at=3), replace(UNIT, homes=99))
    merged = merge(PLAN, mine, theirs)
    assert (merged.closes_at, merged.phone, merged.revision, merged.published_at) == (9, "110", 4, 3)
    assert merged.projects[0].text == "我的介绍"
    assert merged.projects[0].unit_types[0].homes == 99
    assert [change.kind for change in diff(theirs, merged)] == ["closes_at", "project_text"]


def test_what_both_changed_is_as_the_one_who_confirms_wants_it() -> None:
    mine, theirs = replace(PLAN, name="我的", phone=PLAN.phone), replace(PLAN, name="他的", phone="110")
    assert (merge(PLAN, mine, theirs).name, merge(PLAN, mine, theirs).phone) == ("我的", "110")


def test_what_one_takes_out_and_the_other_adds() -> None:
    extra = replace(XIERQI, code="MINE")
    other = replace(XIERQI, code="THEIRS")
    mine = replace(PLAN, projects=(QINGHE, extra), conditions=(), demands=())
    theirs = replace(PLAN, projects=(QINGHE, XIERQI, other), demands=(*PLAN.demands, ("hukou", Demand.REQUIRED)))
    merged = merge(PLAN, mine, theirs)
    assert [project.code for project in merged.projects] == ["QH", "THEIRS", "MINE"]
    assert merged.conditions == ()
    assert merged.demands == (("hukou", Demand.REQUIRED),)


def test_what_the_other_took_out_comes_back_only_if_it_was_changed_here() -> None:
    theirs = replace(PLAN, projects=(QINGHE,))
    assert merge(PLAN, replace(PLAN, name="x"), theirs).projects == (QINGHE,)
    mine = with_project(PLAN, replace(XIERQI, text="新"))
    assert [project.code for project in merge(PLAN, mine, theirs).projects] == ["QH", "XE"]


def test_an_order_that_was_changed_is_kept() -> None:
    mine = replace(PLAN, projects=(XIERQI, QINGHE))
    theirs = replace(PLAN, projects=(QINGHE, XIERQI, replace(XIERQI, code="NEW")))
    assert [project.code for project in merge(PLAN, mine, theirs).projects] == ["XE", "QH", "NEW"]


def test_rents_are_one_thing_and_their_range_follows() -> None:
    cheap = (Rent("1-0", None, 1),)
    mine, theirs = with_unit(PLAN, replace(UNIT, rents=cheap)), with_unit(PLAN, replace(UNIT, homes=2))
    unit = merge(PLAN, mine, theirs).projects[0].unit_types[0]
    assert (unit.rents, unit.rent_count, unit.lowest, unit.homes) == (cheap, 1, 1, 2)
    without = with_unit(PLAN, replace(UNIT, rents=(), rent_count=0, lowest=None, highest=None))
    unit = merge(PLAN, without, theirs).projects[0].unit_types[0]
    assert (unit.rents, unit.rent_count, unit.lowest, unit.highest) == ((), 0, None, None)
    both_added = replace(QINGHE, code="N")
    merged = merge(
        PLAN, replace(PLAN, projects=(both_added,)), replace(PLAN, projects=(replace(both_added, name="x"),))
    )
    assert [project.name for project in merged.projects] == ["清河家园"]
