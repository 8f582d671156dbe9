"""Two plans for the rehearsal, as the files a housing bureau would send. Estates and telephone are invented."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from bot.jobs.workbook import DERIVED, Field, PackagePicture, write_package, write_workbook
from flows.model import (
    BEIJING,
    DAY,
    HOUR,
    MINUTE,
    Condition,
    Demand,
    Moment,
    Plan,
    Project,
    Relation,
    Rent,
    UnitType,
    beijing_day,
)

PHONE = "010-0123-4567"  # no number in Beijing begins with 0
HOURS = "工作日 9:00–12:00，13:30–17:30"

_NOTICE = """为满足新市民、青年人等群体的住房需求，根据本市保障性租赁住房管理有关规定，现将{name}配租有关事项公告如下。

一、房源情况
本批次共 {estates} 个项目，房源 {homes} 套，户型包括{kinds}。各项目位置、户型、面积和租金详见“项目小区”。\
房源均已完成装修，可拎包入住。

二、申请条件
申请人应年满 18 周岁，具有完全民事行为能力，并符合本市保障性租赁住房的申请条件。每个家庭只能由一名申请人提出申请，\
申请人的配偶和未成年子女应当作为共同申请人一并填报。{conditions}

三、登记时间
自 {opens} 起，至 {closes} 止。填报信息不受登记时间限制，可以提前完成；\
登记须在上述时间内进行，逾期不再受理。登记先后不影响配租结果。

四、登记方式
本次配租全部在网上办理，不设现场登记，不收取任何费用。请按照提示完成手机验证、实名认证、信息填报和意向登记。提交前请仔细核对，对所填信息的真实性负责。

五、审核与摇号
登记截止后，对申请人的资格进行联合审核，审核结果将逐一通知。审核通过的申请人参加公开摇号，按照摇号产生的顺序依次选房。

六、注意事项
（一）提供虚假信息、隐瞒家庭住房等情况的，取消本次申请资格，并按有关规定处理。
（二）签订租赁合同后，不得转租、转借或者擅自改变房屋用途。
（三）请以本公告为准，谨防冒用名义的中介和收费行为。

咨询电话：{phone}
服务时间：{hours}

