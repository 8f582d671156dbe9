"""Jobs: done once or again, told to the flow, and what a crash leaves of them."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from bot.app import Rooms
from bot.clock import ManualClock
from bot.jobs.runner import MISTAKES, PAUSES, Again, Done, Handler, Jobs
from bot.metrics import Metrics
from bot.nursery import Nursery
from flows.model import HOUR, MINUTE, Moment
from storage import database, inbox, outbox
from storage.inbox import Letter
from storage.outbox import Parcel
from tests.journeys.rooms import Gathering, count, storage

NOW: Moment = 1_795_000_000_000
Carry = Callable[[Parcel], Awaitable[Done | Again]]


class Shop:
    """Jobs of one kind. Letters to the flows and parcels for others are kept."""

    def __init__(self, rooms: Rooms, nursery: Nursery) -> None:
        self.rooms = rooms
        self.nursery = nursery
        self.clock = ManualClock(NOW)
        self.letters = Gathering()
        self.parcels = Gathering()

    def opens(self, carry: Carry, *, once: bool = False, at_once: int = 8) -> None:
        handler = Handler(carry, about={"who": "name"}, late={"status": "late"}, at_once=at_once, once=once)
        self.jobs = Jobs(
            *(self.rooms.database, self.rooms.vault, self.clock, self.nursery, Metrics(), {"ask": handler}),
            put_letter=self.letters.add,
            put_parcel=self.parcels.add,
        )

    async def takes_up(self) -> None:
        """As at a start: what an earlier run left."""
        now, vault = self.clock.now(), self.rooms.vault
        await self._hands_over(await self.rooms.database.write(lambda connection: outbox.due(connection, vault, now)))

    async def owes(self, *, life: Moment = HOUR) -> Parcel:
        now, vault = self.clock.now(), self.rooms.vault
        return await self.rooms.database.write(
            lambda connection: outbox.put(
                connection, vault, 1, "ask", {"name": "王芳", "code": 7}, due_at=now, expires_at=now + life
            )
        )

    async def does(self, *, life: Moment = HOUR) -> None:
        await self._hands_over([await self.owes(life=life)])

    async def waits(self, milliseconds: Moment) -> None:
        """Lets time pass, and does what falls due by then."""
        self.clock.advance(milliseconds)
        now, vault = self.clock.now(), self.rooms.vault
        fallen = await self.rooms.database.write(lambda connection: outbox.fall_due(connection, vault, now, 100))
        await self._hands_over(fallen)

    async def _hands_over(self, parcels: list[Parcel]) -> None:
        for parcel in parcels:
            self.jobs.put(parcel)
        await asyncio.wait_for(self.jobs.idle(), 10)

    def news(self) -> list[dict[str, Any]]:
        return [orjson.loads(letter.body) for letter in self.letters.things if isinstance(letter, Letter)]

    def told(self) -> list[str]:
        return [item["outcome"]["status"] for item in self.news()]

    async def left(self) -> tuple[int, int]:
        """Rows in the inbox, and in the outbox."""
        return await count(self.rooms, "SELECT count(*) FROM inbox"), await count(
            self.rooms, "SELECT count(*) FROM outbox"
        )


@pytest.fixture
async def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shop]:
    monkeypatch.setattr(database, "PAUSES", (0.01,))
    async with Nursery() as nursery, storage(tmp_path / "data", nursery) as rooms:
        yield Shop(rooms, nursery)


class Script:
    """A handler that answers what it is told to, the last answer for ever; ``seen`` are the parcels it got."""

    def __init__(self, *answers: Done | Again | Exception) -> None:
        self._answers = list(answers)
        self.seen: list[Parcel] = []

    async def __call__(self, parcel: Parcel) -> Done | Again:
        self.seen.append(parcel)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


async def test_a_result_comes_back_as_an_event_and_the_job_is_gone(shop: Shop) -> None:
    shop.opens(Script(Done({"status": "fine"})))
    await shop.does()
    assert shop.news() == [{"job": "ask", "outcome": {"status": "fine"}, "about": {"who": "王芳"}}]
    assert await shop.left() == (1, 0)


async def test_a_job_nobody_needs_to_hear_of_leaves_nothing(shop: Shop) -> None:
    shop.opens(Script(Done()))
    await shop.does()
    assert await shop.left() == (0, 0)


async def test_what_a_job_makes_goes_out_with_its_end(shop: Shop) -> None:
    shop.opens(Script(Done(parcels=(("say", {"text": "here"}, HOUR),))))
    await shop.does()
    (parcel,) = shop.parcels.things
    assert isinstance(parcel, Parcel)
    assert (parcel.kind, parcel.body, parcel.expires_at) == ("say", {"text": "here"}, NOW + HOUR)
    assert await shop.left() == (0, 1)


async def test_a_job_that_could_not_be_done_is_tried_again_by_itself_and_told_of_once(shop: Shop) -> None:
    script = Script(Again({"status": "down"}), Again({"status": "down"}), Done({"status": "fine"}))
    shop.opens(script)
    await shop.does()
    assert shop.told() == ["down"]
    await shop.waits(PAUSES[0] - 1)
    assert len(script.seen) == 1
    await shop.waits(1)
    assert len(script.seen) == 2
    await shop.waits(PAUSES[0])  # the second pause is longer than the first
    assert len(script.seen) == 2
    await shop.waits(PAUSES[1] - PAUSES[0])
    assert shop.told() == ["down", "fine"]
    assert [parcel.attempts for parcel in script.seen] == [0, 1, 2]
    assert await shop.left() == (2, 0)


async def test_a_job_is_given_up_when_its_time_is_over(shop: Shop) -> None:
    script = Script(Again())
    shop.opens(script)
    await shop.does(life=MINUTE)
    await shop.waits(MINUTE)
    assert shop.told() == ["late"]
    assert len(script.seen) == 1
    assert await shop.left() == (1, 0)


async def test_a_job_that_waited_for_a_restart_too_long_is_not_begun(shop: Shop) -> None:
    script = Script(Done({"status": "fine"}))
    await shop.owes(life=MINUTE)
    shop.clock.advance(MINUTE)
    shop.opens(script)
    await shop.takes_up()
    assert shop.told() == ["late"]
    assert script.seen == []


# -- not twice ---------------------------------------------------------------------------------------------------------


async def test_a_job_that_must_not_be_done_twice_is_marked_before_it_is_begun(shop: Shop) -> None:
    marks: list[int] = []

    async def look(_: Parcel) -> Done:
        marks.append(await count(shop.rooms, "SELECT count(*) FROM outbox WHERE begun_at IS NOT NULL"))
        return Done({"status": "fine"})

    shop.opens(look, once=True)
    await shop.does()
    assert marks == [1]


async def test_tried_again_it_is_not_taken_for_begun(shop: Shop) -> None:
    script = Script(Again(), Done({"status": "fine"}))
    shop.opens(script, once=True)
    await shop.does()
    await shop.waits(PAUSES[0])
    assert [parcel.begun_at for parcel in script.seen] == [None, None]


@pytest.mark.parametrize("after", [0, 2 * HOUR])
async def test_found_begun_after_a_crash_its_handler_is_told_however_late(shop: Shop, after: Moment) -> None:
    parcel = await shop.owes()
    await shop.rooms.database.write(lambda connection: outbox.begin(connection, parcel.id, NOW))
    shop.clock.advance(after)
    script = Script(Done({"status": "unknown"}))
    shop.opens(script, once=True)
    await shop.takes_up()
    assert [found.begun_at for found in script.seen] == [NOW]
    assert shop.told() == ["unknown"]


async def test_a_mistake_of_ours_over_it_counts_as_begun(shop: Shop) -> None:
    script = Script(ZeroDivisionError(), Done({"status": "unknown"}))
    shop.opens(script, once=True)
    await shop.does()
    assert [parcel.begun_at for parcel in script.seen] == [None, NOW]
    assert shop.told() == ["unknown"]


# -- our own mistakes, and the disk's ----------------------------------------------------------------------------------


async def test_a_job_that_breaks_the_code_is_tried_a_few_times_and_then_given_up(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    script = Script(ValueError("王芳"))
    shop.opens(script)
    await shop.does()
    for pause in PAUSES[: MISTAKES - 1]:
        await shop.waits(pause)
    assert len(script.seen) == MISTAKES
    assert shop.told() == ["late"]
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * MISTAKES
    assert "王芳" not in "".join(str(vars(record)) for record in caplog.records)


async def test_a_result_that_could_not_be_written_is_written_later_and_counted_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, full = inbox.put, 2

    def fail_at_first(connection: sqlite3.Connection, *rest: Any) -> Letter:
        nonlocal full
        letter = put(connection, *rest)
        full -= 1
        # The least it takes is as many pages as there are.
        connection.execute(f"PRAGMA max_page_count = {1 if full >= 0 else 1_000_000}")
        connection.execute("CREATE TABLE IF NOT EXISTS filler (a)")
        connection.execute("INSERT INTO filler VALUES (zeroblob(10000))")
        return letter

    monkeypatch.setattr(inbox, "put", fail_at_first)
    script = Script(Again({"status": "down"}), Done({"status": "fine"}))
    shop.opens(script)
    await shop.does()
    assert full == -1
    assert shop.told() == ["down"]
    (again,) = shop.parcels.things
    assert isinstance(again, Parcel)
    assert (again.attempts, again.due_at) == (1, NOW + PAUSES[0])
    await shop.waits(PAUSES[0])
    assert [parcel.attempts for parcel in script.seen] == [0, 1]
    assert shop.told() == ["down", "fine"]


async def test_only_so_many_run_at_once(shop: Shop) -> None:
    running = Gathering()
    go = asyncio.Event()
    most = 0

    async def work(_: Parcel) -> Done:
        nonlocal most
        running.add(1)
        most = max(most, len(running.things))
        await go.wait()
        running.things.pop()
        return Done({"status": "fine"})

    shop.opens(work, at_once=3)
    for _ in range(10):
        shop.jobs.put(await shop.owes())
    await running.holds(3)
    go.set()
    await asyncio.wait_for(shop.jobs.idle(), 10)
    assert most == 3
    assert shop.told() == ["fine"] * 10
