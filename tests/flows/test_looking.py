"""Looking at plans without an account: lists, announcements, projects, unit types, rents, the place on the map."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flows.applicant.projects import lines_of
from flows.effects import Place, SendMedia, SendVenue, Show
from flows.engine.lists import PAGE
from flows.events import Press
from flows.model import DAY, Plan, Rent
from tests.flows.stage import Chat, Stage
from tests.flows.town import CLOSED, NOW, OPEN, UPCOMING


@pytest.fixture
def project(chat: Chat) -> Chat:
    """At the first project of the open plan."""
    chat.opens_plan()
    chat.taps("projects")
    chat.taps("project", "QH")
    assert chat.at == "projects/project"
    return chat


def change(stage: Stage, plan: Plan) -> None:
    """Puts it in the place of the one that is there."""
    stored = stage.repository.plan(plan.code)
    assert stored is not None
    assert stage.repository.change_plan(plan, stored.revision)


def shown(chat: Chat, name: str) -> object:
    assert chat.screen is not None
    return chat.screen.values[name]


# --- plans -----------------------------------------------------------------------------------------------------------


def test_open_plans_stand_before_those_to_come_and_the_closed(chat: Chat) -> None:
    chat.commands("plans")
    codes = [button.argument for button in chat.buttons if button.id == "plan"]
    assert codes == [OPEN.code, UPCOMING.code, CLOSED.code]


def test_a_withdrawn_plan_stands_last_and_can_only_be_looked_at(stage: Stage, chat: Chat) -> None:
    stage.withdraw(OPEN)
    chat.commands("plans")
    assert [button.argument for button in chat.buttons if button.id == "plan"][-1] == OPEN.code
    chat.taps("plan", OPEN.code)
    assert chat.ids == ["back"]


def test_a_long_list_of_plans_is_turned_page_by_page(stage: Stage, chat: Chat) -> None:
    for number in range(PAGE):
        stage.repository.add_plan(Plan(f"P{number}", "计划", NOW - DAY, NOW + DAY), NOW)
    chat.commands("plans")
    assert chat.ids == ["plan"] * PAGE + ["back", "find", "page"]
    chat.taps("page", "2")
    assert chat.ids == ["plan"] * 3 + ["page", "back", "find"]


@pytest.mark.parametrize(
    ("plan", "buttons"),
    [
        (OPEN, ["register", "fill_in", "notice", "projects", "remind", "back"]),
        (UPCOMING, ["register", "fill_in", "projects", "remind", "back"]),
        (CLOSED, ["back"]),
    ],
    ids=lambda value: value.code if isinstance(value, Plan) else "",
)
def test_a_plan_offers_what_can_be_done_now(chat: Chat, plan: Plan, buttons: list[str]) -> None:
    chat.opens_plan(plan)
    assert chat.ids == buttons


def test_a_visit_is_noted_once(stage: Stage, chat: Chat) -> None:
    chat.opens_plan()
    chat.opens_plan()
    assert stage.connection.execute("SELECT plan_code, chat_id FROM visits").fetchall() == [(OPEN.code, 1)]


def test_a_plan_that_is_gone_while_it_is_looked_at_says_so(stage: Stage, chat: Chat) -> None:
    chat.opens_plan()
    stage.unpublish(OPEN)
    chat.says("?")
    assert chat.screen is not None
    assert (chat.screen.window, chat.ids) == ("plans/gone", ["back"])
    chat.taps("back")
    assert chat.at == "plans/list"


# --- the announcement ------------------------------------------------------------------------------------------------


def test_a_long_announcement_comes_in_pages(chat: Chat) -> None:
    chat.opens_plan()
    chat.taps("notice")
    assert chat.ids == ["download", "back", "page"]
    chat.taps("page", "2")
    assert "page" in chat.ids
    chat.taps("back")
    assert chat.at == "plans/plan"


def test_the_announcement_is_sent_as_a_document(stage: Stage, chat: Chat) -> None:
    chat.opens_plan()
    chat.taps("notice")
    reaction = chat.taps("download")
    assert reaction.one(SendMedia) == SendMedia((OPEN.notice_file or "",), as_document=True, name="HD2603.pdf")
    assert (reaction.toast, reaction.one(Show).place) == ("notice_coming", Place.SEND)
    change(stage, replace(OPEN, notice_file=None))
    assert chat.does(Press("download", "", chat.session.revision)).toast == "stale"
    assert chat.ids == ["back", "page"]
    stage.unpublish(OPEN)
    chat.says("?")
    assert chat.ids == ["back"]


# --- projects --------------------------------------------------------------------------------------------------------


def test_a_project_shows_its_pictures_above_its_screen(chat: Chat) -> None:
    chat.opens_plan()
    chat.taps("projects")
    reaction = chat.taps("project", "QH")
    assert reaction.one(SendMedia).files == OPEN.projects[0].pictures
    assert reaction.one(Show).place is Place.SEND
    assert chat.ids == ["register", "unit_types", "venue", "back"]


def test_a_project_shows_its_place_on_the_map(project: Chat) -> None:
    reaction = project.taps("venue")
    assert reaction.one(SendVenue) == SendVenue(40.0331, 116.3402, "清河家园", "清河路 1 号")


def test_a_project_without_a_place_pictures_or_homes_shows_what_it_has(chat: Chat) -> None:
    chat.opens_plan()
    chat.taps("projects")
    assert chat.taps("project", "YF").all(SendMedia) == []
    assert chat.ids == ["register", "back"]
    chat.taps("back")
    assert chat.at == "plans/projects"
    chat.taps("back")
    assert chat.at == "plans/plan"


def test_a_long_text_of_a_project_comes_in_pages(stage: Stage, project: Chat) -> None:
    change(stage, replace(OPEN, projects=(replace(OPEN.projects[0], text="近地铁。" * 1_500),)))
    project.says("?")
    project.taps("page", "2")
    assert project.ids[-3:] == ["page", "back", "page"]


def test_somebody_registers_from_a_project(project: Chat) -> None:
    project.taps("register")
    assert project.at == "sign_up/consent"
    project.taps("back")
    assert project.at == "projects/project"


def test_who_is_registered_sees_the_record_from_a_project(chat: Chat) -> None:
    chat.signs_up().submits().registers()
    chat.opens_plan()
    chat.taps("projects")
    chat.taps("project", "QH")
    chat.taps("record")
    assert chat.at == "records/record"
    chat.taps("back")
    assert chat.at == "projects/project"


def test_rents_are_read_down_to_the_last_home(project: Chat) -> None:
    project.taps("unit_types")
    reaction = project.taps("unit_type", "A1")
    assert reaction.one(SendMedia).files == OPEN.projects[0].unit_types[0].pictures
    rents = shown(project, "rents")
    assert isinstance(rents, list)
    assert [rent.home for rent in rents] == [f"{floor} 层" for floor in range(1, 21)]
    project.taps("page", "2")
    rents = shown(project, "rents")
    assert isinstance(rents, list)
    assert [rent.home for rent in rents] == [f"{floor} 层" for floor in range(21, 30)]
    project.taps("back")
    assert project.taps("unit_type", "B1").all(SendMedia) == []
    project.taps("back")
    project.taps("back")
    assert project.at == "projects/project"


def test_a_long_text_of_a_unit_type_comes_before_its_rents(stage: Stage, project: Chat) -> None:
    unit = replace(OPEN.projects[0].unit_types[0], text="朝南。" * 700)
    change(stage, replace(OPEN, projects=(replace(OPEN.projects[0], unit_types=(unit,)),)))
    project.taps("unit_types")
    project.taps("unit_type", "A1")
    assert shown(project, "rents") == ()
    pages = shown(project, "page")
    assert getattr(pages, "pages", 0) == 4
    project.taps("page", "2")
    project.taps("page", "3")
    assert shown(project, "rents") != ()


@pytest.mark.parametrize("way", [(), ("unit_types",), ("unit_types", "unit_type")])
def test_a_project_that_is_gone_while_it_is_looked_at_says_so(
    stage: Stage, project: Chat, way: tuple[str, ...]
) -> None:
    for button in way:
        project.taps(button, "A1" if button == "unit_type" else "")
    change(stage, replace(OPEN, projects=OPEN.projects[1:]))
    project.says("?")
    assert project.screen is not None
    assert project.screen.window == "projects/gone"
    for _ in way:
        project.taps("back")
    project.taps("back")
    assert project.at == "plans/projects"


def test_a_project_that_went_just_before_the_tap_is_stale(stage: Stage, chat: Chat) -> None:
    chat.opens_plan()
    chat.taps("projects")
    press = Press("project", "QH", chat.session.revision)
    change(stage, replace(OPEN, projects=OPEN.projects[1:]))
    assert chat.does(press).toast == "stale"
    stage.unpublish(OPEN)
    chat.says("?")
    assert chat.screen is not None
    assert chat.screen.window == "plans/gone"


def test_rents_line_up_or_are_listed() -> None:
    rents = [Rent("1-101", 4_580, 339_000), Rent("", None, 1_250_050)]
    assert lines_of(rents) == ["1-101  45.8      3,390", "-         -  12,500.50"]
    assert lines_of([Rent("", None, 100_000)]) == ["1,000"]
    assert lines_of([Rent("一号楼二单元三层东户南向带阳台", 4_580, 339_000)]) is None


# --- deep links ------------------------------------------------------------------------------------------------------


def test_a_link_leads_to_a_project_and_back_to_its_plan(chat: Chat) -> None:
    chat.commands("start", "project_HD2603_QH")
    assert chat.at == "projects/project"
    chat.taps("back")
    assert chat.at == "plans/plan"


def test_a_link_to_a_project_that_is_gone_leads_to_its_plan(chat: Chat) -> None:
    assert chat.commands("start", "project_HD2603_NO").error == "project_unknown"
    assert chat.at == "plans/plan"
    assert chat.commands("start", "project_NO_QH").error == "plan_unknown"
    assert chat.at == "plans/list"


def test_a_link_to_a_project_of_a_withdrawn_plan_leads_to_the_plan(stage: Stage, chat: Chat) -> None:
    stage.withdraw(OPEN)
    chat.commands("start", "project_HD2603_QH")
    assert chat.at == "plans/plan"
