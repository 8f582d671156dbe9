"""Old buttons, forged data, taps upon taps, and leaving in the middle: nothing happens that should not."""

from __future__ import annotations

import asyncio
import random

import pytest

from bot import callbacks
from flows.engine.session import Session
from tests.journeys.identities import EMPLOYER, NAME, id_number_of
from tests.journeys.papers import photo
from tests.journeys.route import phone_of, whole_way
from tests.journeys.rules import body_of, holds_to_the_rules
from tests.journeys.town import Town
from tests.journeys.walking import Walker, rests, with_buttons, words

pytestmark = pytest.mark.asyncio(loop_scope="module")


def stale(town: Town) -> str:
    return words(town.house, "common", "toast_stale")


def shape(session: Session) -> list[object]:
    """Where somebody stands, without the revision."""
    return [(frame.flow, frame.state, dict(frame.data)) for frame in session.frames]


async def is_refused(town: Town, walker: Walker, message: int, data: str) -> None:
    before, body = shape(await walker.session()), body_of(walker.text)
    assert await walker.player.presses(message, data) == stale(town), data
    await rests(town.house)
    assert shape(await walker.session()) == before, data
    assert body_of(walker.text) == body
    await holds_to_the_rules(walker)


FORGED = (
    *("", "x", "0", "0.plans", "zzzzzzzz.plans", "999999999.plans", "-1.plans", "0.plans.HD1.HD2", "0..", "0.plans."),
    *("plans", "0.PLANS", "0.опа", "1.plan.<b>", "1.plan.../../etc", "1.plan.{{7*7}}", "1.plan. ", "a" * 64, "安" * 21),
    *("0.plans\n", "0.plans\x00", "1.choose_language.fr", "\u0660.plans", "0.resumed", "0.passed", "0.text_sent"),
)


async def test_somebody_forging_data_changes_nothing_and_is_told(town: Town) -> None:
    await town.plan()
    walker = town.newcomer()
    await walker.says("/start", to="home/menu")
    for data in FORGED:
        if data:
            await is_refused(town, walker, walker.screen["message_id"], data)
    await is_refused(town, walker, 999_999_999, walker.data_of("plans").replace("plans", "staff"))
    revision = (await walker.session()).revision
    for button in (
        "resumed",
        "passed",
        "text_sent",
        "file_sent",
        "picture_came",
        "identity_came",
        "records_",
        "confirm",
    ):
        await is_refused(town, walker, walker.screen["message_id"], callbacks.encode(revision, button))
    await walker.taps("plans", to="plans/list")


async def test_somebody_pressing_the_data_of_another_chat_changes_nothing_in_either(town: Town) -> None:
    plan = await town.plan()
    victim = await town.submitted(town.newcomer(), plan)
    await victim.taps("register", to="register/confirm")
    other = await town.signed_up(town.newcomer())
    await is_refused(town, other, victim.screen["message_id"], victim.data_of("confirm"))
    assert await town.registrations(victim) == []
    await victim.rests("register/confirm")


async def test_somebody_choosing_what_is_not_offered_changes_nothing(town: Town) -> None:
    plan = await town.plan()
    walker = await town.filling_in(town.newcomer(), plan)
    await walker.taps("section", "basics", to="application/ask_marital")
    revision = (await walker.session()).revision
    for argument in ("emperor", "beijing_urban", "SINGLE", "single_", "0"):
        await is_refused(town, walker, walker.screen["message_id"], callbacks.encode(revision, "choose", argument))
    for button in ("skip", "keep", "next", "done", "submit", "section", "edit", "register", "confirm"):
        await is_refused(town, walker, walker.screen["message_id"], callbacks.encode(revision, button))
    assert (await town.application(walker, plan)).answers == {}


async def test_somebody_pressing_any_button_of_the_way_again_changes_nothing(town: Town) -> None:
    """All that ever stood on a screen, pressed in the end in any order, on the messages where it stood."""
    plan, upcoming = await town.plan(), await town.plan(opens_in=3_600_000)
    pressed: list[tuple[int, str]] = []

    async def visit(walker: Walker) -> None:
        rows = walker.screen.get("reply_markup", {}).get("inline_keyboard", [])
        pressed.extend((walker.screen["message_id"], button["callback_data"]) for row in rows for button in row)

    walker = town.newcomer(visit=visit)
    await whole_way(walker, plan.code, upcoming.code)
    walker.visit = None
    before, registrations = shape(await walker.session()), await town.registrations(walker)
    live = {button["callback_data"] for row in walker.screen["reply_markup"]["inline_keyboard"] for button in row}
    old = [press for press in pressed if press[1] not in live]
    assert len(old) > 200
    for press in random.Random(7).sample(old, 40):
        assert await walker.player.presses(*press) == stale(town), press
    await rests(town.house)
    assert shape(await walker.session()) == before
    assert await town.registrations(walker) == registrations
    assert len(with_buttons(walker.player)) == 1


async def test_somebody_tapping_madly_is_answered_every_time_and_goes_one_step(town: Town) -> None:
    walker = await town.filling_in(town.newcomer(), await town.plan())
    await walker.taps("section", "basics", to="application/ask_marital")
    message = walker.screen["message_id"]
    presses = [
        walker.player.presses(message, walker.data_of("choose", option))
        for option in ("single", "married", "divorced", "widowed") * 5
    ]
    answers = await asyncio.gather(*presses)
    await walker.rests("application/ask_hukou")
    assert answers == [None] + [stale(town)] * 19
    assert not town.house.telegram.world.presses


