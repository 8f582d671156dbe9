"""The page of a poster: what stands where on A4.

Millimetres from the top left corner, sizes of type in points. From the top: a band with headline and plan, the dates,
the QR code in all the room that is left, what to do, whom to call.
"""

import importlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from bot.jobs.poster import Poster, Step
from bot.jobs.sheets import PAGE_HEIGHT, PAGE_WIDTH, POINT
from bot.jobs.typesetting import Typecase, break_lines

qrcode: Any = importlib.import_module("qrcode")  # comes without types

MARGIN = 16.0
INNER = PAGE_WIDTH - 2 * MARGIN
LEADING = 1.32  # of the size of type
CAPITALS = 0.76  # the same: characters then stand in the middle of their line

Colour = tuple[int, int, int]
BLUE: Colour = (11, 62, 117)
PALE: Colour = (232, 239, 247)
WHITE: Colour = (255, 255, 255)
BLACK: Colour = (22, 32, 44)
QUIET: Colour = (81, 92, 105)

QUIET_ZONE = 4  # modules of white around a QR code (ISO/IEC 18004)
LARGEST_CODE = 112.0  # millimetres, with its quiet zone
LARGE_CODE = 90.0  # the same: large enough to leave everything else as large as it is
SMALLEST_MODULE = 1.0  # millimetres: a telephone reads it from half a metre
SCALES = (1.0, 0.92, 0.84, 0.76)


@dataclass(frozen=True, slots=True)
class Type:
    """How text is set: size in points, weight, colour."""

    size: float
    bold: bool = False
    colour: Colour = BLACK

    @property
    def leading(self) -> float:
        """From one line to the next, in millimetres."""
        return self.size * LEADING * POINT


@dataclass(frozen=True, slots=True)
class Word:
    """A line of text: left end of its base line."""

    x: float
    y: float
    text: str
    type: Type


