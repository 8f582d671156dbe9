"""The fonts: made once, whole or not at all; and cutting a few characters out of them."""

import hashlib
import io
import sys
from pathlib import Path
from typing import Any

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from bot.jobs import fonts
from bot.jobs.fonts import FontFile, FontsMissingError
from bot.jobs.glyphs import Face
from bot.jobs.static_font import make_static
from tests.bot.small_fonts import composite_font

TEXT = "安居Aij，。〔〕㛃䶮𬱖囧"
VARIABLE = "NotoSansSC[wght].ttf"


def outlines(font: Any, text: str) -> list[Any]:
    """What is drawn for each character, and how far it moves the pen."""
    glyphs, names = font.getGlyphSet(), font.getBestCmap()
    drawn = []
    for character in text:
        pen = DecomposingRecordingPen(glyphs)
        glyphs[names[ord(character)]].draw(pen)
        drawn.append((pen.value, glyphs[names[ord(character)]].width))
    return drawn


def variable_font() -> Path:
    package = Path(str(sys.modules["importlib.resources"].files("justmytype_intl_cjk")))
    return package / "fonts" / "ofl" / "notosanssc" / VARIABLE


@pytest.mark.parametrize(
    ("file", "weight", "name"), [(fonts.regular, 400, "Noto Sans SC"), (fonts.bold, 700, "Noto Sans SC Bold")]
)
def test_static_font_has_its_weight_and_all_characters(file: Any, weight: int, name: str) -> None:
    with TTFont(file().path) as font:
        assert font["OS/2"].usWeightClass == weight
        assert font["name"].getBestFullName() == name
        assert "fvar" not in font
        assert "glyf" in font
        assert len(font.getBestCmap()) == 30_890
    assert (fonts.folder() / "OFL.txt").read_text(encoding="utf-8").find("SIL OPEN FONT LICENSE") >= 0


def test_wide_font_is_the_simplified_chinese_face_and_is_wider() -> None:
    first = fonts.wide()[0]
    with TTFont(first.path, fontNumber=first.number) as font:
        assert font["name"].getBestFullName() == "Noto Sans CJK SC"
    assert "𨭎" in Face(first)
    assert "𨭎" not in Face(fonts.regular())


def test_set_up_again_finds_everything_ready(capsys: pytest.CaptureFixture[str]) -> None:
    assert fonts.prepare() is False
    assert capsys.readouterr().out == ""


