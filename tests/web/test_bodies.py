"""Bodies at a document of one's own: which media types are read, and what is taken of those that are not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from mockserver.app import Options, build
from tests.client import Client

OBJECT, TEXT = {"type": "object", "required": ["a"]}, {"type": "string", "minLength": 2}


@pytest.mark.parametrize(
    ("documented", "schema", "sent", "body", "status"),
    [
        ("application/json; charset=utf-8", OBJECT, "application/json", b'{"a": 1}', 204),
        ("application/json; charset=utf-8", OBJECT, "application/json; charset=utf-8", b"{}", 400),
        ("text/json", OBJECT, "text/json", b'{"a": 1}', 204),
        ("text/*", TEXT, "text/json", b"0", 400),
        ("text/*", TEXT, "text/plain", b"00", 204),
        ("text/plain", TEXT, "text/plain", b"0", 400),
        ("text/plain", TEXT, "text/plain", b"\xff\xff", 400),
        ("image/png", TEXT, "image/png", b"\xff\xff", 204),
        ("image/png", TEXT, "image/png", b"\xff", 400),
        ("image/png", None, "image/png", b"\xff", 204),
        ("application/xml", OBJECT, "application/xml", b"<a/>", 204),
        ("application/xml", {"not": {}}, "application/xml", b"<a/>", 400),
        ("*/*", OBJECT, "image/png", b"\x89PNG", 204),
        ("*/*", OBJECT, "application/json", b"{}", 400),
    ],
)
def test_a_body_is_read_as_what_it_is(
    tmp_path: Path, documented: str, schema: Any, sent: str, body: bytes, status: int
) -> None:
    described = {"schema": schema} if schema else {}
    responses = {"204": {"description": "Taken."}, "400": {"description": "Refused."}}
    operation = {"requestBody": {"content": {documented: described}}, "responses": responses}
    document = {"openapi": "3.1.0", "info": {"title": "B", "version": "1"}, "paths": {"/bodies": {"put": operation}}}
    path = tmp_path / "bodies.json"
    path.write_bytes(orjson.dumps(document))
    client = Client(build(Options(spec=str(path), rate=0), wall=lambda: 0))
    assert client.request("PUT", "/bodies", content=body, headers={"content-type": sent}).status == status


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("v=true", 200),
        ("v=1&v=2", 200),
        ("v=7", 200),
        ("v=x", 400),
        ("u=150", 200),
        ("u=7", 200),
        ("u=777", 200),
        ("u=77777", 200),
        ("u=yyy", 400),
        ("v=true&v=1", 400),
    ],
)
def test_a_parameter_of_several_types_is_read_as_the_one_that_fits(tmp_path: Path, query: str, status: int) -> None:
    either = {"anyOf": [{"type": "boolean"}, {"type": "array", "items": {"type": "integer"}}]}
    other = {"oneOf": [{"type": "integer", "minimum": 100}, {"type": "string", "maxLength": 2}]}
    parameters = [{"name": name, "in": "query", "schema": schema} for name, schema in (("v", either), ("u", other))]
    operation = {"parameters": parameters, "responses": {"200": {"description": ""}, "400": {"description": ""}}}
    document = {"openapi": "3.1.0", "info": {"title": "B", "version": "1"}, "paths": {"/q": {"get": operation}}}
    path = tmp_path / "queries.json"
    path.write_bytes(orjson.dumps(document))
    assert Client(build(Options(spec=str(path), rate=0), wall=lambda: 0)).get(f"/q?{query}").status == status