本公告用于演练，所列项目、房源和电话均为虚构。"""


def _units(*units: tuple[str, str, int, int, str, tuple[Rent, ...]]) -> tuple[UnitType, ...]:
    return tuple(UnitType(*unit) for unit in units)


def _rents(*rents: tuple[str, float, int]) -> tuple[Rent, ...]:
    """Each a home or group of alike homes, its square metres, and yuan a month."""
    return tuple(Rent(home, round(metres * 100), yuan * 100) for home, metres, yuan in rents)


HAIDIAN = (
    Project(
        code="QH01",
        name="清河家园",
        district="海淀区",
        address="海淀区清河街道安宁庄东路 18 号院",
        latitude=40.0331,
        longitude=116.3402,
        text="位于清河安宁庄，步行约 900 米到地铁 13 号线清河站，院内有食堂、洗衣房和自行车棚。\n\n"
        "共 4 栋楼，2026 年 6 月竣工。家具家电齐全：床、衣柜、书桌、冰箱、洗衣机、空调。民水民电，集中供暖。",
        unit_types=_units(
            (
                "A1",
                "开间",
                3_250,
                120,
                "一室一卫，独立厨房，适合一至两人居住。",
                _rents(("1 号楼 2–9 层 南向", 32.5, 2_480), ("1 号楼 10–18 层 南向", 32.5, 2_560)),
            ),
            (
                "B1",
                "一居室",
                4_580,
                140,
                "一室一厅一卫，明厨明卫。",
                _rents(
                    ("2 号楼 2–9 层 南向", 45.8, 3_390),
                    ("2 号楼 10–18 层 南向", 45.8, 3_480),
                    ("3 号楼 2–18 层 东向", 44.6, 3_260),
                ),
            ),
            (
                "C1",
                "两居室",
                6_020,
                60,
                "两室一厅一卫，南北通透，优先配租有未成年子女的家庭。",
                _rents(("4 号楼 2–9 层 南北", 60.2, 4_500), ("4 号楼 10–15 层 南北", 60.2, 4_620)),
            ),
        ),
    ),
    Project(
        code="YF02",
        name="永丰嘉苑",
        district="海淀区",
        address="海淀区西北旺镇永丰路与北清路交叉口西南侧",
        latitude=40.0689,
        longitude=116.2436,
        text="毗邻永丰产业基地，步行约 600 米到地铁 16 号线永丰站。小区内有社区卫生服务站、健身步道和儿童活动场地。\n\n"
        "地下车位 210 个，按月租用，另行收费。",
        unit_types=_units(
            ("A1", "开间", 3_080, 80, "一室一卫，开放式厨房。", _rents(("5 号楼 3–16 层", 30.8, 1_980))),
            (
                "B1",
                "一居室",
                4_420,
                120,
                "一室一厅一卫，带阳台。",
                _rents(("6 号楼 2–16 层 南向", 44.2, 2_860), ("7 号楼 2–16 层 西向", 43.5, 2_720)),
            ),
            ("C1", "两居室", 5_960, 80, "两室一厅一卫，带阳台。", _rents(("8 号楼 2–16 层 南北", 59.6, 3_780))),
        ),
    ),
    Project(
        code="XY03",
        name="学院路公寓",
        district="海淀区",
        address="海淀区学院路街道志新东路 5 号",
        latitude=39.9968,
        longitude=116.3645,
        text="由原有办公楼改建，步行约 800 米到地铁 15 号线六道口站。设有公共厨房、自习室和会客厅，24 小时值守。\n\n"
        "适合单身青年，不提供车位。",
        unit_types=_units(
            ("S1", "开间", 2_460, 72, "一室一卫，使用公共厨房。", _rents(("主楼 3–8 层", 24.6, 2_350))),
            ("B1", "一居室", 3_890, 24, "一室一厅一卫，独立厨房。", _rents(("主楼 9–10 层", 38.9, 3_620))),
        ),
    ),
    Project(
        code="XS04",
        name="西三旗新寓",
        district="海淀区",
        address="海淀区西三旗街道建材城中路 27 号院",
        latitude=40.0594,
        longitude=116.3541,
        text="位于西三旗建材城，步行约 1 公里到地铁 8 号线西小口站，周边有小学、幼儿园和大型超市。\n\n"
        "全部为板楼，每层两梯六户，设有无障碍坡道；一层有适老化改造的房源 12 套。",
        unit_types=_units(
            ("A1", "开间", 3_160, 60, "一室一卫，独立厨房。", _rents(("1 号楼 1–12 层", 31.6, 2_180))),
            (
                "B1",
                "一居室",
                4_650,
                64,
                "一室一厅一卫，含适老化房源。",
                _rents(("2 号楼 1 层（适老化）", 47.8, 3_050), ("2 号楼 2–12 层", 46.5, 3_120)),
            ),
            ("C1", "两居室", 6_130, 40, "两室一厅一卫，南北通透。", _rents(("3 号楼 2–12 层", 61.3, 4_080))),
        ),
    ),
)

CHAOYANG = (
    Project(
        code="DB01",
        name="东坝佳苑",
        district="朝阳区",
        address="朝阳区东坝乡东坝中路 36 号院",
        latitude=39.9597,
        longitude=116.5483,
        text="位于东坝中路，步行约 700 米到地铁 12 号线东坝中街站。小区配有幼儿园和社区食堂。",
        unit_types=_units(
            ("A1", "开间", 3_190, 90, "一室一卫，独立厨房。", _rents(("1 号楼 2–15 层", 31.9, 2_260))),
            (
                "B1",
                "一居室",
                4_510,
                110,
                "一室一厅一卫，带阳台。",
                _rents(("2 号楼 2–15 层 南向", 45.1, 3_150), ("3 号楼 2–15 层 东向", 44.3, 3_020)),
            ),
            ("C1", "两居室", 5_980, 40, "两室一厅一卫。", _rents(("4 号楼 2–15 层", 59.8, 4_160))),
        ),
    ),
    Project(
        code="LG02",
        name="来广营青年公寓",
        district="朝阳区",
        address="朝阳区来广营乡香宾路 9 号",
        latitude=40.0277,
        longitude=116.4569,
        text="步行约 1 公里到地铁 14 号线来广营站。设有共享办公区、健身房和快递柜，适合在望京一带工作的青年。",
        unit_types=_units(
            ("S1", "开间", 2_680, 128, "一室一卫，使用公共厨房。", _rents(("A 座 2–10 层", 26.8, 2_390))),
            ("B1", "一居室", 4_030, 52, "一室一厅一卫，独立厨房。", _rents(("B 座 2–10 层", 40.3, 3_480))),
        ),
    ),
)

FENGTAI = (
    Project(
        code="HX01",
        name="花乡家园",
        district="丰台区",
        address="丰台区花乡街道樊羊路 18 号院",
        latitude=39.8217,
        longitude=116.3168,
        text="步行约 900 米到地铁 9 号线丰台科技园站。小区设有食堂、洗衣房和共享会客厅，家具家电齐全。",
        unit_types=_units(
            ("A1", "开间", 3_120, 96, "一室一卫，独立厨房。", _rents(("1 号楼 2–14 层", 31.2, 2_180))),
            ("B1", "一居室", 4_460, 84, "一室一厅一卫，带阳台。", _rents(("2 号楼 2–14 层", 44.6, 3_060))),
        ),
    ),
    Project(
        code="LZ02",
        name="卢沟新寓",
        district="丰台区",
        address="丰台区卢沟桥街道小屯路 66 号",
        latitude=39.8826,
        longitude=116.2589,
        text="步行约 700 米到地铁 16 号线，周边有学校、公园和大型超市。设有无障碍坡道和儿童活动场地。",
        unit_types=_units(
            ("B1", "一居室", 4_380, 72, "一室一厅一卫，明厨明卫。", _rents(("1 号楼 2–12 层", 43.8, 2_760))),
            ("C1", "两居室", 5_990, 48, "两室一厅一卫，南北通透。", _rents(("2 号楼 2–12 层", 59.9, 3_720))),
        ),
    ),
)

HAIDIAN_CONDITIONS = (
    Condition("age", Relation.AT_LEAST, ("18",), "申请人须年满 18 周岁。"),
    Condition("insured_months", Relation.AT_LEAST, ("12",), "申请人须在北京累计缴纳社会保险满 12 个月。"),
    Condition("yearly_income", Relation.AT_MOST, ("20000000",), "申请人的年收入不得超过 20 万元。"),
)
CHAOYANG_CONDITIONS = (
    Condition("age", Relation.AT_LEAST, ("18",), "申请人须年满 18 周岁。"),
    Condition("hukou", Relation.AMONG, ("beijing_urban", "beijing_rural"), "申请人须有本市户口。"),
)


def haidian_workbook(opens_at: Moment, closes_at: Moment) -> bytes:
    """HD2603, four estates with 860 homes."""
    return sample_workbook("HD2603", "海淀区2026年第三批保租房", opens_at, closes_at, projects=HAIDIAN)


def chaoyang_workbook(opens_at: Moment, closes_at: Moment) -> bytes:
    """CY2604, two estates with 420 homes."""
    return sample_workbook("CY2604", "朝阳区2026年第四批保租房", opens_at, closes_at, projects=CHAOYANG)


def sample_workbook(
    code: str,
    name: str,
    opens_at: Moment,
    closes_at: Moment,
    *,
    projects: tuple[Project, ...] = HAIDIAN,
    announced_on: date | None = None,
) -> bytes:
    """A whole .xlsx without conditions; moments are kept to the second."""
    return write_workbook(sample_plan(code, name, opens_at, closes_at, projects=projects, announced_on=announced_on))


def haidian_plan(opens_at: Moment, closes_at: Moment) -> Plan:
    """HD2603 for people with twelve months of social insurance and no high income."""
    plan = sample_plan(
        "HD2603", "海淀区2026年第三批保租房", opens_at, closes_at, projects=HAIDIAN, conditions=HAIDIAN_CONDITIONS
    )
    return replace(plan, demands=(("education", Demand.OPTIONAL),))


def chaoyang_plan(opens_at: Moment, closes_at: Moment) -> Plan:
    """CY2604 for people with a hukou of Beijing, who are not asked for their education."""
    plan = sample_plan(
        "CY2604", "朝阳区2026年第四批保租房", opens_at, closes_at, projects=CHAOYANG, conditions=CHAOYANG_CONDITIONS
    )
    return replace(plan, demands=(("education", Demand.LEFT_OUT),))


def sample_package(
    plan: Plan,
    fields: Mapping[str, Field],
    pictures: Sequence[PackagePicture] = (),
    notice_pdf: bytes | None = None,
) -> bytes:
    """The .zip of a plan. Conditions and demands on what is no field are left out, for a form may be another one.

    Raises ``ValueError`` for pictures of what is not in the plan.
    """
    known = {**DERIVED, **fields}
    plan = replace(
        plan,
        conditions=tuple(each for each in plan.conditions if each.field in known),
        demands=tuple(each for each in plan.demands if each[0] in fields),
    )
    return write_package(plan, pictures, notice_pdf, fields)


def sample_plan(
    code: str,
    name: str,
    opens_at: Moment,
    closes_at: Moment,
    *,
    projects: tuple[Project, ...] = HAIDIAN,
    announced_on: date | None = None,
    conditions: tuple[Condition, ...] = (),
) -> Plan:
    """What such a file says; announced two weeks before it opens unless told otherwise."""
    plan = Plan(code, name, opens_at, closes_at, phone=PHONE, hours=HOURS, projects=projects, conditions=conditions)
    kinds = dict.fromkeys(unit_type.name for project in projects for unit_type in project.unit_types)
    text = _NOTICE.format(
        name=name,
        estates=len(projects),
        homes=plan.homes,
        kinds="、".join(kinds),
        conditions="".join(f"\n（{number}）{each.message}" for number, each in enumerate(conditions, start=1)),
        opens=_spoken(opens_at),
        closes=_spoken(closes_at),
        phone=PHONE,
        hours=HOURS,
    )
    return replace(
        plan,
        notice_title=f"关于{name.replace('保租房', '保障性租赁住房')}配租的公告",
        notice_text=text,
        announced_on=announced_on or beijing_day(opens_at - 14 * DAY),
    )


def _spoken(at: Moment) -> str:
    day, since_midnight = beijing_day(at), (at + BEIJING) % DAY
    return f"{day.year}年{day.month}月{day.day}日 {since_midnight // HOUR:02}:{since_midnight // MINUTE % 60:02}"
