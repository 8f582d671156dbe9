"""Carries screens, toasts and messages to Telegram: in order within a chat, chats independent of each other.

What one turn wants at once (answer the press, edit the screen, delete a message) goes out together. A call that failed
for a passing reason is tried again; a screen that a newer one has overtaken is not sent at all.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
import sqlite3
from collections import OrderedDict, deque
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any

import orjson
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from bot.clock import Clock
from bot.jobs.captcha import captcha_png
from bot.logs import place_of
from bot.media import MediaSender
from bot.metrics import Metrics
from bot.nursery import Nursery
from bot.telegram.client import Api
from bot.telegram.pacing import seconds_of
from storage import outbox, sessions
from storage.database import Database
from storage.files import FileStore
from storage.outbox import Parcel
from storage.sessions import Standing

log = logging.getLogger(__name__)

KINDS = frozenset({"answer", "show", "say", "delete", "pictures", "document", "media", "venue"})
REMEMBERED = 50_000  # chats whose standing screen is kept in memory
PAUSES = (1, 2, 5, 10, 30, 60)  # seconds between tries; the last one repeats until the parcel expires
MISTAKES = 3  # tries of a parcel that fails by a mistake of ours
ALBUM = 10  # Bot API: pictures of one album


@dataclass(slots=True)
class _Round:
    """What one go at a chat's parcels achieved."""

    done: list[Parcel] = field(default_factory=list)
    again: list[Parcel] = field(default_factory=list)
    pause: float = 0.0
    gone: bool = False


