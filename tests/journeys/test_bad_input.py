"""Whatever people send, wherever they are: they are told what is expected, and the screen is there again."""

from __future__ import annotations

import re

import pytest

from flows.applicant.application import FORM
from flows.book import BOOK
from flows.engine.fields import Choice, Photos
from flows.model import DAY, HOUR
from tests.journeys import odd_messages as odd_ones
from tests.journeys.odd_messages import Odd
from tests.journeys.route import register_elsewhere_again, whole_way
from tests.journeys.rules import body_of, holds_to_the_rules
from tests.journeys.town import Town
from tests.journeys.walking import Walker, rests, words

pytestmark = pytest.mark.asyncio(loop_scope="module")

PICTURES = frozenset(
    f"application/ask_{question.key}" for question in FORM.questions if isinstance(question.kind, Photos)
)
CHOICES = frozenset(
    f"application/ask_{question.key}" for question in FORM.questions if isinstance(question.kind, Choice)
)
SEARCHES = frozenset({"plans/search", "plans/results"})
QUESTIONS = frozenset(f"application/ask_{question.key}" for question in FORM.questions)
TYPED = (
    SEARCHES
    | QUESTIONS - PICTURES
    | {"sign_up/captcha", "sign_up/ask_code", "real_name/ask_name", "real_name/ask_id_number"}
)

PHONE = "sign_up/ask_phone"

APPLICANTS = (
    *("home", "help", "privacy", "language", "plans", "projects", "sign_up", "real_name"),
    *("application", "register", "records", "me"),
)


def fitting(place: str, round_: int) -> list[Odd]:
    """Some of what is no answer there: a few of each sort, so that in many places all of them have their turn."""
    sorts = [(odd_ones.ALWAYS_WRONG, 1), (odd_ones.KINDS, 2), (odd_ones.CONTACTS, 1), (odd_ones.EDITED, 1)]
    sorts.append((odd_ones.COMMANDS, 1))
    if place not in PICTURES:
        sorts.append((odd_ones.FILES, 1))
    if place not in TYPED | {PHONE}:
        sorts.append((odd_ones.PERHAPS_AN_ANSWER, 1))
    return [sort[(round_ * count + i) % len(sort)] for sort, count in sorts for i in range(count)]


def expected(place: str, odd: Odd) -> str:
    """The sentence that has to stand above the screen; empty where any will do."""
    if odd.kind == "edited":
        return "edited"
    if odd.kind == "command":
        return "unknown_command"
    if place in PICTURES:
        return "expects_files"
    if place == PHONE:
        return {"contact": "contact_not_own", "text": ""}.get(odd.kind, "expects_phone")
    if place in TYPED:
        if odd.kind == "text":
            return ""
        return "expects_choice" if place in CHOICES else "expects_text"
    return "expects_button"


async def is_told_what_is_expected(walker: Walker, round_: int) -> None:
    """Sends what is no answer here, one thing after the other."""
    house, place = walker.house, walker.place
    body, labels = body_of(walker.text), walker.labels
    before = [(frame.flow, frame.state) for frame in (await walker.session()).frames]
    for odd in fitting(place, round_):
        await odd.send(walker)
        await rests(house, jobs=walker.jobs)
        where = f"{odd.name} at {place}:\n{walker.player.describe(3)}"
        error = walker.text.split("\n\n")[0]
        assert error.startswith("⚠️ "), f"nothing said of {where}"
        if key := expected(place, odd):
            assert error == "⚠️ " + words(house, "common", f"error_{key}"), where
        else:
            assert re.search(r"例如|按钮", error), f"no example for {where}"
        assert body_of(walker.text) == body, f"not the same screen after {where}"
        assert walker.labels == labels, f"not the same buttons after {where}"
        assert walker.screen["message_id"] == walker.player.chat[-1]["message_id"], f"the screen is not below {where}"
        await holds_to_the_rules(walker)
    after = [(frame.flow, frame.state) for frame in (await walker.session()).frames]
    assert after == before, f"from {before} to {after}"


