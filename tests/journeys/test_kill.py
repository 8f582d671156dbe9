"""kill -9 under traffic: nothing that was accepted is lost, nothing happens twice, everybody sees the newest screen.

The bot is a real process. Kills come after a seeded number of things the bot did, wherever it is by then.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import orjson
import pytest
from aiohttp import web

from bot.rehearsal.client import Player
from bot.rehearsal.gateways import IDENTITY_PATH, SMS_PATH
from bot.rehearsal.telegram import PlayedTelegram
from tests.journeys.telling import (
    SMS,
    TOKEN,
    Watch,
    free_port,
    kept,
    make_templates,
    opened,
    says,
    session_of,
)

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0  # seconds: a machine may be busy

Kennel = subprocess.Popen[str]


@pytest.fixture(scope="module")
def kennel() -> Iterator[Kennel]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.journeys.killed"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process


@pytest.fixture
async def telegram() -> AsyncIterator[PlayedTelegram]:
    played = PlayedTelegram(TOKEN, limits=False)
    played.webhook_pause = 0.05
    yield played
    await played.stop()


class Victim:
    """The bot's process, as often as it is started."""

    def __init__(self, kennel: Kennel, folder: Path, telegram: PlayedTelegram, **settings: str) -> None:
        environ = {
            "ANJU_TOKEN": TOKEN,
            "ANJU_TELEGRAM": telegram.url,
            "ANJU_DATA": str(folder / "data"),
            "ANJU_SMS": telegram.url + SMS_PATH,
            "ANJU_IDENTITY": telegram.url + IDENTITY_PATH,
            "ANJU_LISTEN": "127.0.0.1:0",
            **settings,
        }
        self.data = folder / "data"
        self.log = folder / "log"
        order = {"environ": environ, "templates": str(make_templates(folder / "templates")), "log": str(self.log)}
        self._order = orjson.dumps(order).decode()
        self._kennel = kennel
        self._telegram = telegram
        self._pid = 0
        self.deaths = 0

    async def starts(self) -> None:
        # What a dead bot had asked for is not to be answered: nobody may have noticed yet that its connection is gone.
        self._telegram.world.updates.release_poller()
        assert self._kennel.stdin is not None
        self._kennel.stdin.write(f"{self._order}\n")
        self._kennel.stdin.flush()
        self._pid = await self._number()

    async def is_killed(self) -> None:
        self.deaths += 1
        assert await self._ends(signal.SIGKILL) == -signal.SIGKILL

    async def stops(self) -> None:
        assert await self._ends(signal.SIGTERM) == 0

    async def _ends(self, number: signal.Signals) -> int:
        pid, self._pid = self._pid, 0
        os.kill(pid, number)
        return await self._number()

    async def _number(self) -> int:
        assert self._kennel.stdout is not None
        return int(await asyncio.wait_for(asyncio.to_thread(self._kennel.stdout.readline), PATIENCE))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._pid:
            await self._ends(signal.SIGKILL)


