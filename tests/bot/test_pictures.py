"""What becomes of pictures that people send: a clean JPEG, or a reason; and the bot goes on whatever they hold."""

import asyncio
import contextlib
import hashlib
import io
import os
import signal
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from PIL import Image, ImageChops, ImageOps, PngImagePlugin

from bot.jobs import pictures
from bot.jobs.picture_child import MAX_BYTES, RefusedError, prepare
from bot.jobs.pictures import PictureChecker, Prepared, Reason, Refused

ROOT = Path(__file__).parents[2]
MARKER = b"PLANTED-MARKER"


def encoded(picture: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **({"compress_level": 1} | options))
    return out.getvalue()


def plain(width: int = 800, height: int = 600, colour: str = "red") -> Image.Image:
    return Image.new("RGB", (width, height), colour)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *chunks: bytes, depth: int = 1) -> bytes:
    """A PNG of one grey, made without holding its pixels."""
    packer = zlib.compressobj(1)
    row = b"\0" + b"\x55" * ((width * depth + 7) // 8)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def taken(content: bytes) -> Image.Image:
    jpeg, width, height = prepare(content)
    picture = Image.open(io.BytesIO(jpeg))
    picture.load()
    assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (width, height))
    return picture


def reason(content: bytes) -> Reason:
    with pytest.raises(RefusedError) as caught:
        prepare(content)
    return caught.value.reason


def near(picture: Image.Image, place: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    found = picture.getpixel(place)
    return isinstance(found, tuple) and all(abs(one - other) < 12 for one, other in zip(found, colour, strict=True))


def children() -> list[psutil.Process]:
    """The children that check pictures; other tests of this run may have their own."""
    found = []
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):  # a zombie, too
            if child.cmdline()[-1:] == [str(pictures.CHILD)]:
                found.append(child)
    return found


# -- what is refused ---------------------------------------------------------------------------------


REFUSED: dict[str, tuple[Callable[[], bytes], Reason]] = {
    "nothing": (lambda: b"", Reason.EMPTY),
    "21 MB": (lambda: encoded(plain()) + bytes(MAX_BYTES), Reason.TOO_LARGE),
    "text named .jpg": (lambda: "我的身份证".encode() * 100, Reason.NOT_A_PICTURE),
    "zip": (lambda: b"PK\x03\x04" + bytes(100), Reason.NOT_A_PICTURE),
    "pdf": (lambda: b"%PDF-1.7\n" + bytes(100), Reason.PDF),
    "heic": (lambda: b"\0\0\0\x24ftypheic\0\0\0\0mif1heic" + bytes(100), Reason.HEIC),
    "heic calling itself mif1": (lambda: b"\0\0\0\x1cftypmif1\0\0\0\0mif1heic" + bytes(100), Reason.HEIC),
    "avif calling itself mif1": (lambda: b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif" + bytes(100), Reason.OTHER_FORMAT),
    "mp4": (lambda: b"\0\0\0\x18ftypmp42" + bytes(100), Reason.OTHER_FORMAT),
    "gif": (lambda: encoded(plain(), "GIF"), Reason.OTHER_FORMAT),
    "bmp": (lambda: encoded(plain(), "BMP"), Reason.OTHER_FORMAT),
    "tiff": (lambda: encoded(plain(), "TIFF"), Reason.OTHER_FORMAT),
    "svg": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", Reason.NOT_A_PICTURE),
    "599 pixels": (lambda: encoded(plain(900, 599)), Reason.TOO_SMALL),
    "599 pixels, upright": (lambda: encoded(plain(599, 900), "PNG"), Reason.TOO_SMALL),
    "599 pixels, webp": (lambda: encoded(plain(599, 900), "WEBP"), Reason.TOO_SMALL),
    "a strip": (lambda: png(600, 3001), Reason.TOO_LONG),
    "bomb, 169 megapixels": (lambda: png(13000, 13000), Reason.TOO_MANY_PIXELS),
    "bomb, 400 megapixels": (lambda: png(20000, 20000), Reason.TOO_MANY_PIXELS),
    "bomb, 51 megapixels": (lambda: png(10000, 5001), Reason.TOO_MANY_PIXELS),
    "bomb, most that PNG can say": (lambda: png(2**31 - 1, 1), Reason.TOO_MANY_PIXELS),
    "bomb, webp": (lambda: webp_head(b"VP8X", bytes(4) + b"\xff\x3f\0\xff\x3f\0"), Reason.TOO_MANY_PIXELS),
    "bomb, webp lossless": (lambda: webp_head(b"VP8L", b"\x2f\xff\xff\xff\x0f" + bytes(5)), Reason.TOO_MANY_PIXELS),
    "bomb, webp lossy": (lambda: webp_head(b"VP8 ", bytes(6) + b"\xff\x3f\xff\x3f"), Reason.TOO_MANY_PIXELS),
    "webp of nothing": (lambda: b"RIFF\0\0\0\0WEBP", Reason.BROKEN),
    "webp of no known part": (lambda: webp_head(b"XXXX", bytes(10)), Reason.BROKEN),
    "webp head only": (lambda: webp_head(b"VP8X", bytes(4) + b"\xff\x03\0\xff\x03\0"), Reason.BROKEN),
    "text unpacking to 100 MB": (lambda: png(800, 600, text(100)), Reason.BROKEN),
    "texts unpacking to 70 MB": (lambda: png(800, 600, *[text(0.99)] * 70), Reason.BROKEN),
    "jpeg cut in half": (lambda: half(encoded(noise())), Reason.BROKEN),
    "png cut in half": (lambda: half(encoded(noise(), "PNG")), Reason.BROKEN),
    "webp cut in half": (lambda: half(encoded(noise(), "WEBP")), Reason.BROKEN),
    "jpeg head only": (lambda: b"\xff\xd8\xff\xe0", Reason.BROKEN),
    "png head only": (lambda: b"\x89PNG\r\n\x1a\n", Reason.BROKEN),
    "png with a wrong checksum": (lambda: encoded(plain(), "PNG").replace(b"IHDR", b"IHDR\1", 1), Reason.BROKEN),
}


def webp_head(kind: bytes, data: bytes) -> bytes:
    body = b"WEBP" + kind + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def text(megabytes: float) -> bytes:
    return chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(int(megabytes * 2**20))))


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def noise(width: int = 800, height: int = 600) -> Image.Image:
    return Image.effect_noise((width, height), 80).convert("RGB")


