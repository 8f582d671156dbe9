"""The door for files from outside: an .xlsx is a zip, and a zip can lie about everything.

Nothing is ever written to disk, and no part is unpacked whose declared size was not added up first. zipfile stops at
the declared size and then checks the sum, so what is read is what was declared, or nothing; reading one part again and
again is bounded, too.
"""

from __future__ import annotations

import struct
import zlib
from functools import partial
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

FILE_BYTES = 20 * 2**20  # Bot API: a bot can download files of up to 20 MB
UNPACKED_BYTES = 64 * 2**20
ENTRIES = 2_000
RATIO = 100
ELEMENTS = 2_000_000  # of XML; 100,000 rows of five cells are 1.1 million
_PIECE = 2**16
_RATIO_FLOOR = 2**20  # a small part may be as repetitive as it likes: it cannot hurt

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # [MS-CFB]: an .xls, or an .xlsx with a password
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CENTRAL_ENTRY = b"PK\x01\x02"
_FLAG_ENCRYPTED = 1
_TYPES = "[Content_Types].xml"  # ECMA-376 part 2, 10.1.2.2
_ZIP_ERRORS = (BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)


class RefusedError(Exception):
    """The file as a whole cannot be used; ``key`` is one of ``mistakes.SENTENCES``, ``details`` stand in it."""

    def __init__(self, key: str, **details: str) -> None:
        super().__init__(key)
        self.key = key
        self.details = details


def open_zip(content: bytes, largest: int, central_entries: int) -> ZipFile:
    """Of bytes that begin with PK; ``central_entries`` bounds what is believed to be the index.

    Raises ``RefusedError``.
    """
    # zipfile makes an object of each entry before anybody can count them
    if len(content) > largest or content.count(_CENTRAL_ENTRY) > central_entries:
        raise RefusedError("too_large")
    try:
        return ZipFile(BytesIO(content))
    except _ZIP_ERRORS as error:
        raise RefusedError("damaged") from error


def is_workbook(content: bytes) -> bool:
    """Whether a zip has what no .xlsx is without. Raises ``RefusedError`` for what is none."""
    with open_zip(content, len(content), 2 * ENTRIES) as archive:
        return _TYPES in archive.namelist()


def unpacked(archive: ZipFile, entry: ZipInfo) -> bytes:
    """What the entry holds, never more than it declares. Raises ``RefusedError``."""
    try:
        with archive.open(entry) as part:
            # In pieces: zipfile unpacks as much as it is asked for before it looks at the declared size.
            return b"".join(iter(partial(part.read, _PIECE), b""))
    except _ZIP_ERRORS as error:
        raise RefusedError("damaged") from error


def is_encrypted(entry: ZipInfo) -> bool:
    return bool(entry.flag_bits & _FLAG_ENCRYPTED)


def is_packed_as_usual(entry: ZipInfo) -> bool:
    """zipfile unpacks bzip2 and LZMA without a bound on what one read brings."""
    return entry.compress_type in {ZIP_STORED, ZIP_DEFLATED}


def is_bomb(entry: ZipInfo) -> bool:
    return entry.file_size > _RATIO_FLOOR and entry.file_size > RATIO * entry.compress_size


class Archive:
    """The parts of an .xlsx by name, without regard to case, as Open Packaging has it.

    Raises ``RefusedError`` when made from anything but a safe, unencrypted .xlsx without macros.
    """

    def __init__(self, content: bytes) -> None:
        if content.startswith(OLE):
            raise RefusedError("encrypted" if _ENCRYPTED in content else "old_format")
        if not content.startswith(b"PK"):
            raise RefusedError("not_a_workbook")
        self._zip = open_zip(content, FILE_BYTES, ENTRIES)
        entries = self._zip.infolist()
        self._parts = {entry.filename.casefold(): entry for entry in entries}
        self._unread = UNPACKED_BYTES
        self._elements_left = ELEMENTS
        self._check(entries)

    def __contains__(self, name: str) -> bool:
        return name.casefold() in self._parts

    def read(self, name: str) -> bytes:
        """The unpacked part; raises ``RefusedError`` when it is missing or broken, or all read so far is too large."""
        entry = self._parts.get(name.casefold())
        if entry is None:
            raise RefusedError("damaged")
        content = unpacked(self._zip, entry)
        self._unread -= len(content)
        if self._unread < 0:
            raise RefusedError("too_large")
        return content

    def count_element(self) -> None:
        """One more element of XML was met; raises ``RefusedError`` when all parts together have too many."""
        self._elements_left -= 1
        if self._elements_left < 0:
            raise RefusedError("too_large")

    def _check(self, entries: list[ZipInfo]) -> None:
        if any(map(is_encrypted, entries)):
            raise RefusedError("encrypted")
        if len(self._parts) < len(entries):  # two parts of one name: which one counts is anybody's guess
            raise RefusedError("damaged")
        if not all(map(is_packed_as_usual, entries)):
            raise RefusedError("damaged")
        if (
            len(entries) > ENTRIES
            or sum(entry.file_size for entry in entries) > UNPACKED_BYTES
            or any(map(is_bomb, entries))
        ):
            raise RefusedError("too_large")
        if _TYPES not in self:
            raise RefusedError("not_a_workbook")
        types = self.read(_TYPES)
        if b"macroEnabled" in types or any(name.endswith("vbaproject.bin") for name in self._parts):
            raise RefusedError("macros")
        if any(name.endswith("xl/workbook.bin") for name in self._parts):
            raise RefusedError("binary_format")
