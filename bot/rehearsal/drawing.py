"""A pen for the sample papers: text, seals, the mark that says sample, and the desk on which they are photographed."""

from __future__ import annotations

import math
from functools import cache
from typing import Literal

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from bot.jobs import fonts

Colour = tuple[int, int, int]

INK: Colour = (38, 38, 44)
FAINT: Colour = (120, 124, 132)
RED: Colour = (196, 30, 38)
MARGIN = 90  # pixels of desk around a paper


@cache
def font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Raises FontsMissingError."""
    chosen = fonts.bold() if bold else fonts.regular()
    return ImageFont.truetype(chosen.path, size, chosen.number)


class Paper:
    """A sheet to write on. Places are pixels from the upper left corner, sizes pixels."""

    def __init__(self, width: int, height: int, colour: Colour, *, corner: int = 0) -> None:
        self.picture = Image.new("RGBA", (width, height), (*colour, 255))
        self.corner = corner
        self.pen = ImageDraw.Draw(self.picture)

    @property
    def size(self) -> tuple[int, int]:
        return self.picture.size

    def write(
        self,
        x: float,
        y: float,
        text: str,
        size: int = 34,
        colour: Colour = INK,
        *,
        bold: bool = False,
        anchor: Literal["la", "ma", "ra", "mm"] = "la",
        wide: float = 0,
    ) -> None:
        """One line; ``wide`` is the room between two characters, in pixels."""
        used = font(size, bold=bold)
        if not wide:
            self.pen.text((x, y), text, colour, used, anchor)
            return
        for character in text:
            self.pen.text((x, y), character, colour, used)
            x += used.getlength(character) + wide

    def table(
        self, x: int, y: int, columns: tuple[int, ...], rows: list[tuple[str, ...]], line: int = 62, size: int = 28
    ) -> int:
        """Columns of those widths; the first row is the head. Returns where it ends."""
        for number, row in enumerate(rows):
            left = x
            for width, cell in zip(columns, row, strict=True):
                fill = (236, 238, 240, 255) if number == 0 else None
                self.pen.rectangle((left, y, left + width, y + line), fill, FAINT, 2)
                self.write(left + width / 2, y + line / 2, cell, size, bold=number == 0, anchor="mm")
                left += width
            y += line
        return y

    def seal(self, x: int, y: int, radius: int, around: str, below: str) -> None:
        """A round red seal with a star, as an office would put it."""
        side = radius * 2 + 20
        layer = Image.new("RGBA", (side, side))
        pen = ImageDraw.Draw(layer)
        middle = side / 2
        pen.ellipse((10, 10, side - 10, side - 10), outline=(*RED, 210), width=max(4, radius // 22))
        pen.polygon(star(middle, middle, radius * 0.3), (*RED, 210))
        size = radius // 4
        step = min(24.0, 250 / max(1, len(around) - 1))
        for number, character in enumerate(around):
            angle = (number - (len(around) - 1) / 2) * step
            glyph = Image.new("RGBA", (size * 2, size * 2))
            ImageDraw.Draw(glyph).text((size, size), character, (*RED, 220), font(size, bold=True), "mm")
            glyph = glyph.rotate(-angle, Image.Resampling.BICUBIC)
            out = radius * 0.76
            place = (
                round(middle + out * math.sin(math.radians(angle)) - size),
                round(middle - out * math.cos(math.radians(angle)) - size),
            )
            layer.alpha_composite(glyph, place)
        pen.text((middle, middle + radius * 0.56), below, (*RED, 220), font(size, bold=True), "mm")
        self.picture.alpha_composite(layer.rotate(-8, Image.Resampling.BICUBIC), (x - side // 2, y - side // 2))

    def mark_as_sample(self, size: int) -> None:
        """Across the whole paper: nobody could take it for a real one."""
        width, height = self.size
        used, text = font(size, bold=True), "样本 SAMPLE"
        layer = Image.new("RGBA", (round(used.getlength(text)) + 8, size + size // 3))
        ImageDraw.Draw(layer).text(
            (layer.width / 2, layer.height / 2), text, (200, 40, 40, 84), used, "mm", stroke_width=2
        )
        turned = layer.rotate(math.degrees(math.atan2(height, width)) * 0.8, Image.Resampling.BILINEAR, expand=True)
        left, top = (width - turned.width) // 2, (height - turned.height) // 2
        cut = (max(0, -left), max(0, -top))
        self.picture.alpha_composite(turned, (max(0, left), max(0, top)), cut)


def star(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    """The ten corners of a star that stands upright."""
    corners = []
    for number in range(10):
        out = radius if number % 2 == 0 else radius * 0.382
        angle = math.radians(36 * number)
        corners.append((x + out * math.sin(angle), y - out * math.cos(angle)))
    return corners


def photograph(paper: Paper, desk: Colour, *, turn: float) -> Image.Image:
    """The paper on a desk, turned a little (degrees), with its shadow, under light that falls off to one side."""
    width, height = (side + 2 * MARGIN for side in paper.size)
    photo = Image.new("RGB", (width, height), desk)
    grain = _noise().resize((width * 3, height)).crop((0, 0, width, height))  # drawn out along the wood
    photo = Image.blend(photo, Image.merge("RGB", [grain] * 3), 0.08)

    shape = Image.new("L", paper.size, 0)
    ImageDraw.Draw(shape).rounded_rectangle((0, 0, paper.size[0] - 1, paper.size[1] - 1), paper.corner, 255)
    sheet = Image.new("RGBA", (width, height))
    sheet.paste(paper.picture, (MARGIN, MARGIN), shape)
    sheet = sheet.rotate(turn, Image.Resampling.BILINEAR)
    shadow = sheet.getchannel("A").filter(ImageFilter.BoxBlur(12)).point(lambda value: value * 0.55)
    photo.paste((20, 16, 12), (10, 16), shadow)
    photo.paste(sheet, (0, 0), sheet)

    light = Image.linear_gradient("L").rotate(90).resize((width, height)).point(lambda value: 255 - value * 0.18)
    dark = Image.new("RGB", (width, height))
    photo = Image.composite(photo, dark, light)
    noise = _noise().resize((width, height))
    return Image.blend(photo, Image.merge("RGB", [noise] * 3), 0.04)


@cache
def _noise() -> Image.Image:
    return Image.effect_noise((800, 600), 34)
