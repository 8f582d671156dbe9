"""The paper that charts are drawn on, and how they look: sizes, colours, text that fits.

matplotlib draws shapes and letters; where they stand is ours, in pixels from the top left corner. Loaded in the worker
process only (a second of computing, 50 MB).
"""

import gc
from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO
from typing import Literal

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle
from matplotlib.transforms import IdentityTransform
from PIL import Image, ImageColor

from bot.jobs import fonts
from bot.jobs.charts import Heading
from bot.jobs.typesetting import break_lines, pieces, typecase

WIDTH, HEIGHT = 1024, 1280
MARGIN = 56
RIGHT = WIDTH - MARGIN
INNER = WIDTH - 2 * MARGIN
DPI = 72  # a point is then a pixel
SHADES = 8  # from one colour to another, where their edges are smooth

SMALL, BODY, LABEL, TITLE = 28, 32, 36, 54  # pixels; a phone shows 28 as its own small print
LEADING = 1.35

# Told apart by people who see no colours, too: blue is dark, amber is light with a dark edge. Text is 4.5:1 or more.
PAPER = "#ffffff"
INK = "#16202c"
QUIET = "#515c69"
RULE = "#d5dbe2"
TRACK = "#eef1f5"
BLUE = "#0b559f"
PALE_BLUE = "#dbe8f5"
AMBER = "#f0b545"
AMBER_EDGE = "#8a5a00"

Align = Literal["left", "center", "right"]


class Canvas:
    """A picture in the making: 1,024 pixels wide. Raises FontsMissingError."""

    def __init__(self, height: int = HEIGHT) -> None:
        self.height = height
        self._figure = Figure(figsize=(WIDTH / DPI, height / DPI), dpi=DPI, facecolor=PAPER)
        FigureCanvasAgg(self._figure)

    def text(
        self, x: float, y: float, text: str, size: int, colour: str = INK, *, bold: bool = False, align: Align = "left"
    ) -> None:
        """Set a line of printable text; x and y are where its base line begins, has its middle or ends."""
        self._figure.text(
            x,
            self.height - y,
            text,
            fontproperties=_font(size, bold=bold),
            color=colour,
            horizontalalignment=align,
            verticalalignment="baseline",
            parse_math=False,  # a dollar sign is a dollar sign
            transform=IdentityTransform(),
            zorder=self._above(),
        )

    def box(self, x: float, y: float, width: float, height: float, fill: str, edge: str = "") -> None:
        """Fill a rectangle; its edge, if it has one, lies inside."""
        half = 1 if edge else 0
        self._add(
            Rectangle(
                (x + half, self.height - y - height + half),
                max(width - 2 * half, 0),
                height - 2 * half,
                facecolor=fill,
                edgecolor=edge or "none",
                linewidth=2 * half,
            )
        )

    def line(self, points: Sequence[tuple[float, float]], colour: str, width: float) -> None:
        """Draw a line through points."""
        x, y = zip(*points, strict=True)
        flipped = [self.height - value for value in y]
        self._add(Line2D(x, flipped, color=colour, linewidth=width, solid_joinstyle="round"))

    def area(self, points: Sequence[tuple[float, float]], fill: str) -> None:
        """Fill a polygon."""
        self._add(Polygon([(x, self.height - y) for x, y in points], facecolor=fill, edgecolor="none"))

    def dot(self, x: float, y: float, colour: str) -> None:
        """Draw a dot with a white rim."""
        self._add(Line2D([x], [self.height - y], marker="o", markersize=22, color=colour, markeredgecolor=PAPER, mew=4))

    def heading(self, heading: Heading) -> float:
        """Set title, subtitle and note. Returns where the chart itself may begin."""
        y = MARGIN + TITLE * 0.88
        self.text(MARGIN, y, fitting(heading.title, INNER, TITLE, bold=True), TITLE, bold=True)
        for line in _lines(heading.subtitle, INNER, BODY, most=2):
            y += BODY * LEADING + (8 if y < 120 else 0)
            self.text(MARGIN, y, line, BODY, QUIET)
        self.text(MARGIN, self.height - 40, fitting(heading.note, INNER, SMALL), SMALL, QUIET)
        return y + 28

    def nothing(self, heading: Heading) -> None:
        """Say in the middle that there is nothing to draw."""
        top = self.heading(heading)
        height = self.height - top - 110
        self.box(MARGIN, top, INNER, height, TRACK)
        lines = _lines(heading.empty, INNER - 80, 48, most=4)
        y = top + height / 2 - len(lines) * 48 * LEADING / 2 + 48
        for line in lines:
            self.text(WIDTH / 2, y, line, 48, QUIET, align="center")
            y += 48 * LEADING

    def png(self) -> bytes:
        """Return the picture. Nothing in it depends on the time or the machine's settings."""
        raw, file = BytesIO(), BytesIO()
        with mpl.rc_context():
            mpl.rcdefaults()  # whatever a matplotlibrc nearby says
            self._figure.savefig(raw, format="rgba", dpi=DPI)
        whole = Image.frombytes("RGBA", (WIDTH, self.height), raw.getvalue()).convert("RGB")
        whole.quantize(palette=_palette(), dither=Image.Dither.NONE).save(file, "PNG")
        self._figure.clear()
        gc.collect()  # figure and canvas hold each other, 6 MB that would wait for dozens of charts to follow
        return file.getvalue()

    def _add(self, artist: Artist) -> None:
        artist.set_transform(IdentityTransform())
        artist.set_zorder(self._above())
        self._figure.add_artist(artist)

    def _above(self) -> int:
        """What is drawn later covers what is there; matplotlib would put all text above all lines above all shapes."""
        return len(self._figure.get_children())


