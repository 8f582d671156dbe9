"""A plan that a clerk enters in the chat, from the first question to the applicant who finds it."""

from __future__ import annotations

import pytest

from flows.model import DAY, HOUR
from flows.staff.model import Act, Role
from tests.journeys.office import Office
from tests.journeys.rules import holds_to_the_rules
from tests.journeys.test_desk_plans import at_plans, beijing, stored
from tests.journeys.town import Town
from tests.journeys.walking import Walker, session_of, words

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def office(town: Town) -> Office:
    return Office(town)


async def says_all(clerk: Walker, *texts: str) -> None:
    for text in texts:
        await clerk.says(text)


async def enters_plan(clerk: Walker, code: str, name: str) -> None:
    """From the task list and back to it."""
    now = clerk.house.clock.now()
    await clerk.taps("section", "plan", to="composing/ask_plan_name")
    await says_all(clerk, name, code, beijing(now - HOUR))
    await clerk.says(beijing(now - 2 * HOUR), to="composing/ask_closes_at")
    assert words(clerk.house, "common", "error_closes_before_opening") in clerk.text
    await clerk.says(beijing(now + 3 * DAY), to="composing/overview")


async def enters_project(clerk: Walker) -> None:
    await clerk.taps("section", "projects", to="composing/items")
    await clerk.taps("add_item", to="composing/ask_project_name")
    await says_all(clerk, "望京家园", "WJ")
    await clerk.taps("choose", "chaoyang", to="composing/ask_project_address")
    await says_all(clerk, "望京街 1 号", "39.9912 116.4705")
    await clerk.taps("skip", to="composing/items")
    await clerk.taps("items_done", to="composing/overview")


async def enters_unit(clerk: Walker) -> None:
    await clerk.taps("section", "units", to="composing/items")
    await clerk.taps("add_item", to="composing/ask_unit_project")
    assert ["望京家园"] in clerk.labels
    await clerk.taps("choose", "1", to="composing/ask_unit_name")
    await says_all(clerk, "一居室", "A", "45.3", "2")
    await clerk.says("3-301 45.3 2100\n3-302 四十 2150", to="composing/ask_unit_rents")
    assert "第 2 行的面积没有看懂：3-302 四十 2150" in clerk.text
    await clerk.says("3-301 45.3 2100\n3-302 45.3 2150", to="composing/items")
    await clerk.taps("items_done", to="composing/overview")


async def test_a_plan_entered_step_by_step_is_published_and_found(office: Office) -> None:
    clerk, applicant = await at_plans(office), office.town.newcomer()
    await clerk.taps("compose", to="composing/overview")
    await enters_plan(clerk, "CY2604", "逐步填写第一批保租房")
    await clerk.says("/start", to="home/menu")
    await clerk.says("/staff", to="desk/home")
    await clerk.taps("desk_plans", to="desk_plans/list")
    assert ["未完成：逐步填写第一批保租房"] in clerk.labels
    await clerk.taps("compose", to="composing/overview")
    await clerk.taps("check_answers", to="composing/missing")
    assert ["填写 · 项目"] in clerk.labels
    await clerk.taps("contents", to="composing/overview")
    await enters_project(clerk)
    await enters_unit(clerk)
    await clerk.taps("check_answers", to="composing/review")
    assert "一居室（A） 2 套，45.3 ㎡，租金 2 行" in clerk.text
    await clerk.taps("submit", to="draft/card")
    assert words(office.town.house, "common", "notice_draft_made") in clerk.text
    await clerk.taps("preview", to="preview/plan")
    await clerk.taps("back", to="draft/card")
    await clerk.taps("publish", to="draft/confirm_publish")
    await clerk.taps("confirm_publish", to="desk_plans/list")
    assert "未完成" not in str(clerk.labels)
    assert (await stored(office, "CY2604")).homes == 2
    assert [act for act, _ in await office.log("plan:CY2604")] == [Act.DRAFTED, Act.PUBLISHED]

    await applicant.says("/start plan_CY2604", to="plans/plan")
    assert "逐步填写第一批保租房" in applicant.text


async def test_an_unfinished_plan_is_thrown_away(office: Office) -> None:
    clerk = await at_plans(office)
    await clerk.taps("compose", to="composing/overview")
    await enters_plan(clerk, "CY2605", "不要的保租房")
    await enters_project(clerk)
    await clerk.taps("section", "projects", to="composing/items")
    await clerk.taps("item", "1", to="composing/section")
    await clerk.taps("remove_item", to="composing/remove_item")
    assert "望京家园" in clerk.text
    await clerk.taps("confirm_remove", to="composing/items")
    await clerk.taps("items_done", to="composing/overview")
    await clerk.taps("throw_away", to="composing/confirm_throwing_away")
    assert "不要的保租房" in clerk.text
    await clerk.taps("confirm_throwing_away", to="desk_plans/list")
    assert words(office.town.house, "common", "notice_sheet_thrown_away") in clerk.text
    assert "未完成" not in str(clerk.labels)


async def test_an_english_clerk_reads_english(office: Office) -> None:
    clerk = await office.clerk(Role.EDITOR)
    clerk.visit = holds_to_the_rules
    session = await session_of(office.town.house, clerk.player)
    assert session.language == "zh"
    await clerk.says("/language", to="language/choice")
    await clerk.taps("choose_language", "en")
    await clerk.says("/staff", to="desk/home")
    await clerk.taps("desk_plans", to="desk_plans/list")
    await clerk.taps("compose", to="composing/overview")
    await clerk.taps("section", "units", to="composing/items")
    await clerk.taps("add_item", to="composing/ask_unit_project")
    await clerk.says("望京家园", to="composing/ask_unit_project")
    assert "there is no project to choose yet" in clerk.text