class Delivery:
    def __init__(
        self,
        api: Api,
        database: Database,
        files: FileStore,
        media: MediaSender,
        clock: Clock,
        nursery: Nursery,
        metrics: Metrics,
    ) -> None:
        self._api = api
        self._media = media
        self._database = database
        self._files = files
        self._clock = clock
        self._nursery = nursery
        self._metrics = metrics
        self._lanes: dict[int, deque[Parcel]] = {}
        self._standing: OrderedDict[int, Standing | None] = OrderedDict()
        # A digest without a key could be tried against every ID number that the screen may have shown. The key is gone
        # with the process: the first screen after a start is edited even if it is the same, which Telegram forgives.
        self._digest_key = secrets.token_bytes(32)
        self._idle = asyncio.Event()
        self._idle.set()

    def put(self, parcel: Parcel) -> None:
        lane = self._lanes.get(parcel.chat_id)
        if lane is not None:
            lane.append(parcel)
            return
        self._lanes[parcel.chat_id] = deque([parcel])
        self._idle.clear()
        self._nursery.start(self._run(parcel.chat_id), "delivery")

    async def idle(self) -> None:
        """Returns when nothing is owed to any chat right now."""
        await self._idle.wait()

    async def _run(self, chat_id: int) -> None:
        lane = self._lanes[chat_id]
        failures = 0
        try:
            while lane:
                parcels = list(lane)
                lane.clear()
                outcome = await self._deliver(parcels)
                await self._note(chat_id, outcome)
                if outcome.again:
                    lane.extendleft(reversed(outcome.again))
                    await asyncio.sleep(outcome.pause or PAUSES[min(failures, len(PAUSES) - 1)])
                    failures += 1
                else:
                    failures = 0
        finally:
            del self._lanes[chat_id]
            if not self._lanes:
                self._idle.set()

    async def _note(self, chat_id: int, outcome: _Round) -> None:
        """What is done leaves the outbox; the screen that stands now is remembered with it."""
        standing = self._standing.get(chat_id)

        def note(connection: sqlite3.Connection) -> None:
            outbox.remove(connection, [parcel.id for parcel in outcome.done])
            if standing is not None:
                sessions.stands(connection, chat_id, standing)
            if outcome.gone:
                connection.execute(
                    "INSERT INTO unreachable (telegram_id, since) VALUES (?, ?) ON CONFLICT DO NOTHING",
                    (chat_id, self._clock.now()),
                )

        await self._database.insist(note)
        for parcel in outcome.done:
            if parcel.kind == "document":  # made for this parcel alone, which may also have come too late, or in vain
                await asyncio.to_thread(self._files.remove, parcel.body["file"])

    async def _deliver(self, parcels: list[Parcel]) -> _Round:
        outcome = _Round()
        now = self._clock.now()
        ordered: list[Parcel] = []
        beside: list[Awaitable[None]] = []
        for parcel in parcels:
            if now >= parcel.expires_at:
                self._count(parcel.kind, "expired")
                outcome.done.append(parcel)
            elif parcel.kind == "answer":
                beside.append(self._try(self._answer(parcel), parcel, outcome))
            elif parcel.kind == "delete":
                beside.append(self._try(self._delete(parcel), parcel, outcome))
            else:
                ordered.append(parcel)
        ordered = self._without_overtaken(ordered, outcome)
        if beside and ordered:
            await asyncio.gather(self._in_order(ordered, outcome), *beside)
        elif ordered:
            await self._in_order(ordered, outcome)
        elif beside:
            await asyncio.gather(*beside)
        return outcome

    def _without_overtaken(self, parcels: list[Parcel], outcome: _Round) -> list[Parcel]:
        """Only the newest screen is worth showing; whether it must come anew is what any of them says."""
        shows = [parcel for parcel in parcels if parcel.kind == "show"]
        if len(shows) < 2:
            return parcels
        last = shows[-1]
        if any(show.body["place"] == "send" for show in shows):
            last.body["place"] = "send"
        outcome.done += shows[:-1]
        return [parcel for parcel in parcels if parcel.kind != "show" or parcel is last]

    async def _in_order(self, parcels: list[Parcel], outcome: _Round) -> None:
        for index, parcel in enumerate(parcels):
            await self._try(self._carry(parcel), parcel, outcome)
            if parcel in outcome.again:
                outcome.again += parcels[index + 1 :]
                return

    async def _try(self, call: Awaitable[None], parcel: Parcel, outcome: _Round) -> None:
        """Done, again later, or never: by what Telegram says."""
        try:
            await call
        except RetryAfter as error:
            self._count(parcel.kind, "retry_after")
            if parcel.kind == "answer":  # the halt is everybody's answers': no chat's screens are to wait for its end
                outcome.done.append(parcel)
            else:
                outcome.again.append(parcel)
                outcome.pause = max(outcome.pause, seconds_of(error))
        except Forbidden:
            outcome.done.append(parcel)
            outcome.gone = True
            self._count(parcel.kind, "forbidden")
        except BadRequest as error:
            outcome.done.append(parcel)
            if "chat not found" in error.message.lower():
                outcome.gone = True
            elif parcel.kind not in {"answer", "delete"}:  # too old, or gone: nothing that anybody could mend
                log.error("Telegram refuses a message", extra={"kind": parcel.kind})  # noqa: TRY400 - may quote it
            self._count(parcel.kind, "refused")
        except NetworkError:
            outcome.again.append(parcel)
            self._count(parcel.kind, "unreached")
        except TelegramError as error:
            outcome.again.append(parcel)
            log.warning("Telegram answers oddly", extra={"kind": type(error).__name__})
            self._count(parcel.kind, "odd")
        except Exception as error:  # noqa: BLE001 - one parcel must not hold up all that its chat is owed after it
            parcel.attempts += 1
            (outcome.again if parcel.attempts < MISTAKES else outcome.done).append(parcel)
            log.error(  # noqa: TRY400 - a trace may hold what people typed
                "delivery failed", extra={"parcel": parcel.kind, "kind": type(error).__name__, "where": place_of(error)}
            )
            self._count(parcel.kind, "broken")
        else:
            outcome.done.append(parcel)
            self._count(parcel.kind, "ok")

    def _count(self, kind: str, how: str) -> None:
        self._metrics.calls.labels(kind, how).inc()

    # -- single calls --------------------------------------------------------------------------------------------------

    async def _answer(self, parcel: Parcel) -> None:
        text = parcel.body["text"]
        parameters = {"callback_query_id": parcel.body["query_id"]} | ({"text": text} if text else {})
        await self._api.call("answerCallbackQuery", parameters)

    async def _delete(self, parcel: Parcel) -> None:
        await self._api.call("deleteMessage", {"chat_id": parcel.chat_id, "message_id": parcel.body["message_id"]})

    async def _carry(self, parcel: Parcel) -> None:
        match parcel.kind:
            case "show":
                await self._show(parcel.chat_id, parcel.body)
            case "say":
                markup = _keyboard(parcel.body) if parcel.body["keyboard"] else None
                await self._send_text(parcel.chat_id, parcel.body["text"], markup)
            case "media" if parcel.body["as_document"]:
                await self._media.send_document(parcel.chat_id, parcel.body["files"][0], parcel.body["name"])
            case "media":
                await self._media.send_album(parcel.chat_id, parcel.body["files"])
            case "venue":
                await self._api.call("sendVenue", {"chat_id": parcel.chat_id, **parcel.body})
            case "pictures":
                await self._send_pictures(parcel.chat_id, parcel.body)
            case "document":
                await self._send_document(parcel)

    async def _send_text(self, chat_id: int, text: str, markup: dict[str, Any] | None = None) -> int:
        parameters = _text(chat_id, text) | ({"reply_markup": markup} if markup else {})
        message = await self._api.call("sendMessage", parameters)
        return int(message["message_id"])

    async def _send_pictures(self, chat_id: int, body: dict[str, Any]) -> None:
        names = body["files"][:ALBUM]
        read = self._files.get
        pictures = [await asyncio.to_thread(read, body["person_id"], name) for name in names]
        files = {f"p{i}": (f"{i}.jpg", content, "image/jpeg") for i, content in enumerate(pictures)}
        if len(files) == 1:
            await self._api.call("sendPhoto", {"chat_id": chat_id}, {"photo": files["p0"]})
            return
        media = [{"type": "photo", "media": f"attach://{name}"} for name in files]
        await self._api.call("sendMediaGroup", {"chat_id": chat_id, "media": media}, files)

    async def _send_document(self, parcel: Parcel) -> None:
        body = parcel.body
        content = await asyncio.to_thread(self._files.get, body["person_id"], body["file"])
        parameters = {"chat_id": parcel.chat_id, "caption": body["caption"], "parse_mode": "HTML"}
        await self._api.call("sendDocument", parameters, {"document": (body["name"], content, "application/pdf")})

    # -- the screen ----------------------------------------------------------------------------------------------------

    async def _stands(self, chat_id: int) -> Standing | None:
        if chat_id not in self._standing:
            self._standing[chat_id] = await self._database.read(lambda c: sessions.standing(c, chat_id))
            if len(self._standing) > REMEMBERED:
                self._forget_one()
        self._standing.move_to_end(chat_id)
        return self._standing[chat_id]

    def _forget_one(self) -> None:
        """The chat longest silent that nothing is being carried to: what stands there is in the database."""
        quiet = next((chat for chat in self._standing if chat not in self._lanes), None)
        if quiet is not None:
            del self._standing[quiet]

    async def _show(self, chat_id: int, body: dict[str, Any]) -> None:
        """One screen, one message: edited where it stands, or sent anew and the old one retired after that."""
        old = await self._stands(chat_id)
        form = _form(body)
        seen = orjson.dumps([body["text"], body["keyboard"], body["captcha"]])
        digest = hashlib.blake2b(seen, digest_size=16, key=self._digest_key).digest()
        if body["place"] == "again" and old is not None and body["pressed"] == old.message_id:
            return  # it stands there, with what it said above: a doubled tap must not wipe that away
        in_place = body["place"] == "edit"
        if in_place and old is not None and {old.form, form} <= {"text", "progress"}:
            if old.digest == digest:
                return
            if await self._edit(chat_id, old.message_id, body):
                self._standing[chat_id] = Standing(old.message_id, form, digest)
                return
        carrier = 0
        if old is not None and old.form == "contact" and form != "contact":
            # Only a message can take the reply keyboard away. It has nothing to say and goes as soon as it has done so.
            carrier = await self._send_text(chat_id, body["gone"], {"remove_keyboard": True})
        message_id = await self._send_screen(chat_id, body)
        self._standing[chat_id] = Standing(message_id, form, digest)
        if carrier:
            await self._retire(chat_id, carrier, delete=True)
        if old is not None and old.form != "contact":
            replaced = in_place or old.form == "captcha" or (old.form == "progress" and form == "progress")
            await self._retire(chat_id, old.message_id, delete=replaced)

    async def _edit(self, chat_id: int, message_id: int, body: dict[str, Any]) -> bool:
        """False when Telegram will not edit that message (gone, too old): then it is sent anew."""
        parameters = _text(chat_id, body["text"]) | {"message_id": message_id, "reply_markup": _keyboard(body)}
        try:
            await self._api.call("editMessageText", parameters)
        except BadRequest as error:
            return "not modified" in error.message.lower()
        return True

    async def _send_screen(self, chat_id: int, body: dict[str, Any]) -> int:
        if not body["captcha"]:
            return await self._send_text(chat_id, body["text"], body["reply_keyboard"] or _keyboard(body))
        picture = await asyncio.to_thread(captcha_png, body["captcha"])
        parameters = {"chat_id": chat_id, "caption": body["text"], "parse_mode": "HTML"}
        parameters |= {"reply_markup": _keyboard(body)}
        message = await self._api.call("sendPhoto", parameters, {"photo": ("code.png", picture, "image/png")})
        return int(message["message_id"])

    async def _retire(self, chat_id: int, message_id: int, *, delete: bool) -> None:
        """The old screen loses its buttons, or goes. If that fails its buttons are stale all the same."""
        method = "deleteMessage" if delete else "editMessageReplyMarkup"
        try:
            await self._api.call(method, {"chat_id": chat_id, "message_id": message_id})
        except TelegramError as error:
            self._count("retire", type(error).__name__)


def _form(body: dict[str, Any]) -> str:
    if body["captcha"]:
        return "captcha"
    if body["reply_keyboard"]:
        return "contact"
    return "progress" if body["progress"] else "text"


def _keyboard(body: dict[str, Any]) -> dict[str, Any]:
    return {"inline_keyboard": body["keyboard"]}


def _text(chat_id: int, text: str) -> dict[str, Any]:
    return {"chat_id": chat_id, "text": text, "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}
