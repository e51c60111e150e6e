"""Every keyword that a value can keep or break is counted, and a validator says which of both it does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.check.schema_coverage import Goals
from contracts.target.bodies import Wire
from openapi.contract import Contract, load_contract
from openapi.library import Address

A_TEXT = {"type": "string"}
# Where the keyword stands, the schema, a value that keeps it, one that breaks it, and one that it says nothing of.
ROWS: tuple[tuple[str, Any, Any, Any, Any], ...] = (
    ("type", {"type": "string"}, "a", 1, ...),
    ("type", {"type": ["string", "null"]}, None, 1, ...),
    ("enum", {"enum": ["a", 1]}, 1, "b", ...),
    ("const", {"const": None}, None, 0, ...),
    ("minLength", {"minLength": 2}, "ab", "a", 1),
    ("maxLength", {"maxLength": 1}, "a", "ab", [1, 2]),
    ("pattern", {"pattern": "^a"}, "ab", "b", 1),
    ("format", {"format": "date"}, "2024-01-01", "a", 1),
    ("format", {"format": "regex"}, "a*", "(", 1),
    ("minimum", {"minimum": 2}, 2, 1, "a"),
    ("maximum", {"maximum": 2}, 2, 3, True),
    ("exclusiveMinimum", {"exclusiveMinimum": 2}, 3, 2, "a"),
    ("exclusiveMaximum", {"exclusiveMaximum": 2}, 1, 2, "a"),
    ("multipleOf", {"multipleOf": 2}, 4, 3, "a"),
    ("minItems", {"minItems": 1}, [1], [], "a"),
    ("maxItems", {"maxItems": 1}, [1], [1, 2], {}),
    ("uniqueItems", {"uniqueItems": True}, [1, 2], [1, 1], "aa"),
    ("items", {"items": False}, [], [1], {"a": 1}),
    ("items", {"prefixItems": [True], "items": False}, [1], [1, 2], {"a": 1}),
    ("items/type", {"items": A_TEXT}, ["a"], [1], []),
    ("items/type", {"prefixItems": [True], "items": A_TEXT}, [1, "a"], [1, 1], [1]),
    ("prefixItems/1/type", {"prefixItems": [True, A_TEXT]}, [1, "a"], [1, 1], [1]),
    ("prefixItems/1", {"prefixItems": [True, False]}, [1], [1, 2], "a"),
    ("contains", {"contains": A_TEXT}, [1, "a"], [1], "a"),
    ("contains", {"contains": A_TEXT, "maxContains": 1}, ["a"], [1], "a"),
    ("minContains", {"contains": A_TEXT, "minContains": 2}, ["a", "b"], ["a"], "a"),
    ("maxContains", {"contains": A_TEXT, "maxContains": 1}, [1], ["a", "b"], "a"),
    ("unevaluatedItems", {"allOf": [{"prefixItems": [A_TEXT]}], "unevaluatedItems": False}, ["a"], ["a", 1], "a"),
    ("unevaluatedItems", {"allOf": [{"prefixItems": [A_TEXT]}], "unevaluatedItems": False}, ["a"], ["a", 1], [1, 1]),
    (
        "unevaluatedItems/type",
        {"anyOf": [{"prefixItems": [A_TEXT]}, True], "unevaluatedItems": {"type": "integer"}},
        ["a", 1],
        ["a", "b"],
        ["a"],
    ),
    ("minProperties", {"minProperties": 1}, {"a": 1}, {}, []),
    ("maxProperties", {"maxProperties": 1}, {"a": 1}, {"a": 1, "b": 1}, []),
    ("required", {"required": ["a"]}, {"a": 1}, {"b": 1}, ["a"]),
    ("dependentRequired", {"dependentRequired": {"a": ["b"]}}, {"a": 1, "b": 1}, {"a": 1}, {"b": 1}),
    ("dependencies", {"dependencies": {"a": ["b"]}}, {"a": 1, "b": 1}, {"a": 1}, {"b": 1}),
    ("dependencies/a/required", {"dependencies": {"a": {"required": ["b"]}}}, {"a": 1, "b": 1}, {"a": 1}, {"b": 1}),
    ("dependentSchemas/a/required", {"dependentSchemas": {"a": {"required": ["b"]}}}, {"a": 1, "b": 1}, {"a": 1}, {}),
    ("dependentSchemas/a", {"dependentSchemas": {"a": False}}, {"b": 1}, {"a": 1}, ["a"]),
    ("properties/a/type", {"properties": {"a": A_TEXT}}, {"a": "a"}, {"a": 1}, {"b": 1}),
    ("properties/a", {"properties": {"a": False}}, {"b": 1}, {"a": 1}, "a"),
    ("patternProperties/^a/type", {"patternProperties": {"^a": A_TEXT}}, {"ab": "a"}, {"ab": 1}, {"b": 1}),
    ("patternProperties/^a", {"patternProperties": {"^a": False}}, {"b": 1}, {"ab": 1}, "a"),
    (
        "additionalProperties",
        {"properties": {"a": True}, "patternProperties": {"^b": True}, "additionalProperties": False},
        {"a": 1, "bc": 1},
        {"a": 1, "c": 1},
        "a",
    ),
    (
        "additionalProperties/type",
        {"properties": {"a": True}, "additionalProperties": A_TEXT},
        {"c": "a"},
        {"c": 1},
        {"a": 1},
    ),
    ("propertyNames", {"propertyNames": False}, {}, {"a": 1}, "a"),
    ("propertyNames/maxLength", {"propertyNames": {"maxLength": 1}}, {"a": 1}, {"ab": 1}, {}),
    (
        "unevaluatedProperties",
        {"allOf": [{"properties": {"a": A_TEXT}}], "unevaluatedProperties": False},
        {"a": "a"},
        {"a": "a", "b": 1},
        [],
    ),
    (  # What broke another part does not break this one.
        "unevaluatedProperties",
        {"allOf": [{"properties": {"a": A_TEXT}}], "unevaluatedProperties": False},
        {},
        {"b": 1},
        {"a": 1},
    ),
    (
        "unevaluatedProperties/type",
        {"allOf": [{"properties": {"a": True}}], "unevaluatedProperties": A_TEXT},
        {"b": "a"},
        {"b": 1},
        {"a": 1},
    ),
    ("not", {"not": {"type": "string", "pattern": "^a"}}, "b", "a", ...),
    ("then/type", {"if": {"minLength": 2}, "then": A_TEXT}, "ab", 1, "a"),
    ("then", {"if": A_TEXT, "then": False}, 1, "a", ...),
    ("else/minimum", {"if": A_TEXT, "else": {"minimum": 2}}, 2, 1, "a"),
    ("else", {"if": A_TEXT, "else": False}, "a", 1, ...),
    ("allOf/1/maxLength", {"allOf": [True, {"maxLength": 1}]}, "a", "ab", 1),
    ("$defs/text/maxLength", {"$defs": {"text": {"maxLength": 1}}, "$ref": "#/$defs/text"}, "a", "ab", 1),
    ("$defs/text/maxLength", {"$defs": {"text": {"$anchor": "short", "maxLength": 1}}, "$ref": "#short"}, "a", "ab", 1),
    (
        "$defs/text/maxLength",
        {"$defs": {"text": {"$dynamicAnchor": "short", "maxLength": 1}}, "$dynamicRef": "#short"},
        "a",
        "ab",
        1,
    ),
)
# These are broken by a value that fits no branch, or too many; that one is kept is said of the branches.
UNIONS: tuple[tuple[str, Any, Any, Any], ...] = (
    ("oneOf", {"oneOf": [A_TEXT, {"maxLength": 1}]}, "ab", "a"),
    ("anyOf", {"anyOf": [A_TEXT, {"const": 1}]}, "a", 2),
)
# Keywords that admit every value.
IDLE: tuple[dict[str, Any], ...] = (
    {"minLength": 0},
    {"minItems": 0},
    {"minProperties": 0},
    {"uniqueItems": False},
    {"required": []},
    {"dependentRequired": {"a": []}},
    {"contains": A_TEXT, "minContains": 0},
    {"items": {}},
    {"not": False},
    {"additionalProperties": True},
    {"propertyNames": {}},
    {"unevaluatedProperties": True},
    {"if": A_TEXT},
)
UNJUDGED: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("format", {"format": "int64"}, "'int64' is no format of the validator"),
    ("contentEncoding", {"contentEncoding": "base64"}, "a remark"),
    ("readOnly", {"readOnly": True}, "a remark"),
    ("discriminator", {"discriminator": {"propertyName": "a"}}, "the branches are counted"),
    ("nullable", {"nullable": True}, "says nothing here"),
    ("then", {"then": A_TEXT}, "says nothing without if"),
    ("maxContains", {"maxContains": 1}, "says nothing without contains"),
    ("minlength", {"minlength": 1}, "no keyword"),
)

Place = tuple[Contract, Address]


def contract(folder: Path, schema: Any, version: str = "3.1.0") -> Place:
    """A contract with one schema, and where that stands."""
    document = {
        "openapi": version,
        "info": {"title": "Things", "version": "1"},
        "paths": {},
        "components": {"schemas": {"Thing": localised(schema)}},
    }
    path = folder / "openapi.yaml"
    path.write_bytes(orjson.dumps(document))
    loaded = load_contract(path)
    return loaded, Address(loaded.library.main, "/components/schemas/Thing")


def localised(schema: Any) -> Any:
    """A schema that refers to its own parts, as a part of a document."""
    if isinstance(schema, dict) and schema.get("$ref", "").startswith("#/$defs"):
        return {**schema, "$ref": f"#/components/schemas/Thing{schema['$ref'][1:]}"}
    return schema


def goals(place: Place, *values: Any, wire: Wire = Wire.JSON, judged: bool = True) -> Goals:
    """What there is to show, after some values."""
    found = Goals(place[0], judged=judged)
    node = found.node(place[1], wire)
    for value in values:
        node.look(value)
    return found


def lacks(place: Place, *values: Any, wire: Wire = Wire.JSON, judged: bool = True) -> dict[str, set[str]]:
    """What is lacking after some values, by the pointer within the schema."""
    start = len(place[1].pointer) + 1
    found = goals(place, *values, wire=wire, judged=judged).found.values()
    return {goal.address.pointer[start:]: set(goal.lacks) for goal in found}


@pytest.mark.parametrize(("keyword", "schema", "kept", "broken", "nothing"), ROWS)
def test_a_keyword_is_kept_and_broken(
    tmp_path: Path, keyword: str, schema: Any, kept: Any, broken: Any, nothing: Any
) -> None:
    place = contract(tmp_path, schema)
    assert lacks(place)[keyword] == {"kept", "broken"}
    assert lacks(place, kept)[keyword] == {"broken"}
    assert lacks(place, broken)[keyword] == {"kept"}
    assert lacks(place, kept, broken)[keyword] == set()
    if nothing is not ...:
        assert lacks(place, nothing)[keyword] == {"kept", "broken"}
    assert goals(place).unjudged == {}


@pytest.mark.parametrize(("keyword", "schema", "kept", "broken", "nothing"), ROWS)
def test_an_answer_that_a_keyword_applies_to_shows_it(
    tmp_path: Path, keyword: str, schema: Any, kept: Any, broken: Any, nothing: Any
) -> None:
    place = contract(tmp_path, schema)
    said = [pointer for pointer in lacks(place, judged=False) if pointer.startswith(keyword)]
    assert said  # each value of an enum, and each of several types, by itself
    assert any(lacks(place, kept, judged=False)[pointer] == set() for pointer in said)
    if nothing is not ...:
        assert all(lacks(place, nothing, judged=False)[pointer] == {"seen"} for pointer in said)


@pytest.mark.parametrize(("keyword", "schema", "kept", "broken"), UNIONS)
def test_a_union_is_taken_branch_by_branch_and_broken(
    tmp_path: Path, keyword: str, schema: Any, kept: Any, broken: Any
) -> None:
    place = contract(tmp_path, schema)
    assert lacks(place, kept)[f"{keyword}/0"] == set()
    assert lacks(place, kept)[f"{keyword}/1"] == {"taken"}
    assert lacks(place, kept)[keyword] == {"broken"}
    assert lacks(place, broken)[keyword] == set()


def test_to_come_to_a_schema_that_depends_is_a_goal(tmp_path: Path) -> None:
    place = contract(tmp_path, {"dependentSchemas": {"a": {}}, "if": A_TEXT, "then": {}, "else": {}})
    assert lacks(place, {"b": 1}) == {"dependentSchemas/a": {"taken"}, "then": {"taken"}, "else": set()}
    assert lacks(place, {"a": 1}, "a") == {"dependentSchemas/a": set(), "then": set(), "else": set()}


@pytest.mark.parametrize("schema", IDLE)
def test_what_admits_every_value_is_not_counted(tmp_path: Path, schema: dict[str, Any]) -> None:
    place = contract(tmp_path, schema)
    assert lacks(place) == {}
    assert goals(place).unjudged == {}


@pytest.mark.parametrize(("keyword", "schema", "why"), UNJUDGED)
def test_what_nothing_can_be_told_of_is_named_with_the_reason(
    tmp_path: Path, keyword: str, schema: dict[str, Any], why: str
) -> None:
    place = contract(tmp_path, schema)
    assert lacks(place) == {}
    ((address, told),) = goals(place).unjudged.items()
    assert address == place[1] / keyword
    assert why in told


def test_a_remark_or_an_extension_is_no_keyword(tmp_path: Path) -> None:
    place = contract(tmp_path, {"title": "A", "example": 1, "x-mine": 1, "$comment": "b", "deprecated": True})
    assert goals(place).unjudged == {}


def test_the_inside_of_a_condition_is_one_with_it(tmp_path: Path) -> None:
    inside = {"type": "string", "minLength": 2}
    place = contract(tmp_path, {"not": inside, "contains": inside, "if": inside, "then": {}})
    assert set(lacks(place)) == {"not", "contains", "then"}


def test_what_nothing_keeps_need_not_be_kept(tmp_path: Path) -> None:
    assert lacks(contract(tmp_path, {"not": {}})) == {"not": {"broken"}}


def test_an_older_document_is_read_in_its_own_terms(tmp_path: Path) -> None:
    old = {"type": "integer", "minimum": 2, "exclusiveMinimum": True, "nullable": True}
    place = contract(tmp_path, {"properties": {"a": old}, "not": {"required": ["b"]}}, "3.0.3")
    assert lacks(place, {"a": None}, {"a": 3}, {"a": 2}, {"a": "b"}, {"b": 1}) == {
        "not": set(),
        "properties/a/type": set(),
        "properties/a/exclusiveMinimum": set(),
    }
    assert goals(place).unjudged == {}


def test_what_the_wire_cannot_carry_is_not_asked_for(tmp_path: Path) -> None:
    place = contract(tmp_path, {"type": "object", "minProperties": 1, "additionalProperties": False})
    assert lacks(place, wire=Wire.TEXT) == {
        "type": {"kept"},
        "minProperties": {"kept"},
        "additionalProperties": {"kept", "broken"},
    }
    assert set(lacks(place, wire=Wire.DECLARED)) == {"type", "minProperties"}
    assert list(goals(place, wire=Wire.DECLARED).unjudged) == [place[1] / "additionalProperties"]


def test_a_name_is_a_text_wherever_it_stands(tmp_path: Path) -> None:
    assert lacks(contract(tmp_path, {"propertyNames": A_TEXT})) == {"propertyNames/type": {"kept"}}


def test_of_a_long_list_both_ends_are_looked_at(tmp_path: Path) -> None:
    place = contract(tmp_path, {"items": A_TEXT})
    assert lacks(place, ["a"] * 100 + [1] * 100 + ["b"] * 100)["items/type"] == {"broken"}
    assert lacks(place, [1] + ["a"] * 200)["items/type"] == lacks(place, ["a"] * 200 + [1])["items/type"] == set()


def test_what_travels_in_several_ways_can_show_what_any_can(tmp_path: Path) -> None:
    place = contract(tmp_path, A_TEXT)
    found = Goals(place[0], judged=True)
    for wire in (Wire.TEXT, Wire.JSON, Wire.TEXT):
        found.node(place[1], wire)
    assert found.found[place[1] / "type"].lacks == {"kept", "broken"}


def test_an_object_in_a_form_is_json(tmp_path: Path) -> None:
    inner = {"type": "object", "properties": {"b": A_TEXT}}
    many = {"type": "array", "items": inner}
    place = contract(tmp_path, {"type": "object", "properties": {"a": inner, "c": A_TEXT, "many": many}})
    found = lacks(place, wire=Wire.FORM)
    assert {name for name, sides in found.items() if sides == {"kept"}} == {
        "type",
        "properties/c/type",
        "properties/many/type",
    }


PLAIN = st.none() | st.booleans() | st.integers(-1, 4) | st.text("ab", max_size=3)
VALUES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c", "ab"]), inner, max_size=3)
    ),
    max_leaves=6,
)
SCHEMAS = [*(row[1] for row in ROWS if "$ref" not in row[1]), *(row[1] for row in UNIONS), *IDLE]


@settings(max_examples=300, deadline=None)
@given(
    schemas=st.lists(st.sampled_from(SCHEMAS), min_size=1, max_size=3), values=st.lists(VALUES, min_size=5, max_size=5)
)
def test_a_value_breaks_a_keyword_if_and_only_if_it_is_refused(
    tmp_path_factory: pytest.TempPathFactory, schemas: list[Any], values: list[Any]
) -> None:
    place = contract(tmp_path_factory.mktemp("contract"), {"properties": {"a": schemas[0]}, "allOf": schemas})
    for value in values:
        before, after = lacks(place), lacks(place, value)
        broken = [name for name in after if "broken" in before[name] - after[name]]
        assert bool(broken) is not place[0].validators.at(place[1]).is_valid(value), (value, broken)
