import time

import pytest

from bot.clock import Clock, ManualClock, SystemClock, monotonic, now


def test_now_is_in_milliseconds() -> None:
    assert abs(now() - time.time() * 1000) < 5000


def test_the_monotonic_clock_does_not_go_back() -> None:
    assert monotonic() <= monotonic()


def test_a_manual_clock_moves_only_when_told() -> None:
    clock = ManualClock(1_700_000_000_000)
    before = clock.monotonic()
    clock.advance(1500)
    assert clock.now() == 1_700_000_001_500
    assert clock.monotonic() - before == pytest.approx(1.5)


def test_a_manual_clock_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="does not go back"):
        ManualClock().advance(-1)


def test_both_are_clocks() -> None:
    clocks: list[Clock] = [SystemClock(), ManualClock()]
    for clock in clocks:
        assert clock.now() <= clock.now()
        assert clock.monotonic() <= clock.monotonic()
