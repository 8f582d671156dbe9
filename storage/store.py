"""What the rooms of the repository share: the turn's connection, and the vault."""

from __future__ import annotations

import sqlite3
from typing import Any

from flows.model import Plan
from storage.vault import Vault

Row = tuple[Any, ...]


class Shelf:
    """Plans as they were last read: they are asked for in every turn and change a few times a week.

    Emptied whenever plans are written, and after any undone work, which may have read what was then taken back.
    """

    def __init__(self) -> None:
        self.plans: dict[str, Plan] | None = None

    def clear(self) -> None:
        self.plans = None


class Store:
    """One turn's access to the storage; made anew for each."""

    def __init__(self, connection: sqlite3.Connection, vault: Vault, shelf: Shelf) -> None:
        self.connection = connection
        self.vault = vault
        self.shelf = shelf

    def one(self, sql: str, *values: object) -> Row | None:
        row: Row | None = self.connection.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, *values: object) -> list[Row]:
        return self.connection.execute(sql, values).fetchall()

    def write(self, sql: str, *values: object) -> int:
        """Returns how many rows were touched."""
        return self.connection.execute(sql, values).rowcount

    def add(self, sql: str, *values: object) -> int:
        """Returns the new row's id."""
        row = self.one(sql + " RETURNING id", *values)
        if row is None:
            raise LookupError("nothing was added")
        return int(row[0])
