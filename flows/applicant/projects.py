"""One project of a plan: its pictures, place and homes, its unit types, and what each home costs.

Pictures are sent once, when their screen is come to; from there on the screen below them is edited in place.
"""

from __future__ import annotations

from collections.abc import Sequence

from flows.applicant.gate import closes
from flows.applicant.offers import Offer
from flows.applicant.plans import chosen_plan, expired, note_visit, open_record, register_rows
from flows.effects import Button, Place, SendMedia, SendVenue
from flows.engine.columns import table
from flows.engine.flow import OPENING, PASSED, RESUMED, Flow, State, Transition, View
from flows.engine.lists import page_of, part_of, turns_page_of
from flows.engine.paging import pages_of
from flows.engine.turn import Turn
from flows.model import Plan, Project, Rent, UnitType

ALBUM = 10  # Bot API: pictures of one album
PROJECT_TEXT = 2_000  # UTF-16 units a page, below what is said of every project
UNIT_TEXT = 1_200  # above the rents
RENTS = 20  # lines a page


def _project(turn: Turn) -> tuple[Plan, Project] | None:
    plan = chosen_plan(turn)
    project = plan.project(turn.data.get("project", "")) if plan else None
    return (plan, project) if plan and project else None


def _unit_type(turn: Turn) -> tuple[Plan, Project, UnitType] | None:
    found = _project(turn)
    unit_type = found[1].unit_type(turn.data.get("unit", "")) if found else None
    return (*found, unit_type) if found and unit_type else None


def lines_of(rents: Sequence[Rent]) -> list[str] | None:
    """Rents as a table of home, square metres and yuan a month, without what none has; None where it is too wide."""
    columns = [
        [rent.home or "-" for rent in rents] if any(rent.home for rent in rents) else None,
        [_hundredths(rent.area).rstrip("0").rstrip(".") for rent in rents]
        if any(rent.area for rent in rents)
        else None,
        [_hundredths(rent.monthly).removesuffix(".00") for rent in rents],
    ]
    return table([*zip(*filter(None, columns), strict=True)])


def _hundredths(number: int | None) -> str:
    return "-" if number is None else f"{number // 100:,}.{number % 100:02}"


# --- guards and actions ----------------------------------------------------------------------------------------------


def _has_project(turn: Turn) -> bool:
    return _project(turn) is not None


def _say_gone(turn: Turn) -> None:
    turn.error("project_unknown")


def _send_pictures(turn: Turn, pictures: Sequence[str]) -> None:
    """The screen comes anew below them."""
    if pictures:
        turn.do(SendMedia(tuple(pictures[:ALBUM])))
        turn.show_at(Place.SEND)


def _here(turn: Turn) -> Project:
    found = _project(turn)
    if found is None:
        raise LookupError("no project is open")
    return found[1]


def _show_pictures(turn: Turn) -> None:
    _send_pictures(turn, _here(turn).pictures)


def _choose_unit_type(turn: Turn) -> None:
    turn.data["unit"] = turn.argument
    unit_type = _here(turn).unit_type(turn.argument)
    _send_pictures(turn, unit_type.pictures if unit_type else ())


def _leave_unit_type(turn: Turn) -> None:
    for key in ("unit", "rents_page"):
        turn.data.pop(key, None)


def _send_venue(turn: Turn) -> None:
    project = _here(turn)
    if project.latitude is None or project.longitude is None:
        raise LookupError("the place is not known")
    turn.do(SendVenue(project.latitude, project.longitude, project.name, project.address))
    turn.show_at(Place.SEND)


def _register(turn: Turn) -> None:
    turn.open("register", plan=turn.data["plan"], project=turn.data["project"])


# --- screens ---------------------------------------------------------------------------------------------------------


def _view_gone() -> View:
    return View(rows=((Button("back"),),), window="projects/gone")


def _view_project(turn: Turn) -> View:
    found = _project(turn)
    if found is None:
        return _view_gone()
    plan, project = found
    page = page_of(turn, pages_of(project.text.strip(), PROJECT_TEXT), key="text_page", size=1)
    values = {
        "plan": plan,
        "project": project,
        "offer": Offer(plan, project, project.unit_types),
        "page": page,
        "registered": turn.repository.registered(plan.code),
        "now": turn.at,
    }
    about = (Button("unit_types"),) if project.unit_types else ()
    if project.latitude is not None and project.longitude is not None:
        about = (*about, Button("venue"))
    rows = [*register_rows(turn, plan), about, page.buttons]
    return View(values, tuple(row for row in rows if row), expired=expired(turn, plan))


def _view_unit_types(turn: Turn) -> View:
    found = _project(turn)
    if found is None:
        return _view_gone()
    plan, project = found
    page = page_of(turn, project.unit_types, key="units_page")
    rows = [
        (Button("unit_type", unit_type.code, values={"number": page.before + index, "unit_type": unit_type}),)
        for index, unit_type in enumerate(page.items, 1)
    ]
    return View({"plan": plan, "project": project, "page": page}, (*rows, page.buttons))


def _view_unit_type(turn: Turn) -> View:
    """Its text stands above the first rents; one of several pages comes before all rents."""
    found = _unit_type(turn)
    if found is None:
        return _view_gone()
    plan, project, unit_type = found
    texts = pages_of(unit_type.text.strip(), UNIT_TEXT)
    before = len(texts) if len(texts) > 1 else 0
    pages = before + -(-unit_type.rent_count // RENTS)
    page = part_of(turn, pages, lambda offset, _: (offset,), key="rents_page", size=1)
    place = page.items[0]
    rents: Sequence[Rent] = ()
    if place >= before:
        start = (place - before) * RENTS
        rents = turn.repository.rents(plan.code, project.code, unit_type.code, start, RENTS)
    values = {
        "project": project,
        "unit_type": unit_type,
        "text": texts[place] if place < len(texts) else "",
        "rents": rents,
        "lines": lines_of(rents) if rents else None,
        "page": page,
    }
    return View(values, (page.buttons,))


PROJECTS = Flow(
    "projects",
    1,
    [
        State("project", _view_project),
        State("unit_types", _view_unit_types),
        State("unit_type", _view_unit_type),
    ],
    [
        Transition(OPENING, PASSED, "project", when=[_has_project], do=[note_visit, _show_pictures]),
        Transition(OPENING, PASSED, None, do=[_say_gone, closes()]),
        Transition("project", "register", None, do=[_register]),
        Transition("project", "record", None, do=[open_record]),
        Transition("project", "unit_types", "unit_types"),
        Transition("project", "venue", None, do=[_send_venue]),
        Transition("project", "page", None, do=[turns_page_of("text_page")]),
        Transition("project", "back", None, do=[closes()]),
        Transition("project", RESUMED, None),
        Transition("unit_types", "unit_type", "unit_type", do=[_choose_unit_type]),
        Transition("unit_types", "page", None, do=[turns_page_of("units_page")]),
        Transition("unit_types", "back", "project"),
        Transition("unit_type", "page", None, do=[turns_page_of("rents_page")]),
        Transition("unit_type", "back", "unit_types", do=[_leave_unit_type]),
    ],
)
