"""Encrypted pictures and documents on the disk: one file each, opened only by its person's key and its own name."""

import os
import re
import secrets
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Final

from storage.vault import Vault

_NAME = re.compile(r"[0-9a-f]{32}")
_PART = re.compile(r"\.[0-9a-f]{32}\.part")
HOUR: Final = 3600  # seconds


class FileStore:
    """A folder of encrypted files. Blocking: call it in a thread, from as many as you like.

    A file is on the disk, whole, before `put` returns its name; commit the row that names it afterwards. What a crash
    leaves in between, no row names, and `sweep` removes it.
    """

    def __init__(self, folder: Path, vault: Vault) -> None:
        self._folder = folder
        self._vault = vault
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)

    def put(self, person_id: int, content: bytes) -> str:
        """Encrypt and keep `content`; its name is 128 random bits, so it tells nothing and cannot be guessed.

        Raises `ForgottenError` when the person has no key and `OSError` when the disk is full; nothing is left then.
        """
        name = secrets.token_hex(16)
        sealed = self._vault.seal(person_id, "files", name, content)
        path = self._path(name)
        for folder in (path.parent.parent, path.parent):
            if not folder.exists():
                folder.mkdir(mode=0o700, exist_ok=True)
                _fsync_folder(folder.parent)
        part = path.with_name(f".{name}.part")
        try:
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb", buffering=0) as file:
                left = memoryview(sealed)
                while left:
                    left = left[file.write(left) :]
                os.fsync(file.fileno())
            part.rename(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        _fsync_folder(path.parent)
        return name

    def get(self, person_id: int, name: str) -> bytes:
        """The content. Raises `FileNotFoundError`, `TamperedError` (or another person's file) or `ForgottenError`."""
        return self._vault.open(person_id, "files", name, self._path(name).read_bytes())

    def remove(self, name: str) -> None:
        """Remove a file for good; harmless when it is gone already. Call it after the commit that drops its name."""
        path = self._path(name)
        path.unlink(missing_ok=True)
        if path.parent.exists():
            _fsync_folder(path.parent)

    def sweep(self, keep: Container[str], *, now: int, older_than: int = HOUR) -> int:
        """Remove files that are not in `keep`, and half-written ones, and say how many.

        `now` is in milliseconds since 1970, `older_than` in seconds: a younger file may be waiting for the commit that
        names it. Take `now` first and read `keep` from the database after that. Whatever else lies in the
        folder is not touched, nor are links followed.
        """
        limit = now / 1000 - older_than
        removed = 0
        for entry in self._entries():
            orphan = _PART.fullmatch(entry.name) or (_NAME.fullmatch(entry.name) and entry.name not in keep)
            if orphan and entry.stat(follow_symlinks=False).st_mtime < limit:
                Path(entry.path).unlink(missing_ok=True)
                removed += 1
        return removed

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError("a file's name is 32 hexadecimal digits")
        return self._folder / name[:2] / name[2:4] / name

    def _entries(self) -> Iterator[os.DirEntry[str]]:
        for first in _folders(self._folder):
            for second in _folders(first):
                with os.scandir(second) as entries:
                    yield from (entry for entry in entries if entry.is_file(follow_symlinks=False))


def _folders(folder: str | Path) -> list[str]:
    with os.scandir(folder) as entries:
        return [entry.path for entry in entries if len(entry.name) == 2 and entry.is_dir(follow_symlinks=False)]


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
