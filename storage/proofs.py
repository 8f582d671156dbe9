"""Codes sent by SMS, questions to the identity service. Of a code a keyed hash is kept, of a number an index."""

from __future__ import annotations

from collections.abc import Sequence

from flows.model import DocumentKind, IdentityCheck, Moment
from storage.store import Row, Store

TRIES = 5  # wrong tries that end a code

_CHECK = "SELECT id, person_id, name, id_number, document, verdict FROM identity_checks"


class ProofStore(Store):
    def add_challenge(self, telegram_id: int, phone: str, code: str, at: Moment, expires_at: Moment) -> int:
        self.write("UPDATE challenges SET code_hash = NULL WHERE telegram_id = ?", telegram_id)
        challenge = self.add(
            "INSERT INTO challenges (telegram_id, phone_index, created_at, expires_at) VALUES (?, ?, ?, ?)",
            telegram_id,
            self.vault.index("phone", phone),
            at,
            expires_at,
        )
        self.write("UPDATE challenges SET code_hash = ? WHERE id = ?", self.vault.code_hash(challenge, code), challenge)
        return challenge

    def extend_challenge(self, challenge: int, expires_at: Moment) -> None:
        self.write("UPDATE challenges SET expires_at = ? WHERE id = ?", expires_at, challenge)

    def withdraw_challenge(self, challenge: int) -> None:
        self.write("UPDATE challenges SET code_hash = NULL, withdrawn = 1 WHERE id = ?", challenge)

    def try_code(self, challenge: int, code: str, at: Moment) -> str:
        row = self.one("SELECT code_hash, expires_at, wrong FROM challenges WHERE id = ?", challenge)
        if row is None or row[0] is None or at >= row[1]:
            return "expired"
        if row[2] >= TRIES:
            return "spent"
        if self.vault.same(row[0], self.vault.code_hash(challenge, code)):
            self.write("UPDATE challenges SET code_hash = NULL WHERE id = ?", challenge)
            return "right"
        self.write("UPDATE challenges SET wrong = wrong + 1 WHERE id = ?", challenge)
        return "spent" if row[2] + 1 >= TRIES else "wrong"

    def sms_times(self, phone: str, since: Moment) -> Sequence[Moment]:
        sql = "SELECT created_at FROM challenges WHERE phone_index = ? AND created_at > ? AND withdrawn = 0"
        return [int(row[0]) for row in self.all(sql, self.vault.index("phone", phone), since)]

    def sms_phones(self, telegram_id: int, phone: str, since: Moment) -> tuple[int, int]:
        sql = "SELECT phone_index FROM challenges WHERE telegram_id = ? AND created_at > ? AND withdrawn = 0"
        sent = [index for (index,) in self.all(sql, telegram_id, since)]
        return len(sent), len({*sent, self.vault.index("phone", phone)})

    def sms_total(self, since: Moment) -> int:
        row = self.one("SELECT count(*) FROM challenges WHERE created_at > ? AND withdrawn = 0", since)
        return int(row[0]) if row else 0

    def wrong_codes(self, phone: str, since: Moment) -> int:
        sql = "SELECT coalesce(sum(wrong), 0) FROM challenges WHERE phone_index = ? AND created_at > ?"
        row = self.one(sql, self.vault.index("phone", phone), since)
        return int(row[0]) if row else 0

    def _check(self, row: Row | None) -> IdentityCheck | None:
        if row is None:
            return None
        check, person_id, name, id_number, document, verdict = row
        return IdentityCheck(
            check,
            person_id,
            self.vault.open_text(person_id, "identity_checks", "name", name),
            self.vault.open_text(person_id, "identity_checks", "id_number", id_number),
            DocumentKind(document),
            verdict,
        )

    def add_identity_check(self, person_id: int, name: str, id_number: str, document: str, at: Moment) -> int:
        return self.add(
            "INSERT INTO identity_checks (person_id, name, id_number, id_index, document, asked_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            person_id,
            self.vault.seal(person_id, "identity_checks", "name", name),
            self.vault.seal(person_id, "identity_checks", "id_number", id_number),
            self.vault.index("id_number", id_number),
            document,
            at,
        )

    def identity_check(self, check: int) -> IdentityCheck | None:
        return self._check(self.one(f"{_CHECK} WHERE id = ?", check))

    def pending_identity_check(self, person_id: int) -> IdentityCheck | None:
        return self._check(self.one(f"{_CHECK} WHERE person_id = ? AND verdict IS NULL ORDER BY id DESC", person_id))

    def settle_identity_check(self, check: int, verdict: str) -> None:
        self.write("UPDATE identity_checks SET verdict = ? WHERE id = ?", verdict, check)

    def identity_mismatches(self, person_id: int, id_number: str, since: Moment) -> tuple[int, int]:
        failed = "SELECT count(*) FROM identity_checks WHERE verdict = 'mismatch' AND asked_at > ?"
        mine = self.one(f"{failed} AND person_id = ?", since, person_id)
        its = self.one(f"{failed} AND id_index = ?", since, self.vault.index("id_number", id_number))
        return (int(mine[0]) if mine else 0, int(its[0]) if its else 0)