async def test_every_refused_picture_has_its_reason() -> None:
    async with PictureChecker() as checker:
        (child,) = children()
        found = {name: await checker.check(make()) for name, (make, _) in REFUSED.items()}
        good = await checker.check(encoded(plain()))
        assert child.is_running(), "a refusal needs no new child"
        assert child.memory_info().rss < 150_000_000
    assert found == {name: Refused(expected) for name, (_, expected) in REFUSED.items()}
    assert isinstance(good, Prepared)


@pytest.mark.parametrize("length", [3, 30, 300, 1000])
def test_a_head_cut_anywhere_is_broken(length: int) -> None:
    for content in (encoded(noise()), encoded(noise(), "PNG"), encoded(noise(), "WEBP")):
        assert reason(content[:length]) in {Reason.BROKEN, Reason.NOT_A_PICTURE}


# -- what is taken -----------------------------------------------------------------------------------


async def test_a_picture_comes_back_with_its_hashes() -> None:
    content = encoded(plain(3000, 2000, "blue"))
    async with PictureChecker() as checker:
        answer = await checker.check(content)
    assert isinstance(answer, Prepared)
    assert (answer.width, answer.height) == (2000, 1333)
    assert answer.sha256 == hashlib.sha256(content).hexdigest()
    assert answer.digest == hashlib.sha256(answer.jpeg).hexdigest()
    assert near(Image.open(io.BytesIO(answer.jpeg)), (1000, 600), (0, 0, 255))
    assert "xff" not in repr(answer)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((800, 600), (800, 600)),
        ((600, 3000), (400, 2000)),
        ((2000, 2000), (2000, 2000)),
        ((2001, 1500), (2000, 1499)),
        ((4032, 3024), (2000, 1500)),
        ((6001, 4400), (2000, 1466)),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_the_long_side_is_2000_at_most(kind: str, size: tuple[int, int], expected: tuple[int, int]) -> None:
    picture = taken(encoded(Image.new("L", size, 200), kind))
    assert abs(picture.width - expected[0]) <= 1
    assert abs(picture.height - expected[1]) <= 1
    assert max(picture.size) <= 2000
    corners = [(0, 0), (picture.width - 1, 0), (0, picture.height - 1), (picture.width - 1, picture.height - 1)]
    assert all(near(picture, corner, (200, 200, 200)) for corner in corners)  # no dark edge from rounding


