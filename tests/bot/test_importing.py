"""A plan's workbook into the storage: everything or nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from bot import importing
from bot.app import TEMPLATES, Rooms
from bot.clock import ManualClock
from bot.importing import Importer
from bot.jobs.pictures import PictureChecker
from bot.nursery import Nursery
from bot.windows import Windows
from flows.model import Plan
from storage.repository import SqlRepository
from tests.bot.workbook_maker import changed, good, made, packed
from tests.journeys.rooms import count, storage

NOW = 1_795_000_000_000


@dataclass
class Counter:
    """Where workbooks are handed in."""

    rooms: Rooms
    importer: Importer
    folder: Path

    async def takes(self, content: bytes, *, publish: bool = False, name: str = "计划.xlsx") -> tuple[bool, str]:
        file = self.folder / name
        file.write_bytes(content)
        reply = await self.importer.bring_in(file, publish=publish)
        return reply.ok, "\n".join(reply.lines)

    async def plan(self, code: str = "HD2603") -> Plan | None:
        return await self.rooms.database.read(
            lambda connection: SqlRepository(connection, self.rooms.vault, self.rooms.shelf).whole_plan(code)
        )

    async def rows(self) -> list[int]:
        return [
            await count(self.rooms, sql)
            for sql in (
                "SELECT count(*) FROM plans",
                "SELECT count(*) FROM projects",
                "SELECT count(*) FROM unit_types",
                "SELECT count(*) FROM rents",
                "SELECT count(*) FROM plan_pictures",
            )
        ]


@pytest.fixture(scope="module")
def windows() -> Windows:
    return Windows(TEMPLATES)


@pytest.fixture
async def counter(tmp_path: Path, windows: Windows) -> AsyncIterator[Counter]:
    async with Nursery() as nursery, storage(tmp_path / "data", nursery) as rooms, PictureChecker() as checker:
        yield Counter(rooms, Importer(*rooms.for_plans, windows, checker, ManualClock(NOW)), tmp_path)


def picture(size: tuple[int, int] = (1200, 800)) -> bytes:
    target = BytesIO()
    Image.new("RGB", size, (90, 140, 90)).save(target, "JPEG")
    return target.getvalue()


@pytest.mark.parametrize(("publish", "state"), [(False, "已导入，尚未发布"), (True, "已发布")])
async def test_a_good_workbook_becomes_a_plan(counter: Counter, publish: bool, state: str) -> None:
    ok, said = await counter.takes(made(good()), publish=publish)
    assert ok
    assert said.startswith(f"{state}：海淀区2026年第三批保租房（HD2603），项目 2 个，户型 2 个，")
    plan = await counter.plan()
    assert plan is not None
    assert plan.published_at == (NOW if publish else None)
    assert await counter.rows() == [1, 2, 2, 3, 0]


async def test_a_plan_is_brought_in_once(counter: Counter) -> None:
    await counter.takes(made(good()))
    ok, said = await counter.takes(made(good()), publish=True)
    assert (ok, said) == (False, "编号为 HD2603 的配租计划已经存在，没有导入。")
    assert await counter.rows() == [1, 2, 2, 3, 0]


async def test_every_mistake_is_named_by_sheet_row_and_column_and_nothing_is_kept(counter: Counter) -> None:
    book = changed("租金", 3, "月租金", "两千")
    book["计划"][1][0] = None
    ok, said = await counter.takes(made(book), publish=True)
    assert not ok
    lines = said.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("工作表“计划”第 2 行“编号”：")
    assert lines[1].startswith("工作表“租金”第 3 行“月租金”：")
    assert await counter.rows() == [0, 0, 0, 0, 0]


async def test_pictures_and_the_announcement_come_in_a_zip(counter: Counter) -> None:
    package = packed({"计划.xlsx": made(good()), "照片/QH01/1.jpg": picture(), "照片/QH01/A1/1.jpg": picture()})
    ok, said = await counter.takes(package, name="计划.zip")
    assert ok, said
    plan = await counter.plan()
    assert plan is not None
    (name,) = plan.projects[0].pictures
    assert Image.open(BytesIO(counter.rooms.media.get(name))).size == (1200, 800)
    assert len(plan.projects[0].unit_types[0].pictures) == 1


async def test_one_broken_picture_keeps_the_whole_package_out(counter: Counter) -> None:
    files = {"计划.xlsx": made(good()), "照片/QH01/1.jpg": picture(), "照片/QH01/2.jpg": picture()[:500]}
    ok, said = await counter.takes(packed(files), name="计划.zip")
    assert not ok
    assert "照片/QH01/2.jpg" in said
    assert await counter.rows() == [0, 0, 0, 0, 0]


async def test_what_fails_on_the_way_leaves_nothing(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(SqlRepository, "log", fail)
    with pytest.raises(ZeroDivisionError):
        await counter.takes(made(good()))
    assert await counter.rows() == [0, 0, 0, 0, 0]
    assert await counter.plan() is None
    monkeypatch.undo()
    assert (await counter.takes(made(good())))[0]


async def test_a_file_that_is_not_there_or_no_file_is_said_to_be_so(counter: Counter) -> None:
    for file in (counter.folder / "nowhere.xlsx", counter.folder):
        reply = await counter.importer.bring_in(file, publish=False)
        assert not reply.ok
        assert reply.lines[0].startswith(f"{file.name}: cannot be read (")


async def test_a_file_larger_than_any_package_is_not_read(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "LARGEST", 1_000_000)
    ok, said = await counter.takes(bytes(1_000_001))
    assert (ok, said) == (False, "计划.xlsx: larger than 1 MB")
