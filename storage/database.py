"""The one place that knows the engine: opening, migrating, and writing in groups.

One connection writes. Work is a plain function of a ``sqlite3.Connection`` that runs in the connection's thread: one
hop, however much it does. Works that are ready together share a transaction and its fsync, each under a savepoint of
its own, so that one that fails takes nothing with it but itself.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

Result = TypeVar("Result")
Work = Callable[[sqlite3.Connection], Result]

SCHEMA = Path(__file__).parent / "schema"
log = logging.getLogger(__name__)

PASSING = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_NOMEM,
    }
)
PAUSES = (0.2, 0.5, 1, 2, 5)  # seconds between tries while nothing can be written; the last one repeats
GROUP = 64  # works a commit: more would make the first of them wait too long for the last

_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",  # a commit is on the disk, also when the power goes
    "foreign_keys": "on",
    "busy_timeout": "5000",
    "secure_delete": "on",
    "trusted_schema": "off",
    "cell_size_check": "on",
    "mmap_size": "0",
    "journal_size_limit": str(64 * 1024 * 1024),
}


class Connection(aiosqlite.Connection):
    """aiosqlite with one more door: a whole function in its thread."""

    async def run(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """One hop to the thread of the connection and back, whatever the function does there."""
        return await self._execute(work, self._conn)  # type: ignore[no-any-return,no-untyped-call]

    async def ended(self) -> None:
        """Returns when its thread is gone; it must have been told to stop."""
        await asyncio.to_thread(self._thread.join)


def connect(path: Path) -> sqlite3.Connection:
    """Opens and prepares a connection. Raises RuntimeError when SQLite refuses a setting that data depend on."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
    path.chmod(0o600)
    for pragma, value in _PRAGMAS.items():
        connection.execute(f"PRAGMA {pragma} = {value}")
    if connection.execute("PRAGMA foreign_keys").fetchone() != (1,):
        raise RuntimeError("SQLite does not enforce foreign keys here")
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        raise RuntimeError("SQLite cannot use a write-ahead log here: is the data folder on a network drive?")
    return connection


def migrate(connection: sqlite3.Connection) -> int:
    """Runs the schema files that this database has not seen, each in a transaction; returns the version it is at.

    Raises RuntimeError for a database made by a newer program.
    """
    files = sorted(SCHEMA.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(files):
        raise RuntimeError(f"the database is of version {version}, this program knows {len(files)}")
    for number, file in enumerate(files[version:], start=version + 1):
        connection.executescript(
            f"BEGIN IMMEDIATE;\n{file.read_text('utf-8')}\nPRAGMA user_version = {number};\nCOMMIT;"
        )
    return len(files)


class Database:
    """Shares commits among works. ``on_rollback`` is called, in the connection's thread, after any work was undone."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: deque[tuple[Work[Any], asyncio.Future[Any]]] = deque()
        self._ready = asyncio.Event()
        self._closing = False
        self.on_rollback: Callable[[], None] = lambda: None
        self.commits = 0

    @classmethod
    async def open(cls, path: Path) -> Database:
        connection = Connection(lambda: connect(path), iter_chunk_size=64)
        try:
            await connection
            await connection.run(migrate)
        except BaseException:
            await connection.close()
            await connection.ended()  # its thread would keep the process from ending, or find the loop gone
            raise
        return cls(connection)

    async def read(self, work: Work[Result]) -> Result:
        """Runs work that only reads, outside a transaction of its own."""
        return await self._connection.run(work)

    async def write(self, work: Work[Result]) -> Result:
        """Runs work in a transaction; returns once it is on the disk. What it raises undoes it and comes out here.

        Raises sqlite3.Error when the commit itself fails: then nothing of the group was kept.
        """
        if self._closing:
            raise RuntimeError("the database is closing")
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, future))
        self._ready.set()
        return await future

    async def insist(self, work: Work[Result]) -> Result:
        """As ``write``, for what must not be given up: a disk that is full just now may have room again.

        Only what can pass is tried again; a statement that is wrong would be wrong for ever, and is raised.
        """
        attempt = 0
        while True:
            try:
                return await self.write(work)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF not in PASSING:  # the low byte is the kind, the rest says more of it
                    raise
                log.error("the database cannot write", extra={"kind": error.sqlite_errorname})  # noqa: TRY400 - no trace
                await asyncio.sleep(PAUSES[min(attempt, len(PAUSES) - 1)])
                attempt += 1

    async def serve(self) -> None:
        """Commits what is waiting, group by group. Runs as a task of its own until ``close``."""
        while not (self._closing and not self._waiting):
            await self._ready.wait()
            self._ready.clear()
            while self._waiting:
                group = [self._waiting.popleft() for _ in range(min(GROUP, len(self._waiting)))]
                await self._commit(group)

    async def _commit(self, group: list[tuple[Work[Any], asyncio.Future[Any]]]) -> None:
        works = [work for work, _ in group]
        try:
            outcomes = await self._connection.run(lambda connection: self._together(connection, works))
        except sqlite3.Error as refused:
            outcomes = [(None, refused)] * len(group)
        self.commits += 1
        for (_, future), (result, error) in zip(group, outcomes, strict=True):
            if future.done():  # whoever asked has been cancelled; the work is done all the same
                continue
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)

    def _together(
        self, connection: sqlite3.Connection, works: list[Work[Any]]
    ) -> list[tuple[Any, BaseException | None]]:
        outcomes: list[tuple[Any, BaseException | None]] = []
        connection.execute("BEGIN IMMEDIATE")
        try:
            for work in works:
                connection.execute("SAVEPOINT work")
                try:
                    outcomes.append((work(connection), None))
                except Exception as error:
                    if not connection.in_transaction:
                        raise  # SQLite gave up the whole transaction (disk full): nothing of the group stands
                    connection.execute("ROLLBACK TO work")
                    self.on_rollback()
                    outcomes.append((None, error))
                connection.execute("RELEASE work")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            self.on_rollback()
            raise
        return outcomes

    async def close(self) -> None:
        """Waits for nothing: call it once nobody writes any more."""
        self._closing = True
        self._ready.set()
        try:
            await self._connection.run(lambda c: c.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
        except sqlite3.OperationalError as error:  # a full disk, say: the log is as good a place
            log.warning("the write-ahead log stays", extra={"kind": error.sqlite_errorname})
        finally:
            await self._connection.close()  # or its thread would keep the process from ending
