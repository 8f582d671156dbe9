"""The picture puzzle: legible, never the same twice, and of digits only."""

import io

import pytest
from PIL import Image

from bot.jobs.captcha import HEIGHT, INKS, MARGIN, NOISE, PAPER, WIDTH, captcha_png


def opened(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def luminance(colour: tuple[int, ...]) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [part / 255 for part in colour]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ink", INKS)
def test_digits_stand_out_and_noise_does_not(ink: tuple[int, int, int]) -> None:
    assert contrast(ink, PAPER) > 7
    assert contrast(NOISE, PAPER) < 3


@pytest.mark.parametrize("digits", [f"{number}" * 4 for number in range(10)] + ["0123", "4567", "8901"])
def test_a_puzzle_is_large_dark_and_inside_its_margin(digits: str) -> None:
    picture = opened(captcha_png(digits))
    assert (picture.format, picture.size, picture.mode) == ("PNG", (WIDTH, HEIGHT), "RGB")
    dark = picture.convert("L").point(lambda value: 255 * (value < 100))
    box = dark.getbbox()
    assert box is not None
    left, top, right, bottom = box
    assert bottom - top > HEIGHT / 2
    assert right - left > WIDTH / 3
    edge = MARGIN - 3  # smoothing spreads a little
    assert left >= edge
    assert top >= edge
    assert right <= WIDTH - edge
    assert bottom <= HEIGHT - edge


def test_the_same_digits_never_look_the_same() -> None:
    assert len({captcha_png("4827") for _ in range(10)}) == 10


@pytest.mark.parametrize("digits", ["", "123", "12345", "12a4", "１２３４", "١٢٣٤", "1234\n", "-123"])
def test_only_four_digits_make_a_puzzle(digits: str) -> None:
    with pytest.raises(ValueError, match="four digits"):
        captcha_png(digits)
