"""Home, and the small rooms beside it: help, privacy, language."""

from __future__ import annotations

from flows.applicant.gate import closes, opens
from flows.effects import Button, Style
from flows.engine.flow import OPENING, PASSED, RESUMED, Flow, State, Transition, View
from flows.engine.turn import Turn
from flows.model import PlanStatus

LANGUAGES = ("zh", "en")


def _view_menu(turn: Turn) -> View:
    plans = turn.repository.plans()
    running = [plan for plan in plans if plan.status(turn.at) is PlanStatus.OPEN]
    coming = [plan for plan in plans if plan.status(turn.at) is PlanStatus.UPCOMING]
    return View(
        {"running": running[:3], "coming": coming[:3], "now": turn.at},
        (
            (Button("plans", style=Style.PRIMARY),),
            (Button("records"), Button("me")),
            (Button("help"), Button("other_language")),
        ),
    )


def _view_back(_: Turn) -> View:
    return View(rows=((Button("back"),),))


def _view_language(turn: Turn) -> View:
    rows = [(Button("choose_language", code, values={"chosen": code == turn.session.language}),) for code in LANGUAGES]
    return View(rows=(*rows, (Button("back"),)))


def _speak_other(turn: Turn) -> None:
    turn.session.language = next(code for code in LANGUAGES if code != turn.session.language)
    turn.session.language_chosen = True


def _speak_chosen(turn: Turn) -> None:
    turn.session.language = turn.argument
    turn.session.language_chosen = True


HOME = Flow(
    "home",
    1,
    [State("menu", _view_menu)],
    [
        Transition(OPENING, PASSED, "menu"),
        Transition("menu", RESUMED, None),
        Transition("menu", "plans", None, do=[opens("plans")]),
        Transition("menu", "records", None, do=[opens("records")]),
        Transition("menu", "me", None, do=[opens("me")]),
        Transition("menu", "help", None, do=[opens("help")]),
        Transition("menu", "other_language", None, do=[_speak_other]),
    ],
)

HELP = Flow(
    "help",
    1,
    [State("contact", _view_back)],
    [Transition(OPENING, PASSED, "contact"), Transition("contact", "back", None, do=[closes()])],
)

PRIVACY = Flow(
    "privacy",
    1,
    [State("statement", _view_back)],
    [Transition(OPENING, PASSED, "statement"), Transition("statement", "back", None, do=[closes()])],
)

LANGUAGE = Flow(
    "language",
    1,
    [State("choice", _view_language)],
    [
        Transition(OPENING, PASSED, "choice"),
        Transition("choice", "choose_language", None, do=[_speak_chosen, closes("done")]),
        Transition("choice", "back", None, do=[closes()]),
    ],
)
