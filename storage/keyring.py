"""The keys database: one wrapped key per person, and the root of the system's keys."""

import os
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from storage.master_key import MasterKey


class TamperedError(Exception):
    """A ciphertext was changed, cut, moved elsewhere, or belongs to another key. The message never holds contents."""


class ForgottenError(Exception):
    """There is no key for this person: erased, or never made."""


class WrongMasterError(ValueError):
    """The master key is not the one that this keys database was made with."""


def open_keys(path: Path) -> sqlite3.Connection:
    """Open (or make) the keys database. `KeyRing` guards it with a lock, which is why threads may share it.

    Raises `sqlite3.Error` when the file cannot be opened.
    """
    path.touch(mode=0o600)
    connection = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
    try:
        KeyRing.prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


class KeyRing:
    """People's keys, wrapped on the disk and unwrapped in a bounded cache.

    Raises `WrongMasterError` when `master` does not fit `keys`.
    """

    def __init__(self, master: MasterKey, keys: sqlite3.Connection, *, cache: int = 10_000) -> None:
        self._keys = keys
        self._lock = threading.Lock()
        self._people: OrderedDict[int, AESGCM] = OrderedDict()
        self._people_limit = cache
        self._wrapping = master.wrapping_key()

    @staticmethod
    def prepare(connection: sqlite3.Connection) -> None:
        """Set the pragmas and make the tables of a keys database. Harmless to repeat.

        A new key must be on the disk before the main database commits what it encrypts: hence `synchronous=FULL`, and
        WAL makes that one fsync. A WAL left behind by a crash may still hold erased keys, so it is truncated here.
        """
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "secure_delete=ON",
            "trusted_schema=OFF",
            "cell_size_check=ON",
            "busy_timeout=5000",
        ):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        connection.execute(
            "CREATE TABLE IF NOT EXISTS person_keys(person_id INTEGER PRIMARY KEY, wrapped BLOB NOT NULL) STRICT"
        )
        connection.execute(
            "CREATE TABLE IF NOT EXISTS root(id INTEGER PRIMARY KEY CHECK (id = 1), wrapped BLOB NOT NULL) STRICT"
        )
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def new_person(self, person_id: int) -> None:
        """Make this person's key and have it on the disk before returning. Call it before the commit that uses it.

        A key that is there already is kept: it stems from a transaction that was rolled back (which gives its id to the
        next person), so nothing encrypted with it remains. Overwriting could lose somebody's data by one mistaken call.
        """
        with self._lock:
            self._keys.execute(
                "INSERT INTO person_keys(person_id, wrapped) VALUES (?, ?) ON CONFLICT DO NOTHING",
                (person_id, aes_key_wrap(self._wrapping, os.urandom(32))),
            )

    def forget(self, person_id: int) -> None:
        """Destroy this person's key: what it sealed, in whichever copy, can no longer be opened. Harmless to repeat.

        Call it after the commit that removes the person: a transaction that is rolled back does not bring a key back.
        """
        with self._lock:
            self._people.pop(person_id, None)
            self._keys.execute("DELETE FROM person_keys WHERE person_id = ?", (person_id,))
            self._wipe()

    def sweep(self, live_ids: Container[int]) -> int:
        """Destroy the keys of people who are not in `live_ids` and say how many there were.

        Call it in the database thread between transactions, with ids read there: a key is made before its person is
        committed. After restoring an older main database, call it before anything else, so that no key is used twice.
        """
        with self._lock:
            ids = [person_id for (person_id,) in self._keys.execute("SELECT person_id FROM person_keys")]
            orphans = [(person_id,) for person_id in ids if person_id not in live_ids]
            if orphans:
                with self._transaction():
                    self._keys.executemany("DELETE FROM person_keys WHERE person_id = ?", orphans)
                for (person_id,) in orphans:
                    self._people.pop(person_id, None)
                self._wipe()
        return len(orphans)

    def rewrap(self, new_master: MasterKey) -> int:
        """Wrap every key of the keys database with `new_master`, all or none; say how many people's keys that were.

        Data, blind indexes and system bodies stay as they are: their keys do not change, only their wrapping does.
        Have the new master key safe before the call: afterwards the old one opens nothing here.
        """
        wrapping = new_master.wrapping_key()
        with self._lock:
            with self._transaction():
                rows = self._keys.execute("SELECT person_id, wrapped FROM person_keys").fetchall()
                people = [(aes_key_wrap(wrapping, self._unwrap(wrapped)), person_id) for person_id, wrapped in rows]
                (root,) = self._keys.execute("SELECT wrapped FROM root").fetchone()
                self._keys.executemany("UPDATE person_keys SET wrapped = ? WHERE person_id = ?", people)
                self._keys.execute("UPDATE root SET wrapped = ?", (aes_key_wrap(wrapping, self._unwrap(root)),))
            self._wrapping = wrapping
            self._wipe()
        return len(people)

    def copy_keys(self, target: Path) -> None:
        """Write a consistent copy of the keys (still wrapped) to a new file, mode 0600, for a backup of its own.

        Raises `FileExistsError` when `target` is there.
        """
        target.touch(mode=0o600, exist_ok=False)
        with self._lock:
            self._keys.execute("VACUUM INTO ?", (str(target),))

    def close(self) -> None:
        """Close the keys database and drop the cached keys."""
        with self._lock:
            self._people.clear()
            self._keys.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- inside ------------------------------------------------------------------------------------

    def _cipher(self, person_id: int) -> AESGCM:
        with self._lock:
            cipher = self._people.get(person_id)
            if cipher is None:
                row = self._keys.execute("SELECT wrapped FROM person_keys WHERE person_id = ?", (person_id,)).fetchone()
                if row is None:
                    raise ForgottenError(f"person {person_id} has no key")
                cipher = self._people[person_id] = AESGCM(self._unwrap(row[0]))
                if len(self._people) > self._people_limit:
                    self._people.popitem(last=False)
            else:
                self._people.move_to_end(person_id)
            return cipher

    def _unwrap(self, wrapped: bytes) -> bytes:
        try:
            return aes_key_unwrap(self._wrapping, wrapped)
        except InvalidUnwrap:
            raise TamperedError("a wrapped key was changed, or wrapped with another master key") from None

    def _root(self) -> bytes:
        row = self._keys.execute("SELECT wrapped FROM root").fetchone()
        if row is not None:
            try:
                return self._unwrap(row[0])
            except TamperedError:
                raise WrongMasterError("the master key is not the one this data was encrypted with") from None
        if self._keys.execute("SELECT EXISTS (SELECT 1 FROM person_keys)").fetchone()[0]:
            raise WrongMasterError(
                "the keys database has people's keys but no root: it is damaged, restore it from a backup"
            )
        root = os.urandom(32)
        self._keys.execute("INSERT INTO root(id, wrapped) VALUES (1, ?)", (aes_key_wrap(self._wrapping, root),))
        return root

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._keys.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._keys.execute("COMMIT")
        except BaseException:
            self._keys.execute("ROLLBACK")
            raise

    def _wipe(self) -> None:
        """Move the commits into the database file, where secure_delete zeroed what went, and cut the WAL to nothing.

        A reader of another process can hinder it for longer than busy_timeout; then the next call or start does it.
        """
        self._keys.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
