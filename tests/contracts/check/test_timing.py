"""Searches go by the time of the requests: a machine that is busy looks as far as an idle one."""

from __future__ import annotations

import contextlib
import time

import hypothesis
from hypothesis import strategies as st
from hypothesis.internal.conjecture import engine

from contracts.check.timing import by_requests_alone


def looks(seconds: float) -> int:
    """How often a search looks for further failures of something that always fails, when each look takes so long."""
    now, looked = [0.0], []

    @hypothesis.seed(1)
    @hypothesis.settings(database=None, deadline=None, max_examples=50, print_blob=False)
    @hypothesis.given(st.integers())
    def fails(value: int) -> None:
        now[0] += seconds
        looked.append(value)
        raise ValueError

    with by_requests_alone(lambda: now[0]), contextlib.suppress(ValueError):
        fails()
    return len(looked)


def test_hypothesis_stops_looking_after_ten_seconds_of_requests() -> None:
    assert looks(6.0) < looks(0.0)


def test_a_failure_is_made_smaller_for_a_few_requests_of_a_slow_target() -> None:
    """A list of numbers that add up to much takes hundreds of looks to be as small as it can be."""

    def looked(seconds: float) -> int:
        now, count = [0.0], [0]

        @hypothesis.seed(1)
        @hypothesis.settings(database=None, deadline=None, print_blob=False, report_multiple_bugs=False)
        @hypothesis.given(st.lists(st.integers(0, 10**6), min_size=5, max_size=9))
        def small(values: list[int]) -> None:
            now[0] += seconds
            count[0] += 1
            assert sum(values) < 10**6

        with by_requests_alone(lambda: now[0]), contextlib.suppress(AssertionError):
            small()
        return count[0]

    assert looked(1.0) < 50 < looked(0.0)
    assert engine.MAX_SHRINKING_SECONDS == 300


def test_time_is_real_again_afterwards() -> None:
    looks(0.0)
    assert engine.time is time  # type: ignore[attr-defined]  # a module's attribute that only its code knows
