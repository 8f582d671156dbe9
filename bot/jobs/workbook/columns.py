"""The sheets and columns of a plan workbook: what reading, writing and the blank template go by."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Generic, TypeVar

from bot.jobs.workbook import cells
from bot.jobs.workbook.cells import WrongError
from bot.jobs.workbook.sheets import Cell
from flows.model import Demand, Relation

T = TypeVar("T")

SHORT, LONG, TEXT = 60, 120, 20_000  # characters

RELATIONS: dict[str, Relation] = {
    "等于": Relation.EQUALS,
    "不等于": Relation.DIFFERS,
    "不少于": Relation.AT_LEAST,
    "不多于": Relation.AT_MOST,
    "属于": Relation.AMONG,
    "不属于": Relation.NOT_AMONG,
}
DEMANDS: dict[str, Demand] = {"必填": Demand.REQUIRED, "选填": Demand.OPTIONAL, "不填": Demand.LEFT_OUT}


class Entry(Enum):
    """What is put into the cells of a column: by this Excel is told what to offer and what to refuse."""

    LINE = auto()
    PARAGRAPHS = auto()
    PLAN_CODE = auto()
    CODE = auto()
    PROJECT = auto()  # a code of the sheet 项目
    MOMENT = auto()
    CLOSING = auto()  # a moment after the one to the left
    DAY = auto()
    DISTRICT = auto()
    LATITUDE = auto()
    LONGITUDE = auto()
    AREA = auto()
    COUNT = auto()
    RENT = auto()
    FIELD = auto()
    QUESTION = auto()
    RELATION = auto()
    VALUE = auto()
    DEMAND = auto()


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """``read`` raises ``cells.WrongError``; ``note`` and ``example`` are for people."""

    heading: str
    read: Callable[[Cell], T]
    entry: Entry
    note: str
    example: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A sheet as it should be. One that is not required may be missing or empty."""

    title: str
    columns: tuple[Column[Any], ...]
    about: str
    required: bool = True


def _one_of(choices: Mapping[str, T], key: str) -> Callable[[Cell], T | None]:
    def read(cell: Cell) -> T | None:
        text = cells.line(TEXT)(cell)
        if text and (bare := "".join(unicodedata.normalize("NFKC", text).split())) not in choices:
            raise WrongError(key, value=text, known="、".join(choices))
        return choices[bare] if text else None

    return read


PLAN_CODE = Column(
    "编号",
    cells.plan_code,
    Entry.PLAN_CODE,
    "计划的编号，2 至 16 个英文字母或数字。发布后不能更改，登记编号以它开头。",
    "HD2603",
    required=True,
)
PLAN_NAME = Column(
    "名称",
    cells.line(SHORT),
    Entry.LINE,
    "计划的名称，最多 60 个字。",
    "海淀区2026年第三批保租房",
    required=True,
)
NOTICE_TITLE = Column(
    "公告标题",
    cells.line(LONG),
    Entry.LINE,
    "配租公告的标题，最多 120 个字。",
    "关于海淀区2026年第三批保障性租赁住房配租的公告",
)
NOTICE_TEXT = Column(
    "公告正文",
    cells.paragraphs(TEXT),
    Entry.PARAGRAPHS,
    "配租公告的全文，最多 20,000 个字。在单元格里换行请按 Alt+Enter。",
    "一、房源情况……",
)
OPENS_AT = Column(
    "登记开始",
    cells.moment,
    Entry.MOMENT,
    "北京时间，写明日期和几点几分。从这一刻起可以登记。",
    "2026-11-24 09:00",
    required=True,
)
CLOSES_AT = Column(
    "登记截止",
    cells.moment,
    Entry.CLOSING,
    "北京时间，须晚于登记开始。到这一刻为止可以登记。",
    "2026-11-28 17:00",
    required=True,
)
ANNOUNCED_ON = Column("公布日期", cells.day, Entry.DAY, "公告公布的日期。", "2026-11-10")
PHONE = Column("联系电话", cells.line(SHORT), Entry.LINE, "申请人咨询用的电话。", "010-0123-4567")
HOURS = Column("服务时间", cells.line(LONG), Entry.LINE, "电话有人接听的时间。", "工作日 9:00–12:00，13:30–17:30")

PROJECT_CODE = Column(
    "编号",
    cells.code,
    Entry.CODE,
    "项目的编号，1 至 24 个英文字母、数字、“-”或“_”，不能重复。照片文件夹也用它命名。",
    "QH01",
    required=True,
)
PROJECT_NAME = Column(
    "名称", cells.line(SHORT), Entry.LINE, "项目（小区）的名称，最多 60 个字。", "清河家园", required=True
)
DISTRICT = Column("区", cells.line(SHORT), Entry.DISTRICT, "项目所在的区，可从列表中选择。", "海淀区")
PROJECT_ADDRESS = Column(
    "地址",
    cells.line(LONG),
    Entry.LINE,
    "详细地址，最多 120 个字。",
    "海淀区清河街道安宁庄东路 18 号院",
    required=True,
)
LATITUDE = Column(
    "纬度",
    cells.latitude,
    Entry.LATITUDE,
    "用于地图，以度为单位的小数（WGS-84）。与经度要么都填，要么都不填。北京约为 39.4 至 41.1。",
    "40.0331",
)
LONGITUDE = Column(
    "经度",
    cells.longitude,
    Entry.LONGITUDE,
    "用于地图，以度为单位的小数（WGS-84）。与纬度要么都填，要么都不填。北京约为 115.4 至 117.6。",
    "116.3402",
)
PROJECT_TEXT = Column(
    "简介",
    cells.paragraphs(TEXT),
    Entry.PARAGRAPHS,
    "项目介绍：交通、配套、装修等，可以分段。",
    "步行约 900 米到地铁站，家具家电齐全。",
)

