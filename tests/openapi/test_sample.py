"""Instances made from schemas: valid, the same each time, or said to be beyond what is made."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openapi.contract import load_contract
from openapi.library import Address
from openapi.sample import UnmadeError, sample
from openapi.validators import Validators
from tests.openapi.documents import library, write

NODE = {"$ref": "#/components/schemas/Node"}


def made(schema: Any, version: str = "3.1.0", /, **schemas: Any) -> Any:
    """The sample of a schema in a document."""
    found = library({"openapi": version, "components": {"schemas": {"It": schema, **schemas}}})
    return sample(found, Address(found.main, "/components/schemas/It"), Validators(found).fits)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"const": 3}, 3),
        ({"const": None}, None),
        ({"enum": [None, "a"]}, "a"),
        ({"enum": [None]}, None),
        ({"type": "string", "enum": [1, "b"]}, "b"),
        ({"type": "string", "default": "d", "enum": ["c", "d"]}, "d"),
        ({"type": "string", "examples": [1, "e"], "default": "d"}, "e"),
        ({"type": "string", "example": 5}, "string"),
        ({"type": "string", "default": None}, "string"),
        ({"type": "boolean"}, False),
        ({"type": "null"}, None),
        ({"type": ["null", "integer"]}, 0),
        ({}, {}),
        (True, {}),
        ({"pattern": "^x+$"}, "x"),
        ({"items": {"type": "integer"}}, [0]),
        ({"properties": {"a": {"type": "integer"}}}, {"a": 0}),
    ],
)
def test_what_the_document_tells_comes_first(schema: Any, value: Any) -> None:
    assert made(schema) == value


@pytest.mark.parametrize(
    ("rules", "value"),
    [
        ({}, 0),
        ({"minimum": 3}, 3),
        ({"exclusiveMinimum": 3}, 4),
        ({"maximum": -3}, -3),
        ({"minimum": 2.5, "maximum": 3.5}, 3),
        ({"minimum": 10, "multipleOf": 7}, 14),
        ({"exclusiveMinimum": 0, "multipleOf": 0.5}, 1),
        ({"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.01}, 0.01),
        ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.5}, 0.25),
    ],
)
def test_a_number(rules: dict[str, Any], value: float) -> None:
    assert made({"type": "integer", **rules}) == value


@pytest.mark.parametrize(
    ("rules", "value"),
    [
        ({}, "string"),
        ({"maxLength": 3}, "str"),
        ({"minLength": 8}, "stringaa"),
        ({"pattern": r"^[A-Z]{2}-\d+$", "minLength": 6}, "AA-000"),
        ({"pattern": "^(?=s)[a-z]+$"}, "string"),
        ({"pattern": r"^\p{L}$", "maxLength": 1}, "s"),
        ({"format": "date-time"}, "2024-01-01T00:00:00Z"),
        ({"format": "uri", "minLength": 22}, "https://example.com/aa"),
        ({"format": "nobody-knows"}, "string"),
    ],
)
def test_a_text(rules: dict[str, Any], value: str) -> None:
    assert made({"type": "string", **rules}) == value


@pytest.mark.parametrize(
    "name",
    [
        "date-time",
        "date",
        "time",
        "duration",
        "uuid",
        "email",
        "idn-email",
        "hostname",
        "idn-hostname",
        "ipv4",
        "ipv6",
        "uri",
        "iri",
        "uri-reference",
        "iri-reference",
        "uri-template",
        "json-pointer",
        "relative-json-pointer",
        "regex",
    ],
)
def test_a_format_is_kept(name: str) -> None:
    assert made({"type": "string", "format": name, "not": {"const": "string"}}) != "string"


@pytest.mark.parametrize(
    ("rules", "value"),
    [
        ({"items": {"type": "integer"}}, [0]),
        ({"items": {"type": "integer"}, "minItems": 2}, [0, 0]),
        ({"items": {"type": "integer"}, "maxItems": 0}, []),
        ({"items": {"type": "integer"}, "minItems": 3, "uniqueItems": True}, [0, 1, 2]),
        ({"items": {"type": "number"}, "minItems": 2, "uniqueItems": True}, [0, 1]),
        ({"items": {"type": "boolean"}, "minItems": 2, "uniqueItems": True}, [False, True]),
        ({"items": {"enum": ["a", "b"]}, "minItems": 2, "uniqueItems": True}, ["a", "b"]),
        ({"items": {"type": "string", "maxLength": 2}, "minItems": 2, "uniqueItems": True}, ["st", "s1"]),
        (
            {"items": {"properties": {"id": {"type": "integer"}}}, "minItems": 2, "uniqueItems": True},
            [{"id": 0}, {"id": 1}],
        ),
        ({"prefixItems": [{"const": 1}, {"const": 2}], "items": False}, [1, 2]),
        ({"contains": {"const": 5}, "items": {"type": "integer"}}, [5]),
        ({"items": False}, []),
    ],
)
def test_a_list(rules: dict[str, Any], value: list[Any]) -> None:
    assert made({"type": "array", **rules}) == value


@pytest.mark.parametrize(
    ("rules", "value"),
    [
        ({"properties": {"a": {"const": 1}, "b": {"const": 2}}, "required": ["b"]}, {"b": 2, "a": 1}),
        ({"properties": {"a": {"const": 1}, "b": {"const": 2}}, "maxProperties": 1}, {"a": 1}),
        ({"properties": {"a": {"type": "string", "writeOnly": True}}}, {}),
        ({"properties": {"a": False, "b": {"const": 2}}}, {"b": 2}),
        ({"minProperties": 2, "additionalProperties": {"const": 1}}, {"name1": 1, "name2": 1}),
        ({"required": ["x"], "additionalProperties": {"const": 1}}, {"x": 1}),
        ({"patternProperties": {"^k\\d$": {"const": 1}}, "additionalProperties": False, "minProperties": 1}, {"k0": 1}),
        ({"required": ["free"]}, {"free": {}}),
        ({"properties": {"a": {"const": 1}, "b": {"const": 2}}, "dependentSchemas": {"b": False}}, {}),
    ],
)
def test_an_object(rules: dict[str, Any], value: dict[str, Any]) -> None:
    assert list(made({"type": "object", **rules}).items()) == list(value.items())


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"allOf": [{"properties": {"a": {"const": 1}}}, {"required": ["b"]}]}, {"b": {}, "a": 1}),
        ({"allOf": [{"type": ["string", "number"]}, {"type": "integer", "minimum": 2}]}, 2),
        ({"oneOf": [False, {"const": 2}]}, 2),
        ({"oneOf": [{"type": "integer"}, {"type": "number"}, {"type": "string"}]}, "string"),
        ({"anyOf": [{"type": "integer"}, {"type": "number"}]}, 0),
        ({"type": "integer", "oneOf": [{"minimum": 5}, {"maximum": 1}]}, 5),
        ({"oneOf": [{"const": 1}, {"const": 2}], "anyOf": [{"const": 2}, {"const": 3}]}, 2),
        ({"oneOf": [{"type": "integer"}, {"type": "string"}], "example": "shown"}, "shown"),
        ({"type": "string", "not": {"const": "string"}, "maxLength": 9, "pattern": "^a"}, "a"),
        ({"type": "integer", "if": {"minimum": 0}, "then": {"minimum": 7}, "else": {"maximum": -5}}, -5),
        (
            {"properties": {"a": {"const": 1}}, "if": {"required": ["a"]}, "then": {"required": ["c"]}},
            {"c": {}, "a": 1},
        ),
    ],
)
def test_what_holds_at_once(schema: Any, value: Any) -> None:
    assert made(schema) == value


@pytest.mark.parametrize(
    ("node", "value"),
    [
        ({"properties": {"id": {"const": 1}, "next": NODE}, "required": ["id"]}, {"id": 1}),
        ({"properties": {"next": {"type": "array", "items": NODE}}, "required": ["next"]}, {"next": []}),
        ({"properties": {"next": {"anyOf": [NODE, {"type": "null"}]}}, "required": ["next"]}, {"next": None}),
        (
            {"type": "object", "properties": {"next": {"oneOf": [NODE, {"const": 1}]}}, "required": ["next"]},
            {"next": 1},
        ),
        ({"allOf": [{"properties": {"next": NODE}}, {"properties": {"id": {"const": 1}}}]}, {"id": 1}),
    ],
)
def test_a_schema_that_comes_back_to_itself_ends(node: Any, value: Any) -> None:
    assert made(NODE, Node=node) == value


@pytest.mark.parametrize(
    ("mapping", "kind"), [({}, "Cat"), ({"cat": "#/components/schemas/Cat"}, "cat"), ({"k": "Cat"}, "k")]
)
def test_a_discriminator_says_which_member_it_is(mapping: dict[str, str], kind: str) -> None:
    cat = {"type": "object", "properties": {"kind": {"type": "string"}}, "required": ["kind"]}
    union = {"oneOf": [{"$ref": "#/components/schemas/Cat"}]}
    assert made({**union, "discriminator": {"propertyName": "kind", "mapping": mapping}}, Cat=cat) == {"kind": kind}


def test_a_discriminator_does_not_break_a_member() -> None:
    cat = {"type": "object", "properties": {"kind": {"const": "C"}}, "required": ["kind"]}
    union = {"oneOf": [{"$ref": "#/components/schemas/Cat"}], "discriminator": {"propertyName": "kind"}}
    assert made(union, Cat=cat) == {"kind": "C"}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer", "minimum": 3, "exclusiveMinimum": True}, 4),
        ({"type": "string", "nullable": True, "enum": ["a"]}, "a"),
        (
            {"type": "object", "nullable": True, "required": ["a"], "properties": {"a": {"type": "string"}}},
            {"a": "string"},
        ),
    ],
)
def test_a_schema_of_3_0(schema: Any, value: Any) -> None:
    assert made(schema, "3.0.3") == value


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        (False, "no value is allowed"),
        (NODE, "needs another value of itself"),
        ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "types that exclude each other"),
        ({"type": "string", "pattern": "^(?=b)a$"}, "no simple value"),
        ({"type": "string", "enum": [1]}, "no value that it lists"),
        ({"type": "string", "minLength": 100_000}, "more than"),
        ({"type": "array", "items": {}, "minItems": 101}, "too many items"),
        ({"type": "array", "items": {"const": 1}, "minItems": 2, "uniqueItems": True}, "differ"),
        ({"type": "integer", "minimum": 2, "maximum": 1}, "no simple value"),
        ({"oneOf": [{"type": "string"}, {"type": "string"}]}, "no member of its union"),
        ({"type": "object", "properties": {"a": {"const": 1}}, "minProperties": 1, "not": {}}, "no value was found"),
        ({"$ref": "#anchor"}, "of another kind"),
    ],
)
def test_what_is_not_made_is_said(schema: Any, problem: str) -> None:
    with pytest.raises(UnmadeError) as caught:
        made(schema, Node={"required": ["next"], "properties": {"next": NODE}})
    assert problem in caught.value.problem


def test_what_stands_in_the_way_is_pointed_at() -> None:
    with pytest.raises(UnmadeError) as caught:
        made(
            {"required": ["a"], "properties": {"a": {"$ref": "#/components/schemas/No"}}},
            No={"type": "string", "enum": [1]},
        )
    assert caught.value.address.pointer == "/components/schemas/No"


def test_a_tangle_of_schemas_is_made_small() -> None:
    """Each refers to all others: with every optional property there would be 30! objects."""
    names = [f"N{number}" for number in range(30)]
    properties = {name: {"$ref": f"#/components/schemas/{name}"} for name in names}
    value = made(
        {"$ref": "#/components/schemas/N0"}, **{name: {"type": "object", "properties": properties} for name in names}
    )
    assert list(value) == names[1:]


def test_only_the_whole_is_validated_where_first_choices_are_right() -> None:
    """A validator of each part costs seconds in a large document."""
    parts = {"a": {"enum": [1]}, "b": {"anyOf": [{"type": "string", "format": "date"}, {}]}, "c": {"example": 1}}
    found = library({"openapi": "3.1.0", "It": {"type": "object", "properties": parts}})
    whole, asked = Address(found.main, "/It"), []

    def fits(address: Address, value: Any) -> bool:
        asked.append(address)
        return True

    sample(found, whole, fits)
    assert asked == [whole]


def test_a_reference_to_another_file(tmp_path: Any) -> None:
    main = """
