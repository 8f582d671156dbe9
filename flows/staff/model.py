"""Staff: who they are, what each role may, and what is written down of what they do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from flows.model import HOUR, Moment, Plan
from flows.staff.changes import Change, diff, from_json

SYSTEM = 0  # who did it, where no person did: a start, the command line
INVITATION_LIFE = 24 * HOUR


class Role(StrEnum):
    """管理员 编辑 审核员."""

    ADMIN = "admin"
    EDITOR = "editor"
    REVIEWER = "reviewer"


class Duty(StrEnum):
    """A room of the desk."""

    PLANS = "plans"
    STATISTICS = "statistics"
    PEOPLE = "people"
    AUDIT = "audit"


MAY: Mapping[Role, frozenset[Duty]] = {
    Role.ADMIN: frozenset(Duty),
    Role.EDITOR: frozenset({Duty.PLANS, Duty.STATISTICS}),
    Role.REVIEWER: frozenset({Duty.STATISTICS}),
}


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who works here. ``name`` is empty for whom the settings made an administrator."""

    telegram_id: int
    role: Role
    name: str
    since: Moment
    added_by: int


@dataclass(frozen=True, slots=True)
class Invitation:
    """Bound to a role and a name; used once, until ``expires_at``."""

    id: int
    role: Role
    name: str
    invited_by: int
    expires_at: Moment


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole plan as somebody wants it. ``base`` is the plan as they found it, None for one that was not there.

    ``publish_at``: a time was set for it; it is not changed any more until that is called off.
    """

    id: int
    plan: Plan
    base: Plan | None
    made_by: int
    at: Moment
    publish_at: Moment | None = None

    @property
    def base_revision(self) -> int:
        return self.base.revision if self.base else 0

    @property
    def is_change(self) -> bool:
        """Of a plan that people see already; else it is to be published."""
        return self.base is not None and self.base.published_at is not None

    @property
    def changes(self) -> tuple[Change, ...]:
        """What it would change of the plan; nothing for one that is not there yet."""
        return diff(self.base, self.plan) if self.base else ()


@dataclass(frozen=True, slots=True)
class DraftHead:
    """What a list shows of a draft."""

    id: int
    code: str
    name: str
    made_by: int
    at: Moment
    publish_at: Moment | None


@dataclass(frozen=True, slots=True)
class Notice:
    """News of a plan for those who registered before ``at``. ``kind``: ``changed``, with what, or ``withdrawn``."""

    id: int
    plan_code: str
    kind: str
    changes: tuple[Change, ...]
    at: Moment


class Act(StrEnum):
    """What the log knows of. Names are stored: never change one."""

    INVITED = "invited"
    JOINED = "joined"
    ROLE_CHANGED = "role_changed"
    REMOVED = "removed"
    DRAFTED = "drafted"
    DRAFT_CHANGED = "draft_changed"
    DRAFT_DROPPED = "draft_dropped"
    REBASED = "rebased"
    SCHEDULED = "scheduled"
    UNSCHEDULED = "unscheduled"
    PUBLISHED = "published"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    EXPORTED = "exported"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the log. ``about`` is ``plan:<code>``, ``staff:<telegram id>``, ``invitation:<id>`` or ``log``.

    ``before`` and ``after`` hold what changed, as plain JSON, and nothing of applicants.
    """

    id: int
    at: Moment
    who: int
    act: Act
    about: str
    before: Mapping[str, object] = field(default_factory=dict)
    after: Mapping[str, object] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """``plan``, ``staff``, ``invitation`` or ``log``."""
        return self.about.partition(":")[0]

    @property
    def code(self) -> str:
        """Which plan, or whichever else."""
        return self.about.partition(":")[2]

    @property
    def revision(self) -> int:
        """At which the plan was afterwards; 0 where nothing of it was changed."""
        after = self.after.get("revision")
        return after if isinstance(after, int) else 0

    @property
    def changes(self) -> tuple[Change, ...]:
        return from_json(self.after.get("changes", []))

    @property
    def member(self) -> int:
        """The telegram id of the member of staff that it is about; 0 for anything else."""
        return int(self.code) if self.kind == "staff" else 0
