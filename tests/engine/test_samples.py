"""A document without examples is served: responses made from its schemas, or a word on what is missing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from mockserver.app import Options, build
from tests.client import Client

JSON = "application/json"
PET = {"$ref": "#/components/schemas/Pet"}
SCHEMAS = {
    "Pet": {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "integer", "minimum": 1}, "born": {"type": "string", "format": "date"}},
    },
    "Endless": {"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#/components/schemas/Endless"}}},
}
SHOWN = {"id": 1, "born": "2024-01-01"}


def serving(folder: Path, responses: dict[str, Any]) -> Client:
    """A client of a document with one operation, GET /pets, that has these responses."""
    described = {code: {"description": "", **response} for code, response in responses.items()}
    path = folder / "pets.json"
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Pets", "version": "1"},
        "paths": {"/pets": {"get": {"operationId": "pets", "responses": described}}},
        "components": {"schemas": SCHEMAS},
    }
    path.write_text(json.dumps(document, indent=2))
    return Client(build(Options(spec=str(path), rate=0), wall=lambda: 0))


@pytest.mark.parametrize(
    ("content", "media_type", "body"),
    [
        ({JSON: {"schema": PET}}, JSON, orjson.dumps(SHOWN)),
        ({"application/hal+json": {"schema": PET}}, "application/hal+json", orjson.dumps(SHOWN)),
        ({"application/xml": {"schema": PET}, JSON: {"schema": PET}}, JSON, orjson.dumps(SHOWN)),
        ({"*/*": {"schema": PET}}, JSON, orjson.dumps(SHOWN)),
        ({"Application/JSON": {"schema": PET}}, JSON, orjson.dumps(SHOWN)),
        ({JSON: {"schema": {"type": "null"}}}, JSON, b"null"),
        ({JSON: {}}, JSON, b"{}"),
        ({"text/plain": {"schema": {"type": "string", "minLength": 8}}}, "text/plain", b"stringaa"),
        ({"text/*": {"schema": {"type": "string"}}}, "text/plain", b"string"),
        ({"text/csv": {}}, "text/csv", b"string"),
        ({"text/csv": {"schema": {"$ref": "#/components/schemas/Endless"}}}, "text/csv", b"string"),
        ({"application/xml": {"schema": PET}}, "application/xml", b""),
        ({"application/pdf": {}}, "application/pdf", b""),
        ({}, JSON, b""),
    ],
)
def test_a_response_without_an_example_is_made(
    tmp_path: Path, content: dict[str, Any], media_type: str, body: bytes
) -> None:
    client = serving(tmp_path, {"200": {"content": content}})
    answer = client.get("/pets")
    assert (answer.status, answer.headers["content-type"], answer.content) == (200, media_type, body)
    assert client.reason(answer)["verdict"] == "accepted"
    assert client.get("/pets").content == answer.content


@pytest.mark.parametrize("schema", [{"$ref": "#/components/schemas/Endless"}, {"const": 2**70}])
def test_where_nothing_is_made_the_answer_says_what_to_do(tmp_path: Path, schema: Any) -> None:
    client = serving(tmp_path, {"200": {"content": {JSON: {"schema": schema}}}})
    answer = client.get("/pets")
    assert (answer.status, answer.headers["content-type"]) == (501, "application/problem+json")
    assert answer.json["detail"].endswith("; add an example to the response")
    reason = client.reason(answer)
    assert (reason["verdict"], reason["problem"]) == ("refused", "no_example")


def test_the_line_of_the_schema_that_stands_in_the_way_is_told(tmp_path: Path) -> None:
    detail = serving(tmp_path, {"200": {"content": {JSON: {"schema": {"$ref": "#/components/schemas/Endless"}}}}})
    line = (tmp_path / "pets.json").read_text().split('"Endless": ')[0].count("\n") + 1
    assert detail.get("/pets").json["detail"].startswith(f"pets.json:{line}: its value needs another")


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ({"required": True, "schema": {"type": "integer", "minimum": 3}}, "3"),
        ({"required": True, "schema": {"type": "boolean"}}, "false"),
        ({"required": True, "schema": {"type": "array", "items": {"type": "string"}, "minItems": 2}}, "string,string"),
        ({"required": True, "schema": {"type": "object", "properties": {"a": {"type": "integer"}}}}, "a,0"),
        ({"required": True, "schema": {"type": "integer"}, "example": 9}, "9"),
        ({"required": True, "schema": {"$ref": "#/components/schemas/Endless"}}, None),
        ({"schema": {"type": "integer"}}, None),
    ],
)
def test_a_required_header_is_made(tmp_path: Path, header: dict[str, Any], text: str | None) -> None:
    content = {JSON: {"schema": PET, "example": SHOWN}}
    client = serving(tmp_path, {"200": {"headers": {"X-It": header, "X-Same": header}, "content": content}})
    answer = client.get("/pets")
    assert (answer.headers.get("x-it"), answer.headers.get("x-same")) == (text, text)


RESPONSES = {
    "200": {"content": {JSON: {"schema": PET}}},
    "404": {"content": {JSON: {"schema": {"type": "object", "required": ["code"]}}}},
    "409": {},
    "4XX": {"content": {JSON: {"schema": PET, "examples": {"ranged": {"value": SHOWN}}}}},
}


@pytest.mark.parametrize(
    ("wish", "status", "body"),
    [
        ("code=404", 404, b'{"code":{}}'),
        ("code=409", 409, b""),
        ("code=418", 418, orjson.dumps(SHOWN)),
        ("code=200", 200, orjson.dumps(SHOWN)),
    ],
)
def test_a_status_without_an_example_may_be_preferred(tmp_path: Path, wish: str, status: int, body: bytes) -> None:
    answer = serving(tmp_path, RESPONSES).get("/pets", headers={"prefer": wish})
    assert (answer.status, answer.content) == (status, body)


@pytest.mark.parametrize("wish", ["code=503", "code=9999", "code=404, example=none"])
def test_what_is_not_documented_may_not(tmp_path: Path, wish: str) -> None:
    answer = serving(tmp_path, RESPONSES | {"default": {}} if wish == "code=9999" else RESPONSES).get(
        "/pets", headers={"prefer": wish}
    )
    assert answer.status == 400
    assert answer.json["detail"].endswith("fits none of: 200, 404, 409, 4XX ranged" + ", default" * ("9999" in wish))


@pytest.mark.parametrize(
    ("responses", "status", "body"),
    [
        ({"302": {"headers": {"Location": {"schema": {"type": "string"}, "example": "/here"}}}}, 302, b""),
        ({"404": {"content": {JSON: {"schema": PET}}}}, 404, orjson.dumps(SHOWN)),
        ({"default": {"content": {JSON: {"schema": PET}}}}, 200, orjson.dumps(SHOWN)),
        ({"4XX": {}}, 400, b""),
    ],
)
def test_without_a_success_what_is_documented_is_answered(
    tmp_path: Path, responses: dict[str, Any], status: int, body: bytes
) -> None:
    answer = serving(tmp_path, responses).get("/pets")
    assert (answer.status, answer.content) == (status, body)
    assert answer.headers.get("location") == ("/here" if status == 302 else None)


def test_parameters_of_a_media_type_do_not_make_another(tmp_path: Path) -> None:
    answer = serving(tmp_path, {"200": {"content": {"Application/JSON; charset=utf-8": {"schema": PET}}}}).get("/pets")
    assert (answer.headers["content-type"], answer.json) == (JSON, SHOWN)
