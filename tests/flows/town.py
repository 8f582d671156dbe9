"""The town that conversations play in: plans, somebody with a name and a phone, right answers, chance and words."""

from __future__ import annotations

import random
from collections.abc import Mapping

from flows.model import DAY, HOUR, Moment, Plan, Project, Rent, UnitType

NOW: Moment = 1_795_485_600_000  # 2026-11-24 10:00 in Beijing
_RENTS = tuple(Rent(f"{floor} 层", 4_580, 339_000 + floor * 1_000) for floor in range(1, 30))
_PROJECTS = (
    Project(
        "QH",
        "清河家园",
        "清河路 1 号",
        "海淀区",
        latitude=40.0331,
        longitude=116.3402,
        text="步行约 900 米到地铁站。",
        unit_types=(
            UnitType("A1", "一居室", 4_580, 860, rents=_RENTS, pictures=("a" * 64,)),
            UnitType("B1", "开间", homes=20, rents=(Rent("1 层", 3_000, 190_000),)),
        ),
        pictures=("b" * 64, "c" * 64),
    ),
    Project("YF", "永丰嘉苑", "永丰路", "昌平区"),
)
OPEN = Plan(
    "HD2603",
    "海淀区2026年第三批保租房",
    NOW - HOUR,
    NOW + 4 * DAY,
    notice_title="配租公告",
    notice_text="为满足住房需求，现将有关事项公告如下。\n\n" * 300,
    phone="010-12345678",
    hours="9:00–17:00",
    projects=_PROJECTS,
    notice_file="0" * 64,
)
CLOSED = Plan("HD2602", "海淀区2026年第二批保租房", NOW - 90 * DAY, NOW - 60 * DAY)
UPCOMING = Plan(
    "CY2601",
    "朝阳区2026年第一批保租房",
    NOW + 10 * DAY,
    NOW + 20 * DAY,
    projects=(
        Project("WJ", "望京公寓", "望京西路", "朝阳区", unit_types=(UnitType("C1", "两居室", rents=_RENTS[:1]),)),
    ),
)

PHONE = "+8613800138000"
NAME = "王芳"
ID_NUMBER = "110101199003070038"
EMPLOYER = "北京安居科技有限公司"

# A right answer to each question that is not a document: as typed or pressed, and as it is kept.
ANSWERS = {
    "marital": ("single", "single"),
    "hukou": ("beijing_urban", "beijing_urban"),
    "education": ("bachelor", "bachelor"),
    "employer": (EMPLOYER, EMPLOYER),
    "employer_district": ("haidian", "haidian"),
    "contract_start": ("2024年1月1日", "2024-01-01"),
    "contract_end": ("２０２７-１２-３１", "2027-12-31"),
    "insured_months": ("60", "60"),
    "yearly_income": ("8.5万", "8500000"),
}
OPTIONS = {
    "marital": {"single": "未婚", "married": "已婚", "divorced": "离异", "widowed": "丧偶"},
    "hukou": {"beijing_urban": "北京城镇", "beijing_rural": "北京农村", "elsewhere": "外地户口"},
}


class SeededChance:
    """Draws that a test can repeat, and look up: nobody reads a code off an SMS here."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)
        self.coming: list[str] = []  # drawn before anything else

    def digits(self, count: int) -> str:
        return self.letters(count, "0123456789")

    def letters(self, count: int, alphabet: str) -> str:
        return self.coming.pop(0) if self.coming else "".join(self._random.choices(alphabet, k=count))


class PlainWords:
    def options(self, question: str) -> Mapping[str, str]:
        return OPTIONS.get(question, {})

    def button(self, button: str) -> str:
        return {"back": "返回"}[button]
