"""The poster of a plan: its code leads to the plan, and all its words can be read."""

import importlib
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fpdf.fonts import SubsetMap
from PIL import Image

from bot.jobs import poster_page
from bot.jobs.glyphs import Face
from bot.jobs.poster import Poster, Step, make_poster, plan_link
from bot.jobs.poster_page import Block, Word, compose
from bot.jobs.record_pdf import GlyphsMissingError
from bot.jobs.sheets import PAGE_HEIGHT, PAGE_WIDTH, POINT
from bot.jobs.typesetting import typecase
from tests.bot.pdf_reader import page_texts, pictures, squeezed, undrawn, whole_text

qrcode: Any = importlib.import_module("qrcode")  # comes without types

POSTER = Poster(
    language="zh",
    link="https://t.me/anju_beijing_bot?start=plan_HD2603",
    headline="公共租赁住房配租登记",
    plan="海淀区2026年第三批公共租赁住房配租计划",
    dates_label="登记时间",
    dates="2026年11月24日 09:00 至 11月30日 17:00",
    scan="扫码登记",
    link_label="也可以在 Telegram 中打开",
    steps=(
        Step(title="扫码", text="用手机扫描上方二维码，在 Telegram 中打开安居。"),
        Step(title="填报", text="验证手机号和姓名，按提示填写，并拍照上传证件。"),
        Step(title="登记", text="核对无误后登记，记下登记编号，等待审核和摇号。"),
    ),
    hotline_label="咨询电话",
    hotline="010-6234 5678",
    hours="工作日 09:00–12:00，13:30–17:30",
    issuer="北京市公共租赁住房配租服务",
    issued_at=1_795_482_000_000,
)
ENGLISH = replace(
    POSTER,
    language="en",
    headline="Register for Public Rental Housing",
    plan="Haidian District 2026, Third Batch of Public Rental Housing",
    dates="24 November 2026, 09:00 to 30 November, 17:00",
    steps=(Step(title="Scan", text="Scan the code above with your phone. " * 3),) * 4,
)
CROWDED = replace(
    POSTER,
    headline="租" * 40,
    plan="海淀区公共租赁住房配租计划（第三批）" * 9,
    dates="2026年11月24日 09:00 至 11月30日 17:00\n" * 4,
    scan="扫" * 60,
    steps=(Step(title="填" * 30, text="填报说明，" * 60),) * 4,
    hotline="010-62345678 " * 9,
    hours="工作日 " * 60,
    issuer="北京市" * 60,
)
EMPTY = Poster(
    **dict.fromkeys(
        (
            "headline",
            "plan",
            "dates_label",
            "dates",
            "scan",
            "link_label",
            "hotline_label",
            "hotline",
            "hours",
            "issuer",
        ),
        "",
    ),
    language="zh",
    link=POSTER.link,
    steps=(),
    issued_at=0,
)


def seen_code(picture: Image.Image, count: int) -> list[list[bool]]:
    """The modules of the QR code in a picture of the page. Only the code is quite black."""
    left, top, right, bottom = picture.point([255] * 10 + [0] * 246).getbbox() or (0, 0, 0, 0)
    assert abs((right - left) - (bottom - top)) <= 2
    unit = (right - left) / count
    zone = [round(edge) for edge in (left - 4 * unit, top - 4 * unit, right + 4 * unit, bottom + 4 * unit)]
    around = picture.crop((zone[0], zone[1], zone[2], zone[3]))
    around.paste(255, (left - zone[0] - 1, top - zone[1] - 1, right - zone[0] + 1, bottom - zone[1] + 1))
    assert around.getextrema() == (255, 255)  # the quiet zone
    middles = [int((number + 0.5) * unit) for number in range(count)]
    return [[picture.getpixel((left + across, top + down)) == 0 for across in middles] for down in middles]


@pytest.mark.parametrize(
    "poster",
    [POSTER, ENGLISH, CROWDED, EMPTY, replace(POSTER, link=plan_link("a" * 32, "Z" * 16))],
    ids=["chinese", "english", "crowded", "empty", "long link"],
)
def test_passer_by_scans_the_code_of_the_plan(poster: Poster) -> None:
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_Q, border=0)
    code.add_data(poster.link)
    matrix = code.get_matrix()
    (picture,) = pictures(make_poster(poster))
    assert seen_code(picture, len(matrix)) == matrix


def test_passer_by_reads_every_word() -> None:
    data = make_poster(POSTER)
    text = whole_text(data)
    plain = [getattr(POSTER, name) for name in Poster.__dataclass_fields__ if name != "language"]
    words = [word for word in plain if isinstance(word, str)]
    words += [word for step in POSTER.steps for word in (step.title, step.text)]
    assert [word for word in words if squeezed(word) not in text] == []
    assert len(page_texts(data)) == 1
    assert undrawn(data) == []
    assert data.startswith(b"%PDF-")
    assert len(data) < 60_000


