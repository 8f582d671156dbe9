"""The worker process: jobs are done elsewhere, and nothing that happens there harms the bot."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from bot.jobs.record_pdf import make_record
from bot.jobs.worker import JobFailedError, Worker, WorkerLost, WorkerTimeout
from tests.bot.record_samples import RECORD


class StubbornError(Exception):
    """An exception that pickles, but cannot be made again."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(one + two)


def add(one: int, two: int) -> int:
    return one + two


def pid() -> int:
    return os.getpid()


def die() -> None:
    os._exit(1)


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def refuse(kind: str) -> None:
    raise {"value": ValueError("没有"), "stubborn": StubbornError("a", "b")}[kind]


def chatter() -> str:
    sys.stdout.write("words of a library\n")
    os.write(1, b"words of a C library\n")
    return "done"


def unpicklable() -> Any:
    return threading.Lock()


def loaded() -> list[str]:
    return sorted({name.partition(".")[0] for name in sys.modules})


def large(size: int) -> bytes:
    return b"x" * size


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    async with Worker() as started:
        yield started


def ran(code: str) -> subprocess.CompletedProcess[bytes]:
    """A program of its own, run to its end."""
    return subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True)


async def gone(process: int) -> bool:
    for _ in range(100):
        if not psutil.pid_exists(process):
            return True
        await asyncio.sleep(0.02)
    return False


async def test_record_made_by_the_worker_is_the_one_made_here(worker: Worker) -> None:
    assert await worker.record(RECORD) == make_record(RECORD)


async def test_worker_does_jobs_in_one_other_process(worker: Worker) -> None:
    results = await asyncio.gather(*(worker.run(add, number, 1) for number in range(20)))
    assert results == list(range(1, 21))
    assert await worker.run(pid) == worker.pid != os.getpid()


async def test_worker_carries_much(worker: Worker) -> None:
    assert len(await worker.run(large, 20_000_000)) == 20_000_000


async def test_dead_worker_is_replaced(worker: Worker) -> None:
    before = worker.pid
    with pytest.raises(WorkerLost):
        await worker.run(die)
    assert await worker.run(add, 1, 2) == 3
    assert worker.pid != before


async def test_worker_killed_between_jobs_is_replaced(worker: Worker) -> None:
    assert worker.pid
    victim = psutil.Process(worker.pid)
    victim.kill()
    for _ in range(3):  # the first job may meet the corpse
        try:
            assert await worker.run(add, 1, 2) == 3
            break
        except WorkerLost:
            continue
    assert worker.pid != victim.pid


async def test_job_over_its_time_is_killed_and_the_next_one_done(worker: Worker) -> None:
    before = worker.pid
    assert before
    started = time.monotonic()
    with pytest.raises(WorkerTimeout, match=r"longer than 0\.3 s"):
        await worker.run(sleep, 60, time_limit=0.3)
    assert time.monotonic() - started < 5
    assert await gone(before)
    assert await worker.run(add, 1, 2) == 3


async def test_waiting_for_a_turn_does_not_count_as_time(worker: Worker) -> None:
    jobs = [worker.run(sleep, 0.3, time_limit=1.0) for _ in range(5)]
    assert await asyncio.gather(*jobs) == [None] * 5


async def test_given_up_job_does_not_answer_for_the_next(worker: Worker) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(worker.run(sleep, 60), 0.2)
    assert await worker.run(add, 1, 2) == 3


@pytest.mark.parametrize("patience", [0.0, 0.05, 0.2])
async def test_job_given_up_while_the_worker_starts_leaves_it_in_order(patience: float) -> None:
    worker = Worker()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(worker.run(sleep, 60), patience)
    assert await worker.run(add, 1, 2) == 3
    await worker.stop()


async def test_exception_of_a_job_comes_back(worker: Worker) -> None:
    before = worker.pid
    with pytest.raises(ValueError, match="没有"):
        await worker.run(refuse, "value")
    with pytest.raises(JobFailedError, match="StubbornError"):
        await worker.run(refuse, "stubborn")
    with pytest.raises((TypeError, JobFailedError)):
        await worker.run(unpicklable)
    assert worker.pid == before


async def test_what_a_job_prints_does_not_disturb(worker: Worker, capfd: pytest.CaptureFixture[str]) -> None:
    assert await worker.run(chatter) == "done"
    assert await worker.run(add, 1, 2) == 3


async def test_worker_is_replaced_after_many_jobs() -> None:
    async with Worker(jobs_a_process=3) as worker:
        processes = [await worker.run(pid) for _ in range(7)]
        assert [processes.index(process) for process in processes] == [0, 0, 0, 3, 3, 3, 6]
        assert await gone(processes[0])


async def test_stopped_worker_leaves_no_process_and_can_start_again() -> None:
    worker = Worker()
    await worker.start()
    process = worker.pid
    assert process
    await worker.stop()
    await worker.stop()
    assert await gone(process)
    assert worker.pid is None
    assert await worker.run(add, 1, 2) == 3
    await worker.stop()


async def test_worker_that_cannot_start_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    worker = Worker()
    with pytest.raises(WorkerLost, match="does not start"):
        await worker.start()
    assert worker.pid is None


async def test_worker_loads_no_telegram_and_bot_no_fpdf(worker: Worker) -> None:
    await worker.record(RECORD)
    assert {"telegram", "aiohttp"}.isdisjoint(await worker.run(loaded))
    code = "import sys, bot.jobs.worker; sys.exit('fpdf' in sys.modules or 'fontTools' in sys.modules)"
    assert ran(code).returncode == 0


async def test_worker_ends_when_the_bot_is_killed() -> None:
    code = (
        "import asyncio, os, signal\n"
        "from bot.jobs.worker import Worker\n"
        "async def main():\n"
        "    worker = Worker()\n"
        "    await worker.start()\n"
        "    print(worker.pid, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    assert await gone(int(ran(code).stdout))


async def test_fifty_records_in_the_worker_leave_no_memory_behind(worker: Worker) -> None:
    for _ in range(5):
        await worker.record(RECORD)
    process = psutil.Process(worker.pid)
    before = process.memory_info().rss
    for _ in range(50):
        await worker.record(RECORD)
    assert process.memory_info().rss - before < 10 * 1024 * 1024