def test_shrinking_keeps_the_picture() -> None:
    original = Image.linear_gradient("L").resize((4200, 3360))
    expected = original.resize((2000, 1600), Image.Resampling.LANCZOS).convert("RGB")
    for kind in ("JPEG", "PNG"):
        difference = ImageChops.difference(taken(encoded(original, kind, quality=95)), expected)
        assert max(difference.tobytes()) < 8


@pytest.mark.parametrize(("kind", "turn"), [*(("JPEG", turn) for turn in range(10)), ("PNG", 6), ("WEBP", 6)])
def test_a_turned_picture_is_set_upright(kind: str, turn: int) -> None:
    original = plain(900, 600, "white")
    original.paste("red", (0, 0, 450, 300))
    original.paste("blue", (450, 300, 900, 600))
    exif = Image.Exif()
    exif[0x0112] = turn
    content = encoded(original, kind, exif=exif, quality=95)
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert("RGB")
    picture = taken(content)
    assert picture.size == expected.size
    for place in ((50, 50), (picture.width - 50, 50), (50, picture.height - 50)):
        colour = expected.getpixel(place)
        assert isinstance(colour, tuple)
        assert near(picture, place, (colour[0], colour[1], colour[2]))


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")  # as in the child
def test_a_damaged_note_spoils_no_picture() -> None:
    exif = b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\xee" * 200
    assert taken(encoded(plain(), exif=exif)).size == (800, 600)


def test_nothing_but_pixels_goes_over() -> None:
    exif = Image.Exif()
    exif[0x010E] = MARKER.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (39.0, 54.0, 26.0), 29: MARKER.decode()})
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", MARKER.decode())
    notes.add_itxt("XML:com.adobe.xmp", MARKER.decode())
    contents = [
        encoded(plain(), exif=exif, comment=MARKER, icc_profile=MARKER * 10, xmp=MARKER, dpi=(300, 300)),
        encoded(plain(), "PNG", exif=exif, pnginfo=notes, icc_profile=MARKER),
        encoded(plain(), "WEBP", exif=exif, xmp=MARKER, icc_profile=MARKER),
        encoded(plain()) + b"PK\x03\x04" + MARKER,
        encoded(plain(), "PNG") + b"<script>" + MARKER,
    ]
    for content in contents:
        assert MARKER in content or b"iCCP" in content
        jpeg, _, _ = prepare(content)
        assert MARKER not in jpeg
        assert b"Exif" not in jpeg
        assert jpeg.endswith(b"\xff\xd9")
        kept = Image.open(io.BytesIO(jpeg))
        assert not kept.getexif()
        assert set(kept.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def see_through(mode: str) -> bytes:
    picture = Image.new("RGBA", (800, 600), (0, 0, 0, 0))
    picture.paste((0, 0, 0, 255), (0, 0, 400, 600))
    if mode == "P":
        flat = Image.new("P", (800, 600), 1)
        flat.putpalette([0, 0, 0, 255, 0, 0])
        flat.paste(0, (0, 0, 400, 600))
        return encoded(flat, "PNG", transparency=1)
    if mode in {"RGB", "L"}:
        base = Image.new(mode, (800, 600), 0 if mode == "L" else (0, 0, 0))
        base.paste(9 if mode == "L" else (9, 9, 9), (400, 0, 800, 600))
        return encoded(base, "PNG", transparency=9 if mode == "L" else (9, 9, 9))
    return encoded(picture.convert(mode), "WEBP" if mode == "RGBA" else "PNG", lossless=True)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "RGB", "L"])
def test_what_is_transparent_becomes_white(mode: str) -> None:
    picture = taken(see_through(mode))
    assert near(picture, (100, 300), (0, 0, 0))
    assert near(picture, (700, 300), (255, 255, 255))


