"""Swagger 2.0 as what it means in OpenAPI 3.1."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.diff.command import diff
from contracts.validate.run import validate
from openapi import pointer as json_pointer
from openapi.contract import load_contract
from openapi.library import Address, Library
from openapi.reading import open_library
from openapi.structure import meta_schema
from tests.openapi.documents import library, write

TEXT = {"type": "string"}
OK = {"description": "ok"}


def read(root: dict[str, Any]) -> Library:
    return library({"swagger": "2.0", "info": {"title": "t", "version": "1"}, "paths": {}, **root})


def operation(*parameters: Any, responses: Any = None, **said: Any) -> dict[str, Any]:
    """One operation with what it takes, as 3.1."""
    written = {"parameters": [*parameters], "responses": responses or {"204": OK}, **said}
    root = read({"paths": {"/a": {"post": written}}}).root
    assert [error.message for error in meta_schema("3.1").iter_errors(root)] == []
    view: dict[str, Any] = root["paths"]["/a"]["post"]
    return view


LIST = {"type": "array", "items": {"type": "integer"}}
PARAMETERS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        {"name": "a", "in": "query", "type": "integer", "minimum": 1, "exclusiveMinimum": True},
        {"name": "a", "in": "query", "schema": {"type": "integer", "exclusiveMinimum": 1}},
    ),
    (
        {"name": "a", "in": "query", "allowEmptyValue": True, "description": "d", "x-y": 1, **TEXT},
        {"name": "a", "in": "query", "allowEmptyValue": True, "description": "d", "x-y": 1, "schema": TEXT},
    ),
    (
        {"name": "a", "in": "query", "x-nullable": True, "default": "b", **TEXT},
        {"name": "a", "in": "query", "schema": {"type": ["string", "null"], "default": "b"}},
    ),
    ({"name": "a", "in": "query", **LIST}, {"name": "a", "in": "query", "explode": False, "schema": LIST}),
    ({"name": "a", "in": "header", **LIST}, {"name": "a", "in": "header", "schema": LIST}),
    *(
        (
            {"name": "a", "in": "query", "collectionFormat": written, **LIST},
            {"name": "a", "in": "query", **style, "schema": LIST},
        )
        for written, style in (
            ("csv", {"explode": False}),
            ("multi", {"explode": True}),
            ("ssv", {"style": "spaceDelimited", "explode": False}),
            ("pipes", {"style": "pipeDelimited", "explode": False}),
        )
    ),
    ({"name": "a", "in": "query", "collectionFormat": "tsv", **LIST}, {"name": "a", "in": "query", "schema": TEXT}),
]


@pytest.mark.parametrize(("written", "meant"), PARAMETERS)
def test_a_parameter(written: dict[str, Any], meant: dict[str, Any]) -> None:
    before = copy.deepcopy(written)
    view = operation(written)["parameters"][0]
    assert {"explode": True} | view == {"explode": True} | meant
    assert written == before


def form(media: str, properties: dict[str, Any], **said: Any) -> dict[str, Any]:
    return {"content": {media: {"schema": {"type": "object", "properties": properties}, **said}}}


URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
FIELD = {"name": "f", "in": "formData", **TEXT}
FILE = {"name": "f", "in": "formData", "type": "file"}
BODY = {"name": "b", "in": "body", "description": "d", "required": True, "schema": TEXT}
BODIES: list[tuple[list[dict[str, Any]], list[str] | None, dict[str, Any]]] = [
    ([BODY], None, {"description": "d", "required": True, "content": {"application/json": {"schema": TEXT}}}),
    (
        [BODY],
        ["a/b", "c/d"],
        {"description": "d", "required": True, "content": {"a/b": {"schema": TEXT}, "c/d": {"schema": TEXT}}},
    ),
    ([FIELD], None, form(URLENCODED, {"f": TEXT})),
    ([FIELD], ["application/json", MULTIPART], form(MULTIPART, {"f": TEXT})),
    ([FILE], None, form(MULTIPART, {"f": {"type": "string", "format": "binary"}})),
    ([{**FIELD, "description": "d"}], None, form(URLENCODED, {"f": {**TEXT, "description": "d"}})),
    ([{**FIELD, **LIST, "collectionFormat": "multi"}], None, form(URLENCODED, {"f": LIST})),
    ([{**FIELD, **LIST}], None, form(URLENCODED, {"f": LIST}, encoding={"f": {"style": "form", "explode": False}})),
]


@pytest.mark.parametrize(("parameters", "consumes", "meant"), BODIES)
def test_a_body(parameters: list[dict[str, Any]], consumes: list[str] | None, meant: dict[str, Any]) -> None:
    said = {} if consumes is None else {"consumes": consumes}
    view = operation(*parameters, **said)
    assert view["requestBody"] == meant
    assert "parameters" not in view


def test_a_form_of_which_a_field_is_required() -> None:
    body = operation({**FIELD, "required": True})["requestBody"]
    assert body["required"] is True
    assert body["content"][URLENCODED]["schema"]["required"] == ["f"]


RESPONSES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (OK, OK),
    ({**OK, "schema": TEXT}, {**OK, "content": {"application/json": {"schema": TEXT}}}),
    (
        {**OK, "schema": {"type": "file"}},
        {**OK, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
    ),
    (
        {**OK, "schema": TEXT, "examples": {"application/json": "a", "text/plain": "b"}},
        {
            **OK,
            "content": {
                "application/json": {"schema": TEXT, "example": "a"},
                "text/plain": {"schema": TEXT, "example": "b"},
            },
        },
    ),
    (
        {**OK, "headers": {"X-N": {"type": "integer", "description": "d"}}},
        {**OK, "headers": {"X-N": {"description": "d", "schema": {"type": "integer"}}}},
    ),
]


@pytest.mark.parametrize(("written", "meant"), RESPONSES)
def test_a_response(written: dict[str, Any], meant: dict[str, Any]) -> None:
    assert operation(responses={"default": written})["responses"]["default"] == meant


SCHEMES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"type": "basic", "description": "d"}, {"type": "http", "scheme": "basic", "description": "d"}),
    ({"type": "apiKey", "name": "k", "in": "query"}, {"type": "apiKey", "name": "k", "in": "query"}),
    *(
        (
            {"type": "oauth2", "flow": flow, "tokenUrl": "https://a.example", "scopes": {"s": "t"}},
            {"type": "oauth2", "flows": {name: {"tokenUrl": "https://a.example", "scopes": {"s": "t"}}}},
        )
        for flow, name in (
            ("implicit", "implicit"),
            ("password", "password"),
            ("application", "clientCredentials"),
            ("accessCode", "authorizationCode"),
        )
    ),
]


@pytest.mark.parametrize(("written", "meant"), SCHEMES)
def test_a_security_scheme(written: dict[str, Any], meant: dict[str, Any]) -> None:
    assert read({"securityDefinitions": {"a": written}}).root["components"]["securitySchemes"] == {"a": meant}


@pytest.mark.parametrize(
    ("written", "urls"),
    [
        ({}, []),
        ({"basePath": "/v1"}, ["/v1"]),
        ({"host": "a.example"}, ["//a.example"]),
        (
            {"host": "a.example", "basePath": "/v1", "schemes": ["https", "http"]},
            ["https://a.example/v1", "http://a.example/v1"],
        ),
    ],
)
def test_servers(written: dict[str, Any], urls: list[str]) -> None:
    assert [server["url"] for server in read(written).root.get("servers", [])] == urls


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({"type": "object", "discriminator": "kind"}, {"type": "object", "discriminator": {"propertyName": "kind"}}),
        ({"x-nullable": True, "enum": ["a"]}, {"enum": ["a", None]}),
        ({"properties": {"swagger": TEXT, "in": TEXT}}, {"properties": {"swagger": TEXT, "in": TEXT}}),
        ({"x-a": {"in": "query", "name": "n", **TEXT}}, {"x-a": {"in": "query", "name": "n", **TEXT}}),
        ({"example": {"in": "query", "name": "n", **TEXT}}, {"example": {"in": "query", "name": "n", **TEXT}}),
    ],
)
def test_a_schema(written: dict[str, Any], meant: dict[str, Any]) -> None:
    assert read({"definitions": {"A": written}}).root["components"]["schemas"] == {"A": meant}


PETS = """\
swagger: '2.0'
info: {title: Pets, version: '1'}
host: api.example.com
basePath: /v1
schemes: [https]
consumes: [application/json]
produces: [application/json]
securityDefinitions:
  oauth:
    type: oauth2
    flow: application
    tokenUrl: https://api.example.com/token
    scopes: {pets: All of them}
