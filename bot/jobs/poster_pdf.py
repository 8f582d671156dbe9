"""Writing the page of a poster as a PDF, with the fonts and by the rules of the record (`record_pdf`)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from fpdf import FPDF
from fpdf.fonts import SubsetMap, TTFFont

from bot.jobs.glyphs import Face
from bot.jobs.poster import Poster
from bot.jobs.poster_page import Block, Word, compose
from bot.jobs.record_pdf import CREATOR, MEMORY, GlyphsMissingError, add_face
from bot.jobs.sheets import POINT
from bot.jobs.typesetting import Typecase, typecase


def draw(poster: Poster) -> bytes:
    """Return the poster as a PDF. Raises what `poster.make_poster` says."""
    case = typecase()
    return write(compose(poster, case), poster, case)


def write(marks: Sequence[Word | Block], poster: Poster, case: Typecase) -> bytes:
    """Draw the page. Raises GlyphsMissingError, ValueError if `issued_at` is no time."""
    used: defaultdict[Face, set[str]] = defaultdict(set)
    for mark in marks:
        if isinstance(mark, Word):
            for face, run in _runs(mark, case):
                used[face].update(run)
    with TemporaryDirectory(prefix="anju-", dir=MEMORY if MEMORY.is_dir() else None) as name:
        pdf = FPDF(format="A4")
        try:
            pdf.set_auto_page_break(auto=False)
            pdf.set_title(" ".join(case.printable(f"{poster.headline} {poster.plan}")[0].split()))
            pdf.set_lang("zh-CN" if poster.language == "zh" else "en")
            pdf.set_creator(CREATOR)
            pdf.set_producer(CREATOR)
            pdf.set_creation_date(datetime.fromtimestamp(poster.issued_at // 1000, UTC))
            for face, characters in used.items():
                add_face(pdf, face, characters, Path(name))
            pdf.add_page()
            for mark in marks:
                _draw(pdf, mark, case)
            data = bytes(pdf.output())
            fonts = [font for font in pdf.fonts.values() if isinstance(font, TTFFont)]
            lacking = sorted({code for font in fonts for code in font.missing_glyphs})
        finally:
            _release(pdf)
    if lacking:
        raise GlyphsMissingError(", ".join(f"U+{code:04X}" for code in lacking))
    return data


def _runs(word: Word, case: Typecase) -> Iterator[tuple[Face, str]]:
    """Split a line where the font changes."""
    for face, run in groupby(word.text, key=lambda character: case.face(character, bold=word.type.bold)):
        if face:
            yield face, "".join(run)


def _draw(pdf: FPDF, mark: Word | Block, case: Typecase) -> None:
    if isinstance(mark, Block):
        pdf.set_fill_color(*mark.colour)
        pdf.rect(mark.x, mark.y, mark.width, mark.height, style="F")
        return
    x = mark.x
    pdf.set_text_color(*mark.type.colour)
    for face, run in _runs(mark, case):
        pdf.set_font(f"{face.font.path.stem.lower()}-{face.font.number}", size=mark.type.size)
        pdf.text(x, mark.y, run)
        x += case.width(run, bold=mark.type.bold) * mark.type.size * POINT


def _release(pdf: FPDF) -> None:
    """Close the fonts and empty two caches of fpdf2 that all documents share; it does so itself only after success."""
    for font in pdf.fonts.values():
        if isinstance(font, TTFFont):
            font.close()
    SubsetMap.pick.cache_clear()
    SubsetMap.get_glyph.cache_clear()
