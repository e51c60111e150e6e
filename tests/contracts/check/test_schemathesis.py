"""What the library is told: nothing is switched off, and every deviation stands in the contract."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests
from schemathesis.config import SchemathesisConfig

from contracts.check.plan import Plan
from contracts.check.run import Run, check
from contracts.check.schemathesis import ACCEPTED, PHASES, Settings, business_rules, configuration, names
from contracts.check.verdict import Status
from contracts.laws import laws_of
from contracts.stub import INSIDE, Inside, Receive, Scope, Send, inside
from contracts.target.budget import Budget
from contracts.target.client import Client
from contracts.target.subject import load_subject
from contracts.target.target import bare_target
from contracts.target.transport import Transport
from mockserver.app import Options, build
from tests.contracts.check.wrap import changed

SUBJECT = load_subject("thanx")


def client() -> Client:
    target, wire = inside("thanx")
    return Client(SUBJECT, target, Transport(wire, Budget()), laws_of("thanx").uses)


def config(**changes: Any) -> tuple[dict[str, Any], SchemathesisConfig]:
    said = configuration(client(), "http://target.test", Settings(seed=1, max_examples=5, **changes))
    return said, SchemathesisConfig.from_dict(said)


def test_every_check_and_every_phase_is_on() -> None:
    _, made = config()
    checks = made.projects.default.checks
    assert all(getattr(checks, name).enabled for name in names())
    assert all(getattr(made.projects.default.phases, name).enabled for name in PHASES)


def test_a_valid_request_may_be_refused_only_where_the_contract_says_why() -> None:
    said, _ = config()
    accepted = {
        one["include-operation-id"]: one["checks"]["positive_data_acceptance"]["expected-statuses"]
        for one in said["operations"]
        if "checks" in one
    }
    assert accepted == {"issueRewards": [*ACCEPTED, 422], "revokeIssuanceJob": [*ACCEPTED, 422]}
    reasons = business_rules(client(), SUBJECT.operation("revokeIssuanceJob"))
    assert reasons == {"422": "Only a completed or failed job can be revoked, and only once."}


def test_generated_requests_use_the_ids_of_the_target() -> None:
    said, _ = config()
    bound = {one["include-operation-id"]: one.get("parameters", {}) for one in said["operations"]}
    assert bound["getCampaign"]["path.id"]["dictionary"] == "campaign_id"
    assert bound["issueRewards"]["body.merchant_id"]["dictionary"] == "merchant_id"
    assert all(0 < one["probability"] < 1 for parameters in bound.values() for one in parameters.values())


def test_a_target_that_must_not_be_written_to_gets_no_undeclared_methods() -> None:
    said, _ = config(writes=False)
    assert said["phases"]["coverage"]["unexpected-methods"] == ["get", "options"]


@pytest.mark.parametrize(
    ("status", "body", "check_name"),
    [(500, {}, "not_a_server_error"), (418, {"error": {"code": "A", "message": ""}}, "status_code_conformance")],
)
def test_what_the_library_finds_is_a_finding(status: int, body: dict[str, Any], check_name: str) -> None:
    target, wire = inside("thanx", changed(lambda path, status, value: None))

    class Changed:
        def send(self, request: Any, timeout: float, /) -> Any:
            response = wire.send(request, timeout)
            if "/partner/campaigns/" in request.url and request.method == "GET":
                response.status_code = status
            return response

    verdict = check(
        SUBJECT, target, Plan(seconds=3_600, seed=1, max_examples=2, first=True, only=("schemathesis",)), Changed()
    )
    assert check_name in {finding.check for finding in verdict.findings}


ORDERS = """
openapi: 3.0.3
info: {title: Orders, version: "1"}
paths:
  /orders:
    post:
      operationId: order
      responses:
        "200":
          description: Made at once.
          content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
          links: {download: {operationId: download, parameters: {file: $response.body#/id}}}
        "202":
          description: To be asked for.
          content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
          links: {poll: {operationId: poll, parameters: {id: $response.body#/id}}}
  /orders/{id}:
    get:
      operationId: poll
      parameters: [{name: id, in: path, required: true, schema: {type: string, pattern: "^[a-z]{1,9}$"}}]
      responses: {"200": {description: As it is.}, "404": {description: None.}}
  /files/{file}:
    get:
      operationId: download
      parameters: [{name: file, in: path, required: true, schema: {type: string, pattern: "^[a-z]{1,9}$"}}]
      responses: {"200": {description: The file.}, "404": {description: None.}}
components:
  schemas:
    Order: {type: object, required: [id], properties: {id: {type: string}}}
"""


async def never_at_once(scope: Scope, _receive: Receive, send: Send) -> None:
    """Orders that are never made at once: the links of a 200 lead nowhere."""
    found = {("POST", "/orders"): 202, ("GET", "/orders/a"): 200}
    status = found.get((scope["method"], scope["path"]), 404 if scope["method"] == "GET" else 405)
    headers = [(b"content-type", b"application/json"), (b"allow", b"GET, POST")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"id": "a"}'})


def test_a_scenario_that_no_link_leads_on_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(ORDERS)
    target, wire = bare_target("orders", INSIDE), Inside(never_at_once)
    plan = Plan(seconds=3_600, seed=1, max_examples=10, deterministic=True, only=("schemathesis",))
    verdict = check(load_subject(str(path)), target, plan, wire)
    assert verdict.incomplete == ""
    assert verdict.requests < 300


def test_cases_that_break_off_in_the_library_are_not_judged_to_the_end() -> None:
    async def deep(_scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"[" * 100_000})

    plan = Plan(seconds=3_600, seed=1, max_examples=2, deterministic=True, only=("schemathesis",))
    verdict = check(SUBJECT, bare_target("thanx", INSIDE), plan, Inside(deep))
    assert verdict.incomplete.startswith("the generated cases broke off: RecursionError")
    assert "the body of 200 is no JSON" in {finding.message for finding in verdict.findings}


ONE = """
openapi: 3.0.3
info: {title: One, version: "1"}
paths:
  /things:
    get:
      operationId: list
      parameters: [{name: page, in: query, schema: {type: integer}}]
      responses: {"200": {description: All of them.}}
"""


async def not_at_all(_scope: Scope, _receive: Receive, send: Send) -> None:
    """A server that has none of the methods: the library gives its operations up, and would remember that."""
    await send({"type": "http.response.start", "status": 405, "headers": [(b"allow", b"TRACE")]})
    await send({"type": "http.response.body", "body": b""})


def test_no_run_is_another_one_for_what_was_run_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(ONE)
    monkeypatch.chdir(tmp_path)
    plan = Plan(seconds=3_600, seed=1, max_examples=20, only=("schemathesis",))
    runs = [check(load_subject(str(path)), bare_target("one", INSIDE), plan, Inside(not_at_all)) for _ in range(2)]
    assert [finding.message for finding in runs[1].findings] == [finding.message for finding in runs[0].findings]
    assert runs[1].requests == runs[0].requests > 10
    assert list(tmp_path.iterdir()) == [path]


def test_a_redirect_is_an_answer_and_not_followed(tmp_path: Path) -> None:
    asked: list[str] = []

    async def moved(scope: Scope, _receive: Receive, send: Send) -> None:
        asked.append(scope["path"])
        headers = [(b"location", b"/elsewhere"), (b"allow", b"GET")]
        status = 302 if scope["method"] == "GET" else 405
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    path = tmp_path / "openapi.yaml"
    path.write_text("""
openapi: 3.0.3
info: {title: Files, version: "1"}
paths: {/file: {get: {operationId: file, responses: {"302": {description: Where it is.}}}}}
""")
    plan = Plan(seconds=3_600, seed=1, max_examples=5, deterministic=True, only=("schemathesis",))
    verdict = check(load_subject(str(path)), bare_target("files", INSIDE), plan, Inside(moved))
    assert {finding.message for finding in verdict.findings} == set()
    assert "/elsewhere" not in asked


TUPLES = """
openapi: 3.1.0
info: {title: Pairs, version: "1"}
paths:
  /pairs:
    get:
      operationId: pair
      responses:
        "200":
          description: A pair.
          content:
            application/json:
              schema: {type: array, prefixItems: [{type: string}, {type: integer}], minItems: 2, items: false}
"""


def test_a_tuple_in_an_answer_is_judged_to_the_end(tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(TUPLES)
    plan = Plan(seconds=3_600, seed=1, max_examples=5, deterministic=True, only=("schemathesis",))
    verdict = check(load_subject(str(path)), bare_target("pairs", INSIDE), plan, Inside(build(Options(spec=str(path)))))
    assert (verdict.incomplete, verdict.findings) == ("", ())


SENT = """
openapi: 3.1.0
info: {title: Forms, version: "1"}
paths:
  /forms:
    post:
      operationId: send
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              required: [at]
              properties:
                ids: {type: array, items: {type: integer}}
                at: {type: object, properties: {x: {type: integer}}}
      responses: {"204": {description: Taken.}, "400": {description: It does not fit.}}
"""


@pytest.mark.parametrize("status", [0, 204, 400])
def test_a_request_is_what_was_sent_whatever_it_was_made_from(tmp_path: Path, status: int) -> None:
    """One text is also a list of one, and an empty object is nothing; a server that looks at nothing is found out."""
    path = tmp_path / "openapi.yaml"
    path.write_text(SENT)

    async def always(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": [(b"allow", b"POST")]})
        await send({"type": "http.response.body", "body": b""})

    app = always if status else build(Options(spec=str(path)))
    plan = Plan(seconds=3_600, seed=1, max_examples=20, deterministic=True, only=("schemathesis",))
    verdict = check(load_subject(str(path)), bare_target("forms", INSIDE), plan, Inside(app))
    found = {finding.check for finding in verdict.findings} & {"negative_data_rejection", "positive_data_acceptance"}
    assert found == {0: set(), 204: {"negative_data_rejection"}, 400: {"positive_data_acceptance"}}[status]


def test_a_probe_that_gets_no_answer_is_no_finding() -> None:
    target, wire = inside("thanx")
    dropped: list[str] = []

    class DropsProbes:
        def send(self, request: requests.PreparedRequest, timeout: float, /) -> requests.Response:
            if "probe" in str(request.url):
                dropped.append(str(request.url))
                raise requests.ConnectionError("Connection reset by peer")
            return wire.send(request, timeout)

    plan = Plan(seconds=3_600, seed=1, max_examples=1, deterministic=True, only=("schemathesis",))
    run = Run(SUBJECT, target, plan, DropsProbes())
    run.transport.pause = lambda seconds: None
    verdict = run.execute()
    assert dropped
    assert verdict.findings == ()


UNREADABLE = """
openapi: 3.1.0
info: {title: Items as a list inside allOf, version: "1"}
paths:
  /pairs:
    get:
      operationId: list
      responses:
        "200": {description: All., content: {application/json: {schema: {$ref: '#/components/schemas/Pairs'}}}}
  /pairs/{id}:
    get:
      operationId: read
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: '#/components/schemas/Pair'}}}}
components:
  schemas:
    Pairs:
      allOf:
        - $ref: '#/components/schemas/Page'
        - {type: object, properties: {data: {type: array, items: [{$ref: '#/components/schemas/Pair'}]}}}
    Page: {type: object, properties: {data: {type: array, items: {}}}}
    Pair: {type: object, properties: {id: {type: string}}}
"""


def test_a_document_that_the_library_cannot_analyse_is_said_in_a_line_and_judged_without(tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(UNREADABLE)
    wire = Inside(build(Options(spec=str(path), rate=0), wall=lambda: 0))
    verdict = check(
        load_subject(str(path)), bare_target("pairs", INSIDE), Plan(seconds=3_600, seed=1, max_examples=4), wire
    )
    unfinished = [result.why for result in verdict.results if result.name == "schemathesis stateful"]
    assert len(unfinished) == 1
    assert unfinished[0].startswith("Schemathesis cannot analyse this document (AttributeError")
    assert {"list", "read"} <= {result.operation for result in verdict.results if result.status is Status.KEPT}


async def nowhere(scope: Scope, _receive: Receive, send: Send) -> None:
    """A server that has only two methods, and says so of every other."""
    status = {"GET": 200, "POST": 202}.get(scope["method"], 501)
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": b'{"id": "a"}'})


def test_a_method_that_the_server_has_nowhere_may_be_501(tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(ORDERS)
    plan = Plan(seconds=3_600, seed=1, max_examples=4, deterministic=True, only=("schemathesis",))
    verdict = check(load_subject(str(path)), bare_target("orders", INSIDE), plan, Inside(nowhere))
    assert [f.message for f in verdict.findings if "501" in f.message] == []