security:
  - oauth: [pets]
parameters:
  Limit: {name: limit, in: query, type: integer, maximum: 10}
  NewPet: {name: pet, in: body, required: true, schema: {$ref: '#/definitions/Pet'}}
  Nick: {name: nick, in: formData, type: string, maxLength: 3}
responses:
  Refused:
    description: No.
    headers: {X-Id: {type: string}}
    schema: {$ref: '#/definitions/Error'}
definitions:
  Error:
    type: object
    properties: {message: {type: string}}
  Pet:
    type: object
    required: [name]
    properties:
      name: {type: string, maxLength: 20}
      tag: {type: string, x-nullable: true}
paths:
  /pets:
    parameters:
      - {name: X-Trace, in: header, type: string}
      - {$ref: '#/parameters/NewPet'}
    get:
      operationId: list
      parameters:
        - {name: fields, in: query, type: array, items: {type: string}}
        - {name: pet, in: body, schema: {type: object}}
        - {$ref: '#/parameters/Limit'}
      responses:
        '200': {description: All., schema: {type: array, items: {$ref: '#/definitions/Pet'}}}
        default: {$ref: '#/responses/Refused'}
    post:
      operationId: add
      consumes: [application/json, application/vnd.pet+json]
      produces: [application/problem+json]
      responses:
        '201': {description: Made.}
        default: {$ref: '#/responses/Refused'}
  /pets/{id}/photo:
    post:
      operationId: photo
      consumes: [multipart/form-data]
      parameters:
        - {name: id, in: path, required: true, type: string}
        - {name: photo, in: formData, required: true, type: file}
        - {$ref: '#/parameters/Nick'}
      responses:
        '204': {description: Kept.}
