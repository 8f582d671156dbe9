"""All flows of the desk."""

from __future__ import annotations

from flows.staff.desk import DESK
from flows.staff.log import AUDIT
from flows.staff.people import PEOPLE

DESK_FLOWS = (DESK, PEOPLE, AUDIT)
