"""Everything a turn may touch, in one: the rooms of the storage behind the flows' port."""

from __future__ import annotations

from storage.applications import ApplicationStore
from storage.people import PeopleStore
from storage.plans import PlanStore
from storage.proofs import ProofStore
from storage.registrations import RegistrationStore
from storage.reminders import ReminderStore


class SqlRepository(PeopleStore, ProofStore, PlanStore, ReminderStore, ApplicationStore, RegistrationStore):
    """``flows.ports.Repository`` on SQLite, inside the transaction of its connection."""
