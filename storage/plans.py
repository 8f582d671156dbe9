"""Plans with their projects, unit types and rents. Read once, kept on the shelf until one is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from flows.model import Moment, Plan, Project, Rent, UnitType
from storage.store import Store


class PlanStore(Store):
    def _plans(self) -> dict[str, Plan]:
        if self.shelf.plans is None:
            self.shelf.plans = self._read()
        return self.shelf.plans

    def _read(self) -> dict[str, Plan]:
        rents: dict[tuple[str, str, str], list[Rent]] = defaultdict(list)
        for plan, project, unit_type, *rent in self.all(
            "SELECT plan_code, project_code, unit_type_code, home, area, monthly FROM rents ORDER BY position"
        ):
            rents[plan, project, unit_type].append(Rent(*rent))
        unit_types: dict[tuple[str, str], list[UnitType]] = defaultdict(list)
        for plan, project, code, name, area, homes, text in self.all(
            "SELECT plan_code, project_code, code, name, area, homes, text FROM unit_types ORDER BY position"
        ):
            unit_type = UnitType(code, name, area, homes, text, tuple(rents[plan, project, code]))
            unit_types[plan, project].append(unit_type)
        projects: dict[str, list[Project]] = defaultdict(list)
        for plan, code, name, address, district, latitude, longitude, text in self.all(
            "SELECT plan_code, code, name, address, district, latitude, longitude, text FROM projects ORDER BY position"
        ):
            units = tuple(unit_types[plan, code])
            projects[plan].append(Project(code, name, address, district, latitude, longitude, text, units))
        plans = {}
        for code, name, opens_at, closes_at, title, text, announced_on, phone, hours, *times in self.all(
            "SELECT code, name, opens_at, closes_at, notice_title, notice_text, announced_on, phone, hours,"
            " published_at, withdrawn_at FROM plans ORDER BY opens_at DESC, code"
        ):
            day = date.fromisoformat(announced_on) if announced_on else None
            of_plan = tuple(projects[code])
            plans[code] = Plan(
                code, name, opens_at, closes_at, title, text, day, phone, hours, times[0], times[1], of_plan
            )
        return plans

    def plans(self) -> Sequence[Plan]:
        return [plan for plan in self._plans().values() if plan.published_at is not None]

    def plan(self, code: str) -> Plan | None:
        plan = self._plans().get(code)
        return plan if plan is not None and plan.published_at is not None else None

    def registered(self, code: str) -> int:
        row = self.one("SELECT registered FROM plans WHERE code = ?", code)
        return int(row[0]) if row else 0

    def has_plan(self, code: str) -> bool:
        """Published or not."""
        return code in self._plans()

    def add_plan(self, plan: Plan, published_at: Moment | None) -> None:
        """Raises sqlite3.IntegrityError when there is a plan of this code."""
        self.shelf.clear()
        self.write(
            "INSERT INTO plans (code, name, notice_title, notice_text, opens_at, closes_at, announced_on, phone, hours,"
            " published_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            plan.code,
            plan.name,
            plan.notice_title,
            plan.notice_text,
            plan.opens_at,
            plan.closes_at,
            plan.announced_on.isoformat() if plan.announced_on else None,
            plan.phone,
            plan.hours,
            published_at,
        )
        for position, project in enumerate(plan.projects):
            self._add_project(plan.code, position, project)

    def _add_project(self, plan: str, position: int, project: Project) -> None:
        self.write(
            "INSERT INTO projects (plan_code, code, position, name, district, address, latitude, longitude, text)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            plan,
            project.code,
            position,
            project.name,
            project.district,
            project.address,
            project.latitude,
            project.longitude,
            project.text,
        )
        for place, unit in enumerate(project.unit_types):
            self.write(
                "INSERT INTO unit_types (plan_code, project_code, code, position, name, area, homes, text)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                plan,
                project.code,
                unit.code,
                place,
                unit.name,
                unit.area,
                unit.homes,
                unit.text,
            )
            self.connection.executemany(
                "INSERT INTO rents (plan_code, project_code, unit_type_code, position, home, area, monthly)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (plan, project.code, unit.code, number, rent.home, rent.area, rent.monthly)
                    for number, rent in enumerate(unit.rents)
                ],
            )
