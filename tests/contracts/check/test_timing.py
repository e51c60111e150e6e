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


def test_time_is_real_again_afterwards() -> None:
    looks(0.0)
    assert engine.time is time  # type: ignore[attr-defined]  # a module's attribute that only its code knows
