"""A Swagger 2.0 document, and the file that it refers to, at the stub."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockserver.app import Options, build
from tests.client import Client

DOCUMENT = """\
swagger: '2.0'
info: {title: t, version: '1'}
basePath: /v1
produces: [text/json]
securityDefinitions: {key: {type: apiKey, name: X-Key, in: header}}
security: [{key: []}]
paths:
  /names:
    get:
      operationId: list
      parameters:
        - {name: ids, in: query, type: array, items: {type: integer}, collectionFormat: pipes}
      responses: {'200': {$ref: 'parts.yaml#/Name'}}
    post:
      operationId: add
      parameters: [{$ref: 'parts.yaml#/Body'}]
      responses: {'200': {$ref: 'parts.yaml#/Name'}}
"""
PARTS = """\
Body: {name: b, in: body, required: true, schema: {$ref: '#/A'}}
A: {type: string, maxLength: 3, x-nullable: true}
Name: {description: A name., schema: {$ref: '#/A'}, examples: {text/json: Ada}}
"""
KEY = {"x-key": "k"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    folder: Path = tmp_path_factory.mktemp("swagger")
    (folder / "parts.yaml").write_text(PARTS)
    (folder / "openapi.yaml").write_text(DOCUMENT)
    return Client(build(Options(spec=str(folder / "openapi.yaml"), rate=0), wall=lambda: 0))


@pytest.mark.parametrize(
    ("body", "status"), [(b'"Ada"', 200), (b"null", 200), (b'"Grace"', 400), (b"1", 400), (b"", 400)]
)
def test_the_body_that_a_parameter_of_another_file_describes(client: Client, body: bytes, status: int) -> None:
    headers = {**KEY, "content-type": "application/json"}
    response = client.request("POST", "/names", content=body, headers=headers)
    assert response.status == status
    if status == 200:
        assert (response.json, response.headers["content-type"]) == ("Ada", "text/json")


@pytest.mark.parametrize(("ids", "status"), [("1|2", 200), ("1", 200), ("1,2", 400), ("a", 400)])
def test_a_list_in_its_collection_format(client: Client, ids: str, status: int) -> None:
    assert client.request("GET", f"/names?ids={ids}", headers=KEY).status == status


def test_a_security_definition_is_asked_for(client: Client) -> None:
    assert client.request("GET", "/names").status == 401
