"""A second server, made by somebody else: the judge keeps it as it is, and names what is broken once it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from starlette.requests import Request

from contracts.check.plan import Plan
from contracts.check.run import check
from contracts.check.verdict import Status, Verdict
from contracts.stub import serving_app
from contracts.target.subject import load_subject
from contracts.target.target import bare_target
from tests.contracts.independent.simulated import Time, judge
from tests.contracts.independent.thanx_server import UNKNOWN_USERS, Job, ThanxServer

STATES = ("pending", "processing", "completed", "failed", "revoking", "revoked")
QUICK = Plan(seed=4, max_examples=4, deterministic=True, seconds=3600)


def found(verdict: Verdict) -> list[tuple[str, str, str]]:
    return [(finding.check, finding.operation, finding.message) for finding in verdict.findings]


def test_it_keeps_the_contract() -> None:
    clock = Time()
    verdict = judge(ThanxServer(clock=clock), QUICK, clock)
    assert found(verdict) == []
    assert verdict.incomplete == ""
    assert [result.name for result in verdict.results if result.status is Status.UNFINISHED] == []
    assert verdict.coverage["states"].missed == ()


def test_it_keeps_the_contract_on_a_socket_in_real_time() -> None:
    plan = Plan(seed=4, max_examples=1, seconds=30, only=("lifecycle", "same-key-and-body-get-the-first-answer"))
    with serving_app(ThanxServer(speed=100)) as url:
        verdict = check(load_subject("thanx"), bare_target("thanx", url), plan)
    assert found(verdict) == []
    assert verdict.incomplete == ""
    assert {"pending", "completed", "revoking"} <= set(STATES) - set(verdict.coverage["states"].missed)


def test_the_run_takes_back_what_it_issued() -> None:
    clock = Time()
    server = ThanxServer(clock=clock, speed=20.0)
    plan = Plan(seed=4, max_examples=2, seconds=3600, only=("a-job-is-about-its-request", "many-jobs-stay-apart"))
    assert found(judge(server, plan, clock)) == []
    assert server.jobs
    assert {server.state(job) for job in server.jobs.values()} <= {"revoking", "revoked"}


def test_a_quick_job_is_not_revoked_too_early() -> None:
    """Jobs that are over before the command comes may be revoked, though they were pending a moment ago."""
    clock = Time(latency=0.2)
    plan = replace(QUICK, only=("lifecycle.early", "lifecycle.walk"))
    verdict = judge(ThanxServer(clock=clock, speed=100), plan, clock)
    assert found(verdict) == []
    assert [result.status for result in verdict.results if result.kind == "lifecycle" and "." in result.name]


def test_what_real_time_cannot_show_is_not_called_kept() -> None:
    clock = Time()
    verdict = judge(ThanxServer(clock=clock), replace(QUICK, only=("lifecycle.still",)), clock)
    (still,) = [result for result in verdict.results if result.name.startswith("lifecycle.still")]
    assert (still.status, still.why) == (
        Status.SKIPPED,
        "judged nothing: time passes between any two looks, unless the judge holds the clock",
    )


def test_failures_are_judged_on_jobs_that_have_some() -> None:
    """Also where there is time for one job only."""
    for seed in range(6):
        clock = Time()
        server = ThanxServer(clock=clock)
        plan = Plan(seed=seed, max_examples=1, seconds=3600, only=("exactly-the-unregistered-fail",))
        assert found(judge(server, plan, clock)) == []
        assert [set(UNKNOWN_USERS) & set(job.values) != set() for job in server.jobs.values()] == [True]


class ForgetsKeys(ThanxServer):
    def remembered(self, key: str) -> tuple[Any, Any] | None:
        return None


class NeverCompletes(ThanxServer):
    def state(self, job: Job) -> str:
        state = super().state(job)
        return "processing" if state == "completed" else state


class GoesBack(ThanxServer):
    """A job that was seen completed is processed again."""

    def show(self, job: Job) -> dict[str, Any]:
        shown = super().show(job)
        if shown["state"] == "completed" and job.id in self.completed:
            shown |= {"state": "processing", "completed_at": None}
            del shown["summary"]
        if shown["state"] == "completed":
            self.completed.add(job.id)
        return shown

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.completed: set[str] = set()


class RevokesNothing(ThanxServer):
    def revoke_job(self, *arguments: Any) -> tuple[int, Any]:
        status, value = super().revoke_job(*arguments)
        next(reversed(self.jobs.values())).revoked = None
        return status, value


class RevokesAtOnce(ThanxServer):
    def revocable(self, job: Job) -> bool:
        return job.revoked is None


class AcceptsAndForgets(ThanxServer):
    """Revoking a job that runs is accepted, and has no effect."""

    def revoke_job(self, identity: str, request: Request, sent: dict[str, Any]) -> tuple[int, Any]:
        job = self.job(identity, sent.get("merchant_id"))
        if self.state(job) in ("pending", "processing"):
            return 202, {"issuance_job": self.show(job)}
        return super().revoke_job(identity, request, sent)


class LosesTheStart(ThanxServer):
    def show(self, job: Job) -> dict[str, Any]:
        shown = super().show(job)
        return shown | ({"started_at": shown["completed_at"]} if shown["completed_at"] else {})


class CountsFromOne(ThanxServer):
    def failures(self, job: Job, done: int) -> list[dict[str, Any]]:
        return [{**one, "identifier_index": one["identifier_index"] + 1} for one in super().failures(job, done)]


class RenamesAField(ThanxServer):
    def show(self, job: Job) -> dict[str, Any]:
        shown = super().show(job)
        shown["percent"] = shown.pop("progress_percent")
        return shown


class ShowsOtherMerchantsJobs(ThanxServer):
    def job(self, identity: str, owner: Any) -> Job:
        return self.jobs[identity] if identity in self.jobs else super().job(identity, owner)


class LosesALastPage(ThanxServer):
    def list_campaigns(self, *arguments: Any) -> tuple[int, Any]:
        status, value = super().list_campaigns(*arguments)
        value["pagination"]["total_pages"] = max(0, value["pagination"]["total_pages"] - 1)
        return status, value


class NullsAName(ThanxServer):
    def campaign(self, name: str, variants: Mapping[str, str | None]) -> dict[str, Any]:
        return {**super().campaign(name, variants), "name": None}


BREAKS = [
    (ForgetsKeys, "same-key-and-body-get-the-first-answer", "same-key-and-body-get-the-first-answer"),
    (NeverCompletes, "lifecycle.rest", "lifecycle.counts"),
    (GoesBack, "lifecycle.rest", "lifecycle.arrows"),
    (RevokesNothing, "a-revoked-job-keeps-its-counts", "lifecycle.arrows"),
    (RevokesAtOnce, "lifecycle.early", "lifecycle.commands"),
    (AcceptsAndForgets, "lifecycle.walk", "lifecycle.commands"),
    (LosesTheStart, "lifecycle.rest", "lifecycle.instants"),
    (CountsFromOne, "exactly-the-unregistered-fail", "lifecycle.failures"),
    (RenamesAField, "lifecycle.rest", "response_schema_conformance"),
    (ShowsOtherMerchantsJobs, "a-job-belongs-to-its-merchant", "a-job-belongs-to-its-merchant"),
    (LosesALastPage, "pages-are-the-list", "pages-are-the-list"),
    (NullsAName, "pages-are-the-list", "response_schema_conformance"),
]


@pytest.mark.parametrize(("server", "only", "check"), BREAKS, ids=lambda value: getattr(value, "__name__", ""))
def test_it_is_found_out_once_it_is_broken(server: type[ThanxServer], only: str, check: str) -> None:
    clock = Time()
    plan = Plan(seed=2, max_examples=20, deterministic=True, seconds=10_000, only=(only,))
    assert check in {name for name, _, _ in found(judge(server(clock=clock), plan, clock))}
