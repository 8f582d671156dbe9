"""One lane a chat: in order within it, independent of all others, bounded as a whole."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator

import pytest

from bot import lanes as lanes_module
from bot.lanes import Lanes
from bot.nursery import Nursery
from storage.inbox import Letter
from tests.journeys.rooms import Gathering


def letter(number: int, chat_id: int) -> Letter:
    return Letter(number, f"update:{number}", chat_id, 0, b"{}")


class Stage:
    """Plays letters; those of a chat in ``shut`` only once it is opened."""

    def __init__(self, nursery: Nursery) -> None:
        self.lanes = Lanes(self.play, nursery)
        self.begun = Gathering()
        self.played = Gathering()
        self.order: dict[int, list[int]] = defaultdict(list)
        self.shut: dict[int, asyncio.Event] = {}
        self.running: set[int] = set()
        self.most = 0

    async def play(self, letter: Letter) -> None:
        assert letter.chat_id not in self.running, "two letters of one chat at once"
        self.running.add(letter.chat_id)
        self.begun.add(letter)
        self.most = max(self.most, len(self.running))
        try:
            if letter.chat_id in self.shut:
                await self.shut[letter.chat_id].wait()
            else:
                await asyncio.sleep(0)
            if letter.id < 0:
                raise ZeroDivisionError
        finally:
            self.running.discard(letter.chat_id)
        self.order[letter.chat_id].append(letter.id)
        self.played.add(letter)

    async def idle(self) -> None:
        await asyncio.wait_for(self.lanes.idle(), 10)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with Nursery() as nursery:
        yield Stage(nursery)


async def test_letters_of_a_chat_are_played_in_order_and_one_at_a_time(stage: Stage) -> None:
    for number in range(300):
        stage.lanes.put(letter(number, number % 7 + 1))
    await stage.idle()
    assert {chat: sorted(order) for chat, order in stage.order.items()} == stage.order
    assert stage.lanes.waiting == 0


async def test_a_chat_that_sends_very_much_holds_up_nobody(stage: Stage) -> None:
    stage.shut[1] = asyncio.Event()
    for number in range(300):
        stage.lanes.put(letter(number, 1))
    stage.lanes.put(letter(300, 2))
    await stage.played.holds(1)
    assert dict(stage.order) == {2: [300]}
    stage.shut[1].set()
    await stage.idle()
    assert stage.order[1] == list(range(300))


async def test_only_so_many_turns_run_at_once(stage: Stage) -> None:
    for number in range(1000):
        stage.lanes.put(letter(number, number + 1))
    await stage.idle()
    assert stage.most == lanes_module.RUNNING


async def test_reading_from_telegram_waits_while_there_is_no_room(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes_module, "WAITING", 10)
    stage.shut[1] = asyncio.Event()
    for number in range(10):
        await asyncio.wait_for(stage.lanes.room(), 1)
        stage.lanes.put(letter(number, 1))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(stage.lanes.room(), 0.01)
    stage.shut[1].set()
    await asyncio.wait_for(stage.lanes.room(), 1)
    await stage.idle()


async def test_a_stop_lets_turns_finish_and_begins_none(stage: Stage) -> None:
    stage.shut = {1: asyncio.Event(), 2: asyncio.Event()}
    for number in range(6):
        stage.lanes.put(letter(number, number % 2 + 1))
    async with Nursery() as nursery:
        await stage.begun.holds(2)
        stopped = nursery.start(stage.lanes.stop(10), "stop")
        await asyncio.sleep(0)
        for door in stage.shut.values():
            door.set()
        await stopped
    assert dict(stage.order) == {1: [0], 2: [1]}
    stage.lanes.put(letter(7, 3))
    await stage.idle()
    assert 3 not in stage.order


async def test_a_stop_does_not_wait_for_ever(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.shut[1] = asyncio.Event()
    stage.lanes.put(letter(1, 1))
    await stage.begun.holds(1)
    await stage.lanes.stop(0.01)
    assert "stay in the inbox" in caplog.text


async def test_a_turn_that_cannot_even_be_set_aside_leaves_the_other_chats_alone(stage: Stage) -> None:
    for number in (-1, 2, 3):
        stage.lanes.put(letter(number, 1))
    stage.lanes.put(letter(4, 2))
    await stage.idle()
    assert stage.order[2] == [4]
    assert stage.lanes.waiting == 0
