"""Every answer is held against what its operation documents; equal breaches are one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest

from contracts.target.breach import Breach, Key, fold
from contracts.target.conformance import MEDIA, SCHEMA, SERVER_ERROR, STATUS, judge
from contracts.target.exchange import Exchange, Request, Response
from contracts.target.links import evaluate, links
from contracts.target.subject import load_subject

SUBJECT = load_subject("thanx")
EXAMPLES = SUBJECT.contract.library.root["components"]["examples"]
JSON = {"content-type": "application/json; charset=utf-8"}


def answer(status: int, value: Any, headers: dict[str, str] = JSON, operation: str = "getIssuanceJob") -> Exchange:
    body = value if isinstance(value, bytes) else orjson.dumps(value)
    url = "http://target.test/partner/issuance_jobs/job%201?merchant_id=m1"
    return Exchange(1, Request("GET", url, {}), Response(status, headers, body), operation)


def found(exchange: Exchange) -> list[str]:
    return [breach.check for breach in judge(SUBJECT, exchange, 0)]


@pytest.mark.parametrize("state", ["pending", "processing", "completed", "failed", "revoking", "revoked"])
def test_every_example_is_a_sound_answer(state: str) -> None:
    assert found(answer(200, EXAMPLES[state]["value"])) == []


@pytest.mark.parametrize(
    ("exchange", "check"),
    [
        (answer(500, {}), SERVER_ERROR),
        (answer(418, {}), STATUS),
        (answer(200, b"<p>", {"content-type": "text/html"}), MEDIA),
        (answer(200, b"{}", {}), MEDIA),
        (answer(200, b"{"), SCHEMA),
        (answer(404, {"error": {"code": "lower", "message": ""}}), SCHEMA),
        (answer(200, {"issuance_job": {**EXAMPLES["pending"]["value"]["issuance_job"], "summary": {}}}), SCHEMA),
    ],
)
def test_what_is_not_documented_is_found(exchange: Exchange, check: str) -> None:
    assert set(found(exchange)) == {check}


def test_a_finding_points_to_the_keyword_that_is_broken() -> None:
    value = {"issuance_job": {**EXAMPLES["processing"]["value"]["issuance_job"], "started_at": None}}
    (breach,) = judge(SUBJECT, answer(200, value), 0)
    assert "/issuance_job/started_at" in breach.message
    location = SUBJECT.location(breach.promise)
    assert "Timestamp" in location.pointer
    assert location.line > 1


def test_equal_breaches_are_one_with_the_smallest_evidence() -> None:
    long, short = (
        answer(418, {}),
        Exchange(2, Request("GET", "http://t/", {}), Response(418, {}, b""), "getIssuanceJob"),
    )
    breaches = [
        Breach(STATUS, "getIssuanceJob", "/paths", f"the status 418 is not {n} documented", (one,), 0, Key(status=418))
        for n, one in zip(("once", "twice", "ever"), (long, short, long), strict=True)
    ]
    (breach,) = fold(breaches)
    assert breach.times == 3
    assert breach.exchanges == (short,)


def test_breaches_are_told_apart_by_their_keys_and_never_by_their_messages() -> None:
    breach = Breach(STATUS, "getIssuanceJob", "/paths", "not documented", (answer(418, {}),), 0, Key(status=418))
    others = [
        replace(breach, key=Key(status=419)),
        replace(breach, key=Key("/paths", 418)),
        replace(breach, key=Key(status=418, media_type="text/html")),
        replace(breach, key=Key(status=418, route=("$ref", "type"))),
        replace(breach, key=Key(status=418, subject=("Location",))),
        replace(breach, operation="listCampaigns"),
        replace(breach, check=MEDIA),
    ]
    assert len(fold([breach, *others])) == len(others) + 1
    assert len(fold([breach, replace(breach, message="something else")])) == 1


def test_one_keyword_broken_at_many_items_is_one_finding() -> None:
    failures = [{"identifier": "a", "error": 5, "identifier_index": index} for index in range(3)]
    job = EXAMPLES["completed"]["value"]["issuance_job"]
    value = {"issuance_job": {**job, "summary": {**job["summary"], "failures": failures}}}
    breaches = list(judge(SUBJECT, answer(200, value), 0))
    assert len(breaches) >= 3
    assert len({breach.key for breach in fold(breaches)}) == len(fold(breaches)) < len(breaches)


def test_links_are_followed_with_what_was_sent_and_answered() -> None:
    exchange = answer(200, EXAMPLES["completed"]["value"])
    followed = {link.name: link.arguments(SUBJECT, exchange) for link in links(SUBJECT, exchange)}
    assert followed == {
        "getIssuanceJob": {"path": {"id": "job 1"}, "query": {"merchant_id": "m1"}},
        "revokeIssuanceJob": {"path": {"id": "job 1"}, "body": {"merchant_id": "m1"}},
        "getCampaign": {"path": {"id": "camp_abc123"}},
    }


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$statusCode", 200),
        ("$method", "GET"),
        ("$request.query.merchant_id", "m1"),
        ("$response.header.Content-Type", JSON["content-type"]),
        ("job {$request.path.id}!", "job job 1!"),
        ({"a": ["$response.body#/issuance_job/state", 1]}, {"a": ["pending", 1]}),
    ],
)
def test_expressions(expression: Any, value: Any) -> None:
    assert evaluate(SUBJECT, answer(200, EXAMPLES["pending"]["value"]), expression) == value
