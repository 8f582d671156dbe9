"""The small picture puzzle asked before a third SMS or a number typed by hand: four digits to copy.

It keeps a simple script from spending money, and must not keep out older people: large dark digits, thin pale noise.
The strong protection are the limits of SMS per number, person and day, not this.
"""

import io
import re
import secrets
from typing import Final

from captcha.image import ImageCaptcha
from PIL import Image, ImageFilter

WIDTH: Final = 480  # pixels; a phone shows it about as wide as its screen
HEIGHT: Final = 180
MARGIN: Final = 10
INKS: Final = ((20, 40, 90), (100, 20, 30), (20, 80, 50), (70, 30, 100))  # each at least 7 : 1 on the paper (WCAG AAA)
PAPER: Final = (250, 248, 240)
NOISE: Final = (150, 150, 160)


class _Puzzle(ImageCaptcha):
    """The package's puzzle, gentler: less turning, and digits that never overlap."""

    character_rotate = (-10, 10)  # degrees; a 1 that leans further looks like a 7
    character_warp_dx = (0.05, 0.15)
    character_warp_dy = (0.05, 0.15)
    word_space_probability = 1.0  # the probability of *no* space before a digit
    word_offset_dx = 0.0


_puzzle = _Puzzle(WIDTH, HEIGHT, font_sizes=(120, 130, 140))


def captcha_png(digits: str) -> bytes:
    """A PNG of 480×180 pixels that shows four digits, never twice the same. About 15 ms, so call it in a thread.

    Raises `ValueError` for anything but four ASCII digits.
    """
    if not re.fullmatch(r"[0-9]{4}", digits):
        raise ValueError("a puzzle is four digits")
    # the package lays ink on as thickly as it is bright, so dark ink comes out pale: its white on black is our mask
    shape = _puzzle.create_captcha_image(digits, (255, 255, 255), (0, 0, 0)).convert("L")
    shape = shape.crop(shape.getbbox())
    shape.thumbnail((WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN))
    left = MARGIN + secrets.randbelow(WIDTH - 2 * MARGIN - shape.width + 1)
    top = MARGIN + secrets.randbelow(HEIGHT - 2 * MARGIN - shape.height + 1)
    picture = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    for _ in range(3):
        _puzzle.create_noise_curve(picture, NOISE)
    _puzzle.create_noise_dots(picture, NOISE, width=4, number=40)
    picture.paste(secrets.choice(INKS), (left, top), shape)
    out = io.BytesIO()
    picture.filter(ImageFilter.SMOOTH).save(out, "PNG")
    return out.getvalue()
