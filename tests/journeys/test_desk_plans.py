"""A plan's life at the desk: from a workbook to everybody's screen, changed, fought over, withdrawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from bot.jobs.desk_files import desk_fields
from bot.jobs.workbook import Package, PackagePicture, read_package, write_workbook
from bot.rehearsal.sample_workbook import haidian_plan, sample_package, sample_plan
from flows.model import DAY, HOUR, MINUTE, Moment, Plan, PlanStatus
from flows.staff.model import Act, Role
from tests.journeys.conftest import picture
from tests.journeys.office import Office
from tests.journeys.rules import holds_to_the_rules
from tests.journeys.town import Town
from tests.journeys.walking import Walker, app_of, rests, words

pytestmark = pytest.mark.asyncio(loop_scope="module")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def office(town: Town) -> Office:
    return Office(town)


def beijing(at: Moment) -> str:
    """As clerks type it."""
    return datetime.fromtimestamp(at / 1000, timezone(timedelta(hours=8))).strftime("%Y-%m-%d %H:%M")


async def sends(clerk: Walker, content: bytes, name: str, *, to: str) -> None:
    await clerk.player.sends_document(content, name, XLSX if name.endswith(".xlsx") else "application/zip")
    await clerk.rests(to)


async def at_plans(office: Office, *, name: str = "张晓敏") -> Walker:
    clerk = await office.clerk(Role.EDITOR, name)
    clerk.visit = holds_to_the_rules
    await clerk.taps("desk_plans", to="desk_plans/list")
    return clerk


async def at_plan(office: Office, plan: Plan, *, name: str = "张晓敏") -> Walker:
    clerk = await at_plans(office, name=name)
    await find(clerk, plan.code)
    return clerk


async def find(clerk: Walker, code: str) -> None:
    """In the list of plans, page by page."""
    while True:
        try:
            data = clerk.data_of("plan", code)
        except AssertionError:
            await clerk.player.taps("›")
            await clerk.rests("desk_plans/list")
        else:
            assert data
            await clerk.taps("plan", code, to="desk_plans/plan")
            return


async def changes(clerk: Walker, thing: str, text: str) -> None:
    """From a draft's card and back to it."""
    await clerk.taps("edit", to="draft/edit")
    await clerk.taps("thing", thing, to="draft/ask")
    await clerk.says(text, to="draft/card")


async def stored(office: Office, code: str) -> Plan:
    plan = await office.town.asks(lambda repository: repository.stored_plan(code))
    assert plan is not None
    return plan


def heard(walker: Walker) -> str:
    """All that the bot said in this chat, as it looks now."""
    return "\n\n".join(message.get("text") or "" for message in walker.player.chat if message["from"]["is_bot"])


