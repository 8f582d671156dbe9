"""People who do anything at all: wherever that leads, the screen is there, its rules hold, and nothing breaks."""

from __future__ import annotations

import random

import pytest

from flows.applicant.application import FORM
from flows.engine.fields import Choice, Photos
from flows.model import HOUR, MINUTE, RegistrationState
from tests.journeys import odd_messages
from tests.journeys.identities import NAME, id_number_of
from tests.journeys.papers import photo
from tests.journeys.route import STRANGER, phone_of, typed_answer
from tests.journeys.rules import holds_to_the_rules
from tests.journeys.town import Town
from tests.journeys.walking import Walker, rests

pytestmark = pytest.mark.asyncio(loop_scope="module")

STEPS = 150
COMMANDS = ("/start", "/plans", "/records", "/me", "/help", "/privacy", "/language", "/cancel", "/cancel", "/nonsense")
ODD = (
    *odd_messages.ALWAYS_WRONG,
    *odd_messages.KINDS,
    *odd_messages.CONTACTS,
    *odd_messages.EDITED,
    *odd_messages.FILES,
)


class Wanderer:
    """Mostly goes on, sometimes back, sometimes astray. The same for a seed."""

    def __init__(self, town: Town, walker: Walker, seed: int, codes: list[str]) -> None:
        self.town = town
        self.walker = walker
        self.dice = random.Random(seed)
        self.codes = codes
        self.old: list[tuple[int, str]] = []
        self.places: set[str] = set()
        self.way: list[str] = []

    async def goes(self) -> None:
        action = self.dice.choices(
            (self.answers, self.presses, self.presses_old, self.commands, self.sends_odd, self.waits),
            weights=(8, 8, 2, 2, 2, 1),
        )[0]
        self.way = [*self.way[-8:], f"{self.walker.place} {action.__name__}"]
        await action()
        await self.walker.rests()
        self.places.add(self.walker.place)
        try:
            await holds_to_the_rules(self.walker)
        except AssertionError as error:
            raise AssertionError("\n".join([*self.way, str(error)])) from None

    def live(self) -> list[tuple[int, str]]:
        screen = self.walker.screen
        rows = screen.get("reply_markup", {}).get("inline_keyboard", [])
        return [(screen["message_id"], button["callback_data"]) for row in rows for button in row]

    async def presses(self) -> None:
        if live := self.live():
            self.old += live
            for _ in range(self.dice.choice((1, 1, 1, 2))):
                await self.walker.player.presses(*self.dice.choice(live))
        elif self.walker.player.keyboard:
            keyboard = self.walker.player.keys()
            await self.walker.player.taps(self.dice.choice([key for row in keyboard for key in row]))

    async def presses_old(self) -> None:
        if self.old:
            await self.walker.player.presses(*self.dice.choice(self.old))

    async def commands(self) -> None:
        links = [f"/start plan_{code}" for code in (*self.codes, "NOSUCH")]
        await self.walker.player.sends(self.dice.choice((*COMMANDS, *links)))

    async def sends_odd(self) -> None:
        for _ in range(self.dice.choice((1, 1, 3))):
            await self.dice.choice(ODD).send(self.walker)

    async def waits(self) -> None:
        self.town.house.clock.ahead += self.dice.choice((MINUTE, 6 * MINUTE, HOUR))

    async def answers(self) -> None:
        """What is asked for, if something is; else a press."""
        walker, house = self.walker, self.town.house
        match walker.place:
            case "sign_up/ask_phone":
                await walker.player.sends(phone_of(walker))
            case "sign_up/captcha":
                await walker.player.sends(house.chance.drawn[-1])
            case "sign_up/ask_code" if house.gateways.codes.get(f"+{walker.player.person.phone}"):
                await walker.player.sends(house.code_for(walker.player.person.phone))
            case "real_name/ask_name":
                await walker.player.sends(self.dice.choice((NAME, NAME, NAME, STRANGER)))
            case "real_name/ask_id_number":
                await walker.player.sends(id_number_of(walker.player.id))
            case place if place.startswith("application/ask_"):
                await self.answers_form(place.removeprefix("application/ask_"))
            case _:
                await self.presses()

    async def answers_form(self, key: str) -> None:
        question = FORM.question(key)
        if isinstance(question.kind, Photos):
            numbers = [self.dice.randrange(40) for _ in range(self.dice.choice((1, 2, 4)))]
            await self.walker.player.sends_photos(*map(photo, numbers))
        elif isinstance(question.kind, Choice):
            await self.presses()
        else:
            await self.walker.player.sends(typed_answer(question))


@pytest.mark.parametrize("seed", [5])
async def test_somebody_with_two_accounts_doing_anything_always_has_a_screen(town: Town, seed: int) -> None:
    """They move back and forth between the two."""
    town.house.gateways.strangers.add(STRANGER)
    plans = [await town.plan(), await town.plan(opens_in=5 * HOUR)]
    codes = [plan.code for plan in plans]
    one = town.newcomer(language=("zh-hans", "en")[seed % 2])
    wanderers = [
        Wanderer(town, walker, seed * 100 + i, codes) for i, walker in enumerate((one, town.second_account(one)))
    ]
    for wanderer in wanderers:
        await wanderer.walker.says("/start")
    for step in range(STEPS):
        await wanderers[(step // 25) % 2].goes()
    await rests(town.house)
    assert len(wanderers[0].places | wanderers[1].places) > 15


@pytest.mark.parametrize("seed", [5])
async def test_an_applicant_doing_anything_always_has_a_screen_and_one_place_at_most(town: Town, seed: int) -> None:
    plan = await town.plan()
    walker = await town.submitted(town.newcomer(language=("zh-hans", "en")[seed % 2]), plan)
    wanderer = Wanderer(town, walker, seed, [plan.code] * 8)
    for _ in range(STEPS):
        await wanderer.goes()
    await rests(town.house)
    live = [found for found in await town.registrations(walker) if found.state is RegistrationState.REGISTERED]
    assert len(live) == await town.asks(lambda repository: repository.registered(plan.code)) <= 1
    assert any(place.startswith("register/") for place in wanderer.places)
