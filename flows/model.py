"""What Anju is about: people, plans, applications, registrations, and the rules that hold for each.

Times are ``Moment``: whole milliseconds since 1970-01-01 UTC. Money is whole fen (1 yuan = 100 fen), areas are whole
hundredths of a square metre, days are ``datetime.date`` in Beijing. All of it is frozen: a change is a new object.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

Moment = int

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

BEIJING = 8 * HOUR  # China keeps one time zone, without summer time


def beijing_day(at: Moment) -> date:
    """The day on the calendar in Beijing at this moment."""
    return date.fromordinal((at + BEIJING) // DAY + date(1970, 1, 1).toordinal())


@dataclass(frozen=True, slots=True)
class Rent:
    """One home or group of alike homes: its name in the plan (房源), area and monthly rent (fen)."""

    home: str
    area: int | None
    monthly: int


@dataclass(frozen=True, slots=True)
class UnitType:
    """A kind of home in a project. ``pictures`` are names in the media store.

    Plans may have thousands of rents, so a plan that is looked at carries only how many there are and their range;
    ``rents`` is filled in a whole plan (workbook, draft, export), from which the range is then worked out.
    """

    code: str
    name: str
    area: int | None = None
    homes: int = 0
    text: str = ""
    rents: tuple[Rent, ...] = ()
    pictures: tuple[str, ...] = ()
    rent_count: int = 0
    lowest: int | None = None
    highest: int | None = None

    def __post_init__(self) -> None:
        if self.rents:
            object.__setattr__(self, "rent_count", len(self.rents))
            object.__setattr__(self, "lowest", min(rent.monthly for rent in self.rents))
            object.__setattr__(self, "highest", max(rent.monthly for rent in self.rents))


@dataclass(frozen=True, slots=True)
class Project:
    """An estate. Latitude and longitude are WGS-84 degrees, as Telegram's map wants them."""

    code: str
    name: str
    address: str
    district: str = ""
    latitude: float | None = None
    longitude: float | None = None
    text: str = ""
    unit_types: tuple[UnitType, ...] = ()
    pictures: tuple[str, ...] = ()

    @property
    def homes(self) -> int:
        return sum(unit_type.homes for unit_type in self.unit_types)

    def unit_type(self, code: str) -> UnitType | None:
        return next((unit_type for unit_type in self.unit_types if unit_type.code == code), None)


class Relation(StrEnum):
    """How a condition compares: 等于 不等于 不少于 不多于 属于 不属于."""

    EQUALS = "equals"
    DIFFERS = "differs"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    AMONG = "among"
    NOT_AMONG = "not_among"


@dataclass(frozen=True, slots=True)
class Condition:
    """Coarse screening, as data: a field of the form, a relation, what it is compared with, and the clerk's words.

    ``values`` holds one value, or those of a list for AMONG and NOT_AMONG; they are spelled as the workbook has them.
    """

    field: str
    relation: Relation
    values: tuple[str, ...]
    message: str = ""


class Demand(StrEnum):
    """What a plan asks of a question: 必填 选填 不填."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    LEFT_OUT = "left_out"


class PlanStatus(StrEnum):
    UPCOMING = "upcoming"
    OPEN = "open"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Plan:
    """An allocation plan (配租计划). Registration is possible from ``opens_at`` up to and without ``closes_at``.

    ``revision`` is raised by every change of a plan that is stored; ``notice_file`` names the announcement's PDF in the
    media store.
    """

    code: str
    name: str
    opens_at: Moment
    closes_at: Moment
    notice_title: str = ""
    notice_text: str = ""
    announced_on: date | None = None
    phone: str = ""
    hours: str = ""
    published_at: Moment | None = None
    withdrawn_at: Moment | None = None
    projects: tuple[Project, ...] = ()
    conditions: tuple[Condition, ...] = ()
    demands: tuple[tuple[str, Demand], ...] = ()  # (question, demand), for questions whose own rule is changed
    notice_file: str | None = None
    withdrawn_reason: str = ""
    revision: int = 1

    def status(self, at: Moment) -> PlanStatus:
        if self.withdrawn_at is not None and at >= self.withdrawn_at:
            return PlanStatus.WITHDRAWN
        if at < self.opens_at:
            return PlanStatus.UPCOMING
        return PlanStatus.OPEN if at < self.closes_at else PlanStatus.CLOSED

    @property
    def homes(self) -> int:
        return sum(project.homes for project in self.projects)

    def project(self, code: str) -> Project | None:
        return next((project for project in self.projects if project.code == code), None)


class Occasion(StrEnum):
    """What somebody can be reminded of."""

    OPENS = "opens"
    CLOSES = "closes"


CLOSING_NOTICE = (DAY, 2 * HOUR)  # before the end; the first of these that is still to come


def reminder_at(plan: Plan, occasion: Occasion, at: Moment) -> Moment | None:
    """When a reminder asked for at this moment is due; None when there is nothing left to remind of."""
    if occasion is Occasion.OPENS:
        return plan.opens_at if at < plan.opens_at else None
    return next((plan.closes_at - before for before in CLOSING_NOTICE if plan.closes_at - before > at), None)


class DocumentKind(StrEnum):
    """Papers by which somebody can prove who they are."""

    RESIDENT_ID = "resident_id"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose phone is proven. ``name`` and ``id_number`` are set together, once the identity service agreed."""

    id: int
    telegram_id: int | None
    phone: str
    name: str | None = None
    id_number: str | None = None
    document: DocumentKind = DocumentKind.RESIDENT_ID

    @property
    def is_verified(self) -> bool:
        return self.name is not None and self.id_number is not None


@dataclass(frozen=True, slots=True)
class IdentityCheck:
    """A question to the identity service: does this name belong to this number?"""

    id: int
    person_id: int
    name: str
    id_number: str
    document: DocumentKind
    verdict: str | None = None


class PictureState(StrEnum):
    FETCHING = "fetching"
    STORED = "stored"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Picture:
    """A photographed document of an application. ``unique_id`` is Telegram's: the same file has the same one.

    ``file`` names the encrypted copy in the file store once there is one; ``reason`` is an error key when refused.
    """

    id: int
    field: str
    file_id: str
    unique_id: str
    as_document: bool
    state: PictureState
    file: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Application:
    """One person's form for one plan: answers as they stand, and what was last submitted of them."""

    id: int
    person_id: int
    plan_code: str
    answers: dict[str, str] = field(default_factory=dict)
    pictures: tuple[Picture, ...] = ()
    submitted_at: Moment | None = None
    submission_id: int | None = None
    changed_since: bool = False


class RegistrationState(StrEnum):
    REGISTERED = "registered"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Registration:
    """A place in the draw of a plan. ``submission_id`` is the form with which it was made."""

    number: str
    plan_code: str
    person_id: int
    submission_id: int
    state: RegistrationState
    registered_at: Moment
    cancelled_at: Moment | None = None
