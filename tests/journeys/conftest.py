"""The whole real runtime on loopback: played Telegram and gateways around the real bot, a data folder of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image, ImageDraw

from bot.app import App
from bot.chance import SystemChance
from bot.clock import Clock, now
from bot.nursery import Nursery
from bot.rehearsal.client import Player
from bot.rehearsal.gateways import IDENTITY_PATH, SMS_PATH, Gateways
from bot.rehearsal.sample_workbook import sample_plan
from bot.rehearsal.telegram import PlayedTelegram
from bot.settings import load
from flows.model import DAY, HOUR, Moment, Plan
from storage.repository import SqlRepository
from tests.journeys.town import Town
from tests.journeys.walking import rests, set_aside

TOKEN = "4242:" + "rehearsal_token_" * 2
PHONE = "8613800138000"
NAME = "王芳"
ID_NUMBER = "110101199003072316"
EMPLOYER = "北京安居科技有限公司"


class RememberingChance(SystemChance):
    """Chance that remembers what it drew: a test cannot read a captcha."""

    def __init__(self) -> None:
        self.drawn: list[str] = []

    def letters(self, count: int, alphabet: str) -> str:
        drawn = super().letters(count, alphabet)
        self.drawn.append(drawn)
        return drawn


class ShiftedClock:
    """The real clock, set forward by ``ahead`` milliseconds."""

    def __init__(self) -> None:
        self.ahead: Moment = 0

    def now(self) -> int:
        return now() + self.ahead

    def monotonic(self) -> float:
        return self.now() / 1000


@dataclass
class House:
    """A running bot and the world around it."""

    telegram: PlayedTelegram
    gateways: Gateways
    data: Path
    chance: RememberingChance
    clock: ShiftedClock
    environ: dict[str, str]
    app: App | None = None
    _running: asyncio.Task[int] | None = None
    nursery: Nursery = field(default_factory=Nursery)

    async def open(self) -> None:
        clock: Clock = self.clock
        self.app = App(load(self.environ), clock=clock, chance=self.chance, poll_seconds=5)
        self._running = self.nursery.start(self.app.run(), "app")
        await self.telegram.is_polled()

    async def close(self) -> int:
        """Stops the bot in order; returns its exit code."""
        assert self.app is not None
        assert self._running is not None
        self.app.stopping.set()
        code = await asyncio.wait_for(self._running, 10)
        self.app = None
        return code

    async def publish(self, plan: Plan) -> None:
        assert self.app is not None
        rooms = self.app.rooms
        await rooms.database.write(
            lambda connection: SqlRepository(connection, rooms.vault, rooms.shelf).add_plan(plan, self.clock.now())
        )

    async def publish_open(self, code: str = "HD2603", name: str = "海淀区2026年第三批保租房") -> Plan:
        plan = sample_plan(code, name, self.clock.now() - HOUR, self.clock.now() + 3 * DAY)
        await self.publish(plan)
        return plan

    def someone(self, number: int = 1, first_name: str = "芳", *, language: str = "zh-hans") -> Player:
        phone = f"86138{number:08}"
        return self.telegram.person(1000 + number, first_name, phone=phone, language_code=language)

    def code_for(self, phone: str) -> str:
        return self.gateways.codes["+" + phone.removeprefix("+")][-1]

    async def sign_up(self, person: Player, *, name: str = NAME, id_number: str = ID_NUMBER) -> None:
        """From the consent screen to a proven name."""
        await person.taps("同意并继续")
        await person.sees("手机号")
        await person.shares_contact()
        await person.sees("验证码已发送")
        await person.sends(self.code_for(person.person.phone))
        await tap_after(person, "立即实名", "实名认证")
        await person.sees("真实姓名")
        await person.sends(name)
        await person.sees("身份证号码")
        await person.sends(id_number)
        await tap_after(person, "确认认证", "确认无误")

    async def fill_in(self, person: Player) -> None:
        """From the task list to the review."""
        await tap_after(person, "基本信息", "填报信息")
        await tap_after(person, "未婚", "婚姻")
        await tap_after(person, "北京城镇", "户口")
        await tap_after(person, "跳过", "学历")
        await tap_after(person, "工作与收入", "带 * 的为必填")
        await person.sees("工作单位")
        await person.sends(EMPLOYER)
        await tap_after(person, "海淀区", "单位所在")
        await person.sees("合同")
        await person.sends("2024年1月1日")
        await person.sees("（4/6）")
        await person.sends("２０２７-１２-３１")
        await person.sees("（5/6）")
        await person.sends("60")
        await person.sees("（6/6）")
        await person.sends("8.5万")
        await tap_after(person, "证明材料", "带 * 的为必填")
        await person.sees("（1/2）")
        await person.sends_photos(picture(1))
        await tap_after(person, "完成", "已收到 1 张")
        await person.sees("（2/2）")
        await person.sends_photos(picture(2), picture(3))
        await tap_after(person, "完成", "已收到 2 张")
        await tap_after(person, "检查并提交", "带 * 的为必填")


async def tap_after(person: Player, label: str, text: str) -> str | None:
    """Taps once the screen says so."""
    await person.sees(text)
    return await person.taps(label)


def picture(number: int, size: tuple[int, int] = (1200, 800)) -> bytes:
    image = Image.new("RGB", size, (210, 220, 230))
    ImageDraw.Draw(image).rectangle((number * 40, 100, number * 40 + 200, 300), fill=(20 * number, 60, 120))
    target = BytesIO()
    image.save(target, "JPEG")
    return target.getvalue()


@asynccontextmanager
async def build_house(folder: Path, *, webhook: bool = False) -> AsyncIterator[House]:
    telegram = PlayedTelegram(TOKEN, limits=False)
    gateways = Gateways()
    gateways.add_to(telegram.app)
    await telegram.start()
    environ = {
        "ANJU_TOKEN": TOKEN,
        "ANJU_TELEGRAM": telegram.url,
        "ANJU_DATA": str(folder / "data"),
        "ANJU_SMS": telegram.url + SMS_PATH,
        "ANJU_IDENTITY": telegram.url + IDENTITY_PATH,
        "ANJU_LISTEN": "127.0.0.1:0",
        "ANJU_SUPPORT": "010-12345678（工作日 9:00—17:00） | 010-12345678 (weekdays 9:00–17:00)",
    }
    house = House(telegram, gateways, folder / "data", RememberingChance(), ShiftedClock(), environ)
    try:
        await house.open()
        yield house
    finally:
        if house.app is not None:
            await house.close()
        await house.nursery.stop()
        await telegram.stop()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with build_house(tmp_path) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def street(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """One house for all tests of a module: it takes longer to open than most journeys last."""
    async with build_house(tmp_path_factory.mktemp("street")) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def town(street: House) -> AsyncIterator[Town]:
    """The shared house with a supply of people and plans. Whatever a test does, no update may break the bot."""
    before = await set_aside(street)
    yield Town(street)
    await rests(street)
    assert await set_aside(street) == before
