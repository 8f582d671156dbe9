"""A .zip as people pack it on Windows, macOS and telephones: safe files by path, and every other one noted.

Nothing is written to disk. Names come in whatever the packer's system speaks: Windows and WPS write GBK and say so
nowhere, macOS writes UTF-8 and says so nowhere either.
"""

from __future__ import annotations

import re
import stat
import unicodedata
from zipfile import ZipInfo

from bot.jobs.workbook.mistakes import Mistakes
from bot.jobs.workbook.natural import natural
from bot.jobs.workbook.safety import (
    ENTRIES,
    RefusedError,
    is_bomb,
    is_encrypted,
    is_packed_as_usual,
    open_zip,
    unpacked,
)
from bot.jobs.workbook.visible import visible

MEGABYTE = 2**20
PACKAGE_BYTES = 200 * MEGABYTE  # packed, and unpacked
_FLAG_UTF8 = 0x800  # APPNOTE.TXT 4.4.4: the name is UTF-8
_LITTER = {"__macosx", ".ds_store", "thumbs.db", "desktop.ini"}
_LONGEST = 255  # what file systems allow
_DRIVE = re.compile(r"[A-Za-z]:")

Path = tuple[str, ...]


class Parcel:
    """``files`` are the paths of what may be read, in the order in which people count: 2 before 10."""

    def __init__(self, content: bytes, mistakes: Mistakes) -> None:
        """Raises ``RefusedError`` for what is too much or cannot be opened; notes each file that is to be mended."""
        if len(content) > PACKAGE_BYTES:
            raise _too_large()
        # a workbook that is stored as it is brings an index of its own
        self._zip = open_zip(content, PACKAGE_BYTES, 2 * ENTRIES)
        self._mistakes = mistakes
        self._entries: dict[Path, ZipInfo] = {}
        self._unread = PACKAGE_BYTES
        entries = self._zip.infolist()
        if len(entries) > ENTRIES:
            raise RefusedError("too_many_files", limit=f"{ENTRIES:,}")
        if sum(entry.file_size for entry in entries) > PACKAGE_BYTES:
            raise _too_large()
        named = [(_name(entry), entry) for entry in entries]
        files = [entry for name, entry in named if not name.endswith("/")]
        if files and all(map(is_encrypted, files)):
            raise RefusedError("package_encrypted")
        for name, entry in sorted(named, key=lambda pair: natural(pair[0])):
            self._take(name, entry)
        self.files = tuple(self._entries)

    def read(self, path: Path, largest: int, key: str) -> bytes | None:
        """The file; None when it is larger, which is noted as ``key``, or broken. Raises ``RefusedError``."""
        entry, shown = self._entries[path], "/".join(path)
        if entry.file_size > largest:
            details = {"limit": str(largest // MEGABYTE), "size": f"{-(-entry.file_size * 10 // MEGABYTE) / 10:g}"}
            self._mistakes.add(key, path=shown, details=details)
            return None
        try:
            content = unpacked(self._zip, entry)
        except RefusedError:
            self._mistakes.add("file_damaged", path=shown)
            return None
        self._unread -= len(content)
        if self._unread < 0:
            raise _too_large()
        return content

    def _take(self, name: str, entry: ZipInfo) -> None:
        path = tuple(name.removesuffix("/").split("/"))
        if not _is_safe(name, path) or stat.S_ISLNK(entry.external_attr >> 16):
            self._mistakes.add("path_unsafe", path=name or "?")
        elif name.endswith("/") or any(map(_is_litter, path)):
            return
        elif path in self._entries:
            self._mistakes.add("file_twice", path=name)
        elif is_encrypted(entry):
            self._mistakes.add("file_encrypted", path=name)
        elif not is_packed_as_usual(entry):
            self._mistakes.add("file_method", path=name)
        elif is_bomb(entry):
            self._mistakes.add("file_bomb", path=name)
        else:
            self._entries[path] = entry


def is_safe(name: str) -> bool:
    """Whether it can name one file in a folder."""
    return "/" not in name and _is_safe(name, (name,)) and not _is_litter(name)


def _name(entry: ZipInfo) -> str:
    name = entry.orig_filename
    if not entry.flag_bits & _FLAG_UTF8:
        raw = name.encode("cp437")  # as zipfile understood it: every byte has its character
        try:
            name = raw.decode("utf-8")
        except UnicodeDecodeError:
            name = raw.decode("gb18030", "replace")
    return unicodedata.normalize("NFC", name)


def _is_safe(name: str, path: Path) -> bool:
    """No way out of the folder, on any system, and nothing that does not show."""
    is_plain = visible(name) == name and not set(name) & set("\\\n\ufffd") and max(map(len, path)) <= _LONGEST
    return is_plain and not {"", ".", ".."} & {part.strip() for part in path} and _DRIVE.match(name) is None


def _is_litter(part: str) -> bool:
    """What systems and Office leave lying about."""
    return part.casefold() in _LITTER or part.startswith(("._", "~$"))


def _too_large() -> RefusedError:
    return RefusedError("package_too_large", limit=str(PACKAGE_BYTES // MEGABYTE))
