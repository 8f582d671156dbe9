"""Finding homes across plans: one screen with what is looked for, one to choose each of it, one with what is found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flows.applicant.offers import (
    BANDS,
    CHOSEN,
    CRITERIA,
    DISTRICTS,
    KINDS,
    Criteria,
    Findings,
    folded,
    look,
    on_offer,
    search,
    short_key,
)
from flows.effects import Button, Rows, Style
from flows.engine.flow import RESUMED, TEXT_SENT, State, Transition, View
from flows.engine.lists import page_of, turns_page_of
from flows.engine.text import one_line
from flows.engine.turn import Turn
from flows.model import Plan

LONGEST_WORDS = 40  # characters
CHOICES = 6  # rows a page

# Frame data: ``find_<criterion>``; ``find_from`` is the state to go back to, ``find_which`` the criterion being chosen.


def criteria_of(turn: Turn) -> Criteria:
    return Criteria(**{name: turn.data.get(f"find_{name}", "") for name in CRITERIA})


def _plans(turn: Turn) -> list[Plan]:
    """Looked up once a turn, as what is found in them: the old screen is asked for its buttons, then the new one."""
    if "on_offer" not in turn.memo:
        turn.memo["on_offer"] = on_offer(turn.repository.plans(), turn.at)
    plans: list[Plan] = turn.memo["on_offer"]
    return plans


def _findings(turn: Turn) -> Findings:
    known: dict[Criteria, Findings] = turn.memo.setdefault("findings", {})
    criteria = criteria_of(turn)
    if criteria not in known:
        known[criteria] = look(_plans(turn), criteria)
    return known[criteria]


def offers_anything(plans: Sequence[Plan]) -> bool:
    return any(plan.projects for plan in plans)


def _set(turn: Turn, name: str, value: str) -> None:
    """Empty takes the criterion back."""
    turn.data.pop("find_page", None)
    if value:
        turn.data[f"find_{name}"] = value
    else:
        turn.data.pop(f"find_{name}", None)


# --- guards and actions ----------------------------------------------------------------------------------------------


def find_anywhere(turn: Turn) -> None:
    turn.data["find_from"] = "list"
    _set(turn, "plan", "")


def find_in_plan(turn: Turn) -> None:
    turn.data["find_from"] = "projects"
    _set(turn, "plan", turn.data["plan"])


def _came_from_projects(turn: Turn) -> bool:
    return turn.data.get("find_from") == "projects"


def _choose_criterion(turn: Turn) -> None:
    turn.data["find_which"] = turn.argument
    turn.data.pop("choice_page", None)


def _pick(turn: Turn) -> None:
    which = turn.data["find_which"]
    values = {_key(which, value): value for value in _findings(turn).choices[which]}
    _set(turn, which, values[turn.argument])


def _pick_any(turn: Turn) -> None:
    _set(turn, turn.data["find_which"], "")


def _relax(turn: Turn) -> None:
    _set(turn, turn.argument, "")


def _forget_words(turn: Turn) -> None:
    _set(turn, "words", "")


def _clear(turn: Turn) -> None:
    for name in CRITERIA:
        _set(turn, name, "")


def _has_words(turn: Turn) -> bool:
    words = one_line(turn.text)
    return len(words) <= LONGEST_WORDS and bool(folded(words))


def _keep_words(turn: Turn) -> None:
    _set(turn, "words", one_line(turn.text))


def _complain_of_words(turn: Turn) -> None:
    turn.error("find_words", longest=LONGEST_WORDS)


def _open_found(turn: Turn) -> None:
    offer = next(offer for offer in _findings(turn).offers if offer.key == turn.argument)
    turn.open("projects", plan=offer.plan.code, project=offer.project.code)


# --- screens ---------------------------------------------------------------------------------------------------------


def _key(which: str, value: str) -> str:
    """A value as the argument of a button: names of districts are no ASCII."""
    return short_key(value) if which == "district" else value


def _words_for(criteria: Criteria, plans: Sequence[Plan]) -> Mapping[str, object]:
    """What the templates need to say the criteria in words."""
    return {
        "criteria": criteria,
        "plan_name": next((plan.name for plan in plans if plan.code == criteria.plan), ""),
        "band": BANDS.get(criteria.rent),
        "kind": criteria.kind,
    }


def _view_criteria(turn: Turn) -> View:
    plans, criteria, findings = _plans(turn), criteria_of(turn), _findings(turn)
    count = len(findings.offers)
    rows = [(Button("results", style=Style.PRIMARY),)] if count else []
    rows += [
        (Button("criterion", which),) for which in CHOSEN if which in criteria.named or len(findings.choices[which]) > 1
    ]
    if criteria.words:
        rows.append((Button("forget_words"),))
    if criteria.named:
        rows.append((Button("clear"),))
    rows.append((Button("back"),))
    return View({**_words_for(criteria, plans), "count": count}, tuple(rows))


def _view_choice(turn: Turn) -> View:
    plans, criteria, which = _plans(turn), criteria_of(turn), turn.data["find_which"]
    tally = _findings(turn).choices[which]
    order = {"plan": [plan.code for plan in plans], "district": DISTRICTS, "rent": (*BANDS,), "kind": KINDS}[which]
    known = [value for value in order if value in tally]
    columns = 1 if which == "plan" else 2
    values = [*known, *sorted(tally.keys() - {*known})]
    page = page_of(turn, values, key="choice_page", size=CHOICES * columns)
    names = {plan.code: plan.name for plan in plans}
    buttons = [
        Button(
            "pick",
            _key(which, value),
            values={
                "value": names.get(value, value),
                "chosen": value == getattr(criteria, which),
                "count": tally[value],
                "band": BANDS.get(value),
                "kind": value,
            },
        )
        for value in page.items
    ]
    rows = [tuple(buttons[start : start + columns]) for start in range(0, len(buttons), columns)]
    return View({"which": which, "page": page}, (*rows, (Button("any"),), page.buttons))


def _view_results(turn: Turn) -> View:
    plans, criteria, found = _plans(turn), criteria_of(turn), _findings(turn).offers
    page = page_of(turn, found, key="find_page")
    values = {**_words_for(criteria, plans), "page": page, "count": len(found), "now": turn.at}
    rows: Rows = tuple(
        (Button("project", offer.key, values={"number": page.before + index, "offer": offer}),)
        for index, offer in enumerate(page.items, 1)
    )
    if not found:
        rows = _ways_to_relax(plans, criteria)
    return View(values, (*rows, page.buttons))


def _ways_to_relax(plans: Sequence[Plan], criteria: Criteria) -> Rows:
    """Each criterion without which there would be something, and all of them."""
    counts = {name: len(search(plans, criteria.without(name))) for name in criteria.named}
    ways = [(Button("relax", name, values={"which": name, "count": n}),) for name, n in counts.items() if n]
    return (*ways, (Button("clear"),)) if criteria.named else ()


SEARCH_STATES = (
    State("search", _view_criteria, window="search/criteria"),
    State("choice", _view_choice, window="search/choice"),
    State("results", _view_results, window="search/results"),
)
SEARCH_TRANSITIONS = (
    Transition("search", "results", "results"),
    Transition("search", "criterion", "choice", do=[_choose_criterion]),
    Transition("search", "forget_words", None, do=[_forget_words]),
    Transition(["search", "results"], "clear", "search", do=[_clear]),
    Transition(["search", "results"], TEXT_SENT, "results", when=[_has_words], do=[_keep_words]),
    Transition(["search", "results"], TEXT_SENT, None, do=[_complain_of_words]),
    Transition("search", "back", "projects", when=[_came_from_projects]),
    Transition("search", "back", "list"),
    Transition("choice", "pick", "search", do=[_pick]),
    Transition("choice", "any", "search", do=[_pick_any]),
    Transition("choice", "page", None, do=[turns_page_of("choice_page")]),
    Transition("choice", "back", "search"),
    Transition("results", "project", None, do=[_open_found]),
    Transition("results", "relax", None, do=[_relax]),
    Transition("results", "page", None, do=[turns_page_of("find_page")]),
    Transition("results", "back", "search"),
    Transition("results", RESUMED, None),
)
