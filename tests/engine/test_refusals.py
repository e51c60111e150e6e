"""What the stub refuses at a document of one's own, as that documents it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from mockserver.app import Options, build
from tests.client import Client, Response

JSON, PROBLEM = "application/json", "application/problem+json"
NUMBER, TEXT = {"type": "integer"}, {"type": "string"}
ERROR = {"type": "object", "required": ["message", "code"], "properties": {"code": NUMBER, "message": TEXT}}
NESTED = {"type": "object", "required": ["error"], "properties": {"error": ERROR}}
SHOWN = {"code": 7, "message": "As shown."}
CLOSED = {"type": "object", "required": ["message"], "properties": {"message": {"const": "No."}}}
WHY = 'body: "x" is not of type "integer"'


def ask(folder: Path, responses: dict[str, Any], content_type: str = JSON) -> Response:
    """What a document with these responses answers to a body that does not fit, or is of another type."""
    described = {code: {"description": "", **response} for code, response in responses.items()}
    operation = {"requestBody": {"content": {JSON: {"schema": NUMBER}}}, "responses": described}
    path = folder / "numbers.json"
    info = {"title": "Numbers", "version": "1"}
    path.write_bytes(orjson.dumps({"openapi": "3.1.0", "info": info, "paths": {"/numbers": {"post": operation}}}))
    client = Client(build(Options(spec=str(path), rate=0), wall=lambda: 0))
    return client.request("POST", "/numbers", content=b'"x"', headers={"content-type": content_type})


def made(schema: Any, media: str = JSON) -> dict[str, Any]:
    return {"content": {media: {"schema": schema}}}


@pytest.mark.parametrize(
    ("response", "media", "body"),
    [
        (made(ERROR), JSON, {"code": 400, "message": WHY}),
        (made(NESTED), JSON, {"error": {"code": 400, "message": WHY}}),
        (made(CLOSED), JSON, {"message": "No."}),
        (made({"type": "array", "maxItems": 0}), JSON, []),
        ({"content": {JSON: {"schema": ERROR, "example": SHOWN}}}, JSON, SHOWN),
    ],
)
@pytest.mark.parametrize("status", ["400", "4XX", "default"])
def test_a_refusal_has_the_documented_shape(tmp_path: Path, status: str, response: Any, media: str, body: Any) -> None:
    answer = ask(tmp_path, {"200": {}, status: response})
    assert (answer.status, answer.headers["content-type"], answer.json) == (400, media, body)


@pytest.mark.parametrize(
    ("response", "media"),
    [
        ({}, PROBLEM),
        (made({"type": "object"}), JSON),
        (made({"type": "object"}, "*/*"), PROBLEM),
        (made({"type": "object"}, "application/*"), PROBLEM),
        ({"content": {JSON: {"schema": ERROR}, PROBLEM: {"schema": {"type": "object"}}}}, PROBLEM),
        (made({"allOf": [{"const": 1}, {"const": 2}]}), PROBLEM),
    ],
)
def test_a_problem_document_serves_where_it_fits(tmp_path: Path, response: Any, media: str) -> None:
    answer = ask(tmp_path, {"200": {}, "400": response})
    assert (answer.status, answer.headers["content-type"], answer.json["detail"]) == (400, media, WHY)


@pytest.mark.parametrize(
    ("responses", "invalid", "unsupported"),
    [
        (["200"], 400, 415),
        (["200", "400"], 400, 400),
        (["200", "422"], 422, 422),
        (["200", "422", "default"], 422, 422),
        (["200", "400", "415", "422"], 400, 415),
        (["200", "4XX"], 400, 415),
        (["200", "default"], 400, 415),
    ],
)
def test_a_documented_status_comes_first(tmp_path: Path, responses: list[str], invalid: int, unsupported: int) -> None:
    documented: dict[str, Any] = {status: {} for status in responses}
    assert ask(tmp_path, documented).status == invalid
    assert ask(tmp_path, documented, "text/plain").status == unsupported
