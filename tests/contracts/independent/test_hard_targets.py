"""Targets that are slow, busy or unsteady: the run ends within its budget, and says the truth."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
import requests
from starlette.responses import JSONResponse

from contracts.check.command import exit_code
from contracts.check.plan import Plan
from contracts.check.run import Run
from contracts.check.schemathesis import GONE, PHASES
from contracts.check.verdict import Status
from contracts.stub import App, Receive, Scope, Send, inside
from contracts.target.subject import load_subject
from contracts.target.transport import Wire
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
    assert re.match(r"the job is still \w+ after \d+ s: that takes a longer --budget", rest.why)
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


def cut(last: int) -> Callable[[Wire], Wire]:
    """Drop every connection after so many requests."""
    return lambda wire: Dropping(wire, lambda number: number > last)


LAWS = ("lifecycle.rest.IssuanceJob", "lifecycle.walk.IssuanceJob", "pages-are-the-list")
CASES = tuple(f"schemathesis {phase}" for phase in ("fuzzing", "stateful"))


@pytest.mark.parametrize(("last", "only", "unjudged"), [(8, LAWS, LAWS), (150, ("schemathesis",), CASES)])
def test_a_target_that_stops_answering_is_not_kept_and_nobody_waits_for_it(
    last: int, only: tuple[str, ...], unjudged: tuple[str, ...]
) -> None:
    clock = Time()
    verdict = judge(ThanxServer(clock=clock), replace(PLAN, seconds=10_000, only=only), clock, cut(last))
    assert verdict.findings == ()
    assert verdict.gone
    assert verdict.incomplete.startswith(GONE)
    assert set(unjudged) <= set(verdict.unjudged)
    assert verdict.requests < last + 50
    assert exit_code(verdict) == 3


def test_a_target_with_the_control_api_that_stops_answering_is_judged_as_far_as_it_went() -> None:
    target, wire = inside("thanx")
    run = Run(load_subject("thanx"), target, replace(PLAN, only=LAWS), wire=cut(60)(wire))
    run.transport.pause = lambda seconds: None
    verdict = run.execute()
    assert verdict.gone
    assert verdict.unjudged[-1] == "pages-are-the-list"
    assert verdict.requests < 120


def test_what_was_found_before_a_target_stopped_answering_is_told() -> None:
    clock = Time()
    plan = replace(PLAN, only=(ONLY[0], "schemathesis"))
    verdict = judge(ForgetsKeys(clock=clock), plan, clock, cut(100))
    assert {name for name, _, _ in found(verdict)} == {ONLY[0]}
    assert verdict.gone
    assert exit_code(verdict) == 1


def test_a_request_that_is_always_dropped_is_a_finding_though_the_time_ends() -> None:
    """Hypothesis looks on, and shrinks, for as long as there is time: what it met does not wait for that."""

    class Refusing:
        def __init__(self, wire: Wire) -> None:
            self.wire = wire

        def send(self, request: requests.PreparedRequest, timeout: float, /) -> requests.Response:
            if "/revoke" in str(request.url):
                raise requests.ConnectionError("Connection reset by peer", request=request)
            return self.wire.send(request, timeout)

    clock = Time()
    verdict = judge(ThanxServer(clock=clock), replace(PLAN, seconds=60, only=("schemathesis",)), clock, Refusing)
    assert found(verdict) == [
        ("not_a_server_error", "revokeIssuanceJob", "the target gives no answer, however often it is asked")
    ]
    assert "budget" in verdict.incomplete or "waiting" in verdict.incomplete


def test_a_budget_that_ends_names_every_law_and_phase_that_is_not_judged() -> None:
    clock = Time()
    plan = replace(PLAN, seconds=20, only=(*ONLY, "schemathesis"))
    verdict = judge(ThanxServer(clock=clock, speed=0.5), plan, clock)
    assert verdict.findings == ()
    laws = {result.name for result in verdict.results if result.kind != "check" and result.status is not Status.KEPT}
    assert "lifecycle.rest.IssuanceJob" in laws
    # One job was not waited for to the end of the run: that left time for the first phase.
    assert set(verdict.unjudged) == laws | {f"schemathesis {phase}" for phase in PHASES if phase != "examples"}
    assert verdict.incomplete
    assert exit_code(verdict) == 0