openapi: 3.1.0
info: {title: t, version: "1"}
paths: {}
components: {schemas: {It: {$ref: "parts/other.yaml#/Thing"}}}
"""
    other = "Thing: {type: object, required: [a], properties: {a: {$ref: '#/Name'}}}\nName: {const: n}\n"
    contract = load_contract(write(tmp_path, openapi=main, parts__other=other))
    assert contract.sample(Address(contract.library.main, "/components/schemas/It")) == {"a": "n"}


def bounded(low: str, high: str, top: int = 20) -> st.SearchStrategy[dict[str, int]]:
    """Two limits, or one, or none, that leave something between them."""
    pairs = st.tuples(st.integers(0, top), st.integers(0, top)).map(sorted)
    limits = pairs.map(lambda pair: {low: pair[0], high: pair[1]})
    return st.builds(lambda both, kept: {k: both[k] for k in kept}, limits, st.sets(st.sampled_from([low, high])))


def objects(members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda properties, required: {"type": "object", "properties": properties, "required": sorted(required)},
        st.dictionaries(st.sampled_from("abcd"), members, max_size=3),
        st.sets(st.sampled_from("abcde")),
    )


def array(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def with_member(schema: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"z": schema}, "required": ["z"]}


LEAVES = st.one_of(
    bounded("minLength", "maxLength").map(lambda limits: {"type": "string", **limits}),
    bounded("minimum", "maximum").map(lambda limits: {"type": "integer", **limits}),
    bounded("minimum", "maximum").map(lambda limits: {"type": ["null", "number"], **limits}),
    st.sampled_from([{"type": "boolean"}, {}, {"const": {"a": 1}}, {"enum": [1, "x"]}]),
    st.sampled_from([{"type": "integer", "multipleOf": 3}, {"type": "string", "format": "date"}]),
    st.just({"type": "string", "pattern": "^[a-c]{2}$"}),
)
SOUND: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda members: st.one_of(
        objects(members),
        st.builds(lambda items, limits: {**array(items), **limits}, members, bounded("minItems", "maxItems", 4)),
        st.lists(members, min_size=1, max_size=3).map(lambda each: {"anyOf": each}),
        st.tuples(members, members).map(lambda each: {"oneOf": [array(each[0]), with_member(each[1])]}),
        members.map(lambda member: {"allOf": [member, {}]}),
    ),
    max_leaves=8,
)
KEYWORDS: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries({"not": LEAVES}),
    st.fixed_dictionaries({"minProperties": st.integers(0, 3)}),
    st.fixed_dictionaries({"oneOf": st.lists(LEAVES, min_size=1, max_size=3)}),
    st.fixed_dictionaries({"enum": st.lists(st.sampled_from([None, 1, "x", [], {}]), min_size=1)}),
    st.fixed_dictionaries({"additionalProperties": LEAVES}),
)


@given(SOUND)
def test_a_sound_schema_has_a_sample(schema: Any) -> None:
    value = made(schema)
    assert made(schema) == value


@given(SOUND, KEYWORDS)
def test_any_sample_is_valid_or_declined(schema: Any, more: Any) -> None:
    both = {**schema, **more}
    try:
        value = made(both)
    except UnmadeError:
        return
    found = library({"openapi": "3.1.0", "components": {"schemas": {"It": both}}})
    assert Validators(found).fits(Address(found.main, "/components/schemas/It"), value)
