"""Real documents of many megabytes: no crash, no false alarm, and an end in sight."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from contracts.diff.command import diff
from tests.contracts.public import GITHUB_30, GITHUB_31, GITHUB_SERVER_30, public_document

pytestmark = pytest.mark.slow

# Paths kept of GitHub's 800 where the whole takes half a minute (docs/diff.md has the figures).
PATHS = 40


@pytest.fixture(scope="module")
def github() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(public_document(*GITHUB_30).read_bytes())
    return document


def test_the_same_document_in_3_0_and_3_1_is_no_change(github: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text(json.dumps(github))
    (tmp_path / "new.json").write_text(json.dumps(_as_3_1(github)))
    assert (tmp_path / "old.json").stat().st_size > 1_000_000
    found = diff(str(tmp_path / "old.json"), str(tmp_path / "new.json"))
    assert [finding for finding in found if finding.kind != "documentation"] == []


def test_every_reference_inlined_once_is_no_change(github: dict[str, Any], tmp_path: Path) -> None:
    kept = {**github, "paths": dict(sorted(github["paths"].items())[:PATHS])}
    inlined = {**kept, "paths": _inlined(kept["paths"], github)}
    (tmp_path / "old.json").write_text(json.dumps(kept))
    (tmp_path / "new.json").write_text(json.dumps(inlined))
    assert (tmp_path / "new.json").stat().st_size > 1_000_000
    found = diff(str(tmp_path / "old.json"), str(tmp_path / "new.json"))
    assert [finding for finding in found if finding.kind != "documentation"] == []


def test_a_3_1_document_of_5_mb_is_no_change_of_itself() -> None:
    document = str(public_document(*GITHUB_31))
    assert diff(document, document) == []


def test_two_products_of_the_same_publisher(github: dict[str, Any], tmp_path: Path) -> None:
    server = json.loads(public_document(*GITHUB_SERVER_30).read_bytes())
    shared = sorted(github["paths"].keys() & server["paths"].keys())[:PATHS]
    for name, document in (("old", github), ("new", server)):
        kept = {**document, "paths": {path: document["paths"][path] for path in shared}}
        (tmp_path / f"{name}.json").write_text(json.dumps(kept))
    assert (tmp_path / "old.json").stat().st_size > 1_000_000
    found = diff(str(tmp_path / "old.json"), str(tmp_path / "new.json"))
    breaking = [finding for finding in found if finding.kind.endswith("breaking")]
    assert breaking
    assert any(finding.witness for finding in breaking)
    assert not [finding for finding in found if "$ref" in finding.message]


def _as_3_1(value: Any) -> Any:
    """The document as a converter would write it: `nullable` as a type array or an alternative."""
    if isinstance(value, list):
        return [_as_3_1(member) for member in value]
    if not isinstance(value, dict):
        return value
    result = {key: _as_3_1(member) for key, member in value.items()}
    if result.get("nullable") is True:
        del result["nullable"]
        if isinstance(result.get("type"), str):
            result["type"] = [result["type"], "null"]
            if "enum" in result:
                result["enum"] = [*(value for value in result["enum"] if value is not None), None]
        elif result.keys() & {"allOf", "anyOf", "oneOf"}:
            texts = {key: result.pop(key) for key in ("title", "description", "example", "deprecated") if key in result}
            result = {"anyOf": [result, {"type": "null"}], **texts}
    if str(result.get("openapi", "")).startswith("3.0"):
        result["openapi"] = "3.1.0"
    return result


def _inlined(value: Any, root: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_inlined(member, root) for member in value]
    if not isinstance(value, dict):
        return value
    reference = value.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/components/"):
        target: Any = root
        for token in reference[2:].split("/"):
            target = target[token]
        return target
    return {key: _inlined(member, root) for key, member in value.items()}
