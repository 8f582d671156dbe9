"""News of a plan for everybody who registered: worked off page by page, each page one transaction."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from flows.model import Moment
from flows.staff.changes import Change, from_json, to_json
from flows.staff.model import Notice
from storage.store import Store

# Signed out, or not to be written to: there is nobody to tell.
_REACHABLE = (
    "FROM registrations r JOIN people p ON p.id = r.person_id WHERE r.plan_code = ? AND r.state <> 'cancelled'"
    " AND p.telegram_id IS NOT NULL AND p.telegram_id NOT IN (SELECT telegram_id FROM unreachable)"
)


class NoticeStore(Store):
    def reachable_registered(self, code: str) -> int:
        row = self.one(f"SELECT count(*) {_REACHABLE}", code)
        return int(row[0]) if row else 0

    def add_notice(self, plan: str, kind: str, changes: Sequence[Change], at: Moment) -> int:
        return self.add(
            "INSERT INTO notices (plan_code, kind, body, at) VALUES (?, ?, ?, ?)",
            plan,
            kind,
            orjson.dumps(to_json(changes)).decode(),
            at,
        )

    def notice(self, notice: int) -> Notice | None:
        row = self.one("SELECT id, plan_code, kind, body, at FROM notices WHERE id = ?", notice)
        if row is None:
            return None
        number, plan, kind, body, at = row
        return Notice(number, plan, kind, from_json(orjson.loads(body)), at)

    def next_to_tell(self, notice: Notice, most: int) -> Sequence[int]:
        """The chats that come next; they count as reached from here on, so owe them the message in the same breath."""
        rows = self.all(
            f"SELECT r.person_id, p.telegram_id {_REACHABLE} AND r.registered_at <= ?"
            " AND r.person_id > (SELECT reached FROM notices WHERE id = ?) ORDER BY r.person_id LIMIT ?",
            notice.plan_code,
            notice.at,
            notice.id,
            most,
        )
        if rows:
            sql = "UPDATE notices SET reached = ?, told = told + ? WHERE id = ?"
            self.write(sql, rows[-1][0], len(rows), notice.id)
        return [chat for _, chat in rows]

    def told(self, notice: int) -> int:
        """How many have been told so far."""
        row = self.one("SELECT told FROM notices WHERE id = ?", notice)
        return int(row[0]) if row else 0