@dataclass
class Traffic:
    """People who talk while the bot is killed again and again."""

    chats: int
    messages: int
    kills: int
    seed: int
    polled: bool = True
    said: dict[Player, int] = field(default_factory=dict)
    _killing: bool = True

    async def passes(self, telegram: PlayedTelegram, victim: Victim) -> None:
        """Returns when all is said, seen and settled, and the bot stopped."""
        chance = random.Random(self.seed)
        watch = Watch(telegram)
        await victim.starts()
        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
            group.create_task(self._kill(victim, watch, chance))
            for number in range(self.chats):
                person = telegram.person(1000 + number, f"P{number}", phone=f"86138{number:08}")
                group.create_task(self._talk(person, random.Random(self.seed + person.id)))
        async with asyncio.timeout(PATIENCE):
            while len(telegram.world.updates):
                await telegram.world.updates.confirmed.wait()
        await victim.stops()

    async def _talk(self, person: Player, chance: random.Random) -> None:
        """Numbers from 1 on, some in a heap, some only after the answer, and buttons tapped twice; as long as there are
        kills to come, slowly on and on."""
        number, again = 0, True
        while again:
            number += 1
            again = number < self.messages or self._killing
            await person.sends(str(number))
            if number >= self.messages or chance.random() < 0.12:
                screen = await person.sees_where(says(number), f"number {number}", timeout=PATIENCE)
                data = screen["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
                await person.presses(screen["message_id"], data, wait=False)
                await person.presses(screen["message_id"], data, wait=not again)
        self.said[person] = number

    async def _kill(self, victim: Victim, watch: Watch, chance: random.Random) -> None:
        for number in range(self.kills):
            if number % 2 and self.polled:
                # stored and perhaps played, and never confirmed: all of it is brought again to the next run
                watch.hold()
                await watch.held.wait()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.5):
                        await watch.more(chance.randint(1, 30))
            else:
                await watch.more(chance.randint(3, 40))
            await victim.is_killed()
            watch.let_go()
            await victim.starts()
        self._killing = False

    def assert_nothing_lost_nothing_twice(self, victim: Victim) -> str:
        """Returns what there was, in words."""
        taps = 0
        with opened(victim.data) as (connection, vault):
            for person, last in self.said.items():
                data = session_of(connection, vault, person.id).top.data
                assert data["seen"].split() == [str(number) for number in range(1, last + 1)], person.id
                counted = data.get("taps", "").split()
                assert len(set(counted)) == len(counted), person.id
                taps += len(counted)
                assert says(last)(person.screen()), person.describe()
            left = kept(connection)
        assert left[:3] == (0, 0, 0), left
        assert taps >= self.chats
        assert victim.deaths == self.kills
        log = victim.log.read_text()
        assert "ERROR" not in log, log
        assert "CRITICAL" not in log, log
        return f"{victim.deaths} kills, {left.received} updates, {taps} doubled taps counted once"


async def test_kill_9_under_traffic_loses_nothing_and_doubles_nothing(
    tmp_path: Path, kennel: Kennel, telegram: PlayedTelegram, capsys: pytest.CaptureFixture[str]
) -> None:
    traffic = Traffic(chats=30, messages=20, kills=8, seed=20261124)
    await telegram.start()
    async with Victim(kennel, tmp_path, telegram) as victim:
        await traffic.passes(telegram, victim)
        words = traffic.assert_nothing_lost_nothing_twice(victim)
    with capsys.disabled():
        sys.stdout.write(f"\n{words}\n")


async def test_kill_9_under_a_webhook_which_brings_updates_again(
    tmp_path: Path, kennel: Kennel, telegram: PlayedTelegram, capsys: pytest.CaptureFixture[str]
) -> None:
    traffic = Traffic(chats=16, messages=16, kills=6, seed=4, polled=False)
    port = free_port()
    settings = {
        "ANJU_LISTEN": f"127.0.0.1:{port}",
        "ANJU_WEBHOOK": f"http://127.0.0.1:{port}/updates",
        "ANJU_WEBHOOK_SECRET": "not_told_to_anybody",
    }
    await telegram.start()
    async with Victim(kennel, tmp_path, telegram, **settings) as victim:
        await traffic.passes(telegram, victim)
        words = traffic.assert_nothing_lost_nothing_twice(victim)
    with capsys.disabled():
        sys.stdout.write(f"\nwebhook: {words}\n")


async def test_a_bot_killed_while_an_sms_is_on_its_way_does_not_send_it_again(
    tmp_path: Path, kennel: Kennel, telegram: PlayedTelegram
) -> None:
    asked, over = asyncio.Event(), asyncio.Event()
    times = 0

    async def hold(_: web.Request) -> web.Response:
        nonlocal times
        times += 1
        asked.set()
        await over.wait()
        return web.Response()

    telegram.app.router.add_post(SMS_PATH, hold)
    await telegram.start()
    fang = telegram.person(1001, "芳", phone="8613800138000")
    with contextlib.ExitStack() as stack:
        stack.callback(over.set)
        async with Victim(kennel, tmp_path, telegram) as victim:
            await victim.starts()
            await fang.sends(SMS)
            await fang.sees(f"#{SMS}#", timeout=PATIENCE)
            await asyncio.wait_for(asked.wait(), PATIENCE)
            await victim.is_killed()
            await victim.starts()
            await fang.sees("unknown", timeout=PATIENCE)
            await victim.stops()
    assert times == 1
    with opened(victim.data) as (connection, vault):
        assert session_of(connection, vault, fang.id).top.data["sms"] == "unknown"
        assert kept(connection)[:3] == (0, 0, 0)
