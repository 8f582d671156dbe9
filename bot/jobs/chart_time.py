"""Registrations over time: all so far as a line, each period as a bar below, one axis of Beijing time for both."""

from collections.abc import Sequence
from itertools import accumulate, cycle
from typing import NamedTuple

from bot.jobs.chart_canvas import (
    BLUE,
    BODY,
    INK,
    LABEL,
    MARGIN,
    PALE_BLUE,
    PAPER,
    QUIET,
    RIGHT,
    RULE,
    SMALL,
    WIDTH,
    Canvas,
    fitting,
    measure,
    printable,
)
from bot.jobs.charts import TimeSeries
from flows.model import BEIJING, DAY, HOUR, MINUTE, Moment, beijing_day

TICK_STEPS = (HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR)
MOST_HOURS = 6  # named below the axis
TOTAL = 104  # pixels: the size of the figures of the sum
WIDEST_BAR = 160
BARS = 0.34  # of the height of both plots
GAP = 112  # between the plots, where the label of the lower one stands


class Plot(NamedTuple):
    """Where a plot lies, in pixels, and what its axes span: milliseconds across, people upwards from zero."""

    left: float
    right: float
    top: float
    bottom: float
    first: Moment
    last: Moment
    most: float

    def x(self, at: Moment) -> float:
        """Where a moment is."""
        return self.left + (self.right - self.left) * (at - self.first) / (self.last - self.first)

    def y(self, people: float) -> float:
        """Where a number of people is."""
        return self.bottom - (self.bottom - self.top) * people / self.most


class Tick(NamedTuple):
    """A mark on the axis of time: its label, and below it the day where a new one begins."""

    at: Moment
    label: str
    day: str = ""


def draw(data: TimeSeries) -> bytes:
    """Return the chart as a PNG."""
    canvas = Canvas()
    totals = list(accumulate(data.counts, initial=data.before))
    if not totals[-1]:
        canvas.nothing(data.heading)
        return canvas.png()
    top = _put_total(canvas, data.total_label, totals[-1], canvas.heading(data.heading))
    upper, lower, scales = _plots(data, totals[-1], top, canvas.height - (150 if data.step >= DAY else 190))
    ends = (min(data.starts_at + data.step * number, data.until) for number in range(len(totals)))
    points = [(upper.x(at), upper.y(total)) for at, total in zip(ends, totals, strict=True)]
    canvas.area([(points[0][0], upper.bottom), *points, (points[-1][0], upper.bottom)], PALE_BLUE)
    for plot, scale in zip((upper, lower), scales, strict=True):
        _put_grid(canvas, plot, scale)
    canvas.line(points, BLUE, 6)
    canvas.dot(*points[-1], BLUE)
    label = fitting(data.period_label, RIGHT - MARGIN, BODY, bold=True)
    canvas.text(MARGIN, lower.top - 44, label, BODY, bold=True)
    _put_bars(canvas, lower, data)
    _put_ticks(canvas, lower, _day_ticks(data, lower) if data.step >= DAY else _hour_ticks(data, lower))
    return canvas.png()


def _plots(data: TimeSeries, total: int, top: float, bottom: float) -> tuple[Plot, Plot, tuple[list[int], list[int]]]:
    """Where both plots lie, one above the other, and the numbers beside their axes."""
    above, below = _scale(total, most=5), _scale(max(data.counts, default=0), most=3)
    left = MARGIN + max(measure(f"{scale[-1]:,}", SMALL) for scale in (above, below)) + 16
    height = bottom - top - GAP
    last = data.starts_at + data.step * max(len(data.counts), 1)
    upper = Plot(left, RIGHT, top, top + height * (1 - BARS), data.starts_at, last, above[-1])
    return upper, upper._replace(top=bottom - height * BARS, bottom=bottom, most=below[-1]), (above, below)


