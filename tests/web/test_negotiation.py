"""Media types of answers and codings of bodies at a document of one's own, and statuses without content."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from mockserver.app import Options, build
from mockserver.engine.answer import Answer
from tests.client import Client

JSON, VENDOR, TEXT, HTML = "application/json", "application/vnd.api+json", "text/plain", "text/html"
EXAMPLES: dict[str, Any] = {JSON: {"a": 1}, VENDOR: {"data": 1}, TEXT: "one", HTML: "<p>one"}


def serving(folder: Path, responses: dict[str, Any], **operation: Any) -> Client:
    """A client of a document with one operation, GET and PUT /things, that has these responses."""
    described = {status: {"description": "", **response} for status, response in responses.items()}
    methods = {"get": {"responses": described}, "put": {"responses": described, **operation}}
    document = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/things": methods}}
    path = folder / "things.json"
    path.write_bytes(orjson.dumps(document))
    return Client(build(Options(spec=str(path), rate=0), wall=lambda: 0))


@pytest.mark.parametrize(
    ("accept", "sent"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (";;;, q=1", JSON),
        (JSON, JSON),
        (VENDOR, VENDOR),
        ("text/html, text/plain;q=0.9", HTML),
        ("text/html;q=0.5, text/plain;q=0.9", TEXT),
        ("text/*", TEXT),
        ("text/*, text/plain;q=0", HTML),
        ("*/*;q=0.1, application/vnd.api+json;q=0.2", VENDOR),
        ("image/png", None),
        ("*/*;q=0", None),
    ],
)
def test_accept_chooses_among_what_is_documented(tmp_path: Path, accept: str | None, sent: str | None) -> None:
    content = {name: {"example": example} for name, example in EXAMPLES.items()}
    client = serving(tmp_path, {"200": {"content": content}, "406": {}})
    answer = client.get("/things", headers={"accept": accept})
    if sent is None:
        assert answer.status == 406
    else:
        assert (answer.status, answer.headers["content-type"]) == (200, sent)
        assert answer.content == (EXAMPLES[sent].encode() if sent.startswith("text") else orjson.dumps(EXAMPLES[sent]))


@pytest.mark.parametrize("documented", ["*/*", "application/*"])
def test_a_range_is_answered_in_a_media_type_and_by_an_example_that_fits(tmp_path: Path, documented: str) -> None:
    shown = {"schema": {"type": "object"}, "examples": {"wrong": {"value": 1}, "right": {"value": {"a": 1}}}}
    client = serving(tmp_path, {"200": {"content": {documented: shown}}})
    answer = client.get("/things")
    assert (answer.status, answer.headers["content-type"], answer.json) == (200, JSON, {"a": 1})
    assert client.get("/things", headers={"x-mock-scenario": "wrong"}).status == 400


def test_where_no_example_fits_an_instance_of_the_schema_is_sent(tmp_path: Path) -> None:
    shown = {"schema": {"type": "object", "required": ["a"]}, "example": {"b": 1}}
    answer = serving(tmp_path, {"200": {"content": {JSON: shown}}}).get("/things")
    assert (answer.status, list(answer.json)) == (200, ["a"])


@pytest.mark.parametrize(("accept", "sent"), [("*/*", JSON), (VENDOR, VENDOR), (TEXT, JSON)])
def test_json_that_a_function_made_gets_the_name_that_the_client_accepts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, accept: str, sent: str
) -> None:
    client = serving(tmp_path, {"200": {"content": {JSON: {}, VENDOR: {}, TEXT: {}}}})
    (playing,) = client.stub.engine.playings.values()
    monkeypatch.setattr(playing, "play", lambda call: Answer(200, {"data": 1}))
    assert client.get("/things", headers={"accept": accept}).headers["content-type"] == sent


@pytest.mark.parametrize(("status", "length"), [(204, None), (205, "0"), (304, None)])
def test_a_status_without_content_has_none_whatever_is_documented(
    tmp_path: Path, status: int, length: str | None
) -> None:
    content = {JSON: {"example": {"a": 1}}}
    answer = serving(tmp_path, {str(status): {"content": content}}).get("/things")
    assert (answer.status, answer.content) == (status, b"")
    assert "content-type" not in answer.headers
    assert answer.headers.get("content-length") == length


@pytest.mark.parametrize(
    ("encoding", "status"), [("gzip", 415), ("br, gzip", 415), ("x", 415), ("identity", 200), (" Identity ", 200)]
)
def test_a_body_that_is_compressed_is_refused_and_told_so(tmp_path: Path, encoding: str, status: int) -> None:
    body = {"content": {JSON: {"schema": {"type": "object"}}}}
    client = serving(tmp_path, {"200": {}, "415": {}}, requestBody=body)
    answer = client.request(
        "PUT", "/things", content=b"{}", headers={"content-type": JSON, "content-encoding": encoding}
    )
    assert answer.status == status
    if status == 415:
        assert answer.headers["accept-encoding"] == "identity"
        assert "Content-Encoding" in answer.json["detail"]
