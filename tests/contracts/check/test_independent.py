"""Another server for Thanx, in real time: it is kept as it is, and found out once it is broken; and hard targets."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from contracts.check.run import Plan, check
from contracts.check.subject import load_subject
from contracts.check.target import bare_target
from contracts.check.verdict import Verdict
from contracts.stub import App, serving_app
from tests.contracts.check.independent import Answer, Server

QUICK = Plan(seed=11, max_examples=3, deterministic=True, seconds=50)
LAWS = (
    "same-key-and-body-get-the-first-answer", "exactly-the-unregistered-fail", "pages-are-the-list", "lifecycle.rest",
)  # fmt: skip


def judged(app: App, *only: str, plan: Plan = QUICK) -> Verdict:
    with serving_app(app) as url:
        return check(load_subject("thanx"), bare_target("thanx", url), replace(plan, only=only))


def found(verdict: Verdict) -> list[tuple[str, str]]:
    return [(finding.check, finding.message) for finding in verdict.findings]


def test_an_independent_server_keeps_the_contract() -> None:
    server = Server()
    verdict = judged(server)
    assert found(verdict) == []
    assert verdict.incomplete == ""
    assert verdict.coverage["states"].missed == ()


def test_the_run_takes_back_what_it_issued() -> None:
    server = Server()
    assert found(judged(server, "a-job-is-about-its-request", "many-jobs-stay-apart")) == []
    assert server.jobs
    assert {job.state for job in server.jobs.values()} <= {"revoking", "revoked"}


def test_it_is_found_out_when_it_forgets_keys() -> None:
    verdict = judged(Server(keys=False), "same-key-and-body-get-the-first-answer")
    assert [check for check, _ in found(verdict)] == ["same-key-and-body-get-the-first-answer"]


def test_a_target_that_asks_for_patience_gets_it() -> None:
    counted = itertools.count(1)

    def disturb() -> Answer | None:
        busy = next(counted) % 5 == 0
        return (429, {"error": {"code": "GENERIC_ERROR", "message": "slow"}}, {"retry-after": "0"}) if busy else None

    verdict = judged(Server(disturb), *LAWS)
    assert found(verdict) == []
    assert verdict.statuses[("issueRewards", "429")] > 0


def test_a_job_that_takes_longer_than_the_budget_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.contracts.check.independent.PENDING", 30.0)
    plan = replace(QUICK, seconds=2.0)
    verdict = judged(Server(), "lifecycle.rest", plan=plan)
    assert found(verdict) == []
    assert verdict.seconds < 4
    assert [result.why for result in verdict.results if result.name.startswith("lifecycle.rest.")] != [""]
