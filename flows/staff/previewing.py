"""A draft as applicants would see it: their own screens, looked at through the draft instead of what is published.

The flows are made from those of the applicants, so they cannot differ: the same views, the same ways from one to the
other, without what leads out of looking (registering, the form, records).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import wraps
from typing import Any, TypeVar, cast

from flows.applicant.plans import PLANS
from flows.applicant.projects import PROJECTS
from flows.engine.flow import OPENING, PASSED, RESUMED, Flow, State, Transition, View
from flows.engine.turn import Turn
from flows.model import Moment, Plan, Rent
from flows.ports import Repository
from flows.staff.desk import DeskFlow, closes
from flows.staff.model import Duty

T = TypeVar("T")


class _Shown:
    """The repository of somebody who has done nothing yet, with the draft in the place of its plan."""

    def __init__(self, repository: Repository, plan: Plan | None) -> None:
        self._repository = repository
        self._plan = plan

    def plan(self, _: str) -> Plan | None:
        return self._plan

    def rents(self, _: str, project: str, unit_type: str, offset: int, limit: int) -> Sequence[Rent]:
        found = self._plan.project(project) if self._plan else None
        unit = found.unit_type(unit_type) if found else None
        return unit.rents[offset : offset + limit] if unit else ()

    def application(self, *_: object) -> None:
        return None

    def live_registration(self, *_: object) -> None:
        return None

    def note_visit(self, plan: str, telegram_id: int, at: Moment) -> None:
        """Nobody's."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._repository, name)


@contextmanager
def _through_draft(turn: Turn) -> Iterator[None]:
    real, draft = turn.repository, turn.data["draft"]
    if turn.memo.get("preview", ("",))[0] != draft:  # read once a turn: a plan may have thousands of rents
        turn.memo["preview"] = (draft, real.draft_plan(int(draft)))
    plan = turn.memo["preview"][1]
    turn.repository = cast("Repository", _Shown(real, plan))
    try:
        yield
    finally:
        turn.repository = real


def _drafted(deed: Callable[[Turn], T]) -> Callable[[Turn], T]:
    @wraps(deed)
    def done(turn: Turn) -> T:
        with _through_draft(turn):
            return deed(turn)

    return done


def _seen(flow: Flow, state: str, triggers: frozenset[str]) -> State:
    """With the buttons that only lead to more to look at."""

    def view(turn: Turn) -> View:
        with _through_draft(turn):
            view = flow.view(turn)
        if turn.told is None:
            turn.notice("preview")
        rows = (tuple(button for button in row if button.id in triggers) for row in view.rows)
        return replace(view, rows=tuple(row for row in rows if row))

    return State(state, view, flow.window(state))


def _preview(
    name: str, flow: Flow, states: Iterable[str], triggers: Iterable[str], own: Sequence[Transition]
) -> DeskFlow:
    """``flow`` as far as ``states`` and ``triggers`` go, after the transitions of its ``own``."""
    kept, ways = tuple(states), frozenset(triggers)
    transitions = list(own)
    for transition in flow.transitions:
        sources = [transition.source] if isinstance(transition.source, str) else list(transition.source)
        sources = [source for source in sources if source in (*kept, OPENING)]
        if sources and transition.trigger in ways and (transition.dest is None or transition.dest in kept):
            transitions.append(
                replace(
                    transition,
                    source=sources,
                    when=[_drafted(guard) for guard in transition.when],
                    unless=[_drafted(guard) for guard in transition.unless],
                    do=[_drafted(action) for action in transition.do],
                )
            )
    ways_from: dict[str, set[str]] = {state: set() for state in (*kept, OPENING)}
    for one in transitions:
        for source in [one.source] if isinstance(one.source, str) else one.source:
            ways_from[source].add(one.trigger)
    shown = [_seen(flow, state, frozenset(ways_from[state])) for state in kept]
    return DeskFlow(name, Duty.PLANS, shown, transitions)


def _open_project(turn: Turn) -> None:
    turn.open("preview_project", draft=turn.data["draft"], plan=turn.data["plan"], project=turn.argument)


PREVIEW = _preview(
    "preview",
    PLANS,
    ("plan", "notice", "projects"),
    ("notice", "projects", "download", "page", "back", RESUMED),
    (
        Transition(OPENING, PASSED, "plan"),
        Transition("plan", "back", None, do=[closes()]),
        Transition("projects", "project", None, do=[_open_project]),
    ),
)

PREVIEW_PROJECT = _preview(
    "preview_project",
    PROJECTS,
    ("project", "unit_types", "unit_type"),
    (PASSED, "unit_types", "unit_type", "venue", "page", "back", RESUMED),
    (Transition("project", "back", None, do=[closes()]),),
)
