"""Characters and lines: what can be printed, in which font, and where a line may end.

Every character of a text comes out: in Noto Sans SC, else in a wider font, else as its code point, `〔U+28B4E〕`. This
is decided here, before anything is measured, for fpdf2 silently leaves out what a font lacks.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache

from bot.jobs import fonts
from bot.jobs.fonts import FontFile
from bot.jobs.glyphs import Face

# The common rules of Chinese line breaking (GB/T 15834-2011, 5.1): no line starts with a mark that closes or goes on,
# none ends with one that opens. Ours besides: a number keeps its unit.
NOT_FIRST = frozenset("，。、；：？！）》」』】〕〉〗］｝”’…—～·％‰℃°々,.;:?!)]}%-~/")
NOT_LAST = frozenset("（《「『【〔〈〖［｛“‘([{¥￥$№#")
UNITS = frozenset("年月日时分秒元万亿个张人套岁号室层栋楼天周次页")

_MARKED = re.compile(r".[\u0300-\u036f\u3099\u309a]+", re.DOTALL)  # a letter with its marks as separate characters
_ATOM = re.compile(r"[ \u3000]+|.", re.DOTALL)
_LINE_ENDS = frozenset("\n\r\v\f\x85\u2028\u2029")
_SELECTORS = re.compile(r"[\ufe00-\ufe0f\U000e0000-\U000e01ef]")  # variation selectors and tags: nothing to see
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters that look like a space
_RIGHT_TO_LEFT = frozenset(("R", "AL", "AN"))  # would need joining and reordering to be readable


class Typecase:
    """The fonts at hand: Noto Sans SC in two weights and, opened only when a character needs them, the wider ones.

    Raises FontsMissingError.
    """

    def __init__(self, regular: FontFile, bold: FontFile) -> None:
        self.regular = Face(regular)
        self.bold = Face(bold)

    @cached_property
    def wide(self) -> tuple[Face, ...]:
        """The wider fonts, in the order in which they are asked."""
        return tuple(Face(font) for font in fonts.wide())

    def face(self, character: str, *, bold: bool = False) -> Face | None:
        """Return the font to print a character in (wider fonts have one weight), or None if no font has it."""
        first = self.bold if bold else self.regular
        if character in first:
            return first
        return next((face for face in self.wide if character in face), None)

    def printable(self, text: str) -> tuple[str, frozenset[str]]:
        """Return the text as it can be printed, and the characters that appear as code points, as `U+28B4E`.

        Lines are separated by `\\n` in the result. Characters that show nothing (format characters, variation
        selectors) are left out; letters followed by combining marks are composed. Nothing else is lost, whatever the
        text holds.
        """
        missing: set[str] = set()
        text = _MARKED.sub(self._composed, text.replace("\r\n", "\n"))
        return "".join(self._printed(character, missing) for character in text), frozenset(missing)

    def width(self, text: str, *, bold: bool = False) -> float:
        """Return the width of printable text, in ems."""
        faces = ((character, self.face(character, bold=bold)) for character in text)
        return sum(face.advance(character) for character, face in faces if face)

    def _composed(self, marked: re.Match[str]) -> str:
        composed = unicodedata.normalize("NFC", marked[0])
        return composed if all(self.face(character) for character in composed) else marked[0]

    def _printed(self, character: str, missing: set[str]) -> str:
        if character in _LINE_ENDS:
            return "\n"
        category = unicodedata.category(character)
        reads = unicodedata.bidirectional(character)
        if _SELECTORS.match(character) or (category == "Cf" and reads != "AN"):
            return ""
        if character == "\t" or (category == "Zs" and character not in "\u3000\xa0"):
            return " "
        # A private character means something else in each font; a mark cannot be set on its letter without shaping.
        sayable = category[0] not in "CM" or category == "Cn"
        if sayable and reads not in _RIGHT_TO_LEFT and character not in _BLANK_LETTERS and self.face(character):
            return character
        point = f"U+{ord(character):04X}"
        missing.add(point)
        return f"〔{point}〕"


def typecase() -> Typecase:
    """Return the fonts, opened once in a process (50 ms). Raises FontsMissingError."""
    return _typecase(fonts.regular(), fonts.bold())


@lru_cache(maxsize=1)
def _typecase(regular: FontFile, bold: FontFile) -> Typecase:
    return Typecase(regular, bold)


def break_lines(text: str, width: Callable[[str], float], limit: float) -> list[str]:
    """Break printable text into lines no wider than the limit; `width` measures in the same unit.

    Numbers and words of letters stay whole unless one alone is wider than a line. Spaces at the end of a line are left
    out. A line always takes at least one character. Empty text gives one empty line.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line, used = "", 0.0
        for piece in pieces(paragraph):
            size = width(piece)
            if used + size <= limit or (piece.isspace() and line):
                line, used = line + piece, used + size
                continue
            if line.strip():
                lines.append(line.rstrip())
            while size > limit:
                cut = _cut(piece, width, limit)
                if cut == len(piece):
                    break
                lines.append(piece[:cut])
                piece = piece[cut:]
                size = width(piece)
            line, used = ("", 0.0) if piece.isspace() else (piece, size)
        lines.append(line.rstrip())
    return lines


def pieces(text: str) -> Iterator[str]:
    """Split text at the places where a line may end."""
    piece = ""
    for atom in _ATOM.findall(text):
        if piece and not _together(piece[-1], atom):
            yield piece
            piece = ""
        piece += atom
    if piece:
        yield piece


def _together(before: str, atom: str) -> bool:
    """Whether no line may end between a character and what follows."""
    after = atom[0]
    if before in " \u3000" or after in " \u3000":
        return False
    if after in NOT_FIRST or before in NOT_LAST or (before.isdecimal() and after in UNITS):
        return True
    return not (_is_wide(before) or _is_wide(after))


def _is_wide(character: str) -> bool:
    """Whether a character fills a square of its own, as Chinese characters, their dash and quotation marks do."""
    return unicodedata.east_asian_width(character) in "WF" or character in "—…“”‘’·"


def _cut(piece: str, width: Callable[[str], float], limit: float) -> int:
    """Where to cut a piece that is wider than a line: as late as it fits, keeping to the rules if that is possible."""
    fits, used = 0, 0.0
    for character in piece:
        used += width(character)
        if used > limit:
            break
        fits += 1
    fits = max(fits, 1)
    for cut in range(fits, fits // 2, -1):
        if cut < len(piece) and piece[cut] not in NOT_FIRST and piece[cut - 1] not in NOT_LAST:
            return cut
    return fits
