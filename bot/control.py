"""One bot per data folder, and a way to hand the running one a command: a lock and a Unix socket in that folder.

One JSON line goes in (`{"command": "import", "file": "…"}`), one comes back (`{"ok": true, "lines": ["…"]}`). Only the
user the bot runs as may open the socket.
"""

import asyncio
import fcntl
import os
import shutil
import socket
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import orjson

from bot.nursery import Nursery

SOCKET = "control.sock"
LOCK = "lock"
LONGEST_PATH = 100
"""Bytes of a socket's address: Linux takes 107, others 103."""
REQUEST_LIMIT = 64 * 1024
REPLY_LIMIT = 16 * 1024 * 1024
"""Bytes of one line; a reply may list every mistake of a workbook."""

Request = dict[str, Any]


class AlreadyRunning(Exception):  # noqa: N818 - a fact, not a fault
    """Another process works on this data folder. `pid` is its number, 0 if it has not written it yet."""

    def __init__(self, pid: int) -> None:
        super().__init__(
            f"another process works on this data folder (pid {pid})" if pid else "the data folder is taken"
        )
        self.pid = pid


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command came to: whether it was done, and the lines to print."""

    ok: bool
    lines: tuple[str, ...] = ()


Handler = Callable[[Request], Awaitable[Reply]]


class DataLock:
    """The lock on a data folder, held until `release` or the end of the process, however it ends.

    Child processes do not inherit it: one that outlives a killed bot must not keep the next from starting.
    """

    def __init__(self, folder: Path) -> None:
        """`folder` is made, for its owner alone, when it is not there."""
        self._folder = folder
        self._file: int | None = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def acquire(self) -> None:
        """Take the lock. Raises AlreadyRunning at once when it is held, OSError when the folder cannot be used."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(self._folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            written = os.pread(file, 20, 0).strip()
            os.close(file)
            raise AlreadyRunning(int(written) if written.isdigit() else 0) from None
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        self._file = file
        _held.add(file)

    def release(self) -> None:
        """Give it up; a second call changes nothing. The file stays: without it two processes could lock two files."""
        if self._file is not None:
            _held.discard(self._file)
            os.close(self._file)
            self._file = None


_held: set[int] = set()


def _let_go() -> None:
    for file in _held:
        os.close(file)
    _held.clear()


# A forked child shares the lock itself, not a copy of it; closing the child's end leaves the parent's.
os.register_at_fork(after_in_child=_let_go)


class ControlServer:
    """Listens on the socket, as `async with`, under the DataLock: a socket found there is a dead bot's."""

    def __init__(self, path: Path, handlers: Mapping[str, Handler], nursery: Nursery) -> None:
        """`path`: `<data>/control.sock`; `handlers`: by command; the nursery watches over the conversations."""
        self._path = path
        self._handlers = handlers
        self._nursery = nursery
        self._server: asyncio.Server | None = None
        self._elsewhere: Path | None = None

    async def __aenter__(self) -> Self:
        _remove(self._path)
        place = self._path.absolute()
        if len(os.fsencode(place)) > LONGEST_PATH:
            # Too long for the kernel: the socket goes to a folder with a short name, and a link takes its place.
            self._elsewhere = Path(tempfile.mkdtemp(prefix="anju-"))
            place = self._elsewhere / SOCKET
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            listener.bind(os.fspath(place))
            place.chmod(0o600)  # before anybody is listening: there is no moment at which others could connect
            if self._elsewhere:
                self._path.symlink_to(place)
            self._server = await asyncio.start_unix_server(self._accept, sock=listener, limit=REQUEST_LIMIT)
        except BaseException:
            listener.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            # Not wait_closed: from Python 3.12 on it waits for conversations, which the nursery ends afterwards.
            self._server.close()
        _remove(self._path)
        if self._elsewhere:
            shutil.rmtree(self._elsewhere, ignore_errors=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._nursery.start(self._answer(reader, writer), "control")

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            reply = await self._carry_out(await _read_line(reader))
            writer.write(orjson.dumps({"ok": reply.ok, "lines": reply.lines}) + b"\n")
            await writer.drain()
        finally:
            writer.close()

    async def _carry_out(self, line: bytes | None) -> Reply:
        try:
            request = orjson.loads(line or b"")
        except orjson.JSONDecodeError:
            return Reply(False, ("The command was not understood.",))
        handler = self._handlers.get(str(request.get("command"))) if isinstance(request, dict) else None
        if handler is None:
            return Reply(False, ("The running bot does not know this command.",))
        return await handler(request)


async def ask(path: Path, request: Request) -> Reply | None:
    """Hand a command to the running bot and wait for its answer, however long it takes; None when nobody is listening.

    A bot that ends, or fails, in the middle is a Reply that is not ok.
    """
    place = _place_of(path)
    try:
        reader, writer = await asyncio.open_unix_connection(os.fspath(place), limit=REPLY_LIMIT)
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    except OSError as error:
        if len(os.fsencode(place)) > LONGEST_PATH:  # no bot could listen under so long a name
            return None
        raise error from None
    try:
        writer.write(orjson.dumps(request) + b"\n")
        await writer.drain()
        line = await _read_line(reader)
    except (ConnectionResetError, BrokenPipeError):
        line = None
    finally:
        writer.close()
    if line is None:
        return Reply(False, ("The running bot gave no answer; its log says why.",))
    answer = orjson.loads(line)
    return Reply(bool(answer["ok"]), tuple(answer["lines"]))


def _place_of(path: Path) -> Path:
    return path.readlink() if path.is_symlink() else path.absolute()


async def _read_line(reader: asyncio.StreamReader) -> bytes | None:
    """One whole line; None when the other side goes before its end, or writes one that is too long."""
    try:
        return await reader.readuntil(b"\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return None


def _remove(path: Path) -> None:
    if path.is_symlink():
        place = path.readlink()
        if place.name == SOCKET and place.parent.name.startswith("anju-"):
            shutil.rmtree(place.parent, ignore_errors=True)
    path.unlink(missing_ok=True)
