"""What a screen costs when plans are large: `python -m benchmarks.screens [COUNT]`.

A plan of 30 projects, 200 unit types, 5,000 rents and 300 pictures against one whose lists fill a page and no more, so
that what differs is only what is not on the screen. Real turns on a real database, without Telegram: a press is
translated, the machine fired, the screen written in Chinese, session and outbox stored. What is compared is the CPU
time of the turn, in which nothing waits (turns share a commit); the median of many, both plans by turns.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import orjson

from bot.app import TEMPLATES
from bot.callbacks import decode
from bot.chance import SystemChance
from bot.clock import SystemClock, now
from bot.metrics import Metrics
from bot.turn import Turns
from bot.windows import Windows
from flows.book import BOOK
from flows.engine.lists import PAGE
from flows.model import DAY, HOUR, Plan, Project, Rent, UnitType
from storage import inbox
from storage.database import Database, connect, migrate
from storage.outbox import Parcel
from storage.repository import SqlRepository
from storage.store import Shelf
from storage.vault import MasterKey, Vault

CHAT = 1_000
GOAL = 1.5
KINDS = ("开间", "一居室", "两居室", "三居室")
DISTRICTS = ("海淀区", "朝阳区", "丰台区", "昌平区")
PERSON = {"id": CHAT, "is_bot": False, "first_name": "芳", "language_code": "zh-hans"}
PRIVATE = {"id": CHAT, "type": "private", "first_name": "芳"}

# What is done, one after the other, and what then stands there: a button and its argument (none: the first of that
# name), or something typed.
WAY = (
    ("plans", "/plans"),
    ("plan", "plan"),
    ("announcement", "notice"),
    ("announcement, page 2", "page 2"),
    ("plan again", "back"),
    ("projects", "projects"),
    ("project, with its pictures", "project"),
    ("place on the map", "venue"),
    ("unit types", "unit_types"),
    ("rents", "unit_type"),
    ("rents, page 2", "page 2"),
    ("unit types again", "back"),
    ("project again", "back"),
    ("projects again", "back"),
    ("search", "find"),
    ("choice of district", "criterion district"),
    ("search in a district", "pick"),
    ("choice of rent", "criterion rent"),
    ("search by district and rent", "pick"),
    ("results", "results"),
    ("results of words", "家园 一居"),
    ("a project that was found", "project"),
    ("results again", "back"),
    ("nothing found", "月球"),
)


def plan_of(projects: int, unit_types: int, rents: int, pictures: int, characters: int) -> Plan:
    """Numbers are those of the whole plan. A page of unit types is in one project, of projects in one district."""
    chance = random.Random(projects)
    a_unit = rents // unit_types
    left, made = unit_types, []
    for number in range(projects):
        units = tuple(
            UnitType(
                f"U{index}",
                f"{KINDS[index % len(KINDS)]} {index} 型",
                3_000 + index * 100,
                a_unit,
                "南北通透，明厨明卫。",
                tuple(Rent(f"3-{home}", 4_580, chance.randrange(18, 52) * 10_000) for home in range(101, 101 + a_unit)),
            )
            for index in range(min(PAGE if not number else -(-left // (projects - number)), left))
        )
        left -= len(units)
        seen = tuple(f"{number:032x}{index:032x}" for index in range(pictures // projects))
        address = (
            f"清河路 {number} 号",
            DISTRICTS[(number + 1) % len(DISTRICTS) if number >= PAGE else 0],
            40.03,
            116.34,
        )
        made.append(
            Project(f"P{number}", f"第 {number} 家园", *address, "位于地铁站旁，配套齐全。\n\n" * 20, units, seen)
        )
    notice = "第一条 房源情况。本批次房源均已完成装修。\n\n" * (characters // 24)
    opens, closes = now() - HOUR, now() + 3 * DAY
    name = "海淀区2026年第三批保租房"
    return Plan("BENCH", name, opens, closes, "公告", notice, projects=tuple(made), notice_file="0" * 64)


class Town:
    """One plan, and somebody who looks at it."""

    def __init__(self, folder: Path, plan: Plan, windows: Windows) -> None:
        keys = sqlite3.connect(":memory:", isolation_level=None)
        Vault.prepare(keys)
        self._vault, self._shelf = Vault(MasterKey.random(), keys), Shelf()
        self._connection = connect(folder / f"{len(plan.projects)}.sqlite3")
        migrate(self._connection)
        nobody = cast("Database", None)  # turns are played here, in this thread
        parts = (windows, SystemClock(), SystemChance(), BOOK, Metrics())
        self._turns = Turns(nobody, self._vault, self._shelf, *parts)
        self._updates = 0
        self._screen: list[dict[str, str]] = []
        began = time.perf_counter()
        with self._transaction():
            self._repository().add_plan(plan, now())
        self.imported = time.perf_counter() - began
        began = time.perf_counter()
        self._repository().plans()
        self.read = time.perf_counter() - began

    def _repository(self) -> SqlRepository:
        return SqlRepository(self._connection, self._vault, self._shelf)

    @contextmanager
    def _transaction(self, end: str = "COMMIT") -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        yield
        self._connection.execute(end)

    def _update(self, step: str) -> dict[str, Any]:
        """A tap, if there is such a button; else something typed."""
        name, _, argument = step.partition(" ")
        for drawn in self._screen:
            parts = decode(drawn["callback_data"])
            if parts is not None and parts[1] == name and argument in {"", parts[2]}:
                message = {"message_id": 1, "date": 1, "chat": PRIVATE, "text": "…"}
                query = {"id": "1", "from": PERSON, "chat_instance": "1", "data": drawn["callback_data"]}
                return {"callback_query": {**query, "message": message}}
        message = {"message_id": 2, "date": 1, "chat": PRIVATE, "from": PERSON}
        return {"message": {**message, "text": step}}

    def _play(self, event: dict[str, Any]) -> tuple[float, list[Parcel]]:
        self._updates += 1
        body = orjson.dumps({"update_id": self._updates, **event})
        letter = inbox.put(self._connection, self._vault, f"update:{self._updates}", CHAT, now(), body)
        began = time.thread_time()
        played = self._turns._play(self._connection, letter)
        return time.thread_time() - began, played.parcels

    def tries(self, step: str) -> float:
        """Seconds of the turn, which is taken back."""
        with self._transaction("ROLLBACK"):
            return self._play(self._update(step))[0]

    def takes(self, step: str) -> None:
        with self._transaction():
            _, parcels = self._play(self._update(step))
        shows = [parcel.body for parcel in parcels if parcel.kind == "show"]
        text = shows[0]["text"]
        assert not text.startswith(("⚠️", "现在")), f"{step}: {text}"
        self._screen = [drawn for row in shows[0]["keyboard"] for drawn in row]


def measure(towns: tuple[Town, Town], step: str, count: int) -> list[float]:
    """Median milliseconds of each town; both go on afterwards."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(count + 10):
        for town, taken in zip(towns, times, strict=True):
            seconds = town.tries(step)
            if number >= 10:  # the first ones warm up
                taken.append(seconds)
    for town in towns:
        town.takes(step)
    return [statistics.median(taken) * 1_000 for taken in times]


def main(count: int) -> None:
    windows = Windows(TEMPLATES)
    with tempfile.TemporaryDirectory() as folder:
        small = Town(Path(folder), plan_of(PAGE + 1, 64, 64 * 25, 90, 6_000), windows)
        large = Town(Path(folder), plan_of(30, 200, 5_000, 300, 60_000), windows)
        print(f"import of the large plan: {large.imported * 1_000:.0f} ms (small: {small.imported * 1_000:.0f} ms)")
        print(f"reading it for the shelf: {large.read * 1_000:.0f} ms (small: {small.read * 1_000:.0f} ms)")
        print(f"\n{'screen':<30}{'small ms':>10}{'large ms':>10}{'ratio':>8}")
        worst = 0.0
        for name, step in WAY:
            little, much = measure((small, large), step, count)
            worst = max(worst, much / little)
            print(f"{name:<30}{little:10.2f}{much:10.2f}{much / little:8.2f}")
    print(f"\nlargest ratio: {worst:.2f} (goal: at most {GOAL})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
