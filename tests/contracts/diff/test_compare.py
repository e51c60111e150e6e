"""What holds for any two schemas: a witness is one, and what is called harmless has no counterexample at hand."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from contracts.diff.command import diff
from openapi import pointer as json_pointer
from openapi.shipped import SPECS
from openapi.source import read

Schema = dict[str, Any]
SMALL = st.integers(0, 3)
SCALARS: st.SearchStrategy[Schema] = st.one_of(
    st.fixed_dictionaries({"type": st.just("string")}, optional={"maxLength": SMALL, "minLength": SMALL}),
    st.fixed_dictionaries({"type": st.just("integer")}, optional={"maximum": SMALL, "minimum": SMALL}),
    st.fixed_dictionaries(
        {"enum": st.lists(st.sampled_from(["a", "b", 1, None]), min_size=1, max_size=3, unique=True)}
    ),
    st.fixed_dictionaries({"type": st.sampled_from(["number", "boolean", ["string", "null"], "null"])}),
)


def _larger(inner: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    names = st.sampled_from(["p", "q"])
    objects = st.fixed_dictionaries(
        {"type": st.just("object"), "properties": st.dictionaries(names, inner, min_size=1)},
        optional={"required": st.lists(names, unique=True), "additionalProperties": st.just(False)},
    )
    arrays = st.fixed_dictionaries({"type": st.just("array"), "items": inner}, optional={"maxItems": SMALL})
    choices = st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=2)})
    return st.one_of(objects, arrays, choices)


SCHEMAS = st.recursive(SCALARS, _larger, max_leaves=4)
LEAVES = st.sampled_from([None, True, 0, 1, 2, 3, 4, -1, 0.5, "", "a", "b", "aaaa"])
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.dictionaries(st.sampled_from(["p", "q"]), inner) | st.lists(inner, max_size=4),
    max_leaves=4,
)


def _document(schema: Schema) -> str:
    body = {"requestBody": {"content": {"application/json": {"schema": schema}}}, "responses": {}}
    info = {"title": "t", "version": "1"}
    return json.dumps({"openapi": "3.1.0", "info": info, "paths": {"/a": {"post": body}}})


def _declared(schema: Schema, value: Any) -> bool:
    """Whether the value has no property that the schema does not name somewhere: what a client may rely on."""
    names = {name for name in ("p", "q") if f'"{name}":' in json.dumps(schema)}
    if isinstance(value, dict):
        return value.keys() <= names and all(_declared(schema, member) for member in value.values())
    return not isinstance(value, list) or all(_declared(schema, member) for member in value)


@given(SCHEMAS, SCHEMAS, st.lists(VALUES, max_size=30))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_breaks_are_shown_and_peace_is_not_contradicted(old: Schema, new: Schema, values: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as name:
        files = [Path(name) / "old.json", Path(name) / "new.json"]
        for file, schema in zip(files, (old, new), strict=True):
            file.write_text(_document(schema))
        findings = diff(*map(str, files))
    before, after = Draft202012Validator(old), Draft202012Validator(new)
    breaking = [finding for finding in findings if finding.kind == "request-breaking"]
    for finding in breaking:
        if finding.witness:
            witness = json.loads(finding.witness)
            assert before.is_valid(witness)
            assert not after.is_valid(witness)
    if not breaking and "properties" not in json.dumps([old, new]):
        for value in values:
            assert not before.is_valid(value) or after.is_valid(value)


def test_every_reference_of_a_contract_inlined_is_no_change(tmp_path: Path) -> None:
    document = read(SPECS / "thanx" / "openapi.yaml").root
    (tmp_path / "old.json").write_text(json.dumps(document))
    inlined = {**document, "paths": _inlined(document["paths"], document)}
    (tmp_path / "new.json").write_text(json.dumps(inlined))
    found = diff(str(tmp_path / "old.json"), str(tmp_path / "new.json"))
    assert [finding for finding in found if finding.kind != "documentation"] == []


def _inlined(value: Any, root: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_inlined(member, root) for member in value]
    if isinstance(value, dict) and isinstance(value.get("$ref"), str):
        return json_pointer.resolve(root, value["$ref"][1:])
    return {key: _inlined(member, root) for key, member in value.items()} if isinstance(value, dict) else value


@given(SCHEMAS)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_wrapping_a_schema_is_no_change(schema: Schema) -> None:
    with tempfile.TemporaryDirectory() as name:
        files = [Path(name) / "old.json", Path(name) / "new.json"]
        for file, written in zip(files, (schema, {"allOf": [schema]}), strict=True):
            file.write_text(_document(written))
        assert diff(*map(str, files)) == []
