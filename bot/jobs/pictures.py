"""Checking and re-encoding the pictures that people send, in a child process that may crash without harm."""

import asyncio
import contextlib
import json
import logging
import os
import signal
import struct
import sys
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from bot.jobs import picture_child
from bot.jobs.picture_child import MAX_BYTES, Reason, RefusedError

__all__ = ["PictureChecker", "Prepared", "Reason", "Refused"]

log = logging.getLogger(__name__)

CHILD: Final = Path(picture_child.__file__)
TIMEOUT: Final = 10.0  # seconds for one picture; 50 megapixels take about one
START_TIMEOUT: Final = 30.0  # seconds for Python and Pillow to load, on a machine that is busy starting everything else


@dataclass(frozen=True, slots=True)
class Prepared:
    """A picture that is taken: a plain JPEG, upright, its long side at most 2000 pixels, nothing in it but pixels."""

    jpeg: bytes = field(repr=False)
    width: int  # pixels
    height: int  # pixels
    sha256: str  # of the original, hexadecimal: the same file sent twice
    digest: str  # SHA-256 of `jpeg`, hexadecimal


@dataclass(frozen=True, slots=True)
class Refused:
    """A picture that is not taken, and why."""

    reason: Reason


class PictureChecker:
    """Checks pictures in `children` processes that are started once and replaced when they die or take too long.

    At most `children` pictures are in work at once, the others wait their turn; the event loop stays free.
    """

    def __init__(self, children: int = 1, *, timeout: float = TIMEOUT) -> None:
        self._timeout = timeout
        self._children = children
        self._slots: asyncio.LifoQueue[Process | None] = asyncio.LifoQueue()  # the warm ones are on top
        for _ in range(children):
            self._slots.put_nowait(None)

    async def start(self) -> None:
        """Start the children, so that no picture waits for them. Raises `RuntimeError` when one does not start."""
        idle = [await self._slots.get() for _ in range(self._children)]
        try:
            idle = [child or await _spawn() for child in idle]
        finally:
            for child in idle:
                self._slots.put_nowait(child)

    async def stop(self) -> None:
        """Wait for the pictures in work, then end the children. `check` may be called again: it starts new ones."""
        for child in [await self._slots.get() for _ in range(self._children)]:
            if child is not None:
                await _end(child)
            self._slots.put_nowait(None)

    async def check(self, content: bytes) -> Prepared | Refused:
        """Check a picture of at most 20 MB and make a clean JPEG of it.

        A child that is killed from outside (the machine out of memory, an operator) costs one more try; a picture that
        kills two, or takes too long, is refused as broken. Raises `RuntimeError` when no child can be started.
        """
        try:
            picture_child.sniff(content)
        except RefusedError as refused:
            return Refused(refused.reason)
        child = await self._slots.get()
        try:
            for _ in range(2):
                if child is None or child.returncode is not None:
                    child = await _spawn()
                answer = await self._attempt(child, content)
                if answer is not None:
                    return answer
            return Refused(Reason.BROKEN)
        finally:
            self._slots.put_nowait(child)

    async def _attempt(self, child: Process, content: bytes) -> Prepared | Refused | None:
        """The child's answer, or None when it died. Any failure ends it, for its pipes are out of step then."""
        try:
            async with asyncio.timeout(self._timeout):
                return await _ask(child, content)
        except TimeoutError:
            await _end(child)
            log.warning("a picture took longer than %g seconds", self._timeout)
            return Refused(Reason.BROKEN)
        except (EOFError, OSError, ValueError, LookupError, TypeError):  # it died, or answers nonsense
            await _end(child)
            log.warning("the process that checks pictures ended with %s", child.returncode)
            return Refused(Reason.BROKEN) if child.returncode == -signal.SIGXCPU else None
        except BaseException:
            await _end(child)
            raise

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


async def _spawn() -> Process:
    environment = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-I", str(CHILD), stdin=PIPE, stdout=PIPE, cwd="/", env=environment, start_new_session=True
    )  # a session of its own: Ctrl-C is for the bot, which then ends its children itself
    try:
        async with asyncio.timeout(START_TIMEOUT):
            await _pipes(child)[1].readexactly(4)
    except (TimeoutError, EOFError, OSError):
        await _end(child)
        raise RuntimeError("the process that checks pictures does not start") from None
    except BaseException:
        await _end(child)
        raise
    return child


async def _ask(child: Process, content: bytes) -> Prepared | Refused:
    """Raises `EOFError` or `OSError` when the child dies, and `ValueError` and its like when its answer is none."""
    stdin, stdout = _pipes(child)
    stdin.write(struct.pack(">I", len(content)))
    stdin.write(content)
    await stdin.drain()
    about = json.loads(await _block(stdout, 4096))
    jpeg = await _block(stdout, MAX_BYTES)
    if "reason" in about:
        return Refused(Reason(about["reason"]))
    return Prepared(jpeg, int(about["width"]), int(about["height"]), str(about["sha256"]), str(about["digest"]))


async def _block(stdout: asyncio.StreamReader, limit: int) -> bytes:
    (length,) = struct.unpack(">I", await stdout.readexactly(4))
    if length > limit:  # a child taken over by its picture must not take our memory
        raise ValueError("too long an answer")
    return await stdout.readexactly(length)


async def _end(child: Process) -> None:
    if child.returncode is None:
        # Not child.kill(): it looks first whether the child has ended, and takes its exit status from who waits for it.
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGKILL)
    stdin, stdout = _pipes(child)
    stdin.close()
    while await stdout.read(65536):  # until the pipe is closed, too
        pass
    await child.wait()


def _pipes(child: Process) -> tuple[asyncio.StreamWriter, asyncio.StreamReader]:
    if child.stdin is None or child.stdout is None:
        raise RuntimeError("a child without pipes")
    return child.stdin, child.stdout
