"""A clerk publishes a plan with its pictures, and an applicant looks at them."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from bot.rehearsal.town import CLERK, WANG
from tests.browser.conftest import Town
from tests.browser.phone import Phone

pytestmark = pytest.mark.browser

PLAN = "丰台区2026年第五批保租房"
PROJECT = "花乡家园"


async def test_clerk_publishes_a_package_and_an_applicant_sees_its_pictures(town: Town) -> None:
    await publishes(await town.phone_of(CLERK.id))
    await looks_at_the_project(await town.phone_of(WANG.id))


async def publishes(phone: Phone) -> None:
    await phone.starts()
    await phone.sees("保障性租赁住房")
    await phone.writes("/staff")
    await phone.sees("工作台")
    await phone.picture("desk")
    await phone.taps("配租计划")
    await phone.sees("点选一个计划或草稿")
    await phone.picture("plans")
    await phone.sends_samples("plan-package")
    await phone.sees("草稿，尚未发布")
    await phone.sees("有 PDF 附件")
    await phone.picture("draft")
    await phone.taps("预览")
    await phone.sees("ℹ️ 预览")
    await phone.picture("preview")
    await phone.taps("返回")
    await phone.sees("草稿，尚未发布")
    await phone.taps("立即发布")
    await phone.sees(f"发布「{PLAN}」？")
    await phone.picture("confirm")
    await phone.taps("确认发布")
    await phone.sees("点选一个计划或草稿")
    await phone.picture("published")


async def looks_at_the_project(phone: Phone) -> None:
    await phone.starts()
    await phone.sees("保障性租赁住房")
    await phone.taps("配租计划")
    await phone.taps(f"{PLAN}（登记中）")
    await phone.sees("房源 300 套")
    await phone.taps("项目小区")
    await phone.screen.get_by_role("button", name=PROJECT).click()
    await phone.sees("丰台区花乡街道樊羊路 18 号院")
    await expect(phone.page.get_by_test_id("photo")).to_have_count(3)
    await expect(phone.page.get_by_test_id("photo").last).to_be_visible()
    await phone.picture("project")