def printable(text: str) -> str:
    """Return a text as one line that Noto Sans SC can print: characters it lacks appear as `〔U+28B4E〕`."""
    case = typecase()
    shown, _ = case.printable(text)
    line = " ".join(shown.split())
    return "".join(
        character if character in case.regular and character in case.bold else f"〔U+{ord(character):04X}〕"
        for character in line
    )


def measure(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of printable text in pixels."""
    return typecase().width(text, bold=bold) * size


def fitting(text: str, width: float, size: float, *, bold: bool = False) -> str:
    """Return a text as it can be printed within a width, in pixels.

    What is too long loses its middle, for names of one place often differ at the end (一期, 二期); words and numbers
    are not torn apart unless one alone is too long.
    """
    text = printable(text)

    def fits(candidate: str) -> bool:
        return measure(candidate, size, bold=bold) <= width

    if fits(text):
        return text
    atoms = list(pieces(text))
    if len(atoms) < 3:
        atoms = list(text)
    head, tail = "", ""
    while atoms:
        # Two thirds of the room for the beginning, one for the end.
        front = measure(head, size, bold=bold) <= 2 * measure(tail, size, bold=bold)
        grown = (head + atoms[0], tail) if front else (head, atoms[-1] + tail)
        if not fits(f"{grown[0].rstrip()}…{grown[1].lstrip()}"):
            break
        head, tail = grown
        atoms = atoms[1:] if front else atoms[:-1]
    return f"{head.rstrip()}…{tail.lstrip()}"


def _lines(text: str, width: float, size: float, *, most: int) -> list[str]:
    """Break text into a few lines; the last one is cut if they are too few."""
    text = printable(text)
    if not text:
        return []
    lines = break_lines(text, lambda piece: measure(piece, size), width)
    if len(lines) <= most:
        return lines
    rest = text
    for line in lines[: most - 1]:
        rest = rest.removeprefix(line).lstrip()
    return [*lines[: most - 1], fitting(rest, width, size)]


@lru_cache(maxsize=32)
def _font(size: int, *, bold: bool) -> FontProperties:
    font = fonts.bold() if bold else fonts.regular()
    return FontProperties(fname=str(font.path), size=size)


@lru_cache(maxsize=1)
def _palette() -> Image.Image:
    """The colours of the file: ours, and the shades between those that meet. A quarter of what finding them takes."""
    meeting = [
        *((colour, PAPER) for colour in (INK, QUIET, BLUE, AMBER_EDGE)),
        *((colour, TRACK) for colour in (QUIET, BLUE)),
        *((colour, AMBER_EDGE) for colour in (AMBER, BLUE)),
        (BLUE, PALE_BLUE),
        (PALE_BLUE, RULE),
    ]
    mixed = {
        tuple(round(a + (b - a) * step / SHADES) for a, b in zip(*map(ImageColor.getrgb, pair), strict=True))
        for pair in meeting
        for step in range(SHADES + 1)
    }
    palette = Image.new("P", (1, 1))
    palette.putpalette([value for colour in sorted(mixed, reverse=True) for value in colour])
    return palette
