"""What people send when they are asked for a photo: photos, and things that are none."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

from PIL import Image, ImageDraw


def photo(number: int, size: tuple[int, int] = (1200, 800)) -> bytes:
    """A JPEG, another for each number."""
    image = Image.new("RGB", size, (210, 220, 230))
    draw = ImageDraw.Draw(image)
    for bit in range(12):
        if number >> bit & 1:
            draw.rectangle((bit * 90 + 10, 100, bit * 90 + 80, 500), fill=(20, 60, 120))
    target = BytesIO()
    image.save(target, "JPEG")
    return target.getvalue()


def bomb() -> bytes:
    """A PNG of some kilobytes that declares 13,000 times 13,000 pixels, all of them there."""
    side = 13_000
    row = b"\x00" + bytes(side // 8)  # one bit a pixel

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    packed = zlib.compress(row * side, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
TEXT = "这不是照片。".encode()
HEIC = struct.pack(">I4s4sI", 24, b"ftyp", b"heic", 0) + b"mif1heic" + bytes(64)
CUT_OFF = photo(3)[:2000]
