"""Looking at plans, down to the last home, and finding homes: what is asked of the repository and of Telegram."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flows.applicant import plans, projects
from flows.applicant.links import link_to_project
from flows.applicant.projects import lines_of
from flows.applicant.reminders import note_reminder, set_reminder
from flows.effects import Place, SendMedia, SendVenue, Show
from flows.engine.flow import Action
from flows.events import Follow
from flows.model import DAY, HOUR, Plan, Project, Rent, UnitType
from tests.flows.stage import Chat, Stage
from tests.flows.town import CLOSED, NOW, OPEN, UPCOMING

PICTURES = tuple(f"{number:064x}" for number in range(12))
STUDIO = UnitType(
    "S1", "开间", 3_250, 120, "一室一卫。", tuple(Rent(f"1-{n}", 3_250, 198_000 + n * 100) for n in range(45))
)
BARE = UnitType("B1", "复式")
TALL = UnitType("T1", "两居室", text="说明。" * 1_000, rents=(Rent("", None, 450_000),), pictures=PICTURES[:2])
QINGHE = Project(
    "QH", "梧桐家园", "梧桐路 18 号", "海淀区", 40.03, 116.34, "位于梧桐。\n\n" * 500, (STUDIO, BARE, TALL), PICTURES
)
PLAIN = Project("YF", "永丰嘉苑", "永丰路 1 号", "海淀区")
MANY = tuple(
    Project(f"P-{n}", f"第 {n} 小区", "路", f"{n} 区", unit_types=(replace(STUDIO, rents=()),)) for n in range(20)
)
RICH = Plan(
    "HD2604",
    "海淀区第四批",
    NOW - HOUR,
    NOW + 3 * DAY,
    notice_title="公告",
    notice_text="第一条。\n\n" * 1_000,
    notice_file=PICTURES[0],
    projects=(QINGHE, PLAIN, *MANY),
)


@pytest.fixture
def rich(stage: Stage) -> Plan:
    stage.repository.add_plan(RICH, NOW - DAY)
    return RICH


@pytest.fixture
def visitor(chat: Chat, rich: Plan) -> Chat:
    """Before the rich plan, without an account."""
    chat.opens_plan(rich)
    return chat


def visits(stage: Stage) -> list[tuple[str, int]]:
    return stage.connection.execute("SELECT plan_code, chat_id FROM visits ORDER BY plan_code, chat_id").fetchall()


def value(chat: Chat, name: str) -> object:
    assert chat.screen is not None
    return chat.screen.values[name]


def test_many_plans_come_in_pages(stage: Stage, chat: Chat) -> None:
    for number in range(9):
        stage.repository.add_plan(replace(OPEN, code=f"P{number}", projects=()), NOW - DAY)
    chat.commands("plans")
    first = {button.argument for button in chat.buttons if button.id == "plan"}
    chat.taps("page", "2")
    assert len(first | {button.argument for button in chat.buttons if button.id == "plan"}) == 12


# --- a plan and its announcement -------------------------------------------------------------------------------------


def test_looking_at_a_plan_is_noted_once_a_person(stage: Stage, visitor: Chat) -> None:
    visitor.taps("back")
    visitor.taps("plan", RICH.code)
    visitor.opens_plan(OPEN)
    stage.chat(2).commands("start", link_to_project(RICH.code, "QH"))
    assert visits(stage) == [(OPEN.code, 1), (RICH.code, 1), (RICH.code, 2)]


def test_the_announcement_is_read_page_by_page(visitor: Chat) -> None:
    visitor.taps("notice")
    assert "page" in visitor.ids
    visitor.taps("page", "2")
    visitor.taps("page", "1")
    visitor.taps("page", "2")
    assert visitor.data["notice_page"] == "2"
    visitor.taps("back")
    assert visitor.at == "plans/plan"


def test_the_announcement_is_downloaded_and_the_screen_comes_below_it(visitor: Chat) -> None:
    visitor.taps("notice")
    reaction = visitor.taps("download")
    assert reaction.one(SendMedia) == SendMedia((PICTURES[0],), as_document=True, name="HD2604.pdf")
    assert reaction.toast == "notice_coming"
    assert reaction.one(Show).place is Place.SEND
    assert visitor.at == "plans/notice"


def test_a_file_that_was_taken_away_meanwhile_is_said_to_be_gone(stage: Stage, visitor: Chat) -> None:
    visitor.taps("notice")
    stage.new_repository().change_plan(replace(RICH, notice_file=None), 1)
    visitor.screen = None
    visitor.commands("help")
    visitor.taps("back")
    assert "download" not in visitor.ids


@pytest.mark.parametrize(
    ("plan", "papers"),
    [
        (replace(RICH, notice_file=None, notice_text="", notice_title=""), {"projects"}),
        (replace(RICH, projects=()), {"notice"}),
        (RICH, {"notice", "projects"}),
    ],
)
def test_only_what_a_plan_has_can_be_looked_at(stage: Stage, chat: Chat, plan: Plan, papers: set[str]) -> None:
    stage.repository.add_plan(plan, NOW - DAY)
    chat.opens_plan(plan)
    assert set(chat.ids) & {"notice", "projects"} == papers


def test_a_withdrawn_plan_says_so_and_offers_nothing_but_the_way_back(stage: Stage, visitor: Chat) -> None:
    stage.repository.withdraw_plan(RICH.code, "房源调整", NOW)
    visitor.opens_plan(RICH)
    assert visitor.ids == ["back"]
    assert value(visitor, "plan") == stage.repository.plan(RICH.code)


# --- projects --------------------------------------------------------------------------------------------------------


def test_a_project_comes_below_its_pictures_and_going_back_edits_it(visitor: Chat) -> None:
    visitor.taps("projects")
    reaction = visitor.taps("project", "QH")
    assert [type(effect) for effect in reaction.effects][1:] == [SendMedia, Show]
    assert reaction.one(SendMedia).files == PICTURES[:10]
    assert reaction.one(Show).place is Place.SEND
    reaction = visitor.taps("back")
    assert reaction.one(Show).place is Place.EDIT
    assert visitor.at == "plans/projects"
    assert not visitor.taps("project", "YF").all(SendMedia)


def test_pages_of_projects_and_their_text_are_turned_and_come_back_to(visitor: Chat) -> None:
    visitor.taps("projects")
    visitor.taps("page", "2")
    visitor.taps("project", "P-9")
    visitor.taps("back")
    assert visitor.data["projects_page"] == "2"
    visitor.taps("page", "1")
    visitor.taps("project", "QH")
    assert not visitor.taps("page", "2").all(SendMedia)
    assert visitor.data["text_page"] == "2"


def test_the_place_is_shown_on_the_map_only_where_it_is_known(visitor: Chat) -> None:
    visitor.taps("projects")
    visitor.taps("project", "YF")
    assert "venue" not in visitor.ids
    assert "unit_types" not in visitor.ids
    visitor.taps("back")
    visitor.taps("project", "QH")
    reaction = visitor.taps("venue")
    assert reaction.one(SendVenue) == SendVenue(40.03, 116.34, "梧桐家园", "梧桐路 18 号")
    assert reaction.one(Show).place is Place.SEND


def test_registering_from_a_project_comes_back_to_it_without_its_pictures_again(visitor: Chat) -> None:
    visitor.taps("projects")
    visitor.taps("project", "QH")
    visitor.taps("register")
    assert visitor.at == "sign_up/consent"
    assert visitor.session.frames[-2].data["project"] == "QH"
    reaction = visitor.taps("back")
    assert visitor.at == "projects/project"
    assert not reaction.all(SendMedia)


def test_somebody_registered_sees_the_record_from_a_project(stage: Stage, chat: Chat, rich: Plan) -> None:
    chat.signs_up()
    chat.submits(rich)
    number = chat.registers(rich)
    chat.commands("start", link_to_project(rich.code, "YF"))
    assert "register" not in chat.ids
    chat.taps("record")
    assert chat.at == "records/record"
    assert chat.data["number"] == number


def test_rents_are_read_twenty_at_a_time(visitor: Chat) -> None:
    visitor.taps("projects")
    visitor.taps("project", "QH")
    visitor.taps("unit_types")
    visitor.taps("unit_type", "S1")
    seen: list[object] = []
    for page in ("2", "3", ""):
        rents = value(visitor, "rents")
        assert isinstance(rents, list)
        seen += rents
        if page:
            visitor.taps("page", page)
    assert seen == [*STUDIO.rents]
    visitor.taps("back")
    assert visitor.at == "projects/unit_types"
    assert "rents_page" not in visitor.data


def test_a_unit_type_comes_below_its_pictures_and_a_long_text_before_its_rents(visitor: Chat) -> None:
    visitor.taps("projects")
    visitor.taps("project", "QH")
    visitor.taps("unit_types")
    reaction = visitor.taps("unit_type", "T1")
    assert reaction.one(SendMedia).files == PICTURES[:2]
    assert reaction.one(Show).place is Place.SEND
    texts = ""
    for page in ("2", "3", "4", ""):
        texts += str(value(visitor, "text"))
        assert bool(value(visitor, "rents")) == (not page)
        if page:
            visitor.taps("page", page)
    assert texts == TALL.text


def test_a_unit_type_without_rents_is_shown_all_the_same(visitor: Chat) -> None:
    visitor.taps("projects")
    visitor.taps("project", "QH")
    visitor.taps("unit_types")
    visitor.taps("unit_type", "B1")
    assert visitor.ids == ["back"]
    assert value(visitor, "lines") is None


def test_rents_are_lined_up_without_columns_that_nobody_fills() -> None:
    assert lines_of([Rent("", None, 210_050), Rent("", None, 90_000)]) == ["2,100.50", "900"]
    assert lines_of([Rent("1-1", 4_530, 210_000), Rent("", None, 90_000)]) == ["1-1  45.3  2,100", "-       -    900"]
    assert lines_of([Rent("1 号楼 10–18 层 南向", 3_250, 256_000)]) is None


# --- what is not there any more --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "states", [("notice",), ("projects",), ("projects", "project:QH"), ("projects", "project:QH", "unit_types")]
)
def test_somebody_still_looking_at_what_was_taken_away_finds_the_way_out(
    stage: Stage, visitor: Chat, states: tuple[str, ...]
) -> None:
    for state in states:
        visitor.taps(*state.split(":"))
    stage.connection.execute("UPDATE plans SET published_at = NULL WHERE code = ?", (RICH.code,))
    stage.connection.execute("UPDATE plans SET revision = revision + 1")
    forget(stage)
    visitor.commands("help")
    reaction = visitor.taps("back")
    assert str(reaction.one(Show).window).endswith("/gone")
    while visitor.at != "plans/list":
        visitor.taps("back")


def forget(stage: Stage) -> None:
    """What the repository keeps of plans, as after any writing of them."""
    stage.repository.shelf.clear()


def test_a_project_taken_away_is_said_to_be_gone(stage: Stage, visitor: Chat) -> None:
    visitor.taps("projects")
    stage.new_repository().change_plan(replace(RICH, projects=(PLAIN,)), 1)
    reaction = visitor.commands("start", link_to_project(RICH.code, "QH"))
    assert visitor.at == "plans/plan"
    assert reaction.error == "project_unknown"


# --- links -----------------------------------------------------------------------------------------------------------


def test_a_link_to_a_project_leads_there_and_back_to_its_plan(stage: Stage, chat: Chat, rich: Plan) -> None:
    reaction = chat.does(Follow(link_to_project(rich.code, "QH"), query_id="query"))
    assert chat.at == "projects/project"
    assert reaction.one(SendMedia).files == PICTURES[:10]
    chat.taps("back")
    assert chat.at == "plans/plan"
    assert "project" not in chat.data
    chat.taps("back")
    assert chat.at == "plans/list"


def test_a_link_into_a_withdrawn_plan_leads_to_what_became_of_it(stage: Stage, chat: Chat, rich: Plan) -> None:
    stage.repository.withdraw_plan(rich.code, "房源调整", NOW)
    chat.commands("start", link_to_project(rich.code, "QH"))
    assert chat.at == "plans/plan"
    assert "project" not in chat.data


@pytest.mark.parametrize("payload", ["project_NOSUCH_QH", "plan_NOSUCH"])
def test_a_link_into_nothing_leads_to_the_plans(chat: Chat, payload: str) -> None:
    reaction = chat.commands("start", payload)
    assert chat.at == "plans/list"
    assert reaction.error == "plan_unknown"
    assert "project" not in chat.data


def test_somebody_new_signs_up_from_a_link_and_lands_where_it_pointed(chat: Chat, rich: Plan) -> None:
    chat.commands("start", link_to_project(rich.code, "QH"))
    chat.taps("register")
    chat.proves_phone()
    chat.taps("real_name")
    chat.proves_name()
    assert chat.at == "application/overview"
    chat.taps("back")
    assert chat.at == "projects/project"


# --- finding ---------------------------------------------------------------------------------------------------------


def test_somebody_finds_a_home_by_buttons(visitor: Chat) -> None:
    visitor.taps("projects")
    visitor.taps("find")
    assert visitor.data["find_plan"] == RICH.code
    visitor.taps("criterion", "district")
    visitor.taps("pick", next(button.argument for button in visitor.buttons if button.id == "pick"))
    assert visitor.data["find_district"] == "海淀区"
    visitor.taps("criterion", "kind")
    visitor.taps("pick", "two")
    visitor.taps("results")
    (button,) = [button for button in visitor.buttons if button.id == "project"]
    visitor.taps("project", button.argument)
    assert (visitor.at, visitor.data["project"]) == ("projects/project", "QH")
    visitor.taps("back")
    assert visitor.at == "plans/results"
    visitor.taps("back")
    visitor.taps("criterion", "kind")
    visitor.taps("any")
    assert "find_kind" not in visitor.data
    visitor.taps("clear")
    assert not {key for key in visitor.data if key in {"find_plan", "find_district", "find_kind"}}
    visitor.taps("back")
    assert visitor.at == "plans/projects"


def test_somebody_finds_a_home_by_typing_and_turns_pages(visitor: Chat) -> None:
    visitor.taps("projects")
    visitor.taps("find")
    reaction = visitor.says("小 区")
    assert reaction.one(Show).place is Place.SEND
    assert visitor.at == "plans/results"
    assert value(visitor, "count") == 20
    visitor.taps("page", "2")
    visitor.taps("page", "3")
    visitor.says("梧桐")
    assert value(visitor, "count") == 1
    visitor.taps("back")
    visitor.taps("forget_words")
    assert value(visitor, "count") == 22
    visitor.taps("back")
    assert visitor.at == "plans/projects"


@pytest.mark.parametrize("text", ["？！", "长" * 41])
def test_words_that_cannot_be_looked_for_are_refused(chat: Chat, rich: Plan, text: str) -> None:
    chat.commands("plans")
    chat.taps("find")
    assert chat.says(text).error == "find_words"
    assert chat.at == "plans/search"


def test_somebody_who_finds_nothing_is_shown_what_to_leave_out(visitor: Chat) -> None:
    visitor.taps("projects")
    visitor.taps("find")
    visitor.taps("criterion", "kind")
    visitor.taps("pick", "two")
    visitor.says("月球")
    assert [(b.id, b.argument) for b in visitor.buttons] == [("relax", "words"), ("clear", ""), ("back", "")]
    visitor.taps("relax", "words")
    assert value(visitor, "count") == 1
    visitor.says("月球")
    visitor.taps("clear")
    assert visitor.at == "plans/search"
    assert "results" in visitor.ids


def test_many_districts_come_in_pages_and_a_choice_goes_back(visitor: Chat) -> None:
    visitor.taps("projects")
    visitor.taps("find")
    visitor.taps("criterion", "district")
    first = [b.argument for b in visitor.buttons if b.id == "pick"]
    assert len(first) == 12
    visitor.taps("page", "2")
    assert not {b.argument for b in visitor.buttons if b.id == "pick"} & {*first}
    visitor.taps("back")
    assert visitor.at == "plans/search"


def test_there_is_nothing_to_find_without_projects(stage: Stage, chat: Chat) -> None:
    for plan in (OPEN, CLOSED, UPCOMING):
        stage.withdraw(plan)
    chat.commands("plans")
    assert "find" not in chat.ids


@pytest.mark.parametrize(
    "action", [plans._send_notice, projects._show_pictures, projects._send_venue, set_reminder, note_reminder]
)
def test_what_no_button_leads_to_is_a_mistake(chat: Chat, action: Action) -> None:
    chat.commands("start", link_to_project(OPEN.code, "YF"))
    turn = chat.turn()
    if action is not projects._send_venue:
        turn.data.clear()
    with pytest.raises((LookupError, TypeError)):
        action(turn)
