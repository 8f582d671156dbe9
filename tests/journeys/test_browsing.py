"""Looking at plans down to the last home, and finding one, through the whole real runtime."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.rehearsal.client import plain
from bot.rehearsal.state import Json
from flows.applicant.links import link_to_project
from flows.model import DAY, HOUR, Plan, Rent, UnitType
from storage.repository import SqlRepository
from tests.journeys.papers import PDF, photo
from tests.journeys.town import Town
from tests.journeys.walking import Walker, app_of, with_buttons

pytestmark = pytest.mark.asyncio(loop_scope="module")

RENTS = tuple(Rent(f"3号楼{number}", 4_580, 326_000 + number * 1_000) for number in range(101, 146))
HOME = UnitType("B1", "一居室", 4_580, 45, "一室一厅一卫，明厨明卫。", RENTS)


async def furnished(town: Town, **changes: object) -> Plan:
    """A plan whose announcement is a file and long, whose first project has two pictures, 45 rents and a place."""
    media = app_of(town.house).rooms.media
    pictures = [await asyncio.to_thread(media.put, photo(number)) for number in (401, 402, 403)]
    notice = await asyncio.to_thread(media.put, PDF)
    plan = await town.plan()
    first, *others = plan.projects
    home = replace(HOME, pictures=(pictures[2],))
    first = replace(first, unit_types=(home, *first.unit_types[:1]), pictures=tuple(pictures[:2]))
    text = "\n\n".join(f"第 {number} 条 {'房源情况说明。' * 30}" for number in range(1, 40))
    whole = replace(plan, projects=(first, *others), notice_file=notice, notice_text=text)
    rooms = app_of(town.house).rooms
    changed = await rooms.database.write(
        lambda connection: SqlRepository(connection, rooms.vault, rooms.shelf).change_plan(whole, 1)
    )
    assert changed
    return whole


def fresh(walker: Walker, since: int) -> list[Json]:
    """The bot's messages after this one."""
    return [message for message in walker.player.chat if message["from"]["is_bot"] and message["message_id"] > since]


def kinds(messages: list[Json]) -> list[str]:
    known = ("photo", "document", "venue", "text")
    return [next(kind for kind in known if kind in message) for message in messages]


async def test_an_applicant_looks_at_everything_down_to_the_rents_and_the_map(town: Town) -> None:
    plan = await furnished(town)
    project = plan.projects[0]
    walker = town.newcomer()
    await walker.says("/plans", to="plans/list")
    await walker.taps("plan", plan.code, to="plans/plan")
    assert ["配租公告", "项目小区"] in walker.labels

    await walker.taps("notice", to="plans/notice")
    assert walker.text.startswith(f"{plan.notice_title}\n\n第 1 条 ")
    assert walker.text.endswith("第 1/3 页")
    assert walker.labels == [["下载公告 PDF"], ["返回", "›"]]
    read = walker.text
    for page in ("2", "3"):
        await walker.taps("page", page, to="plans/notice")
        read += walker.text
    assert all(f"第 {number} 条 " in read for number in range(1, 40))
    last = walker.screen["message_id"]
    await walker.taps("download", to="plans/notice")
    assert walker.toast == "正在发送公告，请稍候。"
    document, screen = fresh(walker, last)
    assert document["document"]["file_name"] == f"{plan.code}.pdf"
    assert await walker.player.downloads(document) == PDF
    assert screen["message_id"] == walker.screen["message_id"]
    assert with_buttons(walker.player) == [screen["message_id"]]
    await walker.taps("back", to="plans/plan")
    assert walker.screen["message_id"] == screen["message_id"]

    await walker.taps("projects", to="plans/projects")
    assert f"1. {project.name}（海淀区）\n房源 165 套 · 2,480–4,710 元/月" in walker.text
    assert walker.labels[0] == [f"1. {project.name}"]
    assert walker.labels[-1] == ["返回", "查找房源"]
    last = walker.screen["message_id"]
    await walker.taps("project", project.code, to="projects/project")
    assert kinds(fresh(walker, last)) == ["photo", "photo", "text"]
    lines = walker.text.split("\n")
    assert lines[:2] == [project.name, plan.name]
    assert lines[2].startswith("登记中 · 还剩 2 天 23 小时")
    assert f"地址：{project.address}" in lines
    assert "本计划已登记 0 人" in lines
    assert walker.labels == [["立即登记"], ["户型与租金", "查看位置"], ["返回"]]
    last = walker.screen["message_id"]
    await walker.taps("venue", to="projects/project")
    venue, screen = fresh(walker, last)
    assert venue["venue"]["title"] == project.name
    assert venue["venue"]["location"]["latitude"] == project.latitude

    await walker.taps("unit_types", to="projects/unit_types")
    assert walker.screen["message_id"] == screen["message_id"]
    assert "1. 一居室 · 45.8 ㎡\n45 套 · 3,361–3,405 元/月" not in walker.text
    assert "1. 一居室 · 45.8 ㎡\n45 套 · 4,270–4,710 元/月" in walker.text
    last = walker.screen["message_id"]
    await walker.taps("unit_type", "B1", to="projects/unit_type")
    assert kinds(fresh(walker, last)) == ["photo", "text"]
    assert "租金表（房源 · 面积 ㎡ · 月租金 元）\n3号楼101  45.8  4,270\n" in walker.text
    assert walker.text.endswith("第 1/3 页")
    await walker.taps("page", "2", to="projects/unit_type")
    await walker.taps("page", "3", to="projects/unit_type")
    assert "3号楼145  45.8  4,710" in walker.text
    for place in ("projects/unit_types", "projects/project", "plans/projects", "plans/plan", "plans/list", "home/menu"):
        await walker.taps("back", to=place)


