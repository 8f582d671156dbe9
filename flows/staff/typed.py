"""What clerks type for a single thing of a plan. Wrong answers say what is wrong and show a right example."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flows.engine.fields import Invalid
from flows.engine.kinds import read_moment
from flows.engine.text import one_line
from flows.model import Moment, Plan

SHORT, LONG = 60, 120  # characters, as in the workbook
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
_FULL_WIDTH = str.maketrans("０１２３４５６７８９：　", "0123456789: ")


def moment(text: str) -> Moment:
    """Beijing time, to the minute. Raises Invalid."""
    return read_moment(text)


def _day(text: str) -> date:
    found = _DAY.fullmatch(one_line(text).translate(_FULL_WIDTH))
    if found is None:
        raise Invalid("not_a_plan_day")
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        raise Invalid("no_such_plan_day") from None


def line(text: str, longest: int) -> str:
    """One line, not empty. Raises Invalid."""
    text = one_line(text)
    if not text:
        raise Invalid("nothing_typed")
    if len(text) > longest:
        raise Invalid("typed_too_long", longest=longest, length=len(text))
    return text


def _lines(text: str) -> str:
    text = text.strip()
    if not text:
        raise Invalid("nothing_typed")
    return text


@dataclass(frozen=True, slots=True)
class Thing:
    """A field of a plan that can be typed; ``optional`` ones can be left empty."""

    name: str
    read: Callable[[str], Any]
    optional: bool = False
    empty: Any = ""


THINGS: Mapping[str, Thing] = {
    thing.name: thing
    for thing in (
        Thing("name", lambda text: line(text, SHORT)),
        Thing("notice_title", lambda text: line(text, LONG), optional=True),
        Thing("notice_text", _lines, optional=True),
        Thing("announced_on", _day, optional=True, empty=None),
        Thing("opens_at", moment),
        Thing("closes_at", moment),
        Thing("phone", lambda text: line(text, SHORT), optional=True),
        Thing("hours", lambda text: line(text, LONG), optional=True),
    )
}


def changed(plan: Plan, name: str, text: str) -> Plan:
    """The plan with one thing as typed. Raises Invalid."""
    made = replace(plan, **{name: THINGS[name].read(text)})
    if made.closes_at <= made.opens_at:
        raise Invalid("closes_before_opening" if name == "closes_at" else "opens_after_closing")
    return made


def cleared(plan: Plan, name: str) -> Plan:
    """The plan without one thing that it can be without."""
    return replace(plan, **{name: THINGS[name].empty})
