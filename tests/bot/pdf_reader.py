"""Reading finished PDFs with PDFium, independently of what wrote them."""

import importlib
import re
import unicodedata
from html import unescape
from typing import Any

from PIL import Image

pdfium: Any = importlib.import_module("pypdfium2")  # comes without types

DPI = 144
PALE = 220  # greys above are paper, or the shade behind a label


def page_texts(data: bytes) -> list[str]:
    """The text of each page, lines separated by `\\n`."""
    with pdfium.PdfDocument(data) as document:
        return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]


def squeezed(text: str) -> str:
    """Text without white space: where PDFium sees a gap is its own affair."""
    return "".join(text.split())


def whole_text(data: bytes) -> str:
    """All text without white space."""
    return squeezed("".join(page_texts(data)))


def pictures(data: bytes) -> list[Image.Image]:
    """Each page as a grey picture."""
    with pdfium.PdfDocument(data) as document:
        return [page.render(scale=DPI / 72, grayscale=True).to_pil().convert("L") for page in document]


def properties(data: bytes) -> dict[str, str]:
    """The XMP properties: title, CreatorTool, CreateDate … without their namespaces."""
    start, end = data.index(b"<x:xmpmeta"), data.index(b"</x:xmpmeta>")
    found = re.findall(r"<(?:dc|xmp|pdf|pdfaid):(\w+)>(?:<rdf[^<]*>)*([^<]*)<", data[start:end].decode())
    return {name: unescape(value) for name, value in found}


def undrawn(data: bytes) -> list[str]:
    """Characters of the text layer that leave no ink where they stand."""
    blank = []
    scale = DPI / 72
    with pdfium.PdfDocument(data) as document:
        for page, picture in zip(document, pictures(data), strict=True):
            text = page.get_textpage()
            height = page.get_height()
            for index in range(text.count_chars()):
                character = text.get_text_range(index, 1)
                if not character.strip() or unicodedata.category(character[0]) in ("Cc", "Cf"):
                    continue
                left, bottom, right, top = text.get_charbox(index, loose=True)
                box = (
                    int(left * scale),
                    int((height - top) * scale),
                    int(right * scale) + 1,
                    int((height - bottom) * scale) + 1,
                )
                if min(picture.crop(box).tobytes()) > PALE:
                    blank.append(character)
    return blank
