"""A body is read as its documented media type says: JSON, a form, or one text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from contracts.target.bodies import Wire, reading
from openapi.contract import load_contract
from openapi.library import Address
from openapi.media_types import essence
from openapi.parameters import ABSENT

FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
FIELDS: dict[str, Any] = {
    "count": {"type": "integer"},
    "tags": {"type": "array", "items": {"type": "integer"}},
    "one": {"type": "object", "properties": {"a": {"type": "integer"}}},
    "many": {"type": "array", "items": {"type": "object"}},
    "packed": {"type": "array", "items": {"type": "integer"}},
    "deep": {"type": "object", "properties": {"a": {"type": "integer"}}},
}
ENCODING = {"packed": {"style": "form", "explode": False}, "deep": {"style": "deepObject", "explode": True}}
OBJECT = {"type": "object", "allOf": [{"properties": FIELDS}]}


def read(folder: Path, media: str, schema: Any, body: bytes, content_type: str = "") -> Any:
    """What is read of a body, documented so; None where such bodies are not read."""
    described = {"schema": schema, "encoding": ENCODING}
    operation = {"operationId": "make", "requestBody": {"content": {media: described}}, "responses": {}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "paths": {"/things": {"post": operation}},
    }
    path = folder / "openapi.yaml"
    path.write_bytes(orjson.dumps(document))
    library = load_contract(path).library
    at = Address(library.main, "/paths/~1things/post/requestBody/content") / media
    found = reading(library, at, essence(media))
    return found and (found.wire, found.value(body, content_type or media))


@pytest.mark.parametrize("media", ["application/json", "application/problem+json", "*/*", "Application/JSON; v=1"])
def test_json(tmp_path: Path, media: str) -> None:
    assert read(tmp_path, media, {}, b'{"a": 1}') == (Wire.JSON, {"a": 1})
    assert read(tmp_path, media, {}, b"null") == (Wire.JSON, None)
    assert read(tmp_path, media, {}, b"{") == (Wire.JSON, ABSENT)


def test_a_form_says_what_its_fields_are(tmp_path: Path) -> None:
    body = b"count=3&tags=1&one=%7B%22a%22%3A1%7D&many=%7B%7D&many=x&packed=1,2&deep[a]=4&else=5&blank=&twice=6&twice=7"
    assert read(tmp_path, FORM, OBJECT, body) == (
        Wire.FORM,
        {
            "count": 3,
            "tags": [1],
            "one": {"a": 1},
            "many": [{}, "x"],
            "packed": [1, 2],
            "deep": {"a": 4},
            "else": "5",
            "blank": "",
            "twice": ["6", "7"],
        },
    )


def test_parts_say_what_their_fields_are(tmp_path: Path) -> None:
    said = (("count", b"3"), ("tags", b"1"), ("tags", b"2"), ("one", b'{"a": 1}'), ("file", b"\xff\r\n"))
    body = (
        b"".join(
            b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), text)
            for name, text in said
        )
        + b"--x--\r\n"
    )
    assert read(tmp_path, MULTIPART, OBJECT, body, f"{MULTIPART}; boundary=x") == (
        Wire.FORM,
        {"count": 3, "tags": [1, 2], "one": {"a": 1}, "file": "\ufffd\r\n"},
    )
    assert read(tmp_path, MULTIPART, OBJECT, body, MULTIPART) == (Wire.FORM, {})


def test_one_text_and_what_is_none(tmp_path: Path) -> None:
    assert read(tmp_path, "text/csv", {"type": "string"}, b"a,b\xff") == (Wire.FILLED, "a,b\ufffd")
    assert read(tmp_path, "application/xml", {"type": "object"}, b"<a/>") is None


def test_a_range_is_read_as_json_or_as_text_but_not_as_both(tmp_path: Path) -> None:
    assert read(tmp_path, "text/*", {}, b"a") == (Wire.FILLED, "a")
