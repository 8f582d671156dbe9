"""A played Telegram on this machine: a Bot API server for the bot, and phones for people.

It behaves to a bot as the real server does, as far as Anju needs it; what it does not play it refuses with 404. People
act through `Player` (tests) or through the page in the browser; both see the same chats.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web

from bot.nursery import Nursery
from bot.rehearsal.browser import Browser, Sample
from bot.rehearsal.client import Player
from bot.rehearsal.errors import Refusal, bad_request
from bot.rehearsal.faults import Fault, Faults
from bot.rehearsal.methods import METHODS
from bot.rehearsal.state import Json, Person, World
from bot.rehearsal.updates import KINDS
from bot.rehearsal.webhook import Webhook
from bot.rehearsal.wire import Parameters, read_parameters

LARGEST_REQUEST = 64 * 1024 * 1024
_LONGEST_POLL = 50
_SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")
_ENDED_BY_WEBHOOK = "Conflict: terminated by setWebhook request"
_OWN_METHODS = frozenset({"getupdates", "setwebhook", "deletewebhook", "getwebhookinfo"})


class PlayedTelegram:
    """The server. `limits=False` switches off 429 for who writes too fast and the pause for who polls too fast.

    `overall` is the number of messages a second to people who did not just act themselves (None: no such limit).
    `page` is the folder with the browser's phone. `clock` gives seconds since 1970 for every date, expiry and limit.
    """

    def __init__(
        self,
        token: str,
        *,
        bot_name: str = "安居",
        bot_username: str = "anju_bot",
        page: Path | None = None,
        limits: bool = True,
        overall: float | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        number = token.partition(":")[0]
        bot = {
            "id": int(number) if number.isdecimal() else 1,
            "is_bot": True,
            "first_name": bot_name,
            "username": bot_username,
        }
        self.world = World(bot, limits=limits, overall=overall, clock=clock)
        self.faults = Faults(self.world.updates.release_poller)
        self.calls: Counter[str] = Counter()
        self.browser = Browser(self.world, page)
        self.world.listen = self.browser.tell
        self.webhook_pause = 1.0
        """Seconds before the first repetition of a delivery that failed."""
        self._token = token
        self._players: dict[int, Player] = {}
        self._nursery = Nursery()
        self._webhook: tuple[Webhook, asyncio.Task[None]] | None = None
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._url = ""
        self.app = web.Application(client_max_size=LARGEST_REQUEST)
        self.app.add_routes(
            [
                web.route("*", "/bot{token}/{method}", self._call),
                web.get("/file/bot{token}/{path:.+}", self._download),
                *self.browser.routes(),
            ]
        )

    @property
    def url(self) -> str:
        """The root of the server, without a slash at the end; empty before `start`."""
        return self._url

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listens; port 0 takes a free one."""
        runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        site = web.TCPSite(runner, host, port)
        await site.start()
        self._runner = runner
        self._url = f"http://{host}:{runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Ends everything that is open and stops listening."""
        self._stopping.set()
        self.world.updates.release_poller()
        await self._nursery.stop()
        await self.browser.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def is_polled(self, within: float = 10) -> None:
        """Waits until the bot has a getUpdates open that waits; TimeoutError after `within` seconds."""
        async with asyncio.timeout(within):
            await self.world.updates.polled.wait()

    def person(
        self,
        user_id: int,
        first_name: str,
        *,
        phone: str,
        language_code: str = "zh-hans",
        role: str = "",
        last_name: str = "",
        username: str = "",
        started: bool = False,
    ) -> Player:
        """Adds somebody, or returns who has that id. `started`: they wrote long ago, so the bot may write to them."""
        if user_id not in self._players:
            person = Person(user_id, first_name, phone, language_code, role, last_name, username)
            self.world.people[user_id] = person
            self.world.add_chat(person.chat(), started=started)
            self._players[user_id] = Player(self.world, person)
            self.browser.tell(self.browser.hello())
        return self._players[user_id]

    def add_sample(self, name: str, label: str, content: bytes, kind: str, mime: str, file_name: str) -> None:
        """Adds a file that people on the page can send with one click; `kind` is photo or document."""
        self.browser.samples[name] = Sample(name, label, content, kind, mime, file_name)
        self.browser.tell(self.browser.hello())

    def sms(self, phone: str, text: str) -> None:
        """Shows an SMS on the page of whoever has that number."""
        message = {"phone": phone, "text": text, "at": int(self.world.clock())}
        self.browser.messages.append(message)
        self.browser.tell({"type": "sms", "sms": message})

    def inject(self, update: Json) -> int | None:
        """Sends the bot any update; it is given an update_id, which is returned (None: a kind the bot did not ask for).

        A chat in it that is not known (a group, a channel) becomes known, so that the bot can write there.
        """
        kind = next(kind for kind in KINDS if kind in update)
        inner = update[kind]
        about = inner.get("chat") or inner.get("message", {}).get("chat") or {}
        if about and about["id"] not in self.world.chats:
            self.world.add_chat(about, started=True)
        if "chat" in inner and "message_id" in inner and "date" in inner:
            self.world.chats[about["id"]].messages[inner["message_id"]] = {"from": {"is_bot": False}, **inner}
        sender = inner.get("from", {}).get("id", 0)
        lane = ("press", sender) if kind == "callback_query" else ("chat", about.get("id", sender))
        return self.world.updates.add(kind, {kind: inner}, lane)

    async def _call(self, request: web.Request) -> web.StreamResponse:
        if self.faults.down:
            return _cut(request)
        name = request.match_info["method"]
        method = name.lower()
        if request.match_info["token"] != self._token:
            return _refused(Refusal(401, "Unauthorized"))
        if method not in METHODS and method not in _OWN_METHODS:
            return _refused(Refusal(404, "Not Found"))
        self.calls[name] += 1
        fault = self.faults.next_for(method)
        half = self.faults.delay / 2
        if half:
            await asyncio.sleep(half)
        if fault is not None and not fault.carried_out:
            return await self._wrong(request, fault)
        try:
            given = await read_parameters(request)
            body = await self._result(method, given)
        except Refusal as refusal:
            answer = _refused(refusal)
        else:
            answer = web.Response(body=b'{"ok":true,"result":' + body + b"}", content_type="application/json")
        if half:
            await asyncio.sleep(half)
        if fault is not None:
            return await self._wrong(request, fault)
        return _cut(request) if self.faults.down else answer

    async def _result(self, method: str, given: Parameters) -> bytes:
        played = METHODS.get(method)
        if played is not None:
            return orjson.dumps(await played(self.world, given))
        match method:
            case "getupdates":
                return await self._get_updates(given)
            case "setwebhook":
                await self._set_webhook(given)
            case "deletewebhook":
                await self._end_webhook()
                if given.flag("drop_pending_updates"):
                    self.world.updates.clear()
            case _:
                return orjson.dumps(self._webhook_info())
        return b"true"

    async def _get_updates(self, given: Parameters) -> bytes:
        updates = self.world.updates
        updates.allow(given.structure("allowed_updates"))
        limit = min(max(given.integer("limit", 100), 1), 100)
        seconds = 0 if self._stopping.is_set() else min(max(given.integer("timeout"), 0), _LONGEST_POLL)
        return await updates.get(given.integer("offset"), limit, seconds)

    async def _set_webhook(self, given: Parameters) -> None:
        url, secret = given.text("url"), given.text("secret_token")
        if url and not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if not _SECRET.fullmatch(secret):
            raise bad_request("secret token contains unallowed characters")
        updates = self.world.updates
        updates.allow(given.structure("allowed_updates"))
        await self._end_webhook()
        if given.flag("drop_pending_updates"):
            updates.clear()
        if url:
            updates.end_poller(_ENDED_BY_WEBHOOK)
            connections = min(max(given.integer("max_connections", 40), 1), 100)
            webhook = Webhook(url, secret, updates, self.world.clock, connections, self.webhook_pause)
            self._webhook = webhook, self._nursery.start(webhook.run(), "webhook of the played Telegram")
            await webhook.ready.wait()

    async def _end_webhook(self) -> None:
        if self._webhook is not None:
            await self._nursery.end(self._webhook[1])
            self._webhook = None

    def _webhook_info(self) -> Json:
        updates = self.world.updates
        info: Json = {"url": "", "has_custom_certificate": False, "pending_update_count": len(updates)}
        if self._webhook is not None:
            webhook = self._webhook[0]
            info |= {"url": webhook.url, "max_connections": webhook.max_connections, "ip_address": "127.0.0.1"}
            if webhook.last_error is not None:
                info |= dict(zip(("last_error_date", "last_error_message"), webhook.last_error, strict=True))
        if updates.allowed is not None:
            info["allowed_updates"] = updates.allowed
        return info

    async def _download(self, request: web.Request) -> web.StreamResponse:
        if self.faults.down:
            return _cut(request)
        self.calls["(download)"] += 1
        fault = self.faults.next_for("(download)")
        if self.faults.delay:
            await asyncio.sleep(self.faults.delay)
        if fault is not None:
            return await self._wrong(request, fault)
        stored = self.world.files.at(request.match_info["path"])
        if request.match_info["token"] != self._token:
            return _refused(Refusal(401, "Unauthorized"))
        if stored is None:
            return _refused(Refusal(404, "Not Found"))
        return web.Response(body=stored.content, content_type="application/octet-stream")

    async def _wrong(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        match fault.status:
            case "reset":
                return _cut(request)
            case "timeout":
                await self._stopping.wait()
                return _cut(request)
            case 429:
                return _refused(
                    Refusal(429, f"Too Many Requests: retry after {fault.retry_after}", retry_after=fault.retry_after)
                )
            case status:
                return _refused(
                    Refusal(status, "Internal Server Error" if status >= 500 else "Bad Request: played fault")
                )


def _refused(refusal: Refusal) -> web.Response:
    answer: dict[str, Any] = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    if refusal.retry_after is not None:
        answer["parameters"] = {"retry_after": refusal.retry_after}
    return web.Response(status=refusal.code, body=orjson.dumps(answer), content_type="application/json")


def _cut(request: web.Request) -> web.Response:
    """Tears the connection down without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
