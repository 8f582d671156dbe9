"""From the bytes of an .xlsx to a plan, or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from bot.jobs.workbook import columns as c
from bot.jobs.workbook.fields import Catalogue, Field
from bot.jobs.workbook.mistakes import Mistake, Mistakes
from bot.jobs.workbook.safety import Archive, RefusedError
from bot.jobs.workbook.screening import read_conditions, read_demands
from bot.jobs.workbook.sheets import Sheet, read_sheets
from bot.jobs.workbook.tables import Row, Table
from flows.model import Plan, Project, Rent, UnitType

_Key = TypeVar("_Key")

# Degrees; generous boxes, there to catch slips, not to draw borders.
_CHINA_NORTH = (18.0, 54.0)
_CHINA_EAST = (73.0, 136.0)


def read_workbook(content: bytes, fields: Mapping[str, Field] | None = None) -> Plan | list[Mistake]:
    """The plan in an .xlsx, not yet published, or all its mistakes at once, by sheet, row and column.

    ``fields`` are the questions of the form, by key. Without them the sheets 条件 and 填报项 are left alone, for
    nothing is known to check them by.

    Blocking: half a second for 5,000 rents, some ten for the worst that is let in. Raises nothing on bad content.
    """
    mistakes = Mistakes([form.title for form in c.FORMS])
    try:
        reading = Reading(read_sheets(Archive(content)), fields, mistakes)
    except RefusedError as refused:
        mistakes.add(refused.key)
        return mistakes.told()
    return mistakes.told() if mistakes else reading.plan


class Reading:
    """What the sheets say. ``plan`` is whole only when no mistakes were noted.

    ``project_rows`` and ``unit_rows`` are the rows of all codes, as they are written, right or wrong; what refers to
    them can be checked only if their columns are there, which is what ``knows_projects`` and ``knows_units`` tell.
    """

    def __init__(self, sheets: list[Sheet], fields: Mapping[str, Field] | None, mistakes: Mistakes) -> None:
        self.mistakes = mistakes
        self.project_rows: dict[str, int] = {}
        self.unit_rows: dict[tuple[str, str], int] = {}
        tables = self._tables(sheets, has_fields=fields is not None)
        self.knows_projects = _has(tables, c.PROJECTS, c.PROJECT_CODE)
        self.knows_units = _has(tables, c.UNIT_TYPES, c.UNIT_PROJECT) and _has(tables, c.UNIT_TYPES, c.UNIT_CODE)
        plan = self._plan(tables.get(c.PLAN.title))
        projects = self._projects(tables.get(c.PROJECTS.title))
        unit_types = self._unit_types(tables.get(c.UNIT_TYPES.title))
        rents = self._rents(tables.get(c.RENTS.title))
        catalogue = Catalogue(fields or {})
        demands = read_demands(tables.get(c.QUESTIONS.title, ()), catalogue)
        conditions = read_conditions(tables.get(c.CONDITIONS.title, ()), catalogue, demands)
        whole = tuple(_with_units(each, unit_types, rents) for each in projects)
        self.plan = replace(plan, projects=whole, conditions=conditions, demands=demands)

    def _tables(self, sheets: list[Sheet], *, has_fields: bool) -> dict[str, Table]:
        forms = {form.title: form for form in c.FORMS}
        found: dict[str, Sheet] = {}
        for sheet in sheets:
            title = sheet.title
            if title in found:
                self.mistakes.add("sheet_twice", title)
            elif title in forms:
                found[title] = sheet
            elif sheet.rows and not title.startswith(c.EXPLANATION):  # an empty Sheet2 comes with many programs
                self.mistakes.add("sheet_unknown", title or "（无名）", details={"known": "、".join(forms)})
        for form in c.FORMS:
            if form.required and form.title not in found:
                self.mistakes.add("sheet_missing", form.title)
        return {
            title: Table(form, found[title], self.mistakes)
            for title, form in forms.items()
            if title in found and (form.required or (has_fields and found[title].rows))
        }

    def _plan(self, table: Table | None) -> Plan:
        plan = Plan("", "", 0, 0)
        if table is None:
            return plan
        for place, row in enumerate(table):
            if place > 0:
                table.note("plan_twice", row.number)
                continue
            opens_at, closes_at = row.take(c.OPENS_AT), row.take(c.CLOSES_AT)
            if opens_at is not None and closes_at is not None and closes_at <= opens_at:
                row.note(c.CLOSES_AT, "closes_before_opening")
            plan = Plan(
                code=row.take(c.PLAN_CODE) or "",
                name=row.take(c.PLAN_NAME) or "",
                opens_at=opens_at or 0,
                closes_at=closes_at or 0,
                notice_title=row.take(c.NOTICE_TITLE) or "",
                notice_text=row.take(c.NOTICE_TEXT) or "",
                announced_on=row.take(c.ANNOUNCED_ON),
                phone=row.take(c.PHONE) or "",
                hours=row.take(c.HOURS) or "",
            )
        table.note_if_empty("plan_missing")
        return plan

    def _projects(self, table: Table | None) -> list[Project]:
        projects: list[Project] = []
        if table is None:
            return projects
        for row in table:
            _note_taken(row, c.PROJECT_CODE, self.project_rows, row.raw(c.PROJECT_CODE))
            latitude, longitude = _coordinates(row)
            projects.append(
                Project(
                    code=row.take(c.PROJECT_CODE) or "",
                    name=row.take(c.PROJECT_NAME) or "",
                    address=row.take(c.PROJECT_ADDRESS) or "",
                    district=row.take(c.DISTRICT) or "",
                    latitude=latitude,
                    longitude=longitude,
                    text=row.take(c.PROJECT_TEXT) or "",
                )
            )
        table.note_if_empty("project_missing")
        return projects

    def _unit_types(self, table: Table | None) -> dict[str, list[UnitType]]:
        unit_types: dict[str, list[UnitType]] = {}
        for row in table or ():
            project = row.take(c.UNIT_PROJECT) or ""
            self._note_unknown_project(row, c.UNIT_PROJECT, project)
            _note_taken(row, c.UNIT_CODE, self.unit_rows, (project, row.raw(c.UNIT_CODE)))
            unit_types.setdefault(project, []).append(
                UnitType(
                    code=row.take(c.UNIT_CODE) or "",
                    name=row.take(c.UNIT_NAME) or "",
                    area=row.take(c.UNIT_AREA),
                    homes=row.take(c.UNIT_HOMES) or 0,
                    text=row.take(c.UNIT_TEXT) or "",
                )
            )
        return unit_types

    def _rents(self, table: Table | None) -> dict[tuple[str, str], list[Rent]]:
        rents: dict[tuple[str, str], list[Rent]] = {}
        home_rows: dict[tuple[str, str, str], int] = {}
        for row in table or ():
            project, unit = row.take(c.RENT_PROJECT) or "", row.take(c.RENT_UNIT) or ""
            is_lost = self._note_unknown_project(row, c.RENT_PROJECT, project)
            if self.knows_units and project and unit and not is_lost and (project, unit) not in self.unit_rows:
                row.note(c.RENT_UNIT, "unknown_unit_type", value=unit, project=project)
            home = row.take(c.RENT_HOME) or ""
            if home and project and unit:
                _note_taken(row, c.RENT_HOME, home_rows, (project, unit, home), "home_taken")
            rents.setdefault((project, unit), []).append(
                Rent(home, row.take(c.RENT_AREA), row.take(c.RENT_MONTHLY) or 0)
            )
        return rents

    def _note_unknown_project(self, row: Row, column: c.Column[str], project: str) -> bool:
        is_unknown = self.knows_projects and project != "" and project not in self.project_rows
        if is_unknown:
            row.note(column, "unknown_project", value=project)
        return is_unknown


def _has(tables: dict[str, Table], form: c.Form, column: c.Column[str]) -> bool:
    return form.title in tables and column.heading in tables[form.title].places


def _note_taken(row: Row, column: c.Column[str], rows: dict[_Key, int], key: _Key, mistake: str = "taken") -> None:
    """Codes are compared as written, right or wrong, so that one slip is not told again for every reference to it."""
    value = row.raw(column)
    if value == "":
        return
    other = rows.setdefault(key, row.number)
    if other != row.number:
        row.note(column, mistake, value=value, other=str(other))


def _coordinates(row: Row) -> tuple[float | None, float | None]:
    latitude, longitude = row.take(c.LATITUDE), row.take(c.LONGITUDE)
    if row.has(c.LATITUDE) != row.has(c.LONGITUDE):
        row.note(c.LONGITUDE if row.has(c.LATITUDE) else c.LATITUDE, "coordinate_alone")
    elif (
        latitude is not None
        and longitude is not None
        and _is_in(latitude, _CHINA_EAST)
        and _is_in(longitude, _CHINA_NORTH)
    ):
        row.note(c.LATITUDE, "coordinates_swapped")
    else:
        if latitude is not None and not _is_in(latitude, _CHINA_NORTH):
            row.note(c.LATITUDE, "latitude_range", value=str(latitude))
        if longitude is not None and not _is_in(longitude, _CHINA_EAST):
            row.note(c.LONGITUDE, "longitude_range", value=str(longitude))
    return latitude, longitude


def _is_in(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


def _with_units(
    project: Project, unit_types: dict[str, list[UnitType]], rents: dict[tuple[str, str], list[Rent]]
) -> Project:
    units = unit_types.get(project.code, [])
    return replace(
        project,
        unit_types=tuple(replace(unit, rents=tuple(rents.get((project.code, unit.code), []))) for unit in units),
    )
