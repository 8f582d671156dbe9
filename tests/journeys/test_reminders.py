"""Being reminded: at the right moment, once, also after a restart, and never in vain."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace

from bot.rehearsal.client import plain
from bot.rehearsal.sample_workbook import sample_plan
from bot.rehearsal.state import Json
from flows.model import DAY, HOUR, MINUTE, SECOND, Moment, Occasion, Plan
from storage.repository import SqlRepository
from tests.journeys.conftest import House
from tests.journeys.town import Town
from tests.journeys.walking import Walker, app_of, rests


async def reminded_at(house: House, moment: Moment) -> None:
    """The clock goes forward to just after this moment, and everything due by then is said."""
    app = app_of(house)
    house.clock.ahead += moment + SECOND - house.clock.now()
    app.post.wake()

    def owed(connection: sqlite3.Connection) -> int:
        due = "SELECT (SELECT count(*) FROM inbox) + (SELECT count(*) FROM outbox WHERE due_at <= ?)"
        return int(connection.execute(due, (house.clock.now(),)).fetchone()[0])

    async with asyncio.timeout(10):
        while await app.rooms.database.read(owed):
            await rests(house)


def reminders(walker: Walker) -> list[Json]:
    return [message for message in walker.player.chat if plain(message).startswith("⏰")]


async def upcoming(house: House) -> Plan:
    now = house.clock.now()
    plan = sample_plan("CY2604", "朝阳区2026年第四批保租房", now + 2 * DAY, now + 6 * DAY)
    await house.publish(plan)
    return plan


async def test_somebody_is_reminded_that_a_plan_opens_and_follows_the_button(house: House) -> None:
    town, plan = Town(house), await upcoming(house)
    walker = town.newcomer()
    await walker.says(f"/start plan_{plan.code}", to="plans/plan")
    assert ["开始时提醒我"] in walker.labels
    await walker.taps("remind", to="plans/plan")
    assert walker.toast is not None
    assert walker.toast.startswith("已设置，")
    assert ["已设置提醒"] in walker.labels
    await walker.says("/start", to="home/menu")
    await reminded_at(house, plan.opens_at - MINUTE)
    assert reminders(walker) == []
    await reminded_at(house, plan.opens_at)
    (reminder,) = reminders(walker)
    assert plain(reminder).startswith(f"⏰ 您关注的「{plan.name}」已开始登记。\n")
    assert walker.player.buttons(reminder) == [["查看计划"]]
    await walker.player.taps("查看计划")
    await walker.rests("plans/plan")
    assert walker.text.split("\n")[1].startswith("登记中")


async def test_a_reminder_survives_a_restart_and_comes_once(house: House) -> None:
    town, plan = Town(house), await upcoming(house)
    walker = town.newcomer(language="en")
    await walker.says(f"/start plan_{plan.code}", to="plans/plan")
    await walker.taps("remind", to="plans/plan")
    await house.close()
    house.clock.ahead += 2 * DAY + MINUTE
    await house.open()
    reminder = await walker.player.sees(f"⏰ Registration has opened: {plan.name}")
    assert walker.player.buttons(reminder) == [["View plan"]]
    await house.close()
    await house.open()
    await walker.says("/start", to="home/menu")
    await reminded_at(house, plan.closes_at)
    assert len(reminders(walker)) == 1


async def test_whoever_has_registered_is_not_reminded_of_the_end(house: House) -> None:
    town = Town(house)
    plan = await town.plan(closes_in=3 * DAY)
    idle, busy = town.newcomer(), town.newcomer()
    for walker in (idle, busy):
        await walker.says(f"/start plan_{plan.code}", to="plans/plan")
        assert ["截止前提醒我"] in walker.labels
        await walker.taps("remind", to="plans/plan")
    await town.registered(busy, plan)
    await reminded_at(house, plan.closes_at - DAY)
    assert len(reminders(idle)) == 1
    assert "您还没有登记" in plain(reminders(idle)[0])
    assert reminders(busy) == []


async def test_a_plan_that_is_put_off_reminds_at_the_new_time(house: House) -> None:
    town, plan = Town(house), await upcoming(house)
    walker = town.newcomer()
    await walker.says(f"/start plan_{plan.code}", to="plans/plan")
    await walker.taps("remind", to="plans/plan")
    later = replace(plan, opens_at=plan.opens_at + DAY, closes_at=plan.closes_at + DAY)
    rooms = app_of(house).rooms

    def put_off(connection: sqlite3.Connection) -> None:
        repository = SqlRepository(connection, rooms.vault, rooms.shelf)
        assert repository.change_plan(later, 1)
        repository.move_reminders(later, house.clock.now())

    await rooms.database.write(put_off)
    await reminded_at(house, plan.opens_at)
    assert reminders(walker) == []
    await reminded_at(house, later.opens_at)
    assert len(reminders(walker)) == 1


async def test_a_reminder_that_is_called_off_never_comes(house: House) -> None:
    town, plan = Town(house), await upcoming(house)
    walker = town.newcomer()
    await walker.says(f"/start plan_{plan.code}", to="plans/plan")
    await walker.taps("remind", to="plans/plan")
    await walker.taps("reminder", to="plans/reminder")
    assert walker.text.startswith("已设置提醒\n")
    assert walker.labels == [["取消提醒"], ["返回"]]
    await walker.taps("drop", to="plans/plan")
    assert walker.toast == "已取消提醒。"
    assert ["开始时提醒我"] in walker.labels
    await reminded_at(house, plan.opens_at + HOUR)
    assert reminders(walker) == []


async def test_a_withdrawn_plan_reminds_nobody(house: House) -> None:
    town, plan = Town(house), await upcoming(house)
    walker = town.newcomer()
    await walker.says(f"/start plan_{plan.code}", to="plans/plan")
    await walker.taps("remind", to="plans/plan")
    rooms = app_of(house).rooms

    def withdraw(connection: sqlite3.Connection) -> None:
        repository = SqlRepository(connection, rooms.vault, rooms.shelf)
        repository.withdraw_plan(plan.code, "房源有调整", house.clock.now())

    await rooms.database.write(withdraw)
    await reminded_at(house, plan.opens_at)
    assert reminders(walker) == []
    assert not await town.asks(lambda repository: repository.has_reminder(plan.code, walker.player.id, Occasion.OPENS))
