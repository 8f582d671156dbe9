"""Proving phone and name: what is taken, what is refused and why, and who an account belongs to."""

from __future__ import annotations

import re

import pytest

from flows.model import DAY, HOUR, MINUTE, SECOND
from tests.journeys.identities import NAME, id_number_of
from tests.journeys.route import STRANGER
from tests.journeys.rules import holds_to_the_rules
from tests.journeys.town import Town
from tests.journeys.walking import Walker, held, later, words

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def asked_for_phone(town: Town) -> Walker:
    walker = town.newcomer()
    await walker.says("/me", to="sign_up/consent")
    await walker.taps("agree", to="sign_up/ask_phone")
    return walker


async def asked_for_code(town: Town) -> Walker:
    walker = await asked_for_phone(town)
    await walker.shares_contact(to="sign_up/ask_code")
    return walker


async def asked_for_name(town: Town) -> Walker:
    walker = await asked_for_code(town)
    await walker.says(code_of(walker), to="sign_up/verified")
    await walker.taps("real_name", to="real_name/ask_name")
    return walker


def code_of(walker: Walker) -> str:
    return walker.house.code_for(walker.player.person.phone)


def codes_of(walker: Walker) -> int:
    return len(walker.house.gateways.codes.get("+" + walker.player.person.phone, []))


def is_in_chat(walker: Walker, text: str) -> bool:
    return any(message.get("text") == text for message in walker.player.chat if not message["from"]["is_bot"])


def other_code(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


# --- the phone -------------------------------------------------------------------------------------------------------


async def test_somebody_sharing_a_contact_that_is_not_theirs_is_refused(town: Town) -> None:
    walker = await asked_for_phone(town)
    for user_id, forwarded in ((4711, False), (None, False), (walker.player.id, True)):
        await walker.player.shares_contact(phone="8613900139000", user_id=user_id, forwarded=forwarded)
        await walker.rests("sign_up/ask_phone")
        assert walker.text.startswith("⚠️ 这不是您本人的手机号名片。")
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


# --- the name --------------------------------------------------------------------------------------------------------


async def test_somebody_typing_their_id_number_has_it_deleted_and_is_told(town: Town) -> None:
    walker = await asked_for_name(town)
    await walker.says(NAME, to="real_name/ask_id_number")
    right = id_number_of(walker.player.id)
    wrong = right[:17] + ("1" if right[17] != "1" else "2")
    for typed in (wrong, right[:15], wrong[:6] + "19001301" + wrong[14:]):
        await walker.says(typed, to="real_name/ask_id_number")
        assert walker.text.startswith("⚠️ 「身份证号码」")
        assert words(town.house, "common", "notice_message_deleted") in walker.text
        assert not is_in_chat(walker, typed)
    spelled = f"{right[:6]} {right[6:14]}-{right[14:]}".lower()
    await walker.says(spelled, to="real_name/confirm")
    assert not is_in_chat(walker, spelled)
    assert f"{right[:3]}***********{right[-4:]}" in walker.text
    assert right not in walker.text


async def test_somebody_typing_their_id_number_instead_of_the_name_has_it_deleted(town: Town) -> None:
    walker = await asked_for_name(town)
    number = id_number_of(walker.player.id)
    await walker.says(number, to="real_name/ask_name")
    assert not is_in_chat(walker, number)


@pytest.mark.parametrize("typed", ["王5芳", "<b>王芳</b>", "😀", "....", "長" * 41, "王芳！"])
async def test_somebody_typing_what_is_no_name_is_asked_again(town: Town, typed: str) -> None:
    walker = await asked_for_name(town)
    await walker.says(typed, to="real_name/ask_name")
    assert walker.text.startswith("⚠️ 「真实姓名」")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("𬍛䶮", "𬍛䶮"),
        ("阿卜杜拉 • 买买提", "阿卜杜拉·买买提"),
        ("\u202e王\u200b芳", "王芳"),
        ("O'Neil  Seán-Paul", "O'Neil Seán-Paul"),
    ],
)
async def test_somebody_with_a_rare_name_is_asked_to_confirm_it_as_it_is(town: Town, typed: str, kept: str) -> None:
    walker = await asked_for_name(town)
    await walker.says(typed, to="real_name/ask_id_number")
    await walker.says(id_number_of(walker.player.id), to="real_name/confirm")
    assert f"姓名 {kept} · 证件号码" in walker.text
    await walker.taps("confirm", to="me/overview")
    person = await town.person(walker)
    assert person is not None
    assert person.name == kept


