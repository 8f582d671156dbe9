"""Looking at plans, signed in or not: lists, pages, links, and what time does to a plan on the screen."""

from __future__ import annotations

import pytest

from flows.model import DAY, HOUR, MINUTE
from tests.journeys.town import Town
from tests.journeys.walking import words

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_somebody_new_is_greeted_with_what_is_open(town: Town) -> None:
    plan = await town.plan(closes_in=3 * DAY + 4 * HOUR + MINUTE)
    walker = town.newcomer()
    await walker.says("/start", to="home/menu")
    assert walker.text.startswith("安居 · 保障性租赁住房\n")
    assert f"正在登记：{plan.name}（还剩 3 天 4 小时）" in walker.text
    assert walker.labels == [["配租计划"], ["我的登记", "我的资料"], ["联系我们", "English"]]


async def test_somebody_looks_at_a_plan_without_an_account(town: Town) -> None:
    plan = await town.plan(closes_in=3 * DAY + 4 * HOUR + MINUTE)
    walker = town.newcomer()
    await walker.says("/plans", to="plans/list")
    await walker.taps("plan", plan.code, to="plans/plan")
    lines = walker.text.split("\n")
    assert lines[0] == plan.name
    assert lines[1] == "登记中 · 还剩 3 天 4 小时"
    assert "填报：随时可以填报" in lines
    assert "项目 4 个 · 房源 860 套 · 已登记 0 人" in lines
    assert "您的填报：尚未填报 · 您的登记：尚未登记" in lines
    assert walker.labels[:2] == [["立即登记"], ["填报信息"]]
    assert walker.labels[-1] == ["返回"]
    await walker.taps("back", to="plans/list")
    await walker.taps("back", to="home/menu")
    assert await town.person(walker) is None


async def test_somebody_following_a_link_comes_to_the_plan(town: Town) -> None:
    plan = await town.plan()
    walker = town.newcomer()
    await walker.says(f"/start plan_{plan.code}", to="plans/plan")
    assert walker.text.startswith(plan.name)
    await walker.taps("back", to="plans/list")


@pytest.mark.parametrize(
    "link", ["plan_NOSUCH", "plan_", "plan_" + "A" * 60, "plan_../../etc", "nonsense", "%00", "plan_<b>", "{{7*7}}"]
)
async def test_somebody_following_a_broken_link_is_still_welcome(town: Town, link: str) -> None:
    walker = town.newcomer()
    await walker.says(f"/start {link}")
    assert walker.place in {"home/menu", "plans/list"}
    if walker.place == "plans/list":
        assert walker.text.startswith("⚠️ " + words(town.house, "common", "error_plan_unknown"))
    assert "49" not in walker.text.split("\n")[0]


async def test_somebody_turning_pages_finds_every_plan_once(town: Town) -> None:
    plans = [await town.plan() for _ in range(9)]
    walker = town.newcomer()
    await walker.says("/plans", to="plans/list")
    assert "第 1/" in walker.text
    seen: list[str] = []
    while True:
        assert len(walker.labels) <= 9
        seen += [row[0] for row in walker.labels[:-1]]
        if "›" not in walker.labels[-1]:
            break
        before = walker.text
        await walker.player.taps("›")
        await walker.rests("plans/list")
        assert walker.text != before
    for plan in plans:
        assert sum(label.startswith(f"{plan.name}（") for label in seen) == 1
    assert walker.labels[-1][0] == "‹"


async def test_a_plan_that_opens_while_somebody_looks_is_open_at_the_next_tap(town: Town) -> None:
    plan = await town.plan(opens_in=2 * HOUR, closes_in=DAY)
    walker = await town.signed_up(town.newcomer())
    await walker.says(f"/start plan_{plan.code}", to="plans/plan")
    assert "未开始 · 距开始还有 1 小时 59 分钟" in walker.text
    before = walker.text
    town.house.clock.ahead += 2 * HOUR
    assert walker.text == before  # nothing changes by itself under a reader's finger
    await walker.taps("register", to="application/overview")
    await walker.taps("back", to="plans/plan")
    assert walker.text.split("\n")[1].startswith("登记中 · 还剩 2")


async def test_a_plan_counts_down_to_the_minute_and_to_the_end(town: Town) -> None:
    plan = await town.plan(closes_in=65 * MINUTE)
    walker = town.newcomer()
    await walker.says(f"/start plan_{plan.code}", to="plans/plan")
    assert "还剩 1 小时 4 分钟" in walker.text
    town.house.clock.ahead += 64 * MINUTE + 30_000
    await walker.says(f"/start plan_{plan.code}", to="plans/plan")
    assert "还剩 不到 1 分钟" in walker.text
    town.house.clock.ahead += MINUTE
    await walker.says(f"/start plan_{plan.code}", to="plans/plan")
    assert walker.text.split("\n")[1] == "已截止"