"""
PETS_3 = """\
openapi: 3.0.3
info: {title: Pets, version: '1'}
servers: [{url: https://api.example.com/v1}]
security: [{oauth: [pets]}]
components:
  securitySchemes:
    oauth:
      type: oauth2
      flows: {clientCredentials: {tokenUrl: https://api.example.com/token, scopes: {pets: All of them}}}
  schemas:
    Error: {type: object, properties: {message: {type: string}}}
    Pet:
      type: object
      required: [name]
      properties: {name: {type: string, maxLength: 20}, tag: {type: string, nullable: true}}
paths:
  /pets:
    get:
      operationId: list
      parameters:
        - {name: X-Trace, in: header, schema: {type: string}}
        - {name: fields, in: query, explode: false, schema: {type: array, items: {type: string}}}
        - {name: limit, in: query, schema: {type: integer, maximum: 10}}
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses:
        '200':
          description: All.
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}}}
        default:
          description: No.
          headers: {X-Id: {schema: {type: string}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}
    post:
      operationId: add
      parameters: [{name: X-Trace, in: header, schema: {type: string}}]
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: '#/components/schemas/Pet'}}
          application/vnd.pet+json: {schema: {$ref: '#/components/schemas/Pet'}}
      responses:
        '201': {description: Made.}
        default:
          description: No.
          headers: {X-Id: {schema: {type: string}}}
          content: {application/problem+json: {schema: {$ref: '#/components/schemas/Error'}}}
  /pets/{id}/photo:
    post:
      operationId: photo
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              required: [photo]
              properties: {photo: {type: string, format: binary}, nick: {type: string, maxLength: 3}}
      responses:
        '204': {description: Kept.}
"""


def test_a_whole_document_means_what_its_3_0_form_means(tmp_path: Path) -> None:
    old, new = write(tmp_path, old=PETS), write(tmp_path, new=PETS_3)
    assert diff(str(old), str(new)) == []
    assert diff(str(new), str(old)) == []
    changed = write(tmp_path, new=PETS_3.replace("maxLength: 20", "maxLength: 10"))
    assert {finding.kind for finding in diff(str(old), str(changed))} == {"request-breaking"}


def test_a_whole_document_is_valid_and_compiled(tmp_path: Path) -> None:
    path = write(tmp_path, openapi=PETS)
    assert [finding for finding in validate(path) if finding.rule != "facts-missing"] == []
    contract = load_contract(path)
    add, photo = contract.operation("add"), contract.operation("photo")
    assert add is not None
    assert photo is not None
    assert add.body is not None
    assert set(add.body.media) == {"application/json", "application/vnd.pet+json"}
    assert add.body.media["application/json"].is_valid({"name": "a", "tag": None})
    assert not add.body.media["application/json"].is_valid({"name": None})
    assert photo.body is not None
    assert not photo.body.media[MULTIPART].is_valid({"photo": "a", "nick": "long"})
    assert [parameter.name for parameter in photo.parameters] == ["id"]


def test_other_files_are_read_alike(tmp_path: Path) -> None:
    parts = (
        "Body: {name: b, in: body, required: true, schema: {$ref: '#/A'}}\n"
        "A: {type: string, x-nullable: true}\n"
        "No: {description: no, schema: {$ref: '#/A'}}\n"
        "Item: {get: {operationId: other, responses: {'200': {$ref: '#/No'}}}}\n"
    )
    text = """\
