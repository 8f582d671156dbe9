import asyncio
import contextlib
import logging
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bot.control import LOCK, SOCKET, AlreadyRunning, ControlServer, DataLock, Handler, Reply, Request, ask
from bot.nursery import Nursery

HOLD = """
import os, pathlib, sys, time
from bot.control import DataLock
DataLock(pathlib.Path(sys.argv[1])).acquire()
if "fork" in sys.argv and os.fork() == 0:
    time.sleep(60)
print("held", flush=True)
time.sleep(60)
"""


async def publish(request: Request) -> Reply:
    await asyncio.sleep(0)
    return Reply(True, (f"imported {request['file']}", "已发布"))


async def fail(_: Request) -> Reply:
    raise ValueError("张三")


HANDLERS: dict[str, Handler] = {"import": publish, "fail": fail}


@pytest.mark.parametrize("folder", ["data", "很长的名字" * 10 + "/" + "d" * 60])
async def test_a_command_is_carried_out_by_the_running_bot(tmp_path: Path, folder: str) -> None:
    path = tmp_path / folder / SOCKET
    path.parent.mkdir(parents=True)
    async with Nursery() as nursery, ControlServer(path, HANDLERS, nursery):
        replies = await asyncio.gather(*(ask(path, {"command": "import", "file": str(n)}) for n in range(5)))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert replies == [Reply(True, (f"imported {n}", "已发布")) for n in range(5)]
    assert not path.is_symlink()
    assert not path.exists()
    assert await ask(path, {"command": "import"}) is None


async def test_nobody_is_listening(tmp_path: Path) -> None:
    assert await ask(tmp_path / SOCKET, {"command": "import"}) is None
    assert await ask(tmp_path / ("x" * 120) / SOCKET, {"command": "import"}) is None


@pytest.mark.parametrize("folder", ["data", "d" * 120])
async def test_a_dead_bots_socket_is_nobody_and_is_replaced(tmp_path: Path, folder: str) -> None:
    path = tmp_path / folder / SOCKET
    path.parent.mkdir()
    nursery = Nursery()
    dead = ControlServer(path, HANDLERS, nursery)
    await dead.__aenter__()
    assert dead._server is not None
    dead._server.close()  # as the kernel does it when a process dies: the file stays
    assert path.is_socket()
    assert await ask(path, {"command": "import"}) is None
    async with ControlServer(path, HANDLERS, nursery):
        assert await ask(path, {"command": "import", "file": "x"}) == Reply(True, ("imported x", "已发布"))
    assert dead._elsewhere is None or not dead._elsewhere.exists()


async def test_an_unknown_command_is_said_to_be_so(tmp_path: Path) -> None:
    path = tmp_path / SOCKET
    async with Nursery() as nursery, ControlServer(path, HANDLERS, nursery):
        for request in ({"command": "dance"}, {"command": ["import"]}, {}):
            reply = await ask(path, request)
            assert reply is not None
            assert not reply.ok
            assert "does not know" in reply.lines[0]


async def test_what_is_no_request_is_answered_too(tmp_path: Path) -> None:
    path = tmp_path / SOCKET
    async with Nursery() as nursery, ControlServer(path, HANDLERS, nursery):
        for line in (b"{\n", b"x" * 200_000 + b"\n", b""):
            reader, writer = await asyncio.open_unix_connection(path)
            writer.write(line)
            writer.write_eof()
            assert b'"ok":false' in await reader.read()
            writer.close()


async def test_a_command_that_fails_is_a_reply_and_a_line_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / SOCKET
    async with Nursery() as nursery, ControlServer(path, HANDLERS, nursery):
        reply = await ask(path, {"command": "fail"})
    assert reply == Reply(False, ("The running bot gave no answer; its log says why.",))
    assert [(record.levelno, vars(record)["kind"]) for record in caplog.records] == [(logging.ERROR, "ValueError")]
    assert "张三" not in caplog.text


async def test_the_lock_is_held_by_one_only(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    with DataLock(folder) as lock:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert (folder / LOCK).read_text() == f"{os.getpid()}\n"
        with pytest.raises(AlreadyRunning) as caught:
            DataLock(folder).acquire()
        assert caught.value.pid == os.getpid()
        assert str(os.getpid()) in str(caught.value)
        lock.release()
        with DataLock(folder), pytest.raises(AlreadyRunning):
            lock.acquire()


async def test_a_lock_without_a_number_is_still_a_lock(tmp_path: Path) -> None:
    with DataLock(tmp_path):
        (tmp_path / LOCK).write_text("")
        with pytest.raises(AlreadyRunning) as caught:
            DataLock(tmp_path).acquire()
    assert caught.value.pid == 0


@pytest.mark.parametrize("how", ["alone", "fork"])
def test_a_killed_process_gives_up_its_lock_even_if_a_child_lives_on(tmp_path: Path, how: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path), how], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "held\n"
            with pytest.raises(AlreadyRunning) as caught:
                DataLock(tmp_path).acquire()
            assert caught.value.pid == process.pid
            process.kill()
            process.wait()
            with DataLock(tmp_path):
                assert (tmp_path / LOCK).read_text() == f"{os.getpid()}\n"
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
