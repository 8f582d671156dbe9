"""Files of the desk: workbooks and pictures that clerks send, and the papers that they are sent.

What is made for a clerk goes out at once and is not kept: made again is cheaper than looked after.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace

import orjson
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from bot.clock import Clock
from bot.jobs.pictures import PictureChecker, Reason, Refused
from bot.jobs.poster import Poster, Step, make_poster, plan_link
from bot.jobs.runner import Again, Done, Handler
from bot.jobs.workbook import Field, Package, PackagePicture, fields_of, read_package, template_workbook, write_package
from bot.jobs.worker import Worker, WorkerLost, WorkerTimeout
from bot.telegram.client import Api, FileTooBig
from bot.windows import Windows
from flows.applicant.application import FORM
from flows.engine.form import MOST_BYTES
from flows.model import Plan, Project, UnitType
from flows.staff.plan_text import plan_to_text
from storage import sessions
from storage.database import Database
from storage.media import MediaStore
from storage.outbox import Parcel
from storage.repository import SqlRepository
from storage.vault import Vault

LARGEST = 20_000_000  # bytes that a bot may fetch (Bot API: getFile)
LARGEST_SENT = 49_000_000  # bytes that a bot may send (Bot API: 50 MB)
READING_SECONDS = 90.0  # for the worst workbook that is let in
MANY = 8  # mistakes that come as a file, too
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WINDOW = "staff/desk_plans/plan"

# In the words of the workbook's own mistakes.
PICTURE_MISTAKES = {
    Reason.EMPTY: "是空文件",
    Reason.TOO_LARGE: "文件太大",
    Reason.NOT_A_PICTURE: "不是照片",
    Reason.OTHER_FORMAT: "格式不支持，请用 JPEG 或 PNG",
    Reason.TOO_SMALL: "太小，看不清",
    Reason.TOO_LONG: "又长又窄",
    Reason.TOO_MANY_PIXELS: "像素太多",
    Reason.BROKEN: "已损坏，打不开",
}

Make = Callable[[sqlite3.Connection], SqlRepository]


# --- what clerks send ------------------------------------------------------------------------------------------------


async def fetch(api: Api, file_id: str, size: int, most: int) -> bytes | str | None:
    """The file; why it cannot be had; None: not now."""
    if size > most:
        return "too_large"
    try:
        return await api.download(file_id, most)
    except FileTooBig:
        return "too_large"
    except (RetryAfter, NetworkError) as error:
        return "gone" if isinstance(error, BadRequest) else None  # PTB counts a refusal among the network's errors
    except TelegramError:
        return "gone"


def workbook_handler(api: Api, worker: Worker, checker: PictureChecker, media: MediaStore, windows: Windows) -> Handler:
    """``plan``, ``mistakes`` (a list), or ``reason`` why it was not read. Pictures are in the store by then."""
    fields = desk_fields(windows)

    async def carry(parcel: Parcel) -> Done | Again:
        content = await fetch(api, parcel.body["file_id"], parcel.body["size"], LARGEST)
        if not isinstance(content, bytes):
            return Again() if content is None else Done({"reason": content})
        try:
            read = await worker.run(read_package, content, fields, time_limit=READING_SECONDS)
        except WorkerTimeout:
            return Done({"reason": "too_large"})
        except WorkerLost:
            return Again()
        if isinstance(read, Package):
            kept = await keep_papers(read, checker, media)
            if isinstance(kept, Plan):
                return Done({"plan": plan_to_text(kept)})
            sentences = kept
        else:
            sentences = [mistake.sentence for mistake in read]
        if len(sentences) > MANY:
            text = "\n".join(f"{number}. {sentence}" for number, sentence in enumerate(sentences, 1))
            await send_document(api, parcel.chat_id, "问题清单.txt", text.encode("utf-8-sig"), "text/plain")
        return Done({"mistakes": orjson.dumps(sentences).decode()})

    return Handler(carry, late={"reason": "late"}, at_once=2)


def desk_fields(windows: Windows) -> dict[str, Field]:
    """What conditions and demands may speak of, as the workbook's language calls it."""
    return fields_of(FORM.questions, windows.wording("zh").questions)


async def keep_papers(package: Package, checker: PictureChecker, media: MediaStore) -> Plan | list[str]:
    """The plan with its pictures, made anew, and its announcement in the store; or what is wrong with them."""
    names: dict[tuple[str, str], list[str]] = {}
    mistakes: list[str] = []
    for picture in package.pictures:
        checked = await checker.check(picture.content)
        if isinstance(checked, Refused):
            where = "/".join(filter(None, ("照片", picture.project, picture.unit_type, picture.name)))
            mistakes.append(f"文件“{where}”：{PICTURE_MISTAKES.get(checked.reason, '不能用')}。")
            continue
        name = await asyncio.to_thread(media.put, checked.jpeg)
        names.setdefault((picture.project, picture.unit_type or ""), []).append(name)
    if mistakes:
        return mistakes
    notice = await asyncio.to_thread(media.put, package.notice_pdf) if package.notice_pdf is not None else None
    projects = tuple(_with_pictures(project, names) for project in package.plan.projects)
    return replace(package.plan, projects=projects, notice_file=notice)


def _with_pictures(project: Project, names: dict[tuple[str, str], list[str]]) -> Project:
    units = tuple(
        replace(unit, pictures=tuple(names.get((project.code, unit.code), ()))) for unit in project.unit_types
    )
    return replace(project, pictures=tuple(names.get((project.code, ""), ())), unit_types=units)


