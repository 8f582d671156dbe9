"""The child process that looks at pictures: Pillow's decoders are C, and what they are fed comes from strangers.

`bot/jobs/pictures.py` starts it as `python -I <this file>`, so that it imports nothing of the bot and is given nothing
of its environment (no token, no key). It may not write files, leave a core dump, or take more than `MEMORY` bytes. It
reads a picture from stdin and answers on stdout until stdin ends:

    request: u32 length, picture          answer: u32 length, JSON; u32 length, JPEG (empty when refused)
"""

import contextlib
import hashlib
import io
import json
import resource
import struct
import sys
import warnings
from enum import StrEnum
from typing import BinaryIO, Final

from PIL import Image, UnidentifiedImageError, WebPImagePlugin

MEGABYTE: Final = 1_000_000
MEMORY: Final = 600 * MEGABYTE  # bytes of address space; see MAX_PIXELS
SECONDS: Final = 10  # of processor time for one picture
MAX_BYTES: Final = 20 * MEGABYTE  # what a bot may download (Bot API, getFile)
MAX_PIXELS: Final = 50_000_000  # at most 350 MB, measured
MAX_WEBP_PIXELS: Final = 25_000_000  # 430 MB: its decoder keeps several copies of the canvas
MIN_SIDE: Final = 600  # pixels of the short side: below that a document cannot be read
MAX_RATIO: Final = 5  # long side to short side: beyond that a document shrunk to MAX_SIDE cannot be read
MAX_SIDE: Final = 2000  # pixels of the long side of what we keep
STRIP: Final = 256  # rows
QUALITY: Final = 85
FORMATS: Final = ("JPEG", "PNG", WebPImagePlugin.WebPImageFile.format)  # importing the last one registers it
ORIENTATION: Final = 0x0112  # EXIF tag
TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Reason(StrEnum):
    """Why a picture was not taken; a template has a sentence for each."""

    EMPTY = "empty"  # 0 bytes
    TOO_LARGE = "too_large"  # more than 20 MB
    HEIC = "heic"  # an iPhone's own format, sent as a file: send it as a photo and Telegram converts it
    PDF = "pdf"
    OTHER_FORMAT = "other_format"  # a picture or video in a format that is not taken: GIF, TIFF, BMP, AVIF, MP4, …
    NOT_A_PICTURE = "not_a_picture"
    BROKEN = "broken"  # cut off, damaged, or beyond the memory or time that a picture may take
    TOO_MANY_PIXELS = "too_many_pixels"  # more than 50 megapixels, or 25 of a WebP
    TOO_SMALL = "too_small"  # short side below 600 pixels
    TOO_LONG = "too_long"  # a strip, such as a screenshot of a whole page: more than five times as long as wide


class RefusedError(Exception):
    """This picture is not taken; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def prepare(content: bytes) -> tuple[bytes, int, int]:
    """Make a plain JPEG of a JPEG, PNG or WebP (its first frame), upright, on white, long side at most `MAX_SIDE`.

    Nothing but pixels goes over: no EXIF, position, comment, colour profile or hidden tail. Returns the JPEG, its width
    and its height. Raises `RefusedError`.
    """
    kind = sniff(content)
    if kind == "WEBP":  # Pillow's decoder takes memory for the whole canvas before it tells the size
        check_size(*webp_size(content), MAX_WEBP_PIXELS)
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            check_size(*picture.size)
            return encode(shrink(picture))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise RefusedError(Reason.TOO_MANY_PIXELS) from None
    except UnidentifiedImageError:
        raise RefusedError(Reason.BROKEN) from None
    except (
        OSError,
        SyntaxError,
        ValueError,
        TypeError,
        LookupError,
        ArithmeticError,
        MemoryError,
        struct.error,
        EOFError,
    ):
        # whatever Pillow raises about a damaged file: truncated data, bad chunks, oversized text, no memory
        raise RefusedError(Reason.BROKEN) from None


def sniff(content: bytes) -> str:
    """`JPEG`, `PNG` or `WEBP` by the first bytes: names are never trusted. Raises `RefusedError` for all else."""
    if not content:
        raise RefusedError(Reason.EMPTY)
    if len(content) > MAX_BYTES:
        raise RefusedError(Reason.TOO_LARGE)
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "WEBP"
    if b"%PDF-" in content[:1024]:
        raise RefusedError(Reason.PDF)
    if content[4:8] == b"ftyp":
        heic = content[8:12] in {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
        avif = b"avif" in content[8:40]  # an AVIF may call itself mif1, too
        raise RefusedError(Reason.HEIC if heic and not avif else Reason.OTHER_FORMAT)
    if content.startswith((b"GIF8", b"BM", b"II*\0", b"MM\0*", b"\0\0\0\x0cJXL ", b"\xff\x0a", b"\x1aE\xdf\xa3")):
        raise RefusedError(Reason.OTHER_FORMAT)
    raise RefusedError(Reason.NOT_A_PICTURE)


def webp_size(content: bytes) -> tuple[int, int]:
    """Width and height as a WebP's header declares them (RFC 9649). Raises `RefusedError` when it has none."""
    chunk, data = content[12:16], content[20:30]
    if len(data) == 10:
        if chunk == b"VP8X":
            return 1 + int.from_bytes(data[4:7], "little"), 1 + int.from_bytes(data[7:10], "little")
        if chunk == b"VP8L":
            bits = int.from_bytes(data[1:5], "little")
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        if chunk == b"VP8 ":
            return int.from_bytes(data[6:8], "little") & 0x3FFF, int.from_bytes(data[8:10], "little") & 0x3FFF
    raise RefusedError(Reason.BROKEN)


