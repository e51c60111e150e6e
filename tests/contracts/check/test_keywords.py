"""A keyword of a request counts when it was kept and broken, one of a response when a value it applies to was seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from contracts.check.exchange import Exchange, Request, Response
from contracts.check.keywords import Keywords, joined
from contracts.check.subject import Subject, load_subject

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Things", "version": "1"},
    "paths": {
        "/things/{id}": {
            "post": {
                "operationId": "make",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}},
                    {"name": "size", "in": "query", "required": True, "schema": {"type": "integer", "maximum": 9}},
                    {
                        "name": "tag",
                        "in": "query",
                        "schema": {"type": "array", "minItems": 1, "items": {"maxLength": 2}},
                    },
                    {"name": "X-On", "in": "header", "schema": {"anyOf": [{"maxLength": 9}, {"type": "null"}]}},
                ],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}},
                        "application/x-www-form-urlencoded": {
                            "schema": {"type": "object", "properties": {"count": {"type": "integer"}}}
                        },
                    }
                },
                "responses": {
                    "200": {
                        "description": "Made.",
                        "headers": {"X-Left": {"schema": {"type": "integer", "minimum": 0}}},
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Made"}}},
                    }
                },
            }
        },
        "/things": {
            "get": {
                "operationId": "list",
                "responses": {
                    "200": {
                        "description": "All.",
                        "content": {
                            "application/json": {
                                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Made"}}
                            }
                        },
                    }
                },
            }
        },
    },
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "pattern": "^a"},
                    "kind": {"oneOf": [{"const": "x"}, {"type": "integer", "minimum": 3}]},
                },
            },
            "Made": {
                "type": "object",
                "properties": {"state": {"enum": ["new", "old"]}, "note": {"type": ["string", "null"]}},
            },
        }
    },
}
KEPT_AND_BROKEN = {"kept", "broken"}


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    path = tmp_path_factory.mktemp("contract") / "openapi.yaml"
    path.write_bytes(orjson.dumps(DOCUMENT))
    return load_subject(str(path))


def sent(path: str, body: Any = None, media: str = "application/json") -> Exchange:
    """A request that was answered with something undocumented: its answer shows nothing."""
    content = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
    headers = {"Content-Type": media} if content else {}
    return Exchange(1, Request("POST", f"http://t{path}", headers, content), Response(500, {}, b""), "make")


def answered(value: Any, operation: str = "make", **headers: str) -> Exchange:
    response = Response(200, {"content-type": "application/json", **headers}, orjson.dumps(value))
    return Exchange(1, Request("POST", "http://t/things/1?size=1", {}), response, operation)


def lacking(subject: Subject, *exchanges: Exchange, side: str = "request") -> dict[str, set[str]]:
    """What is lacking, by the end of the pointer."""
    keywords = Keywords(subject)
    for exchange in exchanges:
        keywords(exchange)
    return {
        "/".join(keyword.address.pointer.rsplit("/", 3)[1:]): set(keyword.lacks)
        for keyword in keywords.all() if keyword.side == side and keyword.lacks
    }  # fmt: skip


def test_what_a_text_on_the_wire_cannot_break_is_not_asked_for(subject: Subject) -> None:
    lacks = lacking(subject)
    assert lacks["0/schema/type"] == {"kept"}
    assert lacks["0/schema/minLength"] == {"kept"}
    assert lacks["2/schema/type"] == {"kept"}
    assert lacks["2/schema/minItems"] == {"kept"}
    assert lacks["1/schema/type"] == KEPT_AND_BROKEN
    assert "schema/anyOf/0" in lacks
    assert "schema/anyOf/1" not in lacks
    assert "parameters/0/required" not in lacks


def test_a_parameter_is_kept_and_broken(subject: Subject) -> None:
    whole = [sent("/things/a?size=3&tag=ab&tag=abc"), sent("/things/a?size=ten"), sent("/things/a?size=10")]
    lacks = lacking(subject, *whole)
    assert not [name for name in lacks if name.startswith(("0/schema", "1/schema", "2/schema"))]
    assert lacks["parameters/1/required"] == {"broken"}
    assert not [n for n in lacking(subject, *whole, sent("/things/a")) if n.endswith("1/required")]
    assert lacking(subject, whole[0])["1/schema/maximum"] == {"broken"}


def test_a_body_is_kept_and_broken_keyword_by_keyword(subject: Subject) -> None:
    kept = sent("/things/a", {"name": "ab", "kind": "x"})
    lacks = lacking(subject, kept)
    assert lacks["schemas/Thing/required"] == {"broken"}
    assert lacks["properties/name/pattern"] == {"broken"}
    assert lacks["kind/oneOf/1"] == {"taken"}
    assert "kind/oneOf/0" not in lacks
    broken = [sent("/things/a", {"name": "b", "more": 1, "kind": 2}), sent("/things/a", []), sent("/things/a", {})]
    lacks = lacking(subject, kept, *broken, sent("/things/a", {"name": 1, "kind": 3}), sent("/things/a", {"kind": "y"}))
    assert not [name for name in lacks if "Thing" in name or "name" in name or "kind" in name or "oneOf" in name]


def test_a_keyword_says_nothing_of_values_that_it_does_not_apply_to(subject: Subject) -> None:
    assert lacking(subject, sent("/things/a", {"name": 1}))["properties/name/pattern"] == KEPT_AND_BROKEN


def test_a_form_is_read_as_its_schema_says(subject: Subject) -> None:
    form = "application/x-www-form-urlencoded"
    assert lacking(subject, sent("/things/a", b"count=3", form))["properties/count/type"] == {"broken"}
    assert lacking(subject, sent("/things/a", b"count=x", form))["properties/count/type"] == {"kept"}


def test_answers_show_values_types_and_headers(subject: Subject) -> None:
    lacks = lacking(subject, answered({"state": "new", "note": None}, **{"x-left": "3"}), side="response")
    assert lacks == {"state/enum/1": {"seen"}, "note/type/0": {"seen"},
                     "application~1json/schema/type": {"seen"}}  # fmt: skip


def test_a_schema_that_several_operations_answer_with_is_seen_at_any_of_them(subject: Subject) -> None:
    lacks = lacking(subject, answered([{"state": "new"}, {"state": "old"}], "list"), side="response")
    assert set(lacks) == {"note/type/0", "note/type/1", "X-Left/schema/type", "X-Left/schema/minimum"}


def test_two_runs_together_lack_what_neither_showed(subject: Subject) -> None:
    one, other = Keywords(subject), Keywords(subject)
    one(sent("/things/a", {"name": "a"}))
    other(sent("/things/a", {"name": "b"}))
    (pattern,) = [k for k in joined(one.all(), other.all()) if k.address.pointer.endswith("pattern")]
    assert pattern.lacks == set()


def test_an_older_document_is_read_in_its_own_terms(tmp_path: Path) -> None:
    schema = {"type": "string", "nullable": True}
    content = {"application/json": {"schema": schema}}
    responses = {"200": {"description": "One.", "content": content}}
    document = {
        "openapi": "3.0.3", "info": DOCUMENT["info"],
        "paths": {"/things": {"get": {"operationId": "list", "responses": responses}}},
    }  # fmt: skip
    path = tmp_path / "openapi.yaml"
    path.write_bytes(orjson.dumps(document))
    assert set(lacking(load_subject(str(path)), answered("a", "list"), side="response")) == {"schema/type/1"}
