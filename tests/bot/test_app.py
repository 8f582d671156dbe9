"""The bot as a whole: how it starts, what ends it, how it stops."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from bot.app import App
from bot.post import Post
from bot.rehearsal.client import Player
from bot.rehearsal.gateways import SMS_PATH
from bot.rehearsal.telegram import PlayedTelegram
from bot.telegram import insist, polling
from bot.telegram.client import Api
from bot.telegram.pacing import Pacing
from storage.keyring import WrongMasterError
from tests.journeys.rooms import LogLines
from tests.journeys.telling import SMS, TOKEN, Calls, Teller, free_port, kept, opened, says, session_of


@pytest.fixture
async def telegram(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PlayedTelegram]:
    monkeypatch.setattr(insist, "PAUSES", (0.01,))
    monkeypatch.setattr(polling, "PAUSES", (0.01,))
    played = PlayedTelegram(TOKEN, limits=False)
    yield played
    await played.stop()


@pytest.fixture
async def fang(telegram: PlayedTelegram) -> Player:
    return telegram.person(1001, "芳", phone="8613800138000")


async def hears(person: Player, number: int) -> None:
    await person.sends(str(number))
    await person.sees_where(says(number), f"number {number}")


# -- starting ----------------------------------------------------------------------------------------------------------


async def test_a_restart_goes_on_where_the_chat_was(tmp_path: Path, telegram: PlayedTelegram, fang: Player) -> None:
    await telegram.start()
    async with Teller(telegram, tmp_path) as teller:
        await hears(fang, 1)
        assert await teller.stops() == 0
        await fang.sends("2")
        teller.starts()
        await fang.sees_where(says(2), "number 2")
        assert await teller.stops() == 0
    with opened(teller.data) as (connection, vault):
        assert session_of(connection, vault, fang.id).top.data["seen"] == "1 2"


@pytest.mark.parametrize("pushed", [False, True])
async def test_a_wrong_token_ends_the_bot(
    tmp_path: Path, telegram: PlayedTelegram, pushed: bool, caplog: pytest.LogCaptureFixture
) -> None:
    await telegram.start()
    port = free_port()
    hook = {
        "ANJU_LISTEN": f"127.0.0.1:{port}",
        "ANJU_WEBHOOK": f"http://127.0.0.1:{port}/updates",
        "ANJU_WEBHOOK_SECRET": "not_told_to_anybody",
    }
    settings = {"ANJU_TOKEN": "4242:another_token_altogether", **(hook if pushed else {})}
    async with Teller(telegram, tmp_path, settings) as teller:
        assert await teller.ends() == 1
    assert "InvalidToken" in str([vars(record) for record in caplog.records])
    assert "another_token" not in str([vars(record) for record in caplog.records])


async def test_another_bot_that_polls_ends_this_one(tmp_path: Path, telegram: PlayedTelegram, fang: Player) -> None:
    await telegram.start()
    async with Teller(telegram, tmp_path) as teller, Api(TOKEN, telegram.url, Pacing()) as other:
        await hears(fang, 1)
        await telegram.is_polled()
        updates = other.get_updates(None, 1)
        assert await teller.ends() == 1 if await updates == [] else False


async def test_a_telegram_out_of_reach_is_no_reason_to_stop(
    tmp_path: Path, telegram: PlayedTelegram, fang: Player
) -> None:
    await telegram.start()
    telegram.faults.down = True
    await fang.sends("1")
    with LogLines() as log:
        async with Teller(telegram, tmp_path):
            await log.say("not known yet")
            telegram.faults.down = False
            await fang.sees_where(says(1), "number 1")
            telegram.faults.down = True
            await log.say("polling failed")
            await fang.sends("2")
            telegram.faults.down = False
            await fang.sees_where(says(2), "number 2")


async def test_a_webhook_left_behind_does_not_keep_the_bot_from_polling(
    tmp_path: Path, telegram: PlayedTelegram, fang: Player
) -> None:
    await telegram.start()
    async with Api(TOKEN, telegram.url, Pacing()) as api:
        await api.call("setWebhook", {"url": "https://127.0.0.1:1/old"})
    async with Teller(telegram, tmp_path):
        await hears(fang, 1)


async def test_the_menu_and_the_descriptions_are_set_once(
    tmp_path: Path, telegram: PlayedTelegram, fang: Player
) -> None:
    calls = Calls(telegram)
    await telegram.start()
    async with Teller(telegram, tmp_path) as teller:
        await hears(fang, 1)
        await calls.reach("getMyShortDescription", 2)  # the last question, in both languages
        await teller.stops()
        written = {method: number for method, number in telegram.calls.items() if method.startswith("setMy")}
        teller.starts()
        await hears(fang, 2)
        await calls.reach("getMyShortDescription", 4)
    assert fang.commands == [{"command": "start", "description": "Start"}]
    assert written.keys() == {"setMyCommands", "setMyDescription", "setMyShortDescription"}
    assert {method: number for method, number in telegram.calls.items() if method.startswith("setMy")} == written


async def test_a_master_key_that_does_not_fit_is_refused(tmp_path: Path, telegram: PlayedTelegram) -> None:
    await telegram.start()
    async with Teller(telegram, tmp_path) as teller:
        await telegram.is_polled()
        await teller.stops()
        teller.environ["ANJU_KEY"] = "A" * 43 + "="
        teller.starts()
        with pytest.raises(WrongMasterError):
            await teller.ends()


async def test_health_is_served_where_the_settings_say(tmp_path: Path, telegram: PlayedTelegram, fang: Player) -> None:
    await telegram.start()
    async with Teller(telegram, tmp_path) as teller, ClientSession() as session:
        await hears(fang, 1)
        address = f"http://127.0.0.1:{teller.app.port}"
        async with session.get(f"{address}/readyz") as response:
            assert response.status == 200
        async with session.get(f"{address}/metrics") as response:
            text = await response.text()
    assert 'anju_turns_total{event="Text"} 1.0' in text
    assert 'anju_telegram_calls_total{method="show",outcome="ok"} 1.0' in text


# -- ending ------------------------------------------------------------------------------------------------------------


async def test_the_end_of_something_essential_ends_the_bot(
    tmp_path: Path, telegram: PlayedTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def give_up(_: Post) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Post, "keep_time", give_up)
    await telegram.start()
    async with Teller(telegram, tmp_path) as teller:
        assert await teller.ends() == 1


async def test_what_cannot_be_sent_before_a_stop_is_sent_after_the_next_start(
    tmp_path: Path, telegram: PlayedTelegram, fang: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.app.STOP_SECONDS", 0.2)
    calls = Calls(telegram)
    await telegram.start()
    async with Teller(telegram, tmp_path) as teller:
        await hears(fang, 1)
        telegram.faults.fail_next("sendMessage", 1, "timeout")
        await fang.sends("2")
        await calls.reach("sendMessage", 2)
        assert await teller.stops() == 0
        with opened(teller.data) as (connection, _):
            assert kept(connection).outbox == 1
        teller.starts()
        await fang.sees_where(says(2), "number 2")


async def test_a_stop_in_the_middle_of_everything_is_quick_and_quiet(
    tmp_path: Path, telegram: PlayedTelegram, fang: Player, caplog: pytest.LogCaptureFixture
) -> None:
    asked, over = asyncio.Event(), asyncio.Event()

    async def hold(_: web.Request) -> web.Response:
        asked.set()
        await over.wait()
        return web.Response()

    telegram.app.router.add_post(SMS_PATH, hold)
    await telegram.start()
    people = [telegram.person(2000 + n, "P", phone=f"86139{n:08}") for n in range(30)]
    async with Teller(telegram, tmp_path) as teller:
        await fang.sends(SMS)
        await asyncio.wait_for(asked.wait(), 10)
        for number in range(1, 11):
            for person in people:
                await person.sends(str(number))
        await people[0].sees("#")
        assert await teller.stops(10) == 0
        over.set()
        assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
        teller.starts()
        for person in people:
            await person.sees_where(says(10), "number 10")
        await fang.sees("unknown")
        assert await teller.stops() == 0
    with opened(teller.data) as (connection, vault):
        every = [str(number) for number in range(1, 11)]
        assert all(session_of(connection, vault, person.id).top.data["seen"].split() == every for person in people)
        assert kept(connection)[:3] == (0, 0, 0)


async def test_the_bot_is_not_ready_before_it_runs(tmp_path: Path, telegram: PlayedTelegram) -> None:
    await telegram.start()
    async with Teller(telegram, tmp_path) as teller:
        app: App = teller.app
        assert not app.ready
        await telegram.is_polled()
        assert app.ready
        await teller.stops()
        assert not app.ready
