"""A bot that keeps what it is told: one flow on the real runtime, for tests of what is lost, doubled or disordered."""

from __future__ import annotations

import asyncio
import functools
import shutil
import socket
import sqlite3
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import NamedTuple, Self
from unittest import mock

from aiohttp import web

from bot.app import DATABASE_FILE, TEMPLATES, App
from bot.clock import Clock
from bot.nursery import Nursery
from bot.rehearsal.client import plain
from bot.rehearsal.errors import Refusal
from bot.rehearsal.gateways import IDENTITY_PATH, SMS_PATH
from bot.rehearsal.state import Json
from bot.rehearsal.telegram import PlayedTelegram
from bot.settings import load
from bot.windows import Windows
from flows.effects import Button, SendSms
from flows.engine.fire import Book
from flows.engine.flow import OPENING, PASSED, TEXT_SENT, Flow, State, Transition, View, came
from flows.engine.session import Session
from flows.engine.turn import Turn
from flows.events import Came
from storage import sessions
from storage.vault import KEYS_FILE, Vault, load_or_make, open_keys
from tests.journeys.rooms import Gathering

TOKEN = "4242:" + "rehearsal_token_" * 2
PHONE = "+8613800138000"
STUMBLE = "stumble"  # breaks the code
SMS = "sms"  # has one sent
BLOCKS = {
    "told/listening": {"body": "#{{ last }}# {{ taps }} {{ sms }}", "button_tap": "Tap"},
    "common": {
        "error_expects_text": "words, please",
        "error_edited": "edited",
        "error_unknown_command": "no such command",
        "toast_stale": "stale",
        "say_turn_failed": "trouble",
        "say_keyboard_gone": "go on",
    },
    "menu": {"command_start": "Start", "description": "Keeps what it is told.", "short_description": "Keeps it."},
    "formats": {"months": "1 2 3 4 5 6 7 8 9 10 11 12"},
}
"""All the templates there are beside the form's questions: those of the real bot take a second to compile."""


def _start(_: Turn, __: str) -> None:
    """Only shows the screen."""


def _hear(turn: Turn) -> None:
    if turn.text == STUMBLE:
        raise ValueError(f"a mistake that quotes {turn.text}")
    if turn.text == SMS:
        turn.do(SendSms(PHONE, "271828", 7))
    turn.data["seen"] = f"{turn.data.get('seen', '')} {turn.text}".strip()


def _tap(turn: Turn) -> None:
    turn.data["taps"] = f"{turn.data.get('taps', '')} {turn.session.revision}".strip()


def _note_sms(turn: Turn) -> None:
    assert isinstance(turn.event, Came)
    turn.data["sms"] = f"{turn.data.get('sms', '')} {turn.event.outcome['status']}".strip()


def _view(turn: Turn) -> View:
    seen, taps = turn.data.get("seen", "").split(), turn.data.get("taps", "").split()
    values = {"last": seen[-1] if seen else "", "taps": len(taps), "sms": turn.data.get("sms", "")}
    return View(values, ((Button("tap"),),))


TOLD = Flow(
    "told",
    1,
    [State("listening", _view)],
    [
        Transition(OPENING, PASSED, "listening"),
        Transition("listening", TEXT_SENT, None, do=[_hear]),
        Transition("listening", "tap", None, do=[_tap]),
        Transition("listening", came("sms"), None, do=[_note_sms]),
    ],
)
BOOK = Book((TOLD,), home="told", commands={"start": _start})