UNIT_PROJECT = Column("项目编号", cells.reference, Entry.PROJECT, "工作表“项目”中的编号。", "QH01", required=True)
UNIT_CODE = Column(
    "编号",
    cells.code,
    Entry.CODE,
    "户型的编号，1 至 24 个英文字母、数字、“-”或“_”。在同一个项目中不能重复。",
    "A1",
    required=True,
)
UNIT_NAME = Column("名称", cells.line(SHORT), Entry.LINE, "户型的名称，最多 60 个字。", "一居室", required=True)
UNIT_AREA = Column("建筑面积", cells.area, Entry.AREA, "以平方米为单位，最多两位小数。", "45.8")
UNIT_HOMES = Column("套数", cells.count, Entry.COUNT, "这个户型的房源套数，整数。", "140")
UNIT_TEXT = Column("说明", cells.paragraphs(TEXT), Entry.PARAGRAPHS, "户型介绍，可以分段。", "一室一厅一卫，明厨明卫。")

RENT_PROJECT = Column("项目编号", cells.reference, Entry.PROJECT, "工作表“项目”中的编号。", "QH01", required=True)
RENT_UNIT = Column("户型编号", cells.reference, Entry.CODE, "工作表“户型”中，这个项目的户型编号。", "A1", required=True)
RENT_HOME = Column(
    "房源",
    cells.line(SHORT),
    Entry.LINE,
    "一套房源，或租金相同的一组房源。同一户型中不能重复。",
    "2 号楼 2–9 层 南向",
)
RENT_AREA = Column("面积", cells.area, Entry.AREA, "以平方米为单位，最多两位小数。", "45.8")
RENT_MONTHLY = Column("月租金", cells.money, Entry.RENT, "每月租金，以元为单位，最多两位小数。", "3390", required=True)

CONDITION_FIELD = Column(
    "字段",
    cells.line(SHORT),
    Entry.FIELD,
    "用来初步筛选的字段，可从列表中选择。全部字段见工作表“说明”。",
    "社保缴纳月数",
    required=True,
)
CONDITION_RELATION = Column(
    "关系",
    _one_of(RELATIONS, "relation"),
    Entry.RELATION,
    "怎样比较：等于、不等于、不少于、不多于、属于、不属于。选项和文字不能用“不少于”“不多于”。",
    "不少于",
    required=True,
)
CONDITION_VALUES = Column(
    "值",
    cells.anything,
    Entry.VALUE,
    "和什么比较。选项写选项的名称；金额以元为单位，可以写“8.5万”；日期写成 2026-11-24 的样子；"
    "用“属于”“不属于”时可以写几个值，用“、”隔开。",
    "12",
    required=True,
)
CONDITION_MESSAGE = Column(
    "提示",
    cells.line(LONG),
    Entry.LINE,
    "不符合时告诉申请人的话，最多 120 个字。不填则由系统说明。",
    "须在北京累计缴纳社会保险满 12 个月。",
)

DEMAND_FIELD = Column(
    "字段",
    cells.line(SHORT),
    Entry.QUESTION,
    "要改变要求的填报项，可从列表中选择。没有列出的填报项按原来的要求。",
    "最高学历",
    required=True,
)
DEMAND = Column(
    "要求",
    _one_of(DEMANDS, "demand"),
    Entry.DEMAND,
    "必填：必须填写；选填：可以跳过；不填：不出现。",
    "选填",
    required=True,
)

PLAN = Form(
    "计划",
    (PLAN_CODE, PLAN_NAME, NOTICE_TITLE, NOTICE_TEXT, OPENS_AT, CLOSES_AT, ANNOUNCED_ON, PHONE, HOURS),
    "一行，一个计划。",
)
PROJECTS = Form(
    "项目",
    (PROJECT_CODE, PROJECT_NAME, DISTRICT, PROJECT_ADDRESS, LATITUDE, LONGITUDE, PROJECT_TEXT),
    "每个项目（小区）一行，至少一个。",
)
UNIT_TYPES = Form(
    "户型", (UNIT_PROJECT, UNIT_CODE, UNIT_NAME, UNIT_AREA, UNIT_HOMES, UNIT_TEXT), "每个项目的每种户型一行。"
)
RENTS = Form(
    "租金", (RENT_PROJECT, RENT_UNIT, RENT_HOME, RENT_AREA, RENT_MONTHLY), "每套房源，或租金相同的每组房源一行。"
)
CONDITIONS = Form(
    "条件",
    (CONDITION_FIELD, CONDITION_RELATION, CONDITION_VALUES, CONDITION_MESSAGE),
    "初步筛选：申请人须同时符合每一行。没有条件可以不填。",
    required=False,
)
QUESTIONS = Form(
    "填报项",
    (DEMAND_FIELD, DEMAND),
    "改变填报项的要求，每项一行。不改变可以不填。",
    required=False,
)

FORMS = (PLAN, PROJECTS, UNIT_TYPES, RENTS, CONDITIONS, QUESTIONS)
EXPLANATION = "说明"  # sheets whose name starts so are for people