async def test_anybody_sending_anything_anywhere_is_told_what_is_expected(town: Town) -> None:
    plan, upcoming = await town.plan(), await town.plan(opens_in=HOUR, closes_in=DAY)
    visited: set[str] = set()

    async def visit(walker: Walker) -> None:
        await holds_to_the_rules(walker)
        if walker.place not in visited:
            visited.add(walker.place)
            await is_told_what_is_expected(walker, len(visited))

    first = town.newcomer(visit=visit)
    await whole_way(first, plan.code, upcoming.code)
    second = town.second_account(first)
    second.visit = visit
    await register_elsewhere_again(second, plan.code)

    states = {f"{name}/{state.name}" for name in APPLICANTS for state in BOOK.flows[name].states.values() if state.view}
    assert states - visited == set(), "the way of tests/journeys/route.py has to pass there, too"
    application = await town.application(second, plan)
    assert application.answers["employer"].startswith("北京安居科技有限公司")
    assert len(application.pictures) == 2 * 2 + 1  # what was sent elsewhere was not taken for a document


EMPLOYER_QUESTION = "application/ask_employer"


async def asked_for_employer(town: Town) -> Walker:
    walker = await town.filling_in(town.newcomer(), await town.plan())
    await walker.taps("section", "work", to=EMPLOYER_QUESTION)
    return walker


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("<b>&</b><i>甲</i>公司", "<b>&</b><i>甲</i>公司"),
        ("{{ 7*7 }}{% if %}{{ self }}", "{{ 7*7 }}{% if %}{{ self }}"),
        ("安居\u200b科技\u202e公司\u2066", "安居科技公司"),
        ("安居\n科技　公司\t", "安居 科技 公司"),
        ("Ａ１安居＆合作社", "Ａ１安居＆合作社"),
        ("𠮷野家👩‍👩‍👧公司", "𠮷野家👩👩👧公司"),
        ("=1+1", "=1+1"),
        ("/安居公司", "/安居公司"),
        ("&lt;b&gt; &amp;amp;", "&lt;b&gt; &amp;amp;"),
    ],
)
async def test_an_applicant_typing_odd_characters_sees_them_as_they_are(town: Town, typed: str, kept: str) -> None:
    walker = await asked_for_employer(town)
    await walker.says(typed, to="application/ask_employer_district")
    await walker.taps("previous", to=EMPLOYER_QUESTION)
    assert walker.text.split("\n")[3] == f"已填写：{kept}"
    await walker.taps("contents", to="application/overview")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (rb"\ud83d\u5b89\u5c45\ude00", "?安居?"),  # halves of a pair
        (rb"\u0000\u5b89\u0000\u5c45\u001b[2J\u0085", "安居[2J"),
        (rb"\ufeff\u5b89\u5c45\ue000\uffff", "安居\uffff"),
        (rb"\"\\ \u2028\u5b89\u5c45'; DROP TABLE people;--", "\"\\ 安居'; DROP TABLE people;--"),
    ],
)
async def test_an_applicant_whose_phone_sends_broken_characters_is_understood(
    town: Town, written: bytes, kept: str
) -> None:
    walker = await asked_for_employer(town)
    await walker.player.sends("PLACEHOLDER")
    queued = town.house.telegram.world.updates.waiting()[-1]
    queued.body = queued.body.replace(b"PLACEHOLDER", written)  # as no JSON library would write it
    await walker.rests("application/ask_employer_district")
    await walker.taps("previous", to=EMPLOYER_QUESTION)
    assert f"已填写：{kept}\n" in walker.text


async def test_an_applicant_writing_nothing_visible_is_asked_again(town: Town) -> None:
    walker = await asked_for_employer(town)
    await walker.says("\u200b\u200d\u202e", to=EMPLOYER_QUESTION)
    assert walker.text.startswith("⚠️ 「工作单位」还没有填写。")
    await walker.says("　\u2003 \u200b", to=EMPLOYER_QUESTION)
    assert walker.text.startswith("⚠️ 「工作单位」还没有填写。")


