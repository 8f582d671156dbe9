"""A flow: states with what they show, transitions between them, one ``transitions.Machine`` for all conversations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from transitions import Machine
from transitions import State as MachineState

from flows.effects import Button, Rows
from flows.engine.session import Frame
from flows.engine.turn import Turn

Guard = Callable[[Turn], bool]
Action = Callable[[Turn], None]

OPENING = "opening"  # where every flow begins; its ``passed`` transitions say where it goes first

# Facts that are no buttons. A press fires the trigger that its button is named after.
PASSED = "passed"
RESUMED = "resumed"
TEXT_SENT = "text_sent"
CONTACT_SHARED = "contact_shared"
FILE_SENT = "file_sent"


def came(job: str) -> str:
    """The trigger of a job's result."""
    return f"{job}_came"


@dataclass(frozen=True, slots=True)
class View:
    """What a state shows: values for its window, buttons, and what else the screen needs (see ``effects.Show``)."""

    values: Mapping[str, object] = field(default_factory=dict)
    rows: Rows = ()
    captcha: str = ""
    ask_contact: bool = False
    progress: bool = False
    window: str = ""
    expired: tuple[Button, ...] = ()  # not drawn any more, as time went by; pressed late, they still get their answer


def drawn(view: View) -> tuple[Button, ...]:
    """All buttons of a screen."""
    return tuple(button for row in view.rows for button in row)


@dataclass(frozen=True, slots=True)
class State:
    """A waiting situation. Without a view it is only passed through: its ``passed`` transitions decide at once.

    ``window`` is the template; empty for ``<flow>/<state>``.
    """

    name: str
    view: Callable[[Turn], View] | None = None
    window: str = ""


@dataclass(frozen=True, slots=True)
class Transition:
    """From ``source`` (one, or several) by ``trigger`` to ``dest`` (None: stays). The first that may is taken."""

    source: str | Sequence[str]
    trigger: str
    dest: str | None
    when: Sequence[Guard] = ()
    unless: Sequence[Guard] = ()
    do: Sequence[Action] = ()


class Flow:
    """Built once at import. ``background`` takes job results whether or not the flow is talking when they come.

    Raises ValueError for a state or transition that cannot be.
    """

    def __init__(
        self,
        name: str,
        version: int,
        states: Sequence[State],
        transitions: Sequence[Transition],
        *,
        background: Mapping[str, Action] | None = None,
        upgrade: Callable[[Frame], None] | None = None,
    ) -> None:
        self.name = name
        self.version = version
        self.states = {state.name: state for state in states}
        if len(self.states) != len(states):
            raise ValueError(f"{name}: two states of one name")
        self.states.setdefault(OPENING, State(OPENING))
        self.transitions = tuple(transitions)
        self.background = dict(background or {})
        self.upgrade = upgrade
        self.machine = Machine(
            model=None, states=list(self.states), initial=OPENING, auto_transitions=False, send_event=False
        )
        accepts: dict[str, set[str]] = {state: set() for state in self.states}
        for transition in transitions:
            sources: list[str | Enum | MachineState] = []
            sources += [transition.source] if isinstance(transition.source, str) else transition.source
            for source in map(str, sources):
                if source not in self.states or (transition.dest is not None and transition.dest not in self.states):
                    raise ValueError(f"{name}: no such state in {source} --{transition.trigger}--> {transition.dest}")
                accepts[source].add(transition.trigger)
            self.machine.add_transition(
                transition.trigger,
                sources,
                transition.dest,
                conditions=list(transition.when),
                unless=list(transition.unless),
                before=list(transition.do),
            )
        self.accepts = {state: frozenset(triggers) for state, triggers in accepts.items()}

    def window(self, state: str) -> str:
        return self.states[state].window or f"{self.name}/{state}"

    def view(self, turn: Turn) -> View:
        view = self.states[turn.state].view
        if view is None:
            raise LookupError(f"{self.name}/{turn.state} shows nothing")
        return view(turn)

    def trigger(self, name: str, turn: Turn) -> bool:
        """Whether a transition was taken."""
        if name not in self.accepts[turn.state]:
            return False
        return bool(self.machine.events[name].trigger(turn, turn))
