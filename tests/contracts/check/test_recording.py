"""A recording holds no secret, and its replay says what the run said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from contracts.check.recording import Player, Recorder, RecordingError
from contracts.check.run import Plan, Progress, Run
from contracts.check.subject import load_subject
from contracts.check.verdict import Verdict
from contracts.stub import Wrap, inside
from tests.contracts.check.wrap import changed, without_header

PLAN = Plan(seed=5, max_examples=3, deterministic=True)
THANX = load_subject("thanx")


def recorded(path: Path, plan: Plan, wrap: Wrap | None = None) -> Verdict:
    target, wire = inside("thanx", wrap)
    run = Run(THANX, target, plan, wire=wire)
    with Recorder.open(path, target, plan) as recorder:
        run.transport.observers.append(recorder)
        return run.execute()


def replayed(path: Path) -> Verdict:
    return Player.open(path).judge(THANX, Plan(), Progress())


def found(verdict: Verdict) -> list[tuple[str, str]]:
    return sorted((finding.check, finding.operation) for finding in verdict.findings)


def test_nothing_that_was_sent_to_open_or_to_reach_somebody_is_on_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    recorded(path, PLAN)
    text = path.read_text(encoding="utf-8")
    for secret in ("test-token", "test-client", "jane.smith", "+12025551234", "+14155551234", "unregistered@"):
        assert secret not in text


def test_the_replay_of_a_sound_run_finds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    run = recorded(path, PLAN)
    again = replayed(path)
    assert found(again) == found(run) == []
    assert {r.name for r in again.results} >= {r.name for r in run.results if not r.operation}


@pytest.mark.parametrize(
    ("wrap", "law"),
    [
        (without_header("X-Idempotency-Key"), "same-key-and-body-get-the-first-answer"),
        (changed(lambda path, status, value: value.pop("pagination", None)), "the-first-page-has-ten"),
    ],
)
def test_the_replay_finds_what_the_run_found(tmp_path: Path, wrap: Wrap, law: str) -> None:
    path = tmp_path / "run.jsonl"
    run = recorded(path, replace(PLAN, only=(law,)), wrap)
    assert found(run)
    assert found(replayed(path)) == found(run)


@pytest.mark.parametrize("content", [b"", b"{}\n", b"not json", b'{"version": 99}\n'])
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=r"run\.jsonl"):
        Player.open(path)


def test_a_recording_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="No such file"):
        Player.open(tmp_path / "run.jsonl")


def test_a_recording_of_another_provider_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    recorded(path, replace(PLAN, only=("the-first-page-has-ten",)))
    with pytest.raises(RecordingError, match="thanx, not of loyaltydog"):
        Player.open(path).judge(load_subject("loyaltydog"), Plan(), Progress())