async def test_a_clerk_publishes_a_workbook_with_pictures_and_an_applicant_finds_it(office: Office) -> None:
    clerk, applicant = await at_plans(office), office.town.newcomer()
    now = office.town.house.clock.now()
    plan = replace(haidian_plan(now - HOUR, now + 3 * DAY), code="WB1", name="工作簿第一批保租房")
    fields = desk_fields(app_of(office.town.house).windows)
    project, unit = plan.projects[0], plan.projects[0].unit_types[0]
    pictures = [
        PackagePicture(project.code, None, "1.jpg", picture(1)),
        PackagePicture(project.code, unit.code, "1.jpg", picture(2)),
    ]
    content = sample_package(plan, fields, pictures, b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n")
    await sends(clerk, content, "WB1.zip", to="draft/card")
    assert "草稿，尚未发布" in clerk.text
    await applicant.says("/start plan_WB1", to="plans/list")

    await clerk.taps("preview", to="preview/plan")
    assert clerk.text.startswith("ℹ️ 预览")
    assert plan.name in clerk.text
    assert clerk.labels == [["配租公告", "项目小区"], ["返回"]]
    await clerk.taps("notice", to="preview/notice")
    await clerk.taps("back", to="preview/plan")
    await clerk.taps("projects", to="preview/projects")
    await clerk.taps("project", plan.projects[0].code, to="preview_project/project")
    await clerk.taps("unit_types", to="preview_project/unit_types")
    await clerk.taps("unit_type", to="preview_project/unit_type")
    for back in ("preview_project/unit_types", "preview_project/project", "preview/projects", "preview/plan"):
        await clerk.taps("back", to=back)
    await clerk.taps("back", to="draft/card")

    await clerk.taps("publish", to="draft/confirm_publish")
    await clerk.taps("confirm_publish", to="desk_plans/list")
    assert words(office.town.house, "common", "notice_plan_published", name=plan.name) in clerk.text
    await applicant.says("/start plan_WB1", to="plans/plan")
    assert plan.name in applicant.text
    assert [act for act, _ in await office.log("plan:WB1")] == [Act.DRAFTED, Act.PUBLISHED]
    assert await office.is_whole()

    await find(clerk, "WB1")
    await clerk.taps("export", to="desk_plans/plan")
    message = await clerk.player.sees_document("WB1.zip", timeout=30)
    package = read_package(await clerk.player.downloads(message), fields)
    assert isinstance(package, Package)
    assert package.plan.conditions == plan.conditions
    assert package.plan.projects[0].name == plan.projects[0].name
    assert len(package.pictures) == 2
    assert package.notice_pdf is not None
    await clerk.taps("poster", to="desk_plans/plan")
    await clerk.player.sees_document("海报.pdf", timeout=30)
    assert (Act.EXPORTED, clerk.player.id) in await office.log("plan:WB1")


async def test_every_mistake_of_a_workbook_is_named(office: Office) -> None:
    clerk = await at_plans(office)
    now = office.town.house.clock.now()
    good = sample_plan("WB2", "x", now, now + DAY)
    wrong = replace(
        good,
        closes_at=now - DAY,
        projects=tuple(replace(project, address="", code=f"Q{n}") for n, project in enumerate(good.projects * 3)),
    )
    await sends(clerk, write_workbook(wrong), "WB2.xlsx", to="desk_plans/mistakes")
    assert "登记截止须晚于登记开始" in clerk.text
    assert "第 1/" in clerk.text
    await clerk.player.sees_document("问题清单.txt")
    await clerk.player.taps("›")
    await clerk.rests("desk_plans/mistakes")
    assert "必填，请填写" in clerk.text
    await sends(clerk, b"no workbook at all", "WB2.xlsx", to="desk_plans/mistakes")
    await clerk.sends_photos(picture(1), to="desk_plans/mistakes")
    assert words(office.town.house, "common", "error_workbook_as_file") in clerk.text
    await sends(clerk, write_workbook(good), "WB2.xlsx", to="draft/card")
    await clerk.taps("drop", to="draft/confirm_drop")
    await clerk.taps("confirm_drop", to="desk_plans/list")
    assert [act for act, _ in await office.log("plan:WB2")] == [Act.DRAFTED, Act.DRAFT_DROPPED]


async def test_who_registered_is_told_of_a_change_and_reminders_move(office: Office) -> None:
    town = office.town
    plan = await town.plan(opens_in=-HOUR, closes_in=3 * DAY)
    registered = await town.registered(town.newcomer(), plan)
    english = await town.registered(town.newcomer(language="en"), plan)
    onlooker = town.newcomer()
    await onlooker.says(f"/start plan_{plan.code}", to="plans/plan")
    await onlooker.taps("remind", to="plans/plan")
    clerk = await at_plan(office, plan)
    await clerk.taps("change", to="draft/card")
    assert "还没有改动" in clerk.text
    closes_at = plan.closes_at // MINUTE * MINUTE + 2 * DAY
    await changes(clerk, "closes_at", beijing(closes_at))
    assert "登记截止：" in clerk.text
    assert (await stored(office, plan.code)).closes_at == plan.closes_at
    await clerk.taps("confirm", to="desk_plans/plan")
    assert words(town.house, "common", "notice_plan_changed", name=plan.name, people=2) in clerk.text
    assert (await stored(office, plan.code)).closes_at == closes_at

    await office.later(5_000)
    assert "登记截止：" in heard(registered)
    assert "您的登记仍然有效" in heard(registered)
    assert "Registration closes: " in heard(english)
    assert "登记截止：" not in heard(onlooker).replace("截止时间", "")
    assert words(town.house, "common", "say_all_told", name=plan.name, people=2) in heard(clerk)
    assert heard(registered).count("您登记的「") == 1

    assert await office.reminder_due(plan.code) == closes_at - DAY
    log = await office.entries(f"plan:{plan.code}")
    assert [entry.act for entry in log] == [Act.CHANGED, Act.DRAFT_CHANGED]
    assert [change.kind for change in log[0].changes] == ["closes_at"]


async def test_the_second_of_two_clerks_sees_who_was_quicker_and_undoes_nothing(office: Office) -> None:
    plan = await office.town.plan()
    first, second = await at_plan(office, plan, name="李雷"), await at_plan(office, plan, name="韩梅梅")
    await first.taps("change", to="draft/card")
    await second.taps("change", to="draft/card")
    await changes(first, "phone", "010-11112222")
    await changes(second, "hours", "8:00–20:00")
    await first.taps("confirm", to="desk_plans/plan")
    await second.taps("confirm", to="draft/conflict")
    assert "李雷修改了计划" in second.text
    assert "010-11112222" in second.text
    assert (await stored(office, plan.code)).hours == plan.hours
    await second.taps("take_new_base", to="draft/card")
    assert "服务时间" in second.text
    assert "联系电话" not in second.text
    await second.taps("confirm", to="desk_plans/plan")
    now = await stored(office, plan.code)
    assert (now.phone, now.hours) == ("010-11112222", "8:00–20:00")
    acts = [act for act, _ in await office.log(f"plan:{plan.code}")]
    assert acts == [Act.DRAFT_CHANGED, Act.DRAFT_CHANGED, Act.CHANGED, Act.REBASED, Act.CHANGED]


async def test_a_plan_is_withdrawn_and_who_registered_is_told_why(office: Office) -> None:
    town = office.town
    plan = await town.plan()
    applicant = await town.registered(town.newcomer(), plan)
    (registration,) = await town.registrations(applicant)
    onlooker = town.newcomer()
    await onlooker.says(f"/start plan_{plan.code}", to="plans/plan")
    await onlooker.taps("remind", to="plans/plan")
    clerk, other = await at_plan(office, plan), await at_plan(office, plan, name="李雷")
    await other.taps("change", to="draft/card")
    await changes(other, "phone", "010-11112222")
    await clerk.taps("withdraw", to="desk_plans/ask_reason")
    await clerk.says("长" * 301, to="desk_plans/ask_reason")
    await clerk.says("房源调整", to="desk_plans/confirm_withdrawal")
    await clerk.taps("confirm_withdrawal", to="desk_plans/plan")
    assert "撤回原因：房源调整" in clerk.text
    assert "修改" not in str(clerk.labels)
    await office.later(5_000)
    assert "已由主办单位撤回" in heard(applicant)
    assert "原因：房源调整" in heard(applicant)
    assert await office.reminder_due(plan.code) is None
    (kept,) = await town.registrations(applicant)
    assert kept == registration
    await other.taps("confirm", to="draft/conflict")
    assert "撤回了计划" in other.text
    assert "最新内容" not in str(other.labels)
    await other.taps("drop", to="draft/confirm_drop")
    await other.taps("confirm_drop", to="desk_plans/plan")


async def test_a_plan_comes_out_at_the_time_that_was_set(office: Office) -> None:
    clerk = await at_plans(office)
    now = office.town.house.clock.now()
    plan = sample_plan("WB3", "定时第三批保租房", now + 2 * DAY, now + 5 * DAY)
    await sends(clerk, write_workbook(plan), "WB3.xlsx", to="draft/card")
    await clerk.taps("schedule", to="draft/ask_time")
    for wrong, key in (("明天", "not_a_moment"), ("2026-02-30 09:00", "no_such_moment"), ("2026-01-01 09:00", "")):
        await clerk.says(wrong, to="draft/ask_time")
        assert not key or words(office.town.house, "common", f"error_{key}") in clerk.text
    await clerk.says(beijing(now + 9 * DAY), to="draft/ask_time")
    assert "没有人能登记了" in clerk.text
    await clerk.says(beijing(now + 3 * HOUR), to="draft/card")
    assert "待发布" in clerk.text
    assert "修改内容" not in str(clerk.labels)
    await clerk.taps("schedule", to="draft/ask_time")
    await clerk.says(beijing(now + 5 * HOUR), to="draft/card")
    await office.later(4 * HOUR)
    assert await office.town.asks(lambda repository: repository.plan("WB3")) is None
    await office.later(2 * HOUR)
    published = await stored(office, "WB3")
    assert published.status(office.town.house.clock.now()) is PlanStatus.UPCOMING
    assert words(office.town.house, "common", "say_published", name=plan.name) in heard(clerk)
    await clerk.taps("back", to="desk_plans/list")
    acts = [act for act, _ in await office.log("plan:WB3")]
    assert acts == [Act.DRAFTED, Act.SCHEDULED, Act.SCHEDULED, Act.PUBLISHED]


async def test_pictures_of_a_project_are_changed_by_sending_photos(office: Office) -> None:
    plan = await office.town.plan()
    clerk = await at_plan(office, plan)
    await clerk.taps("change", to="draft/card")
    await clerk.taps("edit", to="draft/edit")
    await clerk.taps("pictures", to="draft/projects")
    await clerk.taps("project", plan.projects[0].code, to="draft/pictures")
    await clerk.sends_photos(picture(1), picture(2), to="draft/pictures")
    assert "现有 2 张" in clerk.text
    await clerk.sends_photos(picture(3, (300, 200)), to="draft/pictures")
    assert "太小" in clerk.text
    await clerk.taps("back", to="draft/card")
    assert "照片：0 张 → 2 张" in clerk.text
    await clerk.taps("confirm", to="desk_plans/plan")
    assert len((await stored(office, plan.code)).projects[0].pictures) == 2
    await rests(office.town.house)


async def test_a_published_plan_is_changed_by_its_workbook_and_keeps_its_pictures(office: Office) -> None:
    plan = await office.town.plan()
    clerk = await at_plans(office)
    changed = replace(plan, name="改名后的保租房", projects=plan.projects[:-1])
    await sends(clerk, write_workbook(changed), f"{plan.code}.xlsx", to="draft/card")
    assert f"名称：{plan.name} → 改名后的保租房" in clerk.text
    assert f"删除项目：{plan.projects[-1].name}" in clerk.text
    await clerk.taps("confirm", to="desk_plans/list")
    assert [project.code for project in (await stored(office, plan.code)).projects] == [
        project.code for project in plan.projects[:-1]
    ]