@pytest.mark.parametrize("poster", [POSTER, ENGLISH, CROWDED], ids=["chinese", "english", "crowded"])
def test_headline_is_read_from_two_metres(poster: Poster) -> None:
    words = [mark for mark in compose(poster, typecase()) if isinstance(mark, Word)]
    assert words[0].type.size >= 40
    assert words[0].text[0] == poster.headline[0]
    assert min(word.type.size for word in words) >= 10


@pytest.mark.parametrize("poster", [POSTER, ENGLISH, CROWDED], ids=["chinese", "english", "crowded"])
def test_nothing_runs_off_the_page_or_over_other_words(poster: Poster) -> None:
    areas: list[tuple[float, float, float, float]] = []
    for mark in compose(poster, typecase()):
        if isinstance(mark, Block):
            assert mark.x >= 0
            assert mark.x + mark.width <= PAGE_WIDTH
            assert mark.y + mark.height <= PAGE_HEIGHT + 0.01
        else:
            width = typecase().width(mark.text, bold=mark.type.bold) * mark.type.size * POINT
            assert mark.x >= 15.9
            assert mark.x + width <= PAGE_WIDTH - 15.9
            area = (mark.x, mark.y - mark.type.size * POINT * 0.8, mark.x + width, mark.y)
            for other in areas:
                beside = area[0] >= other[2] or area[2] <= other[0] or area[1] >= other[3] or area[3] <= other[1]
                assert beside, mark.text
            areas.append(area)


def test_few_words_leave_room_for_a_large_code() -> None:
    def side(poster: Poster) -> float:
        bars = [mark for mark in compose(poster, typecase()) if isinstance(mark, Block) and mark.colour == (0, 0, 0)]
        return max(bar.y + bar.height for bar in bars) - min(bar.y for bar in bars)

    assert side(POSTER) > 75
    assert side(CROWDED) > 45
    assert side(EMPTY) > 90


def test_same_poster_gives_same_bytes() -> None:
    assert make_poster(POSTER) == make_poster(replace(POSTER))
    assert make_poster(POSTER) != make_poster(replace(POSTER, issued_at=POSTER.issued_at + 1000))


def test_properties_say_what_it_is() -> None:
    data = make_poster(POSTER)
    assert b"/Lang (zh-CN)" in data
    assert b"D:20261124010000" in data
    assert b"/Lang (en)" in make_poster(ENGLISH)


def test_character_that_no_font_has_is_printed_as_its_code_point() -> None:
    data = make_poster(replace(POSTER, plan="𨭎村\U0002fa1f"))
    assert "𨭎村〔U+2FA1F〕" in whole_text(data)
    assert undrawn(data) == []


def test_font_that_lacks_what_it_promised_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    whole_cut = Face.cut
    monkeypatch.setattr(Face, "cut", lambda face, characters: whole_cut(face, set(characters) - {"租"}))
    with pytest.raises(GlyphsMissingError, match=r"^U\+79DF$"):
        make_poster(POSTER)
    assert SubsetMap.pick.cache_info().currsize == 0


def test_link_opens_the_plan_in_the_chat() -> None:
    assert plan_link("anju_beijing_bot", "HD2603") == POSTER.link


@pytest.mark.parametrize(
    ("bot", "code"),
    [("@anju_bot", "HD2603"), ("anju_bot", ""), ("anju_bot", "海淀"), ("anju_bot", "A" * 17), ("b", "A")],
)
def test_link_to_nowhere_is_refused(bot: str, code: str) -> None:
    with pytest.raises(ValueError):
        plan_link(bot, code)


@pytest.mark.parametrize("length", [600, 4000])
def test_code_too_fine_to_be_read_is_refused(length: int) -> None:
    with pytest.raises(ValueError):
        make_poster(replace(POSTER, link="https://t.me/" + "a" * length))


def test_five_steps_are_too_many() -> None:
    with pytest.raises(ValueError):
        replace(POSTER, steps=POSTER.steps[:1] * 5)


def test_bars_are_runs_of_dark_modules() -> None:
    rows = [[True, True, False], [False, False, False], [True, False, True]]
    assert [(bar.x, bar.y, bar.width) for bar in poster_page.bars(rows, 10, 20, 2)] == [
        (10, 20, 4),
        (10, 24, 2),
        (14, 24, 2),
    ]


def test_bot_asks_for_posters_and_charts_without_what_draws_them() -> None:
    heavy = {"fpdf", "matplotlib", "numpy", "qrcode"}
    code = f"import sys, bot.jobs.charts, bot.jobs.poster; print(*{heavy} & {{*sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, check=True)
    assert done.stdout.split() == []
    assert pickle.dumps((make_poster, POSTER))  # it can travel to the worker
