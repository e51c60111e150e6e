"""Forms: what their fields mean by schema and `encoding`, in both media types."""

from __future__ import annotations

from typing import Any

import pytest

from openapi.forms import FORM, FORMS, MULTIPART, form, parts
from openapi.library import Address
from tests.openapi.documents import library

INTEGER, TEXT = {"type": "integer"}, {"type": "string"}
POINT = {"type": "object", "properties": {"x": INTEGER, "y": INTEGER}}


def read(properties: Any, texts: dict[str, list[str]], media: str = FORM, **described: Any) -> Any:
    """What the texts mean to a form of such properties; `described` is said of the media type."""
    opened = library({"form": {"schema": {"type": "object", "properties": properties}, **described}})
    return form(opened, Address(opened.main, "/form"), media)(texts)


@pytest.mark.parametrize("media", FORMS)
@pytest.mark.parametrize(
    ("schema", "texts", "value"),
    [
        (INTEGER, ["1"], 1),
        (INTEGER, ["1.0"], "1.0"),
        (INTEGER, ["1", "2"], ["1", "2"]),
        ({"type": "number"}, ["1.5"], 1.5),
        ({"type": "boolean"}, ["true"], True),
        (TEXT, ["1"], "1"),
        (TEXT, [""], ""),
        ({}, ["1"], "1"),
        ({"type": "array", "items": INTEGER}, ["1"], [1]),
        ({"type": "array", "items": INTEGER}, ["1", "x"], [1, "x"]),
        ({"type": "array"}, ["1"], ["1"]),
        ({"allOf": [{"type": "array"}, {"items": INTEGER}]}, ["1"], [1]),
        (POINT, ['{"x": 1}'], {"x": 1}),
        (POINT, ["{"], "{"),
        ({"type": "array", "items": POINT}, ['{"x": 1}'], [{"x": 1}]),
        ({"type": "array", "items": POINT}, ['[{"x": 1}]'], [{"x": 1}]),
        ({"type": "array", "items": POINT}, ['[{"x": 1}]', "{}"], [[{"x": 1}], {}]),
        ({"type": "array", "items": {"type": "array"}}, ["[1]"], [[1]]),
    ],
)
def test_a_field(media: str, schema: Any, texts: list[str], value: Any) -> None:
    assert read({"field": schema}, {"field": texts}, media) == {"field": value}


@pytest.mark.parametrize("media", FORMS)
def test_a_field_in_a_style(media: str) -> None:
    properties = {"ids": {"type": "array", "items": INTEGER}, "at": POINT}
    encoding = {"ids": {"explode": False}, "at": {"style": "deepObject"}}
    texts = {"ids": ["1,2"], "at[x]": ["3"]}
    assert read(properties, texts, media, encoding=encoding) == {"ids": [1, 2], "at": {"x": 3}}


def test_an_object_may_stand_in_several_fields() -> None:
    assert read({"at": POINT}, {"x": ["1"], "y": ["2"]}) == {"at": {"x": 1, "y": 2}}
    assert read({"at": POINT, "x": TEXT}, {"x": ["1"], "y": ["2"]}) == {"x": "1", "at": {"y": 2}}
    assert read({"at": POINT}, {"at": ['{"x": 1}']}) == {"at": {"x": 1}}
    assert read({"at": POINT}, {"x": ["1"]}, MULTIPART) == {"x": "1"}
    assert read({"at": {"type": ["object", "array"]}}, {"x": ["1"]}) == {"x": "1"}


def test_what_is_not_declared_is_text() -> None:
    assert read({}, {"a": ["1"], "b": ["1", "2"]}) == {"a": "1", "b": ["1", "2"]}
    opened = library({"form": {}})
    assert form(opened, Address(opened.main, "/form"), FORM)({"a": ["1"]}) == {"a": "1"}


def test_what_is_not_declared_is_what_additional_properties_are() -> None:
    opened = library({"form": {"schema": {"properties": {"a": TEXT}, "additionalProperties": INTEGER}}})
    assert form(opened, Address(opened.main, "/form"), FORM)({"a": ["1"], "b": ["1"]}) == {"a": "1", "b": 1}


def test_properties_are_found_in_what_a_schema_is_made_of() -> None:
    root = {
        "form": {"schema": {"$ref": "#/one"}},
        "one": {
            "properties": {"a": INTEGER},
            "allOf": [{"$ref": "#/one"}, {"properties": {"b": INTEGER}}],
            "oneOf": [{"properties": {"c": INTEGER}}, {"properties": {"c": {"type": "boolean"}}}],
        },
    }
    opened = library(root)
    texts = {"a": ["1"], "b": ["2"], "c": ["true"]}
    assert form(opened, Address(opened.main, "/form"), FORM)(texts) == {"a": 1, "b": 2, "c": True}


def test_parts() -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x\r\n\r\nnobody\r\n--x--\r\n'
    assert parts(body, f"{MULTIPART}; boundary=x") == {"a": ["1"]}
    assert parts(body, MULTIPART) == {}