async def test_an_applicant_writing_too_much_is_told_how_much_is_allowed(town: Town) -> None:
    walker = await asked_for_employer(town)
    await walker.says("长" * 61, to=EMPLOYER_QUESTION)
    assert "最多 60 个字，您写了 61 个字" in walker.text
    await walker.says("😀" * 2048, to=EMPLOYER_QUESTION)
    assert "您写了 2048 个字" in walker.text
    await walker.says("长" * 60, to="application/ask_employer_district")


async def test_an_applicant_writing_more_than_a_message_holds_answers_once_with_each_part(town: Town) -> None:
    """Telegram's apps cut it into several messages; none of them is an answer."""
    walker = await asked_for_employer(town)
    await walker.says("长" * 5000, to=EMPLOYER_QUESTION)
    assert "最多 60 个字，您写了 904 个字" in walker.text


async def test_people_in_groups_and_channels_are_not_answered(town: Town) -> None:
    telegram = town.house.telegram
    walker = town.newcomer()
    await walker.says("/start", to="home/menu")
    person = walker.player.person
    group = {"id": -1001, "type": "supergroup", "title": "邻居群"}
    channel = {"id": -1002, "type": "channel", "title": "频道"}
    before = {name: count for name, count in telegram.calls.items() if name != "getUpdates"}
    message = {"message_id": 5, "date": 1, "from": person.user(), "text": "/start"}
    for update in (
        {"message": {**message, "chat": group}},
        {"message": {**message, "chat": {**group, "id": -5, "type": "group"}}},
        {"edited_message": {**message, "chat": group, "edit_date": 2}},
        {"message": {**message, "chat": group, "sender_chat": group, "from": {**person.user(), "id": 1087968824}}},
        {"message": {**message, "chat": channel, "sender_chat": channel}},
        {"message": {**message, "chat": person.chat(), "from": {**person.user(), "is_bot": True}}},
        {"message": {"message_id": 6, "date": 1, "chat": person.chat(), "pinned_message": {**message, "chat": group}}},
        {
            "callback_query": {
                "id": "77",
                "from": person.user(),
                "chat_instance": "1",
                "data": walker.data_of("plans"),
                "message": {**message, "chat": group},
            }
        },
        {
            "my_chat_member": {
                "chat": group,
                "from": person.user(),
                "date": 1,
                "old_chat_member": {"user": telegram.world.bot, "status": "left"},
                "new_chat_member": {"user": telegram.world.bot, "status": "member"},
            }
        },
    ):
        assert telegram.inject(dict(update)) is not None
    await rests(town.house)
    assert {name: count for name, count in telegram.calls.items() if name != "getUpdates"} == before
    await walker.rests("home/menu")
    await walker.taps("plans", to="plans/list")


async def test_an_applicant_whose_live_location_moves_on_is_not_answered_each_time(town: Town) -> None:
    walker = town.newcomer()
    await walker.says("/start", to="home/menu")
    place = {"latitude": 39.9, "longitude": 116.4, "live_period": 900}
    sent = await walker.player.sends_raw({"location": place})
    await walker.rests("home/menu")
    seen = len(walker.player.chat)
    for step in range(3):
        moved = {**sent, "location": {**place, "longitude": 116.5 + step}, "edit_date": 2 + step}
        town.house.telegram.inject({"edited_message": moved})
        await walker.rests("home/menu")
    assert len(walker.player.chat) == seen


async def test_an_applicant_sending_forty_things_at_once_gets_one_screen_for_the_last(town: Town) -> None:
    walker = await asked_for_employer(town)
    for number in range(20):
        await walker.player.sends_raw({"dice": {"emoji": "🎲", "value": number % 6 + 1}})
        await walker.player.sends("长" * 70)
    await walker.player.sends("安居公司")
    await walker.rests("application/ask_employer_district")
    await holds_to_the_rules(walker)
    await walker.taps("previous", to=EMPLOYER_QUESTION)
    assert "已填写：安居公司\n" in walker.text
