"""Virtual time only moves forward, whatever the wall clock does and at any rate."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.clock import LAST_INSTANT, SECOND, Clock

walls = st.integers(-(2**63), 2**63)
rates = st.sampled_from([0, 0.0, 1, 1.0, 2, 0.1, 1e9]) | st.floats(0, 1e9)
clocks = st.builds(Clock, st.integers(0, LAST_INSTANT), walls, rates)
durations = st.integers(0, 2 * LAST_INSTANT)
# What somebody may do to a clock: move it, or change its rate.
changes = st.tuples(st.just("advance"), durations) | st.tuples(st.just("rate"), rates)


def changed(clock: Clock, wall: int, change: tuple[str, float]) -> Clock:
    kind, amount = change
    return clock.advanced(wall, int(amount)) if kind == "advance" else clock.at_rate(wall, amount)


@given(clocks, st.lists(walls, min_size=2, max_size=6))
def test_it_never_goes_back_while_the_wall_clock_goes_on(clock: Clock, readings: list[int]) -> None:
    instants = [clock.now(wall) for wall in sorted(readings)]
    assert instants == sorted(instants)
    assert all(type(instant) is int and instant <= LAST_INSTANT for instant in instants)


@given(clocks, st.lists(st.tuples(walls, changes), max_size=6))
def test_no_change_sets_it_back_whatever_the_wall_clock_says(
    clock: Clock, story: list[tuple[int, tuple[str, float]]]
) -> None:
    told = [clock]
    for wall, change in story:
        told.append(changed(told[-1], wall, change))
    for before, after in pairwise(told):
        assert after.virtual >= before.now(after.wall) >= before.virtual
    for wall, _ in story:
        assert all(clock.now(wall) >= clock.virtual for clock in told)


@given(clocks, walls, walls)
def test_a_wall_clock_set_back_stops_it_at_most(clock: Clock, wall: int, other: int) -> None:
    assert clock.now(min(clock.wall, wall)) == clock.virtual
    assert clock.now(other) >= clock.virtual


@given(clocks, walls, rates)
def test_a_change_of_rate_does_not_jump(clock: Clock, wall: int, rate: float) -> None:
    assert clock.at_rate(wall, rate).now(wall) == clock.now(wall)


@given(clocks, walls, durations, durations)
def test_two_advances_are_one(clock: Clock, wall: int, one: int, other: int) -> None:
    assert clock.advanced(wall, one).advanced(wall, other) == clock.advanced(wall, one + other)


@given(clocks, walls, durations)
def test_an_advance_moves_it_by_exactly_that(clock: Clock, wall: int, duration: int) -> None:
    moved = clock.advanced(wall, duration)
    assert moved.now(wall) == min(clock.now(wall) + duration, LAST_INSTANT)
    assert moved.rate == clock.rate


@given(clocks, st.lists(walls))
def test_frozen_is_frozen(clock: Clock, readings: list[int]) -> None:
    frozen = replace(clock, rate=0)
    assert {frozen.now(wall) for wall in readings} <= {clock.virtual}


@pytest.mark.parametrize(("rate", "passed", "expected"), [(1, 7, 7), (60, SECOND, 60 * SECOND), (0.5, 9, 4)])
def test_it_runs_at_its_rate(rate: float, passed: int, expected: int) -> None:
    assert Clock(100, 5, rate).now(5 + passed) == 100 + expected


def test_real_time_is_exact_to_the_nanosecond() -> None:
    # Past 2**53 nanoseconds (104 days) a float would round.
    assert Clock(0, 0, 1.0).now(2**60 + 1) == 2**60 + 1


@pytest.mark.parametrize("rate", [-1, float("nan"), float("inf"), 2e9])
def test_a_rate_that_is_none(rate: float) -> None:
    with pytest.raises(ValueError, match="a rate is between 0"):
        Clock(0, 0, 1).at_rate(5, rate)


def test_an_advance_backwards() -> None:
    with pytest.raises(ValueError, match="only moves forward"):
        Clock(0, 0, 1).advanced(5, -1)
