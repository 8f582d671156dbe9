"""All flows of the desk."""

from __future__ import annotations

from flows.staff.composing import COMPOSING
from flows.staff.desk import DESK
from flows.staff.draft import DRAFT
from flows.staff.log import AUDIT
from flows.staff.people import PEOPLE
from flows.staff.plans import DESK_PLANS
from flows.staff.previewing import PREVIEW, PREVIEW_PROJECT
from flows.staff.statistics import STATISTICS

DESK_FLOWS = (DESK, DESK_PLANS, COMPOSING, DRAFT, PREVIEW, PREVIEW_PROJECT, STATISTICS, PEOPLE, AUDIT)
