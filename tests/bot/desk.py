"""What the desk shows, for tests of words and diagrams: its staff, its log."""

from __future__ import annotations

from collections.abc import Sequence

from flows.model import HOUR, Moment
from flows.staff.model import Act, Entry, Role, Staff

AT: Moment = 1_795_482_000_000  # 2026-11-24 09:00 in Beijing
CLERK = Staff(100, Role.ADMIN, "张晓敏", AT, 0)
OTHERS = tuple(Staff(200 + number, Role.EDITOR, "李雷", AT + number, 100) for number in range(12))
NAMELESS = Staff(300, Role.REVIEWER, "", AT, 0)

# All that the flows of the desk remember in their frames.
DATA = {"member": "201", "role": "editor", "token": "A" * 32, "expires": str(AT)}
STAFF_GONE = {"member": "999"}
NAMELESS_CHOSEN = {"member": "300"}
ALONE = {"member": "100", "desk": "empty"}


def entries() -> list[Entry]:
    role: dict[str, object] = {"role": "editor"}
    return [
        Entry(1, AT, 0, Act.JOINED, "staff:100", {}, {"role": "admin"}),
        Entry(2, AT, 100, Act.INVITED, "invitation:1", {}, role),
        Entry(3, AT, 200, Act.JOINED, "staff:200", {"invitation": 1}, role),
        Entry(4, AT, 100, Act.ROLE_CHANGED, "staff:200", {"role": "reviewer"}, role),
        Entry(5, AT + HOUR, 100, Act.REMOVED, "staff:999", role),
    ]


class DeskTown:
    """The part of the repository that only the desk looks into."""

    def __init__(self, data: dict[str, str]) -> None:
        self._empty = data.get("desk") == "empty"

    def staff(self, telegram_id: int) -> Staff | None:
        return next((one for one in self.all_staff() if one.telegram_id == telegram_id), None)

    def staff_name(self, telegram_id: int) -> str:
        member = self.staff(telegram_id)
        return member.name if member else ""

    def all_staff(self) -> Sequence[Staff]:
        return [CLERK] if self._empty else [CLERK, *OTHERS, NAMELESS]

    def log_length(self, _: str = "") -> int:
        return 0 if self._empty else 3 * len(entries())

    def log_page(self, _: str, offset: int, limit: int) -> Sequence[Entry]:
        return [] if self._empty else (3 * entries())[offset : offset + limit]
