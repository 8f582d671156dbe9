"""Journeys through trouble: Telegram away, far, refusing, forgetful; updates that break the code; a full disk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from bot import delivery
from bot.telegram import polling
from storage import database
from tests.journeys.identities import NAME, id_number_of
from tests.journeys.rooms import LogLines
from tests.journeys.signing import asked_for_phone, code_of, is_in_chat
from tests.journeys.town import Town
from tests.journeys.walking import app_of, rests, set_aside, with_buttons, words

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def quick(town: Town, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Short pauses between tries, and everything right again after each test."""
    for module in (delivery, polling, database):
        monkeypatch.setattr(module, "PAUSES", (0.05,))
    yield
    town.house.telegram.faults.clear()


# -- Telegram ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [500, "reset"])
@pytest.mark.parametrize("carried_out", [False, True])
async def test_somebody_signs_up_while_every_other_call_goes_wrong(town: Town, status: Any, carried_out: bool) -> None:
    faults = town.house.telegram.faults

    def trouble() -> None:
        for method in ("sendMessage", "editMessageText", "deleteMessage", "editMessageReplyMarkup"):
            faults.fail_next(method, 1, status, carried_out=carried_out)

    walker = await asked_for_phone(town)
    trouble()
    await walker.shares_contact(to="sign_up/ask_code")
    trouble()
    code = code_of(walker)
    await walker.says(code, to="sign_up/verified")
    trouble()
    await walker.taps("real_name", to="real_name/ask_name")
    trouble()
    await walker.says(NAME, to="real_name/ask_id_number")
    trouble()
    await walker.says(id_number_of(walker.player.id), to="real_name/confirm")
    trouble()
    await walker.taps("confirm", to="me/overview")
    assert town.house.gateways.codes["+" + walker.player.person.phone] == [code]
    assert not is_in_chat(walker, code)
    assert (await town.person(walker)) is not None


async def test_a_telegram_that_goes_away_in_the_middle_finds_everything_when_it_is_back(town: Town) -> None:
    faults = town.house.telegram.faults
    walkers = [await asked_for_phone(town) for _ in range(5)]
    with LogLines() as log:
        faults.down = True
        for walker in walkers:
            await walker.player.shares_contact()
        await log.say("polling failed")
        faults.down = False
    for walker in walkers:
        await walker.player.sees("验证码已发送")
        await walker.says(code_of(walker), to="sign_up/verified")


async def test_an_answer_on_its_way_is_delivered_when_telegram_is_back(town: Town) -> None:
    walker = town.newcomer()
    await walker.says("/start", to="home/menu")
    town.house.telegram.faults.fail_next("sendMessage", 3, "reset")
    await walker.says("/help", to="help/contact")
    assert with_buttons(walker.player) == [walker.screen["message_id"]]
    assert len([message for message in walker.player.chat if message["from"]["is_bot"]]) == 2


async def test_a_far_telegram_serves_many_as_quickly_as_one(town: Town) -> None:
    walkers = [town.newcomer() for _ in range(30)]
    calls = town.house.telegram.calls
    town.house.telegram.faults.delay = 0.5
    before = calls["sendMessage"]
    for walker in walkers:
        await walker.player.sends("/start")
    async with asyncio.timeout(30 * 0.5):  # one after another they could not all be through by then
        for walker in walkers:
            await walker.player.sees("安居")
    assert calls["sendMessage"] - before == 30


async def test_too_many_requests_hold_up_one_chat_only(town: Town) -> None:
    held, free = town.newcomer(), town.newcomer()
    await held.says("/start", to="home/menu")
    town.house.telegram.faults.fail_next("sendMessage", 1, 429, retry_after=1)
    begun = town.house.clock.monotonic()
    await held.player.sends("/help")
    await asyncio.wait_for(_refused_once(town), 10)
    await free.player.sends("/start")
    await free.player.sees("安居")
    await held.player.sends("/privacy")
    await held.player.sees("隐私与数据")
    assert town.house.clock.monotonic() - begun >= 1
    await rests(town.house)
    assert with_buttons(held.player) == [held.screen["message_id"]]


async def _refused_once(town: Town) -> None:
    """Returns when the planned fault has happened."""
    planned = town.house.telegram.faults._planned["sendmessage"]
    while planned:
        await rests(town.house)


# -- people who are gone -----------------------------------------------------------------------------------------------


async def unreachable(town: Town, telegram_id: int) -> bool:
    rows = await app_of(town.house).rooms.database.read(
        lambda c: c.execute("SELECT 1 FROM unreachable WHERE telegram_id = ?", (telegram_id,)).fetchall()
    )
    return bool(rows)


async def test_somebody_who_blocks_the_bot_is_known_to_be_gone_and_to_come_back(town: Town) -> None:
    walker = town.newcomer()
    await walker.says("/start", to="home/menu")
    await walker.player.blocks()
    await rests(town.house)
    assert await unreachable(town, walker.player.id)
    await walker.player.unblocks()
    await rests(town.house)
    assert not await unreachable(town, walker.player.id)


async def test_somebody_who_deletes_the_account_is_found_to_be_gone_by_the_answer(town: Town) -> None:
    walker = town.newcomer()
    await walker.says("/start", to="home/menu")
    await walker.player.sends("/help")
    await walker.player.leaves()
    await rests(town.house)
    assert await unreachable(town, walker.player.id)


# -- mistakes of ours --------------------------------------------------------------------------------------------------


async def test_an_update_that_breaks_the_code_is_told_of_and_the_chat_goes_on(town: Town) -> None:
    walker = await asked_for_phone(town)
    before = await set_aside(town.house)
    await walker.player.sends_raw({"contact": {"first_name": "no number"}})
    said = words(town.house, "common", "say_turn_failed").split("。")[0]
    await walker.player.sees(said)
    await walker.shares_contact(to="sign_up/ask_code")
    await walker.says(code_of(walker), to="sign_up/verified")
    after = await set_aside(town.house)
    assert len(after) == len(before) + 1
    assert "no number" not in str(after)
    await _forget_dead_letters(town)


async def _forget_dead_letters(town: Town) -> None:
    """The next test is to find none."""
    await app_of(town.house).rooms.database.write(lambda connection: connection.execute("DELETE FROM dead_letters"))


# -- the disk ----------------------------------------------------------------------------------------------------------


async def pages(town: Town, most: int) -> None:
    base = app_of(town.house).rooms.database
    await base.read(lambda connection: connection.execute(f"PRAGMA max_page_count = {most}").fetchall())


async def test_a_disk_that_fills_up_is_waited_for_and_nobody_is_lost(town: Town) -> None:
    walkers = [town.newcomer() for _ in range(8)]
    with LogLines() as log:
        await pages(town, 1)  # not one more than there are
        for walker in walkers:
            for _ in range(3):
                await walker.player.sends("长" * 4000)
        await log.say("polling failed")
        await pages(town, 1_000_000)
    for walker in walkers:
        await walker.rests("home/menu")
        assert walker.text.startswith("⚠️ ")
        assert (await walker.session()).revision == 3