async def test_pictures_are_uploaded_once_for_everybody(town: Town) -> None:
    plan = await furnished(town)
    link = link_to_project(plan.code, plan.projects[0].code)
    sent: list[list[str]] = []
    for _ in range(2):
        walker = town.newcomer()
        await walker.says(f"/start {link}", to="projects/project")
        sent.append([m["photo"][-1]["file_id"] for m in walker.player.chat if "photo" in m])
    assert len(sent[0]) == 2
    assert sent[0] == sent[1]


async def test_a_link_to_a_project_brings_somebody_new_there_and_after_sign_up_back(town: Town) -> None:
    plan = await furnished(town)
    project = plan.projects[1]
    walker = town.newcomer()
    await walker.says(f"/start {link_to_project(plan.code, project.code)}", to="projects/project")
    assert walker.text.startswith(project.name)
    await walker.taps("register", to="sign_up/consent")
    await walker.taps("agree", to="sign_up/ask_phone")
    await walker.shares_contact(to="sign_up/ask_code")
    await walker.says(town.house.code_for(walker.player.person.phone), to="sign_up/verified")
    await walker.taps("later", to="projects/project")
    assert walker.text.startswith(project.name)
    await walker.taps("back", to="plans/plan")


async def test_an_applicant_finds_a_home_by_buttons_and_by_typing(town: Town) -> None:
    plan = await town.plan(closes_in=HOUR)
    walker = town.newcomer()
    await walker.says(f"/start plan_{plan.code}", to="plans/plan")
    await walker.taps("projects", to="plans/projects")
    await walker.taps("find", to="plans/search")
    assert walker.labels[1][0] == f"计划：{plan.name}"
    await walker.taps("criterion", "rent", to="plans/choice")
    assert "2,000 元以下（1）" in walker.labels[0]
    await walker.taps("pick", "low", to="plans/search")
    assert "月租金：2,000 元以下" in [row[0] for row in walker.labels]
    assert "符合条件的项目有 1 个。" in walker.text
    await walker.taps("results", to="plans/results")
    assert f"条件：{plan.name} · 2,000 元以下" in walker.text
    assert "1. 永丰嘉苑（海淀区）\n1,980 元/月 · 登记中" in walker.text

    await walker.says("清 河", to="plans/results")
    assert "没有找到符合条件的项目" in walker.text
    assert [row[0] for row in walker.labels] == ["不限月租金（1）", "去掉关键词（1）", "清除全部条件", "返回"]
    await walker.taps("relax", "rent", to="plans/results")
    assert "1. 清河家园" in walker.text
    await walker.taps("project", to="projects/project")
    assert walker.text.startswith("清河家园")
    await walker.taps("back", to="plans/results")
    await walker.taps("back", to="plans/search")
    await walker.taps("clear", to="plans/search")
    await walker.taps("back", to="plans/projects")


async def test_an_english_reader_looks_and_finds(town: Town) -> None:
    plan = await furnished(town)
    walker = town.newcomer(language="en")
    await walker.says(f"/start {link_to_project(plan.code, plan.projects[0].code)}", to="projects/project")
    assert "Registered in this plan: 0" in walker.text
    assert walker.labels == [["Register now"], ["Homes and rents", "Show on map"], ["Back"]]
    await walker.taps("unit_types", to="projects/unit_types")
    await walker.taps("unit_type", "B1", to="projects/unit_type")
    assert walker.text.endswith("Page 1 of 3")
    await walker.says("/plans", to="plans/list")
    await walker.taps("find", to="plans/search")
    await walker.taps("criterion", "kind", to="plans/choice")
    assert any(label.startswith("Studio (") for row in walker.labels for label in row)
    await walker.taps("pick", "two", to="plans/search")
    assert "Kind of home: Two bedrooms" in [row[0] for row in walker.labels]
    await walker.says("nowhere", to="plans/results")
    assert "No project was found." in walker.text
    assert walker.labels[-2:] == [["Clear all"], ["Back"]]


async def test_a_withdrawn_plan_says_why_and_the_record_stays(town: Town) -> None:
    plan = await town.plan(closes_in=3 * DAY)
    walker = await town.registered(town.newcomer(), plan)
    rooms = app_of(town.house).rooms
    await rooms.database.write(
        lambda connection: SqlRepository(connection, rooms.vault, rooms.shelf).withdraw_plan(
            plan.code, "房源有调整", town.house.clock.now()
        )
    )
    await walker.says(f"/start plan_{plan.code}", to="plans/plan")
    assert "已撤回" in walker.text
    assert "这个计划已由主办单位撤回，不再登记。您的登记记录仍然保留。\n撤回原因：房源有调整\n" in walker.text
    assert walker.labels == [["查看配租记录"], ["查看填报信息"], ["返回"]]
    await walker.taps("record", to="records/record")
    assert plain(walker.screen).startswith(f"配租记录 {plan.code}-")
    await walker.says(f"/start {link_to_project(plan.code, plan.projects[0].code)}", to="plans/plan")
