"""One process beside the bot for work that would hold it up: PDFs, charts, pictures.

Not concurrent.futures: its pool cannot kill a child that hangs, and a child of multiprocessing imports the main module
again, and with it all of the bot. The child here loads this module only, and what the functions sent to it import.
What goes over the pipes is pickled by one end and read by the other, both of them this program.
"""

import asyncio
import importlib
import os
import pickle
import sys
from collections.abc import Callable
from contextlib import suppress
from struct import Struct
from types import TracebackType
from typing import Any, BinaryIO, Self, TypeVar, cast

from bot.jobs import fonts
from bot.jobs.record_form import RecordDocument, RecordPdf

T = TypeVar("T")

TIME_LIMIT = 30.0  # seconds, for a job and for starting
STOP_LIMIT = 5.0  # seconds an idle process has to end by itself
JOBS_A_PROCESS = 300  # a new process then: what libraries hoard goes with the old one
WARM_UP = ("bot.jobs.record_pdf",)  # imported while nothing waits yet

_LENGTH = Struct(">Q")
_LARGEST = 256 * 1024 * 1024  # bytes of a job or a result
_READY = b"ready"


class WorkerLost(RuntimeError):  # noqa: N818 - a fact to act upon
    """The process died over a job (or was stopped); the job may be given again."""


class WorkerTimeout(RuntimeError):  # noqa: N818 - the same
    """A job took longer than its limit; its process was killed. Given again, it may do so again."""


class JobFailedError(RuntimeError):
    """The job raised an exception that cannot travel; the message names its kind."""


class Worker:
    """One process that does one job at a time, replaced when it dies, hangs or has done many jobs.

    Safe for use by many tasks of one event loop: jobs wait their turn. A job's time counts from when it starts.
    """

    def __init__(self, *, time_limit: float = TIME_LIMIT, jobs_a_process: int = JOBS_A_PROCESS) -> None:
        self._time_limit = time_limit
        self._jobs_a_process = jobs_a_process
        self._process: asyncio.subprocess.Process | None = None
        self._jobs = 0
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def pid(self) -> int | None:
        """The process, None while there is none."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start the process and wait until it is ready (half a second). `run` does so itself where it must.

        Raises WorkerLost if it does not come up.
        """
        async with self._turn:
            await self._ensure()

    async def stop(self) -> None:
        """Stop the process, after the job it is at. The worker may be used again."""
        async with self._turn:
            await self._end()

    async def run(self, function: Callable[..., T], *args: object, time_limit: float | None = None) -> T:
        """Call a function in the process and return what it returns.

        The function must be importable by name, its arguments and result must pickle; the limit is seconds.
        Raises WorkerLost, WorkerTimeout, JobFailedError, or what the function raised.
        """
        job = pickle.dumps((function, args), protocol=pickle.HIGHEST_PROTOCOL)
        limit = self._time_limit if time_limit is None else time_limit
        async with self._turn:
            process = await self._ensure()
            self._jobs += 1
            done = False
            try:
                async with asyncio.timeout(limit):
                    answer = await _exchange(process, job)
                done = True
            except TimeoutError:
                raise WorkerTimeout(f"a job took longer than {limit:g} s") from None
            except (OSError, asyncio.IncompleteReadError) as error:
                raise WorkerLost("the worker process died over a job") from error
            finally:
                # Also when the caller is cancelled: the answer would be taken for that of the next job.
                if not done or self._jobs >= self._jobs_a_process:
                    await self._end(kill=not done)
        succeeded, result = _unpickled(answer)
        if not succeeded:
            raise result
        return cast("T", result)

    async def record(self, document: RecordDocument) -> RecordPdf:
        """Make the PDF of a record. Raises what `run` raises, and what `record_pdf.make_record` does."""
        return await self.run(_make_record, document)

    async def _ensure(self) -> asyncio.subprocess.Process:
        if self._process and self._process.returncode is None:
            return self._process
        await self._end()
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "ANJU_FONTS": str(fonts.folder())}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-c", "from bot.jobs.worker import main; main()"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=environment,
            start_new_session=True,  # Ctrl-C is for the bot, which then stops the worker in order
        )
        self._process, self._jobs = process, 0
        ready = False
        try:
            async with asyncio.timeout(TIME_LIMIT):
                await _exchange(process, None)
            ready = True
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            raise WorkerLost("the worker process does not start; its output says why") from error
        finally:
            if not ready:  # also when the caller is cancelled: its greeting would be taken for an answer
                await self._end(kill=True)
        return process

    async def _end(self, *, kill: bool = False) -> None:
        process, self._process = self._process, None
        if not process:
            return
        if process.stdin:
            process.stdin.close()  # ends it, when it has nothing to do
        try:
            if not kill:
                async with asyncio.timeout(STOP_LIMIT):
                    await process.wait()
        except TimeoutError:
            pass
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
            await process.communicate()  # to the end of its output: only then are the pipes closed


async def _exchange(process: asyncio.subprocess.Process, job: bytes | None) -> bytes:
    """Send a job (none: only wait for the child to be ready), return the answer."""
    if not process.stdin or not process.stdout:
        raise ConnectionError("the worker process has no pipes")
    if job is not None:
        process.stdin.write(_LENGTH.pack(len(job)) + job)
        await process.stdin.drain()
    (length,) = _LENGTH.unpack(await process.stdout.readexactly(_LENGTH.size))
    if length > _LARGEST:
        raise ConnectionError("the worker process answers nonsense")
    return await process.stdout.readexactly(length)


def _unpickled(data: bytes) -> Any:
    return pickle.loads(data)  # noqa: S301 - from our own process


def _make_record(document: RecordDocument) -> RecordPdf:
    # Imported here, in the child: the bot itself does without fpdf2 (0.3 s, 20 MB).
    module = importlib.import_module("bot.jobs.record_pdf")
    return cast("RecordPdf", module.make_record(document))


def _serve(inbox: BinaryIO, outbox: BinaryIO) -> None:
    """Do jobs until the input ends."""
    for module in WARM_UP:
        importlib.import_module(module)
    _answer(outbox, _READY)
    while len(head := inbox.read(_LENGTH.size)) == _LENGTH.size:
        (length,) = _LENGTH.unpack(head)
        _answer(outbox, _do(inbox.read(length)))


def _do(job: bytes) -> bytes:
    """Do one job; whatever it raises goes back to the one who gave it."""
    try:
        function, args = _unpickled(job)
        return pickle.dumps((True, function(*args)), protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # noqa: BLE001 - the other side raises it
        return _failure(error)


def _failure(error: Exception) -> bytes:
    try:
        data = pickle.dumps((False, error), protocol=pickle.HIGHEST_PROTOCOL)
        _unpickled(data)  # an exception with its own arguments may pickle and yet not come back
    except Exception:  # noqa: BLE001
        return pickle.dumps((False, JobFailedError(type(error).__qualname__)))
    return data


def _answer(outbox: BinaryIO, data: bytes) -> None:
    outbox.write(_LENGTH.pack(len(data)) + data)
    outbox.flush()


def main() -> None:
    """Be the child: jobs from standard input, answers to standard output."""
    # What a library prints must not fall among the answers: from here on, output is error output.
    with os.fdopen(os.dup(1), "wb") as outbox:
        os.dup2(2, 1)
        _serve(sys.stdin.buffer, outbox)


if __name__ == "__main__":
    main()
