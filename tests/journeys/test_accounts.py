"""Whose account it is: one phone, several Telegram accounts, signed in on one of them."""

from __future__ import annotations

import pytest

from flows.model import MINUTE
from tests.journeys.identities import id_number_of
from tests.journeys.route import STRANGER
from tests.journeys.signing import asked_for_name, code_of
from tests.journeys.town import Town
from tests.journeys.walking import Walker, held

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def log_in(town: Town, walker: Walker, to: str) -> None:
    """From /me of somebody who is not signed in."""
    town.house.clock.ahead += 11 * MINUTE  # whatever codes there were, the next one may be sent
    await walker.says("/me")
    if walker.place == "sign_up/consent":
        await walker.taps("agree", to="sign_up/ask_phone")
    await walker.shares_contact(to="sign_up/ask_code")
    await walker.says(code_of(walker), to=to)


async def test_somebody_logging_in_from_another_account_takes_everything_along(town: Town) -> None:
    plan = await town.plan()
    old = await town.registered(town.newcomer(), plan)
    (registration,) = await town.registrations(old)
    new = town.second_account(old)
    await log_in(town, new, "me/overview")
    await old.player.sees("已在另一个 Telegram 账号登录，本账号已退出登录。")
    assert "138****" in new.text
    assert [found.number for found in await town.registrations(new)] == [registration.number]
    assert await town.registrations(old) == []
    await old.says("/records", to="sign_up/ask_phone")  # the old chat is signed out, its consent still holds
    await old.says("/start", to="home/menu")
    await log_in(town, old, "me/overview")
    await new.player.sees("本账号已退出登录")
    assert [found.number for found in await town.registrations(old)] == [registration.number]


SIGNED_OUT_AT = ("application/overview", "application/ask_marital", "me/overview", "records/record")


@pytest.mark.parametrize("place", SIGNED_OUT_AT)
async def test_somebody_signed_out_by_another_login_is_led_to_log_in_wherever_they_were(town: Town, place: str) -> None:
    plan = await town.plan()
    old = town.newcomer()
    if place == "records/record":
        await town.registered(old, plan)
        await old.taps("record", to=place)
    else:
        await town.filling_in(old, plan)
    if place == "application/ask_marital":
        await old.taps("section", "basics", to=place)
    elif place == "me/overview":
        await old.says("/me", to=place)
    await log_in(town, town.second_account(old), "me/overview")
    await old.says("您好")
    assert old.text.startswith("⚠️") or old.place.startswith("sign_up/"), old.player.describe()
    assert old.screen["message_id"] == old.player.chat[-1]["message_id"]


async def test_somebody_whose_name_is_refused_after_moving_to_another_account_can_try_again(town: Town) -> None:
    town.house.gateways.strangers.add(STRANGER)
    old = await asked_for_name(town)
    await old.says(STRANGER, to="real_name/ask_id_number")
    await old.says(id_number_of(old.player.id), to="real_name/confirm")
    new = town.second_account(old)
    old.jobs = new.jobs = False
    async with held(town.house, "identity"):
        await old.taps("confirm", to="real_name/checking")
        town.house.clock.ahead += 11 * MINUTE
        await new.says("/me", to="sign_up/consent")
        await new.taps("agree", to="sign_up/ask_phone")
        await new.player.shares_contact()
        await new.player.sees("验证码已发送至")
        await new.says(code_of(new))
    old.jobs = new.jobs = True
    await new.rests()
    await new.says("/me", to="me/overview")
    await new.taps("real_name", to="real_name/ask_name")
