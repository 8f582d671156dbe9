"""Draws the flows as Mermaid state diagrams: ``python -m bot.flowchart docs/flows.md``. Says what is wrong with them.

The diagrams come from the transitions themselves. The questions of one section of the form are one state; what stays on
the same screen (errors, pages, another code) is left out.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from jinja2 import UndefinedError

from bot.windows import Windows
from flows.applicant.application import FORM
from flows.book import BOOK
from flows.engine.flow import (
    CONTACT_SHARED,
    FILE_SENT,
    OPENING,
    PASSED,
    RESUMED,
    TEXT_SENT,
    Action,
    Flow,
    Guard,
    Transition,
)
from flows.staff.plan_form import PLAN_FORM

TEMPLATES = Path(__file__).parents[1] / "templates"
LANGUAGE = "zh"

END = "[*]"  # Mermaid's beginning and end of a diagram
FACTS = {
    TEXT_SENT: "输入文字",
    CONTACT_SHARED: "发送本机手机号",
    FILE_SENT: "发送照片",
    RESUMED: "回到这里",
    "choose": "点选",
    "choose_language": "选语言",
    "plan": "选计划",
    "record": "选记录",
    "question": "选一项",
    "item": "选一项",
    "section": "选一部分",
    "change": "修改",
}
INTRODUCTION = """# The flows

Made by `make docs` from the transitions in `flows/`; a test keeps it so. A box is a screen on which Anju waits; a
diamond is passed through at once. Words on an arrow are what the person presses or does, `(… came)` is the result of a
job, and `[…]` a condition: the first way whose condition holds is taken. A box with an arrow in its name, such as
`→ sign_up`, is another flow, which comes back to where it was opened from. The questions of a section of the form are
one box.

Not drawn: what stays on the same screen (errors, pages, another code), and what works everywhere: `/start` leads home,
`/cancel` leaves the flow, and both keep what was filled in.
"""

# The state of a question stands for its section.
GROUPS = {
    f"ask_{question.key}": f"{section.key}…"
    for form in (FORM, PLAN_FORM)
    for section in form.sections
    for question in section.questions
}

# For each arrow what is done, and the conditions under which that leads there; "" is none.
Edges = Mapping[tuple[str, str], dict[str, list[str]]]


def destinations(action: Action) -> set[str]:
    """Where an action leads besides the transition's own state: ``→ flow``, END for leaving this one."""
    code = getattr(action, "__code__", None)
    if code is None:
        return set()
    cells = [cell.cell_contents for cell in getattr(action, "__closure__", None) or ()]
    flows = [word for word in (*code.co_consts, *cells) if isinstance(word, str) and word in BOOK.flows]
    found = set()
    if "close" in code.co_names:
        found.add(END)
    if "open" in code.co_names or "start_over" in code.co_names:
        found.add(f"→ {flows[0] if flows else BOOK.home}")
    return found


def targets(transition: Transition) -> set[str]:
    """States, other flows and END that a transition leads to; empty if it stays."""
    led = set().union(*map(destinations, transition.do))
    return led or ({transition.dest} if transition.dest else set())


def sources(transition: Transition) -> tuple[str, ...]:
    return (transition.source,) if isinstance(transition.source, str) else tuple(transition.source)


# --- what is wrong with a flow ---------------------------------------------------------------------------------------


def problems(flow: Flow) -> list[str]:
    """States that nothing leads to, and screens without a way on or a way out that a person can take."""
    found = []
    reached, news = {OPENING}, [OPENING]
    while news:
        state = news.pop()
        for transition in flow.transitions:
            if state in sources(transition) and transition.dest and transition.dest not in reached:
                reached.add(transition.dest)
                news.append(transition.dest)
    found += [f"{flow.name}/{state}: nothing leads to it" for state in flow.states if state not in reached]
    left = _leaves(flow)
    for shown in flow.states.values():
        if shown.view is None:
            if PASSED not in flow.accepts[shown.name]:
                found.append(f"{flow.name}/{shown.name}: shows nothing and has no way on")
        elif shown.name not in left:
            found.append(f"{flow.name}/{shown.name}: has no way out")
    return found


