"""The composition root: builds everything, supervises it, stops it in order."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from bot.chance import SystemChance
from bot.clock import Clock, SystemClock
from bot.control import SOCKET, ControlServer, DataLock, Reply
from bot.delivery import KINDS, Delivery
from bot.importing import Importer
from bot.jobs.desk import Tools, desk_handlers
from bot.jobs.handlers import identity_handler, picture_handler, record_handler, reminder_handler, sms_handler
from bot.jobs.identity import identity_from
from bot.jobs.pictures import PictureChecker
from bot.jobs.record_document import RecordWriter
from bot.jobs.runner import Jobs
from bot.jobs.sms import sms_from
from bot.jobs.worker import Worker
from bot.lanes import Lanes
from bot.media import MediaSender
from bot.metrics import Metrics
from bot.nursery import Nursery
from bot.post import Post
from bot.profile import ask_name, introduce
from bot.settings import Settings
from bot.telegram.client import Api
from bot.telegram.ingest import Ingest
from bot.telegram.insist import insist
from bot.telegram.pacing import Pacing
from bot.telegram.polling import poll
from bot.telegram.translate import ALLOWED
from bot.turn import Turns
from bot.web import Webhook, build_web
from bot.windows import Windows
from flows.book import BOOK
from flows.engine.fire import Book
from flows.model import HOUR, SECOND
from flows.ports import Chance
from storage import inbox
from storage.database import Database
from storage.files import FileStore
from storage.inbox import Letter
from storage.media import MediaStore
from storage.staff import appoint_admins
from storage.store import Shelf
from storage.vault import KEYS_FILE, Vault, load_or_make, open_keys

log = logging.getLogger(__name__)

TEMPLATES = Path(__file__).parent.parent / "templates"
DATABASE_FILE = "anju.sqlite3"
FILES_FOLDER = "files"
MEDIA_FOLDER = "media"
STOP_SECONDS = 8.0  # of the ten that a stop may take: turns and deliveries under way
WEB_SECONDS = 1.0  # and requests to us
FRONT_DOOR = 256  # connections to Telegram at once


@dataclass(frozen=True, slots=True)
class Rooms:
    """The storage, opened."""

    database: Database
    vault: Vault
    files: FileStore
    media: MediaStore
    shelf: Shelf

    @property
    def for_plans(self) -> tuple[Database, Vault, Shelf, MediaStore]:
        """Those in which plans are kept."""
        return self.database, self.vault, self.shelf, self.media


@asynccontextmanager
async def open_rooms(settings: Settings, nursery: Nursery) -> AsyncIterator[Rooms]:
    """The data folder must be locked by this process. Raises ValueError for a master key that does not fit."""
    master, made = load_or_make(settings.key.get_secret_value() if settings.key else None, settings.data)
    if made:
        log.warning("a new master key was made in the data folder: keep a copy apart from the data, all depends on it")
    shelf = Shelf()
    async with AsyncExitStack() as stack:
        keys = stack.enter_context(closing(open_keys(settings.data / KEYS_FILE)))
        vault = stack.enter_context(Vault(master, keys))
        database = await Database.open(settings.database or settings.data / DATABASE_FILE)
        stack.push_async_callback(database.close)
        database.on_rollback = shelf.clear
        serving = nursery.start(database.serve(), "database", essential=True)
        stack.push_async_callback(nursery.end, serving)
        files = FileStore(settings.data / FILES_FOLDER, vault)
        yield Rooms(database, vault, files, MediaStore(settings.data / MEDIA_FOLDER), shelf)


class App:
    """A running bot. ``book``, ``templates`` and ``chance`` are others only in tests."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        chance: Chance | None = None,
        book: Book = BOOK,
        templates: Path = TEMPLATES,
        poll_seconds: int = 50,
    ) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()
        self.chance = chance or SystemChance()
        self.book = book
        self.poll_seconds = poll_seconds
        self.metrics = Metrics()
        self.windows = Windows(templates, support=settings.support)
        self.port = 0
        self.ready = False
        self.stopping = asyncio.Event()

    async def run(self) -> int:
        """Until ``stopping`` is set or something essential ends. Returns the exit code: 0, or 1 when it failed."""
        settings = self.settings
        async with AsyncExitStack() as stack:
            stack.enter_context(DataLock(settings.data))
            nursery = await stack.enter_async_context(Nursery())
            rooms = await stack.enter_async_context(open_rooms(settings, nursery))
            self.rooms = rooms
            api = await stack.enter_async_context(
                Api(settings.token.get_secret_value(), settings.telegram, Pacing(), FRONT_DOOR)
            )
            sms = await stack.enter_async_context(sms_from(settings.sms))
            identity = await stack.enter_async_context(identity_from(settings.identity))
            checker = await stack.enter_async_context(PictureChecker())
            worker = await stack.enter_async_context(Worker())
            # Tasks end before what they use is closed: a job that is cut short then is no failure, but one to take up.
            stack.push_async_callback(nursery.stop)

            parts = (rooms.database, rooms.vault, rooms.shelf, self.windows, self.clock, self.chance, self.book)
            self.turns = Turns(*parts, self.metrics)
            self.post = Post(rooms.database, rooms.vault, self.clock)
            self.lanes = Lanes(self._play, nursery)
            media = MediaSender(api, rooms.database, rooms.media)
            self.delivery = Delivery(api, rooms.database, rooms.files, media, self.clock, nursery, self.metrics)
            writer = RecordWriter(rooms.vault, rooms.shelf, self.windows, self.clock)
            tools = Tools(api, *rooms.for_plans, self.windows, self.clock, checker, worker, self.post.wake)
            self.jobs = Jobs(
                rooms.database,
                rooms.vault,
                self.clock,
                nursery,
                self.metrics,
                {
                    "sms": sms_handler(sms),
                    "identity": identity_handler(identity),
                    "picture": picture_handler(api, checker, rooms.files),
                    "record": record_handler(api, rooms.database, writer, worker, rooms.files),
                    "reminder": reminder_handler(),
                    **desk_handlers(tools),
                },
                put_letter=self.lanes.put,
                put_parcel=self.post.put,
            )
            self.post.employ(dict.fromkeys(KINDS, self.delivery.put) | dict.fromkeys(self.jobs.kinds, self.jobs.put))
            ingest = Ingest(rooms.database, rooms.vault, self.lanes, self.clock, self.metrics)

            await self._appoint_admins(rooms)
            await self._reopen(rooms)
            nursery.start(self.post.keep_time(), "post", essential=True)
            nursery.start(self._keep_house(rooms), "housekeeping")
            await self._serve_web(stack, ingest)
            importer = Importer(*rooms.for_plans, self.windows, checker, self.clock)
            await stack.enter_async_context(
                ControlServer(settings.data / SOCKET, {"import": _import_handler(importer)}, nursery)
            )
            nursery.start(
                insist(lambda: introduce(api, self.windows), "menu and descriptions not set yet"), "introduction"
            )
            source = nursery.start(self._listen(api, ingest), "source", essential=True)
            self.ready = True
            log.info("running", extra={"source": "webhook" if settings.webhook else "polling"})
            stopped = nursery.start(self.stopping.wait(), "stop")
            failed = nursery.start(nursery.failed.wait(), "failure")
            await asyncio.wait({stopped, failed}, return_when=asyncio.FIRST_COMPLETED)
            self.ready = False
            await nursery.end(source)
            await self.lanes.stop(STOP_SECONDS / 2)
            await _within(self.delivery.idle(), STOP_SECONDS / 2)
            log.info("stopped")
            return 1 if nursery.failed.is_set() else 0

    async def _listen(self, api: Api, ingest: Ingest) -> None:
        await insist(lambda: ask_name(api, self.windows), "the bot's own name is not known yet")
        await insist(lambda: self._settle_source(api), "where updates go is not settled yet")
        if self.settings.webhook is None:
            await poll(api, ingest, self.poll_seconds)

    async def _play(self, letter: Letter) -> None:
        parcels = await self.turns.play(letter)
        for parcel in parcels:
            self.post.put(parcel)
        self.metrics.waited.observe((self.clock.now() - letter.received_at) / SECOND)

    async def _appoint_admins(self, rooms: Rooms) -> None:
        now, admins = self.clock.now(), self.settings.admins
        await rooms.database.insist(lambda c: appoint_admins(c, rooms.vault, rooms.shelf, admins, now))

    async def _reopen(self, rooms: Rooms) -> None:
        """First what is owed, then what waits: the answers of a former run go out before those of this one."""
        owed = await self.post.reopen()
        letters = await rooms.database.read(lambda connection: inbox.waiting(connection, rooms.vault))
        for letter in letters:
            self.lanes.put(letter)
        if owed or letters:
            log.info("taken up from the last run", extra={"owed": owed, "waiting": len(letters)})

    async def _keep_house(self, rooms: Rooms) -> None:
        """Every hour, what grows by itself. Files and keys are never swept here: beside a wrong database, by a mistaken
        setting, all of them would look like orphans."""
        while True:
            await rooms.database.insist(lambda connection: inbox.forget_ids(connection, self.clock.now()))
            await asyncio.sleep(HOUR / SECOND)

    async def _serve_web(self, stack: AsyncExitStack, ingest: Ingest) -> None:
        secret = self.settings.webhook_secret
        webhook = None
        if self.settings.webhook and secret:
            webhook = Webhook(urlsplit(self.settings.webhook).path or "/", secret.get_secret_value(), ingest)
        app = build_web(self.metrics, lambda: self.ready, self._measure, webhook)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=WEB_SECONDS)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, self.settings.listen.host, self.settings.listen.port).start()
        self.port = runner.addresses[0][1]

    def _measure(self) -> None:
        self.metrics.inbox.set(self.lanes.waiting)
        self.metrics.commits.set(self.rooms.database.commits)

    async def _settle_source(self, api: Api) -> None:
        """Pushes to our address, or none: a webhook left from an earlier set-up would keep getUpdates from working."""
        if self.settings.webhook is None:
            await api.call("deleteWebhook", {"drop_pending_updates": False})
            return
        secret = self.settings.webhook_secret
        parameters = {
            "url": self.settings.webhook,
            "allowed_updates": ALLOWED,
            "drop_pending_updates": False,
            "secret_token": secret.get_secret_value() if secret else None,
        }
        await api.call("setWebhook", parameters)


