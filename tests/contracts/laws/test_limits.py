"""Rate limits and sizes of bodies: kept by the sound stub, found out where they are not, told where they cannot be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contracts.check.plan import Plan
from contracts.check.run import check
from contracts.check.verdict import Status, Verdict
from contracts.defects.defect import Answer, Ask, Asked, Behaviour, Memory
from contracts.laws import laws_of
from contracts.stub import inside
from contracts.target.subject import load_subject
from tests.contracts.laws.faults import judged

PROVIDERS = ["thanx", "loyaltydog", "capillary", "elastic_path"]
BOTH = ("limits.rate", "limits.size")


def results(verdict: Verdict) -> dict[str, tuple[Status, str]]:
    return {result.name: (result.status, result.why) for result in verdict.results if result.name in BOTH}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_stub_keeps_its_limits(provider: str) -> None:
    verdict = judged(provider, *BOTH)
    assert [finding.message for finding in verdict.findings] == []
    assert results(verdict) == dict.fromkeys(BOTH, (Status.KEPT, ""))
    seen = {status for _, status in verdict.statuses}
    assert {"429", "413"} <= seen


def served_as(change: str, *, when: int = 429) -> Behaviour:
    """Answers with this status are changed in one way."""

    async def behave(asked: Asked, ask: Ask, memory: Memory) -> Answer:
        answer = await ask(asked)
        if answer.status < 300:
            memory["served"] = answer
        if answer.status != when:
            return answer
        if change == "served":
            served: Answer = memory["served"]
            return served
        return answer.with_header("retry-after", "90") if change == "long" else answer.with_json({"detail": 1})

    return behave


async def too_early(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """The limit is one request lower than it should be."""
    if asked.operation and "more" not in memory:
        memory["more"] = True
        await ask(asked)
    return await ask(asked)


async def for_ever(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Who was refused once is always refused."""
    answer = await ask(asked)
    if answer.status == 429:
        memory["refused"] = answer
    refused: Answer = memory.get("refused", answer)
    return refused


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (served_as("served"), "request 6 at one instant is 200, not 429"),
        (served_as("long"), "Retry-After says 90 s"),
        (too_early, "request 5 at one instant is 429"),
        (for_ever, "1 s later it is still 429"),
    ],
)
def test_a_rate_limit_that_is_not_the_documented_one(fault: Behaviour, said: str) -> None:
    verdict = judged("thanx", "limits.rate", fault=fault)
    (finding,) = [finding for finding in verdict.findings if finding.check == "limits.rate"]
    assert finding.message == said
    assert verdict.subject.statement(finding.promise).startswith("5 requests a second")


@pytest.mark.parametrize(("law", "status"), [("limits.rate", 429), ("limits.size", 413)])
def test_a_refusal_of_another_shape(law: str, status: int) -> None:
    verdict = judged("thanx", law, fault=served_as("other", when=status))
    assert {finding.check for finding in verdict.findings} == {"response_schema_conformance"}


@pytest.mark.parametrize("law", BOTH)
def test_a_target_without_the_control_api_is_not_pushed(law: str) -> None:
    target, wire = inside("thanx")
    verdict = check(load_subject("thanx"), replace(target, control=False), Plan(seed=1, only=(law,)), wire)
    (found,) = results(verdict).values()
    assert found == (Status.SKIPPED, "judged nothing: only a target with the control API is pushed over its limits")
    assert not {status for _, status in verdict.statuses} & {"413", "429"}


@pytest.mark.parametrize(("provider", "number"), [("thanx", 5), ("capillary", 100), ("elastic_path", 100)])
def test_every_documented_number_is_that_of_its_fact(provider: str, number: int) -> None:
    limit = laws_of(provider).limit
    assert limit is not None
    assert limit.requests == number
    unit = {1: "second", 60: "minute"}[int(limit.seconds)]
    assert f"{number} requests a {unit}" in load_subject(provider).statement(limit.promise)


def test_no_limit_is_documented_for_loyaltydog() -> None:
    assert laws_of("loyaltydog").limit is None