async def test_somebody_using_anothers_id_number_is_refused_and_told_whom_to_call(town: Town) -> None:
    first = await town.signed_up(town.newcomer())
    second = await asked_for_name(town)
    await second.says(NAME, to="real_name/ask_id_number")
    await second.says(id_number_of(first.player.id), to="real_name/ask_id_number")
    assert second.text.startswith("⚠️ 这个身份证号码已由另一个账号认证")
    assert "010-12345678" in second.text


async def test_two_people_confirming_one_id_number_at_once_leave_it_to_the_first(town: Town) -> None:
    walkers = [await asked_for_name(town), await asked_for_name(town)]
    number = id_number_of(walkers[0].player.id)
    for walker in walkers:
        await walker.says(NAME, to="real_name/ask_id_number")
        await walker.says(number, to="real_name/confirm")
    async with held(town.house, "identity"):
        for walker in walkers:
            await walker.player.presses(walker.screen["message_id"], walker.data_of("confirm"))
    for walker in walkers:
        await walker.rests()
    assert sorted(walker.place for walker in walkers) == ["me/overview", "real_name/refused"]
    loser = next(walker for walker in walkers if walker.place == "real_name/refused")
    assert "已由另一个账号认证" in loser.text


async def test_somebody_whose_name_does_not_match_has_three_tries_a_day(town: Town) -> None:
    town.house.gateways.strangers.add(STRANGER)
    walker = await asked_for_name(town)
    for left in (2, 1, 0):
        await walker.says(STRANGER, to="real_name/ask_id_number")
        await walker.says(id_number_of(walker.player.id), to="real_name/confirm")
        await walker.taps("confirm", to="real_name/refused")
        assert (f"还可以再试 {left} 次" if left else "今天的次数已用完") in walker.text
        if left:
            await walker.taps("again", to="real_name/ask_name")
    assert walker.labels == [["返回"]]
    town.house.clock.ahead += DAY + HOUR
    await walker.taps("back")
    await walker.says("/me", to="me/overview")
    await walker.taps("real_name", to="real_name/ask_name")
    await walker.says(NAME, to="real_name/ask_id_number")
    await walker.says(id_number_of(walker.player.id), to="real_name/confirm")
    await walker.taps("confirm", to="me/overview")


async def test_somebody_leaving_while_the_name_is_checked_is_told_and_need_not_come_back(town: Town) -> None:
    walker = await asked_for_name(town)
    await walker.says(NAME, to="real_name/ask_id_number")
    await walker.says(id_number_of(walker.player.id), to="real_name/confirm")
    walker.jobs = False
    async with held(town.house, "identity"):
        await walker.taps("confirm", to="real_name/checking")
        await walker.says("/start", to="home/menu")
        await walker.says("/me", to="me/overview")
        await walker.taps("real_name", to="real_name/checking")  # asked once, waited for: not asked again
        await walker.says("/start", to="home/menu")
    walker.jobs = True
    await walker.rests("home/menu")
    await walker.player.sees(words(town.house, "common", "say_identity_match"))
    assert town.house.gateways.asked.count(NAME) >= 1
    await walker.says("/me", to="me/overview")
    assert "实名认证：已通过" in walker.text


async def asks_while_the_service_is_away(town: Town) -> Walker:
    walker = await asked_for_name(town)
    await walker.says(NAME, to="real_name/ask_id_number")
    await walker.says(id_number_of(walker.player.id), to="real_name/confirm")
    town.house.gateways.identity_down = True
    await walker.taps("confirm", to="real_name/checking")
    town.house.gateways.identity_down = False
    assert walker.text.startswith("认证服务暂时不可用\n")
    assert walker.labels == [["返回"]]
    return walker


async def test_somebody_asking_while_the_service_is_away_need_not_ask_again(town: Town) -> None:
    walker = await asks_while_the_service_is_away(town)
    later(town.house, 3 * SECOND)
    await walker.player.sees("实名认证通过")
    await walker.rests("me/overview")


async def test_somebody_whom_the_service_never_answers_may_ask_again_without_losing_a_try(town: Town) -> None:
    walker = await asks_while_the_service_is_away(town)
    town.house.gateways.identity_down = True
    later(town.house, DAY + HOUR)
    await walker.player.sees("认证服务一直没有答复。")
    town.house.gateways.identity_down = False
    await walker.rests("real_name/refused")
    await walker.taps("again", to="real_name/ask_name")
    await walker.says(NAME, to="real_name/ask_id_number")
    await walker.says(id_number_of(walker.player.id), to="real_name/confirm")
    await walker.taps("confirm", to="me/overview")


# --- who the account belongs to --------------------------------------------------------------------------------------


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
