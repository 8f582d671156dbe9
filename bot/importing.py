"""A plan from a workbook, alone or with its pictures, into the storage: everything or nothing."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from bot.clock import Clock
from bot.control import Reply
from bot.jobs.desk_files import desk_fields, keep_papers
from bot.jobs.pictures import PictureChecker
from bot.jobs.workbook import Package, read_package
from bot.windows import Windows
from flows.model import Plan
from flows.staff.model import SYSTEM, Act
from storage.database import Database
from storage.media import MediaStore
from storage.repository import SqlRepository
from storage.store import Shelf
from storage.vault import Vault

LARGEST = 200 * 2**20  # bytes of a package; what comes through Telegram is smaller


class Importer:
    def __init__(
        self,
        database: Database,
        vault: Vault,
        shelf: Shelf,
        media: MediaStore,
        windows: Windows,
        checker: PictureChecker,
        clock: Clock,
    ) -> None:
        self._database = database
        self._vault = vault
        self._shelf = shelf
        self._media = media
        self._checker = checker
        self._clock = clock
        self._fields = desk_fields(windows)

    async def bring_in(self, file: Path, *, publish: bool) -> Reply:
        """Lines for the operator: what was read, or every mistake by sheet, row and column."""
        try:
            content = await asyncio.to_thread(_read, file)
        except OSError as error:
            return Reply(False, (f"{file.name}: cannot be read ({error.strerror})",))
        if content is None:
            return Reply(False, (f"{file.name}: larger than {LARGEST // 1_000_000} MB",))
        read = await asyncio.to_thread(read_package, content, self._fields)
        if not isinstance(read, Package):
            return Reply(False, tuple(mistake.sentence for mistake in read))
        kept = await keep_papers(read, self._checker, self._media)
        if not isinstance(kept, Plan):
            return Reply(False, tuple(kept))
        plan, now = kept, self._clock.now()

        def add(connection: sqlite3.Connection) -> bool:
            repository = SqlRepository(connection, self._vault, self._shelf)
            if repository.has_plan(plan.code):
                return False
            repository.add_plan(plan, now if publish else None)
            act = Act.PUBLISHED if publish else Act.DRAFTED
            repository.log(now, SYSTEM, act, f"plan:{plan.code}", None, {"name": plan.name, "revision": 1})
            return True

        if not await self._database.write(add):
            return Reply(False, (f"编号为 {plan.code} 的配租计划已经存在，没有导入。",))
        state = "已发布" if publish else "已导入，尚未发布"
        units = sum(len(project.unit_types) for project in plan.projects)
        counts = f"项目 {len(plan.projects)} 个，户型 {units} 个，房源 {plan.homes} 套"
        return Reply(True, (f"{state}：{plan.name}（{plan.code}），{counts}。",))


def _read(file: Path) -> bytes | None:
    """None for a file larger than any workbook."""
    return file.read_bytes() if file.stat().st_size <= LARGEST else None
