"""One event being played: what a flow's guards and actions see, and where they leave what they want done."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from flows.effects import Effect, Place
from flows.engine.session import Frame, Session
from flows.events import Event, File, Press, Text
from flows.model import Application, Moment, Person
from flows.ports import Chance, Repository, Words

Message = tuple[str, Mapping[str, object]]


class Turn:
    """Made anew for every event and thrown away after it.

    ``at`` is when the event reached the inbox: windows of time are judged by it, however long the queue was.
    Actions change ``data``, write through ``repository`` and ask for the rest: ``do``, ``open``, ``close``, ``error``.
    """

    def __init__(
        self, session: Session, event: Event, *, at: Moment, repository: Repository, chance: Chance, words: Words
    ) -> None:
        self.session = session
        self.event = event
        self.at = at
        self.repository = repository
        self.chance = chance
        self.words = words
        self.effects: list[Effect] = []
        self.result = ""  # how the flow that was opened from here ended
        self.ended = ""  # which one that was
        self.failed: Message | None = None
        self.told: Message | None = None
        self.toast: Message | None = None
        self.place: Place | None = None
        self.opening: Frame | None = None
        self.closing: str | None = None
        self.restarting = False
        self.applications: dict[str, Application] = {}
        self.memo: dict[str, Any] = {}  # what guards worked out, for the actions that follow

    @property
    def frame(self) -> Frame:
        return self.session.top

    @property
    def data(self) -> dict[str, str]:
        """What the talking flow remembers."""
        return self.session.top.data

    @property
    def state(self) -> str:
        """Read and written by the machine."""
        return self.session.top.state

    @state.setter
    def state(self, name: str) -> None:
        self.session.top.state = name

    @property
    def chat_id(self) -> int:
        return self.session.chat_id

    @property
    def text(self) -> str:
        return self.event.text if isinstance(self.event, Text) else ""

    @property
    def argument(self) -> str:
        return self.event.argument if isinstance(self.event, Press) else ""

    @property
    def file(self) -> File:
        if not isinstance(self.event, File):
            raise TypeError("no file came with this event")
        return self.event

    @cached_property
    def person(self) -> Person | None:
        """Whoever is signed in from this chat. Call ``forget_person`` after writing about them."""
        return self.repository.person(self.session.chat_id)

    @property
    def somebody(self) -> Person:
        """The signed-in person, where a flow only gets to with one."""
        if self.person is None:
            raise LookupError("nobody is signed in in this chat")
        return self.person

    def forget_person(self) -> None:
        self.__dict__.pop("person", None)

    def do(self, effect: Effect) -> None:
        self.effects.append(effect)

    def error(self, key: str, **values: object) -> None:
        """Shown above the question: block ``error_<key>``."""
        self.failed = (key, values)

    def notice(self, key: str, **values: object) -> None:
        """Shown above the screen: block ``notice_<key>``."""
        self.told = (key, values)

    def pop_up(self, key: str, **values: object) -> None:
        """A short toast over the chat: block ``toast_<key>``. Only a press can have one."""
        self.toast = (key, values)

    def show_at(self, place: Place) -> None:
        """Puts the screen elsewhere than the kind of event would."""
        self.place = place

    def open(self, flow: str, **data: str) -> None:
        """Goes into another flow; this one goes on with ``resumed`` when that one is left."""
        self.opening = Frame(flow, "", 0, data)

    def close(self, result: str = "left") -> None:
        """Leaves this flow. ``result`` is ``done``, ``left`` or a word the two flows agree on."""
        self.closing = result

    def start_over(self, flow: str = "", **data: str) -> None:
        """Leaves everything, back home, and from there into ``flow`` if one is named."""
        self.restarting = True
        self.opening = Frame(flow, "", 0, data) if flow else None