@dataclass(frozen=True, slots=True)
class Block:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    colour: Colour


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text broken into lines; no lines if there is no text."""

    lines: tuple[str, ...]
    type: Type

    @property
    def height(self) -> float:
        """Height of its lines in millimetres."""
        return len(self.lines) * self.type.leading


class Sheet:
    """The page being filled. `scale` makes type smaller, down to the smallest size that each text allows."""

    def __init__(self, case: Typecase, scale: float) -> None:
        self.case = case
        self.scale = scale
        self.marks: list[Word | Block] = []

    def measure(self, text: str, kind: Type) -> float:
        """Return the width of a line of printable text."""
        return self.case.width(text, bold=kind.bold) * kind.size * POINT

    def title(self, text: str, kind: Type, width: float, most: int, smallest: float) -> Paragraph:
        """Break text into as few lines as fit without much shrinking, all of like length; cut it if nothing helps."""
        text = self._printable(text)
        for count in range(1, most + 1):
            for share in (1, 0.92, 0.84, 0.76) if count == 1 else (0.84, 0.76, 0.68, 0.6):
                tried = replace(kind, size=max(kind.size * self.scale * share, smallest))
                if len(self._broken(text, tried, width)) <= count:
                    return self._balanced(text, tried, width)
        return self.paragraph(text, replace(kind, size=smallest), width, most, smallest)

    def paragraph(self, text: str, kind: Type, width: float, most: int, smallest: float) -> Paragraph:
        """Break text into at most so many lines, set smaller where that helps, and cut where it does not."""
        text = self._printable(text)
        kind = replace(kind, size=max(kind.size * self.scale, smallest))
        lines = self._broken(text, kind, width)
        while len(lines) > most and kind.size > smallest:
            kind = replace(kind, size=max(kind.size - 0.5, smallest))
            lines = self._broken(text, kind, width)
        if len(lines) > most:
            last = lines[most - 1]
            while last and self.measure(f"{last}…", kind) > width:
                last = last[:-1]
            lines = [*lines[: most - 1], f"{last}…"]
        return Paragraph(tuple(lines if text else ()), kind)

    def _balanced(self, text: str, kind: Type, width: float) -> Paragraph:
        lines = self._broken(text, kind, width)
        while width > 20 and len(narrower := self._broken(text, kind, width - 4)) == len(lines):
            lines, width = narrower, width - 4
        return Paragraph(tuple(lines if text else ()), kind)

    def _printable(self, text: str) -> str:
        return self.case.printable(text)[0].strip()

    def _broken(self, text: str, kind: Type, width: float) -> list[str]:
        return break_lines(text, lambda piece: self.measure(piece, kind), width)

    def put(self, paragraph: Paragraph, x: float, y: float, width: float = 0.0, share: float = 0.0) -> float:
        """Set lines below y; `share` of the room beside each goes to its left. Returns where they end."""
        kind = paragraph.type
        for line in paragraph.lines:
            left = x + (width - self.measure(line, kind)) * share if width else x
            base = y + (kind.leading + kind.size * POINT * CAPITALS) / 2
            self.marks.append(Word(left, base, line, kind))
            y += kind.leading
        return y

    def centre(self, paragraph: Paragraph, y: float) -> float:
        """Set lines in the middle of the page. Returns where they end."""
        return self.put(paragraph, MARGIN, y, INNER, 0.5)

    def block(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """Fill a rectangle."""
        self.marks.append(Block(x, y, width, height, colour))


def compose(poster: Poster, case: Typecase) -> list[Word | Block]:
    """Lay a poster out; where there are many words they are set smaller, for the code shall be large.

    Raises ValueError if no code of a readable size has room.
    """
    rows = modules(poster.link)
    for scale in SCALES:
        sheet = Sheet(case, scale)
        top = _put_head(sheet, poster)
        bottom = _put_steps(sheet, poster.steps, _put_foot(sheet, poster) - 8)
        side = _put_code(sheet, poster, rows, top + 3, bottom - 5)
        if side >= LARGE_CODE:
            break
    if side < SMALLEST_MODULE * (len(rows) + 2 * QUIET_ZONE):
        raise ValueError("no QR code of a readable size has room: the link is too long, or the texts are")
    return sheet.marks


def _put_head(sheet: Sheet, poster: Poster) -> float:
    """Headline and plan on blue, the dates on a pale band below. Returns where it ends."""
    headline = sheet.title(poster.headline, Type(50, bold=True, colour=WHITE), INNER, 2, 40)
    plan = sheet.title(poster.plan, Type(25, colour=WHITE), INNER, 2, 14)
    label = sheet.title(poster.dates_label, Type(15, colour=BLUE), INNER, 1, 12)
    dates = sheet.title(poster.dates, Type(26, bold=True, colour=BLUE), INNER, 2, 16)
    band = 10 + headline.height + 2 + plan.height + 7
    sheet.block(0, 0, PAGE_WIDTH, band, BLUE)
    sheet.centre(plan, sheet.centre(headline, 10) + 2)
    pale = 3.5 + label.height + dates.height + 4
    sheet.block(0, band, PAGE_WIDTH, pale, PALE)
    sheet.centre(dates, sheet.centre(label, band + 3.5))
    return band + pale


def _put_foot(sheet: Sheet, poster: Poster) -> float:
    """Whom to call, and who hangs this up. Returns where it begins."""
    half = INNER / 2 - 4
    label = sheet.title(poster.hotline_label, Type(15, colour=BLUE), half, 1, 12)
    hotline = sheet.title(poster.hotline, Type(32, bold=True, colour=BLUE), half, 1, 16)
    hours = sheet.title(poster.hours, Type(15), half, 2, 11)
    issuer = sheet.title(poster.issuer, Type(15), half, 2, 11)
    height = 4 + max(label.height + hotline.height, hours.height + issuer.height) + 8
    top, bottom = PAGE_HEIGHT - height, PAGE_HEIGHT - 8
    sheet.block(0, top, PAGE_WIDTH, height, PALE)
    sheet.put(hotline, MARGIN, sheet.put(label, MARGIN, bottom - hotline.height - label.height))
    right = MARGIN + INNER - half
    y = sheet.put(hours, right, bottom - issuer.height - hours.height, half, 1.0)
    sheet.put(issuer, right, y, half, 1.0)
    return top


def _put_steps(sheet: Sheet, steps: Sequence[Step], bottom: float) -> float:
    """What to do, side by side: number, name, sentence. Returns where they begin."""
    if not steps:
        return bottom
    gap, badge = 8.0, 11.0
    width = (INNER - gap * (len(steps) - 1)) / len(steps)
    names = [sheet.title(step.title, Type(22, bold=True), width - badge - 3, 1, 12) for step in steps]
    texts = [sheet.paragraph(step.text, Type(15), width, 4, 11) for step in steps]
    top = bottom - max(text.height for text in texts) - badge - 2
    for number, (name, text) in enumerate(zip(names, texts, strict=True), 1):
        x = MARGIN + (number - 1) * (width + gap)
        sheet.block(x, top, badge, badge, BLUE)
        figure = Paragraph((str(number),), Type(22, bold=True, colour=WHITE))
        sheet.put(figure, x, top + (badge - figure.height) / 2, badge, 0.5)
        sheet.put(name, x + badge + 3, top + (badge - name.height) / 2)
        sheet.put(text, x, top + badge + 2)
    return top


def _put_code(sheet: Sheet, poster: Poster, rows: Sequence[Sequence[bool]], top: float, bottom: float) -> float:
    """The QR code in the middle of the room, what it is for above it, the link below. Returns its side."""
    scan = sheet.title(poster.scan, Type(26, bold=True), INNER, 1, 16)
    label = sheet.title(poster.link_label, Type(14, colour=QUIET), INNER, 1, 11)
    link = sheet.title(poster.link, Type(17, bold=True), INNER, 2, 11)
    room = bottom - top - scan.height - label.height - link.height
    side = min(room, LARGEST_CODE)
    unit = side / (len(rows) + 2 * QUIET_ZONE)
    y = sheet.centre(scan, top + (room - side) / 2)
    sheet.marks.extend(bars(rows, (PAGE_WIDTH - side) / 2 + QUIET_ZONE * unit, y + QUIET_ZONE * unit, unit))
    sheet.centre(link, sheet.centre(label, y + side))
    return side


def modules(link: str) -> list[list[bool]]:
    """Return the dark modules of the QR code of a link, without its quiet zone. A quarter of it may be lost.

    Raises ValueError if no code can hold the link.
    """
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_Q, border=0)
    code.add_data(link)
    return [[bool(module) for module in row] for row in code.get_matrix()]


def bars(rows: Sequence[Sequence[bool]], x: float, y: float, unit: float) -> Iterator[Block]:
    """Yield a bar for each run of dark modules, from a left and a top, for modules of a size."""
    for down, row in enumerate(rows):
        start = 0
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                # A little taller than a module: readers would show a hairline between two rows.
                height = unit * (1.03 if down + 1 < len(rows) else 1)
                yield Block(x + start * unit, y + down * unit, length * unit, height, (0, 0, 0))
            start += length
