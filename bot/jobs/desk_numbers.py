"""A plan's numbers as pictures, and the log as a table, for clerks."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime
from functools import partial

import orjson
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.clock import Clock
from bot.jobs.charts import Funnel, Heading, TimeSeries, funnel_chart, registrations_chart
from bot.jobs.desk_files import XLSX, language_of, send_document, show_work
from bot.jobs.log_file import log_csv, log_xlsx
from bot.jobs.runner import Again, Done, Handler
from bot.jobs.worker import Worker, WorkerLost, WorkerTimeout
from bot.telegram.client import Api
from bot.windows import Windows
from bot.wording import BEIJING
from flows.model import DAY, Plan
from flows.staff.figures import Figures
from flows.staff.model import Entry
from storage.database import Database
from storage.outbox import Parcel
from storage.repository import SqlRepository
from storage.vault import Vault

LOG_WINDOW, FIGURES_WINDOW = "staff/audit/list", "staff/statistics/plan"
PAGE = 1_000  # lines read at once
MOST_LINES = 50_000  # the newest

Make = Callable[[sqlite3.Connection], SqlRepository]


def charts_handler(
    api: Api, database: Database, repository: Make, vault: Vault, worker: Worker, windows: Windows, clock: Clock
) -> Handler:
    """An album of pictures, drawn from what is counted when it is made."""

    async def carry(parcel: Parcel) -> Done | Again:
        await show_work(api, parcel.chat_id, "upload_photo")
        code, now = parcel.body["plan"], clock.now()

        def read(connection: sqlite3.Connection) -> tuple[Plan, Figures] | None:
            plan = repository(connection).stored_plan(code)
            return (plan, repository(connection).figures(plan, now)) if plan else None

        found = await database.read(read)
        if found is None:
            return Done({"status": "given_up"})
        language = await language_of(database, vault, parcel.chat_id)
        series, funnel = charts_of(*found, windows, language)
        try:
            pictures = [await worker.run(registrations_chart, series), await worker.run(funnel_chart, funnel)]
        except (WorkerLost, WorkerTimeout):
            return Again()
        names = [f"c{place}" for place in range(len(pictures))]
        files = {name: (f"{name}.png", picture, "image/png") for name, picture in zip(names, pictures, strict=True)}
        media = [{"type": "photo", "media": f"attach://{name}"} for name in names]
        try:
            await api.call("sendMediaGroup", {"chat_id": parcel.chat_id, "media": media}, files)
        except (BadRequest, Forbidden):
            return Done({"status": "given_up"})
        except TelegramError:
            return Again()
        return Done()

    return Handler(carry, late={"status": "given_up"}, at_once=1)


def charts_of(plan: Plan, figures: Figures, windows: Windows, language: str) -> tuple[TimeSeries, Funnel]:
    """What stands on the pictures."""
    periods = figures.periods
    values = {"plan": plan, "figures": figures, "by_day": periods.step >= DAY}

    def text(block: str) -> str:
        return windows.text(FIGURES_WINDOW, f"chart_{block}", values, language)

    def heading(title: str) -> Heading:
        return Heading(title=text(title), subtitle=plan.name, note=text("note"), empty=text("empty"))

    series = TimeSeries(
        heading=heading("over_time"),
        total_label=text("total_label"),
        period_label=text("period_label"),
        starts_at=periods.starts_at,
        until=_inside(figures),
        step=periods.step,
        counts=figures.counts,
    )
    steps = ("opened", "phone", "name", "form", "registered")
    funnel = Funnel(
        heading=heading("funnel"),
        steps=tuple((text(f"step_{step}"), int(getattr(figures, step))) for step in steps),
        share=text("share"),
        overall=text("overall"),
    )
    return series, funnel


def _inside(figures: Figures) -> int:
    """A moment in the last period: one that has only just begun still has its first."""
    last = figures.periods.starts_at + figures.periods.step * (figures.periods.count - 1)
    return max(figures.until, last + 1)


def log_handler(
    api: Api, database: Database, repository: Make, vault: Vault, worker: Worker, windows: Windows
) -> Handler:
    async def carry(parcel: Parcel) -> Done | Again:
        await show_work(api, parcel.chat_id)
        about, form = parcel.body["about"], parcel.body["form"]
        language = await language_of(database, vault, parcel.chat_id)

        def read(connection: sqlite3.Connection, offset: int) -> list[list[str]]:
            found = repository(connection)
            return [_row(entry, found.staff_name(entry.who)) for entry in found.log_page(about, offset, PAGE)]

        rows = [[windows.text(LOG_WINDOW, f"column_{name}", {}, language) for name in COLUMNS]]
        for offset in range(0, MOST_LINES, PAGE):
            page = await database.read(partial(read, offset=offset))
            rows += page
            if len(page) < PAGE:
                break
        try:
            content = await worker.run(log_csv if form == "csv" else log_xlsx, rows)
        except (WorkerLost, WorkerTimeout):
            return Again()
        name = windows.text(LOG_WINDOW, "file_name", {"code": about.partition(":")[2]}, language) + f".{form}"
        mime = "text/csv" if form == "csv" else XLSX
        return Done() if await send_document(api, parcel.chat_id, name, content, mime) else Again()

    return Handler(carry, late={"status": "given_up"}, at_once=1)


COLUMNS = ("number", "time", "who", "name", "act", "about", "before", "after")


def _row(entry: Entry, name: str) -> list[str]:
    """Acts and things by the names that are stored: those never change, words do."""
    time = f"{datetime.fromtimestamp(entry.at / 1000, BEIJING):%Y-%m-%d %H:%M:%S}"
    before, after = (orjson.dumps(dict(part)).decode() if part else "" for part in (entry.before, entry.after))
    return [str(entry.id), time, str(entry.who), name, entry.act, entry.about, before, after]
