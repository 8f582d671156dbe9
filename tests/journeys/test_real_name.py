"""Proving the name: what is taken, what is asked of the service, and what it answers."""

from __future__ import annotations

import pytest

from flows.model import DAY, HOUR, SECOND
from tests.journeys.identities import NAME, id_number_of
from tests.journeys.route import STRANGER
from tests.journeys.signing import asked_for_name, is_in_chat
from tests.journeys.town import Town
from tests.journeys.walking import Walker, held, later, words

pytestmark = pytest.mark.asyncio(loop_scope="module")


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


async def test_somebody_typing_their_id_number_anywhere_has_it_deleted(town: Town) -> None:
    walker = await asked_for_name(town)
    number = id_number_of(walker.player.id)
    await walker.says(NAME, to="real_name/ask_id_number")
    await walker.says(number, to="real_name/confirm")
    await walker.says(number, to="real_name/confirm")
    assert not is_in_chat(walker, number)
    await walker.says("/start", to="home/menu")
    await walker.says(number, to="home/menu")
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
