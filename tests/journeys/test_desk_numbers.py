"""Numbers of a plan, as text and as pictures; the log, of all and of one plan, and as files."""

from __future__ import annotations

import csv
from io import StringIO

import pytest

from flows.model import DAY, HOUR
from flows.staff.model import Act, Role
from tests.journeys.office import Office
from tests.journeys.rules import holds_to_the_rules
from tests.journeys.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def office(town: Town) -> Office:
    return Office(town)


async def test_a_clerk_sees_how_far_people_came(office: Office) -> None:
    town = office.town
    plan = await town.plan(opens_in=-2 * HOUR, closes_in=3 * DAY)
    onlooker = town.newcomer()
    await onlooker.says(f"/start plan_{plan.code}", to="plans/plan")
    await town.filling_in(town.newcomer(), plan)
    await town.submitted(town.newcomer(), plan)
    await town.registered(town.newcomer(), plan)
    gone = await town.registered(town.newcomer(), plan)
    await gone.taps("record", to="records/record")
    await gone.taps("cancel", to="records/confirm_cancel")
    await gone.taps("confirm_cancel", to="records/record")

    clerk = await office.clerk(Role.REVIEWER)
    clerk.visit = holds_to_the_rules
    await clerk.taps("statistics", to="statistics/list")
    while not any(plan.name in label for row in clerk.labels for label in row):
        await clerk.player.taps("›")
        await clerk.rests("statistics/list")
    await clerk.taps("plan", plan.code, to="statistics/plan")
    for line in (
        "打开计划：5 人",
        "验证手机号：4 人",
        "实名认证：4 人",
        "提交填报：3 人",
        "已登记：1 人（另有 1 次取消）",
    ):
        assert line in clerk.text, clerk.text
    await clerk.taps("charts", to="statistics/plan")
    pictures = [message for message in clerk.player.chat if "photo" in message]
    assert len(pictures) == 2
    await clerk.taps("refresh", to="statistics/plan")
    await clerk.taps("back", to="statistics/list")


async def test_before_a_plan_opens_its_numbers_are_there_too(office: Office) -> None:
    plan = await office.town.plan(opens_in=DAY, closes_in=3 * DAY)
    clerk = await office.clerk(Role.EDITOR)
    await clerk.taps("desk_plans", to="desk_plans/list")
    while not any(plan.name in label for row in clerk.labels for label in row):
        await clerk.player.taps("›")
        await clerk.rests("desk_plans/list")
    await clerk.taps("plan", plan.code, to="desk_plans/plan")
    await clerk.taps("statistics", to="statistics/plan")
    assert "已登记：0 人" in clerk.text
    await clerk.taps("charts", to="statistics/plan")
    await clerk.taps("back", to="desk_plans/plan")


async def test_the_log_is_read_filtered_and_taken_away(office: Office) -> None:
    plan = await office.town.plan()
    editor, admin = await office.clerk(Role.EDITOR, "=HYPERLINK(1)"), await office.clerk()
    admin.visit = holds_to_the_rules
    await editor.taps("desk_plans", to="desk_plans/list")
    while not any(plan.name in label for row in editor.labels for label in row):
        await editor.player.taps("›")
        await editor.rests("desk_plans/list")
    await editor.taps("plan", plan.code, to="desk_plans/plan")
    await editor.taps("export", to="desk_plans/plan")
    await admin.taps("audit", to="audit/list")
    assert f"导出 {plan.code}" in admin.text
    await admin.taps("filter", to="audit/choose_plan")
    await admin.taps("plan", plan.code, to="audit/list")
    assert f"操作日志 · {plan.code}" in admin.text
    await admin.taps("export", "csv", to="audit/list")
    message = await admin.player.sees_document(f"操作日志 {plan.code}.csv")
    rows = list(csv.reader(StringIO((await admin.player.downloads(message)).decode("utf-8-sig"))))
    assert [row[4] for row in rows] == ["操作", "exported"]
    assert rows[1][3] == "'=HYPERLINK(1)"
    await admin.taps("all", to="audit/list")
    assert "导出操作日志" in admin.text
    await admin.taps("export", "xlsx", to="audit/list")
    await admin.player.sees_document("操作日志.xlsx")
    acts = [(act, who) for act, who in await office.log("log") if who == admin.player.id]
    assert acts == [(Act.EXPORTED, admin.player.id)] * 2
    assert await office.is_whole()
