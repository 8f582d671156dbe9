"""The fonts of everything we draw, and how they are made ready.

`python -m bot.jobs.fonts` makes two static fonts, Noto Sans SC Regular and Bold, out of the variable font of the
package justmytype-intl-cjk. fpdf2 can use a variable font only by making it static anew for each document, which takes
twenty seconds; done once at set-up it costs nothing later.

The folder is `.fonts` of the project, or what ANJU_FONTS says.
"""

import hashlib
import os
import subprocess
import sys
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

REGULAR = "NotoSansSC-Regular.ttf"
BOLD = "NotoSansSC-Bold.ttf"
LICENCE = "OFL.txt"
WEIGHTS = {REGULAR: 400, BOLD: 700}
SUMS = "SHA256SUMS"

RECIPE = 1  # raise it when the making changes: folders made by an older recipe are made anew

_SOURCE = ("justmytype_intl_cjk", "fonts/ofl/notosanssc")
_VARIABLE = "NotoSansSC[wght].ttf"
_WIDE = ("noto_cjk_sans_otc", "NotoSansCJK-Regular.ttc")
_WIDE_FACE = 2  # of the five languages in the collection, simplified Chinese
# Looked for where Debian puts them. They hold the rarest characters of names; nobody has to install them.
_RARE = (
    Path("/usr/share/fonts/truetype/babelstone/BabelStoneHan.ttf"),
    Path("/usr/share/fonts/truetype/hanazono/HanaMinA.ttf"),
    Path("/usr/share/fonts/truetype/hanazono/HanaMinB.ttf"),
)


class FontsMissingError(RuntimeError):
    """A font is not where it should be; the message says what to do."""


class FontFile(NamedTuple):
    """A font: its file, and which of the fonts in it (0 unless the file is a collection)."""

    path: Path
    number: int = 0


def folder() -> Path:
    """Return the folder of the static fonts. It need not exist yet."""
    chosen = os.environ.get("ANJU_FONTS")
    return Path(chosen).resolve() if chosen else Path(__file__).resolve().parents[2] / ".fonts"


def regular() -> FontFile:
    """Return Noto Sans SC Regular. Raises FontsMissingError."""
    return _there(folder() / REGULAR)


def bold() -> FontFile:
    """Return Noto Sans SC Bold. Raises FontsMissingError."""
    return _there(folder() / BOLD)


def wide() -> tuple[FontFile, ...]:
    """Return the fonts to ask for characters that Noto Sans SC lacks, in order.

    The first is always there (Noto Sans CJK, CFF outlines); the others only where they are installed.
    Raises FontsMissingError.
    """
    package, name = _WIDE
    try:
        with as_file(files(package) / name) as path:
            first = _there(path)
    except ModuleNotFoundError as error:
        raise FontsMissingError(f"the package {package} is not installed: run `make setup`") from error
    return (FontFile(first.path, _WIDE_FACE), *(FontFile(path) for path in _RARE if path.is_file()))


def prepare() -> bool:
    """Make the static fonts in `folder()`, unless they are there and intact.

    Returns whether anything was made. Takes half a minute on two processors and 250 MB for each of the two fonts; each
    appears under its name only when it is whole. The same package gives the same bytes.
    Raises FontsMissingError if the package with the variable font is not installed or the making fails.
    """
    package, inside = _SOURCE
    try:
        source = files(package) / inside
    except ModuleNotFoundError as error:
        raise FontsMissingError(f"the package {package} is not installed: run `make setup`") from error
    target = folder()
    with as_file(source / _VARIABLE) as variable, as_file(source / LICENCE) as licence:
        made_from = f"# recipe {RECIPE}, made from {_VARIABLE} {_digest(variable)}"
        if _intact(target, made_from):
            return False
        _say(f"Preparing Chinese fonts (about a minute, once) in {target}\n")
        target.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".making-", dir=target) as name:
            making = Path(name)
            (making / LICENCE).write_bytes(licence.read_bytes())
            _make(variable, making)
            names = [*WEIGHTS, LICENCE]
            lines = [made_from, *(f"{_digest(making / file)}  {file}" for file in names)]
            (making / SUMS).write_text("\n".join(lines) + "\n", encoding="utf-8")
            for file in (*names, SUMS):  # the sums last: without them the folder counts as not made
                (making / file).replace(target / file)
    return True


def _make(variable: Path, target: Path) -> None:
    """Make all weights, each in a process of its own, at the same time where there is more than one processor."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    running: list[subprocess.Popen[bytes]] = []
    try:
        for name, weight in WEIGHTS.items():
            if running and os.cpu_count() == 1:
                running[-1].wait()
            command = (sys.executable, "-m", "bot.jobs.static_font", variable, str(weight), target / name)
            running.append(subprocess.Popen(command, env=environment))  # noqa: S603 - our own module
        for process in running:
            if process.wait():
                raise FontsMissingError(f"making the fonts ended with code {process.returncode}; its output says why")
    finally:
        for process in running:
            process.kill()  # does nothing to one that is done
            process.wait()


def _intact(target: Path, made_from: str) -> bool:
    """Whether the folder holds what its sums say, made from the font that is installed now (60 ms)."""
    try:
        head, *lines = (target / SUMS).read_text(encoding="utf-8").splitlines()
        sums = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
        return (
            head == made_from
            and sums.keys() == {*WEIGHTS, LICENCE}
            and all(_digest(target / file) == digest for file, digest in sums.items())
        )
    except (OSError, ValueError):
        return False


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _there(path: Path) -> FontFile:
    if not path.is_file():
        raise FontsMissingError(f"the font {path} is missing: run `make setup`")
    return FontFile(path)


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    if not prepare():
        _say(f"Chinese fonts are ready in {folder()}\n")
