"""Whether a request keeps its contract is read from what was sent."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from contracts.target.exchange import Exchange, Request, Response
from contracts.target.request_conformance import RequestConformance, texts_of
from contracts.target.subject import Subject, load_subject
from openapi.forms import FORM

PARAMETERS = [
    {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
    {"name": "q", "in": "query", "required": True, "schema": {"type": "array", "items": {"type": "integer"}}},
    {"name": "X-Kind", "in": "header", "schema": {"enum": ["a"]}},
    {"name": "who", "in": "cookie", "schema": {"type": "integer"}},
    {"name": "any", "in": "query"},
    {"name": "either", "in": "query", "schema": {"oneOf": [{"type": "integer", "minimum": 9}, {"type": "string"}]}},
]
BODY = {
    "application/json": {"schema": {"type": "object", "required": ["a"]}},
    FORM: {"schema": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}},
    "application/xml": {"schema": {"type": "object"}},
}


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    responses = {"204": {"description": "Done."}}
    put = {"operationId": "put", "parameters": PARAMETERS, "responses": responses}
    post = {"operationId": "post", "requestBody": {"required": True, "content": BODY}, "responses": responses}
    patch = {"operationId": "patch", "requestBody": {"content": BODY}, "responses": responses}
    paths = {"/things/{id}": {"put": put}, "/things": {"post": post, "patch": patch}}
    path = tmp_path_factory.mktemp("meaning") / "things.json"
    path.write_bytes(orjson.dumps({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths}))
    return load_subject(str(path))


def sent(operation: str, path: str, body: bytes = b"", **headers: str) -> Exchange:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    request = Request("PUT", f"http://target.test{path}", names, body)
    return Exchange(1, request, Response(204, {}, b""), operation)


@pytest.mark.parametrize(
    ("path", "headers", "keeps"),
    [
        ("/things/1?q=1&q=2", {}, True),
        ("/things/1?q=1", {"x_kind": "a", "cookie": "other=x; who=7"}, True),
        ("/things/1?q=1&any=x&unknown=y", {}, True),
        ("/things/1?q=1&either=1", {}, True),
        ("/things/x?q=1", {}, False),
        ("/things/1", {}, False),
        ("/things/1?q=x", {}, False),
        ("/things/1?q=1", {"X_Kind": "b"}, False),
        ("/things/1?q=1", {"cookie": "who=me"}, False),
    ],
)
def test_parameters(subject: Subject, path: str, headers: dict[str, str], *, keeps: bool) -> None:
    assert RequestConformance(subject).keeps(sent("put", path, b"", **headers)) is keeps


@pytest.mark.parametrize(
    ("operation", "media", "body", "keeps"),
    [
        ("post", "application/json", b'{"a": 1}', True),
        ("post", "application/json", b"{}", False),
        ("post", "application/json", b"{", False),
        ("post", FORM, b"n=1", True),
        ("post", f"{FORM}; charset=utf-8", b"n=x", False),
        ("post", FORM, b"", False),
        ("post", "", b"", False),
        ("patch", "", b"", True),
        ("patch", FORM, b"", True),
        ("patch", FORM, b"n=x", False),
        ("post", "application/xml", b"<a/>", None),
        ("post", "text/plain", b"a", None),
    ],
)
def test_bodies(subject: Subject, operation: str, media: str, body: bytes, *, keeps: bool | None) -> None:
    headers: dict[str, Any] = {"Content_Type": media} if media else {}
    assert RequestConformance(subject).keeps(sent(operation, "/things", body, **headers)) is keeps


def test_a_request_of_nobodys_is_not_read(subject: Subject) -> None:
    assert RequestConformance(subject).keeps(sent("", "/nowhere")) is None


def test_texts_by_place(subject: Subject) -> None:
    texts = texts_of(subject, sent("put", "/things/a%20b?q=1&q=&r", X_Kind="a", cookie="a=1; b=2"))
    assert texts["path"] == {"id": ["a b"]}
    assert texts["query"] == {"q": ["1", ""], "r": [""]}
    assert texts["header"]["x-kind"] == ["a"]
    assert texts["cookie"] == {"a": ["1"], "b": ["2"]}
