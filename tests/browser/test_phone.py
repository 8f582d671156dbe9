"""Presses that come twice or too late, an English reader, a typed number, and the wide page."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from bot.rehearsal.town import CLERK, LI, MARIA, WANG
from tests.browser.conftest import Town
from tests.browser.phone import Phone

pytestmark = pytest.mark.browser

PLAN = "海淀区2026年第三批保租房"


async def test_applicant_presses_late_twice_and_two_at_once(town: Town) -> None:
    phone = await town.phone_of(WANG.id)
    await phone.starts()
    await phone.sees("保障性租赁住房")
    button = phone.button("配租计划")
    message = await phone.screen.get_attribute("data-message-id")
    callback = await button.get_attribute("data-callback")
    assert message
    assert callback
    await button.dblclick()
    await phone.sees("请点选一个计划")

    await phone.presses_again(message, callback)
    toast = phone.page.get_by_test_id("toast")
    await expect(toast).to_have_text("这个按钮已用过或已失效，请看最新的消息。")
    await phone.sees("请点选一个计划")
    await phone.picture("late-press")

    await phone.writes("你好")
    await phone.sees("现在请点选下面的按钮")
    await expect(phone.messages.filter(has=phone.page.get_by_test_id("inline-button"))).to_have_count(1)
    await phone.picture("unexpected-words")

    await expect(toast).to_have_count(0)
    await phone.screen.evaluate(
        "(row) => { for (const one of row.querySelectorAll('.inline-button')) one.click(); }"  # all in one moment
    )
    await phone.sees("海淀区2026年第三批保租房")
    await phone.sees("房源 860 套")
    await expect(toast).to_have_text("这个按钮已用过或已失效，请看最新的消息。")
    await phone.picture("three-presses-at-once")


async def test_english_reader_reaches_the_form(town: Town) -> None:
    phone = await town.phone_of(MARIA.id, language="en-GB")
    await phone.starts()
    await phone.sees("Anju")
    await phone.picture("home")
    await phone.page.get_by_test_id("commands").click()
    await phone.picture("commands")
    await phone.page.get_by_test_id("command-plans").click()
    await phone.sees("choose a plan")
    await phone.screen.get_by_role("button", name=PLAN).click()
    await phone.sees("860")
    await phone.picture("plan")
    await phone.taps("Register now")
    await phone.sees("Sign up / log in")
    await phone.picture("consent")
    await phone.taps("Agree and continue")
    await phone.taps_key("Send my phone number")
    await phone.picture("share-asked")
    await phone.agrees()
    await phone.sees("A code was sent")
    await phone.copies_code()
    await phone.page.get_by_test_id("send").click()
    await phone.sees("Your phone number is verified")
    await phone.taps("Verify my name now")
    await phone.sees("type your real name")
    await phone.writes("Maria Santos")
    await phone.sees("18 characters")
    await copies_number(phone)
    await phone.picture("number-copied")
    await phone.page.get_by_test_id("send").click()
    await phone.sees("Is this right?")
    await phone.picture("confirm")
    await phone.taps("Yes, verify")
    await phone.sees("Parts with * are required")
    await phone.picture("form")

    await phone.taps("Basic information")
    await phone.sees("Marital status")
    await phone.button("Married").dblclick()
    await phone.sees("Household registration")
    await phone.sees("1/")
    await phone.picture("after-double-tap")
    await phone.taps("Previous")
    await phone.sees("Your answer: Married")
    await phone.taps("Contents")
    await phone.taps("Work and income")
    await phone.sees("Employer")
    await phone.writes("Sample Technology Co., Ltd.")
    await phone.sees("District of your employer")
    await phone.picture("districts")
    await phone.writes("/language")
    await phone.sees("中文")
    await phone.taps("中文")
    await phone.sees("单位所在区")
    await phone.picture("chosen-chinese")


async def copies_number(phone: Phone) -> None:
    """From the list of people, where the numbers to type stand."""
    await phone.page.get_by_test_id("open-people").click()
    await expect(phone.page.get_by_test_id("people")).to_be_visible()
    await phone.picture("people")
    await phone.page.get_by_test_id(f"copy-number-{phone.person}").click()
    await expect(phone.composer).to_have_value(MARIA.id_number)


async def test_old_man_types_his_number_on_the_wide_page(town: Town) -> None:
    phone = await town.phone_of(WANG.id, wide=True)
    await phone.picture("empty")
    await phone.page.get_by_test_id(f"person-{LI.id}").click()
    await phone.starts()
    await phone.sees("保障性租赁住房")
    await phone.taps("配租计划")
    await phone.taps("朝阳区2026年第四批保租房（未开始）")
    await phone.sees("距开始还有")
    await phone.taps("立即登记")
    await phone.sees("登记还没有开始")
    box = await phone.composer.bounding_box()
    assert box
    assert box["height"] > 20
    await phone.picture("too-early")
    await phone.taps("填报信息")
    await phone.sees("注册 / 登录")
    await phone.taps("查看隐私说明")
    await phone.sees("隐私")
    await phone.picture("privacy")
    await phone.taps("返回")
    await phone.taps("同意并继续")
    await phone.is_told("验证手机号")
    await phone.writes("139 0013 900")
    await phone.is_told("应是中国大陆的 11 位手机号")
    await phone.picture("number-wrong")
    await phone.writes("１３９ ００１３ ９０００")
    await phone.sees("请输入图中的 4 位数字")
    await expect(phone.screen.get_by_test_id("photo").locator("img")).to_be_visible()
    await phone.picture("puzzle")
    await phone.writes("看不清")
    await phone.sees("图中的数字不对")
    await phone.picture("puzzle-wrong")
    await phone.taps("返回")
    await phone.is_told("验证手机号")
    await phone.taps_key("返回")
    await phone.sees("登记还没有开始")
    await phone.picture("back")

    await phone.page.get_by_test_id(f"person-{CLERK.id}").click()
    await phone.starts()
    await phone.sees("保障性租赁住房")
    await phone.picture("clerk")
    dark = await town.phone_of(LI.id, wide=True, dark=True)
    await dark.sees("登记还没有开始")
    await dark.picture("dark")
