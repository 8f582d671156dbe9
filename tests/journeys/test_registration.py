"""A place in the draw: once a plan and person, inside the window, however often and fast people tap."""

from __future__ import annotations

import asyncio

import pytest

from bot.app import App
from flows.applicant.registration import ALPHABET
from flows.model import DAY, HOUR, MINUTE, Plan, RegistrationState
from storage.inbox import Letter
from storage.outbox import Parcel
from tests.journeys.conftest import House
from tests.journeys.town import Town
from tests.journeys.walking import Walker, app_of, rests, words

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def ready(town: Town, plan: Plan) -> Walker:
    """Before the last tap."""
    walker = await town.submitted(town.newcomer(), plan)
    await walker.taps("register", to="register/confirm")
    return walker


async def registered(town: Town, plan: Plan) -> int:
    return await town.asks(lambda repository: repository.registered(plan.code))


async def test_an_applicant_registering_gets_a_number_that_is_easy_to_read_out(town: Town) -> None:
    plan = await town.plan()
    walker = await ready(town, plan)
    assert walker.labels == [["确认登记"], ["返回"]]
    assert "登记后如需修改填报信息，须先取消登记。" in walker.text
    await walker.taps("confirm", to="register/registered")
    assert walker.labels == [["查看配租记录"], ["导出 PDF"], ["首页"]]
    (registration,) = await town.registrations(walker)
    assert f"登记编号 {registration.number}\n" in walker.text
    code, _, letters = registration.number.partition("-")
    assert code == plan.code
    assert len(letters) == 9
    assert set(letters.replace("-", "")) <= set(ALPHABET)
    assert await registered(town, plan) == 1


async def test_somebody_new_is_led_through_everything_and_back_to_registering(town: Town) -> None:
    plan = await town.plan()
    walker = town.newcomer()
    await walker.says(f"/start plan_{plan.code}", to="plans/plan")
    await walker.taps("register", to="sign_up/consent")
    await walker.taps("agree", to="sign_up/ask_phone")
    await walker.shares_contact(to="sign_up/ask_code")
    await walker.says(town.house.code_for(walker.player.person.phone), to="sign_up/verified")
    await walker.taps("later", to="plans/plan")
    await walker.taps("register", to="real_name/ask_name")
    await walker.taps("back", to="plans/plan")


async def test_an_applicant_tapping_fifty_times_registers_once(town: Town) -> None:
    plan = await town.plan()
    walker = await ready(town, plan)
    message, data = walker.screen["message_id"], walker.data_of("confirm")
    await asyncio.gather(*(walker.player.presses(message, data) for _ in range(50)))
    await walker.rests("register/registered")
    assert len(await town.registrations(walker)) == 1
    assert await registered(town, plan) == 1
    assert sum("登记成功" in str(found.get("text")) for found in walker.player.chat) == 1


async def test_an_applicant_tapping_twice_at_once_skips_no_screen(town: Town) -> None:
    """Every button on the way, each pressed twice in a moment, the second time without waiting for anything."""
    plan = await town.plan()
    walker = await town.submitted(town.newcomer(), plan)
    for button, to in (
        ("register", "register/confirm"),
        ("confirm", "register/registered"),
        ("record", "records/record"),
        ("cancel", "records/confirm_cancel"),
        ("confirm_cancel", "records/record"),
        ("see_plan", "plans/plan"),
    ):
        message, data = walker.screen["message_id"], walker.data_of(button)
        first, second = await asyncio.gather(*(walker.player.presses(message, data) for _ in range(2)))
        await walker.rests(to)
        assert first is None
        assert second == words(town.house, "common", "toast_stale")
    (registration,) = await town.registrations(walker)
    assert registration.state is RegistrationState.CANCELLED


async def test_two_accounts_of_a_person_racing_end_with_one_registration(town: Town) -> None:
    plan = await town.plan()
    old = await ready(town, plan)
    new = town.second_account(old)
    town.house.clock.ahead += 11 * MINUTE
    await new.says(f"/start plan_{plan.code}", to="plans/plan")
    await new.taps("register", to="sign_up/consent")
    await new.taps("agree", to="sign_up/ask_phone")
    await new.shares_contact(to="sign_up/ask_code")
    old_press = (old.screen["message_id"], old.data_of("confirm"))
    await new.player.sends(town.house.code_for(new.player.person.phone))
    await old.player.presses(*old_press)
    await rests(town.house)
    await new.rests()
    if new.place == "register/confirm":
        await new.taps("confirm", to="register/registered")
    assert len(await town.registrations(new)) == 1
    assert await registered(town, plan) == 1


