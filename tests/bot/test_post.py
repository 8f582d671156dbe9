"""The post office: now, when it is due, and after a restart; never twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import post as post_office
from bot.app import Rooms
from bot.clock import ManualClock
from bot.nursery import Nursery
from bot.post import Post
from flows.model import DAY, HOUR, MINUTE, SECOND, Moment
from storage import outbox
from storage.outbox import Parcel
from tests.journeys.rooms import Gathering, storage

NOW: Moment = 1_795_000_000_000


class Office:
    """A post with one carrier, who keeps what he is given."""

    def __init__(self, rooms: Rooms, nursery: Nursery) -> None:
        self.rooms = rooms
        self.nursery = nursery
        self.clock = ManualClock(NOW)
        self.carried = Gathering()
        self.post = self.new_post()

    def new_post(self) -> Post:
        post = Post(self.rooms.database, self.rooms.vault, self.clock)
        post.employ({"say": self.carried.add})
        return post

    async def owe(self, text: str, *, due_in: Moment = 0, later: bool = False) -> Parcel:
        now = self.clock.now()
        vault = self.rooms.vault
        return await self.rooms.database.write(
            lambda connection: outbox.put(
                connection, vault, 1, "say", {"text": text}, due_at=now + due_in, expires_at=now + DAY, later=later
            )
        )

    def texts(self) -> list[str]:
        return [parcel.body["text"] for parcel in self.carried.things if isinstance(parcel, Parcel)]

    def keep_time(self) -> None:
        self.nursery.start(self.post.keep_time(), "post", essential=True)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with Nursery() as nursery, storage(tmp_path / "data", nursery) as rooms:
        yield Office(rooms, nursery)


async def test_what_is_due_goes_to_its_carrier_at_once(office: Office) -> None:
    office.post.put(await office.owe("now"))
    assert office.texts() == ["now"]


async def test_what_is_for_later_goes_when_it_is_due_and_in_that_order(office: Office) -> None:
    for text, minutes in (("third", 3), ("first", 1), ("second", 2)):
        office.post.put(await office.owe(text, due_in=minutes * MINUTE, later=True))
    office.keep_time()
    office.clock.advance(2 * MINUTE)
    office.post.wake()
    await office.carried.holds(2)
    assert office.texts() == ["first", "second"]
    office.clock.advance(MINUTE)
    office.post.wake()
    await office.carried.holds(3)
    assert office.texts() == ["first", "second", "third"]


async def test_many_that_fall_due_together_all_go(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post_office, "AT_ONCE", 3)
    for number in range(10):
        office.post.put(await office.owe(str(number), due_in=HOUR, later=True))
    office.keep_time()
    office.clock.advance(HOUR)
    office.post.wake()
    await office.carried.holds(10)
    assert office.texts() == [str(number) for number in range(10)]


async def test_a_nearer_one_shortens_the_wait(office: Office) -> None:
    await office.owe("far", due_in=HOUR, later=True)
    office.keep_time()
    near = await office.owe("near", later=True)
    office.post.put(near)
    await office.carried.holds(1)
    assert office.texts() == ["near"]


async def test_one_whose_time_comes_before_it_is_handed_over_is_carried_once(office: Office) -> None:
    parcel = await office.owe("late", due_in=SECOND, later=True)
    office.clock.advance(MINUTE)  # a busy loop, a slow disk
    office.post.put(parcel)
    office.keep_time()
    office.post.put(await office.owe("behind", later=True))
    await office.carried.holds(2)
    assert office.texts() == ["late", "behind"]


async def test_a_restart_takes_up_what_was_owed_and_leaves_what_is_for_later(office: Office) -> None:
    await office.owe("one")
    await office.owe("later", due_in=HOUR, later=True)
    await office.owe("due by now", due_in=MINUTE, later=True)
    office.clock.advance(2 * MINUTE)
    office.post = office.new_post()
    assert await office.post.reopen() == 2
    assert office.texts() == ["one", "due by now"]
    office.keep_time()
    office.clock.advance(HOUR)
    office.post.wake()
    await office.carried.holds(3)
    assert office.texts() == ["one", "due by now", "later"]


async def test_a_clock_set_back_between_two_runs_strands_nothing(office: Office) -> None:
    await office.owe("owed")
    office.clock.at -= HOUR
    office.post = office.new_post()
    assert await office.post.reopen() == 1
    assert office.texts() == ["owed"]
