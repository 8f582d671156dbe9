"""Numbers of a plan, counted in the database: nobody's data leave it."""

from __future__ import annotations

from flows.model import Moment, Plan
from flows.staff.figures import Figures, periods_of
from storage.store import Store

# Whoever has a form has been here, also if they came before visits were counted, or from another account.
_WITHOUT_VISIT = (
    "FROM applications a JOIN people p ON p.id = a.person_id WHERE a.plan_code = ? AND NOT EXISTS"
    " (SELECT 1 FROM visits v WHERE v.plan_code = a.plan_code AND v.chat_id = p.telegram_id)"
)
_VISITORS = "FROM visits v JOIN people p ON p.telegram_id = v.chat_id WHERE v.plan_code = ?"


class StatisticsStore(Store):
    def figures(self, plan: Plan, at: Moment) -> Figures:
        code, periods = plan.code, periods_of(plan, at)
        beside = self._count(_WITHOUT_VISIT, code)
        beside_named = self._count(f"{_WITHOUT_VISIT} AND p.verified_at IS NOT NULL", code)
        found: dict[int, int] = dict(
            self.all(
                "SELECT (registered_at - ?) / ?, count(*) FROM registrations WHERE plan_code = ?"
                " AND state <> 'cancelled' AND registered_at <= ? GROUP BY 1",
                periods.starts_at,
                periods.step,
                code,
                at,
            )
        )
        return Figures(
            opened=self._count("FROM visits v WHERE v.plan_code = ?", code) + beside,
            phone=self._count(_VISITORS, code) + beside,
            name=self._count(f"{_VISITORS} AND p.verified_at IS NOT NULL", code) + beside_named,
            form=self._count("FROM applications WHERE plan_code = ? AND submission_id IS NOT NULL", code),
            registered=self._count("FROM registrations WHERE plan_code = ? AND state <> 'cancelled'", code),
            cancelled=self._count("FROM registrations WHERE plan_code = ? AND state = 'cancelled'", code),
            periods=periods,
            counts=tuple(found.get(place, 0) for place in range(periods.count)),
            until=min(at, plan.closes_at),
        )

    def _count(self, what: str, *values: object) -> int:
        row = self.one(f"SELECT count(*) {what}", *values)
        return int(row[0]) if row else 0
