"""Statistics as pictures for a phone: registrations over time, the way to registering, and registrations by home.

What stands on them comes from the caller, words and numbers both. The functions are for the worker process
(`Worker.run`): they load matplotlib there, and the bot itself does without. A picture is a PNG 1,024 wide and up to
1,280 tall, the largest that Telegram shows without scaling it. The same data and fonts give the same bytes.
"""

import importlib
from dataclasses import dataclass
from typing import cast

from flows.model import Moment

MOST_STEPS = 7  # of a funnel: more have no room
MOST_PARTS = 12  # of a breakdown: the rest is summed up


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """The words around a chart. What is empty is left out; what is too long for its lines is cut."""

    title: str  # 登记情况
    subtitle: str = ""  # the plan's name
    note: str = ""  # 截至 2026年11月24日 09:00（北京时间）
    empty: str = ""  # 还没有人登记: in place of a chart of nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSeries:
    """Registrations in equal periods, one after the other.

    `starts_at` is where the first period begins and `until` the moment of counting, in the last period or at its end:
    UTC in milliseconds. `step` is the length of a period in milliseconds, an hour or a day as a rule; up to a hundred
    periods are easily told apart. `counts` are people, a count for each period; `before` those from before the first.
    `day` names a day below the axis, with {month} and {day}; `months` are twelve names, or empty for numbers.
    """

    heading: Heading
    total_label: str  # 累计登记（户）
    period_label: str  # 每小时登记（户）
    starts_at: Moment
    until: Moment
    step: int
    counts: tuple[int, ...]
    before: int = 0
    day: str = "{month}-{day}"
    months: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError if the numbers contradict each other."""
        last = self.starts_at + self.step * len(self.counts)
        if self.step <= 0 or min(self.before, 0, *self.counts) < 0 or len(self.months) not in (0, 12):
            raise ValueError("step must be positive, counts not negative, months none or twelve")
        if self.counts and not last - self.step < self.until <= last:
            raise ValueError("until must lie in the last period")


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """How many people came how far: label and count of each step, in order, at most seven.

    `share` says what part of those of the step before went on, `overall` what part came from the first step to the
    last, both with {share} for the percentage. They are left out when empty, and so is a share of nobody.
    """

    heading: Heading
    steps: tuple[tuple[str, int], ...]
    share: str = "{share}"  # 占上一步 {share}
    overall: str = ""  # 从打开到登记：{share}

    def __post_init__(self) -> None:
        """Raises ValueError if there are too many steps or a count is negative."""
        if len(self.steps) > MOST_STEPS or any(count < 0 for _, count in self.steps):
            raise ValueError(f"at most {MOST_STEPS} steps, and counts not negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A project or a unit type: how many registered for it and how many homes it has; 0 homes: not known."""

    name: str
    registered: int
    homes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """Registrations beside homes, by project or unit type. The order is ours: most registrations first.

    What exceeds twelve parts is summed up in one called `others`, where {count} is how many they are.
    `ratio_label` heads the column of registrations a home and is left out with it when empty.
    """

    heading: Heading
    parts: tuple[Part, ...]
    registered_label: str  # 登记
    homes_label: str  # 房源
    ratio_label: str = ""  # 每套
    others: str = "{count}"  # 其他 {count} 项


def registrations_chart(data: TimeSeries) -> bytes:
    """Draw registrations over time as a PNG: all so far as a line, each period as a bar.

    Raises FontsMissingError if the fonts are not set up.
    """
    return cast("bytes", importlib.import_module("bot.jobs.chart_time").draw(data))


def funnel_chart(data: Funnel) -> bytes:
    """Draw the steps to registering as a PNG: a bar each, and what part of the step before it is.

    Raises FontsMissingError if the fonts are not set up.
    """
    return cast("bytes", importlib.import_module("bot.jobs.chart_bars").draw_funnel(data))


def breakdown_chart(data: Breakdown) -> bytes:
    """Draw registrations beside homes as a PNG: two bars for each project or unit type, at most twelve and the rest.

    Raises FontsMissingError if the fonts are not set up.
    """
    return cast("bytes", importlib.import_module("bot.jobs.chart_bars").draw_breakdown(data))
