"""The command line, as processes: settings, one bot a data folder, commands beside it, stopping."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from aiohttp import ClientSession

import main
from bot import logs
from bot.app import DATABASE_FILE
from bot.clock import now
from bot.control import DataLock
from bot.rehearsal.gateways import IDENTITY_PATH, SMS_PATH, Gateways
from bot.rehearsal.sample_workbook import sample_workbook
from bot.rehearsal.telegram import PlayedTelegram
from flows.model import DAY, HOUR
from storage.vault import KEYS_FILE, Vault, load_or_make, open_keys
from tests.bot.workbook_maker import changed, made
from tests.journeys.conftest import ID_NUMBER, NAME
from tests.journeys.telling import TOKEN, free_port

MAIN = Path(main.__file__)
PATIENCE = 60.0  # seconds for a process to come up on a busy machine
STOP = 10.0  # seconds that a stop may take


def shell(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process: ours without settings of the shell that runs the tests."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("ANJU_") or name == "ANJU_FONTS"}
    return {**own, **settings}


@pytest.fixture
def gateways() -> Gateways:
    return Gateways()


@pytest.fixture
async def telegram(gateways: Gateways) -> AsyncIterator[PlayedTelegram]:
    played = PlayedTelegram(TOKEN, limits=False)
    gateways.add_to(played.app)
    await played.start()
    yield played
    await played.stop()


def settings_for(telegram: PlayedTelegram, folder: Path, **more: str) -> dict[str, str]:
    return {
        "ANJU_TOKEN": TOKEN,
        "ANJU_TELEGRAM": telegram.url,
        "ANJU_DATA": str(folder / "data"),
        "ANJU_SMS": telegram.url + SMS_PATH,
        "ANJU_IDENTITY": telegram.url + IDENTITY_PATH,
        "ANJU_LISTEN": f"127.0.0.1:{free_port()}",
        "ANJU_LOG": "DEBUG",
        **more,
    }


class Ran:
    """A process that has ended: its exit code, what it printed, and its log."""

    def __init__(self, code: int, out: bytes, errors: bytes) -> None:
        self.code = code
        self.out = out.decode()
        self.errors = errors.decode()


class Started:
    """``main.py`` as a process."""

    def __init__(self, process: Process) -> None:
        self.process = process

    async def ends(self, seconds: float = PATIENCE) -> Ran:
        out, errors = await asyncio.wait_for(self.process.communicate(), seconds)
        assert self.process.returncode is not None
        return Ran(self.process.returncode, out, errors)

    async def stops(self) -> Ran:
        """Told to stop, within the time that it has."""
        self.process.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        ran = await self.ends()
        assert time.monotonic() - begun < STOP
        return ran


class Shell:
    """Starts processes, and ends those that are left."""

    def __init__(self) -> None:
        self._started: list[Process] = []

    async def starts(self, *arguments: str, settings: Mapping[str, str], folder: Path = MAIN.parent) -> Started:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(MAIN), *arguments),
            env=shell(settings),
            cwd=folder,
            stdout=PIPE,
            stderr=PIPE,
        )
        self._started.append(process)
        return Started(process)

    async def runs(self, *arguments: str, settings: Mapping[str, str], folder: Path = MAIN.parent) -> Ran:
        return await (await self.starts(*arguments, settings=settings, folder=folder)).ends()

    async def close(self) -> None:
        for process in self._started:
            if process.returncode is None:
                process.kill()
                await process.communicate()


@pytest.fixture
async def terminal() -> AsyncIterator[Shell]:
    made_shell = Shell()
    yield made_shell
    await made_shell.close()


def open_plan(code: str, name: str) -> bytes:
    return sample_workbook(code, name, now() - HOUR, now() + 3 * DAY)


# -- settings ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """For what may run in this process: no settings, and the log left as it is."""
    for name in [name for name in os.environ if name.startswith("ANJU_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(logs, "set_up", logging.getLogger)
    return monkeypatch


def test_wrong_settings_are_all_named_and_nothing_is_begun(tmp_path: Path) -> None:
    data = tmp_path / "data"
    wrong = {
        "ANJU_TOKEN": "hush-hush",
        "ANJU_SMS": "pigeon",
        "ANJU_LISTEN": "everywhere",
        "ANJU_ADMINS": "me",
        "ANJU_DATA": str(data),
        "ANJU_TOKKEN": "x",
    }
    ran = subprocess.run(
        [sys.executable, str(MAIN)], env=shell(wrong), capture_output=True, text=True, timeout=PATIENCE
    )
    assert ran.returncode == 2
    assert ran.stdout == ""
    named = [line.split()[0] for line in ran.stderr.splitlines()]
    assert named == ["ANJU_TOKEN", "ANJU_SMS", "ANJU_IDENTITY", "ANJU_ADMINS", "ANJU_LISTEN", "ANJU_TOKKEN"]
    assert "hush" not in ran.stderr
    assert not data.exists()


def test_right_settings_are_said_to_be(bare: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name, value in (("TOKEN", TOKEN), ("SMS", "https://sms.example/a"), ("IDENTITY", "https://id.example/b")):
        bare.setenv(f"ANJU_{name}", value)
    assert main.main(["check"]) == 0
    assert capsys.readouterr().out == "The settings are right.\n"


def test_an_import_needs_neither_a_token_nor_a_running_bot(
    bare: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare.setenv("ANJU_DATA", str(tmp_path / "data"))
    (tmp_path / "plan.xlsx").write_bytes(open_plan("HD2603", "海淀区2026年第三批保租房"))
    (tmp_path / "wrong.xlsx").write_bytes(made(changed("租金", 3, "月租金", "两千")))
    assert main.main(["import", str(tmp_path / "plan.xlsx")]) == 0
    assert capsys.readouterr().out.startswith("已导入，尚未发布：海淀区2026年第三批保租房（HD2603）")
    for file, reason in (
        ("plan", "已经存在"),
        ("wrong", "工作表“租金”第 3 行“月租金”："),
        ("nowhere", "cannot be read"),
    ):
        assert main.main(["import", str(tmp_path / f"{file}.xlsx")]) == 1
        said = capsys.readouterr()
        assert said.out == ""
        assert reason in said.err


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main.main(["--help"])
    assert stopped.value.code == 0
    said = capsys.readouterr().out
    assert all(command in said for command in ("run", "demo", "import", "check"))


# -- what keeps a bot from starting ------------------------------------------------------------------------------------


async def test_a_wrong_token_ends_the_bot_with_1(tmp_path: Path, telegram: PlayedTelegram, terminal: Shell) -> None:
    settings = settings_for(telegram, tmp_path) | {"ANJU_TOKEN": "4242:" + "another_token_" * 3}
    ran = await terminal.runs(settings=settings)
    assert ran.code == 1
    assert "InvalidToken" in ran.errors
    assert "another_token" not in ran.errors
    assert "Traceback" not in ran.errors


@pytest.mark.parametrize("trouble", ["key", "database", "newer", "port"])
def test_a_bot_that_cannot_start_says_why_and_keeps_nothing_running(
    tmp_path: Path, bare: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], trouble: str
) -> None:
    data = tmp_path / "data"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}"
        settings = {"TOKEN": TOKEN, "TELEGRAM": nowhere, "SMS": nowhere, "IDENTITY": nowhere, "DATA": str(data)}
        for name, value in settings.items():
            bare.setenv(f"ANJU_{name}", value)
        data.mkdir()
        match trouble:
            case "key":
                Vault(load_or_make(None, data)[0], open_keys(data / KEYS_FILE)).close()
                bare.setenv("ANJU_KEY", "A" * 43 + "=")
                reason = "the master key is not the one"
            case "database":
                (data / DATABASE_FILE).write_bytes(b"no database at all" * 100)
                reason = "file is not a database"
            case "newer":
                with closing(sqlite3.connect(data / DATABASE_FILE)) as connection:
                    connection.execute("PRAGMA user_version = 9999")
                reason = "the database is of version 9999"
            case _:
                bare.setenv("ANJU_LISTEN", nowhere.removeprefix("http://"))
                reason = "address already in use"
        capsys.readouterr()
        before = threading.enumerate()
        assert main.main([]) == 1
    assert reason in capsys.readouterr().err
    for thread in set(threading.enumerate()) - set(before):
        thread.join(STOP)  # or the process would never end
        assert not thread.is_alive()


# -- one bot, and commands beside it -----------------------------------------------------------------------------------


async def test_a_running_bot_and_what_is_done_beside_it(
    tmp_path: Path, telegram: PlayedTelegram, gateways: Gateways, terminal: Shell
) -> None:
    settings = settings_for(telegram, tmp_path)
    address = f"http://{settings['ANJU_LISTEN']}"
    fang = telegram.person(1001, "芳", phone="8613800138000")
    bot = await terminal.starts(settings=settings)
    await telegram.is_polled(PATIENCE)

    # another one on the same folder
    second = await terminal.runs(settings=settings)
    assert second.code == 1
    assert f"Another process ({bot.process.pid}) works on {tmp_path / 'data'}." in second.errors

    # a plan, handed to the running bot by a name that means something only here
    (tmp_path / "plan.xlsx").write_bytes(open_plan("HD2603", "海淀区2026年第三批保租房"))
    folder_only = {"ANJU_DATA": settings["ANJU_DATA"]}
    brought = await terminal.runs("import", "plan.xlsx", "--publish", settings=folder_only, folder=tmp_path)
    assert brought.code == 0, brought.errors
    assert brought.out.startswith("已发布：海淀区2026年第三批保租房（HD2603）")
    await fang.sends("/plans")
    screen = await fang.sees("请点选一个计划")
    assert "海淀区2026年第三批保租房" in str(fang.buttons(screen))

    # one with mistakes
    (tmp_path / "wrong.xlsx").write_bytes(made(changed("租金", 3, "月租金", "两千")))
    wrong = await terminal.runs("import", str(tmp_path / "wrong.xlsx"), settings=folder_only)
    assert wrong.code == 1
    assert wrong.out == ""
    assert wrong.errors.startswith("工作表“租金”第 3 行“月租金”：")

    # somebody signs up, with everything logged
    await fang.sends("/me")
    await fang.sees("同意")
    await fang.taps("同意并继续")
    await fang.sees("手机号")
    await fang.shares_contact()
    await fang.sees("验证码已发送")
    code = gateways.codes["+8613800138000"][-1]
    await fang.sends(code)
    await fang.sees("实名认证")
    await fang.taps("立即实名")
    await fang.sees("真实姓名")
    await fang.sends(NAME)
    await fang.sees("身份证号码")
    await fang.sends(ID_NUMBER)
    await fang.sees("确认无误")
    await fang.taps("确认认证")
    await fang.sees("实名认证通过")

    async with ClientSession() as session:
        for path, expected in (
            ("/healthz", "ok"),
            ("/readyz", "true"),
            ("/metrics", 'anju_turns_total{event="Command"}'),
        ):
            async with session.get(address + path) as response:
                assert response.status == 200
                assert expected in await response.text()

    ran = await bot.stops()
    assert ran.code == 0
    assert ran.errors.splitlines()[-1].endswith("bot.app stopped")
    for word in (TOKEN, TOKEN.partition(":")[2], code, NAME, ID_NUMBER, "13800138000"):
        assert word not in ran.errors + ran.out
    assert "ERROR" not in ran.errors


async def test_a_stop_in_the_middle_of_traffic_is_in_order_and_leaves_no_process(
    tmp_path: Path, telegram: PlayedTelegram, terminal: Shell
) -> None:
    people = [telegram.person(2000 + n, f"P{n}", phone=f"86139{n:08}") for n in range(30)]
    bot = await terminal.starts(settings=settings_for(telegram, tmp_path))
    await telegram.is_polled(PATIENCE)
    children = psutil.Process(bot.process.pid).children(recursive=True)
    assert children
    for number in range(20):
        for person in people:
            await person.sends(f"/{('help', 'privacy', 'language', 'start')[number % 4]}")
    await people[0].sees_where(bool, "anything")
    telegram.faults.delay = 0.05
    ran = await bot.stops()
    assert ran.code == 0, ran.errors
    assert "ERROR" not in ran.errors, ran.errors
    gone, alive = psutil.wait_procs(children, timeout=STOP)
    assert len(gone) == len(children)
    assert alive == []


async def test_a_killed_bot_leaves_no_process_and_no_lock(
    tmp_path: Path, telegram: PlayedTelegram, terminal: Shell
) -> None:
    settings = settings_for(telegram, tmp_path)
    bot = await terminal.starts(settings=settings)
    await telegram.is_polled(PATIENCE)
    children = psutil.Process(bot.process.pid).children(recursive=True)
    bot.process.kill()
    assert (await bot.ends()).code == -signal.SIGKILL
    _, alive = await asyncio.to_thread(psutil.wait_procs, children, STOP)
    assert alive == []
    with DataLock(tmp_path / "data"):
        pass