swagger: '2.0'
info: {title: t, version: '1'}
produces: [text/json]
paths:
  /a:
    post:
      operationId: x
      parameters: [{$ref: 'parts.yaml#/Body'}]
      responses: {'200': {$ref: 'parts.yaml#/No'}}
  /b: {$ref: 'parts.yaml#/Item'}
"""
    path = write(tmp_path, openapi=text, parts=parts)
    assert validate(path) == []
    contract = load_contract(path)
    x, other = contract.operation("x"), contract.operation("other")
    assert x is not None
    assert x.body is not None
    assert x.body.required
    assert x.body.media["application/json"].is_valid(None)
    assert not x.body.media["application/json"].is_valid(1)
    assert other is not None
    for response in (x.response(200), other.response(200)):
        assert response is not None
        validator = response.media["text/json"]
        assert validator is not None
        assert validator.is_valid(None)
        assert not validator.is_valid(1)
        assert contract.position(response.address) == "parts.yaml:3"


@pytest.mark.parametrize("reference", ["#/parameters/None", "none.yaml#/A", "../x.yaml", "https://a.example/x"])
def test_a_parameter_that_leads_nowhere_is_one_finding(tmp_path: Path, reference: str) -> None:
    text = f"""\
swagger: '2.0'
info: {{title: t, version: '1'}}
paths:
  /a:
    get:
      operationId: a
      parameters:
        - $ref: '{reference}'
      responses: {{'200': {{description: ok}}}}
"""
    (found,) = validate(write(tmp_path, openapi=text))
    assert found.rule.startswith("reference-")
    assert found.location.line == 8


def leaves(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that holds no other, with its pointer."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for token, member in members:
        yield from leaves(member, f"{pointer}/{json_pointer.escape(token)}")
    if not isinstance(value, (dict, list)):
        yield pointer, value


# What the view says in other words, and what stands nowhere in the file.
MADE = (
    "/openapi",
    "/$ref",
    "/url",
    "/explode",
    "/format",
    "/schema/type",
    "/photo/type",
    "/tag/type/0",
    "/tag/type/1",
    "/requestBody/required",
    "/schema/required/0",
)
SAID_OTHERWISE = re.compile(
    r"^/(swagger|host|basePath|schemes)|/(consumes|produces)/|/(x-nullable|[$]ref|flow)$"
    r"|/parameters/[0-9]+/(name|in|required)$|/tag/type$"
)


def large() -> dict[str, Any]:
    """A hundred times the paths and definitions of a small document: 300 operations."""
    root: dict[str, Any] = yaml.safe_load(PETS)
    text = yaml.safe_dump({"paths": root["paths"], "definitions": root["definitions"]})
    for number in range(100):
        more = yaml.safe_load(text.replace("/pets", f"/pets{number}").replace("/Pet'", f"/Pet{number}'"))
        for item in more["paths"].values():
            for method in ("get", "post"):
                if method in item:
                    item[method]["operationId"] += str(number)
        root["paths"] |= more["paths"]
        root["definitions"] |= {f"{name}{number}": schema for name, schema in more["definitions"].items()}
    return root


def test_every_position_of_a_large_document_leads_to_what_was_written(tmp_path: Path) -> None:
    written = large()
    path = write(tmp_path, openapi=yaml.safe_dump(written, sort_keys=False))
    read_again = open_library(path)
    source, found = read_again.sources[read_again.main], set()
    for pointer, value in leaves(source.root):
        at = source.written(pointer)
        found.add(at)
        original = json_pointer.find(written, json_pointer.split(at))
        assert original in (value, None) or pointer.endswith(MADE), (pointer, at)
    lost = {pointer for pointer, _ in leaves(written)} - found
    assert {pointer for pointer in lost if not SAID_OTHERWISE.search(pointer)} == set()
    assert len(load_contract(path).operations) == 303


def test_the_place_of_a_fault_is_that_of_the_file(tmp_path: Path) -> None:
    identifier = "name: id, in: path, required: true"
    path = write(tmp_path, openapi=PETS.replace(identifier, f"{identifier}, pattern: '('"))
    found = {(finding.rule, finding.location.line, finding.location.pointer) for finding in validate(path)}
    line = next(n for n, text in enumerate(PETS.splitlines(), 1) if identifier in text)
    assert ("pattern-invalid", line, "/paths/~1pets~1{id}~1photo/post/parameters/0/pattern") in found
    contract = load_contract(write(tmp_path, openapi=PETS))
    photo = contract.operation("photo")
    assert photo is not None
    assert photo.body is not None
    at = photo.body.address / "content" / MULTIPART / "schema" / "properties" / "photo"
    assert contract.library.written(at) == Address(
        contract.library.main, "/paths/~1pets~1{id}~1photo/post/parameters/1"
    )
