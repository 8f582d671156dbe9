"""Each in their own language, from the first word to the last, and another at any time."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass

import pytest

from bot.rehearsal.client import plain
from bot.rehearsal.state import Json
from flows.model import DAY, HOUR
from tests.journeys.identities import EMPLOYER, NAME
from tests.journeys.route import STRANGER, register_elsewhere_again, whole_way
from tests.journeys.rules import holds_to_the_rules
from tests.journeys.town import Town
from tests.journeys.walking import Walker

pytestmark = pytest.mark.asyncio(loop_scope="module")

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\u3000-\u303f\uff01-\uff5e\U00020000-\U0003ffff]+")

# Chinese that an English reader sees: names, what they typed, examples of names, and the way back to Chinese.
NAMES = (EMPLOYER + "海淀分公司", EMPLOYER, NAME, STRANGER, NAME[0] + "*", "中文", "语言")


def data_of(value: object) -> str:
    """All texts of a plan, one after the other."""
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return "\n".join(data_of(part) for part in value)
    if is_dataclass(value):
        return "\n".join(data_of(getattr(value, field.name)) for field in fields(value))
    return ""


def chinese_in(message: Json, data: str) -> list[str]:
    """Chinese words in a message and its buttons, but for names and the plans' own data."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    venue = message.get("venue", {})
    text = "\n".join([plain(message), *(button["text"] for row in rows for button in row), *map(str, venue.values())])
    for known in NAMES:
        text = text.replace(known, "")
    return [words for words in HAN.findall(text) if words not in data]


async def test_an_english_reader_sees_english_on_every_screen(town: Town) -> None:
    plan, upcoming = await town.plan(), await town.plan(opens_in=HOUR, closes_in=DAY)
    data = "\n".join([data_of(plan), data_of(upcoming), town.house.environ["ANJU_SUPPORT"]])
    seen: dict[str, list[str]] = {}

    async def visit(walker: Walker) -> None:
        await holds_to_the_rules(walker)
        for message in walker.player.chat:
            if message["from"]["is_bot"] and (found := chinese_in(message, data)):
                seen[walker.place] = found
        keyboard = walker.player.keys()
        assert not HAN.search(" ".join(label for row in keyboard for label in row)), keyboard
        assert not HAN.search(walker.toast or ""), walker.toast

    first = town.newcomer(language="en", visit=visit)
    await whole_way(first, plan.code, upcoming.code)
    second = town.second_account(first)
    second.visit = visit
    await register_elsewhere_again(second, plan.code)
    assert seen == {}
    assert first.player.commands[0]["description"] == "Home"


async def test_an_english_reader_is_told_whom_to_call_in_english(town: Town) -> None:
    walker = town.newcomer(language="en-US")
    await walker.says("/help", to="help/contact")
    assert "010-12345678" in walker.text
    assert not HAN.search(walker.text)


@pytest.mark.parametrize(
    ("code", "greeting"),
    [
        ("zh-hans", "安居"),
        ("zh-hant", "安居"),
        ("zh", "安居"),
        ("ZH-CN", "安居"),
        ("en", "Anju"),
        ("en-GB", "Anju"),
        ("ug", "Anju"),
        ("ja", "Anju"),
        ("", "安居"),  # who names no language
    ],
)
async def test_somebody_new_is_greeted_in_the_language_of_their_phone(town: Town, code: str, greeting: str) -> None:
    walker = town.newcomer(language=code)
    await walker.says("/start", to="home/menu")
    assert walker.text.startswith(greeting)


async def test_somebody_choosing_another_language_keeps_it_and_their_place(town: Town) -> None:
    walker = await town.filling_in(town.newcomer(), await town.plan())
    await walker.taps("section", "basics", to="application/ask_marital")
    await walker.says("/language", to="language/choice")
    await walker.taps("choose_language", "en", to="application/ask_marital")
    assert walker.labels == [["Single", "Married"], ["Divorced", "Widowed"], ["Previous", "Contents"]]
    await walker.says("Married", to="application/ask_hukou")
    await walker.says("/start", to="home/menu")
    assert walker.text.startswith("Anju")
    await walker.taps("other_language", to="home/menu")
    assert walker.text.startswith("安居")
    assert walker.labels[-1] == ["联系我们", "English"]


async def test_somebody_signed_out_by_another_login_is_told_in_their_own_language(town: Town) -> None:
    old = await town.signed_up(town.newcomer(language="en"))
    new = town.second_account(old)
    await new.says("/language", to="language/choice")
    await new.taps("choose_language", "zh", to="home/menu")
    town.house.clock.ahead += HOUR
    await new.says("/me", to="sign_up/consent")
    await new.taps("agree", to="sign_up/ask_phone")
    await new.shares_contact(to="sign_up/ask_code")
    await new.says(town.house.code_for(new.player.person.phone), to="me/overview")
    told = await old.player.sees("this one has been logged out")
    assert not HAN.search(plain(told).replace(str(town.house.environ["ANJU_SUPPORT"]), ""))
