"""One event, start to finish, in the database's thread: session, machine, domain rows, outbox, and the letter gone."""

from __future__ import annotations

import logging
import sqlite3
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from bot.clock import Clock
from bot.logs import place_of
from bot.metrics import Metrics
from bot.telegram.translate import translate
from bot.windows import Windows
from flows.effects import (
    PATIENCE,
    Answer,
    CheckIdentity,
    DeleteMessage,
    Effect,
    ExportLog,
    ExportPlan,
    FetchPicture,
    FetchPlanPicture,
    MakeCharts,
    MakePoster,
    MakeRecord,
    ReadWorkbook,
    Say,
    SendMedia,
    SendPictures,
    SendSms,
    SendTemplate,
    SendVenue,
    SetMenu,
    Show,
    TellRegistered,
)
from flows.engine.fire import Book, fire
from flows.engine.session import Session
from flows.engine.turn import Turn
from flows.events import Came, Event
from flows.model import DAY, HOUR, SECOND, Moment
from flows.ports import Chance, Repository
from storage import inbox, outbox, sessions
from storage.database import Database
from storage.inbox import Letter
from storage.outbox import Parcel
from storage.repository import SqlRepository
from storage.store import Shelf
from storage.vault import TamperedError, Vault

log = logging.getLogger(__name__)

ANSWER_LIFE = 15 * SECOND  # Telegram forgets a press after an unpublished while; this is safe
SCREEN_LIFE = DAY
DELETE_LIFE = 47 * HOUR  # Bot API: messages can be deleted for 48 hours