async def test_somebody_tapping_twice_still_reads_what_came_of_it(town: Town) -> None:
    walker = await town.registered(town.newcomer(), await town.plan())
    await walker.taps("record", to="records/record")
    await walker.taps("cancel", to="records/confirm_cancel")
    message, data = walker.screen["message_id"], walker.data_of("confirm_cancel")
    await asyncio.gather(*(walker.player.presses(message, data) for _ in range(2)))
    await walker.rests("records/record")
    assert walker.text.startswith("✅ 已取消登记。")


async def test_somebody_pressing_an_old_screen_gets_the_new_one_below_it(town: Town) -> None:
    walker = town.newcomer()
    await walker.says("/start", to="home/menu")
    old, data = walker.screen["message_id"], walker.data_of("plans")
    await walker.says("/help", to="help/contact")
    assert await walker.player.presses(old, data) == stale(town)
    await walker.rests("help/contact")
    assert walker.screen["message_id"] > old
    assert with_buttons(walker.player) == [walker.screen["message_id"]]


async def test_somebody_who_deleted_the_screen_gets_it_again(town: Town) -> None:
    walker = town.newcomer()
    await walker.says("/start", to="home/menu")
    gone, data = walker.screen["message_id"], walker.data_of("plans")
    await walker.player.deletes(gone)
    await walker.player.presses(gone, data)  # from a phone that had not noticed yet
    await walker.rests("plans/list")
    assert walker.screen["message_id"] > gone


async def test_somebody_leaving_anywhere_comes_home_and_loses_nothing(town: Town) -> None:
    """/cancel and /start wherever one can be; the keyboard of the phone number never stays behind."""
    plan = await town.plan()
    walker = town.newcomer()
    path = f"/start plan_{plan.code}"
    for step in range(8):
        for leave in ("/cancel", "/start"):
            await walker.says(path, to="plans/plan")
            await walker.taps("fill_in")
            if walker.place == "sign_up/consent" and step > 0:
                await walker.taps("agree", to="sign_up/ask_phone")
            await _go(town, walker, step)
            here = walker.place
            await walker.says(leave)
            assert walker.player.keyboard is None, here
            assert walker.place == ("home/menu" if leave == "/start" else "plans/plan"), here
            await holds_to_the_rules(walker)
            town.house.clock.ahead += 1_800_000  # the next code may be sent
    assert (await town.application(walker, plan)).answers == {"employer": EMPLOYER, "employer_district": "haidian"}


async def _go(town: Town, walker: Walker, step: int) -> None:
    """A little further each time."""
    if step == 2:
        await walker.says(phone_of(walker), to="sign_up/captcha")
    if step == 3:
        await walker.says(phone_of(walker), to="sign_up/captcha")
        await walker.says(town.house.chance.drawn[-1], to="sign_up/ask_code")
    if step == 4 and walker.place == "sign_up/ask_phone":
        await walker.says(phone_of(walker), to="sign_up/captcha")
        await walker.says(town.house.chance.drawn[-1], to="sign_up/ask_code")
        await walker.says(town.house.code_for(walker.player.person.phone), to="sign_up/verified")
    if step == 5 and walker.place == "real_name/ask_name":
        await walker.says(NAME, to="real_name/ask_id_number")
        await walker.says(id_number_of(walker.player.id), to="real_name/confirm")
    if step == 6 and walker.place == "real_name/ask_name":
        await walker.says(NAME, to="real_name/ask_id_number")
        await walker.says(id_number_of(walker.player.id), to="real_name/confirm")
        await walker.taps("confirm", to="application/overview")
    if step == 7:
        await walker.taps("section", "work")
        if walker.place == "application/ask_employer":
            await walker.says(EMPLOYER, to="application/ask_employer_district")
        else:
            await walker.says("海淀区")


async def test_somebody_writing_and_tapping_at_once_is_understood_in_order(town: Town) -> None:
    plan = await town.plan()
    walker = await town.filling_in(town.newcomer(), plan)
    await walker.taps("section", "work", to="application/ask_employer")
    message, back = walker.screen["message_id"], walker.data_of("contents")
    await walker.player.sends(EMPLOYER)
    await walker.player.sends("海淀区")
    await walker.player.presses(message, back)  # of the first question: stale by then
    await walker.player.sends("2024-01-01")
    await walker.player.sends_photos(photo(1))
    await walker.rests("application/ask_contract_end")
    assert walker.text.startswith("⚠️ ")
    answers = (await town.application(walker, plan)).answers
    assert answers == {"employer": EMPLOYER, "employer_district": "haidian", "contract_start": "2024-01-01"}


async def test_somebody_back_after_blocking_goes_on_where_they_were(town: Town) -> None:
    walker = await town.filling_in(town.newcomer(), await town.plan())
    await walker.taps("section", "work", to="application/ask_employer")
    await walker.player.blocks()
    await rests(town.house)
    await walker.player.unblocks()
    await rests(town.house)
    await walker.says(EMPLOYER, to="application/ask_employer_district")
