"""Stub, check, compare, validate and diff read a document alike: small documents of which they once disagreed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest

from contracts.check.plan import Plan
from contracts.check.run import check
from contracts.compare.run import compare
from contracts.compare.side import Side, open_side
from contracts.diff.command import diff
from contracts.findings import Severity
from contracts.stub import INSIDE, Inside
from contracts.target.conformance import judge
from contracts.target.exchange import Exchange, Request, Response
from contracts.target.request_conformance import RequestConformance
from contracts.target.subject import Subject, load_subject
from contracts.target.target import bare_target
from contracts.validate.run import validate
from mockserver.app import Options, build
from tests.client import Client

Json = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A document; requests with the operation and status they get; answers with whether they keep the document.

    `same` is another document that says the same to client and server.
    """

    name: str
    document: Json
    requests: tuple[tuple[str, str, Any, str, int], ...]
    answers: tuple[tuple[str, int, Any, bool], ...]
    same: Json = field(default_factory=dict)


def document(paths: Json, schemas: Json | None = None, version: str = "3.1.0") -> Json:
    components = {"components": {"schemas": schemas}} if schemas else {}
    return {"openapi": version, "info": {"title": "Small", "version": "1"}, "paths": paths, **components}


def answer(schema: Json, example: Any, media: str = "application/json") -> Json:
    return {"description": "Yes.", "content": {media: {"schema": schema, "example": example}}}


NO = {"description": "No.", "content": {"application/json": {"schema": {}}}}
USER = {"$ref": "#/components/schemas/User"}
FLAGGED: Json = {
    "type": "object",
    "required": ["id", "name", "password"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string"},
        "password": {"type": "string", "writeOnly": True},
    },
}


def users(user: Json) -> Json:
    media = {"schema": USER, "example": {"name": "a", "password": "b"}}
    body = {"required": True, "content": {"application/json": media}}
    responses = {"201": answer(USER, {"id": 1, "name": "a"}), "400": NO, "415": NO}
    post = {"operationId": "create", "requestBody": body, "responses": responses}
    return document({"/users": {"post": post}}, {"User": user})


def report(media: str) -> Json:
    rows = {"type": "object", "required": ["rows"]}
    get = {"operationId": "report", "responses": {"200": answer(rows, {"rows": 1}, media)}}
    return document({"/report": {"get": get}})


def owned(version: str, owner: Json) -> Json:
    thing = {"type": "object", "required": ["owner"], "properties": {"owner": owner}}
    get = {"operationId": "thing", "responses": {"200": answer(thing, {"owner": None})}}
    schemas = {"Owner": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}}
    return document({"/thing": {"get": get}}, schemas, version)


