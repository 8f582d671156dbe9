"""The first bytes of files in a package: whether they are what their names say. Nothing is decoded here."""

from __future__ import annotations

from bot.jobs.picture_child import MAX_PIXELS, MAX_WEBP_PIXELS, RefusedError, sniff, webp_size

_SEGMENTS = 1_000  # of a JPEG before its size: real ones have some ten
_SIZES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # start of frame, ITU-T T.81 table B.1
_ALONE = {0x01, *range(0xD0, 0xD9)}  # markers without a segment


def is_picture(content: bytes) -> bool:
    """Whether it begins as a JPEG, PNG or WebP does."""
    return _kind(content) is not None


def too_many_pixels(content: bytes) -> tuple[int, int, int] | None:
    """Width, height and the limit of a picture that declares more; None also for one that hides its size."""
    limit = MAX_WEBP_PIXELS if _kind(content) == "WEBP" else MAX_PIXELS
    size = _size(content)
    return None if size is None or size[0] * size[1] <= limit else (*size, limit)


def is_pdf(content: bytes) -> bool:
    """Readers look for the header in the first kilobyte."""
    return b"%PDF-" in content[:1024]


def _kind(content: bytes) -> str | None:
    try:
        return sniff(content)
    except RefusedError:
        return None


def _size(content: bytes) -> tuple[int, int] | None:
    match _kind(content):
        case "PNG":
            return int.from_bytes(content[16:20]), int.from_bytes(content[20:24])
        case "WEBP":
            try:
                return webp_size(content)
            except RefusedError:
                return None
        case "JPEG":
            return _jpeg_size(content)
        case _:
            return None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    place = 2
    for _ in range(_SEGMENTS):
        if content[place : place + 1] != b"\xff":
            return None
        marker = content[place + 1 : place + 2]
        if marker == b"\xff":  # padding
            place += 1
        elif marker and marker[0] in _SIZES:
            return int.from_bytes(content[place + 7 : place + 9]), int.from_bytes(content[place + 5 : place + 7])
        elif marker and marker[0] in _ALONE:
            place += 2
        else:
            place += 2 + max(2, int.from_bytes(content[place + 2 : place + 4]))
    return None
