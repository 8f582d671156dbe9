"""What each kind of job does, and what it reports to the flows."""

from __future__ import annotations

import asyncio
import logging

from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError

from bot.jobs import identity as identity_service
from bot.jobs import sms as sms_service
from bot.jobs.identity import Identity
from bot.jobs.pictures import PictureChecker, Refused
from bot.jobs.record_document import RecordWriter
from bot.jobs.runner import Again, Done, Handler
from bot.jobs.sms import Sms
from bot.jobs.worker import Worker, WorkerLost, WorkerTimeout
from bot.telegram.client import Api, FileTooBig
from flows.engine.form import MOST_BYTES
from flows.model import HOUR
from storage.database import Database
from storage.files import FileStore
from storage.outbox import Parcel

log = logging.getLogger(__name__)

SMS_TEMPLATE = "verification_code"
DOCUMENT_LIFE = 24 * HOUR


def sms_handler(sms: Sms) -> Handler:
    """``sent``, ``unknown`` (a timeout: never sent again by itself), ``refused``, ``unavailable`` (tried again)."""

    async def carry(parcel: Parcel) -> Done | Again:
        if parcel.begun_at is not None:  # begun by a run that then died: it may have gone out
            return Done({"status": "unknown"})
        body = parcel.body
        match await sms.send_sms(body["phone"], body["code"], SMS_TEMPLATE):
            case sms_service.Sent():
                return Done({"status": "sent"})
            case sms_service.Unknown():
                return Done({"status": "unknown"})
            case sms_service.Unavailable():
                return Again({"status": "unavailable"})
            case sms_service.RefusedByGateway():
                return Done({"status": "refused"})

    return Handler(carry, about={"challenge": "challenge"}, late={"status": "expired"}, at_once=20, once=True)


def identity_handler(identity: Identity) -> Handler:
    async def carry(parcel: Parcel) -> Done | Again:
        body = parcel.body
        match await identity.check_identity(body["name"], body["id_number"], body["document"]):
            case identity_service.Match(matches=matches):
                return Done({"status": "match" if matches else "mismatch"})
            case identity_service.Unavailable():
                return Again({"status": "unavailable"})
            case identity_service.Refused():
                return Done({"status": "given_up"})

    return Handler(carry, about={"check": "check"}, late={"status": "given_up"}, at_once=20)


def picture_handler(api: Api, checker: PictureChecker, files: FileStore) -> Handler:
    """Fetched, checked, re-encoded, encrypted, stored: ``file`` names it, or ``reason`` says why not."""

    async def carry(parcel: Parcel) -> Done | Again:
        body = parcel.body
        if body["size"] > MOST_BYTES:
            return Done({"reason": "too_large"})
        try:
            content = await api.download(body["file_id"], MOST_BYTES)
        except FileTooBig:
            return Done({"reason": "too_large"})
        except (RetryAfter, NetworkError) as error:
            if not isinstance(error, BadRequest):  # PTB counts a refusal among the network's errors
                return Again()
            return Done({"reason": "gone"})
        except TelegramError:
            return Done({"reason": "gone"})
        checked = await checker.check(content)
        if isinstance(checked, Refused):
            return Done({"reason": checked.reason.value})
        name = await asyncio.to_thread(files.put, body["person_id"], checked.jpeg)
        return Done({"file": name})

    return Handler(carry, about={"picture": "picture_id"}, late={"reason": "gone"}, at_once=4)


def reminder_handler() -> Handler:
    """Nothing to do outside: its time has come, and the flow says what there is to say."""

    async def carry(_: Parcel) -> Done | Again:
        return Done({"status": "due"})

    return Handler(carry, about={"plan": "plan", "occasion": "occasion"}, at_once=64)


def record_handler(api: Api, database: Database, writer: RecordWriter, worker: Worker, files: FileStore) -> Handler:
    """The PDF goes out as a parcel of its own: whatever happens to the sending, it is made once."""

    async def carry(parcel: Parcel) -> Done | Again:
        try:
            await api.call("sendChatAction", {"chat_id": parcel.chat_id, "action": "upload_document"})
        except TelegramError as error:
            log.info("chat action not shown", extra={"kind": type(error).__name__})
        owner, number = parcel.body["person_id"], parcel.body["number"]
        written = await database.read(lambda connection: writer.read(connection, parcel.chat_id, owner, number))
        if written is None:
            return Done()
        document, name, caption = written
        try:
            made = await worker.record(document)
        except (WorkerLost, WorkerTimeout) as error:
            log.warning("record not made", extra={"kind": type(error).__name__})
            return Again()
        for character in made.missing:
            log.warning("no font has a character, its code point was printed", extra={"character": character})
        file = await asyncio.to_thread(files.put, owner, made.data)
        body = {"person_id": owner, "file": file, "name": name, "caption": caption}
        return Done(parcels=(("document", body, DOCUMENT_LIFE),))

    return Handler(carry, about={"number": "number"}, late={"status": "given_up"}, at_once=4)