JOB_KINDS: dict[type, str] = {
    SendSms: "sms",
    CheckIdentity: "identity",
    FetchPicture: "picture",
    MakeRecord: "record",
    SetMenu: "menu",
    ReadWorkbook: "workbook",
    FetchPlanPicture: "plan_picture",
    SendTemplate: "template",
    ExportPlan: "package",
    MakePoster: "poster",
    MakeCharts: "charts",
    ExportLog: "log",
    TellRegistered: "notice",
}


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a letter: parcels to carry, now that they are safe."""

    parcels: list[Parcel]
    event: str = ""


class Turns:
    """Plays letters. A letter whose turn fails by a mistake of ours is set aside, and the person is told."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        shelf: Shelf,
        windows: Windows,
        clock: Clock,
        chance: Chance,
        book: Book,
        metrics: Metrics,
    ) -> None:
        self._database = database
        self._vault = vault
        self._shelf = shelf
        self._windows = windows
        self._clock = clock
        self._chance = chance
        self._book = book
        self._metrics = metrics

    async def play(self, letter: Letter) -> list[Parcel]:
        """A database that cannot write just now is no fault of the letter: its chat waits with it."""
        try:
            played = await self._database.insist(lambda connection: self._play(connection, letter))
        except Exception as error:  # noqa: BLE001 - any mistake of ours: the person is told, the chat goes on
            where = place_of(error)
            kind = type(error).__name__
            log.error("turn failed, update set aside", extra={"kind": kind, "where": where})  # noqa: TRY400 - no trace
            self._metrics.set_aside.inc()
            reason = f"{kind} {where}"
            return await self._database.insist(lambda connection: self._set_aside(connection, letter, reason))
        if played.event:
            self._metrics.turns.labels(played.event).inc()
        return played.parcels

    def _play(self, connection: sqlite3.Connection, letter: Letter) -> Played:
        if not inbox.remove(connection, letter):
            return Played([])
        who = self._read(letter)
        if who is None:
            self._metrics.ignored.inc()
            return Played([])
        event, language = who
        session = self._session(connection, letter.chat_id, language)
        repository: Repository = SqlRepository(connection, self._vault, self._shelf)
        words = self._windows.words(session.language)
        turn = Turn(session, event, at=letter.received_at, repository=repository, chance=self._chance, words=words)
        fire(self._book, turn)
        sessions.save(connection, self._vault, session, letter.received_at)
        parcels = [self._owe(connection, session, effect) for effect in turn.effects]
        return Played(parcels, type(event).__name__)

    def _read(self, letter: Letter) -> tuple[Event, str | None] | None:
        body = orjson.loads(letter.body)
        if letter.key.startswith("came:"):
            return Came(body["job"], body["outcome"], body["about"]), None
        envelope = translate(body)
        return (envelope.event, envelope.language) if envelope else None

    def _session(self, connection: sqlite3.Connection, chat_id: int, language: str | None) -> Session:
        session = sessions.load(connection, self._vault, chat_id)
        spoken = ("zh" if language.lower().startswith("zh") else "en") if language else None
        if session is None:
            return Session(chat_id, spoken or "zh")
        if spoken and not session.language_chosen:
            session.language = spoken
        return session

    def _owe(self, connection: sqlite3.Connection, session: Session, effect: Effect) -> Parcel:
        """The row that owes the world this effect."""
        chat_id, language, windows = session.chat_id, session.language, self._windows
        body: dict[str, Any]
        match effect:
            case Answer(query_id=query_id, key=key, values=values):
                body = {"query_id": query_id, "text": windows.toast(key, values, language) if key else ""}
                return self._put(connection, chat_id, "answer", body, ANSWER_LIFE)
            case Show():
                screen = windows.show(effect, language, session.revision)
                body = {
                    "text": screen.text,
                    "keyboard": screen.keyboard,
                    "captcha": screen.captcha,
                    "reply_keyboard": screen.reply_keyboard,
                    "place": effect.place,
                    "pressed": effect.pressed,
                    "progress": effect.progress,
                    "gone": windows.say("keyboard_gone", {}, language),
                }
                return self._put(connection, chat_id, "show", body, SCREEN_LIFE)
            case Say(key=key, values=values, chat_id=other, links=links):
                if other and (reader := sessions.load(connection, self._vault, other)) is not None:
                    language = reader.language
                body = {"text": windows.say(key, values, language), "keyboard": windows.links(links, language)}
                return self._put(connection, other or chat_id, "say", body, SCREEN_LIFE)
            case DeleteMessage(message_id=message_id):
                return self._put(connection, chat_id, "delete", {"message_id": message_id}, DELETE_LIFE)
            case SendMedia():
                return self._put(connection, chat_id, "media", asdict(effect), SCREEN_LIFE)
            case SendVenue():
                return self._put(connection, chat_id, "venue", asdict(effect), SCREEN_LIFE)
            case SendPictures():
                return self._put(connection, chat_id, "pictures", asdict(effect), SCREEN_LIFE)
            case _:
                kind = JOB_KINDS[type(effect)]
                return self._put(connection, chat_id, kind, asdict(effect), PATIENCE[type(effect)])

    def _put(
        self, connection: sqlite3.Connection, chat_id: int, kind: str, body: dict[str, Any], life: Moment
    ) -> Parcel:
        now = self._clock.now()
        return outbox.put(connection, self._vault, chat_id, kind, body, due_at=now, expires_at=now + life)

    def _set_aside(self, connection: sqlite3.Connection, letter: Letter, reason: str) -> list[Parcel]:
        inbox.set_aside(connection, self._vault, letter, reason, self._clock.now())
        if not letter.chat_id > 0:
            return []
        session = self._readable_session(connection, letter.chat_id) or Session(letter.chat_id, "zh")
        parcels = [self._owe(connection, session, Say("turn_failed"))]
        query_id = _query_of(letter)
        if query_id:
            parcels.append(self._owe(connection, session, Answer(query_id)))
        return parcels

    def _readable_session(self, connection: sqlite3.Connection, chat_id: int) -> Session | None:
        """None also for one that cannot be read: that may be the very mistake, and the letter has to go."""
        try:
            return sessions.load(connection, self._vault, chat_id)
        except (TamperedError, LookupError, TypeError, ValueError):
            return None


def _query_of(letter: Letter) -> str:
    """The press that waits for its spinner to stop, read without trusting anything."""
    body = orjson.loads(letter.body)
    query = body.get("callback_query") if isinstance(body, dict) else None
    return str(query.get("id", "")) if isinstance(query, dict) else ""
