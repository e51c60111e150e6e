"""What was exercised, as the reports say it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest

from contracts.check.coverage import Keywords, Share, joined, share_of
from contracts.check.report import as_report
from contracts.check.verdict import Verdict
from contracts.reports import render
from contracts.stub import inside
from contracts.target.exchange import Exchange, Request, Response
from contracts.target.subject import Subject, load_subject

SCHEMA = Path(__file__).parents[3] / "contracts" / "schemas" / "report.schema.json"


def capillary() -> Verdict:
    """A run without a request, of a contract that says `format: int64`."""
    subject = load_subject("capillary")
    keywords = Keywords(subject).all()
    coverage = {"states": Share(0, ()), "keywords": share_of(keywords)}
    every = {kind: Share(1, ("one",)) for kind in ("operations", "statuses", "arrows")} | coverage
    return Verdict(subject, inside("capillary")[0], (1,), (), (), every, keywords, {}, 0, 1.0)


def test_what_cannot_be_judged_counts_neither_way() -> None:
    verdict = capillary()
    share = verdict.coverage["keywords"]
    assert share.seen == 0
    assert len(share.unjudged) == sum(bool(keyword.unjudged) for keyword in verdict.keywords) > 6
    assert share.all + len(share.unjudged) == len(verdict.keywords)


def test_the_terminal_names_what_cannot_be_judged() -> None:
    verdict = capillary()
    lines = render(as_report(verdict), "text").splitlines()
    (line,) = [line for line in lines if line.startswith("keywords that cannot be judged")]
    assert line.startswith(f"keywords that cannot be judged: {len(verdict.coverage['keywords'].unjudged)}, ")
    assert "issueReward Id/format ('int64' is no format of the validator), " in line
    assert line.endswith(f" and {len(verdict.coverage['keywords'].unjudged) - 6} more")
    assert "operations: 0 of 1, not one" in lines


def test_the_json_report_and_the_page_list_what_cannot_be_judged() -> None:
    verdict = capillary()
    report = orjson.loads(render(as_report(verdict), "json"))
    jsonschema_rs.Draft202012Validator(orjson.loads(SCHEMA.read_bytes())).validate(report)
    assert len(report["unjudged"]) == len(verdict.coverage["keywords"].unjudged)
    assert len(report["keywords"]) == verdict.coverage["keywords"].all
    first = report["unjudged"][0]
    assert first["why"] == "'int64' is no format of the validator"
    assert first["pointer"].endswith("/format")
    html = render(as_report(verdict), "html")
    own = [keyword for keyword in verdict.keywords if keyword.operation == "issueReward"]
    unjudged = sum(bool(keyword.unjudged) for keyword in own)
    assert f"<td>0 of {len(own) - unjudged}</td>" in html
    assert f"{len(own) - unjudged} not exercised, {unjudged} cannot be judged" in html
    assert "&#39;int64&#39; is no format of the validator" in html


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
        for keyword in keywords.all()
        if keyword.side == side and keyword.lacks
    }


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
    assert lacking(subject)[(whole := "application~1x-www-form-urlencoded/schema/type")] == {"kept"}
    assert whole not in lacking(subject, sent("/things/a", b"a", form))
    nothing = Exchange(1, Request("POST", "http://t/things/a", {"Content-Type": form}), Response(500, {}, b""), "make")
    assert lacking(subject, nothing)[whole] == {"kept"}


def test_answers_show_values_types_and_headers(subject: Subject) -> None:
    lacks = lacking(subject, answered({"state": "new", "note": None}, **{"x-left": "3"}), side="response")
    assert lacks == {"state/enum/1": {"seen"}, "note/type/0": {"seen"}, "application~1json/schema/type": {"seen"}}


def test_a_schema_that_several_operations_answer_with_is_seen_at_any_of_them(subject: Subject) -> None:
    lacks = lacking(subject, answered([{"state": "new"}, {"state": "old"}], "list"), side="response")
    assert set(lacks) == {"note/type/0", "note/type/1", "X-Left/schema/type", "X-Left/schema/minimum"}


def test_two_runs_together_lack_what_neither_showed(subject: Subject) -> None:
    one, other = Keywords(subject), Keywords(subject)
    one(sent("/things/a", {"name": "a"}))
    other(sent("/things/a", {"name": "b"}))
    (pattern,) = [k for k in joined(one.all(), other.all()) if k.address.pointer.endswith("pattern")]
    assert pattern.lacks == set()


def of_operation(folder: Path, operation: dict[str, Any], path: str = "/things") -> Subject:
    """A contract of one operation."""
    document = {
        "openapi": "3.1.0",
        "info": DOCUMENT["info"],
        "paths": {path: {"post": {"operationId": "make", "responses": {"200": {"description": "Made."}}, **operation}}},
    }
    file = folder / "openapi.yaml"
    file.write_bytes(orjson.dumps(document))
    return load_subject(str(file))


OBJECT = {"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": False}
LIST = {"type": "array", "items": {"type": "integer"}}
# A parameter, its place in what is sent, and texts of which the first keeps the inner type and the other breaks it.
STYLES: tuple[tuple[dict[str, Any], str, str, str], ...] = (
    ({"in": "query", "schema": LIST}, "?p=1&p=2", "?p=x", "items"),
    ({"in": "query", "schema": LIST, "explode": False}, "?p=1,2", "?p=1,x", "items"),
    ({"in": "query", "schema": LIST, "style": "pipeDelimited", "explode": False}, "?p=1|2", "?p=x", "items"),
    ({"in": "query", "schema": OBJECT}, "?a=1", "?a=x", "a"),
    ({"in": "query", "schema": OBJECT, "style": "deepObject"}, "?p[a]=1", "?p[a]=x", "a"),
    ({"in": "query", "content": {"application/json": {"schema": OBJECT}}}, '?p={"a":1}', '?p={"a":"x"}', "a"),
    ({"in": "path", "required": True, "schema": LIST}, "/1,2", "/x", "items"),
    (
        {"in": "path", "required": True, "schema": LIST, "style": "matrix", "explode": True},
        "/;p=1;p=2",
        "/;p=x",
        "items",
    ),
    ({"in": "path", "required": True, "schema": OBJECT, "style": "label"}, "/.a,1", "/.a,x", "a"),
    ({"in": "header", "schema": LIST}, "H1, 2", "H1, x", "items"),
    ({"in": "header", "schema": OBJECT, "explode": True}, "Ha=1", "Ha=x", "a"),
    ({"in": "cookie", "schema": LIST}, "Cp=1; p=2", "Cp=x; p=1", "items"),
    ({"in": "cookie", "schema": {"type": "integer"}}, "Cp=1", "Cp=x", "schema"),
)


def with_parameter(text: str) -> Exchange:
    place, headers = {"H": ("", {"P": text[1:]}), "C": ("", {"Cookie": text[1:]})}.get(text[0], (text, {}))
    return Exchange(1, Request("POST", f"http://t/things{place}", headers), Response(500, {}, b""), "make")


@pytest.mark.parametrize(("parameter", "kept", "broken", "where"), STYLES)
def test_a_parameter_is_read_in_its_style(
    tmp_path: Path, parameter: dict[str, Any], kept: str, broken: str, where: str
) -> None:
    path = "/things/{p}" if parameter["in"] == "path" else "/things"
    subject = of_operation(tmp_path, {"parameters": [{"name": "p", **parameter}]}, path)
    (name,) = [name for name in lacking(subject) if f"/{name}".endswith(f"/{where}/type")]
    assert lacking(subject)[name] == KEPT_AND_BROKEN
    assert lacking(subject, with_parameter(kept))[name] == {"broken"}
    assert lacking(subject, with_parameter(broken)).get(name) in ({"kept"}, None)
    assert name not in lacking(subject, with_parameter(kept), with_parameter(broken))


def test_no_member_of_a_list_in_a_header_is_empty(tmp_path: Path) -> None:
    texts = {"type": "array", "items": {"type": "string", "minLength": 1}}
    subject = of_operation(tmp_path, {"parameters": [{"name": "p", "in": "header", "schema": texts}]})
    assert lacking(subject)["schema/items/minLength"] == {"kept"}
    assert "schema/items/minLength" not in lacking(subject, with_parameter("Ha,,b"))


def test_a_parameter_of_several_types_shows_the_one_that_fits(tmp_path: Path) -> None:
    either = {"oneOf": [{"type": "integer", "minimum": 9}, {"type": "string"}]}
    subject = of_operation(tmp_path, {"parameters": [{"name": "p", "in": "query", "schema": either}]})
    assert "schema/oneOf/1" not in lacking(subject, with_parameter("?p=1"))
    assert "schema/oneOf/0" in lacking(subject, with_parameter("?p=1"))
    assert "schema/oneOf/0" not in lacking(subject, with_parameter("?p=9"))


def test_a_form_whose_properties_stand_among_the_others_is_not_asked_for_more(tmp_path: Path) -> None:
    subject = of_operation(tmp_path, {"parameters": [{"name": "p", "in": "query", "schema": OBJECT}]})
    assert [name for name in lacking(subject) if "additional" in name] == []
    (keyword,) = [keyword for keyword in Keywords(subject).all() if keyword.unjudged]
    assert (
        keyword.words
        == "make/parameters/0/schema/additionalProperties (no other names than the declared are read here)"
    )


def test_a_form_in_one_text_says_all_its_names(tmp_path: Path) -> None:
    packed = {"name": "p", "in": "query", "schema": OBJECT, "explode": False}
    subject = of_operation(tmp_path, {"parameters": [packed]})
    assert lacking(subject)["0/schema/additionalProperties"] == KEPT_AND_BROKEN
    assert lacking(subject, with_parameter("?p=b,1"))["0/schema/additionalProperties"] == {"kept"}


def test_bodies_are_found_by_their_media_type(tmp_path: Path) -> None:
    number, text = {"schema": {"type": "integer"}}, {"schema": {"type": "string", "maxLength": 1}}
    content = {"Application/JSON": number, "text/*": text, "application/xml": {"schema": {"type": "object"}}}
    subject = of_operation(tmp_path, {"requestBody": {"content": content}})
    lacks = lacking(subject, sent("/things", 1), sent("/things", b"ab", "text/plain; charset=utf-8"))
    assert lacks == {"Application~1JSON/schema/type": {"broken"}, "text~1*/schema/maxLength": {"kept"}}
    assert (
        lacking(subject, sent("/things", b"1", "application/cbor"))["Application~1JSON/schema/type"] == KEPT_AND_BROKEN
    )
    (keyword,) = [keyword for keyword in Keywords(subject).all() if keyword.unjudged]
    assert keyword.words == "make/requestBody/content/application~1xml/schema (bodies of application/xml are not read)"


def test_a_range_is_of_json_or_of_texts_and_what_is_neither_shows_nothing(tmp_path: Path) -> None:
    text = {"schema": {"type": "string"}}
    subject = of_operation(tmp_path, {"requestBody": {"content": {"*/*": text, "text/*": text}}})
    others = [sent("/things", b"1", media) for media in ("image/png", "text/json", "application/x-www-form-urlencoded")]
    assert lacking(subject, *others) == {"*~1*/schema/type": KEPT_AND_BROKEN, "text~1*/schema/type": {"kept"}}
    lacks = lacking(subject, sent("/things", 1), sent("/things", b"1", "text/plain"))
    assert lacks == {"*~1*/schema/type": {"kept"}}


def test_headers_and_texts_of_answers(tmp_path: Path) -> None:
    headers = {"X-Ids": {"required": True, "schema": LIST}, "X-Not": {"required": True, "schema": {"type": "string"}}}
    csv = {"text/csv": {"schema": {"type": "string", "pattern": "^id"}}}
    response = {"description": "Made.", "headers": headers, "content": csv}
    subject = of_operation(tmp_path, {"responses": {"200": response}})
    answer = Response(200, {"content-type": "text/csv", "x-ids": "1,2"}, b"id\r\n")
    exchange = Exchange(1, Request("POST", "http://t/things", {}), answer, "make")
    assert set(lacking(subject, exchange, side="response")) == {"headers/X-Not/required", "X-Not/schema/type"}


def test_two_runs_together_know_what_cannot_be_judged(tmp_path: Path) -> None:
    body = {"content": {"application/json": {"schema": {"format": "int64"}}}}
    subject = of_operation(tmp_path, {"requestBody": body})
    runs = [Keywords(subject).all(), Keywords(subject).all()]
    assert [keyword.unjudged for keyword in joined(*runs)] == ["'int64' is no format of the validator"]
    share = share_of(joined(*runs))
    assert (share.all, share.missed) == (0, ())
    assert share.unjudged == ("make/…/application~1json/schema/format ('int64' is no format of the validator)",)


def test_an_older_document_is_read_in_its_own_terms(tmp_path: Path) -> None:
    schema = {"type": "string", "nullable": True}
    content = {"application/json": {"schema": schema}}
    responses = {"200": {"description": "One.", "content": content}}
    document = {
        "openapi": "3.0.3",
        "info": DOCUMENT["info"],
        "paths": {"/things": {"get": {"operationId": "list", "responses": responses}}},
    }
    path = tmp_path / "openapi.yaml"
    path.write_bytes(orjson.dumps(document))
    assert set(lacking(load_subject(str(path)), answered("a", "list"), side="response")) == {"schema/type/1"}
