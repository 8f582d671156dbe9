"""How fast records are made: `python -m benchmarks.record [COUNT]`.

Through the worker process, as the bot does it; CPU time is the worker's.
"""

import asyncio
import sys
import time
from dataclasses import replace

import psutil

from bot.jobs.record_form import RecordDocument
from bot.jobs.worker import Worker
from tests.bot.record_samples import RECORD


async def measure(worker: Worker, name: str, document: RecordDocument, count: int) -> None:
    """Make a record `count` times and print milliseconds and sizes."""
    record = await worker.record(document)
    process = psutil.Process(worker.pid)
    cpu, wall = sum(process.cpu_times()[:2]), time.perf_counter()
    for _ in range(count):
        await worker.record(document)
    cpu, wall = sum(process.cpu_times()[:2]) - cpu, time.perf_counter() - wall
    memory = process.memory_info().rss / 1024 / 1024
    print(
        f"{name:<28} {cpu / count * 1000:7.0f} ms CPU {wall / count * 1000:7.0f} ms wall"
        f" {len(record.data) / 1000:6.0f} kB {record.pages} pages, worker {memory:4.0f} MB"
    )


async def main(count: int) -> None:
    """Measure an ordinary record, a long one, and one whose name is in none of the usual fonts."""
    started = time.perf_counter()
    async with Worker() as worker:
        print(f"worker ready after {time.perf_counter() - started:.2f} s")
        await measure(worker, "ordinary", RECORD, count)
        await measure(worker, "long", replace(RECORD, sections=RECORD.sections * 8), count)
        await measure(worker, "rare name (wider font)", replace(RECORD, headline="王𨭎配租登记记录"), count)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
