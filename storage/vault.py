"""Encryption of personal data: a key per person, blind indexes to look up by, a system key for what passes through.

Three layers. The **master key** comes from outside the database (`ANJU_KEY`, or a file) and does one thing: it wraps
the keys in `keys.sqlite3`, a database of its own with a short backup life. In there lie the **person keys**, 32 bytes
each, and one **root**, from which the keys of blind indexes, system bodies and SMS codes are derived. So erasing a
person is destroying one row, and a new master key means wrapping again, never touching data or indexes.

Everything is synchronous and safe to call from several threads. `docs/decisions/0004-encryption.md` has the reasons.
"""

import hmac
import os
import sqlite3
from collections import OrderedDict

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.keyring import ForgottenError, KeyRing, TamperedError, WrongMasterError, open_keys
from storage.master_key import KEYS_FILE, MasterKey, derive, load_or_make

__all__ = [
    "KEYS_FILE",
    "ForgottenError",
    "MasterKey",
    "TamperedError",
    "Vault",
    "WrongMasterError",
    "load_or_make",
    "open_keys",
]

VERSION = 1
NONCE = 12  # bytes, what AES-GCM is made for
TAG = 16  # bytes
SALT = 16  # bytes of a system body's epoch
EPOCH_MESSAGES = 2**28  # random nonces under one key are safe to 2^32 (NIST SP 800-38D, 8.3); we stay far below
EPOCHS_CACHED = 256  # an older one costs 10 µs
_HEAD = bytes([VERSION])


class Vault(KeyRing):
    """Seals and opens personal data. Raises `WrongMasterError` when `master` does not fit `keys`."""

    def __init__(self, master: MasterKey, keys: sqlite3.Connection, *, cache: int = 10_000) -> None:
        super().__init__(master, keys, cache=cache)
        root = self._root()
        self._index_key = derive(root, b"blind index")
        self._code_key = derive(root, b"sms code")
        self._system_key = derive(root, b"system bodies")
        self._epochs: OrderedDict[bytes, AESGCM] = OrderedDict()
        self._begin_epoch()

    # -- personal data -----------------------------------------------------------------------------

    def seal(self, person_id: int, table: str, field: str, value: str | bytes, *, row: int | str = "") -> bytes:
        """Encrypt one value of one person: `version ‖ nonce ‖ AES-256-GCM`, 29 bytes longer than the value.

        The place (table, person, field and, where a person has several, row) is bound in: it opens nowhere else.
        Raises `ForgottenError` when the person has no key.
        """
        data = value.encode() if isinstance(value, str) else value
        nonce = os.urandom(NONCE)
        return _HEAD + nonce + self._cipher(person_id).encrypt(nonce, data, _place(person_id, table, field, row))

    def open(self, person_id: int, table: str, field: str, sealed: bytes, *, row: int | str = "") -> bytes:
        """Decrypt what `seal` made for the same place. Raises `TamperedError` or `ForgottenError`."""
        cipher = self._cipher(person_id)
        if len(sealed) < 1 + NONCE + TAG or sealed[0] != VERSION:
            raise TamperedError(f"{table}.{field}: not a sealed value")
        try:
            return cipher.decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], _place(person_id, table, field, row))
        except InvalidTag:
            raise TamperedError(f"{table}.{field}: changed, or from another place") from None

    def open_text(self, person_id: int, table: str, field: str, sealed: bytes, *, row: int | str = "") -> str:
        """As `open`, for text."""
        return self.open(person_id, table, field, sealed, row=row).decode()

    # -- system bodies -----------------------------------------------------------------------------

    def seal_system(self, purpose: str, key_id: str | int, value: bytes) -> bytes:
        """Encrypt the body of an inbox, session or outbox row; 45 bytes longer. Its purpose and id are bound in.

        `version ‖ epoch salt ‖ nonce ‖ AES-256-GCM`: each run of the program draws a salt and with it a key of its own,
        so that random nonces never come near the number of messages at which two could be equal.
        """
        if self._left <= 0:
            with self._lock:
                self._begin_epoch()
        self._left -= 1  # two threads may both count one: the limit is sixteen times below what is safe
        prefix, cipher = self._epoch
        nonce = os.urandom(NONCE)
        return prefix + nonce + cipher.encrypt(nonce, value, f"{purpose}|{key_id}".encode())

    def open_system(self, purpose: str, key_id: str | int, sealed: bytes) -> bytes:
        """Decrypt what `seal_system` made for the same purpose and id, in whichever run. Raises `TamperedError`."""
        begin = 1 + SALT
        if len(sealed) < begin + NONCE + TAG or sealed[0] != VERSION:
            raise TamperedError(f"{purpose}: not a sealed body")
        prefix, cipher = self._epoch
        if not sealed.startswith(prefix):
            with self._lock:
                cipher = self._epoch_cipher(sealed[1:begin])
        try:
            return cipher.decrypt(
                sealed[begin : begin + NONCE], sealed[begin + NONCE :], f"{purpose}|{key_id}".encode()
            )
        except InvalidTag:
            raise TamperedError(f"{purpose}: changed, or from another place") from None

    # -- looking up --------------------------------------------------------------------------------

    def index(self, kind: str, value: str) -> bytes:
        """A blind index of 32 bytes: equal values of one kind have equal indexes; only who has the key can try values.

        The caller normalises the value first (digits, letter case, spaces): what differs in a byte differs here.
        """
        return hmac.digest(self._index_key, f"{kind}\x1f{value}".encode(), "sha256")

    def code_hash(self, challenge_id: int | str, code: str) -> bytes:
        """What to keep of an SMS code: 32 bytes, useless without the key although there are only a million codes."""
        return hmac.digest(self._code_key, f"{challenge_id}\x1f{code}".encode(), "sha256")

    @staticmethod
    def same(one: bytes, other: bytes) -> bool:
        """Compare two hashes in a time that tells nothing about where they differ."""
        return hmac.compare_digest(one, other)

    # -- inside ------------------------------------------------------------------------------------

    def _begin_epoch(self) -> None:
        salt = os.urandom(SALT)
        self._left = EPOCH_MESSAGES
        self._epoch = (_HEAD + salt, self._epoch_cipher(salt))

    def _epoch_cipher(self, salt: bytes) -> AESGCM:
        cipher = self._epochs.get(salt)
        if cipher is None:
            cipher = self._epochs[salt] = AESGCM(derive(self._system_key, b"epoch", salt))
            if len(self._epochs) > EPOCHS_CACHED:
                self._epochs.popitem(last=False)
        return cipher


def _place(person_id: int, table: str, field: str, row: int | str) -> bytes:
    if "|" in table or "|" in field:
        raise ValueError("a table or field name holds no '|'")
    return f"{table}|{person_id}|{field}|{VERSION}|{row}".encode()
