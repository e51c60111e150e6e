"""Targets that are slow, busy or unsteady: the run ends within its budget, and says the truth."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import pytest
from starlette.responses import JSONResponse

from contracts.check.run import Plan
from contracts.check.transport import Wire
from contracts.check.verdict import Status
from contracts.stub import App, Receive, Scope, Send
from tests.contracts.independent.simulated import Dropping, Time, judge
from tests.contracts.independent.test_thanx_server import ForgetsKeys, found
from tests.contracts.independent.thanx_server import Job, ThanxServer

ONLY = ("same-key-and-body-get-the-first-answer", "pages-are-the-list", "lifecycle.rest", "lifecycle.walk")
PLAN = Plan(seed=4, max_examples=6, deterministic=True, seconds=600, only=ONLY)
WAIT = 7


class Busy:
    """Answers 429 with `Retry-After` to every fifth request, and to whoever returns before it is over."""

    def __init__(self, app: App, clock: Time) -> None:
        self.app, self.clock, self.free_at, self.refused, self.early = app, clock, 0.0, 0, 0
        self.numbers = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.early += self.clock() < self.free_at
        if self.clock() < self.free_at or next(self.numbers) % 5 == 0:
            self.refused += 1
            self.free_at = self.clock() + WAIT
            error = {"error": {"code": "GENERIC_ERROR", "message": "Too many requests."}}
            await JSONResponse(error, 429, {"Retry-After": str(WAIT)})(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def test_a_busy_target_is_given_the_time_it_asks_for() -> None:
    clock = Time()
    busy = Busy(ThanxServer(clock=clock), clock)
    verdict = judge(busy, PLAN, clock)
    assert found(verdict) == []
    assert verdict.incomplete == ""
    assert busy.refused > 0
    assert busy.early == 0


def test_a_busy_target_that_is_broken_is_found_out() -> None:
    clock = Time()
    verdict = judge(Busy(ForgetsKeys(clock=clock), clock), PLAN, clock)
    assert {name for name, _, _ in found(verdict)} == {"same-key-and-body-get-the-first-answer"}


def test_a_target_that_is_always_busy_is_not_judged_kept_and_the_run_ends() -> None:
    clock = Time()
    started = clock()

    async def always(scope: Scope, receive: Receive, send: Send) -> None:
        error = {"error": {"code": "GENERIC_ERROR", "message": "Too many requests."}}
        await JSONResponse(error, 429, {"Retry-After": "3600"})(scope, receive, send)

    verdict = judge(always, replace(PLAN, seconds=60), clock)
    assert verdict.incomplete != ""
    assert found(verdict) == []
    assert [result.name for result in verdict.results if result.kind == "law" and result.status is Status.KEPT] == []
    assert clock() - started <= 60


@pytest.mark.parametrize("every", [3, 7])
def test_dropped_connections_are_tried_again(every: int) -> None:
    clock = Time()
    drops: list[Dropping] = []

    def around(wire: Wire) -> Dropping:
        drops.append(Dropping(wire, lambda number: number % every == 0))
        return drops[0]

    verdict = judge(ThanxServer(clock=clock), PLAN, clock, around)
    assert found(verdict) == []
    assert verdict.incomplete == ""
    assert drops[0].dropped > 0


@pytest.mark.parametrize("broken", [False, True])
def test_jobs_of_thirty_seconds_are_judged_within_the_budget(*, broken: bool) -> None:
    """At half the speed a job of 15 seconds takes 30 of the target's real ones."""
    clock = Time()
    started = clock()
    verdict = judge((ForgetsKeys if broken else ThanxServer)(clock=clock, speed=0.5), PLAN, clock)
    wanted = {"same-key-and-body-get-the-first-answer"} if broken else set()
    assert {name for name, _, _ in found(verdict)} == wanted
    assert verdict.incomplete == ""
    rest = next(result for result in verdict.results if result.name.startswith("lifecycle.rest."))
    assert rest.status is Status.KEPT
    assert 30 <= clock() - started <= 620


def test_a_budget_shorter_than_a_job_leaves_it_unfinished() -> None:
    clock = Time()
    started = clock()
    verdict = judge(ThanxServer(clock=clock, speed=0.5), replace(PLAN, seconds=20, only=("lifecycle.rest",)), clock)
    assert found(verdict) == []
    (rest,) = [result for result in verdict.results if result.name.startswith("lifecycle.rest.")]
    assert rest.status is Status.UNFINISHED
    # Others took longer than what was left when this one was submitted.
    assert re.fullmatch(
        r"the job is \w+, and no time is left to wait: whether it comes to rest is not judged", rest.why
    )
    assert clock() - started <= 45


class Hangs(ThanxServer):
    """The first job is finished, no other is."""

    def state(self, job: Job) -> str:
        state = super().state(job)
        return "processing" if state == "completed" and job.id != "job1" else state


@pytest.mark.parametrize(("seconds", "hangs"), [(600, True), (100, False)])
def test_a_job_that_takes_many_times_what_another_took_never_comes_to_rest(seconds: int, *, hangs: bool) -> None:
    """The budget ends the wait: it is a finding where the judge has waited long enough to know."""
    clock = Time()
    verdict = judge(
        Hangs(clock=clock),
        replace(PLAN, seconds=seconds, only=("lifecycle.rest", "a-revoked-job-keeps-its-counts")),
        clock,
    )
    words = [message for _, _, message in found(verdict) if "it never comes to rest" in message]
    assert bool(words) is hangs
