"""The first steps of somebody new, shared by several tests."""

from __future__ import annotations

from tests.journeys.town import Town
from tests.journeys.walking import Walker


async def asked_for_phone(town: Town) -> Walker:
    walker = town.newcomer()
    await walker.says("/me", to="sign_up/consent")
    await walker.taps("agree", to="sign_up/ask_phone")
    return walker


async def asked_for_code(town: Town) -> Walker:
    walker = await asked_for_phone(town)
    await walker.shares_contact(to="sign_up/ask_code")
    return walker


async def asked_for_name(town: Town) -> Walker:
    walker = await asked_for_code(town)
    await walker.says(code_of(walker), to="sign_up/verified")
    await walker.taps("real_name", to="real_name/ask_name")
    return walker


def code_of(walker: Walker) -> str:
    return walker.house.code_for(walker.player.person.phone)


def is_in_chat(walker: Walker, text: str) -> bool:
    return any(message.get("text") == text for message in walker.player.chat if not message["from"]["is_bot"])
