"""The master key: where it comes from, and what is derived from it."""

import base64
import os
import re
import secrets
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_FILE: Final = "master.key"
KEYS_FILE: Final = "keys.sqlite3"
SIZE: Final = 32  # bytes


def derive(key: bytes, info: bytes, salt: bytes | None = None) -> bytes:
    """HKDF-SHA256 (RFC 5869) to 32 bytes; `info` says what for, so that no two uses share a key."""
    return HKDF(algorithm=SHA256(), length=SIZE, salt=salt, info=b"anju " + info).derive(key)


class MasterKey:
    """32 random bytes that wrap all other keys. Whoever loses them loses everything that is encrypted."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) != SIZE:
            raise ValueError(f"a master key has {SIZE} bytes, this one {len(secret)}")
        self._secret = secret

    def __repr__(self) -> str:
        return f"<MasterKey {self.fingerprint}>"

    @classmethod
    def random(cls) -> "MasterKey":
        """A new key from the system's random source."""
        return cls(secrets.token_bytes(SIZE))

    @property
    def fingerprint(self) -> str:
        """Eight characters to tell keys apart by, in logs and on a backup's envelope; nothing of it shows."""
        return derive(self._secret, b"fingerprint")[:4].hex()

    def wrapping_key(self) -> bytes:
        """The key for AES key wrap (RFC 3394)."""
        return derive(self._secret, b"wrapping")

    def save(self, path: Path) -> None:
        """Write the key to a new file that only its owner may read. It is there whole, and on the disk, or not at all.

        Raises `FileExistsError` rather than replace a key.
        """
        part = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(base64.b64encode(self._secret) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            os.link(part, path)  # unlike a rename, never over a key that another process made meanwhile
        finally:
            part.unlink(missing_ok=True)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def load_or_make(setting: str | None, folder: Path) -> tuple[MasterKey, bool]:
    """The master key, and whether it was made just now (then tell the owner to back it up).

    `setting` (`ANJU_KEY`) is the key in base64 or hexadecimal, or the path of a file that holds it so (or as 32 raw
    bytes). Without one the key is `master.key` in `folder`, made on the first start. Raises `ValueError` with a
    sentence for the owner, in which no key ever appears: what looks like a wrong path may be a mistyped key.
    """
    if setting is not None and setting.strip():
        return _from_setting(setting.strip()), False
    path = folder / KEY_FILE
    if path.exists():
        return _from_file(path), False
    keys = folder / KEYS_FILE
    if keys.exists() and keys.stat().st_size:
        raise ValueError(
            f"{path} is missing, but {keys} was encrypted with it: put the master key back from its backup"
        )
    key = MasterKey.random()
    try:
        key.save(path)
    except FileExistsError:  # another process was first
        return _from_file(path), False
    return key, True


def _from_setting(setting: str) -> MasterKey:
    key = _parse(setting)
    if key is not None:
        return key
    try:
        path = Path(setting).expanduser()
        found = path.is_file()
    except (OSError, ValueError, RuntimeError):  # too long, a NUL in it, a home that is not there: no path
        found = False
    if not found:
        raise ValueError("ANJU_KEY is neither a key of 32 bytes in base64 or hexadecimal nor the path of a file")
    return _from_file(path)


def _from_file(path: Path) -> MasterKey:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ValueError(f"the master key's file {path} cannot be read: {error.strerror}") from None
    if len(content) == SIZE:
        return MasterKey(content)
    key = _parse(content.decode("ascii", "replace").strip())
    if key is None:
        raise ValueError(f"the file {path} does not hold a master key: 32 bytes in base64 or hexadecimal")
    return key


def _parse(text: str) -> MasterKey | None:
    if re.fullmatch(r"[0-9A-Fa-f]{64}", text):
        return MasterKey(bytes.fromhex(text))
    if re.fullmatch(r"[0-9A-Za-z+/_-]{43}=?", text):
        return MasterKey(base64.urlsafe_b64decode(text[:43].replace("+", "-").replace("/", "_") + "="))
    return None
