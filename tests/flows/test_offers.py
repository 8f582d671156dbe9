"""What is on offer: the order of plans, what is found by which criteria, and what there is to choose."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flows.applicant.links import link_to_plan, link_to_project, read_link
from flows.applicant.offers import (
    BANDS,
    CHOSEN,
    KINDS,
    Criteria,
    Offer,
    by_state,
    folded,
    kind_of,
    look,
    on_offer,
    search,
)
from flows.model import DAY, Plan, Project, UnitType

NOW = 1_795_485_600_000


def unit(name: str, lowest: int | None = None, highest: int | None = None) -> UnitType:
    """Rents in yuan."""
    rents = [None if rent is None else rent * 100 for rent in (lowest, highest if highest else lowest)]
    return UnitType(f"U{abs(hash(name)) % 10_000}", name, lowest=rents[0], highest=rents[1])


QINGHE = Project(
    "QH",
    "清河家园",
    "海淀区清河路 18 号院",
    "海淀区",
    unit_types=(unit("开间", 1_800, 2_000), unit("一居室", 3_200, 3_500)),
)
YONGFENG = Project("YF", "永丰嘉苑", "永丰路Ｂ座", "海淀区", unit_types=(unit("2室1厅", 3_000), unit("Studio", 2_400)))
DONGBA = Project(
    "DB", "东坝佳苑", "东坝中路 36 号院", "朝阳区", unit_types=(unit("两居室", 4_600, 5_000), unit("复式", None))
)
BARE = Project("BB", "百子湾", "百子湾路", "朝阳区")

HAIDIAN = Plan("HD", "海淀", NOW - DAY, NOW + DAY, projects=(QINGHE, YONGFENG))
CHAOYANG = Plan("CY", "朝阳", NOW + DAY, NOW + 9 * DAY, projects=(DONGBA, BARE))
PLANS = (HAIDIAN, CHAOYANG)


def found(**criteria: str) -> str:
    """Codes of the projects."""
    return " ".join(offer.project.code for offer in search(PLANS, Criteria(**criteria)))


def test_plans_come_by_state() -> None:
    def plan(code: str, opens: int, closes: int) -> Plan:
        return Plan(code, code, NOW + opens * DAY, NOW + closes * DAY)

    plans = [
        plan("closed-long-ago", -90, -60),
        plan("upcoming-late", 9, 12),
        plan("open-late", -1, 9),
        replace(plan("withdrawn", -1, 1), withdrawn_at=NOW),
        plan("closed", -9, -6),
        plan("upcoming", 1, 99),
        plan("open", -9, 1),
    ]
    ordered = [plan.code for plan in by_state(plans, NOW)]
    assert ordered == ["open", "open-late", "upcoming", "upcoming-late", "closed", "closed-long-ago", "withdrawn"]
    assert [plan.code for plan in on_offer(plans, NOW)] == ordered[:-1]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("开间", "studio"),
        ("零居室", "studio"),
        ("STUDIO A", "studio"),
        ("一居室", "one"),
        ("１居", "one"),
        ("一室一厅一卫", "one"),
        ("两居室", "two"),
        ("二居室（南）", "two"),
        ("2室1厅", "two"),
        ("三居", "three"),
        ("4室2厅", "four"),
        ("复式", "other"),
        ("12室合住", "other"),
        ("A1户型", "other"),
    ],
)
def test_kinds_of_home_are_told_by_their_names(name: str, kind: str) -> None:
    assert kind_of(UnitType("U", name)) == kind


def test_words_are_compared_without_width_case_and_spaces() -> None:
    assert folded("Ｂ 座·２居室") == folded("b座 二居 室") == "b座两居室"


def test_everything_is_found_without_criteria_in_the_order_of_the_plans() -> None:
    assert found() == "QH YF DB BB"
    assert [offer.plan.code for offer in search(PLANS, Criteria())] == ["HD", "HD", "CY", "CY"]


@pytest.mark.parametrize(
    ("criteria", "codes"),
    [
        ({"plan": "CY"}, "DB BB"),
        ({"district": "海淀区"}, "QH YF"),
        ({"district": "海"}, ""),
        ({"kind": "two"}, "YF DB"),
        ({"kind": "studio"}, "QH YF"),
        ({"kind": "other"}, "DB"),
        ({"rent": "low"}, "QH"),
        ({"rent": "middle"}, "QH YF"),
        ({"rent": "upper"}, "QH YF"),
        ({"rent": "high"}, "DB"),
        ({"rent": "upper", "kind": "two"}, "YF"),
        ({"rent": "middle", "kind": "one"}, ""),
        ({"rent": "low", "district": "朝阳区"}, ""),
        ({"words": "清河"}, "QH"),
        ({"words": "清 河"}, "QH"),
        ({"words": "b座"}, "YF"),
        ({"words": "海淀 二居"}, "YF"),
        ({"words": "二居 海淀区"}, "YF"),
        ({"words": "两居室"}, "YF DB"),
        ({"words": "单间"}, "QH YF"),
        ({"words": "18号"}, "QH"),
        ({"words": "百子湾"}, "BB"),
        ({"words": "百子湾", "kind": "one"}, ""),
        ({"words": "百子湾", "rent": "low"}, ""),
        ({"words": "清河 两居"}, ""),
        ({"words": "一居室", "rent": "low"}, ""),
        ({"words": "月球"}, ""),
    ],
)
def test_a_project_is_found_by_one_unit_type_that_meets_everything(criteria: dict[str, str], codes: str) -> None:
    assert found(**criteria) == codes


def test_an_offer_holds_what_was_looked_for_and_its_rents() -> None:
    (offer,) = search(PLANS, Criteria(words="清河", kind="one"))
    assert [unit_type.name for unit_type in offer.unit_types] == ["一居室"]
    assert (offer.lowest, offer.highest) == (320_000, 350_000)
    (bare,) = search(PLANS, Criteria(words="百子湾"))
    assert (bare.lowest, bare.highest) == (None, None)


def choices(which: str, **criteria: str) -> dict[str, int]:
    return look(PLANS, Criteria(**criteria)).choices[which]


def test_choices_are_those_that_lead_to_something() -> None:
    assert choices("plan") == {"HD": 2, "CY": 2}
    assert choices("district") == {"海淀区": 2, "朝阳区": 2}
    assert choices("kind") == {"studio": 2, "one": 1, "two": 2, "other": 1}
    assert choices("rent") == {"low": 1, "middle": 2, "upper": 2, "high": 1}
    assert choices("rent", kind="two") == {"middle": 1, "upper": 1, "high": 1}
    assert choices("rent", kind="two", rent="high") == {"middle": 1, "upper": 1, "high": 1}
    assert choices("kind", rent="high") == {"two": 1}
    assert choices("kind", words="月球") == {}
    assert look([replace(HAIDIAN, projects=(replace(QINGHE, district=""),))], Criteria()).choices["district"] == {}


@pytest.mark.parametrize("which", CHOSEN)
@pytest.mark.parametrize(
    "criteria",
    [
        Criteria(),
        Criteria(words="居"),
        Criteria(rent="middle"),
        Criteria(plan="HD"),
        Criteria(kind="two", rent="high", district="朝阳区"),
        Criteria(kind="one", rent="high"),
    ],
)
def test_a_choice_finds_as_many_projects_as_it_says(which: str, criteria: Criteria) -> None:
    values = {"plan": ("HD", "CY"), "district": ("海淀区", "朝阳区"), "rent": BANDS, "kind": KINDS}[which]
    counts = {value: len(search(PLANS, replace(criteria, **{which: value}))) for value in values}
    assert look(PLANS, criteria).choices[which] == {value: count for value, count in counts.items() if count}


def test_bands_leave_no_rent_out() -> None:
    for yuan in (0, 1_999, 2_000, 2_500, 3_000, 4_500, 4_501, 99_999):
        assert any(band.holds(unit("开间", yuan)) for band in BANDS.values()), yuan


def test_keys_tell_offers_apart() -> None:
    keys = {Offer(plan, project, ()).key for plan in PLANS for project in plan.projects}
    assert len(keys) == 4
    assert all(len(key) == 8 for key in keys)


def test_a_link_leads_where_it_was_made_for() -> None:
    assert read_link(link_to_plan("HD2603")) == {"plan": "HD2603"}
    assert read_link(link_to_project("HD2603", "QH_0-1")) == {"plan": "HD2603", "project": "QH_0-1"}
    longest = link_to_project("A" * 16, "_-" * 12)
    assert len(longest) <= 60  # with two more before it behind a button
    assert read_link(longest) == {"plan": "A" * 16, "project": "_-" * 12}


@pytest.mark.parametrize(
    "payload",
    ["", "plan_", "plan_海淀", "plan_A_B", "project_A", "project_A_", "project__B", "check_A", "plan_A\n", "Aplan_A"],
)
def test_other_payloads_are_none(payload: str) -> None:
    assert read_link(payload) is None
