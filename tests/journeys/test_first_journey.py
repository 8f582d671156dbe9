"""From /start to a PDF in the hand, through the whole real runtime."""

from __future__ import annotations

import pypdfium2 as pdfium

from flows.applicant.registration import ALPHABET
from tests.journeys.conftest import EMPLOYER, NAME, House, tap_after


async def test_an_applicant_registers_and_takes_the_record_away(house: House) -> None:
    await house.publish_open()
    fang = house.someone()
    await fang.sends("/start")
    await tap_after(fang, "配租计划", "正在登记")
    await tap_after(fang, "海淀区2026年第三批保租房", "请点选一个计划")
    await tap_after(fang, "立即登记", "登记中")
    await house.sign_up(fang)
    await fang.sees("带 * 的为必填")
    await house.fill_in(fang)
    review = await fang.sees("本人承诺以上信息真实有效")
    assert EMPLOYER in review["text"]
    assert "85,000 元" in review["text"]
    await fang.taps("承诺并提交")
    await tap_after(fang, "确认登记", "登记后如需修改填报信息")
    registered = await fang.sees("登记成功")
    number = next(word for word in registered["text"].split() if word.startswith("HD2603-"))
    assert all(letter in ALPHABET for letter in number.removeprefix("HD2603-").replace("-", ""))

    await fang.taps("查看配租记录")
    await fang.sees(number)
    assert await fang.taps("导出 PDF")
    document = await fang.sees_document(f"{number}.pdf", timeout=30)
    text = _text(await fang.downloads(document))
    for expected in (number, NAME, EMPLOYER, "85,000 元", "北京城镇"):
        assert expected in text, expected

    await fang.taps("取消登记")
    await tap_after(fang, "确认取消", "取消")
    await fang.sees("已取消")
    assert house.telegram.world.updates is not None


def _text(content: bytes) -> str:
    pdf = pdfium.PdfDocument(content)
    try:
        return "".join(page.get_textpage().get_text_bounded() for page in pdf)
    finally:
        pdf.close()
