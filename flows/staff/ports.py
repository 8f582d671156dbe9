"""What the desk reads and writes, beside what everybody does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from flows.model import Moment, Plan
from flows.staff.changes import Change
from flows.staff.figures import Figures
from flows.staff.model import Act, Draft, DraftHead, Entry, Invitation, Role, Staff


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

    def logged_plans(self) -> Sequence[str]:
        """Codes of plans that stand in the log, the one that was last at work first."""
        ...


class Drafts(Protocol):
    def draft(self, draft: int) -> Draft | None: ...

    def draft_of(self, plan: str, telegram_id: int) -> int | None:
        """The draft that somebody has of a plan."""
        ...

    def draft_plan(self, draft: int) -> Plan | None:
        """The plan that a draft would make, for looking at it."""
        ...

    def drafts(self) -> Sequence[DraftHead]:
        """The newest first."""
        ...

    def keep_draft(self, plan: Plan, base: Plan | None, telegram_id: int, at: Moment) -> int:
        """In the place of the one that this person has of the plan, if any; returns its id."""
        ...

    def change_draft(self, draft: int, plan: Plan, at: Moment) -> None: ...

    def rebase_draft(self, draft: int, plan: Plan, base: Plan, at: Moment) -> None: ...

    def drop_draft(self, draft: int) -> None:
        """With the time that was set for it."""
        ...

    def schedule_draft(self, draft: int, telegram_id: int, publish_at: Moment) -> None:
        """Comes back to that chat as the event ``publish`` when it is due; an earlier time is given up."""
        ...

    def unschedule_draft(self, draft: int) -> None: ...


class PlanSheets(Protocol):
    """Plans that are being entered in the chat: at most one a clerk, answer by answer."""

    def plan_sheet(self, telegram_id: int) -> Mapping[str, str]:
        """The answers by slot; nothing where none was begun."""
        ...

    def save_plan_answer(self, telegram_id: int, slot: str, value: str | None, at: Moment) -> None:
        """None takes the answer back."""
        ...

    def drop_plan_sheet(self, telegram_id: int) -> None: ...


class PlanDesk(Protocol):
    """Plans as they are written. All of them, published or not."""

    def stored_plans(self) -> Sequence[Plan]:
        """The one that opened or opens last first; without rents."""
        ...

    def stored_plan(self, code: str) -> Plan | None: ...

    def whole_plan(self, code: str) -> Plan | None:
        """With all its rents."""
        ...

    def add_plan(self, plan: Plan, published_at: Moment | None) -> None: ...

    def change_plan(self, plan: Plan, revision: int) -> bool:
        """False if the stored plan is not at that revision any more: nothing is changed then."""
        ...

    def publish_plan(self, code: str, at: Moment) -> None: ...

    def withdraw_plan(self, code: str, reason: str, at: Moment) -> None: ...

    def move_reminders(self, plan: Plan, at: Moment) -> None: ...

    def drop_reminders(self, plan: str) -> None: ...

    def reachable_registered(self, code: str) -> int:
        """How many of those who are registered can be written to."""
        ...

    def add_notice(self, plan: str, kind: str, changes: Sequence[Change], at: Moment) -> int: ...


class Numbers(Protocol):
    def figures(self, plan: Plan, at: Moment) -> Figures: ...


class Desk(StaffBook, AuditLog, Drafts, PlanSheets, PlanDesk, Numbers, Protocol):
    """All that the desk may touch."""
