"""Waiting for a job when the time is over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contracts.check.plan import Plan
from contracts.check.run import Run
from contracts.laws import laws_of
from contracts.laws.jobs import drivers
from contracts.stub import inside
from contracts.target.budget import Budget, BudgetSpentError
from contracts.target.subject import load_subject


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (0.1, "the job is pending: no time is left to wait, so that nobody knows whether it comes to rest"),
        (
            0.3,
            "the job is still pending after 0.2 s, and the time is over, so that nobody knows whether it comes to rest",
        ),
        (
            2.5,
            "the job is still pending after 2 s, and the time is over, so that nobody knows whether it comes to rest",
        ),
    ],
)
def test_what_is_said_when_the_time_is_over(left: float, said: str) -> None:
    target, wire = inside("thanx")
    run = Run(load_subject("thanx"), replace(target, control=False), Plan(), wire)
    now = [0.0]
    run.transport.budget = Budget(seconds=left, clock=lambda: now[0])

    def pause(seconds: float) -> None:
        now[0] += seconds

    run.transport.pause = pause
    (law,) = (law for law in run.all_laws() if law.name.startswith("lifecycle.rest."))
    (driver,) = drivers(run._context(law), laws_of("thanx").jobs)
    submitted, job = driver.submit(run.client.sample(run.subject.operation("issueRewards")))
    assert job is not None
    with pytest.raises(BudgetSpentError) as over:
        driver.until_rest(submitted, job)
    assert str(over.value) == said