def check_size(width: int, height: int, pixels: int = MAX_PIXELS) -> None:
    """Refuse by the declared size, before any pixel is decoded."""
    if width * height > pixels:
        raise RefusedError(Reason.TOO_MANY_PIXELS)
    if min(width, height) < MIN_SIDE:
        raise RefusedError(Reason.TOO_SMALL)
    if max(width, height) > MAX_RATIO * min(width, height):
        raise RefusedError(Reason.TOO_LONG)


def shrink(picture: Image.Image) -> Image.Image:
    """Decode the first frame, shrink it to `MAX_SIDE`, turn it upright and lay it on white: mode RGB."""
    width, height = picture.size
    scale = MAX_SIDE / max(width, height)
    if scale < 1:
        # a JPEG decodes at a half, a quarter or an eighth much faster; the box must have the picture's own proportions
        picture.draft(None, (int(width * scale), int(height * scale)))
    picture.load()
    turn = TURNS.get(orientation(picture))
    width, height = picture.size
    factor = max(1, max(width, height) // MAX_SIDE)
    small = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    for top in range(0, height, STRIP * factor):  # strip by strip, or 50 megapixels would take their memory three times
        strip = picture.crop((0, top, width, min(height, top + STRIP * factor)))
        small.paste(on_white(strip).reduce(factor), (0, top // factor))
    small.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.BICUBIC, reducing_gap=None)
    return small if turn is None else small.transpose(turn)


def orientation(picture: Image.Image) -> int:
    """The EXIF orientation, 1 (as it is) when there is none or it cannot be read: a damaged note spoils no picture."""
    try:
        value = picture.getexif().get(ORIENTATION, 1)
    except (OSError, SyntaxError, ValueError, TypeError, LookupError, struct.error):
        return 1
    return value if isinstance(value, int) else 1


def on_white(picture: Image.Image) -> Image.Image:
    """The same picture in mode RGB; what is transparent becomes white."""
    if picture.mode.startswith(("I", "F")):  # 16 bits of grey, which convert() would clip to white
        picture = picture.point(lambda value: value * (1 / 256)).convert("L")
    elif "A" in picture.mode or "a" in picture.mode or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        white = Image.new("RGB", picture.size, "white")
        white.paste(picture, mask=picture.getchannel("A"))
        return white
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def encode(picture: Image.Image) -> tuple[bytes, int, int]:
    """As JPEG, with nothing beside the pixels: Pillow would carry a comment over."""
    picture.info.clear()
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue(), picture.width, picture.height


def limit() -> None:
    """Bound this process for the rest of its life."""
    bound(resource.RLIMIT_AS, MEMORY)
    bound(resource.RLIMIT_CORE, 0)
    bound(resource.RLIMIT_FSIZE, 0)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("ignore")  # about odd metadata
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.preinit()  # or the first picture pays for the import of the formats


def bound(kind: int, value: int) -> None:
    """Lower one limit, and never raise it again. macOS has no limit of memory and says so: there we go without."""
    hard = resource.getrlimit(kind)[1]
    lowest = value if hard == resource.RLIM_INFINITY else min(value, hard)
    with contextlib.suppress(ValueError):
        resource.setrlimit(kind, (lowest, lowest))


def allow_seconds() -> None:
    """Give the next picture its processor time: the limit counts from the start of the process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    with contextlib.suppress(ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (int(usage.ru_utime + usage.ru_stime) + 1 + SECONDS, hard))


def answer(content: bytes) -> tuple[dict[str, str | int], bytes]:
    """What to send back about one picture."""
    try:
        jpeg, width, height = prepare(content)
    except RefusedError as refused:
        return {"reason": refused.reason.value}, b""
    hashes = {"sha256": hashlib.sha256(content).hexdigest(), "digest": hashlib.sha256(jpeg).hexdigest()}
    return {"width": width, "height": height, **hashes}, jpeg


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer until `source` ends. An empty answer at the start says that we are ready."""
    sink.write(struct.pack(">I", 0))
    sink.flush()
    while len(head := source.read(4)) == 4:
        content = source.read(struct.unpack(">I", head)[0])
        allow_seconds()
        about, jpeg = answer(content)
        note = json.dumps(about).encode()
        sink.write(struct.pack(">I", len(note)) + note + struct.pack(">I", len(jpeg)) + jpeg)
        sink.flush()


if __name__ == "__main__":
    limit()
    serve(sys.stdin.buffer, sys.stdout.buffer)
