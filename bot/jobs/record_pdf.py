"""The record that an applicant takes away: the form of a registration, as a PDF.

`make_record` is a pure function of its document (and of the fonts): the same document gives the same bytes. The file is
made for keeping, as PDF/A-2u wants it: fonts inside, text that can be searched, nothing that depends on the reader.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fpdf import FPDF
from fpdf.fonts import SubsetMap, TTFFont

from bot.jobs.glyphs import Face
from bot.jobs.record_form import RecordDocument, RecordPdf, compose
from bot.jobs.sheets import POINT, Box, Mark, Text
from bot.jobs.typesetting import Typecase, typecase

CREATOR = "安居"
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder in memory where the system has one; ours inside it is private

# Title and dates as PDF/A wants them: fpdf2 would add the time of writing, and no file would be like another.
_XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>U</pdfaid:conformance>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<xmp:CreatorTool>{creator}</xmp:CreatorTool><pdf:Producer>{creator}</pdf:Producer>
<xmp:CreateDate>{date}</xmp:CreateDate><xmp:ModifyDate>{date}</xmp:ModifyDate><xmp:MetadataDate>{date}</xmp:MetadataDate>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


class GlyphsMissingError(RuntimeError):
    """The finished file lacks characters that the fonts were said to have; names their code points."""


def make_record(document: RecordDocument) -> RecordPdf:
    """Make the PDF of a record.

    The caller logs `missing` (code points only, they say nothing about a person).
    Raises FontsMissingError if the fonts are not set up, GlyphsMissingError if the file came out incomplete, ValueError
    or OverflowError if `issued_at` is no time of the calendar.
    """
    case = typecase()
    missing: set[str] = set()

    def printable(text: str) -> str:
        shown, lacking = case.printable(text)
        missing.update(lacking)
        return shown

    shown: RecordDocument = _map_text(document, printable)
    pages = compose(shown, case)
    data = write(pages, case, shown)
    return RecordPdf(data, len(pages), tuple(sorted(missing)))


def write(pages: Sequence[Sequence[Mark]], case: Typecase, document: RecordDocument) -> bytes:
    """Draw laid out pages. Raises GlyphsMissingError."""
    runs = [[list(_runs(mark, case)) if isinstance(mark, Text) else mark for mark in page] for page in pages]
    used: defaultdict[Face, set[str]] = defaultdict(set)
    for page in runs:
        for mark in page:
            if isinstance(mark, list):
                for face, text in mark:
                    used[face].update(text.text)
    with TemporaryDirectory(prefix="anju-", dir=MEMORY if MEMORY.is_dir() else None) as name:
        pdf = FPDF(format="A4", enforce_compliance="PDF/A-2U")
        try:
            _describe(pdf, document)
            for face, characters in used.items():
                add_face(pdf, face, characters, Path(name))
            for page in runs:
                pdf.add_page()
                for mark in page:
                    if isinstance(mark, list):
                        for face, text in mark:
                            _draw_text(pdf, face, text)
                    else:
                        _draw_box(pdf, mark)
            data = bytes(pdf.output())
        finally:
            _release(pdf)
    lacking = sorted({code for font in _fonts(pdf) for code in font.missing_glyphs})
    if lacking:
        raise GlyphsMissingError(", ".join(f"U+{code:04X}" for code in lacking))
    return data


def add_face(pdf: FPDF, face: Face, characters: set[str], folder: Path) -> None:
    """Give fpdf2 a font with the characters of the document, cut out in a folder that stays until output."""
    if face.has_outlines:
        path = folder / f"{_family(face)}.ttf"
        path.write_bytes(face.cut({*characters, " "}))  # fpdf2 looks for the space in every font
        pdf.add_font(_family(face), fname=path)
    else:  # CFF outlines stay with fpdf2: half a second, for the rare name that needs the font
        pdf.add_font(_family(face), fname=face.font.path, collection_font_number=face.font.number)


def _family(face: Face) -> str:
    return f"{face.font.path.stem.lower()}-{face.font.number}"


def _runs(mark: Text, case: Typecase) -> Iterator[tuple[Face, Text]]:
    """Split a line where the font changes."""
    x, run, last = mark.x, "", None
    for character in mark.text:
        face = case.face(character, bold=mark.bold)
        if face is not last:
            if last and run:
                yield last, replace(mark, x=x, text=run)
                x += (case.width(run, bold=mark.bold) * mark.size + mark.spacing * len(run)) * POINT
            run, last = "", face
        run += character
    if last and run:
        yield last, replace(mark, x=x, text=run)


def _draw_text(pdf: FPDF, face: Face, mark: Text) -> None:
    # text() prints what it is given: no markdown, no HTML, no replacing.
    pdf.set_font(_family(face), size=mark.size)
    pdf.set_text_color(mark.grey)
    pdf.set_char_spacing(mark.spacing)
    pdf.text(mark.x, mark.y, mark.text)


def _draw_box(pdf: FPDF, mark: Box) -> None:
    if mark.fill is not None:
        pdf.set_fill_color(mark.fill)
    if mark.border:
        pdf.set_line_width(mark.border)
    style = ("D" if mark.border else "") + ("F" if mark.fill is not None else "")
    pdf.rect(mark.x, mark.y, mark.width, mark.height, style=style)


def _describe(pdf: FPDF, document: RecordDocument) -> None:
    pdf.set_auto_page_break(auto=False)
    pdf.alias_nb_pages("")  # else a name with "{nb}" in it would turn into the number of pages
    title = " ".join(f"{document.headline} {document.number}".split())
    language = "zh-CN" if document.language == "zh" else "en"
    issued = datetime.fromtimestamp(document.issued_at // 1000, UTC)
    pdf.set_title(title)
    pdf.set_lang(language)
    pdf.set_creator(CREATOR)
    pdf.set_producer(CREATOR)
    pdf.set_creation_date(issued)
    date = issued.isoformat(timespec="seconds")
    pdf.set_xmp_metadata(_XMP.format(title=escape(title), language=language, creator=CREATOR, date=date))


def _fonts(pdf: FPDF) -> list[TTFFont]:
    return [font for font in pdf.fonts.values() if isinstance(font, TTFFont)]


def _release(pdf: FPDF) -> None:
    """Close the fonts and empty two caches of fpdf2 that all documents share; it does so itself only after success."""
    for font in _fonts(pdf):
        font.close()
    SubsetMap.pick.cache_clear()
    SubsetMap.get_glyph.cache_clear()


def _map_text(value: Any, change: Callable[[str], str]) -> Any:
    """Return a value with every string in it changed, also in tuples and dataclasses."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, tuple):
        return tuple(_map_text(item, change) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _map_text(getattr(value, field.name), change) for field in fields(value)})
    return value
