"""The stub serves any document, and the judge holds it to the same: there is nothing to find in a sound one."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.check.plan import Plan
from contracts.check.run import check
from contracts.check.verdict import Status
from contracts.stub import INSIDE, Inside
from contracts.target.subject import load_subject
from contracts.target.target import bare_target
from mockserver.app import Options, build

# These have so many keywords that Schemathesis takes seconds for each.
LARGE = {"fastapi", "parameters", "schemas-3.0", "schemas-3.1"}
DOCUMENTS = [
    pytest.param(path, id=path.stem, marks=pytest.mark.slow if path.stem in LARGE else ())
    for path in sorted((Path(__file__).parent / "documents").glob("*.yaml"))
]


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_stub_keeps_the_document_that_it_serves(path: Path) -> None:
    wire = Inside(build(Options(spec=str(path), rate=0), wall=lambda: 0))
    plan = Plan(seconds=3_600, seed=1, max_examples=8, deterministic=True)
    verdict = check(load_subject(str(path)), bare_target(path.stem, INSIDE), plan, wire)
    assert [(finding.check, finding.operation, finding.message) for finding in verdict.findings] == []
    assert verdict.incomplete == ""
    skipped = {result.name for result in verdict.results if result.status is Status.SKIPPED}
    assert skipped <= {"envelope.refusals", "unknown.refused"}  # nobody says what is sound, or what there is
