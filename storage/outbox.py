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
    """``kind`` says who carries it. Due at once, or later; after ``expires_at`` it is not worth carrying any more."""

    id: int
    chat_id: int
    kind: str
    due_at: Moment
    expires_at: Moment
    body: dict[str, Any]
    attempts: int = 0
    begun_at: Moment | None = None


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
) -> Parcel:
    (parcel_id,) = connection.execute(
        "INSERT INTO outbox (chat_id, kind, due_at, expires_at, body) VALUES (?, ?, ?, ?, ?) RETURNING id",
        (chat_id, kind, due_at, expires_at, vault.seal_system("outbox", chat_id, orjson.dumps(body))),
    ).fetchone()
    return Parcel(parcel_id, chat_id, kind, due_at, expires_at, body)


def _parcel(vault: Vault, row: tuple[Any, ...]) -> Parcel:
    parcel_id, chat_id, kind, due_at, expires_at, attempts, begun_at, body = row
    opened = orjson.loads(vault.open_system("outbox", chat_id, body))
    return Parcel(parcel_id, chat_id, kind, due_at, expires_at, opened, attempts, begun_at)


def due(connection: sqlite3.Connection, vault: Vault, at: Moment) -> list[Parcel]:
    """Everything to be carried now, in order: read at start."""
    sql = f"SELECT {_COLUMNS} FROM outbox WHERE due_at <= ? ORDER BY id"
    return [_parcel(vault, row) for row in connection.execute(sql, (at,)).fetchall()]


def later(connection: sqlite3.Connection, at: Moment) -> list[tuple[Moment, int]]:
    """(due, id) of what is to be carried after this moment."""
    return connection.execute("SELECT due_at, id FROM outbox WHERE due_at > ? ORDER BY due_at, id", (at,)).fetchall()


def get(connection: sqlite3.Connection, vault: Vault, parcel_id: int) -> Parcel | None:
    row = connection.execute(f"SELECT {_COLUMNS} FROM outbox WHERE id = ?", (parcel_id,)).fetchone()
    return _parcel(vault, row) if row else None


def remove(connection: sqlite3.Connection, parcels: Iterable[int]) -> int:
    """How many of them were still there."""
    return connection.executemany("DELETE FROM outbox WHERE id = ?", [(parcel,) for parcel in parcels]).rowcount


def begin(connection: sqlite3.Connection, parcel_id: int, at: Moment) -> None:
    """Marks a call that must not be made twice, before it is made."""
    connection.execute("UPDATE outbox SET begun_at = ? WHERE id = ?", (at, parcel_id))


def put_off(connection: sqlite3.Connection, parcel_id: int, due_at: Moment) -> None:
    """Tried in vain: once more at ``due_at``."""
    connection.execute(
        "UPDATE outbox SET due_at = ?, attempts = attempts + 1, begun_at = NULL WHERE id = ?", (due_at, parcel_id)
    )
