"""Plans: read as they were written, kept on the shelf, changed only as they were found, looked at once a person."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from flows.model import DAY, Condition, Demand, Plan, PlanStatus, Project, Relation, Rent, UnitType, beijing_day
from tests.storage.room import AT, OTHER_PLAN, PLAN, Room, furnished

RENTS = tuple(Rent(f"{floor} 层", 4_580 if floor % 2 else None, 300_000 + floor) for floor in range(1, 8))
WHOLE = Plan(
    "HD2699",
    "海淀区2026年第九批保租房",
    AT + DAY,
    AT + 5 * DAY,
    "公告",
    "第一条\n第二条",
    date(2026, 12, 24),
    "010-12345678",
    "9:00–17:00",
    projects=(
        Project(
            "QH",
            "清河家园",
            "清河路 1 号",
            "海淀区",
            40.0331,
            116.3402,
            "近地铁",
            (UnitType("A1", "一居室", 4_580, 860, "朝南", RENTS, ("f" * 64,)), UnitType("B1", "开间")),
            ("d" * 64, "e" * 64),
        ),
        Project("YF", "永丰嘉苑", "永丰路"),
    ),
    conditions=(Condition("insured_months", Relation.AT_LEAST, ("12",), "社保不少于 12 个月"),),
    demands=(("education", Demand.REQUIRED),),
    notice_file="c" * 64,
)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with furnished(tmp_path) as room:
        yield room


def added(room: Room, plan: Plan = WHOLE, published_at: int | None = AT) -> Plan:
    room.store.add_plan(plan, published_at)
    found = room.store.plan(plan.code)
    assert found is not None
    return found


def test_a_plan_comes_back_whole(room: Room) -> None:
    added(room)
    assert room.store.whole_plan(WHOLE.code) == replace(WHOLE, published_at=AT)


def test_a_plan_that_is_looked_at_carries_the_range_of_its_rents(room: Room) -> None:
    unit_type = added(room).projects[0].unit_types[0]
    assert unit_type.rents == ()
    assert (unit_type.rent_count, unit_type.lowest, unit_type.highest) == (7, 300_001, 300_007)
    assert added(room, replace(WHOLE, code="HD2698")).projects[0].unit_types[1].rent_count == 0


def test_rents_are_read_page_by_page(room: Room) -> None:
    added(room)
    assert room.store.rents(WHOLE.code, "QH", "A1", 0, 3) == list(RENTS[:3])
    assert room.store.rents(WHOLE.code, "QH", "A1", 6, 3) == list(RENTS[6:])
    assert room.store.rents(WHOLE.code, "QH", "NO", 0, 3) == []


def test_only_published_plans_are_shown_the_newest_first(room: Room) -> None:
    room.store.add_plan(WHOLE, None)
    assert (room.store.plan(WHOLE.code), room.store.has_plan(WHOLE.code)) == (None, True)
    assert [plan.code for plan in room.store.plans()] == [PLAN.code, OTHER_PLAN.code]
    room.store.publish_plan(WHOLE.code, AT)
    assert [plan.code for plan in room.store.plans()] == [WHOLE.code, PLAN.code, OTHER_PLAN.code]
    assert len(room.store.stored_plans()) == 3
    assert not room.store.has_plan("NOWHERE")
    assert room.store.plan("NOWHERE") is room.store.whole_plan("NOWHERE") is room.store.stored_plan("NOWHERE") is None


def test_a_code_is_given_once(room: Room) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        room.store.add_plan(PLAN, AT)


def test_a_plan_opens_before_it_closes(room: Room) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        room.store.add_plan(replace(WHOLE, closes_at=WHOLE.opens_at), AT)


def test_a_plan_is_changed_only_as_it_was_found(room: Room) -> None:
    found = added(room)
    changed = replace(WHOLE, name="改了名字", projects=WHOLE.projects[1:])
    assert room.store.change_plan(changed, found.revision)
    assert not room.store.change_plan(WHOLE, found.revision)
    now = room.store.whole_plan(WHOLE.code)
    assert now == replace(changed, published_at=AT, revision=found.revision + 1)
    assert not room.store.change_plan(replace(WHOLE, code="NOWHERE"), 1)


def test_a_plan_that_is_withdrawn_says_when_and_why(room: Room) -> None:
    added(room)
    room.store.withdraw_plan(WHOLE.code, "房源调整", AT + 2 * DAY)
    plan = room.store.plan(WHOLE.code)
    assert plan is not None
    assert (plan.withdrawn_reason, plan.status(AT + 2 * DAY)) == ("房源调整", PlanStatus.WITHDRAWN)
    assert plan.status(AT + 2 * DAY - 1) is PlanStatus.OPEN


def test_what_is_on_the_shelf_is_read_once_and_anew_after_an_undone_turn(room: Room) -> None:
    assert room.store.plans()[0] is room.store.plans()[0]
    room.connection.execute("BEGIN")
    room.store.add_plan(WHOLE, AT)
    assert room.store.plan(WHOLE.code) is not None
    room.connection.execute("ROLLBACK")
    room.shelf.clear()
    assert room.store.plan(WHOLE.code) is None


def test_a_visit_counts_once(room: Room) -> None:
    for visitor in (100, 100, 101):
        room.store.note_visit(PLAN.code, visitor, AT)
    assert room.store.all("SELECT plan_code, chat_id FROM visits") == [(PLAN.code, 100), (PLAN.code, 101)]


@pytest.mark.parametrize(
    ("at", "status"),
    [
        (PLAN.opens_at - 1, PlanStatus.UPCOMING),
        (PLAN.opens_at, PlanStatus.OPEN),
        (PLAN.closes_at - 1, PlanStatus.OPEN),
        (PLAN.closes_at, PlanStatus.CLOSED),
    ],
)
def test_a_plan_is_open_from_its_first_moment_up_to_and_without_its_last(at: int, status: PlanStatus) -> None:
    assert PLAN.status(at) is status


def test_days_are_those_of_beijing() -> None:
    assert beijing_day(AT) == date(2026, 11, 24)
    midnight = 1_795_449_600_000  # 2026-11-24 00:00 in Beijing
    assert (beijing_day(midnight), beijing_day(midnight - 1)) == (date(2026, 11, 24), date(2026, 11, 23))
