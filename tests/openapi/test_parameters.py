"""Parameters: each style of OpenAPI 3.1 (4.8.12.2) with and without explode, and numbers read strictly."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openapi.library import Address
from openapi.parameters import ABSENT, Parameter, decoder, parameter, types_of
from openapi.source import SourceError
from tests.openapi.documents import library

TEXT = {"type": "string"}
LIST = {"type": "array", "items": {"type": "string"}}
NUMBERS = {"type": "array", "items": {"type": "integer"}}
COLOUR = {
    "type": "object",
    "properties": {"R": {"type": "integer"}, "G": {"type": "integer"}, "B": {"type": "integer"}},
}
RGB = {"R": 100, "G": 200, "B": 150}


def compiled(schema: Any, location: str = "query", **said: Any) -> Parameter:
    opened = library({"p": {"name": "color", "in": location, "schema": schema, **said}})
    return parameter(opened, Address(opened.main, "/p"))


# The table of OpenAPI 3.1.1, 4.8.12.5 (Style Examples), its values as they come after percent-decoding.
@pytest.mark.parametrize(
    ("location", "style", "explode", "schema", "wire", "value"),
    [
        ("path", "matrix", False, TEXT, {"color": [";color=blue"]}, "blue"),
        ("path", "matrix", True, TEXT, {"color": [";color=blue"]}, "blue"),
        ("path", "matrix", False, LIST, {"color": [";color=blue,black,brown"]}, ["blue", "black", "brown"]),
        ("path", "matrix", True, LIST, {"color": [";color=blue;color=black;color=brown"]}, ["blue", "black", "brown"]),
        ("path", "matrix", False, COLOUR, {"color": [";color=R,100,G,200,B,150"]}, RGB),
        ("path", "matrix", True, COLOUR, {"color": [";R=100;G=200;B=150"]}, RGB),
        ("path", "label", False, TEXT, {"color": [".blue"]}, "blue"),
        ("path", "label", False, LIST, {"color": [".blue,black,brown"]}, ["blue", "black", "brown"]),
        ("path", "label", True, LIST, {"color": [".blue.black.brown"]}, ["blue", "black", "brown"]),
        ("path", "label", False, COLOUR, {"color": [".R,100,G,200,B,150"]}, RGB),
        ("path", "label", True, COLOUR, {"color": [".R=100.G=200.B=150"]}, RGB),
        ("path", "simple", False, TEXT, {"color": ["blue"]}, "blue"),
        ("path", "simple", False, LIST, {"color": ["blue,black,brown"]}, ["blue", "black", "brown"]),
        ("path", "simple", True, LIST, {"color": ["blue,black,brown"]}, ["blue", "black", "brown"]),
        ("path", "simple", False, COLOUR, {"color": ["R,100,G,200,B,150"]}, RGB),
        ("path", "simple", True, COLOUR, {"color": ["R=100,G=200,B=150"]}, RGB),
        ("header", "simple", False, LIST, {"color": ["blue, black ,\tbrown"]}, ["blue", "black", "brown"]),
        ("query", "form", False, TEXT, {"color": ["blue"]}, "blue"),
        ("query", "form", True, LIST, {"color": ["blue", "black"]}, ["blue", "black"]),
        ("query", "form", True, LIST, {"color": ["blue,black"]}, ["blue,black"]),
        ("query", "form", False, LIST, {"color": ["blue,black"]}, ["blue", "black"]),
        ("query", "form", False, COLOUR, {"color": ["R,100,G,200,B,150"]}, RGB),
        ("query", "form", True, COLOUR, {"R": ["100"], "G": ["200"], "B": ["150"], "x": ["1"]}, RGB),
        ("query", "spaceDelimited", False, LIST, {"color": ["blue black"]}, ["blue", "black"]),
        ("query", "spaceDelimited", False, COLOUR, {"color": ["R 100 G 200 B 150"]}, RGB),
        ("query", "pipeDelimited", False, LIST, {"color": ["blue|black"]}, ["blue", "black"]),
        ("query", "pipeDelimited", False, COLOUR, {"color": ["R|100|G|200|B|150"]}, RGB),
        ("query", "deepObject", True, COLOUR, {"color[R]": ["100"], "color[G]": ["200"], "color[B]": ["150"]}, RGB),
        ("cookie", "form", False, TEXT, {"color": ["blue"]}, "blue"),
        # What is not so written is not taken for it.
        ("path", "matrix", False, TEXT, {"color": ["blue"]}, ABSENT),
        ("path", "matrix", False, TEXT, {"color": [";colour=blue"]}, ABSENT),
        ("path", "label", False, LIST, {"color": ["blue"]}, ABSENT),
        ("path", "matrix", True, NUMBERS, {"color": [";color=1;2"]}, [1, "2"]),
        ("query", "form", False, NUMBERS, {"color": ["1, 2"]}, [1, " 2"]),
        ("query", "form", False, COLOUR, {"color": ["R,100,G"]}, "R,100,G"),
        ("path", "simple", True, COLOUR, {"color": ["R=100,G"]}, "R=100,G"),
        ("query", "form", True, COLOUR, {"R": ["100", "7"]}, {"R": ["100", "7"]}),
        ("query", "deepObject", True, COLOUR, {"color[R]": ["100", "7"]}, {"R": ["100", "7"]}),
        ("query", "deepObject", True, COLOUR, {"color[X]": ["1"]}, {"X": "1"}),
        ("query", "form", True, TEXT, {"color": ["blue", "black"]}, ["blue", "black"]),
        ("query", "form", True, {"type": "integer"}, {"color": ["1", "1"]}, ["1", "1"]),
    ],
)
def test_styles(location: str, style: str, schema: Any, wire: Any, value: Any, *, explode: bool) -> None:
    found = compiled(schema, location, style=style, explode=explode)
    assert found.read(wire) == value
    if found.decode is not None and len(wire["color"]) == 1:
        assert found.decode(wire["color"][0]) == value, "the short way says the same"
    assert found.read({}) is ABSENT


@pytest.mark.parametrize(
    ("location", "wire", "value"),
    [
        ("query", {"color": ["1", "2"]}, [1, 2]),  # form, exploded
        ("cookie", {"color": ["1", "2"]}, [1, 2]),
        ("path", {"color": ["1,2"]}, [1, 2]),  # simple
        ("header", {"color": ["1,2"]}, [1, 2]),
    ],
)
def test_the_style_of_a_location(location: str, wire: Any, value: Any) -> None:
    assert compiled(NUMBERS, location).read(wire) == value


def test_only_form_is_exploded_by_itself() -> None:
    assert compiled(NUMBERS, style="pipeDelimited").read({"color": ["1|2"]}) == [1, 2]
    assert compiled(COLOUR, "path").read({"color": ["R,100,G,200,B,150"]}) == RGB
    assert compiled(COLOUR, "query").read({"R": ["100"]}) == {"R": 100}


@pytest.mark.parametrize(
    ("style", "schema", "owned"),
    [("form", TEXT, ["color"]), ("form", COLOUR, ["R", "G", "B"]), ("deepObject", COLOUR, ["color[R]", "color[x]"])],
)
def test_which_names_belong_to_it(style: str, schema: Any, owned: list[str]) -> None:
    names = ["color", "R", "G", "B", "color[R]", "color[x]", "colors", "color[", "other"]
    assert [name for name in names if compiled(schema, style=style).owns(name)] == owned


def test_a_header_has_any_case_and_a_path_parameter_is_required() -> None:
    header = compiled(TEXT, "header", name="X-Request-ID")
    assert (header.name, header.key, header.required) == ("X-Request-ID", "x-request-id", False)
    assert header.read({"x-request-id": ["a"]}) == "a"
    assert compiled(TEXT, "path").required
    assert compiled(TEXT, required=True).required


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"style": "from"}, "there is no style 'from' in a query (did you mean 'form'?)"),
        ({"style": "matrix"}, "there is no style 'matrix' in a query"),
        ({"in": "path", "style": "form"}, "there is no style 'form' in a path"),
        ({"in": "body"}, "a parameter in 'body' is not supported"),
        ({"in": "formData"}, "a parameter in 'formData' is not supported"),
    ],
)
def test_a_style_nobody_defines(said: Any, problem: str) -> None:
    opened = library({"p": {"name": "color", "in": "query", "schema": TEXT, **said}})
    with pytest.raises(SourceError) as caught:
        parameter(opened, Address(opened.main, "/p"))
    assert problem in str(caught.value)


def test_content_is_json() -> None:
    opened = library({"p": {"name": "filter", "in": "query", "content": {"application/json": {"schema": COLOUR}}}})
    found = parameter(opened, Address(opened.main, "/p"))
    assert found.schema == Address(opened.main, "/p/content/application~1json/schema")
    assert found.read({"filter": ['{"R": 1}']}) == {"R": 1}
    assert found.read({"filter": ['{"R": ']}) == '{"R": '
    assert found.read({"filter": ["NaN"]}) == "NaN"


@pytest.mark.parametrize("said", [{"content": {"application/json": {}}}, {}])
def test_without_a_schema_anything_goes(said: Any) -> None:
    opened = library({"p": {"name": "a", "in": "query", **said}})
    found = parameter(opened, Address(opened.main, "/p"))
    assert found.schema is None
    assert found.read({"a": ["x"]}) == "x"


# --- strict numbers

NONE_OF_THEM = [
    *("1_0", " 1", "1 ", "\n1", "1\n", "+1", "01", "-01", "1.", ".5", "0x1F", "1e", "e1", "1e+", "--1", "1,5", ""),
    *("nan", "NaN", "inf", "Infinity", "-inf", "1e400", "-1e400", "1" * 5_000, "1" * 401 + ".5", "0" * 5_000),
    *("\N{ARABIC-INDIC DIGIT ONE}", "\N{FULLWIDTH DIGIT ONE}", "\N{SUPERSCRIPT TWO}", "True", "TRUE", "yes", "null"),
]


@pytest.mark.parametrize("text", NONE_OF_THEM, ids=lambda text: ascii(text[:12]))
def test_text_that_is_no_number_stays_text(text: str) -> None:
    assert decoder(frozenset({"integer", "number", "boolean"}))(text) == text


@pytest.mark.parametrize(
    ("text", "types", "value"),
    [
        ("10", {"integer"}, 10),
        ("-0", {"integer"}, 0),
        ("9" * 400, {"integer"}, int("9" * 400)),
        ("1.0", {"integer"}, "1.0"),
        ("1.0", {"number"}, 1.0),
        ("1", {"number"}, 1),
        ("-1.5e-3", {"number"}, -0.0015),
        ("true", {"boolean"}, True),
        ("false", {"boolean"}, False),
        ("1", {"boolean"}, "1"),
        ("true", {"boolean", "integer"}, True),
        ("5", {"string"}, "5"),
        ("true", {"string"}, "true"),
        ("5", {"null", "integer"}, 5),
        ("5", set(), "5"),
    ],
)
def test_values_of_a_type(text: str, types: set[str], value: Any) -> None:
    decoded = decoder(frozenset(types))(text)
    assert (decoded, type(decoded)) == (value, type(value))


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_read_as_json_writes_it(value: float) -> None:
    text = repr(value)
    assert decoder(frozenset({"number"}))(text) == value
    if isinstance(value, int):
        assert decoder(frozenset({"integer"}))(text) == value


@given(st.text(max_size=12) | st.from_regex(r"[-+0-9_.eE ]{1,8}"))
def test_any_text_gives_a_finite_number_or_itself(text: str) -> None:
    value = decoder(frozenset({"integer", "number"}))(text)
    assert value == text or (math.isfinite(value) and text == text.strip() and text.isascii())


# --- types


@pytest.mark.parametrize(
    ("schema", "types"),
    [
        ({"type": "integer"}, {"integer"}),
        ({"type": ["integer", "null"]}, {"integer", "null"}),
        ({"$ref": "#/integer"}, {"integer"}),
        ({"oneOf": [{"type": "integer"}, {"$ref": "#/text"}]}, {"integer", "string"}),
        ({"anyOf": [{"type": "integer"}, {}]}, {"integer"}),
        ({"allOf": [{"type": ["integer", "string"]}, {"type": "integer"}, {"minimum": 1}]}, {"integer"}),
        ({"allOf": [{"minimum": 1}]}, set()),
        ({"const": 5}, {"integer"}),
        ({"enum": ["a", 1.5, None, True, [], {}]}, {"string", "number", "null", "boolean", "array", "object"}),
        ({}, set()),
        (True, set()),
        ({"$ref": "#/loop"}, {"string"}),
    ],
)
def test_the_types_of_a_schema(schema: Any, types: set[str]) -> None:
    root = {
        "integer": {"type": "integer"},
        "text": {"type": "string"},
        "s": schema,
        "loop": {"oneOf": [{"$ref": "#/loop"}, {"$ref": "#/text"}, {"items": {"$ref": "#/loop"}}]},
    }
    opened = library(root)
    assert types_of(opened, Address(opened.main, "/s"), schema) == types


def test_schemas_that_all_refer_to_each_other_come_to_an_end() -> None:
    names = [f"s{number}" for number in range(40)]
    root: dict[str, Any] = {name: {"oneOf": [{"$ref": f"#/{other}"} for other in names]} for name in names}
    root["s39"] = {"type": "integer"}
    opened = library(root)
    assert types_of(opened, Address(opened.main, "/s0"), root["s0"]) == {"integer"}


def test_a_list_and_its_members_behind_references() -> None:
    root = {
        "p": {"name": "ids", "in": "query", "schema": {"$ref": "#/ids"}, "explode": False},
        "ids": {"type": "array", "items": {"$ref": "#/id"}},
        "id": {"type": "integer"},
    }
    opened = library(root)
    assert parameter(opened, Address(opened.main, "/p")).read({"ids": ["1,x"]}) == [1, "x"]


@pytest.mark.parametrize(
    ("location", "schema", "text", "value"),
    [
        ("header", NUMBERS, "", []),
        ("header", NUMBERS, "1,,2, ", [1, 2]),
        ("header", LIST, ",", []),
        ("query", NUMBERS, "", []),
        ("query", NUMBERS, "1,", [1, ""]),
        ("query", LIST, "", [""]),
        ("query", {"type": "array"}, "", [""]),
        ("cookie", NUMBERS, "", []),
    ],
)
def test_what_is_empty_is_no_member_of_a_list_in_a_header_or_of_numbers(
    location: str, schema: Any, text: str, value: Any
) -> None:
    assert compiled(schema, location, explode=False).read({"color": [text]}) == value


def test_properties_of_what_an_object_is_made_of_have_their_types() -> None:
    schema = {"type": "object", "allOf": [{"properties": {"R": {"type": "integer"}}}, {"properties": {"G": TEXT}}]}
    assert compiled(schema).read({"R": ["1"], "G": ["1"]}) == {"R": 1, "G": "1"}


@pytest.mark.parametrize(
    ("style", "name", "text"), [("deepObject", "color[X]", "1"), ("pipeDelimited", "color", "X|1")]
)
def test_undeclared_properties_have_their_type(style: str, name: str, text: str) -> None:
    schema = {**COLOUR, "additionalProperties": {"type": "integer"}}
    assert compiled(schema, style=style, explode=style == "deepObject").read({name: [text]}) == {"X": 1}


def test_a_value_of_several_types_has_several_readings() -> None:
    schema = {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}, {"type": "string"}]}
    found = compiled(schema)
    assert found.value({"color": ["1"]}, lambda value: value == 1) == 1
    assert found.value({"color": ["1"]}, lambda value: value == "1") == "1"
    assert found.value({"color": ["1"]}, lambda value: False) == [1]
    assert found.value({}, lambda value: False) is ABSENT
    assert compiled({"type": ["integer", "null"]}).others == ()