def fake_making(variable: Path, target: Path) -> None:
    for name in fonts.WEIGHTS:
        (target / name).write_bytes(name.encode() * 100)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for fonts, and a quick way to make them."""
    monkeypatch.setenv("ANJU_FONTS", str(tmp_path / "fonts"))
    monkeypatch.setattr(fonts, "_make", fake_making)
    return tmp_path / "fonts"


def test_set_up_says_what_it_does_and_leaves_fonts_licence_and_sums(
    elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fonts.prepare() is True
    assert capsys.readouterr().out == f"Preparing Chinese fonts (about a minute, once) in {elsewhere}\n"
    assert sorted(path.name for path in elsewhere.iterdir()) == [fonts.BOLD, fonts.REGULAR, "OFL.txt", "SHA256SUMS"]
    head, *sums = (elsewhere / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert head.startswith("# recipe 1, made from NotoSansSC[wght].ttf ")
    for line in sums:
        digest, name = line.split("  ")
        assert hashlib.sha256((elsewhere / name).read_bytes()).hexdigest() == digest
    assert fonts.prepare() is False


@pytest.mark.parametrize("damage", ["cut short", "gone", "other bytes", "sums gone", "sums garbled", "older recipe"])
def test_set_up_makes_damaged_fonts_anew(elsewhere: Path, damage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fonts.prepare()
    font, sums = elsewhere / fonts.BOLD, elsewhere / fonts.SUMS
    match damage:
        case "cut short":
            font.write_bytes(font.read_bytes()[:-1])
        case "gone":
            font.unlink()
        case "other bytes":
            font.write_bytes(b"x" * font.stat().st_size)
        case "sums gone":
            sums.unlink()
        case "sums garbled":
            sums.write_text("nonsense\nnonsense\n", encoding="utf-8")
        case _:
            monkeypatch.setattr(fonts, "RECIPE", 2)
    assert fonts.prepare() is True
    assert font.read_bytes() == fonts.BOLD.encode() * 100
    assert fonts.prepare() is False


def test_set_up_that_fails_leaves_nothing_half_made(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(variable: Path, target: Path) -> None:
        (target / fonts.REGULAR).write_bytes(b"half")
        raise FontsMissingError("no room")

    monkeypatch.setattr(fonts, "_make", fail)
    with pytest.raises(FontsMissingError, match="no room"):
        fonts.prepare()
    assert list(elsewhere.iterdir()) == []


def test_making_that_ends_badly_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FontsMissingError, match="ended with code 1"):
        fonts._make(tmp_path / "missing.ttf", tmp_path)


def test_missing_fonts_say_what_to_do(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for look_up in (fonts.regular, fonts.bold):
        with pytest.raises(FontsMissingError, match="run `make setup`"):
            look_up()
    monkeypatch.setattr(fonts, "_WIDE", ("no_such_package", "font.ttc"))
    monkeypatch.setattr(fonts, "_SOURCE", ("no_such_package", "fonts"))
    for work in (fonts.wide, fonts.prepare):
        with pytest.raises(FontsMissingError, match="no_such_package is not installed: run `make setup`"):
            work()


def test_static_font_is_made_the_same_each_time(tmp_path: Path) -> None:
    options = Options(layout_features=[], notdef_outline=True)
    with TTFont(variable_font(), recalcTimestamp=False) as font:
        subsetter = Subsetter(options)
        subsetter.populate(text=TEXT)
        subsetter.subset(font)
        font.save(tmp_path / "few.ttf")
    for name in ("one.ttf", "two.ttf"):
        make_static(tmp_path / "few.ttf", 700, tmp_path / name)
    assert (tmp_path / "one.ttf").read_bytes() == (tmp_path / "two.ttf").read_bytes()
    with TTFont(tmp_path / "one.ttf") as small, TTFont(fonts.bold().path) as whole:
        assert outlines(small, TEXT) == outlines(whole, TEXT)


def test_cut_font_draws_its_characters_as_the_whole_one() -> None:
    face = Face(fonts.regular())
    with TTFont(io.BytesIO(face.cut(TEXT + "𨭎"))) as cut, TTFont(fonts.regular().path) as whole:
        assert set(cut.getBestCmap()) == set(map(ord, TEXT))
        assert outlines(cut, TEXT) == outlines(whole, TEXT)
        assert cut["name"].getBestFullName() == "Noto Sans SC"
        names = whole.getBestCmap()
        for character in TEXT:
            assert face.advance(character) == whole["hmtx"][names[ord(character)]][0] / 1000
    assert len(face.cut(TEXT)) < 20_000


def test_cut_is_the_same_whatever_the_order() -> None:
    face = Face(fonts.regular())
    assert face.cut(TEXT) == face.cut(TEXT[::-1] * 2)


@pytest.mark.parametrize("long", [True, False])
def test_cut_takes_the_parts_of_composite_glyphs_along(tmp_path: Path, long: bool) -> None:
    path = tmp_path / "composite.ttf"
    composite_font(path, long=long)
    face = Face(FontFile(path))
    with TTFont(io.BytesIO(face.cut("乙"))) as cut, TTFont(path) as whole:
        assert cut["maxp"].numGlyphs == 4
        assert outlines(cut, "乙") == outlines(whole, "乙")
        assert face.advance("乙") == 0.6
    assert "甲" in face
    assert "丙" not in face
    with pytest.raises(KeyError):
        face.advance("丙")


def test_fonts_that_cannot_be_cut_or_read_say_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"NotoSansCJK-Regular\.ttc has no TrueType outlines"):
        Face(fonts.wide()[0]).cut("安")
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef"])
    builder.setupCharacterMap({0x41: ".notdef"})
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph()})
    builder.setupHorizontalMetrics({".notdef": (500, 0)})
    builder.setupHorizontalHeader()
    builder.save(tmp_path / "old.ttf")
    with pytest.raises(ValueError, match="no format 12 character map"):
        Face(FontFile(tmp_path / "old.ttf"))
    with pytest.raises(OSError, match=r"none\.ttf"):
        Face(FontFile(tmp_path / "none.ttf"))