async def test_an_applicant_registering_again_gets_another_number(town: Town) -> None:
    plan = await town.plan()
    walker = await town.registered(town.newcomer(), plan)
    await walker.taps("record", to="records/record")
    await walker.taps("cancel", to="records/confirm_cancel")
    await walker.taps("confirm_cancel", to="records/record")
    assert await registered(town, plan) == 0
    await walker.taps("see_plan", to="plans/plan")
    assert walker.labels[0] == ["立即登记"]
    await walker.taps("register", to="register/confirm")
    await walker.taps("confirm", to="register/registered")
    second, first = await town.registrations(walker)
    assert (second.state, first.state) == (RegistrationState.REGISTERED, RegistrationState.CANCELLED)
    assert second.number != first.number
    assert await registered(town, plan) == 1


async def test_an_applicant_who_is_early_is_told_when_and_may_fill_in(town: Town) -> None:
    plan = await town.plan(opens_in=2 * DAY + 3 * HOUR + MINUTE, closes_in=6 * DAY)
    walker = town.newcomer()
    await walker.says(f"/start plan_{plan.code}", to="plans/plan")
    await walker.taps("register", to="register/refused")
    assert "登记还没有开始" in walker.text
    assert "（还有 2 天 3 小时）" in walker.text
    await walker.taps("fill_in", to="sign_up/consent")


async def test_an_applicant_who_is_late_is_told_so_and_whom_to_call(town: Town) -> None:
    plan = await town.plan(closes_in=HOUR)
    walker = town.newcomer()
    await walker.says(f"/start plan_{plan.code}", to="plans/plan")
    assert walker.labels[0] == ["立即登记"]
    town.house.clock.ahead += 2 * HOUR
    await walker.taps("register", to="register/refused")
    assert walker.toast is None
    assert "登记已截止" in walker.text
    assert f"咨询电话：{plan.phone}" in walker.text
    await walker.taps("back", to="plans/plan")
    assert ["立即登记"] not in walker.labels
    walker = town.newcomer()
    await walker.says(f"/start plan_{plan.code}", to="plans/plan")
    assert ["立即登记"] not in walker.labels


# --- both ends of the window, to the millisecond ---------------------------------------------------------------------


async def confirms_at(house: House, walker: Walker, moment: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house.clock, "now", lambda: moment)
    await walker.taps("confirm")


async def test_an_applicant_in_the_last_millisecond_registers_and_in_the_next_does_not(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = await town.plan()
    in_time, too_late = await ready(town, plan), await ready(town, plan)
    with monkeypatch.context() as patch:
        await confirms_at(town.house, in_time, plan.closes_at - 1, patch)
        await confirms_at(town.house, too_late, plan.closes_at, patch)
    assert in_time.place == "register/registered"
    assert too_late.place == "register/refused"
    assert "登记已截止" in too_late.text
    assert await registered(town, plan) == 1


async def test_an_applicant_in_the_first_millisecond_registers_and_in_the_one_before_does_not(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = await town.plan(opens_in=HOUR)
    early = await town.submitted(town.newcomer(), plan)
    with monkeypatch.context() as patch:
        patch.setattr(town.house.clock, "now", lambda: plan.opens_at - 1)
        await early.taps("register", to="register/refused")
        assert "（还有 不到 1 分钟）" in early.text
        await early.taps("back", to="plans/plan")
        patch.setattr(town.house.clock, "now", lambda: plan.opens_at)
        await early.taps("register", to="register/confirm")
        await early.taps("confirm", to="register/registered")


async def test_an_applicant_who_tapped_in_time_registers_however_long_the_queue_was(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = await town.plan()
    walker = await ready(town, plan)
    app = app_of(town.house)
    arrived, go_on = asyncio.Event(), asyncio.Event()
    with monkeypatch.context() as patch:
        _hold(app, arrived, go_on, patch)
        patch.setattr(town.house.clock, "now", lambda: plan.closes_at - 1)
        await walker.player.taps("确认登记", wait=False)
        await arrived.wait()
        patch.setattr(town.house.clock, "now", lambda: plan.closes_at + HOUR)
        go_on.set()
        await walker.rests("register/registered")
    (registration,) = await town.registrations(walker)
    assert registration.registered_at == plan.closes_at - 1


def _hold(app: App, arrived: asyncio.Event, go_on: asyncio.Event, patch: pytest.MonkeyPatch) -> None:
    """Turns wait after their letter is in the inbox."""
    play = app.turns.play

    async def wait_and_play(letter: Letter) -> list[Parcel]:
        arrived.set()
        await go_on.wait()
        return await play(letter)

    patch.setattr(app.turns, "play", wait_and_play)
