"""数据统计: a plan in numbers, and the same as pictures."""

from __future__ import annotations

from flows.effects import Button, MakeCharts, Say, Style
from flows.engine.flow import OPENING, PASSED, State, Transition, View
from flows.engine.lists import page_of, turns_page
from flows.engine.turn import Turn
from flows.events import Came
from flows.model import DAY, Plan
from flows.staff.desk import DeskFlow, closes
from flows.staff.model import Duty

LISTED = 7  # a page
DAYS = 10  # of which the text has the numbers


def _plan(turn: Turn) -> Plan | None:
    plan = turn.repository.stored_plan(turn.data.get("plan", ""))
    return plan if plan is not None and plan.published_at is not None else None


def _was_led_here(turn: Turn) -> bool:
    return "direct" in turn.data and _plan(turn) is not None


def _choose(turn: Turn) -> None:
    turn.data["plan"] = turn.argument


def _make_charts(turn: Turn) -> None:
    turn.do(MakeCharts(turn.data["plan"]))
    turn.pop_up("file_coming")


def _note_charts(turn: Turn) -> None:
    event = turn.event
    if isinstance(event, Came) and event.outcome.get("status") == "given_up":
        turn.do(Say("file_failed"))


def _view_list(turn: Turn) -> View:
    plans = [plan for plan in turn.repository.stored_plans() if plan.published_at is not None]
    page = page_of(turn, plans, size=LISTED)
    rows = [(Button("plan", plan.code, values={"plan": plan, "now": turn.at}),) for plan in page.items]
    return View({"page": page}, (*rows, page.buttons))


def _view_plan(turn: Turn) -> View:
    plan = _plan(turn)
    if plan is None:
        return View(rows=((Button("back"),),), window="staff/draft/gone")
    figures = turn.repository.figures(plan, turn.at)
    periods = figures.periods
    recent = [(periods.starts_at + place * periods.step, count) for place, count in enumerate(figures.counts) if count][
        -DAYS:
    ]
    values = {"plan": plan, "figures": figures, "recent": recent, "by_day": periods.step >= DAY, "now": turn.at}
    return View(values, ((Button("charts", style=Style.PRIMARY),), (Button("refresh"),), (Button("back"),)))


STATISTICS = DeskFlow(
    "statistics",
    Duty.STATISTICS,
    [State("list", _view_list), State("plan", _view_plan)],
    [
        Transition(OPENING, PASSED, "plan", when=[_was_led_here]),
        Transition(OPENING, PASSED, "list"),
        Transition("list", "plan", "plan", do=[_choose]),
        Transition("list", "page", None, do=[turns_page]),
        Transition("list", "back", None, do=[closes()]),
        Transition("plan", "charts", None, do=[_make_charts]),
        Transition("plan", "refresh", None),
        Transition("plan", "back", None, when=[_was_led_here], do=[closes()]),
        Transition("plan", "back", "list"),
    ],
    background={"charts": _note_charts},
)
