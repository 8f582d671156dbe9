"""A house that many tests share, each with people and plans of its own."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from bot.rehearsal.sample_workbook import sample_plan
from flows.model import DAY, HOUR, Application, Person, Plan, Registration
from flows.ports import Repository
from storage.repository import SqlRepository
from tests.journeys.identities import NAME, id_number_of
from tests.journeys.route import fill_in
from tests.journeys.walking import Walker, app_of

if TYPE_CHECKING:
    from tests.journeys.conftest import House

Found = TypeVar("Found")
_NUMBERS = itertools.count(100)  # of people and plans: no two tests share one


class Town:
    def __init__(self, house: House) -> None:
        self.house = house

    def newcomer(
        self, *, language: str = "zh-hans", visit: Callable[[Walker], Awaitable[None]] | None = None
    ) -> Walker:
        """Somebody whom the bot has never seen."""
        return Walker(self.house, self.house.someone(next(_NUMBERS), language=language), visit)

    def second_account(self, walker: Walker) -> Walker:
        """Another Telegram account of the same person, with the same phone number."""
        person = walker.player.person
        number = 1_000_000 + next(_NUMBERS)
        code = person.language_code
        return Walker(
            self.house,
            self.house.telegram.person(number, "又" + person.first_name, phone=person.phone, language_code=code),
        )

    async def plan(self, opens_in: int = -HOUR, closes_in: int = 3 * DAY) -> Plan:
        """A new plan; times in milliseconds from now."""
        number, now = next(_NUMBERS), self.house.clock.now()
        plan = sample_plan(f"HD{number}", f"海淀区第{number}批保租房", now + opens_in, now + closes_in)
        await self.house.publish(plan)
        return plan

    async def asks(self, question: Callable[[Repository], Found]) -> Found:
        """What the repository knows."""
        rooms = app_of(self.house).rooms
        return await rooms.database.read(
            lambda connection: question(SqlRepository(connection, rooms.vault, rooms.shelf))
        )

    async def person(self, walker: Walker) -> Person | None:
        return await self.asks(lambda repository: repository.person(walker.player.id))

    async def application(self, walker: Walker, plan: Plan) -> Application:
        def find(repository: Repository) -> Application | None:
            person = repository.person(walker.player.id)
            return repository.application(person.id, plan.code) if person else None

        found = await self.asks(find)
        assert found is not None, "there is no such application"
        return found

    async def registrations(self, walker: Walker) -> list[Registration]:
        """Newest first."""

        def find(repository: Repository) -> list[Registration]:
            person = repository.person(walker.player.id)
            return list(repository.registrations(person.id)) if person else []

        return await self.asks(find)

    async def signed_up(self, walker: Walker) -> Walker:
        """Phone and name are proven, by the shortest way; at home afterwards."""
        await walker.says("/me", to="sign_up/consent")
        await walker.taps("agree", to="sign_up/ask_phone")
        await walker.shares_contact(to="sign_up/ask_code")
        await walker.says(self.house.code_for(walker.player.person.phone), to="sign_up/verified")
        await walker.taps("real_name", to="real_name/ask_name")
        await walker.says(NAME, to="real_name/ask_id_number")
        await walker.says(id_number_of(walker.player.id), to="real_name/confirm")
        await walker.taps("confirm", to="me/overview")
        return walker

    async def filling_in(self, walker: Walker, plan: Plan) -> Walker:
        """Before the task list of a form that is still empty."""
        await self.signed_up(walker)
        await walker.says(f"/start plan_{plan.code}", to="plans/plan")
        await walker.taps("fill_in", to="application/overview")
        return walker

    async def submitted(self, walker: Walker, plan: Plan) -> Walker:
        """The form is submitted; before the plan."""
        await self.filling_in(walker, plan)
        await fill_in(walker)
        await walker.taps("check_answers", to="application/review")
        await walker.taps("submit", to="application/submitted")
        await walker.taps("back", to="plans/plan")
        return walker

    async def registered(self, walker: Walker, plan: Plan) -> Walker:
        """Before the screen that says so."""
        await self.submitted(walker, plan)
        await walker.taps("register", to="register/confirm")
        await walker.taps("confirm", to="register/registered")
        return walker