@pytest.mark.parametrize(
    ("mode", "colour", "kind", "expected"),
    [
        ("1", 1, "PNG", (255, 255, 255)),
        ("L", 77, "JPEG", (77, 77, 77)),
        ("P", 0, "PNG", (0, 0, 0)),
        ("I;16", 128 * 257, "PNG", (128, 128, 128)),
        ("CMYK", (0, 255, 255, 0), "JPEG", (255, 0, 0)),
        ("YCbCr", (76, 85, 255), "JPEG", (255, 0, 0)),
        ("RGB", (10, 200, 30), "PNG", (10, 200, 30)),
    ],
)
@pytest.mark.parametrize("size", [(800, 600), (4040, 3030)])
def test_every_way_to_hold_colours_is_understood(
    mode: str, colour: int | tuple[int, ...], kind: str, expected: tuple[int, int, int], size: tuple[int, int]
) -> None:
    assert near(taken(encoded(Image.new(mode, size, colour), kind)), (400, 300), expected)


def test_sixteen_bits_of_colour_are_understood() -> None:
    row = b"\0" + struct.pack(">HHH", 65535, 0, 128 * 257) * 800
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 800, 600, 16, 2, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(row * 600))
    assert near(taken(b"\x89PNG\r\n\x1a\n" + head + data + chunk(b"IEND", b"")), (400, 300), (255, 0, 128))


@pytest.mark.parametrize("kind", ["WEBP", "PNG", "MPO"])
def test_of_several_frames_the_first_is_taken(kind: str) -> None:
    content = encoded(plain(colour="red"), kind, save_all=True, append_images=[plain(colour="blue")])
    assert near(taken(content), (400, 300), (254, 0, 0))


def test_a_progressive_jpeg_is_taken() -> None:
    assert taken(encoded(noise(2600, 1950), progressive=True, quality=70)).size == (2000, 1500)


# -- the child ---------------------------------------------------------------------------------------


