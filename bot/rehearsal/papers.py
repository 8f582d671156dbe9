"""What stands on the sample papers. Nothing of it is true: names, offices, firms and numbers are made up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from PIL import Image, ImageDraw

from bot.rehearsal.drawing import FAINT, INK, RED, Colour, Paper, star

LABEL: Colour = (52, 106, 158)
SKIN: Colour = (236, 204, 178)
FIRM = "北京样例科技有限公司"
STREET = "北京市东城区样例胡同 8 号院 2 号楼 301 室"


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose papers they are."""

    name: str
    id_number: str
    born: date
    sex: str


def id_front(holder: Holder) -> Paper:
    """The side with the portrait."""
    card = _card()
    for y, label, text in (
        (96, "姓 名", holder.name),
        (196, "性 别", holder.sex),
        (296, "出 生", f"{holder.born.year} 年 {holder.born.month} 月 {holder.born.day} 日"),
        (396, "住 址", STREET[:12]),
    ):
        card.write(96, y + 6, label, 40, LABEL)
        card.write(250, y, text, 48)
    card.write(440, 202, "民 族", 40, LABEL)
    card.write(594, 196, "汉", 48)
    card.write(250, 466, STREET[12:], 48)
    card.write(96, 706, "公民身份号码", 42, LABEL, bold=True)
    card.write(430, 694, holder.id_number, 58, bold=True, wide=6)
    card.picture.alpha_composite(_portrait(), (960, 110))
    card.mark_as_sample(190)
    return card


def id_back() -> Paper:
    """The side with the emblem; in its place stands one of our own, a star above a roof."""
    card = _card()
    x, y, radius = 270, 250, 160
    card.pen.ellipse((x - radius, y - radius, x + radius, y + radius), RED, (222, 176, 66), 16)
    card.pen.polygon(star(x, y - 46, 58), (250, 212, 92))
    card.pen.polygon([(x - 104, y + 62), (x, y + 6), (x + 104, y + 62), (x, y + 36)], (250, 212, 92))
    card.pen.rectangle((x - 66, y + 64, x + 66, y + 92), (250, 212, 92))
    card.write(860, 120, "演练用证件", 84, bold=True, anchor="ma", wide=0)
    card.write(860, 260, "居 民 身 份 证", 104, bold=True, anchor="ma")
    card.write(300, 620, "签发机关", 42, LABEL)
    card.write(520, 614, "样例市公安局东城分局", 48)
    card.write(300, 720, "有效期限", 42, LABEL)
    card.write(520, 714, "2019.05.08–2039.05.08", 48)
    card.mark_as_sample(190)
    return card


def household_page(holder: Holder) -> Paper:
    """A page of the household register."""
    page = Paper(1420, 1000, (250, 244, 228))
    page.write(710, 60, "常 住 人 口 登 记 卡", 58, (150, 60, 60), bold=True, anchor="ma")
    born = f"{holder.born.year}年{holder.born.month}月{holder.born.day}日"
    rows = (
        ("姓　名", holder.name, "户主或与户主关系", "户主"),
        ("曾用名", "", "性　别", holder.sex),
        ("出生地", "北京市东城区", "民　族", "汉族"),
        ("籍　贯", "北京市", "出生日期", born),
        ("住　址", STREET[:16], "宗教信仰", ""),
        ("公民身份号码", holder.id_number, "婚姻状况", "未婚"),
        ("文化程度", "大学本科", "兵役状况", "未服兵役"),
        ("服务处所", FIRM, "职　业", "软件工程师"),
    )
    for number, row in enumerate(rows):
        left, top = 80, 170 + number * 84
        for width, cell, is_label in zip((220, 480, 260, 300), row, (True, False, True, False), strict=True):
            page.pen.rectangle((left, top, left + width, top + 84), outline=(170, 110, 100), width=2)
            colour = (150, 60, 60) if is_label else INK
            page.write(left + width / 2, top + 42, cell, 28 if is_label else 32, colour, anchor="mm")
            left += width
    page.write(80, 890, "承办人签章：样例", 30)
    page.write(1340, 890, "登记日期：2015年9月1日", 30, anchor="ra")
    page.seal(930, 830, 118, "样例市公安局东城分局", "户口专用")
    page.mark_as_sample(190)
    return page


