"""The rehearsal as people start it: a process of its own, with the real bot inside."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import sys
import time
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import psutil
import pytest

from bot.jobs.picture_child import Reason, RefusedError, prepare
from bot.jobs.workbook import Package, read_package
from bot.rehearsal import town
from flows.engine.fields import IdNumber, Phone
from flows.model import DAY, MINUTE

MAIN = Path(__file__).resolve().parents[2] / "main.py"
START_SECONDS = 90.0  # on a busy machine; a free one needs ten
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/")


@asynccontextmanager
async def rehearsal(*arguments: str, **environment: str) -> AsyncIterator[Process]:
    """`main.py demo`, ended at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(MAIN), "demo", *arguments, stdout=PIPE, stderr=STDOUT, env={**os.environ, **environment}
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.communicate()


async def line_with(process: Process, part: str) -> str:
    """The next line of its output in which this stands."""
    assert process.stdout is not None
    heard = []
    async with asyncio.timeout(START_SECONDS):
        async for line in process.stdout:
            heard.append(line.decode())
            if part in heard[-1]:
                return heard[-1]
    raise AssertionError(f"the rehearsal ended without saying {part!r}:\n" + "".join(heard))


async def address_of(process: Process) -> str:
    found = ADDRESS.search(await line_with(process, "Anju rehearses at"))
    assert found
    return found[0]


async def first_answer(address: str) -> str:
    """What the bot shows Wang Fang after /start, as her phone in the browser learns it."""
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{address}rehearsal/socket") as phone:
        await phone.send_json({"type": "send_text", "person": town.WANG.id, "text": "/start"})
        async with asyncio.timeout(20):
            while True:
                frame: dict[str, Any] = orjson.loads(await phone.receive_str())
                if frame["type"] == "message" and frame["message"]["from"]["is_bot"]:
                    return str(frame["message"]["text"])


def bot_of(rehearsing: Process) -> psutil.Process:
    children = psutil.Process(rehearsing.pid).children()
    return next(child for child in children if child.cmdline()[-1].endswith("main.py"))


def throw_away_folders(parent: Path) -> list[Path]:
    return list(parent.glob("anju-rehearsal-*"))


async def stop(rehearsing: Process, number: signal.Signals) -> tuple[int | None, float, str]:
    """Exit code, seconds, and what it said at last."""
    began = time.monotonic()
    rehearsing.send_signal(number)
    said, _ = await rehearsing.communicate()
    return rehearsing.returncode, time.monotonic() - began, said.decode()


async def test_rehearsal_plays_the_real_bot_and_stops_without_a_trace(tmp_path: Path) -> None:
    async with rehearsal("--port", "0", TMPDIR=str(tmp_path), ANJU_TELEGRAM="http://127.0.0.1:9/elsewhere") as run:
        address = await address_of(run)
        assert throw_away_folders(tmp_path)
        assert "海淀区2026年第三批保租房" in await first_answer(address)
        bot = bot_of(run)
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{address}rehearsal/") as page:
                assert page.status == 200
                assert "安居" in await page.text()
            async with session.ws_connect(f"{address}rehearsal/socket") as phone:
                hello: dict[str, Any] = orjson.loads(await phone.receive_str())
        assert [person["name"] for person in hello["people"]] == [each.name for each in town.RESIDENTS]
        assert {"id-front", "id-back"} <= {sample["name"] for sample in hello["samples"]}

        code, seconds, said = await stop(run, signal.SIGTERM)
        assert (code, said) == (0, "The rehearsal is over.\n")
        assert seconds < 10
        assert not bot.is_running()
        assert not throw_away_folders(tmp_path)


async def test_rehearsal_starts_a_dead_bot_again_and_keeps_the_folder_it_was_given(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        async with rehearsal("--port", port, "--data", str(tmp_path / "kept")) as run:
            assert port in await line_with(run, "is taken")
            address = await address_of(run)
            bot_of(run).kill()
            assert "-9" in await line_with(run, "is started again")
            assert await address_of(run) == address
            assert "海淀区2026年第三批保租房" in await first_answer(address)
            code, _, _ = await stop(run, signal.SIGINT)
    assert code == 0
    assert {"HD2603.zip", "CY2604.xlsx"} == {file.name for file in (tmp_path / "kept" / "plans").iterdir()}
    assert (tmp_path / "kept" / "anju.sqlite3").is_file()


async def test_rehearsal_that_cannot_import_says_why_and_fails(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / "anju.sqlite3").write_bytes(b"this is no database" * 300)
    async with rehearsal("--port", "0", "--data", str(folder)) as run:
        assert "HD2603" in await line_with(run, "cannot go on")
        await run.communicate()
        assert run.returncode == 1


@pytest.mark.parametrize("resident", town.RESIDENTS, ids=lambda resident: str(resident.name))
def test_residents_have_numbers_that_are_right(resident: town.Resident) -> None:
    assert Phone().parse(resident.phone, {}) == resident.phone
    if resident.id_number:
        assert IdNumber().parse(resident.id_number, {}) == resident.id_number
        assert resident.id_number in resident.role


def test_papers_are_taken_but_for_those_that_show_what_is_refused() -> None:
    refused = {"too-small": Reason.TOO_SMALL, "not-a-picture": Reason.NOT_A_PICTURE, "cut-off": Reason.BROKEN}
    for sample in town.samples(1_795_500_000_123):
        if sample.mime == "application/zip":
            continue
        if sample.name in refused:
            with pytest.raises(RefusedError) as error:
                prepare(sample.content)
            assert error.value.reason == refused[sample.name]
        else:
            _, width, height = prepare(sample.content)
            assert min(width, height) >= 800, sample.name
            assert max(width, height) >= 1200, sample.name


def assert_illustrated(package: Package) -> None:
    assert package.notice_pdf
    assert package.notice_pdf.startswith(b"%PDF-")
    for project in package.plan.projects:
        pictures = [picture for picture in package.pictures if picture.project == project.code]
        assert len(pictures) == 3
        for picture in pictures:
            _, width, height = prepare(picture.content)
            assert width >= 1200
            assert height >= 800


def test_clerk_has_a_package_of_a_plan_that_is_open_and_new() -> None:
    now = 1_795_500_000_123
    sample = next(sample for sample in town.samples(now) if sample.name == "plan-package")
    package = read_package(sample.content)
    assert isinstance(package, Package)
    assert_illustrated(package)
    assert f"{package.plan.code}.zip" not in town.packages(now)
    assert package.plan.opens_at < now < package.plan.closes_at


def test_plans_are_one_that_is_open_and_one_that_opens_in_minutes() -> None:
    now = 1_795_500_000_123
    packages = {name: read_package(content) for name, content in town.packages(now).items()}
    first, second = packages["HD2603.zip"], packages["CY2604.xlsx"]
    assert isinstance(first, Package)
    assert isinstance(second, Package)
    assert_illustrated(first)
    haidian, chaoyang = first.plan, second.plan
    assert haidian.opens_at < now < haidian.closes_at - 3 * DAY
    assert 2 * MINUTE <= chaoyang.opens_at - now <= 3 * MINUTE
