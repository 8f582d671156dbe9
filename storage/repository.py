"""Everything a turn may touch, in one: the rooms of the storage behind the flows' port."""

from __future__ import annotations

from storage.applications import ApplicationStore
from storage.audit import AuditStore
from storage.drafts import DraftStore
from storage.notices import NoticeStore
from storage.people import PeopleStore
from storage.plan_sheets import PlanSheetStore
from storage.plans import PlanStore
from storage.proofs import ProofStore
from storage.registrations import RegistrationStore
from storage.reminders import ReminderStore
from storage.staff import StaffStore
from storage.statistics import StatisticsStore


class SqlRepository(
    PeopleStore,
    ProofStore,
    PlanStore,
    ReminderStore,
    ApplicationStore,
    RegistrationStore,
    StaffStore,
    AuditStore,
    DraftStore,
    PlanSheetStore,
    NoticeStore,
    StatisticsStore,
):
    """``flows.ports.Repository`` on SQLite, inside the transaction of its connection."""