def _import_handler(importer: Importer) -> Callable[[dict[str, Any]], Awaitable[Reply]]:
    async def handle(request: dict[str, Any]) -> Reply:
        return await importer.bring_in(Path(str(request.get("file", ""))), publish=bool(request.get("publish")))

    return handle


async def _within(idle: Awaitable[None], seconds: float) -> None:
    try:
        await asyncio.wait_for(idle, seconds)
    except TimeoutError:
        log.warning("messages still to be sent stay in the outbox")


async def run(settings: Settings) -> int:
    """The program, until SIGTERM or SIGINT. Raises AlreadyRunning, ValueError (master key), OSError (address taken)."""
    app = App(settings)
    # What is loaded by now stays for good, and the collector need not look at it again; a turn leaves little behind.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    # Loop and database thread share one lock. Handed over every 5 ms (the default), a busy bot spends a quarter of its
    # time on handing over; whoever waits for the disk or the network gives it up anyway.
    sys.setswitchinterval(0.05)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, app.stopping.set)
    return await app.run()


async def import_alone(settings: Settings, file: Path, *, publish: bool) -> Reply:
    """The import when no bot runs on the data folder. Raises AlreadyRunning, ValueError."""
    with DataLock(settings.data):
        async with Nursery() as nursery, open_rooms(settings, nursery) as rooms, PictureChecker() as checker:
            windows = Windows(TEMPLATES, support=settings.support)
            importer = Importer(*rooms.for_plans, windows, checker, SystemClock())
            return await importer.bring_in(file, publish=publish)
