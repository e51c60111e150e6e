"""Several runs of one target are one verdict."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from contracts.check.plan import Plan
from contracts.check.run import check
from contracts.check.verdict import Result, Status, Verdict, together
from contracts.stub import Wrap, inside
from contracts.target.subject import load_subject
from tests.contracts.check.wrap import changed


def judged(seed: int, wrap: Wrap | None = None) -> Verdict:
    target, wire = inside("thanx", wrap)
    return check(load_subject("thanx"), target, Plan(seed=seed, max_examples=2, only=("pages-are-the-list",)), wire)


def lost(path: str, status: int, value: Any) -> None:
    value.pop("pagination", None)


def test_findings_of_several_seeds_are_folded_and_name_the_first(thanx: tuple[Verdict, Verdict]) -> None:
    sound, broken = thanx
    verdict = together([sound, broken, replace(broken, seeds=(3,))])
    assert verdict.seeds == (1, 2, 3)
    assert [finding.check for finding in verdict.findings] == [finding.check for finding in broken.findings]
    assert {finding.seed for finding in verdict.findings} == {2}
    assert [finding.times for finding in verdict.findings] == [2 * finding.times for finding in broken.findings]
    assert verdict.requests == sound.requests + 2 * broken.requests


def test_the_worst_of_equal_checks_stands(thanx: tuple[Verdict, Verdict]) -> None:
    def of(status: Status, why: str = "") -> Verdict:
        return replace(thanx[0], results=(Result("law", "one", "One", "", status, 2, why, 1.0),))

    (result,) = together([of(Status.SKIPPED, "no id"), of(Status.KEPT)]).results
    assert (result.status, result.count, result.why, result.seconds) == (Status.KEPT, 4, "", 2.0)
    (result,) = together([of(Status.KEPT), of(Status.BROKEN), of(Status.UNFINISHED, "late")]).results
    assert (result.status, result.count) == (Status.BROKEN, 6)


def test_missed_is_what_every_run_missed(thanx: tuple[Verdict, Verdict]) -> None:
    nothing, (sound, _) = judged(3, changed(lambda path, status, value: None)), thanx
    missed = set(sound.coverage["statuses"].missed)
    half = sorted(missed)[: len(missed) // 2]
    share = replace(sound.coverage["statuses"], missed=tuple(half))
    verdict = together([nothing, replace(sound, coverage={**sound.coverage, "statuses": share})])
    assert set(verdict.coverage["statuses"].missed) == set(half)
    assert verdict.coverage["keywords"].all == len(verdict.keywords)
    assert verdict.coverage["keywords"].seen >= sound.coverage["keywords"].seen
    assert verdict.statuses["listCampaigns", "200"] > sound.statuses["listCampaigns", "200"]


@pytest.mark.parametrize("early", [0, 1, 2])
def test_what_any_run_did_not_judge_was_not_judged(thanx: tuple[Verdict, Verdict], early: int) -> None:
    runs = [thanx[0]] * 3
    runs[early] = replace(runs[early], incomplete="late", gone=True, seconds=1000.0)
    verdict = together(runs)
    assert (verdict.incomplete, verdict.gone) == ("late", True)
    assert verdict.seconds == pytest.approx(1000.0 + 2 * thanx[0].seconds)


@pytest.fixture(scope="module")
def thanx() -> tuple[Verdict, Verdict]:
    """A sound run and a broken one."""
    return judged(1), judged(2, changed(lost))
