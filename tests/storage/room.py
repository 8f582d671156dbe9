"""A storage of one's own for a test: a database in a file, keys in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flows.model import DAY, HOUR, Moment, Person, Plan
from storage.database import connect, migrate
from storage.repository import SqlRepository
from storage.store import Shelf
from storage.vault import MasterKey, Vault

AT: Moment = 1_795_482_000_000  # 2026-11-24 09:00 in Beijing
PLAN = Plan("HD2603", "海淀区2026年第三批保租房", AT - HOUR, AT + DAY)
OTHER_PLAN = Plan("CY2601", "朝阳区2026年第一批保租房", AT - DAY, AT + DAY)
PHONE = "+8613800138000"
NAME = "欧阳芳菲"
ID_NUMBER = "110101199003070038"


@dataclass(frozen=True, slots=True)
class Room:
    path: Path
    connection: sqlite3.Connection
    vault: Vault
    shelf: Shelf
    store: SqlRepository

    def register(self, phone: str = PHONE, telegram_id: int = 100, number: str = "HD2603-A") -> Person:
        """Somebody with a submitted form, registered in the plan."""
        person = self.store.add_person(telegram_id, phone, AT)
        application = self.store.open_application(person.id, PLAN.code, AT)
        submission = self.store.submit(application.id, 1, AT)
        assert self.store.register(number, person.id, PLAN.code, submission, AT) is not None
        return person

    def all_bytes(self) -> bytes:
        """Of the database and what SQLite keeps beside it."""
        return b"".join(path.read_bytes() for path in sorted(self.path.parent.glob(f"{self.path.name}*")))


@contextmanager
def furnished(folder: Path) -> Iterator[Room]:
    """With two published plans in it."""
    path = folder / "anju.sqlite3"
    connection = connect(path)
    migrate(connection)
    keys = sqlite3.connect(":memory:", isolation_level=None)
    Vault.prepare(keys)
    with Vault(MasterKey.random(), keys) as vault:
        shelf = Shelf()
        store = SqlRepository(connection, vault, shelf)
        for plan in (PLAN, OTHER_PLAN):
            store.add_plan(plan, AT - DAY)
        yield Room(path, connection, vault, shelf, store)
    connection.close()
