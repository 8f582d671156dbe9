"""Places in the draw. That there is one live registration a plan and person is kept by an index, not by care."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from flows.model import Moment, Registration, RegistrationState
from flows.ports import AlreadyRegistered
from storage.store import Row, Store

_SELECT = (
    "SELECT number, plan_code, person_id, submission_id, state, registered_at, cancelled_at FROM registrations WHERE "
)


def _registration(row: Row) -> Registration:
    number, plan, person_id, submission_id, state, registered_at, cancelled_at = row
    return Registration(number, plan, person_id, submission_id, RegistrationState(state), registered_at, cancelled_at)


class RegistrationStore(Store):
    def live_registration(self, person_id: int, plan: str) -> Registration | None:
        row = self.one(f"{_SELECT} plan_code = ? AND person_id = ? AND state <> 'cancelled'", plan, person_id)
        return _registration(row) if row else None

    def registration(self, number: str) -> Registration | None:
        row = self.one(f"{_SELECT} number = ?", number)
        return _registration(row) if row else None

    def registrations(self, person_id: int) -> Sequence[Registration]:
        rows = self.all(f"{_SELECT} person_id = ? ORDER BY registered_at DESC, number", person_id)
        return [_registration(row) for row in rows]

    def register(self, number: str, person_id: int, plan: str, submission_id: int, at: Moment) -> Registration | None:
        if self.registration(number) is not None:
            return None
        try:
            self.write(
                "INSERT INTO registrations (number, plan_code, person_id, submission_id, state, registered_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                number,
                plan,
                person_id,
                submission_id,
                RegistrationState.REGISTERED,
                at,
            )
        except sqlite3.IntegrityError:
            if self.live_registration(person_id, plan) is None:
                raise  # something else is wrong, and must not pass for a registration
            raise AlreadyRegistered from None
        self.write("UPDATE plans SET registered = registered + 1 WHERE code = ?", plan)
        return Registration(number, plan, person_id, submission_id, RegistrationState.REGISTERED, at)

    def cancel(self, number: str, at: Moment) -> None:
        cancelled = self.one(
            "UPDATE registrations SET state = ?, cancelled_at = ? WHERE number = ? AND state <> ? RETURNING plan_code",
            RegistrationState.CANCELLED,
            at,
            number,
            RegistrationState.CANCELLED,
        )
        if cancelled:
            self.write("UPDATE plans SET registered = registered - 1 WHERE code = ?", cancelled[0])
