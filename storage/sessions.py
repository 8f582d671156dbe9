"""Where each chat stands, and which message carries its live buttons."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

import orjson

from flows.engine.session import Session
from flows.model import Moment
from storage.vault import Vault


def load(connection: sqlite3.Connection, vault: Vault, chat_id: int) -> Session | None:
    row = connection.execute("SELECT body FROM sessions WHERE chat_id = ?", (chat_id,)).fetchone()
    if row is None:
        return None
    return Session.load(chat_id, orjson.loads(vault.open_system("sessions", chat_id, row[0])))


def save(connection: sqlite3.Connection, vault: Vault, session: Session, at: Moment) -> None:
    connection.execute(
        "INSERT INTO sessions (chat_id, body, updated_at) VALUES (?, ?, ?)"
        " ON CONFLICT (chat_id) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at",
        (session.chat_id, vault.seal_system("sessions", session.chat_id, orjson.dumps(session.dump())), at),
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """The message with the live buttons. ``form``: text, captcha, contact (a reply keyboard) or progress."""

    message_id: int
    form: str
    digest: bytes


def standing(connection: sqlite3.Connection, chat_id: int) -> Standing | None:
    row = connection.execute("SELECT message_id, form, digest FROM screens WHERE chat_id = ?", (chat_id,)).fetchone()
    return Standing(*row) if row else None


def stands(connection: sqlite3.Connection, chat_id: int, screen: Standing) -> None:
    connection.execute(
        "INSERT INTO screens (chat_id, message_id, form, digest) VALUES (?, ?, ?, ?) ON CONFLICT (chat_id)"
        " DO UPDATE SET message_id = excluded.message_id, form = excluded.form, digest = excluded.digest",
        (chat_id, screen.message_id, screen.form, screen.digest),
    )
