"""The judge on the stub: sound, nothing is found; broken in one way, the finding names it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import requests

from contracts.check.plan import Plan
from contracts.check.run import Run, check
from contracts.check.verdict import Status, Verdict
from contracts.stub import INSIDE, Wrap, inside
from contracts.target.client import RefusedError
from contracts.target.subject import load_subject
from contracts.target.target import bare_target
from contracts.target.transport import UnreachableError
from tests.contracts.check.wrap import changed, without_header

QUICK = Plan(seconds=3_600, seed=7, max_examples=4, deterministic=True)


def judged(*only: str, wrap: Wrap | None = None, plan: Plan = QUICK) -> Verdict:
    target, wire = inside("thanx", wrap)
    return check(load_subject("thanx"), target, replace(plan, only=only), wire)


def found(verdict: Verdict) -> set[str]:
    return {finding.check for finding in verdict.findings}


@pytest.fixture(scope="module")
def sound() -> Verdict:
    return judged()


def test_nothing_is_found_on_the_sound_stub(sound: Verdict) -> None:
    assert [(finding.check, finding.message) for finding in sound.findings] == []
    assert sound.incomplete == ""
    assert sound.judged


def test_every_law_was_judged(sound: Verdict) -> None:
    assert [(result.name, result.why) for result in sound.results if result.status is not Status.KEPT] == []


def test_every_operation_and_state_was_seen(sound: Verdict) -> None:
    for kind in ("operations", "states", "arrows"):
        assert sound.coverage[kind].missed == ()
    assert sound.percent > 80


def test_every_check_of_schemathesis_ran_on_every_operation(sound: Verdict) -> None:
    checks = {result.name for result in sound.results if result.operation}
    assert {"positive_data_acceptance", "negative_data_rejection", "ignored_auth", "unsupported_method"} <= checks
    assert {result.operation for result in sound.results if result.operation} == {
        operation.id for operation in load_subject("thanx").contract.operations
    }


def renamed(path: str, status: int, value: Any) -> None:
    if "issuance_job" in value:
        value["issuance_job"]["totalCount"] = value["issuance_job"].pop("total_count")


def test_a_renamed_field_is_found_and_named() -> None:
    verdict = judged("lifecycle", wrap=changed(renamed))
    finding = next(finding for finding in verdict.findings if finding.check == "response_schema_conformance")
    assert "total_count" in finding.message
    assert finding.exchanges
    assert verdict.subject.location(finding.promise).file.endswith("specs/thanx/openapi.yaml")


def test_a_reversed_arrow_is_found_and_named() -> None:
    seen: dict[str, int] = {}

    def reversed_arrow(path: str, status: int, value: Any) -> None:
        job = value.get("issuance_job")
        if not job or "/issue" in path or job["state"] != "processing":
            return
        seen[path] = seen.get(path, 0) + 1
        if seen[path] == 2:
            job.update(
                state="pending",
                processed_count=0,
                success_count=0,
                failure_count=0,
                progress_percent=0,
                started_at=None,
            )

    verdict = judged("lifecycle", wrap=changed(reversed_arrow), plan=replace(QUICK, first=True))
    finding = next(finding for finding in verdict.findings if finding.check == "lifecycle.arrows")
    assert "processing" in finding.message
    assert "pending" in finding.message
    assert len(finding.exchanges) >= 2


def test_a_dropped_idempotency_store_is_found_and_named() -> None:
    verdict = judged("same-key-and-body-get-the-first-answer", wrap=without_header("X-Idempotency-Key"))
    assert found(verdict) == {"same-key-and-body-get-the-first-answer"}
    (finding,) = verdict.findings
    assert verdict.subject.statement(finding.promise).startswith("The same key gets the cached answer")
    # The judge's own session comes first: its clock is stopped.
    assert [exchange.operation for exchange in finding.exchanges] == ["", "issueRewards", "issueRewards"]
    assert finding.seen_again


def test_the_same_seed_finds_the_same() -> None:
    def once() -> list[tuple[str, str, int]]:
        verdict = judged("lifecycle", wrap=changed(renamed))
        return [(finding.check, finding.message, finding.times) for finding in verdict.findings]

    assert once() == once()


def test_the_first_finding_can_be_enough() -> None:
    target, wire = inside("thanx", changed(renamed))
    subject = load_subject("thanx")
    first = check(
        subject, target, Plan(seconds=3_600, seed=1, max_examples=2, first=True, only=("lifecycle", "envelope")), wire
    )
    assert first.findings
    assert "envelope.refusals" not in {result.name for result in first.results}


def test_a_dead_target_is_unreachable() -> None:
    with pytest.raises(UnreachableError, match="refused"):
        check(load_subject("thanx"), bare_target("thanx", INSIDE), QUICK)


def test_a_target_that_dies_is_judged_by_what_it_answered_and_said_to_be_gone() -> None:
    target, wire = inside("thanx", changed(renamed))

    class Dying:
        left = 300

        def send(self, request: requests.PreparedRequest, timeout: float, /) -> requests.Response:
            self.left -= 1
            if self.left < 0:
                raise requests.ConnectionError(ConnectionRefusedError(111, "Connection refused"))
            return wire.send(request, timeout)

    run = Run(load_subject("thanx"), target, QUICK, Dying())
    run.transport.pause = lambda seconds: None
    verdict = run.execute()
    assert verdict.gone
    assert "the first request without an answer: " in verdict.incomplete
    assert verdict.findings
    assert verdict.judged


def test_refused_credentials_are_no_verdict() -> None:
    target, wire = inside("thanx", without_header("Authorization"))
    with pytest.raises(RefusedError, match="401"):
        check(load_subject("thanx"), target, QUICK, wire)


def test_nothing_is_left_behind() -> None:
    target, wire = inside("thanx")
    subject = load_subject("thanx")
    check(subject, target, Plan(seconds=3_600, seed=3, max_examples=2, only=("lifecycle",)), wire)
    prepared = requests.Request("GET", f"{INSIDE}/_mock/sessions").prepare()
    assert "check-3" not in wire.send(prepared, 1.0).text


def test_an_answer_that_no_law_can_read_is_a_finding() -> None:
    def emptied(path: str, status: int, value: Any) -> None:
        for entry in value.get("issuance_job", {}).get("summary", {}).get("failures", []):
            entry["identifier_index"] = 10**6

    verdict = judged("exactly-the-unregistered-fail", wrap=changed(emptied))
    assert "exactly-the-unregistered-fail" in found(verdict) | {
        result.name for result in verdict.results if result.status is Status.UNFINISHED
    }
    assert not verdict.kept


def test_a_law_without_the_data_it_needs_is_skipped_and_says_so() -> None:
    target, wire = inside("thanx")
    bare = replace(target, data={})
    plan = replace(QUICK, only=("pages-are-the-list", "lifecycle"))
    verdict = check(load_subject("thanx"), bare, plan, wire)
    (skipped,) = (result for result in verdict.results if result.name == "pages-are-the-list")
    assert (skipped.status, skipped.why) == (Status.SKIPPED, "the target has no paged_merchant_id")


def test_a_target_that_must_not_be_written_to_is_only_read() -> None:
    target, wire = inside("thanx")
    verdict = check(load_subject("thanx"), replace(target, writes=False), QUICK, wire)
    assert verdict.kept
    assert {operation for operation, _ in verdict.statuses} == {"listCampaigns", "getCampaign", "getIssuanceJob"}
    assert any(result.why == "the target must not be written to" for result in verdict.results)
