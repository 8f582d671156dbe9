"""What the desk shows, for tests of words and diagrams: its staff, its log, its plans and drafts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import orjson

from flows.model import DAY, HOUR, Condition, Demand, Moment, Plan, Project, Relation, Rent, UnitType
from flows.staff.changes import diff, to_json
from flows.staff.drafting import shown
from flows.staff.figures import Figures, periods_of
from flows.staff.model import Act, Draft, DraftHead, Entry, Role, Staff

AT: Moment = 1_795_482_000_000  # 2026-11-24 09:00 in Beijing
CLERK = Staff(100, Role.ADMIN, "张晓敏", AT, 0)
OTHERS = tuple(Staff(200 + number, Role.EDITOR, "李雷", AT + number, 100) for number in range(12))
NAMELESS = Staff(300, Role.REVIEWER, "", AT, 0)

# Two states of a plan between which everything is different that can be.
_RENTS = tuple(Rent(f"1-{number}", 4_530, 300_000 + number) for number in range(9))
_MORE = (Rent("9-9", None, 1),)
_UNIT = UnitType("A", "一居室", 4_530, 6, "南向", _RENTS, ("aa" * 32,))
_OTHER = replace(_UNIT, code="B", name="二居室", rents=())
_PROJECT = Project("QH", "清河家园", "清河路 1 号", "海淀区", 40.03, 116.34, "介绍", (_UNIT, _OTHER), ("bb" * 32,))
_XIERQI = Project("XE", "西二旗公寓 <b>&", "西二旗大街 2 号")
OLD = Plan(
    "HD2603",
    "海淀区2026年第三批保租房",
    AT,
    AT + 4 * DAY,
    "公告",
    "正文",
    date(2026, 12, 10),
    "010-12345678",
    "9:00–17:00",
    published_at=AT - DAY,
    projects=(_PROJECT, _XIERQI, replace(_XIERQI, code="GO")),
    conditions=(
        Condition("age", Relation.AT_LEAST, ("18",), "年满 18 周岁"),
        Condition("age", Relation.AT_MOST, ("60",)),
    ),
    demands=(("education", Demand.REQUIRED), ("gone", Demand.OPTIONAL)),
    notice_file="dd" * 32,
)
_CHANGED_UNIT = UnitType(
    "A", "一居", 5_000, 9, "北向", (*(replace(rent, area=None, monthly=9) for rent in _RENTS[1:]), *_MORE), ("cc" * 32,)
)
_CHANGED = Project(
    "QH",
    "清河",
    "清河路 2 号",
    "朝阳区",
    40.1,
    116.4,
    "新的介绍",
    (replace(_OTHER, rents=_RENTS[::-1], area=None), _CHANGED_UNIT, replace(_OTHER, code="C")),
    ("ee" * 32, "ff" * 32),
)
NEW = Plan(
    "HD2603",
    "新的名称",
    AT + HOUR,
    AT + 5 * DAY,
    "",
    "新的正文",
    None,
    "",
    "8:00",
    projects=(*(replace(_XIERQI, code=f"N{number}") for number in range(8)), _XIERQI, _CHANGED),
    conditions=(
        Condition("age", Relation.AT_LEAST, ("20",), "年满 20 周岁"),
        Condition("hukou", Relation.EQUALS, ("beijing_urban",), "北京户口"),
    ),
    demands=(("hukou", Demand.LEFT_OUT),),
)
CHANGES = diff(OLD, NEW)
SMALL = replace(OLD, phone="110")

# All that the flows of the desk remember in their frames.
DATA = {
    "member": "201",
    "role": "editor",
    "token": "A" * 32,
    "expires": str(AT),
    "draft": "2",
    "thing": "opens_at",
    "reason": "房源调整",
    "mistakes": orjson.dumps([f"工作表“项目”第 {row} 行“地址”：必填，请填写。" for row in range(25)]).decode(),
}
# A plan that is entered in the chat, with as many items as need a second page.
SHEET: Mapping[str, str] = {
    "plan_name": "朝阳区2026年第四批保租房 <b>&",
    "plan_code": "CY2604",
    "opens_at": str(AT),
    "closes_at": str(AT + DAY),
    "notice_title": "公告",
    "notice_text": "第一条 <b>&。\n\n" * 400,
    "announced_on": "2026-12-10",
    "plan_phone": "010-12345678",
    "plan_hours": "",
    **{
        f"projects-{number}-{question}": value
        for number in range(1, 9)
        for question, value in {
            "project_name": f"清河家园 <b>& {number} 区",
            "project_code": f"QH{number}",
            "project_district": "haidian",
            "project_address": "清河路 1 号",
            "project_place": "40.03 116.34",
            "project_text": "",
        }.items()
    },
    **{
        f"units-{number}-{question}": value
        for number in range(1, 9)
        for question, value in {
            "unit_project": "2",
            "unit_name": "一居室",
            "unit_code": f"A{number}",
            "unit_area": "4530",
            "unit_homes": "20",
            "unit_rents": "\n".join(f"3-{home} 45.3 2100" for home in range(200)),
        }.items()
    },
}
SHEETS: Mapping[str, Mapping[str, str]] = {
    "": SHEET,
    "empty": {},
    "begun": {"plan_code": "CY2604", "opens_at": str(AT), "closes_at": str(AT), "units-1-unit_name": "一居室"},
    "skipped": {**SHEET, "notice_text": "", "announced_on": "", "units-1-unit_area": "", "units-1-unit_rents": ""},
    "full": {**SHEET, **{f"projects-{number}-project_name": "清河" for number in range(9, 13)}},
}
SITUATIONS: Sequence[tuple[str, Mapping[str, str], str]] = (
    *(
        (f"{sheet or 'whole'} plan, {section}", {"sheet": sheet, "section": section, "item": "1"}, "composing")
        for sheet in SHEETS
        for section in ("plan", "projects", "units")
    ),
    ("another item", {"section": "units", "item": "9", "items_page": "2"}, "composing"),
    ("no plan begun", {"sheet": "empty"}, "desk_plans"),
    ("a plan without a name", {"sheet": "begun"}, "desk_plans"),
    ("member of staff gone", {"member": "999"}, "people"),
    ("member of staff without a name", {"member": "300"}, "people"),
    ("alone at the desk", {"member": "100", "desk": "empty"}, ""),
    ("a draft of a new plan", {"draft": "1", "thing": "notice_text"}, "draft"),
    ("a draft that waits for its time", {"draft": "3", "thing": "announced_on"}, "draft"),
    ("a draft that changes nothing", {"draft": "4", "thing": "hours", "fetching": "2"}, "draft"),
    ("a draft that is gone", {"draft": "9"}, "draft"),
    ("another page of changes", {"draft": "2", "page": "2", "thing": "name"}, "draft"),
    ("a draft of a plan that was withdrawn", {"draft": "2", "desk": "withdrawn", "thing": "phone"}, "draft"),
    ("a title", {"draft": "2", "thing": "notice_title"}, "draft"),
    ("a plan that nobody sees yet", {"desk": "unpublished"}, "desk_plans"),
    ("a plan that is withdrawn", {"desk": "withdrawn", "mistakes_page": "2"}, "desk_plans"),
    ("no own draft", {"desk": "no draft"}, "desk_plans"),
    ("the log of one plan", {"about": "plan:HD2603"}, "audit"),
    ("the second page of codes", {"codes_page": "2"}, "audit"),
)
# Values of the sentences that flows of the desk ask for.
SAID: Mapping[str, object] = {
    "role": "editor",
    "name": "王芳",
    "number": 100,
    "people": 3217,
    "at": AT,
    "closes_at": AT,
    "count": 3,
    "wrong": "",
    "obstacle": "over",
    "changes": shown(CHANGES),
    "more": 3,
    "mistakes": ["工作表“项目”第 3 行“地址”：必填，请填写。"],
    "plan": OLD,
    "code": "HD2603",
    "line": "3-301 45.3",
    "marks": True,
}


def entries() -> list[Entry]:
    role: dict[str, object] = {"role": "editor"}
    changed: dict[str, object] = {"revision": 5, "changes": to_json(CHANGES[:4])}
    return [
        Entry(1, AT, 0, Act.JOINED, "staff:100", {}, {"role": "admin"}),
        Entry(2, AT, 100, Act.INVITED, "invitation:1", {}, role),
        Entry(3, AT, 200, Act.JOINED, "staff:200", {"invitation": 1}, role),
        Entry(4, AT, 100, Act.ROLE_CHANGED, "staff:200", {"role": "reviewer"}, role),
        Entry(5, AT + HOUR, 100, Act.REMOVED, "staff:999", role),
        Entry(6, AT, 100, Act.DRAFTED, "plan:HD2603", {}, {"draft": 1, "changes": []}),
        Entry(7, AT, 100, Act.DRAFT_CHANGED, "plan:HD2603", {}, {"draft": 1, "changes": to_json(CHANGES[:1])}),
        Entry(8, AT, 100, Act.DRAFT_DROPPED, "plan:HD2603", {"draft": 1}),
        Entry(9, AT, 100, Act.REBASED, "plan:HD2603", {"revision": 1}, {"revision": 2}),
        Entry(10, AT, 100, Act.SCHEDULED, "plan:HD2603", {}, {"publish_at": AT + DAY}),
        Entry(11, AT, 100, Act.UNSCHEDULED, "plan:HD2603", {"publish_at": AT + DAY}, {"why": "late"}),
        Entry(12, AT, 100, Act.PUBLISHED, "plan:HD2603", {}, {"name": "海淀", "revision": 3}),
        Entry(13, AT, 200, Act.CHANGED, "plan:HD2603", {"revision": 4}, changed),
        Entry(14, AT, 100, Act.WITHDRAWN, "plan:HD2603", {"revision": 5}, {"reason": "房源调整", "revision": 6}),
        Entry(15, AT, 100, Act.EXPORTED, "plan:HD2603", {}, {"what": "workbook"}),
        Entry(16, AT, 100, Act.EXPORTED, "log", {}, {"what": "log", "lines": 3}),
    ]


class DeskTown:
    """The part of the repository that only the desk looks into."""

    def __init__(self, data: Mapping[str, str], shown: Plan | None) -> None:
        self._empty = data.get("desk") == "empty"
        self._kind = data.get("desk", "")
        self._sheet = SHEETS[data.get("sheet", "")]
        self._shown = shown

    def staff(self, telegram_id: int) -> Staff | None:
        return next((one for one in self.all_staff() if one.telegram_id == telegram_id), None)

    def staff_name(self, telegram_id: int) -> str:
        member = self.staff(telegram_id)
        return member.name if member else ""

    def all_staff(self) -> Sequence[Staff]:
        return [CLERK] if self._empty else [CLERK, *OTHERS, NAMELESS]

    def log_length(self, _: str = "") -> int:
        return 0 if self._empty else 3 * len(entries())

    def log_page(self, _: str, offset: int, limit: int) -> Sequence[Entry]:
        return [] if self._empty else (3 * entries())[offset : offset + limit]

    def logged_plans(self) -> Sequence[str]:
        return [] if self._empty else [f"HD26{number:02}" for number in range(9)]

    def figures(self, plan: Plan, at: Moment) -> Figures:
        periods = periods_of(plan, at)
        counts = () if self._empty else tuple(range(periods.count))
        cancelled = 0 if self._empty else 3
        return Figures(4000, 3000, 2500, 2000, sum(counts), cancelled, periods, counts, at)

    def draft(self, number: int) -> Draft | None:
        return {
            1: Draft(1, NEW, None, 999, AT),
            2: Draft(2, NEW, OLD, 100, AT),
            3: Draft(3, replace(NEW, announced_on=date(2026, 12, 10)), None, 100, AT, AT + DAY),
            4: Draft(4, OLD, OLD, 100, AT),
        }.get(number)

    def draft_plan(self, _: int) -> Plan | None:
        return self._shown

    def draft_of(self, _: str, __: int) -> int | None:
        return None if self._kind == "no draft" else 2

    def drafts(self) -> Sequence[DraftHead]:
        if self._empty or self._kind == "no draft":
            return []
        return [
            DraftHead(1, "CY2604", "朝阳区2026年第四批保租房", 100, AT, None),
            DraftHead(3, "CY2605", "朝阳区2026年第五批保租房" * 3, 200, AT, AT + DAY),
            DraftHead(2, OLD.code, OLD.name, 100, AT, None),
            DraftHead(5, OLD.code, OLD.name, 999, AT, None),
        ]

    def plan_sheet(self, _: int) -> Mapping[str, str]:
        return self._sheet

    def stored_plan(self, _: str) -> Plan | None:
        if self._empty:
            return None
        if self._kind == "unpublished":
            return replace(OLD, published_at=None, announced_on=None)
        if self._kind == "withdrawn":
            return replace(OLD, withdrawn_at=AT, withdrawn_reason="房源调整", revision=2)
        return replace(OLD, revision=1 if self._kind == "no draft" else 7)

    def whole_plan(self, code: str) -> Plan | None:
        stored = self.stored_plan(code)
        return replace(stored, phone="110") if stored else None

    def stored_plans(self) -> Sequence[Plan]:
        stored = self.stored_plan("")
        return [replace(stored, code=f"P{number}") for number in range(9)] + [stored] if stored else []

    def reachable_registered(self, _: str) -> int:
        return 0 if self._empty else 3000
