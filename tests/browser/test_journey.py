"""The whole way of an applicant on a phone: from /start to a PDF, and out again."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from bot.rehearsal.town import WANG
from tests.browser.conftest import Town
from tests.browser.phone import Phone

pytestmark = pytest.mark.browser

PLAN = "海淀区2026年第三批保租房"
EMPLOYER = "北京样例科技有限公司"


async def test_applicant_registers_takes_the_pdf_and_cancels(town: Town) -> None:
    phone = await town.phone_of(WANG.id)
    await phone.picture("empty")
    await phone.starts()
    await looks_at_the_plan(phone)
    await phone.taps("立即登记")
    await signs_up(phone)
    await proves_her_name(phone)
    await fills_in(phone)
    await registers(phone)
    await takes_the_pdf(phone)
    await cancels(phone)
    await looks_around(phone)


async def looks_at_the_plan(phone: Phone) -> None:
    await phone.sees(PLAN)
    await phone.picture("home")
    await phone.taps("配租计划")
    await phone.sees("请点选一个计划")
    await phone.picture("plans")
    await phone.taps(f"{PLAN}（登记中）")
    await phone.sees("房源 860 套")
    await phone.picture("plan")


async def signs_up(phone: Phone) -> None:
    await phone.sees("注册 / 登录")
    await phone.picture("consent")
    await phone.taps("同意并继续")
    await phone.is_told("验证手机号")
    await phone.picture("phone-asked")
    await phone.taps_key("发送本机手机号")
    await phone.picture("phone-shared")
    await phone.agrees()
    await phone.sees("验证码已发送至 138****8000")
    await phone.picture("code-asked")
    code = await phone.copies_code()
    await phone.picture("code-copied")
    await phone.page.get_by_test_id("send").click()
    await phone.sees("手机号验证成功")
    await expect(phone.messages.filter(has_text=code)).to_have_count(0)
    await phone.picture("phone-proven")


async def proves_her_name(phone: Phone) -> None:
    await phone.taps("立即实名")
    await phone.sees("请输入真实姓名")
    await phone.picture("name-asked")
    await phone.writes(WANG.name)
    await phone.sees("请输入 18 位身份证号码")
    await phone.writes(WANG.id_number[:-1] + "8")
    await phone.sees("「身份证号码」")
    await phone.picture("id-wrong")
    await phone.writes(WANG.id_number)
    await phone.sees("确认无误")
    await expect(phone.messages.filter(has_text=WANG.id_number)).to_have_count(0)
    await phone.picture("id-confirm")
    await phone.taps("确认认证")


async def fills_in(phone: Phone) -> None:
    await phone.sees("带 * 的为必填")
    await phone.picture("form")
    await phone.taps("基本信息")
    await phone.sees("婚姻状况")
    await phone.picture("marital")
    await phone.taps("未婚")
    await phone.sees("户口所在地")
    await phone.taps("北京城镇户口")
    await phone.sees("最高学历")
    await phone.taps("大学本科")
    await phone.sees("带 * 的为必填")
    await phone.picture("form-basics-done")

    await phone.taps("工作与收入")
    await phone.sees("工作单位")
    await phone.picture("employer")
    await phone.writes(EMPLOYER)
    await phone.sees("单位所在区")
    await phone.picture("district")
    await phone.reads_every_label()
    await phone.taps("海淀区")
    await phone.sees("劳动合同开始日期")
    await phone.writes("去年三月")
    await phone.sees("⚠️ 「劳动合同开始日期」")
    await phone.picture("date-wrong")
    await phone.writes("2024年3月1日")
    await phone.sees("劳动合同结束日期")
    await phone.writes("2027-02-28")
    await phone.sees("社保缴纳月数")
    await phone.writes("22")
    await phone.sees("年收入")
    await phone.writes("16.8万")

    await phone.sees("带 * 的为必填")
    await phone.taps("检查并提交")
    await phone.sees("还有 2 项需要填写")
    await phone.picture("missing")
    await phone.taps("目录")
    await phone.sees("带 * 的为必填")
    await phone.taps("证明材料")
    await phone.sees("身份证人像面")
    await phone.picture("front-asked")
    await phone.sends_samples("too-small")
    await phone.sees("太小")
    await phone.picture("front-refused")
    await phone.sends_samples("not-a-picture")
    await phone.sees("不是照片")
    await phone.sends_samples("cut-off")
    await phone.sees("损坏")
    await phone.sends_samples("id-front")
    await phone.sees("已收到 1 张")
    await phone.picture("front-received")
    await phone.taps("完成")
    await phone.sees("身份证国徽面")
    await phone.page.get_by_test_id("attach").click()
    await phone.page.get_by_test_id("sample-id-back").click()
    await phone.page.get_by_test_id("sample-household").click()
    await phone.picture("samples")
    await phone.page.get_by_test_id("send-samples").click()
    await phone.sees("已收到 2 张")
    await phone.picture("album-received")
    await phone.taps("完成")

    await phone.sees("带 * 的为必填")
    await phone.picture("form-done")
    await phone.taps("检查并提交")
    await phone.sees("请检查填报信息")
    await phone.sees("168,000")
    await phone.picture("review")
    await phone.taps("承诺并提交")


async def registers(phone: Phone) -> None:
    await phone.sees("登记后如需修改填报信息，须先取消登记")
    await phone.picture("register-confirm")
    await phone.taps("确认登记")
    await phone.sees("登记成功")
    await phone.picture("registered")
    await phone.taps("查看配租记录")
    await phone.sees("等待资格审核")
    await phone.picture("record")


async def takes_the_pdf(phone: Phone) -> None:
    await phone.taps("导出 PDF")
    document = phone.page.locator("[data-testid=document][data-file-name$='.pdf']")
    await expect(document).to_be_visible(timeout=20_000)
    await phone.picture("pdf")
    address = await document.get_attribute("href")
    assert address
    answer = await phone.page.request.get(address)
    assert answer.ok
    content = await answer.body()
    assert content.startswith(b"%PDF-")
    phone.camera.keep("record.pdf", content)


async def cancels(phone: Phone) -> None:
    await phone.taps("取消登记")
    await phone.sees("确定取消登记吗")
    await phone.picture("cancel-asked")
    await phone.taps("确认取消")
    await phone.sees("已取消登记")
    await phone.picture("cancelled")


async def looks_around(phone: Phone) -> None:
    for command, text in (("me", "我的资料"), ("records", "已取消"), ("help", "/start"), ("privacy", "隐私")):
        await phone.page.get_by_test_id("commands").click()
        await phone.page.get_by_test_id(f"command-{command}").click()
        await phone.sees(text)
        await phone.picture(command)
    await phone.writes("/start")
    await phone.sees(PLAN)
    await expect(phone.messages.filter(has=phone.page.get_by_test_id("inline-button"))).to_have_count(1)
