"""The rehearsal: the real bot as a process of its own, against a played Telegram whose phones are in the browser."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

from bot import clock
from bot.jobs.fonts import FontsMissingError
from bot.nursery import Nursery
from bot.rehearsal import town
from bot.rehearsal.gateways import IDENTITY_PATH, SMS_PATH, Gateways
from bot.rehearsal.telegram import PlayedTelegram

MAIN = Path(__file__).resolve().parents[2] / "main.py"
PAGE = Path(__file__).parent / "page"
HOST = "127.0.0.1"
PLANS_FOLDER = "plans"
STOP_SECONDS = 9.0  # for a bot that is told to stop; it takes eight at most
START_SECONDS = 60.0  # for a new bot to ask for updates: it starts processes of its own, perhaps on a busy machine
PAUSE = 1.0  # seconds before a bot that died is started again
MOST_DEATHS = 3  # in a row without ever asking for updates: it would go on like that
PASSED_ON = ("ANJU_LOG", "ANJU_FONTS")
"""All other settings of the shell are kept from the bot: a rehearsal must never touch a real Telegram or real data."""


class RehearsalFailed(RuntimeError):  # noqa: N818 - what it says
    """The rehearsal cannot begin or go on; the message says why."""


async def rehearse(*, port: int, data: Path | None) -> int:
    """Runs until SIGINT, SIGTERM or SIGHUP; returns the exit code: 0 stopped in order, 1 when it could not go on.

    A ``port`` that is taken is replaced by a free one. Without ``data`` everything is forgotten at the end.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stopping.set)
    async with Nursery(deadline=STOP_SECONDS + 3) as nursery:
        playing = nursery.start(_playing(nursery, port, data), "rehearsal")
        stopped = nursery.start(stopping.wait(), "stop")
        await asyncio.wait({playing, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not playing.done():
            await nursery.end(playing)
            _say("The rehearsal is over.")
            return 0
        _say(f"The rehearsal cannot go on: {playing.result()}")
    return 1


async def _playing(nursery: Nursery, port: int, data: Path | None) -> str:
    """Returns only when it cannot go on: why."""
    try:
        await _play(nursery, port, data)
    except (RehearsalFailed, FontsMissingError, OSError) as error:
        return str(error)


async def _play(nursery: Nursery, port: int, data: Path | None) -> NoReturn:
    """Raises RehearsalFailed, FontsMissingError, OSError."""
    with _folder(data) as folder:
        async with _stage(port) as telegram:
            environment = _environment(telegram.url, folder)
            _say("Setting the stage, about ten seconds …")
            furnishing = nursery.start(_furnish(telegram), "sample papers")
            await _bring_plans_in(folder, environment)
            deaths = 0
            while True:
                async with _running_bot(environment) as bot:
                    if await _is_up(nursery, telegram, bot):
                        await furnishing
                        deaths = 0
                        _say(f"Anju rehearses at {telegram.url}/ – press Ctrl+C to stop.")
                    code = await bot.wait()
                telegram.world.updates.release_poller()  # what it had asked for is not to count for the next one
                deaths += 1
                if deaths == MOST_DEATHS:
                    raise RehearsalFailed(f"the bot ended {deaths} times in a row, with exit code {code}")
                _say(f"The bot ended with exit code {code} and is started again.")
                await asyncio.sleep(PAUSE)


@contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    if data is None:
        with TemporaryDirectory(prefix="anju-rehearsal-", ignore_cleanup_errors=True) as name:
            yield Path(name)
    else:
        data.mkdir(parents=True, exist_ok=True)
        yield data.resolve()


@asynccontextmanager
async def _stage(port: int) -> AsyncIterator[PlayedTelegram]:
    """The played Telegram with its people and gateways, listening. Raises OSError."""
    telegram = PlayedTelegram(town.TOKEN, page=PAGE)
    Gateways(deliver=telegram.sms).add_to(telegram.app)
    town.settle(telegram)
    if not _is_free(port):
        _say(f"Port {port} is taken; another one will do.")
        port = 0
    await telegram.start(HOST, port)
    try:
        yield telegram
    finally:
        await telegram.stop()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server will: ports just left are free
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _environment(url: str, folder: Path) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("ANJU_") or name in PASSED_ON}
    return {
        "ANJU_LOG": "WARNING",
        **own,
        "ANJU_TOKEN": town.TOKEN,
        "ANJU_TELEGRAM": url,
        "ANJU_DATA": str(folder),
        "ANJU_SMS": url + SMS_PATH,
        "ANJU_IDENTITY": url + IDENTITY_PATH,
        "ANJU_ADMINS": str(town.CLERK.id),
        "ANJU_LISTEN": f"{HOST}:0",
        "ANJU_SUPPORT": town.SUPPORT,
    }


async def _furnish(telegram: PlayedTelegram) -> None:
    for sample in await asyncio.to_thread(town.samples, clock.now()):
        telegram.add_sample(*sample)


async def _bring_plans_in(folder: Path, environment: dict[str, str]) -> None:
    """As a housing bureau would, from files. Those of an earlier rehearsal in this folder are there already."""
    shelf = folder / PLANS_FOLDER
    shelf.mkdir(exist_ok=True)
    for name, content in (await asyncio.to_thread(town.packages, clock.now())).items():
        file = shelf / name
        if any(shelf.glob(f"{file.stem}.*")):
            continue
        file.write_bytes(content)
        importing = await _start(environment, "import", str(file), "--publish", heard=True)
        try:
            output, _ = await importing.communicate()
        finally:
            await _end(importing)
        if importing.returncode:
            file.unlink()
            raise RehearsalFailed(f"the plan {file.stem} was not imported: {output.decode(errors='replace').strip()}")


@asynccontextmanager
async def _running_bot(environment: dict[str, str]) -> AsyncIterator[Process]:
    bot = await _start(environment)
    try:
        yield bot
    finally:
        await _end(bot)


async def _is_up(nursery: Nursery, telegram: PlayedTelegram, bot: Process) -> bool:
    """Whether the bot asks for updates; False when it ended before it did. Raises RehearsalFailed."""
    asks = nursery.start(telegram.world.updates.polled.wait(), "first question of the bot")
    ended = nursery.start(bot.wait(), "end of the bot")
    done, waiting = await asyncio.wait({asks, ended}, timeout=START_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        await nursery.end(task)
    if not done:
        raise RehearsalFailed(f"the bot did not ask for updates within {START_SECONDS:.0f} seconds")
    return asks in done


async def _start(environment: dict[str, str], *arguments: str, heard: bool = False) -> Process:
    """Runs main.py in a session of its own: a Ctrl+C in the terminal goes to the rehearsal, which ends it in order."""
    output, errors = (PIPE, STDOUT) if heard else (None, None)
    return await asyncio.create_subprocess_exec(
        sys.executable,
        str(MAIN),
        *arguments,
        env=environment,
        stdin=DEVNULL,
        stdout=output,
        stderr=errors,
        start_new_session=True,
    )


async def _end(process: Process) -> None:
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        _say("The bot did not stop in time and was ended.")
        process.kill()
        await process.wait()


def _say(line: str) -> None:
    with contextlib.suppress(OSError):  # the terminal may be gone
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
