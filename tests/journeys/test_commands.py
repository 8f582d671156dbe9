"""The commands, from anywhere: what they lead to, what they leave alone."""

from __future__ import annotations

import pytest

from tests.journeys.identities import EMPLOYER
from tests.journeys.town import Town
from tests.journeys.walking import Walker, rests, with_buttons, words

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOMS = {"start": "home/menu", "plans": "plans/list", "records": "records/list", "me": "me/overview"}
PAGES = {"help": "help/contact", "privacy": "privacy/statement", "language": "language/choice"}


async def in_the_middle_of_the_form(town: Town) -> tuple[Walker, str]:
    """Somebody who has answered one question and is asked the next; and the plan's code."""
    plan = await town.plan()
    walker = await town.filling_in(town.newcomer(), plan)
    await walker.taps("section", "work", to="application/ask_employer")
    await walker.says(EMPLOYER, to="application/ask_employer_district")
    return walker, plan.code


async def test_an_applicant_leaving_the_form_by_a_command_keeps_every_answer(town: Town) -> None:
    walker, code = await in_the_middle_of_the_form(town)
    for command, place in ROOMS.items():
        await walker.says(f"/{command}", to=place)
        await walker.says(f"/start plan_{code}", to="plans/plan")
        await walker.taps("fill_in", to="application/overview")
        await walker.taps("section", "work", to="application/ask_employer_district")
    assert with_buttons(walker.player) == [walker.screen["message_id"]]


async def test_an_applicant_looking_something_up_comes_back_to_the_question(town: Town) -> None:
    walker, _ = await in_the_middle_of_the_form(town)
    for command, place in PAGES.items():
        await walker.says(f"/{command}", to=place)
        await walker.says(f"/{command}", to=place)  # again: not one page above another
        await walker.taps("back", to="application/ask_employer_district")


async def test_an_applicant_cancelling_is_told_that_all_is_kept(town: Town) -> None:
    walker, _ = await in_the_middle_of_the_form(town)
    await walker.says("/cancel", to="plans/plan")
    assert walker.text.startswith(words(town.house, "common", "notice_left"))
    await walker.says("/start", to="home/menu")
    await walker.says("/cancel", to="home/menu")
    assert walker.text.startswith(words(town.house, "common", "notice_nothing_to_leave"))


@pytest.mark.parametrize("command", ["/登记", "/START", "/Start@anju_bot", "/start  "])
async def test_somebody_new_is_greeted_however_they_begin(town: Town, command: str) -> None:
    walker = town.newcomer()
    await walker.says(command, to="home/menu")
    assert "安居" in walker.text


@pytest.mark.parametrize("command", ["/nonsense", "/staff", "/start_over", "/help_me"])
async def test_what_is_no_command_is_said_to_be_none(town: Town, command: str) -> None:
    walker, _ = await in_the_middle_of_the_form(town)
    await walker.says(command, to="application/ask_employer_district")
    assert words(town.house, "common", "error_unknown_command") in walker.text


@pytest.mark.parametrize(
    "payload", ["plan_", "plan_NONE99", "plan_海淀", "plan_" + "A" * 60, "../../etc", "x", "' OR 1=1", "project_a_b"]
)
async def test_a_link_that_leads_nowhere_is_still_a_friendly_start(town: Town, payload: str) -> None:
    walker = town.newcomer()
    await walker.says(f"/start {payload}")
    assert walker.place in {"home/menu", "plans/list"}
    assert walker.labels


async def test_a_link_pressed_again_and_again_leads_to_the_same_place(town: Town) -> None:
    plan = await town.plan()
    walker = town.newcomer()
    for _ in range(3):
        await walker.says(f"/start plan_{plan.code}", to="plans/plan")
    assert plan.name in walker.text
    assert with_buttons(walker.player) == [walker.screen["message_id"]]


async def test_commands_sent_in_a_heap_end_where_the_last_one_leads(town: Town) -> None:
    walker = town.newcomer()
    for command in ("/start", "/plans", "/help", "/cancel", "/privacy", "/start", "/language"):
        await walker.player.sends(command)
    await walker.rests("language/choice")
    assert with_buttons(walker.player) == [walker.screen["message_id"]]
    await walker.taps("back", to="home/menu")


async def test_people_find_the_commands_in_their_menu(town: Town) -> None:
    await rests(town.house)
    for language, word in (("zh-hans", "首页"), ("en", "Home"), ("fr", "Home")):
        walker = town.newcomer(language=language)
        menu = {entry["command"]: entry["description"] for entry in walker.player.commands}
        assert menu["start"] == word
        assert menu.keys() >= ROOMS.keys() | PAGES.keys() | {"cancel"}
        assert "staff" not in menu
