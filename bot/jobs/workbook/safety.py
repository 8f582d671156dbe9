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

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # [MS-CFB]: an .xls, or an .xlsx with a password
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CENTRAL_ENTRY = b"PK\x01\x02"
_FLAG_ENCRYPTED = 1
_ZIP_ERRORS = (BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)


class RefusedError(Exception):
    """The file as a whole cannot be used; ``key`` is one of ``mistakes.SENTENCES``."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class Archive:
    """The parts of an .xlsx by name, without regard to case, as Open Packaging has it.

    Raises ``RefusedError`` when made from anything but a safe, unencrypted .xlsx without macros.
    """

    def __init__(self, content: bytes) -> None:
        if content.startswith(_OLE):
            raise RefusedError("encrypted" if _ENCRYPTED in content else "old_format")
        if not content.startswith(b"PK"):
            raise RefusedError("not_a_workbook")
        # zipfile makes an object of each entry before anybody can count them
        if len(content) > FILE_BYTES or content.count(_CENTRAL_ENTRY) > ENTRIES:
            raise RefusedError("too_large")
        try:
            self._zip = ZipFile(BytesIO(content))
        except _ZIP_ERRORS as error:
            raise RefusedError("damaged") from error
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
        try:
            with self._zip.open(entry) as part:
                # In pieces: zipfile unpacks as much as it is asked for before it looks at the declared size.
                content = b"".join(iter(partial(part.read, _PIECE), b""))
        except _ZIP_ERRORS as error:
            raise RefusedError("damaged") from error
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
        if any(entry.flag_bits & _FLAG_ENCRYPTED for entry in entries):
            raise RefusedError("encrypted")
        if len(self._parts) < len(entries):  # two parts of one name: which one counts is anybody's guess
            raise RefusedError("damaged")
        # zipfile unpacks bzip2 and LZMA without a bound on what one read brings
        if any(entry.compress_type not in {ZIP_STORED, ZIP_DEFLATED} for entry in entries):
            raise RefusedError("damaged")
        if (
            len(entries) > ENTRIES
            or sum(entry.file_size for entry in entries) > UNPACKED_BYTES
            or any(map(_bomb, entries))
        ):
            raise RefusedError("too_large")
        if "[Content_Types].xml" not in self:
            raise RefusedError("not_a_workbook")
        types = self.read("[Content_Types].xml")
        if b"macroEnabled" in types or any(name.endswith("vbaproject.bin") for name in self._parts):
            raise RefusedError("macros")
        if any(name.endswith("xl/workbook.bin") for name in self._parts):
            raise RefusedError("binary_format")


def _bomb(entry: ZipInfo) -> bool:
    return entry.file_size > _RATIO_FLOOR and entry.file_size > RATIO * entry.compress_size
