"""Clerks of a town, and what stands in its log."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Sequence

from flows.model import Moment
from flows.staff.model import Act, Entry, Role
from storage.repository import SqlRepository
from tests.journeys.town import Town
from tests.journeys.walking import Walker, app_of, rests


class Office:
    def __init__(self, town: Town) -> None:
        self.town = town

    async def clerk(self, role: Role = Role.ADMIN, name: str = "张晓敏") -> Walker:
        """Somebody who works here, before the desk."""
        clerk, rooms = self.town.newcomer(), app_of(self.town.house).rooms
        now = self.town.house.clock.now()

        def add(connection: sqlite3.Connection) -> None:
            SqlRepository(connection, rooms.vault, rooms.shelf).add_staff(clerk.player.id, role, name, 0, now)

        await rooms.database.write(add)
        await clerk.says("/staff", to="desk/home")
        return clerk

    async def log(self, about: str = "") -> list[tuple[Act, int]]:
        """What was done by whom, the oldest first."""
        return [(entry.act, entry.who) for entry in reversed(await self.entries(about))]

    async def entries(self, about: str = "") -> Sequence[Entry]:
        """The newest first."""
        return await self.town.asks(lambda repository: repository.log_page(about, 0, 100))

    async def is_whole(self) -> bool:
        """Whether the chain of the log fits."""
        rooms = app_of(self.town.house).rooms
        return await rooms.database.read(
            lambda connection: SqlRepository(connection, rooms.vault, rooms.shelf).first_break() is None
        )

    async def reminder_due(self, plan: str) -> Moment | None:
        """When the first reminder of a plan is due; None when there is none."""
        sql = "SELECT min(o.due_at) FROM reminders r JOIN outbox o ON o.id = r.parcel WHERE r.plan_code = ?"
        rooms = app_of(self.town.house).rooms
        (due,) = await rooms.database.read(lambda connection: connection.execute(sql, (plan,)).fetchone())
        return None if due is None else int(due)

    async def later(self, by: Moment) -> None:
        """Sets the clock forward, and waits for what falls due by it."""
        house, rooms = self.town.house, app_of(self.town.house).rooms
        house.clock.ahead += by
        sql = "SELECT 1 FROM outbox WHERE waits = 1 AND due_at <= ?"
        async with asyncio.timeout(10):
            while await rooms.database.read(lambda c: c.execute(sql, (house.clock.now(),)).fetchone()):
                app_of(house).post.wake()
                await asyncio.sleep(0.02)
        await rests(house)


def link_on(walker: Walker) -> str:
    """The payload of the deep link that stands on the screen."""
    found = re.search(r"https://t\.me/(\w+)\?start=(\w+)", walker.text)
    assert found, walker.text
    assert found[1] == walker.house.telegram.world.bot["username"]
    return found[2]
