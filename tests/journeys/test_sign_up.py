"""Proving the phone: what is taken, what is refused and why, and how often."""

from __future__ import annotations

import re

import pytest

from flows.model import DAY, HOUR, MINUTE, SECOND
from tests.journeys.rules import holds_to_the_rules
from tests.journeys.signing import asked_for_code, asked_for_phone, code_of, is_in_chat
from tests.journeys.town import Town
from tests.journeys.walking import Walker, later

pytestmark = pytest.mark.asyncio(loop_scope="module")


def codes_of(walker: Walker) -> int:
    return len(walker.house.gateways.codes.get("+" + walker.player.person.phone, []))


def other_code(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


# --- the phone -------------------------------------------------------------------------------------------------------


async def test_somebody_sharing_a_contact_that_is_not_theirs_is_refused(town: Town) -> None:
    walker = await asked_for_phone(town)
    for user_id, forwarded in ((4711, False), (None, False), (walker.player.id, True)):
        await walker.player.shares_contact(phone="8613900139000", user_id=user_id, forwarded=forwarded)
        await walker.rests("sign_up/ask_phone")
        assert walker.text.startswith("⚠️ 这不是您本人的手机号。")
        assert walker.player.keys() == [["发送本机手机号"], ["返回"]]
    assert "+8613900139000" not in town.house.gateways.codes


async def test_somebody_with_a_foreign_number_is_asked_to_type_a_mainland_one(town: Town) -> None:
    walker = await asked_for_phone(town)
    await walker.player.shares_contact(phone="85291234567")
    await walker.rests("sign_up/ask_phone")
    assert "不是中国大陆手机号" in walker.text


@pytest.mark.parametrize(
    "spelling",
    ["{}", "+86 {}", "0086{}", "（86）{}", "{0:.3} {0:.7}", "fullwidth", "arabic"],
)
async def test_somebody_typing_their_number_in_any_spelling_gets_a_captcha(town: Town, spelling: str) -> None:
    walker = await asked_for_phone(town)
    phone = walker.player.person.phone.removeprefix("86")
    typed = {
        "fullwidth": phone.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"}),
        "arabic": phone.translate({ord(digit): ord(digit) + 0x0630 for digit in "0123456789"}),
        "{0:.3} {0:.7}": f"{phone[:3]} {phone[3:7]}-{phone[7:]}",
    }.get(spelling, spelling.format(phone))
    await walker.says(typed, to="sign_up/captcha")
    assert "photo" in walker.screen
    assert walker.labels == [["换一张", "返回"]]
    assert codes_of(walker) == 0  # an SMS costs money: not before the captcha


@pytest.mark.parametrize(
    "typed", ["1380013800", "138001380000", "010-12345678", "23800138000", "手机号", "+1 202 555 0100"]
)
async def test_somebody_typing_what_is_no_number_is_shown_a_right_one(town: Town, typed: str) -> None:
    walker = await asked_for_phone(town)
    await walker.says(typed, to="sign_up/ask_phone")
    assert walker.text.startswith("⚠️ 「手机号」应是中国大陆的 11 位手机号。")
    assert "13800138000" in walker.text.split("\n\n")[0]


async def test_somebody_misreading_the_picture_gets_a_new_one_and_the_old_one_goes(town: Town) -> None:
    walker = await asked_for_phone(town)
    await walker.says(walker.player.person.phone, to="sign_up/captcha")
    first, drawn = walker.screen["message_id"], town.house.chance.drawn[-1]
    await walker.says("1111", to="sign_up/captcha")
    assert walker.screen["message_id"] != first
    assert not any(message["message_id"] == first for message in walker.player.chat)
    await walker.says(drawn, to="sign_up/captcha")  # what stood in the first picture is worth nothing now
    assert codes_of(walker) == 0
    digits = town.house.chance.drawn[-1]
    await walker.says(" ".join(digits).translate({ord("0"): "０"}), to="sign_up/ask_code")
    assert codes_of(walker) == 1


async def test_somebody_turning_back_by_the_keyboard_leaves_and_the_keyboard_goes(town: Town) -> None:
    walker = await asked_for_phone(town)
    await walker.player.taps("返回")
    await walker.rests("home/menu")
    assert walker.player.keyboard is None
    await holds_to_the_rules(walker)


# --- the code --------------------------------------------------------------------------------------------------------


async def test_somebody_typing_the_code_has_it_deleted_from_the_chat(town: Town) -> None:
    walker = await asked_for_code(town)
    assert "138****" in walker.text
    assert "5 分钟内有效" in walker.text
    wrong = other_code(code_of(walker))
    await walker.says(wrong, to="sign_up/ask_code")
    assert walker.text.startswith("⚠️ 验证码不对。")
    assert not is_in_chat(walker, wrong)
    right = code_of(walker)
    await walker.says(f"{right[:3]} {right[3:]}", to="sign_up/verified")
    assert not is_in_chat(walker, f"{right[:3]} {right[3:]}")
    assert walker.labels == [["立即实名"], ["以后再说"]]


async def test_somebody_guessing_the_code_is_stopped_after_five(town: Town) -> None:
    walker = await asked_for_code(town)
    right = code_of(walker)
    for _ in range(5):
        await walker.says(other_code(right), to="sign_up/ask_code")
    await walker.says(right, to="sign_up/ask_code")
    assert walker.text.startswith("⚠️ 这个验证码已失效")
    assert await town.person(walker) is None


async def test_somebody_typing_the_code_too_late_is_told_and_gets_another(town: Town) -> None:
    walker = await asked_for_code(town)
    first = code_of(walker)
    town.house.clock.ahead += 5 * MINUTE + 1000
    await walker.says(first, to="sign_up/ask_code")
    assert walker.text.startswith("⚠️ 这个验证码已失效")
    await walker.taps("resend", to="sign_up/ask_code")
    assert codes_of(walker) == 2
    await walker.says(code_of(walker), to="sign_up/verified")


async def test_somebody_asking_for_another_code_too_soon_is_told_how_long_to_wait(town: Town) -> None:
    walker = await asked_for_code(town)
    await walker.taps("resend", to="sign_up/ask_code")
    seconds = re.fullmatch(r"请在 (\d+) 秒后再试。", walker.toast or "")
    assert seconds is not None
    assert 50 < int(seconds[1]) <= 60
    assert codes_of(walker) == 1
    first = code_of(walker)
    town.house.clock.ahead += MINUTE
    await walker.taps("resend", to="sign_up/ask_code")
    assert codes_of(walker) == 2
    if first != code_of(walker):
        await walker.says(first, to="sign_up/ask_code")
        assert walker.text.startswith("⚠️ 验证码不对。")
    await walker.says(code_of(walker), to="sign_up/verified")


async def test_somebody_giving_the_same_number_anew_still_has_to_wait_for_another_code(town: Town) -> None:
    walker = await asked_for_code(town)
    await walker.taps("other_phone", to="sign_up/ask_phone")
    await walker.shares_contact()
    assert codes_of(walker) == 1


async def test_somebody_asking_for_codes_all_day_is_stopped(town: Town) -> None:
    walker = await asked_for_code(town)
    for _ in range(6):
        town.house.clock.ahead += 30 * MINUTE
        await walker.taps("resend", to="sign_up/ask_code")
    assert codes_of(walker) == 5
    assert walker.text.startswith("⚠️ 24 小时内获取验证码的次数已用完")
    town.house.clock.ahead += DAY
    await walker.taps("resend", to="sign_up/ask_code")
    assert codes_of(walker) == 6


async def test_somebody_whose_code_cannot_be_sent_waits_and_gets_it_when_it_can(town: Town) -> None:
    walker = await asked_for_phone(town)
    town.house.gateways.sms_down = True
    await walker.shares_contact(to="sign_up/ask_code")
    assert "正在向 138****" in walker.text
    town.house.gateways.sms_down = False
    later(town.house, 3 * SECOND)
    await walker.player.sees("验证码已发送至 138****")
    await walker.rests("sign_up/ask_code")
    await walker.says(code_of(walker), to="sign_up/verified")


async def test_somebody_whose_code_is_never_sent_is_asked_for_the_number_again(town: Town) -> None:
    walker = await asked_for_phone(town)
    town.house.gateways.sms_down = True
    await walker.shares_contact(to="sign_up/ask_code")
    later(town.house, HOUR)
    await walker.player.sees("短信服务暂时繁忙，验证码没有发出。")
    town.house.gateways.sms_down = False
    await walker.rests("sign_up/ask_phone")
    assert walker.player.keys() == [["发送本机手机号"], ["返回"]]
    await walker.shares_contact(to="sign_up/ask_code")  # what was never sent counts against nobody
    await walker.says(code_of(walker), to="sign_up/verified")
