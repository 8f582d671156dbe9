"""The sheets and columns of a plan workbook: what reading, writing and the blank template go by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from bot.jobs.workbook import cells
from bot.jobs.workbook.sheets import Cell

T = TypeVar("T")

SHORT, LONG, TEXT = 60, 120, 20_000  # characters


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """``read`` raises ``cells.WrongError``."""

    heading: str
    read: Callable[[Cell], T]
    required: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A sheet as it should be."""

    title: str
    columns: tuple[Column[Any], ...]


PLAN_CODE = Column("编号", cells.plan_code, required=True)
PLAN_NAME = Column("名称", cells.line(SHORT), required=True)
NOTICE_TITLE = Column("公告标题", cells.line(LONG))
NOTICE_TEXT = Column("公告正文", cells.paragraphs(TEXT))
OPENS_AT = Column("登记开始", cells.moment, required=True)
CLOSES_AT = Column("登记截止", cells.moment, required=True)
ANNOUNCED_ON = Column("公布日期", cells.day)
PHONE = Column("联系电话", cells.line(SHORT))
HOURS = Column("服务时间", cells.line(LONG))

PROJECT_CODE = Column("编号", cells.code, required=True)
PROJECT_NAME = Column("名称", cells.line(SHORT), required=True)
DISTRICT = Column("区", cells.line(SHORT))
PROJECT_ADDRESS = Column("地址", cells.line(LONG), required=True)
LATITUDE = Column("纬度", cells.latitude)
LONGITUDE = Column("经度", cells.longitude)
PROJECT_TEXT = Column("简介", cells.paragraphs(TEXT))

UNIT_PROJECT = Column("项目编号", cells.reference, required=True)
UNIT_CODE = Column("编号", cells.code, required=True)
UNIT_NAME = Column("名称", cells.line(SHORT), required=True)
UNIT_AREA = Column("建筑面积", cells.area)
UNIT_HOMES = Column("套数", cells.count)
UNIT_TEXT = Column("说明", cells.paragraphs(TEXT))

RENT_PROJECT = Column("项目编号", cells.reference, required=True)
RENT_UNIT = Column("户型编号", cells.reference, required=True)
RENT_HOME = Column("房源", cells.line(SHORT))
RENT_AREA = Column("面积", cells.area)
RENT_MONTHLY = Column("月租金", cells.money, required=True)

PLAN = Form(
    "计划",
    (PLAN_CODE, PLAN_NAME, NOTICE_TITLE, NOTICE_TEXT, OPENS_AT, CLOSES_AT, ANNOUNCED_ON, PHONE, HOURS),
)
PROJECTS = Form("项目", (PROJECT_CODE, PROJECT_NAME, DISTRICT, PROJECT_ADDRESS, LATITUDE, LONGITUDE, PROJECT_TEXT))
UNIT_TYPES = Form("户型", (UNIT_PROJECT, UNIT_CODE, UNIT_NAME, UNIT_AREA, UNIT_HOMES, UNIT_TEXT))
RENTS = Form("租金", (RENT_PROJECT, RENT_UNIT, RENT_HOME, RENT_AREA, RENT_MONTHLY))

FORMS = (PLAN, PROJECTS, UNIT_TYPES, RENTS)
NOT_READ = ("条件", "填报项")  # part of a workbook, without effect so far
EXPLANATION = "说明"  # sheets whose name starts so are for people
