"""People, consents, who can be written to."""

from __future__ import annotations

from flows.model import DocumentKind, Moment, Person
from storage.store import Row, Store

_COLUMNS = "id, telegram_id, phone, name, id_number, document"


class PeopleStore(Store):
    def _person(self, row: Row | None) -> Person | None:
        if row is None:
            return None
        person_id, telegram_id, phone, name, id_number, document = row
        reveal = self.vault.open_text
        return Person(
            person_id,
            telegram_id,
            reveal(person_id, "people", "phone", phone),
            reveal(person_id, "people", "name", name) if name is not None else None,
            reveal(person_id, "people", "id_number", id_number) if id_number is not None else None,
            DocumentKind(document),
        )

    def person(self, telegram_id: int) -> Person | None:
        return self._person(self.one(f"SELECT {_COLUMNS} FROM people WHERE telegram_id = ?", telegram_id))

    def person_by_id(self, person_id: int) -> Person | None:
        return self._person(self.one(f"SELECT {_COLUMNS} FROM people WHERE id = ?", person_id))

    def person_by_phone(self, phone: str) -> Person | None:
        index = self.vault.index("phone", phone)
        return self._person(self.one(f"SELECT {_COLUMNS} FROM people WHERE phone_index = ?", index))

    def id_number_holder(self, id_number: str) -> int | None:
        row = self.one("SELECT id FROM people WHERE id_index = ?", self.vault.index("id_number", id_number))
        return int(row[0]) if row else None

    def add_person(self, telegram_id: int, phone: str, at: Moment) -> Person:
        """The key is on the disk before the row that needs it: a row without its key would be lost for good."""
        row = self.one("SELECT seq + 1 FROM sqlite_sequence WHERE name = 'people'")
        person_id = int(row[0]) if row else 1
        self.vault.new_person(person_id)
        self.write(
            "INSERT INTO people (id, telegram_id, phone, phone_index, created_at) VALUES (?, ?, ?, ?, ?)",
            person_id,
            telegram_id,
            self.vault.seal(person_id, "people", "phone", phone),
            self.vault.index("phone", phone),
            at,
        )
        return Person(person_id, telegram_id, phone)

    def move_person(self, person_id: int, telegram_id: int) -> None:
        self.write("UPDATE people SET telegram_id = NULL WHERE telegram_id = ?", telegram_id)
        self.write("UPDATE people SET telegram_id = ? WHERE id = ?", telegram_id, person_id)

    def verify_person(self, person_id: int, name: str, id_number: str, document: str, at: Moment) -> None:
        self.write(
            "UPDATE people SET name = ?, id_number = ?, id_index = ?, document = ?, verified_at = ? WHERE id = ?",
            self.vault.seal(person_id, "people", "name", name),
            self.vault.seal(person_id, "people", "id_number", id_number),
            self.vault.index("id_number", id_number),
            document,
            at,
            person_id,
        )

    def add_consent(self, telegram_id: int, text: str, version: int, at: Moment) -> None:
        self.add(
            "INSERT INTO consents (telegram_id, text, version, at) VALUES (?, ?, ?, ?)", telegram_id, text, version, at
        )

    def has_consent(self, telegram_id: int, text: str, version: int) -> bool:
        sql = "SELECT 1 FROM consents WHERE telegram_id = ? AND text = ? AND version = ?"
        return self.one(sql, telegram_id, text, version) is not None

    def mark_reachable(self, telegram_id: int, at: Moment, reachable: bool) -> None:
        if reachable:
            self.write("DELETE FROM unreachable WHERE telegram_id = ?", telegram_id)
        else:
            sql = "INSERT INTO unreachable (telegram_id, since) VALUES (?, ?) ON CONFLICT DO NOTHING"
            self.write(sql, telegram_id, at)