def contract_page(holder: Holder) -> Paper:
    """The last page of a contract of employment."""
    page = Paper(1240, 1640, (252, 252, 250))
    page.write(620, 110, "劳 动 合 同", 76, bold=True, anchor="ma")
    page.write(1120, 230, "合同编号：YL-2024-0301（样本）", 28, FAINT, anchor="ra")
    lines = (
        f"甲方（用人单位）：{FIRM}",
        f"乙方（劳动者）：{holder.name}",
        f"公民身份号码：{holder.id_number}",
        "",
        "根据《中华人民共和国劳动法》《中华人民共和国劳动合同法》，",
        "甲乙双方经平等自愿、协商一致，签订本合同。",
        "",
        "一、合同期限　固定期限，自 2024年3月1日 起至 2027年2月28日 止。",
        "二、工作内容　乙方担任软件工程师岗位工作。",
        "三、工作地点　北京市海淀区。",
        "四、工作时间　执行标准工时制，每日八小时，每周四十小时。",
        "五、劳动报酬　月工资 14,000 元，每月 10 日前以货币形式支付。",
        "六、社会保险　甲乙双方依法参加社会保险。",
        "七、本合同一式两份，双方各执一份，自签字盖章之日起生效。",
    )
    for number, line in enumerate(lines):
        page.write(120, 310 + number * 64, line, 32)
    page.write(120, 1330, "甲方（盖章）：", 32)
    page.write(700, 1330, "乙方（签字）：", 32)
    page.write(940, 1312, holder.name, 54, (30, 44, 120))
    page.write(120, 1480, "2024年3月1日", 32)
    page.write(700, 1480, "2024年3月1日", 32)
    page.seal(420, 1400, 140, FIRM, "合同专用章")
    page.mark_as_sample(210)
    return page


def insurance_record(holder: Holder) -> Paper:
    """A record of social insurance."""
    page = Paper(1240, 1560, (253, 253, 252))
    page.write(620, 90, "社会保险个人权益记录", 60, bold=True, anchor="ma")
    page.write(620, 180, "（样例市 · 2025年度 · 样本）", 32, FAINT, anchor="ma")
    page.write(100, 270, f"姓名：{holder.name}", 32)
    page.write(460, 270, f"公民身份号码：{holder.id_number}", 32)
    page.write(100, 330, f"缴费单位：{FIRM}", 32)
    rows: list[tuple[str, ...]] = [("缴费月份", "养老保险", "医疗保险", "失业保险", "状态")]
    rows += [(f"2025年{month:02}月", "1,120.00", "283.00", "70.00", "到账") for month in range(1, 13)]
    end = page.table(100, 410, (240, 210, 210, 210, 170), rows)
    page.write(100, end + 40, "累计缴费 22 个月。金额单位：元（个人部分）。", 32)
    page.write(100, end + 100, "本记录为演练样本，不具有任何效力。", 28, FAINT)
    page.seal(960, end + 110, 130, "样例市社会保险中心", "业务专用章")
    page.mark_as_sample(210)
    return page


def _card() -> Paper:
    """An empty card: 85.6 mm by 54 mm, pale, with fine waves."""
    card = Paper(1420, 896, (228, 238, 244), corner=44)
    for number in range(30):
        y = number * 34 - 60
        colour = (206, 226, 236) if number % 2 else (236, 222, 226)
        card.pen.arc((-300, y, 1720, y + 260), 0, 180, colour, 3)
    return card


def _portrait() -> Image.Image:
    """Nobody in particular, as a silhouette on white."""
    picture = Image.new("RGBA", (340, 430), (248, 250, 252, 255))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((70, 40, 270, 300), (52, 44, 42))  # hair
    pen.rectangle((72, 170, 268, 330), (52, 44, 42))
    pen.rounded_rectangle((20, 318, 320, 520), 110, (58, 84, 122))  # shoulders
    pen.polygon([(120, 318), (170, 390), (220, 318)], (244, 244, 240))
    pen.rectangle((140, 250, 200, 340), SKIN)
    pen.ellipse((98, 80, 242, 290), SKIN)
    pen.pieslice((90, 48, 250, 230), 180, 360, (52, 44, 42))
    for x in (138, 202):
        pen.ellipse((x - 8, 182, x + 8, 196), INK)
    pen.arc((144, 210, 196, 250), 25, 155, (168, 92, 84), 5)
    return picture
