"""What the desk has done outside: menus, news to those who registered, times that were set; and, beside it, files."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from telegram.error import BadRequest, Forbidden, TelegramError

from bot.clock import Clock
from bot.jobs.desk_files import (
    package_handler,
    plan_picture_handler,
    poster_handler,
    template_handler,
    workbook_handler,
)
from bot.jobs.desk_numbers import charts_handler, log_handler
from bot.jobs.pictures import PictureChecker
from bot.jobs.runner import Again, Done, Handler
from bot.jobs.worker import Worker
from bot.profile import set_menu
from bot.telegram.client import Api
from bot.windows import Windows
from flows.model import DAY, SECOND, Moment
from flows.staff.telling import message
from storage import outbox, sessions
from storage.database import Database
from storage.media import MediaStore
from storage.outbox import Parcel
from storage.repository import SqlRepository
from storage.store import Shelf
from storage.vault import Vault

PAGE = 100  # people a transaction
APART = SECOND // 20  # between two of them: half of what Telegram allows, so that conversations have the other half
NEWS_LIFE = 3 * DAY


@dataclass(frozen=True, slots=True)
class Tools:
    """What the jobs of the desk are done with. ``wake`` has the post look for what is due."""

    api: Api
    database: Database
    vault: Vault
    shelf: Shelf
    media: MediaStore
    windows: Windows
    clock: Clock
    checker: PictureChecker
    worker: Worker
    wake: Callable[[], None]


def desk_handlers(tools: Tools) -> dict[str, Handler]:
    """By kind of job."""
    api, database, windows, worker = tools.api, tools.database, tools.windows, tools.worker

    def repository(connection: sqlite3.Connection) -> SqlRepository:
        return SqlRepository(connection, tools.vault, tools.shelf)

    return {
        "menu": menu_handler(api, windows),
        "publish": publish_handler(),
        "notice": notice_handler(tools),
        "workbook": workbook_handler(api, worker, tools.checker, tools.media, windows),
        "plan_picture": plan_picture_handler(api, tools.checker, tools.media),
        "template": template_handler(api, database, tools.vault, worker, windows),
        "package": package_handler(api, database, repository, tools.media, worker, windows),
        "poster": poster_handler(api, database, repository, tools.vault, worker, windows, tools.clock),
        "charts": charts_handler(api, database, repository, tools.vault, worker, windows, tools.clock),
        "log": log_handler(api, database, repository, tools.vault, worker, windows),
    }


def menu_handler(api: Api, windows: Windows) -> Handler:
    """A chat that the bot may not write to has no menu to change."""

    async def carry(parcel: Parcel) -> Done | Again:
        try:
            await set_menu(api, windows, parcel.body["telegram_id"], staff=parcel.body["staff"])
        except (BadRequest, Forbidden):
            return Done()
        except TelegramError:
            return Again()
        return Done()

    return Handler(carry, at_once=4)


def publish_handler() -> Handler:
    """Nothing to do outside: the time has come that was set for a draft."""

    async def carry(_: Parcel) -> Done | Again:
        return Done({"status": "due"})

    return Handler(carry, about={"draft": "draft"}, late={"status": "late"})


def notice_handler(tools: Tools) -> Handler:
    """A page of people at a time: their messages and how far we are, in one transaction. Goes on where it was."""

    def tell(connection: sqlite3.Connection, number: int, next_at: Moment) -> tuple[int, dict[str, str]]:
        """How many were told, and what there is to report."""
        repository = SqlRepository(connection, tools.vault, tools.shelf)
        notice = repository.notice(number)
        plan = repository.stored_plan(notice.plan_code) if notice else None
        if notice is None or plan is None:
            return 0, {}
        say = message(notice, plan)
        chats = repository.next_to_tell(notice, PAGE)
        texts: dict[str, dict[str, object]] = {}
        for place, chat_id in enumerate(chats):
            session = sessions.load(connection, tools.vault, chat_id)
            language = session.language if session else "zh"
            if language not in texts:
                links = tools.windows.links(say.links, language)
                texts[language] = {"text": tools.windows.say(say.key, say.values, language), "keyboard": links}
            due_at = next_at + place * APART
            outbox.put(
                connection,
                tools.vault,
                chat_id,
                "say",
                texts[language],
                due_at=due_at,
                expires_at=due_at + NEWS_LIFE,
                later=True,
            )
        return len(chats), {"plan": plan.code, "told": str(repository.told(number))}

    async def carry(parcel: Parcel) -> Done | Again:
        number = parcel.body["notice"]
        next_at = tools.clock.now()
        while True:
            count, report = await tools.database.insist(partial(tell, number=number, next_at=next_at))
            tools.wake()
            if not count:
                return Done(report or None)
            next_at += count * APART

    return Handler(carry, at_once=1)
