"""Charts of horizontal bars: the way to registering, and registrations beside homes."""

from collections.abc import Sequence
from typing import NamedTuple

from bot.jobs.chart_canvas import (
    AMBER,
    AMBER_EDGE,
    BLUE,
    BODY,
    HEIGHT,
    INNER,
    LABEL,
    MARGIN,
    QUIET,
    RIGHT,
    RULE,
    SMALL,
    TRACK,
    Canvas,
    fitting,
    measure,
)
from bot.jobs.charts import MOST_PARTS, Breakdown, Funnel, Part

UNKNOWN = "—"
FOOT = 100  # pixels: where the note stands


class Column(NamedTuple):
    """A column of numbers: where it ends, its label, the numbers, their colour."""

    right: float
    label: str
    values: tuple[str, ...]
    colour: str


def draw_funnel(data: Funnel) -> bytes:
    """Return the chart as a PNG."""
    canvas = Canvas()
    most = max((count for _, count in data.steps), default=0)
    if not most:
        canvas.nothing(data.heading)
        return canvas.png()
    top = canvas.heading(data.heading) + 20
    bottom = canvas.height - FOOT - (80 if data.overall else 0)
    row = min((bottom - top) / len(data.steps), 236)
    bar = min(row - 108, 64)
    before: int | None = None
    for number, (label, count) in enumerate(data.steps):
        y = top + row * number
        base = y + LABEL
        figures = f"{count:,}"
        canvas.text(RIGHT, base, figures, 44, BLUE, bold=True, align="right")
        room = INNER - measure(figures, 44, bold=True) - 24
        canvas.text(MARGIN, base, fitting(label, room, LABEL, bold=True), LABEL, bold=True)
        canvas.box(MARGIN, base + 16, INNER, bar, TRACK)
        canvas.box(MARGIN, base + 16, INNER * count / most, bar, BLUE)
        if before and data.share:
            text = data.share.replace("{share}", percentage(count, before))
            canvas.text(MARGIN, base + 16 + bar + 38, fitting(text, INNER, 30), 30, QUIET)
        before = count
    first, last = data.steps[0][1], data.steps[-1][1]
    if data.overall and first:
        y = canvas.height - FOOT
        text = fitting(data.overall.replace("{share}", percentage(last, first)), INNER, LABEL, bold=True)
        canvas.box(MARGIN, y - 66, INNER, 2, RULE)
        canvas.text(MARGIN, y - 12, text, LABEL, bold=True)
    return canvas.png()


def percentage(part: int, whole: int) -> str:
    """Return a part of a whole with one decimal; only nobody is 0 %, and only all are 100 %."""
    tenths = round(1000 * part / whole)
    if 0 < part < whole:
        tenths = min(max(tenths, 1), 999)
    return f"{tenths / 10:.1f}%" if tenths % 1000 else f"{tenths // 10}%"


def draw_breakdown(data: Breakdown) -> bytes:
    """Return the chart as a PNG, as tall as it needs to be."""
    if not any(part.registered for part in data.parts):
        canvas = Canvas()
        canvas.nothing(data.heading)
        return canvas.png()
    parts = ranked(data.parts, data.others)
    row = min(max((HEIGHT - 300) / len(parts), 74), 112)
    canvas = Canvas(round(min(360 + row * len(parts), HEIGHT)))
    top = canvas.heading(data.heading) + 24
    columns = _columns(data, parts)
    _put_heads(canvas, columns, top + 10)
    top += 50
    row = min(row, (canvas.height - 84 - top) / len(parts))
    room = columns[0].right - measure(max(columns[0].values, key=len), BODY, bold=True) - MARGIN - 24
    most = max(max(part.registered, part.homes) for part in parts)
    bar = min((row - 54) / 2, 26)
    for number, part in enumerate(parts):
        y = top + row * number
        base = y + 30
        canvas.text(MARGIN, base, fitting(part.name, room, 30), 30)
        for column in columns:
            canvas.text(column.right, base, column.values[number], 30, column.colour, bold=True, align="right")
        canvas.box(MARGIN, base + 9, INNER * part.registered / most, bar, BLUE)
        if part.homes:
            canvas.box(MARGIN, base + 11 + bar, INNER * part.homes / most, bar, AMBER, AMBER_EDGE)
    return canvas.png()


def ranked(parts: Sequence[Part], others: str) -> list[Part]:
    """Return at most twelve parts, most registrations first, and then one that sums up the rest."""
    ordered = sorted(parts, key=lambda part: (-part.registered, -part.homes))
    rest = ordered[MOST_PARTS:]
    if not rest:
        return ordered
    name = others.replace("{count}", str(len(rest)))
    # Not knowing the homes of one, we do not know those of all.
    homes = sum(part.homes for part in rest) if all(part.homes for part in rest) else 0
    return [*ordered[:MOST_PARTS], Part(name=name, registered=sum(part.registered for part in rest), homes=homes)]


def _columns(data: Breakdown, parts: Sequence[Part]) -> list[Column]:
    """Columns from left to right, the last one at the edge."""
    ratios = tuple(f"{part.registered / part.homes:.1f}" if part.homes else UNKNOWN for part in parts)
    listed = [
        (data.registered_label, tuple(f"{part.registered:,}" for part in parts), BLUE),
        (data.homes_label, tuple(f"{part.homes:,}" if part.homes else UNKNOWN for part in parts), AMBER_EDGE),
        *([(data.ratio_label, ratios, QUIET)] if data.ratio_label else []),
    ]
    right, columns = float(RIGHT), []
    for label, values, colour in reversed(listed):
        label = fitting(label, 170, SMALL)
        columns.append(Column(right, label, values, colour))
        widths = [measure(label, SMALL) + 40, *(measure(value, 30, bold=True) for value in values)]
        right -= max(widths) + 28
    return columns[::-1]


def _put_heads(canvas: Canvas, columns: Sequence[Column], y: float) -> None:
    """Name the columns; a swatch beside the name says which bar is which."""
    for column, (fill, edge) in zip(columns, ((BLUE, ""), (AMBER, AMBER_EDGE), ("", "")), strict=False):
        canvas.text(column.right, y, column.label, SMALL, QUIET, align="right")
        if fill:
            canvas.box(column.right - measure(column.label, SMALL) - 34, y - 22, 24, 24, fill, edge)
    canvas.box(MARGIN, y + 16, INNER, 2, RULE)
