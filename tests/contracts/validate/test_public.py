"""Real public documents of many megabytes: no crash, no false alarm about references, every position right."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from contracts.findings import Finding
from contracts.validate.run import validate
from openapi import pointer
from tests.contracts.public import GITHUB_30, GITHUB_31, public_document

pytestmark = pytest.mark.slow

DOCUMENTS = {"3.0": GITHUB_30, "3.1": GITHUB_31}


@pytest.fixture(scope="module", params=DOCUMENTS)
def checked(request: pytest.FixtureRequest) -> tuple[Path, list[Finding]]:
    document = public_document(*DOCUMENTS[request.param])
    assert document.stat().st_size > 1_000_000
    return document, validate(document)


def test_no_false_alarm_about_references_structure_or_patterns(checked: tuple[Path, list[Finding]]) -> None:
    _, findings = checked
    families = Counter(finding.rule.partition("-")[0] for finding in findings)
    assert not families.keys() & {"document", "schema", "reference", "pattern", "security", "link", "expression"}
    # What it does find was looked at by hand: examples that lack required properties, leftover components, …
    assert families["example"] > 100


def test_a_collision_that_is_really_there(checked: tuple[Path, list[Finding]]) -> None:
    _, findings = checked
    for finding in findings:
        if finding.rule == "path-collision":
            (path, other) = (pointer.split(place.pointer)[1] for place in (finding.location, *finding.related))
            assert [part.startswith("{") for part in path.split("/")] == [p.startswith("{") for p in other.split("/")]


def test_examples_that_are_reported_really_do_not_fit(checked: tuple[Path, list[Finding]]) -> None:
    """Told independently of the validator: a property said to be missing is missing where the finding points."""
    document, findings = checked
    root = json.loads(document.read_bytes())
    missing = [f for f in findings if f.rule == "example-invalid" and f.message.endswith("is a required property")]
    assert missing or document.parent.name.startswith("@octokit__openapi-webhooks")
    for finding in missing:
        value = pointer.resolve(root, finding.location.pointer)
        assert json.loads(finding.message.removesuffix(" is a required property")) not in value


def test_positions_point_at_the_value(checked: tuple[Path, list[Finding]]) -> None:
    document, findings = checked
    lines = document.read_text(encoding="utf-8").splitlines()
    root = json.loads(document.read_bytes())
    for finding in findings[::10]:
        rest = lines[finding.location.line - 1][finding.location.column - 1 :]
        if finding.rule.startswith(("component", "path")):
            assert rest.startswith(json.dumps(pointer.split(finding.location.pointer)[-1]))
        else:
            value = pointer.resolve(root, finding.location.pointer)
            assert rest[0] == json.dumps(value)[0]
