"""Plans with their projects and unit types, kept on the shelf until one is written; rents are read page by page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import orjson

from flows.model import Condition, Demand, Moment, Plan, Project, Relation, Rent, UnitType
from storage.store import Row, Store

_PLAN = (
    "SELECT code, name, opens_at, closes_at, notice_title, notice_text, announced_on, phone, hours, published_at,"
    " withdrawn_at, conditions, demands, notice_file, withdrawn_reason, revision FROM plans"
)


class PlanStore(Store):
    def _plans(self) -> dict[str, Plan]:
        if self.shelf.plans is None:
            self.shelf.plans = self._read()
        return self.shelf.plans

    def _read(self) -> dict[str, Plan]:
        pictures: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        for plan, project, unit_type, media in self.all(
            "SELECT plan_code, project_code, unit_type_code, media FROM plan_pictures ORDER BY position"
        ):
            pictures[plan, project, unit_type].append(media)
        ranges = {
            (plan, project, unit_type): (count, lowest, highest)
            for plan, project, unit_type, count, lowest, highest in self.all(
                "SELECT plan_code, project_code, unit_type_code, count(*), min(monthly), max(monthly) FROM rents"
                " GROUP BY plan_code, project_code, unit_type_code"
            )
        }
        unit_types: dict[tuple[str, str], list[UnitType]] = defaultdict(list)
        for plan, project, code, name, area, homes, text in self.all(
            "SELECT plan_code, project_code, code, name, area, homes, text FROM unit_types ORDER BY position"
        ):
            place = (plan, project, code)
            unit_type = UnitType(code, name, area, homes, text, (), tuple(pictures[place]), *ranges.get(place, (0,)))
            unit_types[plan, project].append(unit_type)
        projects: dict[str, list[Project]] = defaultdict(list)
        for plan, code, name, address, district, latitude, longitude, text in self.all(
            "SELECT plan_code, code, name, address, district, latitude, longitude, text FROM projects ORDER BY position"
        ):
            units, seen = tuple(unit_types[plan, code]), tuple(pictures[plan, code, ""])
            projects[plan].append(Project(code, name, address, district, latitude, longitude, text, units, seen))
        rows = self.all(f"{_PLAN} ORDER BY opens_at DESC, code")
        return {row[0]: _plan(row, tuple(projects[row[0]])) for row in rows}

    def plans(self) -> Sequence[Plan]:
        return [plan for plan in self._plans().values() if plan.published_at is not None]

    def plan(self, code: str) -> Plan | None:
        plan = self._plans().get(code)
        return plan if plan is not None and plan.published_at is not None else None

    def registered(self, code: str) -> int:
        row = self.one("SELECT registered FROM plans WHERE code = ?", code)
        return int(row[0]) if row else 0

    def rents(self, plan: str, project: str, unit_type: str, offset: int, limit: int) -> Sequence[Rent]:
        rows = self.all(
            "SELECT home, area, monthly FROM rents WHERE plan_code = ? AND project_code = ? AND unit_type_code = ?"
            " AND position >= ? ORDER BY position LIMIT ?",
            plan,
            project,
            unit_type,
            offset,
            limit,
        )
        return [Rent(*row) for row in rows]

    def whole_plan(self, code: str) -> Plan | None:
        """With all its rents, published or not: for export and comparison."""
        plan = self._plans().get(code)
        if plan is None:
            return None
        rents: dict[tuple[str, str], list[Rent]] = defaultdict(list)
        for project, unit_type, home, area, monthly in self.all(
            "SELECT project_code, unit_type_code, home, area, monthly FROM rents WHERE plan_code = ? ORDER BY position",
            code,
        ):
            rents[project, unit_type].append(Rent(home, area, monthly))
        projects = [
            replace(
                project,
                unit_types=tuple(
                    replace(unit, rents=tuple(rents[project.code, unit.code])) for unit in project.unit_types
                ),
            )
            for project in plan.projects
        ]
        return replace(plan, projects=tuple(projects))

    def stored_plans(self) -> Sequence[Plan]:
        return list(self._plans().values())

    def stored_plan(self, code: str) -> Plan | None:
        return self._plans().get(code)

    def has_plan(self, code: str) -> bool:
        """Published or not."""
        return code in self._plans()

    # -- writing -------------------------------------------------------------------------------------------------------

    def add_plan(self, plan: Plan, published_at: Moment | None) -> None:
        """Raises sqlite3.IntegrityError when there is a plan of this code."""
        self.shelf.clear()
        self.write(
            "INSERT INTO plans (code, name, notice_title, notice_text, opens_at, closes_at, announced_on, phone, hours,"
            " conditions, demands, notice_file, published_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            plan.code,
            *_columns(plan),
            published_at,
        )
        self._add_projects(plan)

    def change_plan(self, plan: Plan, revision: int) -> bool:
        """Puts a whole plan in the place of the stored one of its code; False if that is not at ``revision`` any more.

        What people have registered for stays theirs, whatever becomes of projects and unit types.
        """
        self.shelf.clear()
        changed = self.write(
            "UPDATE plans SET name = ?, notice_title = ?, notice_text = ?, opens_at = ?, closes_at = ?,"
            " announced_on = ?, phone = ?, hours = ?, conditions = ?, demands = ?, notice_file = ?,"
            " revision = revision + 1 WHERE code = ? AND revision = ?",
            *_columns(plan),
            plan.code,
            revision,
        )
        if not changed:
            return False
        for table in ("plan_pictures", "rents", "unit_types", "projects"):
            self.write(f"DELETE FROM {table} WHERE plan_code = ?", plan.code)
        self._add_projects(plan)
        return True

    def publish_plan(self, code: str, at: Moment) -> None:
        self.shelf.clear()
        self.write("UPDATE plans SET published_at = ?, revision = revision + 1 WHERE code = ?", at, code)

    def withdraw_plan(self, code: str, reason: str, at: Moment) -> None:
        self.shelf.clear()
        sql = "UPDATE plans SET withdrawn_at = ?, withdrawn_reason = ?, revision = revision + 1 WHERE code = ?"
        self.write(sql, at, reason, code)

    def _add_projects(self, plan: Plan) -> None:
        run = self.connection.executemany
        run(
            "INSERT INTO projects (plan_code, code, position, name, district, address, latitude, longitude, text)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (plan.code, p.code, place, p.name, p.district, p.address, p.latitude, p.longitude, p.text)
                for place, p in enumerate(plan.projects)
            ],
        )
        units = [(p, place, unit) for p in plan.projects for place, unit in enumerate(p.unit_types)]
        run(
            "INSERT INTO unit_types (plan_code, project_code, code, position, name, area, homes, text)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (plan.code, p.code, unit.code, place, unit.name, unit.area, unit.homes, unit.text)
                for p, place, unit in units
            ],
        )
        run(
            "INSERT INTO rents (plan_code, project_code, unit_type_code, position, home, area, monthly)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (plan.code, p.code, unit.code, place, rent.home, rent.area, rent.monthly)
                for p, _, unit in units
                for place, rent in enumerate(unit.rents)
            ],
        )
        seen = [(p.code, "", p.pictures) for p in plan.projects]
        seen += [(p.code, unit.code, unit.pictures) for p, _, unit in units]
        run(
            "INSERT INTO plan_pictures (plan_code, project_code, unit_type_code, position, media)"
            " VALUES (?, ?, ?, ?, ?)",
            [
                (plan.code, project, unit_type, place, media)
                for project, unit_type, pictures in seen
                for place, media in enumerate(pictures)
            ],
        )

    # -- visits --------------------------------------------------------------------------------------------------------

    def note_visit(self, plan: str, telegram_id: int, at: Moment) -> None:
        self.write(
            "INSERT INTO visits (plan_code, chat_id, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", plan, telegram_id, at
        )


def _plan(row: Row, projects: tuple[Project, ...]) -> Plan:
    code, name, opens_at, closes_at, title, text, announced_on, phone, hours, *rest = row
    published_at, withdrawn_at, conditions, demands, notice_file, reason, revision = rest
    return Plan(
        code,
        name,
        opens_at,
        closes_at,
        title,
        text,
        date.fromisoformat(announced_on) if announced_on else None,
        phone,
        hours,
        published_at,
        withdrawn_at,
        projects,
        tuple(
            Condition(field, Relation(relation), tuple(values), message)
            for field, relation, values, message in orjson.loads(conditions)
        ),
        tuple((question, Demand(demand)) for question, demand in orjson.loads(demands)),
        notice_file,
        reason,
        revision,
    )


def _columns(plan: Plan) -> tuple[object, ...]:
    conditions = [[each.field, each.relation, each.values, each.message] for each in plan.conditions]
    return (
        plan.name,
        plan.notice_title,
        plan.notice_text,
        plan.opens_at,
        plan.closes_at,
        plan.announced_on.isoformat() if plan.announced_on else None,
        plan.phone,
        plan.hours,
        orjson.dumps(conditions).decode(),
        orjson.dumps(plan.demands).decode(),
        plan.notice_file,
    )
