"""The diagrams are up to date, and no flow has a dead end, a screen nobody gets to, or a button that does nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.flowchart import TEMPLATES, main, page, problems
from bot.windows import Windows
from flows.book import BOOK
from flows.engine.flow import (
    CONTACT_SHARED,
    FILE_SENT,
    OPENING,
    PASSED,
    RESUMED,
    TEXT_SENT,
    Flow,
    State,
    Transition,
    View,
)
from flows.engine.turn import Turn
from tests.bot.screens import screens

DOCUMENT = Path(__file__).parents[2] / "docs" / "flows.md"
FACTS = {PASSED, RESUMED, TEXT_SENT, CONTACT_SHARED, FILE_SENT}
OF_ANY_QUESTION = {"choose", "next"}  # the form gives these to every kind of question, whether or not it draws them


def drawn() -> dict[tuple[str, str], set[str]]:
    """The buttons of every screen, in any situation."""
    buttons: dict[tuple[str, str], set[str]] = {}
    for name, show in screens():
        flow, _, state = name.partition(" ")[0].partition("/")
        buttons.setdefault((flow, state), set()).update(button.id for row in show.rows for button in row)
    return buttons


def test_diagrams_are_those_of_the_flows() -> None:
    assert DOCUMENT.read_text("utf-8") == page(Windows(TEMPLATES)), "flows have changed: run `make docs`"


def test_the_command_writes_the_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["flowchart", str(tmp_path / "flows.md")])
    main()
    assert (tmp_path / "flows.md").read_text("utf-8") == page(Windows(TEMPLATES))


def test_diagrams_keep_to_what_mermaid_reads() -> None:
    inside = re.findall(r"```mermaid\nstateDiagram-v2\n(.*?)```", page(Windows(TEMPLATES)), re.DOTALL)
    assert len(inside) == len(BOOK.flows)
    line = r'    (state "[^"]+" as \w+|state \w+ <<choice>>|(\w+|\[\*\]) --> (\w+|\[\*\])(: [^:;"{}]+)?)'
    wrong = [text for diagram in inside for text in diagram.splitlines() if not re.fullmatch(line, text)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("flow", BOOK.flows.values(), ids=list(BOOK.flows))
def test_every_state_is_reached_and_every_screen_left(flow: Flow) -> None:
    assert problems(flow) == []


def test_every_button_does_something_and_every_deed_has_a_button() -> None:
    buttons = drawn()
    wrong = []
    for flow in BOOK.flows.values():
        for name, state in flow.states.items():
            if state.view is None:
                continue
            deeds = {deed for deed in flow.accepts[name] if deed not in FACTS and not deed.endswith("_came")}
            there = buttons[flow.name, name]
            wrong += [f"{flow.name}/{name}: button {button} does nothing" for button in sorted(there - deeds)]
            spared = OF_ANY_QUESTION if name.startswith("ask_") else set()
            wrong += [f"{flow.name}/{name}: nobody can press {deed}" for deed in sorted(deeds - there - spared)]
    assert not wrong, "\n".join(wrong)


def test_dead_ends_are_found() -> None:
    def view(_: Turn) -> View:
        return View()

    def close(turn: Turn) -> None:
        turn.close()

    flow = Flow(
        "maze",
        1,
        [State("hall", view), State("pit", view), State("lost", view), State("fog"), State("cell", view)],
        [
            Transition(OPENING, PASSED, "hall"),
            Transition("hall", "fall", "pit"),
            Transition("hall", "grope", "fog"),
            Transition("hall", "leave", None, do=[close]),
            Transition("pit", RESUMED, None, do=[close]),
            Transition("lost", "leave", None, do=[close]),
            Transition("hall", "enter", "cell"),
            Transition("cell", "sms_came", None, do=[close]),
        ],
    )
    assert problems(flow) == [
        "maze/lost: nothing leads to it",
        "maze/pit: has no way out",
        "maze/fog: shows nothing and has no way on",
        "maze/cell: has no way out",
    ]