def _scale(largest: int, *, most: int) -> list[int]:
    """Round numbers from 0 to the largest or a little more, at most so many steps of 1, 2 or 5 times a power of ten."""
    step, factors = 1, cycle((2, 2.5, 2))
    while step * most < largest:
        step = round(step * next(factors))
    return list(range(0, step * max(-(-largest // step), 1) + 1, step))


def _hour_ticks(data: TimeSeries, plot: Plot) -> list[Tick]:
    """Full hours, or midnights where there are many days."""
    step = next((step for step in TICK_STEPS if (plot.last - plot.first) / step <= MOST_HOURS), DAY)
    first = -(-(plot.first + BEIJING) // step) * step - BEIJING
    moments = range(first, plot.last + 1, step)
    if step == DAY:
        return [Tick(at, _day(data, at)) for at in _spread(moments, data, plot)]
    ticks: list[Tick] = []
    for at in moments:
        minutes = (at + BEIJING) % DAY // MINUTE
        new = not ticks or beijing_day(ticks[-1].at) != beijing_day(at)
        ticks.append(Tick(at, f"{minutes // 60:02}:{minutes % 60:02}", _day(data, at) if new else ""))
    return ticks


def _day_ticks(data: TimeSeries, plot: Plot) -> list[Tick]:
    """The middle of periods of days, with the day that each begins with."""
    starts = range(data.starts_at, data.starts_at + data.step * len(data.counts), data.step)
    return [Tick(at + data.step // 2, _day(data, at)) for at in _spread(starts, data, plot)]


def _spread(moments: Sequence[Moment], data: TimeSeries, plot: Plot) -> Sequence[Moment]:
    """Every moment, or every so many that the names of their days have room."""
    widest = max((measure(_day(data, at), SMALL) for at in moments), default=0.0)
    room = max(int((plot.right - plot.left) // (widest + 28)), 1)
    return moments[:: -(-len(moments) // room) or 1]


def _day(data: TimeSeries, at: Moment) -> str:
    day = beijing_day(at)
    month = data.months[day.month - 1] if data.months else str(day.month)
    return printable(data.day.replace("{month}", month).replace("{day}", str(day.day)))


def _put_total(canvas: Canvas, label: str, total: int, y: float) -> float:
    """Write the sum of all in large figures. Returns where the plot may begin."""
    y += LABEL
    canvas.text(MARGIN, y, fitting(label, RIGHT - MARGIN, BODY, bold=True), BODY, bold=True)
    y += TOTAL
    canvas.text(MARGIN, y, f"{total:,}", TOTAL, BLUE, bold=True)
    return y + 64


def _put_grid(canvas: Canvas, plot: Plot, scale: Sequence[int]) -> None:
    for people in scale:
        y = plot.y(people)
        canvas.line([(plot.left, y), (plot.right, y)], INK if not people else RULE, 2)
        canvas.text(plot.left - 16, y + SMALL * 0.36, f"{people:,}", SMALL, QUIET, align="right")


def _put_bars(canvas: Canvas, plot: Plot, data: TimeSeries) -> None:
    """Draw a bar for each period, with its number above it: for all that have one if there is room, or for the tallest.

    Zero is no bar, and needs no number.
    """
    width = (plot.right - plot.left) / max(len(data.counts), 1)
    bar = min(max(width * 0.8, width - 12), WIDEST_BAR)
    most = max(data.counts, default=0)
    every = measure(f"{most:,}", SMALL, bold=True) + 16 <= width
    for number, count in enumerate(data.counts):
        x, y = plot.left + (number + 0.5) * width, plot.y(count)
        if count:
            canvas.box(x - bar / 2, y, bar, plot.bottom - y, BLUE)
        if count and (every or number == data.counts.index(most)):
            text = f"{count:,}"
            size = measure(text, SMALL, bold=True)
            x = _inside(x, size)
            canvas.box(x - size / 2 - 4, y - 36, size + 8, 34, PAPER)  # no line shall run through the number
            canvas.text(x, y - 10, text, SMALL, bold=True, align="center")


def _put_ticks(canvas: Canvas, plot: Plot, ticks: Sequence[Tick]) -> None:
    taken = float(WIDTH)  # by the day further right: where two are too close, the earlier one gives way
    for tick in reversed(ticks):
        x = plot.x(tick.at)
        canvas.line([(x, plot.bottom), (x, plot.bottom + 10)], INK, 2)
        y = plot.bottom + 10 + SMALL * 1.3
        canvas.text(_inside(x, measure(tick.label, SMALL)), y, tick.label, SMALL, align="center")
        width = measure(tick.day, SMALL)
        middle = _inside(x, width)
        if tick.day and middle + width / 2 + 16 < taken:
            canvas.text(middle, y + SMALL * 1.3, tick.day, SMALL, QUIET, align="center")
            taken = middle - width / 2


def _inside(x: float, width: float) -> float:
    """Return the middle of a label near x that does not run out of the picture."""
    return min(max(x, MARGIN / 2 + width / 2), RIGHT + MARGIN / 2 - width / 2)