def plan_picture_handler(api: Api, checker: PictureChecker, media: MediaStore) -> Handler:
    """``media`` names it in the store, or ``reason`` says why not."""

    async def carry(parcel: Parcel) -> Done | Again:
        content = await fetch(api, parcel.body["file_id"], parcel.body["size"], MOST_BYTES)
        if not isinstance(content, bytes):
            return Again() if content is None else Done({"reason": content})
        checked = await checker.check(content)
        if isinstance(checked, Refused):
            return Done({"reason": checked.reason.value})
        return Done({"media": await asyncio.to_thread(media.put, checked.jpeg)})

    return Handler(carry, about={"draft": "draft", "project": "project"}, late={"reason": "gone"}, at_once=4)


# --- what clerks are sent --------------------------------------------------------------------------------------------


async def send_document(api: Api, chat_id: int, name: str, content: bytes, mime: str, caption: str = "") -> bool:
    """Whether that is done with; False: not now."""
    parameters = {"chat_id": chat_id, "caption": caption or None, "parse_mode": "HTML"}
    try:
        await api.call("sendDocument", parameters, {"document": (name, content, mime)})
    except (BadRequest, Forbidden):
        return True
    except TelegramError:
        return False
    return True


async def show_work(api: Api, chat_id: int, action: str = "upload_document") -> None:
    """What Telegram shows for the next five seconds; without it the file comes all the same."""
    try:
        await api.call("sendChatAction", {"chat_id": chat_id, "action": action})
    except TelegramError:
        return


async def language_of(database: Database, vault: Vault, chat_id: int) -> str:
    session = await database.read(lambda connection: sessions.load(connection, vault, chat_id))
    return session.language if session else "zh"


def template_handler(api: Api, database: Database, vault: Vault, worker: Worker, windows: Windows) -> Handler:
    fields = desk_fields(windows)

    async def carry(parcel: Parcel) -> Done | Again:
        language = await language_of(database, vault, parcel.chat_id)
        try:
            content = await worker.run(template_workbook, fields)
        except (WorkerLost, WorkerTimeout):
            return Again()
        name = windows.text(WINDOW, "template_name", {}, language)
        return Done() if await send_document(api, parcel.chat_id, name, content, XLSX) else Again()

    return Handler(carry, late={"status": "given_up"}, at_once=2)


def package_handler(
    api: Api, database: Database, repository: Make, media: MediaStore, worker: Worker, windows: Windows
) -> Handler:
    """The workbook alone where the pictures are more than a bot may send."""
    fields = desk_fields(windows)

    def papers_of(plan: Plan) -> tuple[list[PackagePicture], bytes | None]:
        notice = media.get(plan.notice_file) if plan.notice_file else None
        pictures: list[PackagePicture] = []
        for project in plan.projects:
            pictures += _pictures(project.code, project, media)
            for unit in project.unit_types:
                pictures += _pictures(project.code, unit, media)
        return pictures, notice

    async def carry(parcel: Parcel) -> Done | Again:
        await show_work(api, parcel.chat_id)
        code = parcel.body["plan"]
        plan = await database.read(lambda connection: repository(connection).whole_plan(code))
        if plan is None:
            return Done({"status": "given_up"})
        pictures, notice = await asyncio.to_thread(papers_of, plan)
        if sum(len(picture.content) for picture in pictures) + len(notice or b"") > LARGEST_SENT:
            pictures, notice = [], None
        try:
            content = await worker.run(write_package, plan, pictures, notice, fields)
        except (WorkerLost, WorkerTimeout):
            return Again()
        sent = await send_document(api, parcel.chat_id, f"{code}.zip", content, "application/zip")
        return Done() if sent else Again()

    return Handler(carry, late={"status": "given_up"}, at_once=2)


def _pictures(project: str, home: Project | UnitType, media: MediaStore) -> list[PackagePicture]:
    unit = home.code if isinstance(home, UnitType) else None
    return [
        PackagePicture(project, unit, f"{place}.jpg", media.get(name)) for place, name in enumerate(home.pictures, 1)
    ]


def poster_handler(
    api: Api, database: Database, repository: Make, vault: Vault, worker: Worker, windows: Windows, clock: Clock
) -> Handler:
    async def carry(parcel: Parcel) -> Done | Again:
        await show_work(api, parcel.chat_id)
        code = parcel.body["plan"]
        plan = await database.read(lambda connection: repository(connection).stored_plan(code))
        if plan is None:
            return Done({"status": "given_up"})
        language = await language_of(database, vault, parcel.chat_id)
        try:
            content = await worker.run(make_poster, poster_of(plan, windows, language, clock))
        except (WorkerLost, WorkerTimeout):
            return Again()
        name = windows.text(WINDOW, "poster_name", {"plan": plan}, language)
        return Done() if await send_document(api, parcel.chat_id, name, content, "application/pdf") else Again()

    return Handler(carry, late={"status": "given_up"}, at_once=1)


def poster_of(plan: Plan, windows: Windows, language: str, clock: Clock) -> Poster:
    """The words of a plan's poster."""

    def text(block: str) -> str:
        return windows.text(WINDOW, f"poster_{block}", {"plan": plan}, language)

    steps: Sequence[str] = ("scan", "fill", "register")
    return Poster(
        language=language,
        link=plan_link(windows.username, plan.code),
        headline=text("headline"),
        plan=plan.name,
        dates_label=text("dates_label"),
        dates=text("dates"),
        scan=text("scan"),
        link_label=text("link_label"),
        steps=tuple(Step(title=text(f"step_{step}"), text=text(f"step_{step}_text")) for step in steps),
        hotline_label=text("hotline_label"),
        hotline=plan.phone,
        hours=plan.hours,
        issuer=text("issuer"),
        issued_at=clock.now(),
    )
