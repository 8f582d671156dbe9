"""Reading a TrueType font and cutting a few characters out of it, quickly.

fpdf2 takes in all 31,000 glyphs of a font for each document (0.3 s a font). A document needs some two hundred: given a
font with only those, it takes 10 ms, and the pages look the same. Outlines are copied as they are, byte for byte.

Written after the OpenType specification, https://learn.microsoft.com/typography/opentype/spec/: tables head, hhea,
maxp, hmtx, loca, glyf, and format 12 of cmap.
"""

import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from mmap import ACCESS_READ, mmap
from struct import iter_unpack, pack, pack_into, unpack_from

from bot.jobs.fonts import FontFile

COPIED = ("OS/2", "name", "cvt ", "fpgm", "prep", "gasp")

# Flags of a component in a composite glyph.
_WORDS, _SCALE, _MORE, _TWO_SCALES, _MATRIX = 0x0001, 0x0008, 0x0020, 0x0040, 0x0080


class Face:
    """One font, open for reading: its characters, how wide they are, and their outlines.

    The file stays mapped into memory, which costs address space, not memory. Opening takes 20 ms.
    Raises OSError if the file cannot be read, ValueError if it has no format 12 character map.
    """

    def __init__(self, font: FontFile) -> None:
        self.font = font
        with font.path.open("rb") as file:
            self._data = mmap(file.fileno(), 0, access=ACCESS_READ)
        start = 0
        if self._data[:4] == b"ttcf":
            (start,) = unpack_from(">I", self._data, 12 + 4 * font.number)
        (count,) = unpack_from(">H", self._data, start + 4)
        self._tables: dict[str, tuple[int, int]] = {}
        for tag, _, offset, length in iter_unpack(">4sIII", self._data[start + 12 : start + 12 + 16 * count]):
            self._tables[tag.decode("latin-1")] = (offset, length)
        self.has_outlines = "glyf" in self._tables  # else they are CFF, which we do not cut
        self._units: int = unpack_from(">H", self._table("head"), 18)[0]
        (metrics,) = unpack_from(">H", self._table("hhea"), 34)
        self._advances: Sequence[int] = _numbers("H", self._table("hmtx")[: 4 * metrics])[::2]
        self._glyphs = dict(self._read_characters())

    def __contains__(self, character: str) -> bool:
        return ord(character) in self._glyphs

    def advance(self, character: str) -> float:
        """Return how far a character moves the pen, in ems. Raises KeyError if the font lacks it."""
        glyph = self._glyphs[ord(character)]
        return self._advances[min(glyph, len(self._advances) - 1)] / self._units

    def cut(self, characters: Iterable[str]) -> bytes:
        """Return a TrueType font of these characters alone, with the outlines of this one.

        Characters that the font lacks are left out. Checksums stay empty: fpdf2 writes the font anew.
        Raises ValueError if the font has no TrueType outlines.
        """
        if not self.has_outlines:
            raise ValueError(f"{self.font.path.name} has no TrueType outlines")
        codes = sorted({ord(character) for character in characters} & self._glyphs.keys())
        order = [0]  # old glyph numbers in their new order; 0 is what stands for a missing character
        new = {0: 0}

        def number(old: int) -> int:
            if old not in new:
                new[old] = len(order)
                order.append(old)
            return new[old]

        cmap = b"".join(pack(">III", code, code, number(self._glyphs[code])) for code in codes)
        locations = self._locations()
        outlines: list[bytes] = []
        for old in order:  # grows while we walk: components of composite glyphs come after them
            outline = bytearray(self._outline(locations, old))
            for position, component in _components(bytes(outline)):
                pack_into(">H", outline, position, number(component))
            outline.extend(bytes(-len(outline) % 4))
            outlines.append(bytes(outline))
        loca = accumulate(map(len, outlines), initial=0)
        bearings, full = 4 * len(self._advances), len(self._advances)
        hmtx = self._table("hmtx")
        measures = bytearray()
        for old in order:
            measures += pack(">H", self._advances[min(old, full - 1)])
            bearing = 4 * old + 2 if old < full else bearings + 2 * (old - full)
            measures += hmtx[bearing : bearing + 2]
        tables = {
            "cmap": pack(">HHHHIHHIII", 0, 1, 3, 10, 12, 12, 0, 16 + len(cmap), 0, len(codes)) + cmap,
            "glyf": b"".join(outlines),
            "head": _changed(self._table("head"), {8: pack(">I", 0), 50: pack(">H", 1)}),
            "hhea": _changed(self._table("hhea"), {34: pack(">H", len(order))}),
            "hmtx": bytes(measures),
            "loca": b"".join(pack(">I", offset) for offset in loca),
            "maxp": _changed(self._table("maxp"), {4: pack(">H", len(order))}),
            "post": _changed(self._table("post")[:32], {0: pack(">I", 0x00030000)}),  # no names of glyphs
            **{tag: self._table(tag) for tag in COPIED if tag in self._tables},
        }
        return _assemble(tables)

    def _table(self, tag: str) -> bytes:
        offset, length = self._tables[tag]
        return self._data[offset : offset + length]

    def _locations(self) -> tuple[int, Sequence[int]]:
        (long,) = unpack_from(">H", self._table("head"), 50)
        return (1, _numbers("I", self._table("loca"))) if long else (2, _numbers("H", self._table("loca")))

    def _outline(self, locations: tuple[int, Sequence[int]], glyph: int) -> bytes:
        unit, places = locations
        start = self._tables["glyf"][0]
        return self._data[start + unit * places[glyph] : start + unit * places[glyph + 1]]

    def _read_characters(self) -> Iterator[tuple[int, int]]:
        cmap = self._table("cmap")
        (count,) = unpack_from(">H", cmap, 2)
        for _, _, offset in iter_unpack(">HHI", cmap[4 : 4 + 8 * count]):
            if unpack_from(">H", cmap, offset) == (12,):
                (groups,) = unpack_from(">I", cmap, offset + 12)
                for first, last, glyph in iter_unpack(">III", cmap[offset + 16 : offset + 16 + 12 * groups]):
                    yield from zip(range(first, last + 1), range(glyph, glyph + last - first + 1), strict=True)
                return
        raise ValueError(f"{self.font.path.name} has no format 12 character map")


