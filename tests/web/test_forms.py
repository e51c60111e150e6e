"""Forms at a document of one's own: what is typed in the schema is typed on the wire."""

from __future__ import annotations

from urllib.parse import urlencode

import orjson
import pytest

from mockserver.app import Options, build
from openapi.forms import FORM, MULTIPART
from tests.client import Client, Response

PROPERTIES = {
    "count": {"type": "integer"},
    "tags": {"type": "array", "items": {"type": "string"}},
    "at": {"type": "object", "required": ["x"], "properties": {"x": {"type": "integer"}}},
}
SCHEMA = {"type": "object", "required": ["count"], "additionalProperties": False, "properties": PROPERTIES}


@pytest.fixture(
    scope="module", params=[(FORM, MULTIPART), ("*/*",), ("Application/X-WWW-Form-Urlencoded", "multipart/*")]
)
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Client:
    content = {media: {"schema": SCHEMA} for media in request.param}
    operation = {"requestBody": {"content": content}, "responses": {"204": {"description": "Taken."}}}
    document = {"openapi": "3.1.0", "info": {"title": "F", "version": "1"}, "paths": {"/forms": {"post": operation}}}
    path = tmp_path_factory.mktemp("forms") / "openapi.json"
    path.write_bytes(orjson.dumps(document))
    return Client(build(Options(spec=str(path), rate=0), wall=lambda: 0))


def send(client: Client, media: str, fields: list[tuple[str, str]]) -> Response:
    if media == FORM:
        return client.request("POST", "/forms", content=urlencode(fields).encode(), headers={"content-type": media})
    part = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    body = "".join(part.format(*field) for field in fields) + "--b--\r\n"
    headers = {"content-type": f"{media}; boundary=b"}
    return client.request("POST", "/forms", content=body.encode(), headers=headers)


@pytest.mark.parametrize("media", [FORM, MULTIPART])
@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ([("count", "1")], 204),
        ([("count", "1"), ("tags", "a")], 204),
        ([("count", "1"), ("tags", "a"), ("tags", "b")], 204),
        ([("count", "1"), ("at", '{"x": 1}')], 204),
        ([("count", "one")], 400),
        ([("count", "1"), ("count", "2")], 400),
        ([("count", "1"), ("at", '{"x": "1"}')], 400),
        ([("count", "1"), ("other", "1")], 400),
        ([("tags", "a")], 400),
    ],
)
def test_fields_are_what_their_schemas_say(
    client: Client, media: str, fields: list[tuple[str, str]], status: int
) -> None:
    assert send(client, media, fields).status == status
