import asyncio
import datetime as dt
import heapq
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.error import BadRequest, RetryAfter
from telegram.ext import ExtBot

from bot.telegram.pacing import BULK_BURST, SLOWEST_RATE, Lane, Limiter, Pacing, seconds_of


class Time:
    """Time that passes only when told, waking whoever sleeps in the right order."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = count()

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._order), future))
        await future

    async def settle(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)

    async def pass_by(self, seconds: float) -> None:
        end = self.now + seconds
        await self.settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            self.now, _, future = heapq.heappop(self._sleepers)
            if not future.done():
                future.set_result(None)
            await self.settle()
        self.now = end


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def pacing(time: Time) -> Pacing:
    return Pacing(monotonic=time.monotonic, sleep=time.sleep)


def begin(
    pacing: Pacing, time: Time, calls: list[tuple[int, Lane]]
) -> tuple[list[tuple[int, float]], "asyncio.Future[list[None]]"]:
    """Ask for all calls at once, in this order. Returns what was let through and when (it fills up), and the whole."""
    passed: list[tuple[int, float]] = []
    start = time.now

    async def one(chat: int, lane: Lane) -> None:
        await pacing.acquire(chat, lane)
        passed.append((chat, round(time.now - start, 6)))

    return passed, asyncio.gather(*(one(chat, lane) for chat, lane in calls))


async def test_replies_are_not_throttled(pacing: Pacing, time: Time) -> None:
    passed, everything = begin(pacing, time, [(chat, Lane.REPLY) for chat in range(500)])
    await everything
    assert len(passed) == 500
    assert time.now == 1000.0


async def test_bulk_goes_at_its_rate_in_its_order(pacing: Pacing, time: Time) -> None:
    passed, everything = begin(pacing, time, [(chat, Lane.BULK) for chat in range(100)])
    await time.pass_by(0)
    assert len(passed) == BULK_BURST
    await time.pass_by(1)
    assert len(passed) == 30
    await time.pass_by(10)
    await everything
    assert [chat for chat, _ in passed] == list(range(100))
    assert passed[-1][1] == pytest.approx((100 - BULK_BURST) / 25)


async def test_a_pause_does_not_save_up_more_than_a_burst(pacing: Pacing, time: Time) -> None:
    await time.pass_by(3600)
    passed, everything = begin(pacing, time, [(chat, Lane.BULK) for chat in range(31)])
    await time.pass_by(0.999)
    assert len(passed) <= 30
    await time.pass_by(1)
    await everything


async def test_a_reply_is_not_behind_bulk(pacing: Pacing, time: Time) -> None:
    passed, everything = begin(pacing, time, [*((chat, Lane.BULK) for chat in range(600)), (7, Lane.REPLY)])
    await time.pass_by(0)
    assert (7, 0.0) in passed[BULK_BURST - 1 :]
    assert len(passed) == BULK_BURST + 1
    await time.pass_by(60)
    await everything


async def test_a_refused_chat_keeps_still_to_the_second_and_others_pass(pacing: Pacing, time: Time) -> None:
    pacing.refused(1, Lane.REPLY, 7)
    assert pacing.halt(1, Lane.REPLY) == pytest.approx(7)
    assert pacing.halt(2, Lane.BULK) == 0
    passed, everything = begin(pacing, time, [(1, Lane.REPLY), (2, Lane.REPLY), (3, Lane.BULK), (1, Lane.BULK)])
    await time.pass_by(6.999)
    assert passed == [(2, 0.0), (3, 0.0)]
    await time.pass_by(0.001)
    await everything
    assert passed[2:] == [(1, 7.0), (1, 7.0)]


async def test_a_halt_is_lengthened_but_never_shortened(pacing: Pacing, time: Time) -> None:
    pacing.refused(1, Lane.REPLY, 10)
    passed, everything = begin(pacing, time, [(1, Lane.REPLY)])
    pacing.refused(1, Lane.REPLY, 2)
    pacing.succeeded(1, Lane.REPLY)
    pacing.succeeded(2, Lane.BULK)
    await time.pass_by(9.9)
    pacing.refused(1, Lane.REPLY, 5)
    await time.pass_by(4.9)
    assert passed == []
    await time.pass_by(0.2)
    await everything
    assert passed == [(1, 14.9)]


async def test_a_refusal_of_bulk_halts_all_bulk_and_no_reply(pacing: Pacing, time: Time) -> None:
    pacing.refused(1, Lane.BULK, 30)
    passed, everything = begin(pacing, time, [(2, Lane.BULK), (3, Lane.REPLY), (1, Lane.REPLY)])
    await time.pass_by(29.9)
    assert passed == [(3, 0.0)]
    await time.pass_by(0.2)
    await everything
    assert sorted(passed) == [(1, 30.0), (2, 30.0), (3, 0.0)]


async def test_bulk_that_waits_already_is_halted_too(pacing: Pacing, time: Time) -> None:
    passed, everything = begin(pacing, time, [(chat, Lane.BULK) for chat in range(10)])
    await time.pass_by(0.01)
    pacing.refused(99, Lane.BULK, 20)
    await time.pass_by(19.9)
    assert len(passed) == BULK_BURST
    await time.pass_by(1)
    await everything
    assert all(at >= 20 for _, at in passed[BULK_BURST:])


async def test_bulk_for_a_refused_chat_does_not_hold_up_the_queue(pacing: Pacing, time: Time) -> None:
    passed, everything = begin(pacing, time, [(chat, Lane.BULK) for chat in range(8)])
    await time.pass_by(0.01)
    pacing.refused(5, Lane.REPLY, 10)
    await time.pass_by(1)
    assert [chat for chat, _ in passed] == [0, 1, 2, 3, 4, 6, 7]
    await time.pass_by(10)
    await everything


async def test_three_chats_refused_within_a_second_halt_bulk(pacing: Pacing, time: Time) -> None:
    pacing.refused(1, Lane.REPLY, 5)
    pacing.refused(2, Lane.REPLY, 5)
    pacing.refused(2, Lane.REPLY, 5)
    assert pacing.halt(9, Lane.BULK) == 0
    pacing.refused(3, Lane.REPLY, 8)
    assert pacing.halt(9, Lane.BULK) == pytest.approx(8)
    assert pacing.halt(9, Lane.REPLY) == 0


async def test_three_chats_refused_over_a_longer_time_do_not(pacing: Pacing, time: Time) -> None:
    for chat in (1, 2, 3):
        pacing.refused(chat, Lane.REPLY, 5)
        await time.pass_by(0.6)
    assert pacing.halt(9, Lane.BULK) == 0
    assert pacing.bulk_rate == 25


async def test_the_bulk_rate_falls_once_a_refusal_and_recovers_slowly(pacing: Pacing, time: Time) -> None:
    for chat in range(20):
        pacing.refused(chat, Lane.BULK, 3)
    assert pacing.bulk_rate == pytest.approx(17.5)
    for _ in range(100):
        pacing.succeeded(1, Lane.BULK)
        pacing.succeeded(1, Lane.REPLY)
    assert pacing.bulk_rate == pytest.approx(18)
    for _ in range(10_000):
        pacing.succeeded(1, Lane.BULK)
    assert pacing.bulk_rate == 25


async def test_the_bulk_rate_never_stands_still(pacing: Pacing, time: Time) -> None:
    for _ in range(100):
        pacing.refused(1, Lane.BULK, 2)
        await time.pass_by(3)
    assert pacing.bulk_rate == SLOWEST_RATE


async def test_halts_that_are_over_are_forgotten(pacing: Pacing, time: Time) -> None:
    for chat in range(5000):
        pacing.refused(chat, Lane.REPLY, 1)
        await time.pass_by(0.5)
    assert len(pacing._halts) < 1010


async def test_a_cancelled_wait_leaves_the_queue_in_order(pacing: Pacing, time: Time) -> None:
    passed, everything = begin(pacing, time, [(chat, Lane.BULK) for chat in range(5)])
    await everything
    waiting = asyncio.ensure_future(pacing.acquire(6, Lane.BULK))
    await time.settle()
    waiting.cancel()
    await asyncio.wait({waiting})
    passed, everything = begin(pacing, time, [(7, Lane.BULK)])
    await time.pass_by(0.04)
    await everything
    assert passed == [(7, 0.04)]


async def test_a_call_is_made_once_and_its_refusal_remembered(pacing: Pacing) -> None:
    calls: list[int] = []

    async def refuse() -> bool:
        calls.append(1)
        raise RetryAfter(9)

    with pytest.raises(RetryAfter):
        await pacing.paced(1, Lane.REPLY, refuse)
    with pytest.raises(RetryAfter) as caught:
        await pacing.paced(1, Lane.REPLY, refuse)
    assert calls == [1]
    assert seconds_of(caught.value) == pytest.approx(9)


async def test_other_errors_are_no_refusal(pacing: Pacing) -> None:
    async def fail() -> bool:
        raise BadRequest("chat not found")

    with pytest.raises(BadRequest):
        await pacing.paced(1, Lane.BULK, fail)
    assert pacing.halt(1, Lane.BULK) == 0


async def test_a_short_halt_is_waited_out(pacing: Pacing, time: Time) -> None:
    pacing.refused(1, Lane.REPLY, 2)

    async def answer() -> str:
        return "done"

    waiting = asyncio.ensure_future(pacing.paced(1, Lane.REPLY, answer))
    await time.pass_by(1.9)
    assert not waiting.done()
    await time.pass_by(0.1)
    assert await waiting == "done"


async def test_a_call_that_waits_is_handed_back_when_the_halt_grows(pacing: Pacing, time: Time) -> None:
    pacing.refused(1, Lane.REPLY, 2)
    waiting = asyncio.ensure_future(pacing.paced(1, Lane.REPLY, lambda: asyncio.sleep(0)))
    await time.settle()
    pacing.refused(1, Lane.REPLY, 60)
    await time.pass_by(2)
    with pytest.raises(RetryAfter) as caught:
        await waiting
    assert seconds_of(caught.value) == pytest.approx(58)


async def test_the_typed_client_uses_the_same_lanes(pacing: Pacing) -> None:
    limiter = Limiter(pacing)
    bot: ExtBot[Lane] = ExtBot("1:" + "a" * 30, rate_limiter=limiter)
    assert bot.rate_limiter is limiter
    await limiter.initialize()

    async def refuse(endpoint: str) -> bool:
        raise RetryAfter(dt.timedelta(seconds=4))

    with pytest.raises(RetryAfter):
        await limiter.process_request(refuse, ("x",), {}, "sendMessage", {"chat_id": 5}, Lane.BULK)
    assert pacing.halt(6, Lane.BULK) == pytest.approx(4)
    with pytest.raises(RetryAfter):
        await limiter.process_request(refuse, (), {"endpoint": "x"}, "answerCallbackQuery", {}, None)
    assert pacing.halt("answerCallbackQuery", Lane.REPLY) == pytest.approx(4)
    assert pacing.halt("getFile", Lane.REPLY) == 0
    await limiter.shutdown()


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("refused"), st.integers(0, 3), st.sampled_from(Lane), st.integers(1, 30)),
            st.tuples(st.just("succeeded"), st.integers(0, 3), st.sampled_from(Lane), st.just(0)),
            st.tuples(st.just("time"), st.just(0), st.just(Lane.REPLY), st.integers(0, 20)),
        ),
        max_size=40,
    )
)
def test_no_sequence_of_events_releases_a_halt_early(events: list[tuple[str, int, Lane, int]]) -> None:
    time = Time()
    pacing = Pacing(monotonic=time.monotonic, sleep=time.sleep)
    until: dict[int, float] = {}
    bulk = 0.0
    for what, chat, lane, seconds in events:
        if what == "refused":
            pacing.refused(chat, lane, seconds)
            until[chat] = max(until.get(chat, 0), time.now + seconds)
            if lane is Lane.BULK:
                bulk = max(bulk, time.now + seconds)
        elif what == "succeeded":
            pacing.succeeded(chat, lane)
        else:
            time.now += seconds
        for key, end in until.items():
            assert pacing.halt(key, Lane.REPLY) == pytest.approx(max(0, end - time.now))
        assert pacing.halt(9, Lane.BULK) >= bulk - time.now
        assert SLOWEST_RATE <= pacing.bulk_rate <= 25