def _components(outline: bytes) -> Iterator[tuple[int, int]]:
    """Yield position and glyph number of each component of a composite glyph; nothing for a simple one."""
    if not outline or outline[0] < 0x80:  # a count of contours below zero marks a composite
        return
    position, flags = 10, _MORE
    while flags & _MORE:
        flags, glyph = unpack_from(">HH", outline, position)
        yield position + 2, glyph
        position += 8 if flags & _WORDS else 6
        if flags & _SCALE:
            position += 2
        elif flags & _TWO_SCALES:
            position += 4
        elif flags & _MATRIX:
            position += 8


def _numbers(kind: str, data: bytes) -> Sequence[int]:
    """Unsigned big-endian numbers, of two bytes (H) or four (I)."""
    numbers = array(kind)
    numbers.frombytes(data)
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


def _changed(table: bytes, changes: dict[int, bytes]) -> bytes:
    new = bytearray(table)
    for offset, data in changes.items():
        new[offset : offset + len(data)] = data
    return bytes(new)


def _assemble(tables: dict[str, bytes]) -> bytes:
    """Put tables together to a font file: directory by name, each table at a multiple of four."""
    names = sorted(tables)
    padded = [tables[name] + bytes(-len(tables[name]) % 4) for name in names]
    power = len(names).bit_length() - 1
    head = pack(">IHHHH", 0x00010000, len(names), 16 << power, power, 16 * len(names) - (16 << power))
    offsets = accumulate(map(len, padded), initial=len(head) + 16 * len(names))
    entries = (
        pack(">4sIII", name.encode("latin-1"), 0, offset, len(tables[name]))
        for name, (offset, _) in zip(names, pairwise(offsets), strict=True)
    )
    return b"".join((head, *entries, *padded))
