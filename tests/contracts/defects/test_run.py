"""The judge against broken stubs: a sample is caught, the sound stub is kept, and idle defects are told."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contracts.check.run import Run
from contracts.defects import run
from contracts.defects.defect import Answer, Ask, Asked, Defect, Kind, Memory
from contracts.defects.run import QUICK, Fate, Outcome, UnsoundError, judge, sound
from contracts.defects.wrapper import Wrapper
from contracts.stub import App, Inside, Wrap, inside
from contracts.target.subject import load_subject
from contracts.target.target import Target
from tests.contracts.defects import provider_behaviours as p
from tests.contracts.defects.catalogues import CATALOGUES
from tests.contracts.defects.servers import defect

SIGNED = "a-signature-opens-one-file-for-a-while"
# A law and what it alone can see, so that a sample stays quick; the whole catalogue is for the command.
SAMPLE = [
    ("thanx", "property-renamed", "lifecycle.rest", "response_schema_conformance"),
    ("thanx", "state-goes-back", "lifecycle.rest", "lifecycle.arrows"),
    ("thanx", "stale-reads", "lifecycle.still", "lifecycle.still.IssuanceJob"),
    ("thanx", "key-ignored", "same-key-and-body-get-the-first-answer", "same-key-and-body-get-the-first-answer"),
    ("thanx", "key-race", "one-key-at-the-same-time-starts-one-job", "one-key-at-the-same-time-starts-one-job"),
    ("thanx", "old-jobs-forgotten", "many-jobs-stay-apart", "many-jobs-stay-apart"),
    ("thanx", "item-twice-at-the-border", "pages-are-the-list", "pages-are-the-list"),
    ("loyaltydog", "stale-polls", "lifecycle.still", "lifecycle.still.BulkIssuanceTaskStatus"),
    ("elastic_path", "completed-goes-back", "lifecycle.rest", "lifecycle.arrows"),
    ("elastic_path", "csv-for-ever", SIGNED, SIGNED),
    ("capillary", "paging-flat", "envelope", "response_schema_conformance"),
]


def judged(provider: str, broken: Defect, *only: str) -> Outcome:
    plan = replace(QUICK, only=only)
    return next(iter(judge(load_subject(provider), [broken], plan)))


@pytest.mark.parametrize(("provider", "name", "law", "check"), SAMPLE)
def test_a_defect_is_caught(provider: str, name: str, law: str, check: str) -> None:
    outcome = judged(provider, defect(provider, name), law)
    assert outcome.finding is not None, outcome.why
    assert outcome.finding.check == check
    assert outcome.changed > 0
    assert 0 < outcome.requests < 400


@pytest.mark.slow
@pytest.mark.parametrize(
    ("provider", "name"), [(provider, found.name) for provider, defects in CATALOGUES.items() for found in defects]
)
def test_every_defect_of_our_own_stubs_is_caught(provider: str, name: str) -> None:
    (outcome,) = judge(load_subject(provider), [defect(provider, name)])
    assert outcome.caught, f"{outcome.fate}: {outcome.why}"


@pytest.mark.parametrize("provider", ["thanx", "loyaltydog", "elastic_path"])
def test_the_sound_stub_is_kept(provider: str) -> None:
    verdict = sound(load_subject(provider), replace(QUICK, only=("lifecycle",)))
    assert verdict.kept
    assert verdict.judged


async def idle(asked: Asked, ask: Ask, _memory: Memory) -> Answer:
    return await ask(asked)


def test_a_defect_that_changes_nothing_is_refused() -> None:
    outcome = judged("thanx", Defect("idle", Kind.SCHEMA, "It does nothing", idle), "lifecycle.rest")
    assert outcome.fate is Fate.SURVIVED
    assert outcome.why.startswith("it changed none of ")


def test_a_defect_that_nobody_minds_survives() -> None:
    """An additional property is allowed."""
    harmless = Defect(
        "more",
        Kind.SCHEMA,
        "A job shows more",
        p.values("/issuance_job", lambda job: {**job, "more": 1}, "getIssuanceJob"),
    )
    outcome = judged("thanx", harmless, "lifecycle.rest")
    assert outcome.fate is Fate.SURVIVED
    assert outcome.why.startswith("no check or law minds ")


def test_a_defect_is_judged_by_the_same_requests_whenever() -> None:
    """No clock, no chance: to the byte of the evidence."""
    ignored = defect("thanx", "key-ignored")
    first, again = (judged("thanx", ignored, "same-key-and-body-get-the-first-answer") for _ in range(2))
    assert first.finding is not None
    assert replace(first, seconds=0.0) == replace(again, seconds=0.0)


def test_a_machine_that_is_busy_finds_what_an_idle_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a request takes: here a quarter of an hour."""

    def slowed(*args: Any, **kwargs: Any) -> Run:
        made = Run(*args, **kwargs)
        made.transport.budget.clock = itertools.count(0.0, 900.0).__next__
        return made

    monkeypatch.setattr(run, "Run", slowed)
    outcome = judged("thanx", defect("thanx", "old-jobs-forgotten"), "many-jobs-stay-apart")
    assert outcome.fate is Fate.CAUGHT, outcome.why


def test_a_run_that_ends_before_everything_is_judged_is_not_survived() -> None:
    """Forty jobs do not fit into thirty requests."""
    plan = replace(QUICK, only=("many-jobs-stay-apart",), requests=30)
    forgotten = [defect("thanx", "old-jobs-forgotten")]
    (outcome,) = judge(load_subject("thanx"), forgotten, plan)
    assert outcome.fate is Fate.UNJUDGED
    assert "the budget of 30 requests is spent" in outcome.why


@pytest.fixture
def broken_stub(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stub that is broken before any defect is put around it."""
    broken = defect("thanx", "property-renamed")

    def broken_inside(provider: str, wrap: Wrap, *, seed: int, document: Path | None) -> tuple[Target, Inside]:
        assert document is None, "the stub is one of the shipped ones"
        return inside(provider, lambda app: wrap(Wrapper(app, load_subject(provider), broken)), seed=seed)

    monkeypatch.setattr(run, "inside", broken_inside)


def test_a_stub_that_is_unsound_is_told(broken_stub: None) -> None:
    with pytest.raises(UnsoundError, match="response_schema_conformance finds fault with the sound stub"):
        sound(load_subject("thanx"), replace(QUICK, only=("lifecycle.rest",)))


def test_a_finding_without_a_change_is_not_the_defect_s(broken_stub: None) -> None:
    outcome = judged("thanx", Defect("idle", Kind.SCHEMA, "It does nothing", idle), "lifecycle.rest")
    assert outcome.fate is Fate.UNJUDGED
    assert outcome.why.startswith("response_schema_conformance finds fault with ")


def test_nothing_is_sent_after_the_first_finding() -> None:
    wrappers: list[Wrapper] = []

    def counting(app: App) -> App:
        wrappers.append(Wrapper(app, load_subject("thanx"), defect("thanx", "number-as-text")))
        return wrappers[0]

    target, wire = inside("thanx", counting)
    verdict = Run(load_subject("thanx"), target, QUICK, wire=wire).execute()
    assert len(verdict.findings) == 1
    assert wrappers[0].changed == 1
