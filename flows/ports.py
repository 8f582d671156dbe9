"""What flows may read and write, and the two things of the world they need: chance, and the words of a language.

All of it is synchronous: a repository works inside the turn's transaction, so what it reads is what will be committed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from flows.model import (
    Application,
    IdentityCheck,
    Moment,
    Occasion,
    Person,
    Picture,
    PictureState,
    Plan,
    Registration,
    Rent,
)
from flows.staff.ports import Desk


class Chance(Protocol):
    """Unguessable values. Tests bring a seeded one."""

    def digits(self, count: int) -> str: ...

    def letters(self, count: int, alphabet: str) -> str: ...


class Words(Protocol):
    """What a language calls the options of a choice, so that a typed answer can be matched with one."""

    def options(self, question: str) -> Mapping[str, str]: ...

    def button(self, button: str) -> str:
        """The words of a button that every window knows."""
        ...


class People(Protocol):
    def person(self, telegram_id: int) -> Person | None: ...

    def person_by_phone(self, phone: str) -> Person | None: ...

    def id_number_holder(self, id_number: str) -> int | None:
        """The id of the person who proved this ID number, if anybody did."""
        ...

    def add_person(self, telegram_id: int, phone: str, at: Moment) -> Person: ...

    def move_person(self, person_id: int, telegram_id: int) -> None:
        """The account is now used from this Telegram account; the old one is signed out."""
        ...

    def verify_person(self, person_id: int, name: str, id_number: str, document: str, at: Moment) -> None: ...

    def add_consent(self, telegram_id: int, text: str, version: int, at: Moment) -> None: ...

    def has_consent(self, telegram_id: int, text: str, version: int) -> bool: ...

    def mark_reachable(self, telegram_id: int, at: Moment, reachable: bool) -> None: ...


class Proofs(Protocol):
    """Codes sent by SMS and questions to the identity service, with what is needed to limit them."""

    def add_challenge(self, telegram_id: int, phone: str, code: str, at: Moment, expires_at: Moment) -> int:
        """Stores a keyed hash of the code, never the code. An earlier challenge of this chat ends."""
        ...

    def extend_challenge(self, challenge: int, expires_at: Moment) -> None: ...

    def withdraw_challenge(self, challenge: int) -> None:
        """The code was certainly never sent: it counts neither as a code nor against the limits."""
        ...

    def try_code(self, challenge: int, code: str, at: Moment) -> str:
        """``right``, ``wrong``, ``expired`` or ``spent`` (too many tries). A right code is used up."""
        ...

    def sms_times(self, phone: str, since: Moment) -> Sequence[Moment]: ...

    def sms_phones(self, telegram_id: int, phone: str, since: Moment) -> tuple[int, int]:
        """How many codes this chat had sent, and to how many different numbers, were ``phone`` one of them."""
        ...

    def sms_total(self, since: Moment) -> int: ...

    def wrong_codes(self, phone: str, since: Moment) -> int: ...

    def add_identity_check(self, person_id: int, name: str, id_number: str, document: str, at: Moment) -> int: ...

    def identity_check(self, check: int) -> IdentityCheck | None: ...

    def pending_identity_check(self, person_id: int) -> IdentityCheck | None: ...

    def settle_identity_check(self, check: int, verdict: str) -> None:
        """``match``, ``mismatch`` or ``given_up``."""
        ...

    def identity_mismatches(self, person_id: int, id_number: str, since: Moment) -> tuple[int, int]:
        """Failed checks by this person, and of this ID number by anybody."""
        ...


class Plans(Protocol):
    def plans(self) -> Sequence[Plan]:
        """Published plans, the one that opened or opens last first."""
        ...

    def plan(self, code: str) -> Plan | None: ...

    def registered(self, code: str) -> int: ...

    def rents(self, plan: str, project: str, unit_type: str, offset: int, limit: int) -> Sequence[Rent]: ...

    def note_visit(self, plan: str, telegram_id: int, at: Moment) -> None:
        """Somebody has looked at the plan; counted once."""
        ...

    def has_reminder(self, plan: str, telegram_id: int, occasion: Occasion) -> bool: ...

    def add_reminder(self, plan: str, telegram_id: int, occasion: Occasion, due_at: Moment) -> None:
        """Kept once a plan, person and occasion; comes back as the event ``reminder`` when it is due."""
        ...

    def end_reminder(self, plan: str, telegram_id: int, occasion: Occasion) -> bool:
        """Whether there was one: it is sent once."""
        ...


class Applications(Protocol):
    def application(self, person_id: int, plan: str) -> Application | None: ...

    def open_application(self, person_id: int, plan: str, at: Moment) -> Application: ...

    def save_answer(self, application_id: int, field: str, value: str | None, at: Moment) -> None:
        """None takes the answer back."""
        ...

    def last_answers(self, person_id: int, plan: str) -> Mapping[str, str]:
        """What the person submitted last for another plan."""
        ...

    def add_picture(self, application_id: int, picture: Picture, at: Moment) -> Picture | None:
        """None: this very file is there already."""
        ...

    def remove_pictures(self, application_id: int, field: str, at: Moment) -> None: ...

    def picture(self, picture_id: int) -> Picture | None: ...

    def settle_picture(self, picture_id: int, state: PictureState, file: str | None, reason: str | None) -> None: ...

    def submit(self, application_id: int, form_version: int, at: Moment) -> int:
        """Freezes answers and documents as they stand; returns the submission's id."""
        ...

    def submission(self, submission_id: int) -> Application: ...


class Registrations(Protocol):
    def live_registration(self, person_id: int, plan: str) -> Registration | None: ...

    def registration(self, number: str) -> Registration | None: ...

    def registrations(self, person_id: int) -> Sequence[Registration]:
        """Newest first."""
        ...

    def register(self, number: str, person_id: int, plan: str, submission_id: int, at: Moment) -> Registration | None:
        """None when the number is taken. Raises AlreadyRegistered when the person has a live one in the plan."""
        ...

    def cancel(self, number: str, at: Moment) -> None: ...


class Repository(People, Proofs, Plans, Applications, Registrations, Desk, Protocol):
    """All that a turn may touch."""


class AlreadyRegistered(Exception):  # noqa: N818 - a fact, not a fault
    """The person has a live registration in the plan."""
