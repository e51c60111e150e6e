"""JSONPath, the doing of an overlay, and the smallest change for each kind of broken keyword."""

from __future__ import annotations

from typing import Any

import jsonpath_rfc9535
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.compare.amendment import Amendment
from contracts.compare.overlay import Action, apply, jsonpath
from contracts.compare.problems import problems
from contracts.target.exchange import Exchange, Request, Response
from openapi import pointer as json_pointer
from openapi.contract import Contract, compile_contract
from openapi.reading import library_of
from openapi.source import parse


@given(st.lists(st.text(max_size=6) | st.integers(0, 2), max_size=5))
def test_a_path_leads_where_the_pointer_does(tokens: list[str | int]) -> None:
    document: Any = "here"
    for token in reversed(tokens):
        document = {token: document} if isinstance(token, str) else [*([None] * token), document]
    path = jsonpath(document, json_pointer.join(*tokens))
    assert [node.location for node in jsonpath_rfc9535.find(path, document)] == [tuple(tokens)]


def test_updates_merge_append_and_remove() -> None:
    document = {"a": {"b": {"c": 1}}, "required": ["x", "y"], "gone": 1}
    actions = [
        Action("$.a", "merge", {"b": {"d": 2}}),
        Action("$.required", "append", "z"),
        Action("$.required[?@ == 'x']", "remove", remove=True),
        Action("$.gone", "remove", remove=True),
    ]
    assert apply(document, actions) == {"a": {"b": {"c": 1, "d": 2}}, "required": ["y", "z"]}
    assert document["required"] == ["x", "y"]


def contract(schema: Any, tmp_path: Any, media: str = "application/json") -> Contract:
    document = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/a": {
                "get": {
                    "operationId": "a",
                    "responses": {"200": {"description": "", "content": {media: {"schema": schema}}}},
                }
            }
        },
    }
    return compile_contract(library_of(parse(orjson.dumps(document), tmp_path / "openapi.json")))


def answer(value: Any, status: int = 200) -> Exchange:
    headers = {"content-type": "application/json"}
    return Exchange(1, Request("GET", "http://a/a", {}), Response(status, headers, orjson.dumps(value)), "a")


OBJECT = {"type": "object", "properties": {"n": {"type": "string"}}}
CHANGES = [
    ({"type": "object", "required": ["a", "b"]}, {"b": 1}, [("remove", "required[?@ == 'a']")]),
    ({"type": "string"}, 1, [("remove", "type"), ({"type": ["string", "integer"]}, "")]),
    ({"type": ["string", "null"]}, 1, [("integer", "type")]),
    ({"enum": ["a"]}, "b", [("b", "enum")]),
    ({"enum": ["a"]}, None, [([None], "enum")]),
    ({"enum": ["a"]}, ["b"], [([["b"]], "enum")]),
    ({"const": "a"}, "b", [("remove", "const"), ({"enum": ["a", "b"]}, "")]),
    ({"maximum": 3}, 7, [({"maximum": 7}, "")]),
    ({"minLength": 3}, "ab", [({"minLength": 2}, "")]),
    ({"maxItems": 1}, [1, 2], [({"maxItems": 2}, "")]),
    ({"pattern": "^a"}, "b", [("remove", "pattern")]),
    ({"type": "string", "format": "date"}, "b", [("remove", "format")]),
    ({"properties": {"a": False}}, {"a": 1}, [("remove", "properties.a")]),
    ({**OBJECT, "additionalProperties": False}, {"n": "", "m": 1}, [({"properties": {"m": {"type": "integer"}}}, "")]),
    ({"anyOf": [{"type": "string"}]}, 1, [({"type": "integer"}, "anyOf")]),
]


@pytest.mark.parametrize(("schema", "value", "wanted"), CHANGES)
def test_the_smallest_change_of_each_keyword(schema: Any, value: Any, wanted: list[Any], tmp_path: Any) -> None:
    amendment = Amendment.of(contract(schema, tmp_path))
    assert amendment.admit(answer(value)) == ""
    base = "$.paths['/a'].get.responses['200'].content['application/json'].schema"
    assert [("remove" if one.remove else one.update, one.target) for one in amendment.actions] == [
        (change, f"{base}.{place}" if place else base) for change, place in wanted
    ]


def test_an_answer_of_a_documented_range_of_media_types_is_documented(tmp_path: Any) -> None:
    ranged = contract({"type": "string"}, tmp_path, media="application/*")
    assert list(problems(ranged, answer("a"))) == []
    (problem,) = problems(ranged, answer(1))
    assert problem.kind == "body"


values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=6,
)


@given(value=values, status=st.sampled_from([200, 418]), schema=st.sampled_from([schema for schema, _, _ in CHANGES]))
def test_any_answer_is_admitted(value: Any, status: int, schema: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    amendment = Amendment.of(contract(schema, tmp_path_factory.getbasetemp()))
    assert amendment.admit(answer(value, status)) == ""
    amended = amendment.compiled()
    assert amended is not None
    assert list(problems(amended, answer(value, status))) == []