def _leaves(flow: Flow) -> set[str]:
    """States from which a person can get out of the flow, by own doing."""
    left: set[str] = set()
    while True:
        more = {
            source
            for transition in flow.transitions
            if transition.trigger != RESUMED and not transition.trigger.endswith("_came")
            for target in targets(transition)
            if target in {END, f"→ {BOOK.home}", *left} or (target.startswith("→") and flow.name == BOOK.home)
            for source in sources(transition)
        }
        if more <= left:
            return left
        left |= more


# --- drawing ---------------------------------------------------------------------------------------------------------


def page(windows: Windows) -> str:
    """The whole document."""
    return "\n".join([INTRODUCTION, *(section for flow in BOOK.flows.values() for section in _section(flow, windows))])


def _section(flow: Flow, windows: Windows) -> Iterator[str]:
    edges = _edges(flow, windows)
    names = list(dict.fromkeys(name for edge in edges for name in edge if name != END))
    yield f"## {flow.name}\n\n```mermaid\nstateDiagram-v2"
    for name in names:
        if name in flow.states and flow.states[name].view is None:
            yield f"    state {name} <<choice>>"
        elif name not in flow.states:
            caption = _section_title(name, windows) if name in GROUPS.values() else name
            yield f'    state "{caption}" as {_id(name)}'
    for (source, target), deeds in edges.items():
        words = ", ".join(_words(deed, conditions) for deed, conditions in deeds.items()).strip()
        yield f"    {_id(source)} --> {_id(target)}" + (f": {words}" if words else "")
    yield "```\n"


def _edges(flow: Flow, windows: Windows) -> Edges:
    edges: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(dict)
    for transition in flow.transitions:
        for source in sources(transition):
            start = END if source == OPENING else GROUPS.get(source, source)
            for target in sorted(targets(transition)):
                end = GROUPS.get(target, target)
                if end != start and not (start == END and end.startswith("→")):
                    deed = _deed(windows, flow.window(source), transition.trigger)
                    condition = "" if start in GROUPS.values() else _condition(transition)
                    edges[start, end].setdefault(deed, []).append(condition)
    return edges


def _words(deed: str, conditions: list[str]) -> str:
    return deed if "" in conditions else f"{deed} [{' or '.join(dict.fromkeys(conditions))}]"


def _condition(transition: Transition) -> str:
    """The names of the guards; none for those that only look for the argument of a button."""
    guards = [_name(guard) for guard in transition.when] + [f"not {_name(guard)}" for guard in transition.unless]
    return " and ".join(guard for guard in guards if guard not in {"enters", "is argument"})


def _name(guard: Guard) -> str:
    return getattr(guard, "__name__", "").strip("_").replace("_", " ")


def _deed(windows: Windows, window: str, trigger: str) -> str:
    """The words of the button, where they are always the same; else what happens; nothing for passing through."""
    if trigger == PASSED:
        return ""
    if trigger.endswith("_came"):
        return f"({trigger.removesuffix('_came')} came)"
    for place in (window, "form/question", "form/pictures", "common"):
        try:
            return windows.text(place, f"button_{trigger}", {}, LANGUAGE)
        except (LookupError, UndefinedError):
            continue
    return FACTS.get(trigger, trigger)


def _section_title(name: str, windows: Windows) -> str:
    return windows.wording(LANGUAGE).section_title(name.removesuffix("…")) + "…"


def _id(name: str) -> str:
    """A name that Mermaid takes for a state: ``→ sign_up`` as flow_sign_up, ``work…`` as questions_work."""
    if name.startswith("→"):
        return f"flow_{name.removeprefix('→ ')}"
    return f"questions_{name.removesuffix('…')}" if name.endswith("…") else name


def main() -> None:
    """Writes the document to the file that is named."""
    Path(sys.argv[1]).write_text(page(Windows(TEMPLATES)), encoding="utf-8")


if __name__ == "__main__":
    main()