def routes(first: str, second: str) -> Json:
    def get(name: str) -> Json:
        parameter = {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        responses = {"200": answer({"const": name}, name)}
        return {"get": {"operationId": f"by_{name}", "parameters": [parameter], "responses": responses}}

    return document({f"/a/{{{first}}}/c": get(first), f"/a/b/{{{second}}}": get(second)})


OWNER = {"$ref": "#/components/schemas/Owner"}
CASES = (
    Case(
        "readOnly and writeOnly beside required",
        users(FLAGGED),
        requests=(
            ("POST", "/users", {"name": "a", "password": "b"}, "create", 201),
            ("POST", "/users", {"id": 7, "name": "a", "password": "b"}, "create", 201),
            ("POST", "/users", {"id": 7, "password": "b"}, "create", 400),
            ("POST", "/users", {"name": "a"}, "create", 400),
        ),
        answers=(("create", 201, {"id": 1, "name": "a"}, True), ("create", 201, {"name": "a", "password": "b"}, False)),
        same=users({**FLAGGED, "required": [], "allOf": [{"required": FLAGGED["required"]}]}),
    ),
    Case(
        "a response documented as a range of media types",
        report("application/*"),
        requests=(("GET", "/report", None, "report", 200),),
        answers=(("report", 200, {"rows": 1}, True), ("report", 200, {}, False)),
        same=report("Application/*"),
    ),
    Case(
        "nullable beside allOf",
        owned("3.0.3", {"nullable": True, "allOf": [OWNER]}),
        requests=(("GET", "/thing", None, "thing", 200),),
        answers=(
            ("thing", 200, {"owner": None}, True),
            ("thing", 200, {"owner": {"id": 1}}, True),
            ("thing", 200, {"owner": {}}, False),
        ),
        same=owned("3.1.0", {"anyOf": [{"allOf": [OWNER]}, {"type": "null"}]}),
    ),
    Case(
        "a path that two templates match",
        routes("x", "y"),
        requests=(("GET", "/a/b/c", None, "by_y", 200), ("GET", "/a/z/c", None, "by_x", 200)),
        answers=(("by_y", 200, "y", True), ("by_y", 200, "x", False)),
        same={**routes("x", "y"), "paths": dict(reversed(routes("x", "y")["paths"].items()))},
    ),
)
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@pytest.fixture
def subject(case: Case, tmp_path: Path) -> Subject:
    path = tmp_path / "small.json"
    path.write_bytes(orjson.dumps(case.document))
    return load_subject(str(path))


def serve(subject: Subject) -> Client:
    return Client(build(Options(spec=str(subject.path), rate=0), wall=lambda: 0))


@every_case
def test_the_stub_takes_and_answers_what_the_document_says(case: Case, subject: Subject) -> None:
    client = serve(subject)
    for method, path, body, operation, status in case.requests:
        response = client.request(method, path, json=body)
        assert (client.reason(response)["operation"], response.status) == (operation, status), (path, body)
    for method, path, body, operation, status in case.requests:
        if status < 300:
            response = client.request(method, path, json=body)
            answered = Response(status, response.headers, response.content)
            exchange = Exchange(1, Request(method, path, {}), answered, operation)
            assert list(judge(subject, exchange, 0)) == []


@every_case
def test_check_judges_requests_and_answers_by_the_same_reading(case: Case, subject: Subject) -> None:
    headers = {"content-type": "application/json"}
    for method, path, body, operation, status in case.requests:
        sent = Request(method, INSIDE + path, headers if body else {}, orjson.dumps(body) if body else b"")
        exchange = Exchange(1, sent, Response(status, headers, b""), operation)
        assert RequestConformance(subject).keeps(exchange) == (status < 300), body
    for operation, status, value, keeps in case.answers:
        exchange = Exchange(1, Request("GET", INSIDE, {}), Response(status, headers, orjson.dumps(value)), operation)
        assert (not list(judge(subject, exchange, 0))) == keeps, value


@every_case
def test_check_finds_nothing_on_the_stub_that_serves_the_document(case: Case, subject: Subject) -> None:
    wire = Inside(build(Options(spec=str(subject.path), rate=0), wall=lambda: 0))
    verdict = check(subject, bare_target("small", INSIDE), Plan(seed=1, max_examples=4, deterministic=True), wire)
    assert [(finding.check, finding.operation, finding.message) for finding in verdict.findings] == []


@every_case
def test_compare_sees_no_drift_between_two_that_keep_the_document(case: Case, subject: Subject) -> None:
    def side(name: str, seed: int) -> Side:
        wire = Inside(build(Options(spec=str(subject.path), rate=0, seed=seed), wall=lambda: 0))
        return open_side(name, subject, bare_target("small", INSIDE), seed=1, seconds=1_000_000.0, wire=wire)

    drifts = compare(side("left", 0), side("right", 1), examples=2).drifts
    assert [(drift.kind, drift.way, drift.left, drift.right) for drift in drifts] == []


@every_case
def test_validate_has_no_fault_to_find_in_the_examples(case: Case, subject: Subject) -> None:
    findings = [finding.rule for finding in validate(subject.path) if finding.severity is Severity.ERROR]
    assert findings == []


@every_case
def test_diff_sees_no_break_between_two_ways_to_say_it(case: Case, subject: Subject, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_bytes(orjson.dumps(case.same))
    for old, new in ((subject.path, other), (other, subject.path)):
        assert [finding.message for finding in diff(str(old), str(new)) if finding.severity is Severity.ERROR] == []
