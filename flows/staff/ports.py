"""What the desk reads and writes, beside what everybody does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from flows.model import Moment
from flows.staff.model import Act, Entry, Invitation, Role, Staff


class StaffBook(Protocol):
    def staff(self, telegram_id: int) -> Staff | None:
        """None for whoever does not work here, or no longer."""
        ...

    def staff_name(self, telegram_id: int) -> str:
        """Also of those who have left; empty for those who never were here."""
        ...

    def all_staff(self) -> Sequence[Staff]:
        """Administrators first, then by when they came."""
        ...

    def admins(self) -> int: ...

    def add_invitation(self, token: str, role: Role, name: str, invited_by: int, expires_at: Moment) -> int:
        """Keeps a keyed hash of the token, never the token."""
        ...

    def take_invitation(self, token: str, at: Moment) -> Invitation | None:
        """Uses it up; None for one that is unknown, used or expired."""
        ...

    def add_staff(self, telegram_id: int, role: Role, name: str, added_by: int, at: Moment) -> None: ...

    def change_role(self, telegram_id: int, role: Role) -> None: ...

    def remove_staff(self, telegram_id: int, at: Moment) -> None: ...

    def note_menu(self, telegram_id: int, at: Moment) -> bool:
        """Whether this is the first time: the chat's menu does not show the desk yet."""
        ...


class AuditLog(Protocol):
    def log(
        self,
        at: Moment,
        who: int,
        act: Act,
        about: str,
        before: Mapping[str, object] | None = None,
        after: Mapping[str, object] | None = None,
    ) -> None: ...

    def log_length(self, about: str = "") -> int:
        """How many entries there are, of all or of one object."""
        ...

    def log_page(self, about: str, offset: int, limit: int) -> Sequence[Entry]:
        """The newest first."""
        ...


class Desk(StaffBook, AuditLog, Protocol):
    """All that the desk may touch."""
