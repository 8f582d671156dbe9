"""Going through the conversation by the ids of buttons, so alike in every language; and waiting without a clock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot import callbacks
from bot.app import App
from bot.rehearsal.client import Player
from bot.rehearsal.state import Json
from flows.engine.session import Session
from storage import sessions

if TYPE_CHECKING:
    from tests.journeys.conftest import House


def app_of(house: House) -> App:
    assert house.app is not None
    return house.app


async def rests(house: House, *, jobs: bool = True) -> None:
    """Returns once everything that was sent is played and everything owed now is carried out.

    ``jobs=False`` does not wait for jobs: some are being held.
    """
    app, updates = app_of(house), house.telegram.world.updates

    def is_busy() -> bool:
        return bool(len(updates) or app.lanes.waiting or app.delivery._lanes or (jobs and app.jobs._under_way))

    while is_busy():
        while len(updates):
            await updates.confirmed.wait()
        await app.lanes.idle()
        if jobs:
            await app.jobs.idle()
        await app.delivery.idle()


def later(house: House, milliseconds: int) -> None:
    """That much later; what falls due by then is taken up at once."""
    house.clock.ahead += milliseconds
    app_of(house).post.wake()


@asynccontextmanager
async def held(house: House, kind: str) -> AsyncIterator[None]:
    """Jobs of that kind are not begun before this ends."""
    app = app_of(house)
    running = app.jobs._running[kind]
    permits = app.jobs._handlers[kind].at_once
    for _ in range(permits):
        await running.acquire()
    try:
        yield
    finally:
        for _ in range(permits):
            running.release()


async def set_aside(house: House) -> list[str]:
    """Why updates were set aside: kinds and places of mistakes of ours."""
    rows = await app_of(house).rooms.database.read(lambda c: c.execute("SELECT error FROM dead_letters").fetchall())
    return [str(error) for (error,) in rows]


async def session_of(house: House, player: Player) -> Session:
    rooms = app_of(house).rooms
    session = await rooms.database.read(lambda connection: sessions.load(connection, rooms.vault, player.id))
    assert session is not None, f"{player.person.first_name} has not spoken yet"
    return session


def words(house: House, window: str, block: str, language: str = "zh", **values: object) -> str:
    """What the templates say, for sentences that may be improved without being another thing."""
    return app_of(house).windows.text(window, block, values, language)


def with_buttons(player: Player) -> list[int]:
    """The messages that carry buttons of the conversation. Those that lead to a plan from anywhere may stay."""
    carrying = []
    for message in player.chat:
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        data = [button.get("callback_data", "") for row in rows for button in row]
        if any(callbacks.decode(entry) is not None for entry in data):
            carrying.append(message["message_id"])
    return carrying


class Walker:
    """Somebody on their way. ``visit`` is called wherever they come to rest."""

    def __init__(self, house: House, player: Player, visit: Callable[[Walker], Awaitable[None]] | None = None) -> None:
        self.house = house
        self.player = player
        self.visit = visit
        self.place = ""  # flow/state
        self.toast: str | None = None
        self.jobs = True  # whether jobs are waited for

    @property
    def screen(self) -> Json:
        """What carries the live buttons, else what the bot said last."""
        carrying = with_buttons(self.player)
        if carrying:
            return next(message for message in self.player.chat if message["message_id"] == carrying[-1])
        return next(message for message in reversed(self.player.chat) if message["from"]["is_bot"])

    @property
    def text(self) -> str:
        screen = self.screen
        return str(screen.get("text") or screen.get("caption") or "")

    @property
    def labels(self) -> list[list[str]]:
        return self.player.buttons(self.screen)

    def data_of(self, button: str, argument: str = "") -> str:
        """The callback data of a button of the screen; AssertionError if it is not there."""
        for row in self.screen.get("reply_markup", {}).get("inline_keyboard", []):
            for drawn in row:
                parts = callbacks.decode(drawn["callback_data"])
                if parts is not None and parts[1] == button and argument in {"", parts[2]}:
                    return str(drawn["callback_data"])
        raise AssertionError(f"at {self.place} there is no button {button} {argument}:\n{self.player.describe()}")

    async def session(self) -> Session:
        return await session_of(self.house, self.player)

    async def rests(self, to: str = "") -> None:
        """Waits for the next screen, which is to be that of ``to`` (flow/state)."""
        await rests(self.house, jobs=self.jobs)
        top = (await self.session()).top
        self.place = f"{top.flow}/{top.state}"
        assert to in {"", self.place}, f"at {self.place} instead of {to}:\n{self.player.describe()}"
        if self.visit is not None:
            await self.visit(self)

    async def taps(self, button: str, argument: str = "", *, to: str = "") -> None:
        self.toast = await self.player.presses(self.screen["message_id"], self.data_of(button, argument))
        await self.rests(to)

    async def says(self, text: str, *, to: str = "") -> None:
        await self.player.sends(text)
        await self.rests(to)

    async def sends_photos(self, *pictures: bytes, to: str = "", album: bool | None = None) -> None:
        await self.player.sends_photos(*pictures, album=album)
        await self.rests(to)

    async def shares_contact(self, *, to: str = "") -> None:
        await self.player.shares_contact()
        await self.rests(to)