class Idle:
    """In the place of the processes for pictures and records, which take a second to start and have nothing to do."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None


@contextmanager
def without_helpers() -> Iterator[None]:
    """Bots that start in here have no processes beside them."""
    with ExitStack() as stack:
        for name in ("PictureChecker", "Worker"):
            stack.enter_context(mock.patch(f"bot.app.{name}", Idle))
        yield


def make_templates(folder: Path) -> Path:
    """The same in both languages."""
    for language in ("zh", "en"):
        for name, blocks in BLOCKS.items():
            file = folder / language / f"{name}.j2"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("".join(f"{{% block {block} %}}{text}{{% endblock %}}" for block, text in blocks.items()))
        shutil.copy(TEMPLATES / language / "questions.j2", folder / language)
    return folder


_compiled = functools.lru_cache(Windows)  # once for all the bots of a test


def telling_app(
    environ: Mapping[str, str], templates: Path, *, clock: Clock | None = None, poll_seconds: int = 5
) -> App:
    with mock.patch("bot.app.Windows", _compiled):
        return App(load(environ), book=BOOK, templates=templates, clock=clock, poll_seconds=poll_seconds)


class Teller:
    """The telling bot in this process, as often as it is started."""

    def __init__(
        self,
        telegram: PlayedTelegram,
        folder: Path,
        settings: Mapping[str, str] | None = None,
        *,
        clock: Clock | None = None,
        templates: Path | None = None,
    ) -> None:
        self.environ = {
            "ANJU_TOKEN": TOKEN,
            "ANJU_TELEGRAM": telegram.url,
            "ANJU_DATA": str(folder / "data"),
            "ANJU_SMS": telegram.url + SMS_PATH,
            "ANJU_IDENTITY": telegram.url + IDENTITY_PATH,
            "ANJU_LISTEN": "127.0.0.1:0",
            **(settings or {}),
        }
        self.data = folder / "data"
        self._telegram = telegram
        self._clock = clock
        self._templates = templates or make_templates(folder / "templates")
        self._nursery = Nursery()
        self._running: asyncio.Task[int] | None = None
        self.app: App

    def starts(self) -> None:
        self._telegram.world.updates.release_poller()  # what an earlier run had asked for
        with without_helpers():
            self.app = telling_app(self.environ, self._templates, clock=self._clock)
            self._running = self._nursery.start(self._run(), "app")

    async def _run(self) -> int:
        with without_helpers():
            return await self.app.run()

    async def ends(self, seconds: float = 10) -> int:
        """Waits until it has ended by itself; returns the exit code, or raises what it raised."""
        assert self._running is not None
        running, self._running = self._running, None
        return await asyncio.wait_for(running, seconds)

    async def stops(self, seconds: float = 10) -> int:
        self.app.stopping.set()
        return await self.ends(seconds)

    async def dies(self) -> None:
        """Nothing of it goes on; what it has open is closed."""
        assert self._running is not None
        running, self._running = self._running, None
        await self._nursery.end(running)

    async def __aenter__(self) -> Self:
        self.starts()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._running is not None:
            await self.stops()
        await self._nursery.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def session_of(connection: sqlite3.Connection, vault: Vault, chat_id: int) -> Session:
    session = sessions.load(connection, vault, chat_id)
    assert session is not None
    return session


@contextmanager
def opened(data: Path) -> Iterator[tuple[sqlite3.Connection, Vault]]:
    """The data folder of a bot that does not run."""
    master, made = load_or_make(None, data)
    assert not made
    with closing(sqlite3.connect(data / DATABASE_FILE)) as connection:
        vault = Vault(master, open_keys(data / KEYS_FILE))
        try:
            yield connection, vault
        finally:
            vault.close()


class Kept(NamedTuple):
    """How many rows there are."""

    inbox: int
    outbox: int
    dead_letters: int
    received: int


def kept(connection: sqlite3.Connection) -> Kept:
    return Kept(
        *connection.execute(
            "SELECT (SELECT count(*) FROM inbox), (SELECT count(*) FROM outbox),"
            " (SELECT count(*) FROM dead_letters), (SELECT count(*) FROM received)"
        ).fetchone()
    )


class Calls:
    """Counts calls as they come in; made before the played Telegram starts."""

    def __init__(self, telegram: PlayedTelegram) -> None:
        self._came = Gathering()
        telegram.app.middlewares.append(self._note)

    async def reach(self, method: str, number: int) -> None:
        """Returns when so many calls of a method have come in since the beginning."""
        await self._came.until(lambda: self._came.things.count(method) >= number)

    @web.middleware
    async def _note(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        self._came.add(request.match_info.get("method", ""))
        return await handler(request)


class Watch:
    """Counts what the bot puts into chats, wakes whoever waits for it, and can keep updates from being confirmed."""

    def __init__(self, telegram: PlayedTelegram) -> None:
        self.shown = 0
        self.held = asyncio.Event()
        self._more = asyncio.Event()
        self._holding = False
        self._listen: Callable[[Json], None] = telegram.world.listen
        self._updates = telegram.world.updates
        self._get = telegram.world.updates.get
        # mypy has no words for a method of one object that is exchanged for another
        vars(telegram.world)["listen"] = self._note
        vars(telegram.world.updates)["get"] = self._give

    def hold(self) -> None:
        """From now on no getUpdates is answered that would confirm something; ``held`` says that one has been asked."""
        self._holding = True

    def let_go(self) -> None:
        self._holding = False
        self.held.clear()

    async def more(self, count: int) -> None:
        """Returns after so many more messages or edits of the bot's."""
        target = self.shown + count
        while self.shown < target:
            await self._more.wait()

    def _note(self, event: Json) -> None:
        self._listen(event)
        if event["type"] == "message" and event["message"]["from"]["is_bot"]:
            self.shown += 1
            self._more.set()
            self._more.clear()

    async def _give(self, offset: int, limit: int, seconds: float) -> bytes:
        if self._holding and any(queued.update_id < offset for queued in self._updates.waiting()):
            self.held.set()
            raise Refusal(502, "Bad Gateway")
        return await self._get(offset, limit, seconds)


def says(number: int) -> Callable[[Json], bool]:
    """Whether a message is a screen with that as the last thing told."""
    return lambda message: f"#{number}#" in plain(message)
