"""The bot dies at every one of its steps in turn: before and after each commit, before and after each call.

At the step nothing of it goes on, and the next run starts from a copy of what was on the disk at that moment.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar
from unittest import mock

from bot.rehearsal.client import Player
from bot.rehearsal.gateways import Gateways
from bot.rehearsal.telegram import PlayedTelegram
from bot.telegram.client import Api
from storage.database import Database
from tests.journeys.telling import (
    PHONE,
    SMS,
    TOKEN,
    Teller,
    kept,
    make_templates,
    opened,
    says,
    session_of,
    without_helpers,
)

T = TypeVar("T")
MOST = 400  # steps; the conversation has far fewer
AT_ONCE = 6  # conversations


class Doom:
    """Counts the steps of a bot and lets it take no more than ``last``."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.taken = 0
        self.reached = asyncio.Event()

    async def step(self) -> None:
        self.taken += 1
        if self.taken > self.last:
            self.reached.set()
            await asyncio.get_running_loop().create_future()  # for ever, as far as this run is concerned


_doom: ContextVar[Doom] = ContextVar("doom")  # inherited by every task of the bot that is started under it


def _stepping(function: Callable[..., Awaitable[T]]) -> Callable[..., Awaitable[T]]:
    async def stepping(*args: Any, **kwargs: Any) -> T:
        doom = _doom.get()
        await doom.step()
        result = await function(*args, **kwargs)
        await doom.step()
        return result

    return stepping


@contextmanager
def step_by_step() -> Iterator[None]:
    with without_helpers(), ExitStack() as stack:
        for owner, name in ((Database, "_commit"), (Api, "call"), (Api, "get_updates")):
            stack.enter_context(mock.patch.object(owner, name, _stepping(getattr(owner, name))))
        yield


async def converse(person: Player) -> None:
    """Words, a button tapped twice, an SMS, words again; waits for nothing but what must come."""
    await person.sends("1")
    screen = await person.sees_where(says(1), "number 1")
    data = screen["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    await person.presses(screen["message_id"], data, wait=False)
    await person.presses(screen["message_id"], data, wait=False)
    await person.sends(SMS)
    await person.sees_where(lambda message: "sent" in message["text"] or "unknown" in message["text"], "an outcome")
    await person.sends("2")
    await person.sees_where(says(2), "number 2")


async def conversation_with_a_crash(folder: Path, templates: Path, last: int) -> int:
    """Returns how many steps the first run took until all was said and seen, or until it was killed."""
    telegram = PlayedTelegram(TOKEN, limits=False)
    gateways = Gateways()
    gateways.add_to(telegram.app)
    await telegram.start()
    fang = telegram.person(1001, "芳", phone="8613800138000")
    doom = Doom(last)
    _doom.set(doom)
    try:
        async with asyncio.TaskGroup() as group, Teller(telegram, folder, templates=templates) as teller:
            talking = group.create_task(converse(fang))
            dying = group.create_task(doom.reached.wait())
            await asyncio.wait({talking, dying}, return_when=asyncio.FIRST_COMPLETED)
            steps = doom.taken
            if doom.reached.is_set():
                shutil.copytree(teller.data, folder / "copy", ignore=shutil.ignore_patterns("*.sock", "lock"))
                await teller.dies()
                shutil.rmtree(teller.data)
                (folder / "copy").rename(teller.data)
                _doom.set(Doom(MOST))
                teller.starts()
            else:
                doom.last = MOST
            await talking
            dying.cancel()
            async with asyncio.timeout(10):
                while len(telegram.world.updates):
                    await telegram.world.updates.confirmed.wait()
            assert await teller.stops() == 0
    finally:
        await telegram.stop()
    with opened(teller.data) as (connection, vault):
        data = session_of(connection, vault, fang.id).top.data
        assert kept(connection)[:3] == (0, 0, 0)
    assert data["seen"] == f"1 {SMS} 2"
    assert data.get("taps", "1") == "1"
    assert data["sms"] in {"sent", "unknown"}
    sent = gateways.codes.get(PHONE, [])
    assert len(sent) <= 1
    assert sent or data["sms"] == "unknown"
    assert says(2)(fang.screen())
    return steps


async def test_whenever_the_bot_dies_nothing_is_lost_and_nothing_happens_twice(tmp_path: Path) -> None:
    templates = make_templates(tmp_path / "templates")
    room = asyncio.Semaphore(AT_ONCE)

    async def die_after(last: int) -> None:
        async with room:
            try:
                await conversation_with_a_crash(tmp_path / str(last), templates, last)
            except BaseException as error:
                error.add_note(f"killed after step {last} of {steps}")
                raise

    with step_by_step():
        steps = await conversation_with_a_crash(tmp_path / "whole", templates, MOST)
        assert 30 < steps < MOST
        async with asyncio.TaskGroup() as group:
            for last in range(steps):
                group.create_task(die_after(last))
