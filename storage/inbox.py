"""What has been accepted and not yet been played. Bodies are sealed; the key is bound in.

On PostgreSQL this is where ``FOR UPDATE SKIP LOCKED`` would claim the head of each chat.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from flows.model import DAY, Moment
from storage.vault import Vault

KEPT_IDS = 3 * DAY  # Telegram repeats an update for 24 hours at most


@dataclass(frozen=True, slots=True)
class Letter:
    """``body`` is the raw update, or the result of a job, as JSON bytes. ``id`` orders the letters of a chat."""

    id: int
    key: str
    chat_id: int
    received_at: Moment
    body: bytes


def put(
    connection: sqlite3.Connection, vault: Vault, key: str, chat_id: int, received_at: Moment, body: bytes
) -> Letter:
    (letter_id,) = connection.execute(
        "INSERT INTO inbox (key, chat_id, received_at, body) VALUES (?, ?, ?, ?) RETURNING id",
        (key, chat_id, received_at, vault.seal_system("inbox", key, body)),
    ).fetchone()
    return Letter(letter_id, key, chat_id, received_at, body)


def receive(
    connection: sqlite3.Connection, vault: Vault, updates: Iterable[tuple[int, int, bytes]], at: Moment
) -> list[Letter]:
    """Stores updates (update id, chat id, raw JSON) that have not been seen; returns those."""
    letters = []
    for update_id, chat_id, body in updates:
        new = connection.execute(
            "INSERT INTO received (update_id, at) VALUES (?, ?) ON CONFLICT DO NOTHING", (update_id, at)
        ).rowcount
        if new:
            letters.append(put(connection, vault, f"update:{update_id}", chat_id, at, body))
    return letters


def waiting(connection: sqlite3.Connection, vault: Vault) -> list[Letter]:
    """All letters, in order: read once, at start."""
    rows = connection.execute("SELECT id, key, chat_id, received_at, body FROM inbox ORDER BY id").fetchall()
    return [
        Letter(letter_id, key, chat_id, at, vault.open_system("inbox", key, body))
        for letter_id, key, chat_id, at, body in rows
    ]


def remove(connection: sqlite3.Connection, letter: Letter) -> bool:
    """Whether it was still there: a letter is played once."""
    return connection.execute("DELETE FROM inbox WHERE id = ?", (letter.id,)).rowcount == 1


def set_aside(connection: sqlite3.Connection, vault: Vault, letter: Letter, error: str, at: Moment) -> None:
    """Out of the way, with what went wrong (kind and place, never contents)."""
    if remove(connection, letter):
        connection.execute(
            "INSERT INTO dead_letters (key, chat_id, received_at, failed_at, error, body) VALUES (?, ?, ?, ?, ?, ?)",
            (
                letter.key,
                letter.chat_id,
                letter.received_at,
                at,
                error,
                vault.seal_system("dead_letters", letter.key, letter.body),
            ),
        )


def forget_ids(connection: sqlite3.Connection, at: Moment) -> None:
    connection.execute("DELETE FROM received WHERE at < ?", (at - KEPT_IDS,))