def test_the_child_is_bounded_in_memory_files_and_dumps(tmp_path: Path) -> None:
    probe = """
import resource, sys
from bot.jobs import picture_child
picture_child.limit()
picture_child.limit()
picture_child.allow_seconds()
try:
    bytearray(picture_child.MEMORY)
except MemoryError:
    print("memory")
try:
    with open(sys.argv[1], "w") as file:
        file.write("x")
except OSError:
    print("files")
print(resource.getrlimit(resource.RLIMIT_CORE), resource.getrlimit(resource.RLIMIT_CPU)[0] <= 15)
"""
    command = [sys.executable, "-c", probe, str(tmp_path / "file")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.split("\n") == ["memory", "files", "(0, 0) True", ""], done.stderr


async def test_the_largest_pictures_fit_in_the_memory_of_the_child() -> None:
    async with PictureChecker(timeout=60) as checker:
        for content in (
            png(10000, 5000, depth=8),
            encoded(Image.new("RGBA", (5000, 5000), "red"), "WEBP", method=0, lossless=True),
        ):
            assert isinstance(await checker.check(content), Prepared)
        assert await checker.check(encoded(Image.new("RGB", (5001, 5000)), "WEBP", method=0, lossless=True)) == Refused(
            Reason.TOO_MANY_PIXELS
        )


async def test_the_child_is_given_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANJU_TOKEN", "123:secret")
    async with PictureChecker():
        (child,) = children()
        assert set(child.environ()) <= {"LD_LIBRARY_PATH"}
        assert child.cwd() == "/"
        assert os.getsid(child.pid) == child.pid  # Ctrl-C does not reach it
    assert children() == []


async def test_a_killed_child_costs_one_more_try() -> None:
    async with PictureChecker() as checker:
        (child,) = children()
        child.suspend()  # or it would be done before we kill it
        async with asyncio.TaskGroup() as group:
            first = group.create_task(checker.check(encoded(plain())))
            await asyncio.sleep(0.05)
            child.kill()
        assert isinstance(first.result(), Prepared)
        (fresh,) = children()
        assert fresh.pid != child.pid
        assert isinstance(await checker.check(encoded(plain())), Prepared)


async def test_a_child_that_died_while_idle_is_replaced() -> None:
    async with PictureChecker() as checker:
        (child,) = children()
        child.kill()
        assert isinstance(await checker.check(encoded(plain())), Prepared)


async def test_a_picture_that_takes_too_long_is_refused_and_the_next_one_is_not() -> None:
    async with PictureChecker(timeout=0.3) as checker:
        (child,) = children()
        child.suspend()
        assert await checker.check(encoded(plain())) == Refused(Reason.BROKEN)
        assert not psutil.pid_exists(child.pid)
    async with PictureChecker() as checker:
        assert isinstance(await checker.check(encoded(plain())), Prepared)


async def test_a_check_that_is_cancelled_leaves_no_child_out_of_step() -> None:
    async with PictureChecker() as checker:
        (child,) = children()
        child.suspend()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await checker.check(encoded(plain(colour="blue")))
        answer = await checker.check(encoded(plain(colour="red")))
        assert isinstance(answer, Prepared)
        assert near(Image.open(io.BytesIO(answer.jpeg)), (1, 1), (254, 0, 0))


HELLO = "import os, struct, sys, time\nsys.stdout.buffer.write(bytes(4))\nsys.stdout.flush()\n"
HELLO += "open({log!r}, 'a').write('x')\nsys.stdin.buffer.read(4)\n"


@pytest.mark.parametrize(
    ("end", "starts"),
    [
        ("os.kill(os.getpid(), 11)", 2),
        (f"os.kill(os.getpid(), {int(signal.SIGXCPU)})", 1),  # out of processor time: no use in trying again
        ("sys.exit(0)", 2),
        ("sys.stdout.buffer.write(b'\\xff' * 100)\nsys.stdout.flush()\ntime.sleep(60)", 2),
        ("sys.stdout.buffer.write(struct.pack('>I2sI', 2, b'{}', 0))\nsys.stdout.flush()\ntime.sleep(60)", 2),
        ("sys.stdout.buffer.write(struct.pack('>I2sI', 2, b'[]', 0))\nsys.stdout.flush()\ntime.sleep(60)", 2),
    ],
    ids=["crashes", "out of time", "ends", "endless answer", "empty answer", "strange answer"],
)
async def test_a_picture_that_breaks_every_child_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str, starts: int
) -> None:
    (tmp_path / "child.py").write_text(HELLO.format(log=str(tmp_path / "log")) + end)
    monkeypatch.setattr(pictures, "CHILD", tmp_path / "child.py")
    checker = PictureChecker()
    assert await checker.check(encoded(plain())) == Refused(Reason.BROKEN)
    assert (tmp_path / "log").read_text() == "x" * starts
    monkeypatch.undo()
    assert isinstance(await checker.check(encoded(plain())), Prepared)
    await checker.stop()


async def test_a_child_that_does_not_start_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "child.py").write_text("raise SystemExit(3)")
    monkeypatch.setattr(pictures, "CHILD", tmp_path / "child.py")
    checker = PictureChecker()
    for use in (checker.start, lambda: checker.check(encoded(plain()))):
        with pytest.raises(RuntimeError, match="does not start"):
            await use()
    await checker.stop()
    assert children() == []


async def test_pictures_wait_their_turn_and_get_their_own_answers() -> None:
    contents = [encoded(plain(900 + number, 700)) for number in range(8)]
    for several in (1, 2):
        async with PictureChecker(several) as checker:
            answers = await asyncio.gather(*(checker.check(content) for content in contents))
            assert [answer.width for answer in answers if isinstance(answer, Prepared)] == list(range(900, 908))
            assert len(children()) == several


async def test_the_loop_stays_free_while_a_large_picture_is_checked() -> None:
    content = png(10000, 5000, depth=8) + bytes(15_000_000)
    async with PictureChecker() as checker:
        async with asyncio.TaskGroup() as group:
            check = group.create_task(checker.check(content))
            ticks = 0
            while not check.done():
                await asyncio.sleep(0.005)
                ticks += 1
        assert isinstance(check.result(), Prepared)
        assert ticks >= 10


async def test_a_stopped_checker_starts_again_by_itself() -> None:
    checker = PictureChecker()
    await checker.start()
    await checker.start()
    await checker.stop()
    await checker.stop()
    assert children() == []
    assert isinstance(await checker.check(encoded(plain())), Prepared)
    await checker.stop()
