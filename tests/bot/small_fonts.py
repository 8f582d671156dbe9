"""Small fonts made for tests."""

from pathlib import Path
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen


def composite_font(path: Path, *, long: bool) -> None:
    """A font where 甲 is put together from 一 twice, once smaller, and 乙 from 甲; fixed width for the last glyphs."""
    builder = FontBuilder(1000, isTTF=True)
    order = [".notdef", "space", "other", "one", "jia", "yi"]
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap({0x20: "space", 0x4E00: "one", 0x7532: "jia", 0x4E59: "yi", 0x20000: "other"})
    glyphs: dict[str, Any] = {}
    for name in order[:4]:
        pen = TTGlyphPen(None)
        if name not in ("space", ".notdef"):
            pen.moveTo((0, 0))
            pen.lineTo((500 if long else 501, 0))
            pen.lineTo((500, 100))
            pen.closePath()
        glyphs[name] = pen.glyph()
    builder.setupGlyf(glyphs | {name: TTGlyphPen(None).glyph() for name in order[4:]})
    composites: dict[str, list[tuple[str, tuple[float, ...]]]] = {
        "jia": [("one", (1, 0, 0, 1, 0, 0)), ("one", (0.5, 0, 0, 0.5, 300, 300)), ("one", (0.5, 0, 0, 0.25, 9, 9))],
        "yi": [("jia", (1, 0, 0, 1, 20, 1000)), ("one", (0.5, 0.25, 0.25, 0.5, 0, 0))],
    }
    for name, parts in composites.items():
        pen = TTGlyphPen(dict.fromkeys(order))
        for component, matrix in parts:
            pen.addComponent(component, matrix)
        glyphs[name] = pen.glyph()
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics({name: (1000 if index < 3 else 600, index) for index, name in enumerate(order)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Composite", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(path)
