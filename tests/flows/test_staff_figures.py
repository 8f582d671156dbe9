"""Periods in which registrations are counted, and the numbers of a plan."""

from __future__ import annotations

import pytest

from flows.model import BEIJING, DAY, HOUR, MINUTE, Moment, Plan
from flows.staff.figures import MOST_PERIODS, Periods, periods_of

OPENS: Moment = 1_795_482_000_000  # 2026-11-24 09:00 in Beijing


def plan(length: Moment) -> Plan:
    return Plan("X", "x", OPENS + 20 * MINUTE, OPENS + 20 * MINUTE + length)


@pytest.mark.parametrize(
    ("length", "after", "step"),
    [
        (4 * DAY, 0, HOUR),
        (4 * DAY, 3 * HOUR, HOUR),
        (9 * DAY, 5 * DAY, DAY),
        (9 * DAY, 99 * DAY, DAY),
        (300 * DAY, 299 * DAY, 4 * DAY),
        (3_000 * DAY, 2_999 * DAY, 32 * DAY),
    ],
)
def test_periods_begin_by_the_clock_and_reach_to_now_or_the_end(length: Moment, after: Moment, step: Moment) -> None:
    one = plan(length)
    at = one.opens_at + after
    periods = periods_of(one, at)
    until = min(at, one.closes_at)
    assert periods.step == step
    assert periods.starts_at <= one.opens_at
    assert (periods.starts_at + BEIJING) % min(step, DAY) == 0
    assert periods.starts_at + periods.step * (periods.count - 1) <= until
    assert until < periods.starts_at + periods.step * periods.count
    assert 1 <= periods.count <= MOST_PERIODS


def test_before_the_opening_there_is_nothing_to_count() -> None:
    one = plan(DAY)
    assert periods_of(one, one.opens_at - 1) == Periods(one.opens_at, HOUR, 0)
