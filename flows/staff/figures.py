"""Numbers of a plan: how many came how far, and when they registered."""

from __future__ import annotations

from dataclasses import dataclass

from flows.model import BEIJING, DAY, HOUR, Moment, Plan

MOST_PERIODS = 96  # of a picture; more cannot be told apart
HOURLY_FOR = 4 * DAY  # a plan that has been open for no longer is counted by the hour


@dataclass(frozen=True, slots=True)
class Periods:
    """Equal periods one after the other, by Beijing's clock; the last one has begun by the moment of counting."""

    starts_at: Moment
    step: Moment
    count: int


@dataclass(frozen=True, slots=True)
class Figures:
    """How many people came how far; each number holds those of the next. ``counts``: registrations a period."""

    opened: int
    phone: int
    name: int
    form: int
    registered: int
    cancelled: int
    periods: Periods
    counts: tuple[int, ...]
    until: Moment


def periods_of(plan: Plan, at: Moment) -> Periods:
    """From the opening to now, or to the end; none before the opening."""
    until = min(at, plan.closes_at)
    length = until - plan.opens_at
    if length < 0:
        return Periods(plan.opens_at, HOUR, 0)
    step = HOUR if length < HOURLY_FOR - HOUR else DAY
    starts_at = (plan.opens_at + BEIJING) // step * step - BEIJING
    while (until - starts_at) // step + 1 > MOST_PERIODS:
        step *= 2
    return Periods(starts_at, step, int((until - starts_at) // step) + 1)
