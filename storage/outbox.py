"""What is owed to the world: calls to Telegram and jobs, until they are done, refused or too late."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from flows.model import Moment
from storage.vault import Vault


@dataclass(slots=True)
class Parcel:
    """``kind`` says who carries it; after ``expires_at`` it is not worth carrying any more.

    ``waits``: it stays in the outbox until ``due_at`` and is handed out from there, by nobody else.
    """

    id: int
    chat_id: int
    kind: str
    due_at: Moment
    expires_at: Moment
    body: dict[str, Any]
    attempts: int = 0
    begun_at: Moment | None = None
    waits: bool = False


_COLUMNS = "id, chat_id, kind, due_at, expires_at, attempts, begun_at, body"


def put(
    connection: sqlite3.Connection,
    vault: Vault,
    chat_id: int,
    kind: str,
    body: dict[str, Any],
    *,
    due_at: Moment,
    expires_at: Moment,
    later: bool = False,
) -> Parcel:
    """``later``: it waits here until ``due_at``, instead of being handed to its carrier at once."""
    (parcel_id,) = connection.execute(
        "INSERT INTO outbox (chat_id, kind, due_at, expires_at, body, waits) VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
        (chat_id, kind, due_at, expires_at, vault.seal_system("outbox", chat_id, orjson.dumps(body)), later),
    ).fetchone()
    return Parcel(parcel_id, chat_id, kind, due_at, expires_at, body, waits=later)


def _parcel(vault: Vault, row: tuple[Any, ...]) -> Parcel:
    parcel_id, chat_id, kind, due_at, expires_at, attempts, begun_at, body = row
    opened = orjson.loads(vault.open_system("outbox", chat_id, body))
    return Parcel(parcel_id, chat_id, kind, due_at, expires_at, opened, attempts, begun_at)


def due(connection: sqlite3.Connection, vault: Vault, at: Moment) -> list[Parcel]:
    """Everything to be carried now, in order: taken up at start.

    Also what was to be carried at a moment that is still to come by a clock that has been set back since.
    """
    connection.execute("UPDATE outbox SET waits = 0 WHERE waits = 1 AND due_at <= ?", (at,))
    sql = f"SELECT {_COLUMNS} FROM outbox WHERE waits = 0 ORDER BY id"
    return [_parcel(vault, row) for row in connection.execute(sql).fetchall()]


def fall_due(connection: sqlite3.Connection, vault: Vault, at: Moment, most: int) -> list[Parcel]:
    """What waited until now; once handed out it waits no longer."""
    sql = f"SELECT {_COLUMNS} FROM outbox WHERE waits = 1 AND due_at <= ? ORDER BY due_at, id LIMIT ?"
    rows = connection.execute(sql, (at, most)).fetchall()
    connection.executemany("UPDATE outbox SET waits = 0 WHERE id = ?", [(row[0],) for row in rows])
    return [_parcel(vault, row) for row in rows]


def next_due(connection: sqlite3.Connection) -> Moment | None:
    row = connection.execute("SELECT min(due_at) FROM outbox WHERE waits = 1").fetchone()
    return int(row[0]) if row[0] is not None else None


def remove(connection: sqlite3.Connection, parcels: Iterable[int]) -> int:
    """How many of them were still there."""
    return connection.executemany("DELETE FROM outbox WHERE id = ?", [(parcel,) for parcel in parcels]).rowcount


def begin(connection: sqlite3.Connection, parcel_id: int, at: Moment) -> None:
    """Marks a call that must not be made twice, before it is made."""
    connection.execute("UPDATE outbox SET begun_at = ? WHERE id = ?", (at, parcel_id))


def put_off(connection: sqlite3.Connection, parcel_id: int, due_at: Moment) -> None:
    """Tried in vain: once more at ``due_at``."""
    connection.execute(
        "UPDATE outbox SET due_at = ?, attempts = attempts + 1, begun_at = NULL, waits = 1 WHERE id = ?",
        (due_at, parcel_id),
    )
