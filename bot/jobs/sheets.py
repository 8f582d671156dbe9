"""Laying out a form: text and boxes on A4 sheets, tables that break well over pages.

Pure arithmetic in millimetres from the top left corner of the sheet. What comes out are marks; `record_pdf` draws them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from bot.jobs.typesetting import Typecase, break_lines

PAGE_WIDTH, PAGE_HEIGHT = 210.0, 297.0
LEFT, TOP = 20.0, 20.0  # margins; both sides alike
WIDTH = PAGE_WIDTH - 2 * LEFT
POINT = 25.4 / 72
BODY = 10.5  # points: 五号, the size of forms
LEADING = 1.5  # of the size of type
PAD_X, PAD_Y = 1.8, 1.35
HAIRLINE = 0.2
SHADE = 243  # of 255, behind labels
MOST_LINES = 15  # of one row: a longer answer goes on in a second row, so that every row fits on a page


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text: left end of its base line; size and spacing between characters in points; grey 0 to 255."""

    x: float
    y: float
    text: str
    size: float = BODY
    bold: bool = False
    grey: int = 0
    spacing: float = 0.0


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; `fill` is a grey from 0 to 255 or None, `border` the width of its line, 0 for none."""

    x: float
    y: float
    width: float
    height: float
    fill: int | None = None
    border: float = 0.0


Mark = Text | Box
Align = Literal["left", "centre", "right"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a row, its text broken into lines."""

    x: float
    width: float
    lines: tuple[str, ...]
    bold: bool = False
    shaded: bool = False
    align: Align = "left"
    size: float = BODY


@dataclass(frozen=True, slots=True)
class Row:
    """Cells side by side, never torn apart."""

    cells: tuple[Cell, ...]
    border: float = HAIRLINE

    @property
    def height(self) -> float:
        """Height with its padding."""
        return max(len(cell.lines) * line_height(cell.size) for cell in self.cells) + 2 * PAD_Y


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under a heading; the head row stands again on every page the rows go on to."""

    rows: tuple[Row, ...]
    heading: str = ""
    head: Row | None = None
    together: bool = False  # all on one page, if they fit on one
    gap: float = 5.0  # above


@dataclass(slots=True)
class Sheets:
    """Pages being filled from the top."""

    case: Typecase
    bottom: float  # lower margin, where the footer stands
    pages: list[list[Mark]] = field(default_factory=lambda: [[]])
    y: float = TOP

    def mark(self, *marks: Mark) -> None:
        """Put marks on the current page."""
        self.pages[-1].extend(marks)

    def turn(self) -> None:
        """Start a new page."""
        self.pages.append([])
        self.y = TOP

    def fits(self, height: float) -> bool:
        """Whether so much room is left on the page."""
        return self.y + height <= PAGE_HEIGHT - self.bottom + 0.01

    def measure(self, text: str, size: float, *, bold: bool = False, spacing: float = 0.0) -> float:
        """Return the width of a line of printable text; size and spacing are points."""
        return (self.case.width(text, bold=bold) * size + spacing * max(len(text) - 1, 0)) * POINT

    def lines(self, text: str, width: float, size: float = BODY, *, bold: bool = False) -> tuple[str, ...]:
        """Break text into lines of a width."""
        return tuple(break_lines(text, lambda piece: self.measure(piece, size, bold=bold), width))

    def centre(self, text: str, size: float, *, bold: bool = False, spacing: float = 0.0) -> None:
        """Set text in the middle of the page, on as many lines as it needs."""
        # Spacing takes room too: break as if every character were that much wider.
        room = WIDTH * size / (size + spacing) if spacing else WIDTH
        for line in self.lines(text, room, size, bold=bold):
            x = (PAGE_WIDTH - self.measure(line, size, bold=bold, spacing=spacing)) / 2
            self.mark(Text(x, self.y + base_line(size), line, size, bold, spacing=spacing))
            self.y += line_height(size)

    def put(self, group: Group) -> None:
        """Set a group of rows; a heading never stays behind alone, a single last row takes its neighbour along."""
        rows = group.rows
        heading = self._heading_height(group)
        head = group.head.height if group.head else 0.0
        heights = [row.height for row in rows]
        whole = heading + head + sum(heights)
        first = heading + head + sum(heights[:1] if len(rows) != 2 else heights)
        room = PAGE_HEIGHT - TOP - self.bottom
        wanted = whole if group.together and whole <= room else first
        if self.y > TOP:
            self.y += group.gap
            if not self.fits(min(wanted, room)):
                self.turn()
        if group.heading:
            self._put_heading(group.heading)
        if group.head:
            self._put_row(group.head)
        for index, row in enumerate(rows):
            ahead = heights[index : index + 2] if index == len(rows) - 2 else heights[index : index + 1]
            if not self.fits(sum(ahead)) and self.y > TOP + head:
                self.turn()
                if group.head:
                    self._put_row(group.head)
            self._put_row(row)

    def _heading_height(self, group: Group) -> float:
        return line_height(12) + 1.2 if group.heading else 0.0

    def _put_heading(self, heading: str) -> None:
        self.mark(Text(LEFT, self.y + base_line(12), heading, 12, bold=True))
        self.y += line_height(12) + 1.2

    def _put_row(self, row: Row) -> None:
        height = row.height
        for cell in row.cells:
            if row.border or cell.shaded:
                fill = SHADE if cell.shaded else None
                self.mark(Box(cell.x, self.y, cell.width, height, fill, row.border))
            leading = line_height(cell.size)
            y = self.y + (height - len(cell.lines) * leading) / 2
            for line in cell.lines:
                spare = cell.width - 2 * PAD_X - self.measure(line, cell.size, bold=cell.bold)
                x = cell.x + PAD_X + {"left": 0.0, "centre": spare / 2, "right": spare}[cell.align]
                self.mark(Text(x, y + base_line(cell.size), line, cell.size, cell.bold))
                y += leading
        self.y += height


def line_height(size: float) -> float:
    """Return the height of a line of type of a size in points."""
    return size * LEADING * POINT


def base_line(size: float) -> float:
    """Return how far the base line lies below the top of its line; Chinese characters then stand in its middle."""
    return (LEADING / 2 + 0.38) * size * POINT


def parts(cells: Sequence[Cell]) -> Iterator[Row]:
    """Make a row of cells, or several if it would be too tall to fit on a page."""
    most = max(len(cell.lines) for cell in cells)
    for start in range(0, most, MOST_LINES):
        yield Row(tuple(replace(cell, lines=cell.lines[start : start + MOST_LINES]) for cell in cells))


def columns(natural: Sequence[float], least: Sequence[float], total: float) -> list[float]:
    """Share a width among columns.

    `natural` is what each would need to stay on one line, `least` what it needs not to cut a word or number. Narrow
    columns get what they need, wide ones share the rest in equal parts; words are cut only if there is no other way.
    """
    spare = total - sum(least)
    if spare <= 0:
        return [width * total / sum(least) for width in least]
    widths = list(least)
    wanted = [want - have for want, have in zip(natural, least, strict=True)]
    for position, index in enumerate(sorted(range(len(wanted)), key=lambda index: wanted[index])):
        more = min(wanted[index], spare / (len(wanted) - position))
        widths[index] += more
        spare -= more
    return [width + spare / len(widths) for width in widths]
