"""The form by which a plan is entered in the chat, and the plan that its answers make.

A question is one line here and one block in ``templates/<language>/questions.j2``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from flows.applicant import offers
from flows.applicant.application import DISTRICTS
from flows.engine.fields import Answers, Choice, Day, Invalid, Kind, Line, Money, Number, Question
from flows.engine.form import Form, Items, Scope, Section, Sheet
from flows.engine.kinds import Area, Code, Degrees, Instant, ItemChoice, Paragraphs, after, before, not_taken, read_area
from flows.engine.text import one_line
from flows.model import Plan, Project, Rent, UnitType

SHORT, LONG = 60, 120  # characters, as in the workbook
PROJECTS, UNIT_TYPES, HOMES = 12, 30, 200  # what is still bearable to enter in a chat; more is for the workbook

_MONEY = Money(1_000_000)


@dataclass(frozen=True, slots=True)
class RentLines(Kind):
    """The homes of a unit type, a line each: name, area (may be left out), rent. Kept in the same way, tidied."""

    errors: ClassVar = ("rent_line", "rent_area", "rent_money", "rent_twice", "too_many_rents")

    def parse(self, text: str, options: Mapping[str, str]) -> str:  # noqa: ARG002
        lines = [line for line in map(one_line, text.split("\n")) if line]
        if len(lines) > HOMES:
            raise Invalid("too_many_rents", most=HOMES, length=len(lines))
        rents: dict[str, Rent] = {}
        for number, line in enumerate(lines, start=1):
            rent = _read_rent(line, number)
            if rent.home in rents:
                raise Invalid("rent_twice", number=number, line=rent.home)
            rents[rent.home] = rent
        if not rents:
            raise Invalid("rent_line", number=1, line="")
        return "\n".join(map(_rent_line, rents.values()))


def _read_rent(line: str, number: int) -> Rent:
    """``3-301 45.3 2100``, also with 、 or the like between."""
    bare = unicodedata.normalize("NFKC", line.replace("，", " "))  # a narrow comma may stand within a number
    parts = [part for part in re.split(r"[\s、;]+|,\s+", bare) if part]
    if not 2 <= len(parts) <= 3 or len(parts[0]) > SHORT:
        raise Invalid("rent_line", number=number, line=line)
    try:
        area = read_area(parts[1]) if len(parts) == 3 else None
    except Invalid:
        raise Invalid("rent_area", number=number, line=line) from None
    try:
        monthly = int(_MONEY.parse(re.sub(r"(?:/月|每月)$", "", parts[-1]), {}))
    except Invalid:
        raise Invalid("rent_money", number=number, line=line) from None
    if monthly == 0:
        raise Invalid("rent_money", number=number, line=line)
    return Rent(parts[0], area, monthly)


def _rent_line(rent: Rent) -> str:
    numbers = [f"{hundredths / 100:g}" for hundredths in (rent.area,) if hundredths is not None]
    yuan, fen = divmod(rent.monthly, 100)
    return " ".join([rent.home, *numbers, f"{yuan}.{fen:02}" if fen else str(yuan)])


def _at_least_one(_: Answers) -> int:
    return 1


PLAN_FORM = Form(
    1,
    (
        Section(
            "plan",
            (
                Question("plan_name", Line(SHORT)),
                Question("plan_code", Code(2, 16, marks=False)),
                Question("opens_at", Instant(), checks=[before("closes_at")]),
                Question("closes_at", Instant(), checks=[after("opens_at")]),
            ),
        ),
        Section(
            "notice",
            (
                Question("notice_title", Line(LONG), required=False),
                Question("notice_text", Paragraphs(), required=False),
                Question("announced_on", Day(date(2020, 1, 1), date(2099, 12, 31)), required=False),
                Question("plan_phone", Line(SHORT), required=False),
                Question("plan_hours", Line(LONG), required=False),
            ),
        ),
        Section(
            "projects",
            (
                Question("project_name", Line(SHORT)),
                Question("project_code", Code(), checks=[not_taken("projects", "project_code")]),
                Question("project_district", Choice(DISTRICTS, columns=3)),
                Question("project_address", Line(LONG)),
                Question("project_place", Degrees(), required=False),
                Question("project_text", Paragraphs(), required=False),
            ),
            Items(PROJECTS, _at_least_one),
        ),
        Section(
            "units",
            (
                Question("unit_project", ItemChoice("projects", "project_name")),
                Question("unit_name", Line(SHORT)),
                Question("unit_code", Code(), checks=[not_taken("units", "unit_code", within="unit_project")]),
                Question("unit_area", Area(), required=False),
                Question("unit_homes", Number(1, 100_000, ("套", "间", "户"))),
                Question("unit_rents", RentLines(), required=False),
            ),
            Items(UNIT_TYPES, _at_least_one),
        ),
    ),
)

_DISTRICT_NAMES = dict(zip(DISTRICTS, offers.DISTRICTS, strict=True))  # plans have their names, in Chinese


def plan_of(sheet: Sheet) -> Plan:
    """What a sheet without gaps makes. Raises KeyError or ValueError for one that has some."""
    answers = sheet.answers
    units: dict[str, list[UnitType]] = {}
    for scope in PLAN_FORM.scopes(PLAN_FORM.section("units"), sheet):
        units.setdefault(scope.answers["unit_project"], []).append(_unit_type(scope.answers))
    return Plan(
        code=answers["plan_code"],
        name=answers["plan_name"],
        opens_at=int(answers["opens_at"]),
        closes_at=int(answers["closes_at"]),
        notice_title=answers.get("notice_title", ""),
        notice_text=answers.get("notice_text", ""),
        announced_on=date.fromisoformat(day) if (day := answers.get("announced_on")) else None,
        phone=answers.get("plan_phone", ""),
        hours=answers.get("plan_hours", ""),
        projects=tuple(
            _project(scope, tuple(units.get(scope.item, ())))
            for scope in PLAN_FORM.scopes(PLAN_FORM.section("projects"), sheet)
        ),
    )


def _project(scope: Scope, units: tuple[UnitType, ...]) -> Project:
    answers = scope.answers
    north, _, east = answers.get("project_place", "").partition(" ")
    return Project(
        code=answers["project_code"],
        name=answers["project_name"],
        address=answers["project_address"],
        district=_DISTRICT_NAMES[answers["project_district"]],
        latitude=float(north) if north else None,
        longitude=float(east) if east else None,
        text=answers.get("project_text", ""),
        unit_types=units,
    )


def _unit_type(answers: Answers) -> UnitType:
    area, rents = answers.get("unit_area"), answers.get("unit_rents", "")
    return UnitType(
        code=answers["unit_code"],
        name=answers["unit_name"],
        area=int(area) if area else None,
        homes=int(answers["unit_homes"]),
        rents=tuple(_read_rent(line, number) for number, line in enumerate(rents.splitlines(), start=1)),
    )
