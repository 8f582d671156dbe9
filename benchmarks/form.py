"""Answering a form question over loopback: this bot, durable, against a plain ConversationHandler that keeps nothing.

Both run as processes of their own beside the same played Bot API; each gets the same people with the same answers.
Printed: answers a second, CPU time an answer and memory of the bot's process, and the ratios between the two.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.fake_telegram import TOKEN, Crowd, FakeTelegram
from bot.app import open_rooms
from bot.clock import now
from bot.nursery import Nursery
from bot.rehearsal.sample_workbook import sample_plan
from bot.settings import load
from flows.applicant.application import APPLICATION
from flows.applicant.home import HOME
from flows.applicant.plans import PLANS
from flows.engine.session import Frame, Session
from flows.model import DAY
from storage import sessions
from storage.repository import SqlRepository

ROOT = Path(__file__).parent.parent
ANSWERS = ["北京安居科技有限公司", "海淀区", "2024年1月1日", "2027年12月31日", "60", "8.5万"]
PLAN = "HD2603"
FIRST_PERSON = 1_000


@dataclass(frozen=True, slots=True)
class Result:
    name: str
    per_second: float
    cpu: float  # milliseconds an answer
    memory: float  # MB
    median: float  # milliseconds from question to reply
    slowest: float  # the 99th percentile
    calls: int


async def measure(name: str, command: list[str], environ: dict[str, str], telegram: FakeTelegram) -> Result:
    """Starts the bot, lets the crowd talk, stops it."""
    process = await asyncio.create_subprocess_exec(*command, env={**os.environ, **environ}, cwd=ROOT)
    try:
        await asyncio.wait_for(telegram.polled.wait(), 60)
        watched = psutil.Process(process.pid)
        before = sum(watched.cpu_times()[:2])
        began = time.perf_counter()
        telegram.crowd.begin()
        await asyncio.wait_for(telegram.crowd.done.wait(), 300)
        took = time.perf_counter() - began
        cpu = sum(watched.cpu_times()[:2]) - before
        memory = watched.memory_info().rss / 1e6
    finally:
        process.terminate()
        await process.wait()
    crowd = telegram.crowd
    ordered = sorted(crowd.latencies)
    return Result(
        name,
        crowd.total / took,
        cpu * 1000 / crowd.total,
        memory,
        statistics.median(ordered) * 1000,
        ordered[int(len(ordered) * 0.99)] * 1000,
        crowd.calls,
    )


async def prepare(data: Path, url: str, people: int) -> dict[str, str]:
    """People with proven names who stand before the first question of 「工作与收入」."""
    environ = {
        "ANJU_TOKEN": TOKEN,
        "ANJU_TELEGRAM": url,
        "ANJU_DATA": str(data),
        "ANJU_SMS": "log",
        "ANJU_IDENTITY": "log",
        "ANJU_LISTEN": "127.0.0.1:0",
        "ANJU_LOG": "WARNING",
    }
    async with Nursery() as nursery, open_rooms(load(environ), nursery) as rooms:
        at = now()
        plan = sample_plan(PLAN, "海淀区2026年第三批保租房", at - DAY, at + DAY)

        def furnish(connection: sqlite3.Connection) -> None:
            repository = SqlRepository(connection, rooms.vault, rooms.shelf)
            repository.add_plan(plan, at)
            for chat in range(FIRST_PERSON, FIRST_PERSON + people):
                person = repository.add_person(chat, f"+86138{chat:08}", at)
                repository.verify_person(person.id, "王芳", f"11010119900307{chat:04}", "resident_id", at)
                frames = [
                    Frame(HOME.name, "menu", HOME.version),
                    Frame(PLANS.name, "plan", PLANS.version, {"plan": PLAN}),
                    Frame(APPLICATION.name, "ask_employer", APPLICATION.version, {"plan": PLAN}),
                ]
                session = Session(chat, "zh", frames=frames)
                sessions.save(repository.connection, rooms.vault, session, at)

        await rooms.database.write(furnish)
    return environ


async def run(people: int, at_once: int) -> tuple[Result, Result]:
    with tempfile.TemporaryDirectory() as folder:
        telegram = FakeTelegram(Crowd(people, ANSWERS, at_once))
        await telegram.start()
        environ = await prepare(Path(folder), telegram.url, people)
        ours = await measure("anju", [sys.executable, "main.py"], environ, telegram)
        await telegram.stop()
    telegram = FakeTelegram(Crowd(people, ANSWERS, at_once))
    await telegram.start()
    command = [sys.executable, "-m", "benchmarks.conversation_handler", TOKEN, telegram.url]
    plain = await measure("ConversationHandler", command, {}, telegram)
    await telegram.stop()
    return ours, plain


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--at-once", type=int, default=50)
    given = parser.parse_args()
    ours, plain = asyncio.run(run(given.people, given.at_once))
    print(f"{given.people} people × {len(ANSWERS)} answers, {given.at_once} at once")
    print(f"{'':22}{'answers/s':>10}{'CPU ms':>9}{'MB':>7}{'median ms':>11}{'p99 ms':>9}{'calls':>8}")
    for result in (ours, plain):
        print(
            f"{result.name:22}{result.per_second:10.0f}{result.cpu:9.2f}{result.memory:7.0f}"
            f"{result.median:11.1f}{result.slowest:9.1f}{result.calls:8}"
        )
    print(f"answers a second: {ours.per_second / plain.per_second:.2f} × (goal: at least 2.0)")
    print(f"CPU time an answer: {ours.cpu / plain.cpu:.2f} × (goal: at most 0.5)")
    print(f"memory: {ours.memory:.0f} MB (goal: below 120)")


if __name__ == "__main__":
    main()
