"""Finding homes: by plan, district, rent, kind and words, alone and together, and what to do when nothing is found."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.applicant.offers import BANDS, CRITERIA, KINDS, Band, Criteria, Offer, choices, kind_of, on_offer, search
from flows.model import Plan, Project, UnitType
from tests.flows.stage import Chat, Stage
from tests.flows.town import CLOSED, NOW, OPEN, UPCOMING

PLANS = (OPEN, UPCOMING)


@pytest.fixture
def searching(chat: Chat) -> Chat:
    chat.commands("plans")
    chat.taps("find")
    assert chat.at == "plans/search"
    return chat


def found(chat: Chat) -> list[str]:
    """Names of the projects on the screen."""
    offers = [button.values["offer"] for button in chat.buttons if button.id == "project"]
    return [offer.project.name for offer in offers if isinstance(offer, Offer)]


def picks(chat: Chat, which: str, value: object) -> None:
    chat.taps("criterion", which)
    argument = next(button.argument for button in chat.buttons if button.values.get("value") == value)
    chat.taps("pick", argument)


# --- on the screens --------------------------------------------------------------------------------------------------


def test_nothing_looked_for_finds_everything(searching: Chat) -> None:
    searching.taps("results")
    assert found(searching) == ["清河家园", "永丰嘉苑", "望京公寓"]


@pytest.mark.parametrize(
    ("which", "value", "names"),
    [
        ("plan", OPEN.name, ["清河家园", "永丰嘉苑"]),
        ("district", "昌平区", ["永丰嘉苑"]),
        ("rent", "low", ["清河家园"]),
        ("kind", "two", ["望京公寓"]),
    ],
)
def test_a_criterion_is_picked_and_taken_back(searching: Chat, which: str, value: str, names: list[str]) -> None:
    picks(searching, which, value)
    searching.taps("results")
    assert found(searching) == names
    searching.taps("back")
    searching.taps("criterion", which)
    searching.taps("any")
    searching.taps("results")
    assert len(found(searching)) == 3


def test_words_are_typed_on_either_screen(searching: Chat) -> None:
    searching.says("清河 一居室")
    assert (searching.at, found(searching)) == ("plans/results", ["清河家园"])
    searching.says("望京")
    assert found(searching) == ["望京公寓"]
    searching.taps("back")
    searching.taps("forget_words")
    assert "forget_words" not in searching.ids


@pytest.mark.parametrize("words", ["", "，。", "长" * 41])
def test_words_that_say_nothing_or_too_much_are_refused(searching: Chat, words: str) -> None:
    assert searching.says(words).error == "find_words"
    assert searching.at == "plans/search"


def test_where_nothing_is_found_every_way_to_find_something_is_offered(searching: Chat) -> None:
    picks(searching, "district", "海淀区")
    searching.says("望京")
    assert found(searching) == []
    assert [(button.argument, button.values["count"]) for button in searching.buttons if button.id == "relax"] == [
        ("district", 1),
        ("words", 1),
    ]
    searching.taps("relax", "district")
    assert found(searching) == ["望京公寓"]
    searching.says("没有的")
    searching.taps("clear")
    assert searching.at == "plans/search"
    searching.taps("results")
    assert len(found(searching)) == 3


def test_all_criteria_are_cleared_at_once(searching: Chat) -> None:
    picks(searching, "district", "海淀区")
    picks(searching, "rent", "upper")
    searching.taps("clear")
    assert "clear" not in searching.ids


def test_a_project_that_was_found_is_looked_at_and_left(searching: Chat) -> None:
    searching.taps("results")
    searching.taps("project", next(button.argument for button in searching.buttons if button.id == "project"))
    assert searching.at == "projects/project"
    searching.taps("back")
    assert searching.at == "plans/results"


def test_where_no_plan_has_a_project_there_is_nothing_to_find(stage: Stage, searching: Chat) -> None:
    for plan in PLANS:
        stage.unpublish(plan)
    searching.says("清河")
    assert (found(searching), [button for button in searching.ids if button == "relax"]) == ([], [])
    searching.taps("clear")
    assert searching.ids == ["back"]
    searching.taps("back")
    assert "find" not in searching.ids


def test_many_results_come_in_pages(stage: Stage, searching: Chat) -> None:
    projects = tuple(Project(f"P{number}", f"小区{number}", "路", "海淀区") for number in range(20))
    stage.repository.add_plan(Plan("MANY", "多", NOW - 1, NOW + 1, projects=projects), NOW)
    searching.taps("results")
    searching.taps("page", "2")
    assert len(found(searching)) == 8
    searching.taps("back")
    searching.taps("criterion", "plan")
    searching.taps("back")
    assert searching.at == "plans/search"


def test_many_choices_come_in_pages(stage: Stage, searching: Chat) -> None:
    for number in range(7):
        projects = (Project("A", "小区", "路", f"{number}号区"),)
        stage.repository.add_plan(Plan(f"M{number}", f"第{number}批", NOW - 1, NOW + 1, projects=projects), NOW)
    searching.taps("criterion", "plan")
    searching.taps("page", "2")
    assert "pick" in searching.ids


def test_a_search_within_a_plan_begins_and_ends_there(chat: Chat) -> None:
    chat.opens_plan()
    chat.taps("projects")
    chat.taps("find")
    chat.taps("results")
    assert found(chat) == ["清河家园", "永丰嘉苑"]
    chat.taps("back")
    chat.taps("back")
    assert chat.at == "plans/projects"


def test_a_search_over_all_plans_ends_at_their_list(searching: Chat) -> None:
    searching.taps("back")
    assert searching.at == "plans/list"


# --- what is found ---------------------------------------------------------------------------------------------------


def test_withdrawn_plans_are_not_searched_and_open_ones_come_first() -> None:
    gone = replace(OPEN, code="GONE", withdrawn_at=NOW)
    assert on_offer([CLOSED, UPCOMING, gone, OPEN], NOW) == [OPEN, UPCOMING, CLOSED]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("开间", "studio"),
        ("零居", "studio"),
        ("一居室", "one"),
        ("1室1厅", "one"),
        ("二居", "two"),
        ("两居室（大）", "two"),
        ("３居", "three"),
        ("四居", "four"),
        ("十二居", "other"),
        ("复式", "other"),
    ],
)
def test_a_kind_is_read_from_its_name(name: str, kind: str) -> None:
    assert kind_of(UnitType("X", name)) == kind


def test_a_band_holds_rents_that_reach_into_it() -> None:
    unit = UnitType("X", "开间", lowest=190_000, highest=210_000)
    assert [key for key, band in BANDS.items() if band.holds(unit)] == ["low", "middle"]
    assert not Band(None, None).holds(UnitType("X", "开间"))


criteria = st.builds(
    Criteria,
    st.sampled_from(["", OPEN.code, UPCOMING.code, "NO"]),
    st.sampled_from(["", "海淀区", "朝阳区", "昌平区", "怀柔区"]),
    st.sampled_from(["", *BANDS, "nothing"]),
    st.sampled_from(["", *KINDS]),
    st.sampled_from(["", "清河", "清河 一居室", "路", "2居", "，", "没有"]),
)


@given(criteria=criteria)
def test_what_meets_all_criteria_meets_each_of_them(criteria: Criteria) -> None:
    offers = {(offer.plan.code, offer.project.code) for offer in search(PLANS, criteria)}
    for name in criteria.named:
        relaxed = {(offer.plan.code, offer.project.code) for offer in search(PLANS, criteria.without(name))}
        assert offers <= relaxed
    assert len({offer.key for offer in search(PLANS, Criteria())}) == 3


@given(criteria=criteria, which=st.sampled_from(CRITERIA[:-1]))
def test_every_choice_that_is_offered_finds_as_many_as_it_says(criteria: Criteria, which: str) -> None:
    for value, count in choices(PLANS, criteria, which).items():
        assert len(search(PLANS, replace(criteria, **{which: value}))) == count
