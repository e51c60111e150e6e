"""Each pair of pairs/*.yaml gives exactly the findings it names, and every witness stands up to another validator."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_schema_validator import OAS30Validator

from contracts.diff.command import diff
from contracts.findings import Finding, Severity
from openapi import pointer as json_pointer
from tests.contracts.diff.cases import Case, Json, cases

CASES = cases()
FORMATS = copy.deepcopy(Draft202012Validator.FORMAT_CHECKER)
FORMATS.checks("int32")(lambda value: not isinstance(value, int) or -(2**31) <= value < 2**31)
BODY = "/paths/~1things/post/{}/content/application~1json/schema"
SCHEMAS = {"request-breaking": BODY.format("requestBody"), "client-breaking": BODY.format("responses/200")}


@pytest.fixture(params=CASES, ids=str)
def case(request: pytest.FixtureRequest) -> Case:
    chosen: Case = request.param
    return chosen


def findings(case: Case, folder: Path) -> list[Finding]:
    for name, document in (("old", case.old), ("new", case.new)):
        (folder / f"{name}.json").write_text(json.dumps(document))
    return diff(str(folder / "old.json"), str(folder / "new.json"))


def test_the_pair_gives_what_it_names(case: Case, tmp_path: Path) -> None:
    found = findings(case, tmp_path)
    assert sorted(f"{finding.rule} {finding.kind}" for finding in found) == list(case.expected)
    for finding in found:
        assert (finding.severity is Severity.ERROR) == finding.kind.endswith("breaking")
        _confirm(case, finding)


def test_a_document_is_no_change_of_itself(case: Case, tmp_path: Path) -> None:
    for document in (case.old, case.new):
        (tmp_path / "same.json").write_text(json.dumps(document))
        assert diff(str(tmp_path / "same.json"), str(tmp_path / "same.json")) == []


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 150
    assert sum(case.harmless for case in CASES) >= 50
    assert len({case.name for case in CASES}) == len(CASES)


def test_harmless_pairs_name_nothing_breaking() -> None:
    assert not [case.name for case in CASES if case.harmless and "breaking" in " ".join(case.expected)]


def _confirm(case: Case, finding: Finding) -> None:
    """Every break of a body's schema has a witness that one document admits and the other refuses."""
    place = SCHEMAS.get(finding.kind)
    schemas = [_schema(document, place) for document in (case.old, case.new)] if place else [None, None]
    if None in schemas:
        return
    if case.undecided and not finding.witness:
        assert finding.hint == "no witness found: the rule alone says so"
        return
    assert finding.witness
    sender, receiver = schemas if finding.kind == "request-breaking" else schemas[::-1]
    flag = "readOnly" if finding.kind == "request-breaking" else "writeOnly"
    value = json.loads(finding.witness)
    documents = (case.old, case.new) if finding.kind == "request-breaking" else (case.new, case.old)
    assert _admits(documents[0], sender, flag, value)
    assert not _admits(documents[1], receiver, flag, value)


def _schema(document: Json, place: str) -> Any:
    return json_pointer.find(document, json_pointer.split(place))


def _admits(document: Json, schema: Any, flag: str, value: Any) -> bool:
    """Whether python-jsonschema admits a value; it knows no directions, so they are written out for it."""
    whole = {**_directed(schema, flag), "components": _directed(document.get("components", {}), flag)}
    if document["openapi"].startswith("3.0"):
        return bool(OAS30Validator(whole).is_valid(value))
    return bool(Draft202012Validator(whole, format_checker=FORMATS).is_valid(value))


def _directed(schema: Any, flag: str) -> Any:
    """The schema without demanding what does not travel."""
    if isinstance(schema, list):
        return [_directed(member, flag) for member in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: _directed(value, flag) for key, value in schema.items()}
    absent = {name for name, child in (schema.get("properties") or {}).items() if child is not True and child.get(flag)}
    if absent and isinstance(schema.get("required"), list):
        result["required"] = [name for name in schema["required"] if name not in absent]
    return result
