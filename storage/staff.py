"""Who works here, and who is invited to. Names are sealed by the system key: they are no applicants'."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from flows.model import Moment
from flows.staff.model import SYSTEM, Act, Invitation, Role, Staff
from storage.audit import AuditStore
from storage.store import Row, Shelf, Store
from storage.vault import Vault

_COLUMNS = "telegram_id, role, name, since, added_by"
_ORDER = tuple(Role)


class StaffStore(Store):
    def _staff(self, row: Row) -> Staff:
        telegram_id, role, name, since, added_by = row
        opened = self.vault.open_system("staff", telegram_id, name).decode()
        return Staff(telegram_id, Role(role), opened, since, added_by)

    def staff(self, telegram_id: int) -> Staff | None:
        row = self.one(f"SELECT {_COLUMNS} FROM staff WHERE telegram_id = ? AND removed_at IS NULL", telegram_id)
        return self._staff(row) if row else None

    def staff_name(self, telegram_id: int) -> str:
        row = self.one(f"SELECT {_COLUMNS} FROM staff WHERE telegram_id = ?", telegram_id)
        return self._staff(row).name if row else ""

    def all_staff(self) -> Sequence[Staff]:
        rows = self.all(f"SELECT {_COLUMNS} FROM staff WHERE removed_at IS NULL ORDER BY since, telegram_id")
        return sorted(map(self._staff, rows), key=lambda one: _ORDER.index(one.role))

    def admins(self) -> int:
        row = self.one("SELECT count(*) FROM staff WHERE role = ? AND removed_at IS NULL", Role.ADMIN)
        return int(row[0]) if row else 0

    def add_staff(self, telegram_id: int, role: Role, name: str, added_by: int, at: Moment) -> None:
        self.write(
            "INSERT INTO staff (telegram_id, role, name, since, added_by) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (telegram_id) DO UPDATE SET role = excluded.role, name = excluded.name,"
            " since = excluded.since, added_by = excluded.added_by, removed_at = NULL, menu_at = NULL",
            telegram_id,
            role,
            self.vault.seal_system("staff", telegram_id, name.encode()),
            at,
            added_by,
        )

    def change_role(self, telegram_id: int, role: Role) -> None:
        self.write("UPDATE staff SET role = ? WHERE telegram_id = ?", role, telegram_id)

    def remove_staff(self, telegram_id: int, at: Moment) -> None:
        self.write("UPDATE staff SET removed_at = ?, menu_at = NULL WHERE telegram_id = ?", at, telegram_id)

    def note_menu(self, telegram_id: int, at: Moment) -> bool:
        return self.write("UPDATE staff SET menu_at = ? WHERE telegram_id = ? AND menu_at IS NULL", at, telegram_id) > 0

    # -- invitations ---------------------------------------------------------------------------------------------------

    def add_invitation(self, token: str, role: Role, name: str, invited_by: int, expires_at: Moment) -> int:
        index = self.vault.index("invitation", token)
        return self.add(
            "INSERT INTO invitations (token_index, role, name, invited_by, expires_at) VALUES (?, ?, ?, ?, ?)",
            index,
            role,
            self.vault.seal_system("invitations", index.hex(), name.encode()),
            invited_by,
            expires_at,
        )

    def take_invitation(self, token: str, at: Moment) -> Invitation | None:
        self.write("DELETE FROM invitations WHERE expires_at <= ?", at)
        index = self.vault.index("invitation", token)
        row = self.one(
            "DELETE FROM invitations WHERE token_index = ? RETURNING id, role, name, invited_by, expires_at", index
        )
        if row is None:
            return None
        invitation, role, name, invited_by, expires_at = row
        opened = self.vault.open_system("invitations", index.hex(), name).decode()
        return Invitation(invitation, Role(role), opened, invited_by, expires_at)


def appoint_admins(
    connection: sqlite3.Connection, vault: Vault, shelf: Shelf, admins: Iterable[int], at: Moment
) -> None:
    """At start: whom the settings name is an administrator, whatever happened to them since."""
    book, log = StaffStore(connection, vault, shelf), AuditStore(connection, vault, shelf)
    for telegram_id in admins:
        known = book.staff(telegram_id)
        if known is not None and known.role is Role.ADMIN:
            continue
        if known is None:
            book.add_staff(telegram_id, Role.ADMIN, book.staff_name(telegram_id), SYSTEM, at)
            before: dict[str, object] = {}
        else:
            book.change_role(telegram_id, Role.ADMIN)
            before = {"role": known.role}
        act = Act.ROLE_CHANGED if known else Act.JOINED
        log.log(at, SYSTEM, act, f"staff:{telegram_id}", before, {"role": Role.ADMIN})
