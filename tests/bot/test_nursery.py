import asyncio
import logging

import pytest

from bot.nursery import Nursery


class Broken(Exception):  # noqa: N818
    """With words that must not reach the log."""


async def break_down() -> None:
    await asyncio.sleep(0)
    raise Broken("张三 110101199003074518")


async def test_a_task_that_ends_well_leaves_no_trace() -> None:
    async def three() -> int:
        return 3

    async with Nursery() as nursery:
        assert await nursery.start(three(), "three", essential=True) == 3
        assert not nursery.failed.is_set()


async def test_an_essential_task_that_raises_sets_failed(caplog: pytest.LogCaptureFixture) -> None:
    async with Nursery() as nursery:
        nursery.start(break_down(), "polling", essential=True)
        await asyncio.wait_for(nursery.failed.wait(), 1)
    assert nursery.failure is not None
    assert (nursery.failure.task, nursery.failure.kind) == ("polling", "Broken")
    assert nursery.failure.where.startswith("bot/test_nursery.py:")
    assert [record.levelno for record in caplog.records] == [logging.CRITICAL]


async def test_the_first_failure_is_the_one_that_is_told() -> None:
    async with Nursery() as nursery:
        first = nursery.start(break_down(), "first", essential=True)
        await asyncio.wait({first})
        second = nursery.start(break_down(), "second", essential=True)
        await asyncio.wait({second})
    assert nursery.failure is not None
    assert nursery.failure.task == "first"


async def test_an_unessential_task_that_raises_is_logged_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    async with Nursery() as nursery:
        task = nursery.start(break_down(), "photo")
        await asyncio.wait({task})
        await asyncio.sleep(0)
        assert not nursery.failed.is_set()
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert vars(record)["task"] == "photo"
    assert vars(record)["kind"] == "Broken"
    assert "test_nursery.py" in vars(record)["where"]
    assert "张三" not in str(vars(record))


async def test_an_essential_task_cancelled_by_a_stranger_is_a_failure() -> None:
    async with Nursery() as nursery:
        task = nursery.start(asyncio.sleep(60), "lanes", essential=True)
        task.cancel()
        await asyncio.wait_for(nursery.failed.wait(), 1)
    assert nursery.failure is not None
    assert nursery.failure.kind == "CancelledError"


async def test_ending_a_task_is_no_failure() -> None:
    async with Nursery() as nursery:
        task = nursery.start(asyncio.sleep(60), "polling", essential=True)
        await nursery.end(task)
        assert task.cancelled()
        await nursery.end(task)
        assert not nursery.failed.is_set()


async def test_stop_cancels_all_and_waits_for_their_last_words() -> None:
    said: list[str] = []

    async def linger(name: str) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.01)
            said.append(name)

    nursery = Nursery()
    for name in ("a", "b"):
        nursery.start(linger(name), name, essential=True)
    await asyncio.sleep(0)
    await nursery.stop()
    assert sorted(said) == ["a", "b"]
    assert not nursery.failed.is_set()


async def test_stop_does_not_wait_beyond_its_deadline(caplog: pytest.LogCaptureFixture) -> None:
    release = asyncio.Event()

    async def refuse_to_go() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await release.wait()

    nursery = Nursery(deadline=0.02)
    task = nursery.start(refuse_to_go(), "stubborn")
    await asyncio.sleep(0)
    await nursery.stop()
    assert not task.done()
    assert [vars(record)["task"] for record in caplog.records] == ["stubborn"]
    release.set()
    await task


async def test_nothing_is_started_once_it_is_stopping() -> None:
    nursery = Nursery()
    await nursery.stop()
    with pytest.raises(RuntimeError, match="late was not started"):
        nursery.start(asyncio.sleep(0), "late")


async def test_a_task_may_stop_the_nursery_it_is_in() -> None:
    nursery = Nursery()
    await nursery.start(nursery.stop(), "last")
    assert not nursery.failed.is_set()
