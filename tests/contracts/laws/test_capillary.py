"""Each law of Capillary holds on the sound stub, and fails on one that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from contracts.check.verdict import Status
from contracts.defects.defect import Answer, Ask, Asked, Behaviour, Memory
from contracts.laws.capillary import LAWS
from contracts.target.subject import load_subject
from tests.contracts.laws.faults import answers, judged, requests

LOGIN, ISSUE, LIST, GET, REVOKE = "generateToken", "issueReward", "listIssuals", "getIssual", "revokeReward"


def entries(change: Callable[[dict[str, Any]], object]) -> Behaviour:
    """Change every entry of a list."""

    def changed(value: Any) -> None:
        for entry in value["rewardIssueTransactions"]:
            change(entry)

    return answers(LIST, changed)


def body(change: Callable[[dict[str, Any]], object], operation: str = ISSUE) -> Behaviour:
    """The server takes the body of a request for another."""

    def changed(asked: Asked) -> Asked:
        sent = asked.json
        if not isinstance(sent, dict):
            return asked
        change(sent)
        return asked.with_json(sent)

    return requests(operation, changed)


def without(name: str) -> Behaviour:
    return body(lambda sent: sent.pop(name, None))


def instead(operation: str, code: int, **status: Any) -> Behaviour:
    """A refusal with this code has another status object."""

    def change(value: Any) -> None:
        found = value["status"][0] if isinstance(value["status"], list) else value["status"]
        if found["code"] == code:
            found.update(status)

    return answers(operation, change, 400)


def dearer(value: Any) -> None:
    if value["data"]["pointsRedemption"].get("redeemedPoints"):
        value["data"]["pointsRedemption"]["redeemedPoints"] += 1


def reads(name: str, **parameters: str | None) -> Behaviour:
    """The server reads other query parameters than were sent."""

    def change(asked: Asked) -> Asked:
        for parameter, value in parameters.items():
            asked = asked.with_parameter(parameter, value)
        return asked

    return requests(name, change)


def never_sold(asked: Asked) -> Asked:
    return replace(asked, path=asked.path.replace("/20504/", "/200/"))


async def forgets_in_time(asked: Asked, ask: Ask, _: Memory) -> Answer:
    sent = asked.json
    if asked.operation == ISSUE and asked.at > 86400 and isinstance(sent, dict):
        sent.pop("requestId", None)
        asked = asked.with_json(sent)
    return await ask(asked)


async def by_bytes(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    if asked.operation == ISSUE and memory.setdefault("body", asked.body) != asked.body:
        status = {"success": False, "code": 10003, "message": "Request payload is not matching"}
        return Answer(400).with_json({"status": status})
    return await ask(asked)


async def reads_anyone(asked: Asked, ask: Ask, _: Memory) -> Answer:
    if asked.operation == GET:
        asked = replace(asked, path=asked.path.replace("/423931087/", "/383428154/"))
    return await ask(asked)


async def revoked_shows(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    answer = await ask(asked)
    if asked.operation == REVOKE:
        memory["revoked"] = True
    if asked.operation == GET and "revoked" in memory and answer.status == 200:
        value = answer.json
        value["data"]["status"].update(message="Reward revoked successfully")
        return answer.with_json(value)
    return answer


def any_secret(sent: dict[str, Any]) -> None:
    if sent.get("secret") == "wrong":
        sent["secret"] = "test-secret"


def as_default(name: str, wrong: str, token: str = "test-token") -> Callable[[Asked], Asked]:
    """A credential is taken for another one."""

    def change(asked: Asked) -> Asked:
        if asked.header(name) != wrong:
            return asked
        return asked.with_header(name, None).with_header("x-cap-api-oauth-token", token)

    return change


DIGEST = "Basic c2FuZGJveDo5M2JjNjNlMGI0ZjQ4ZmJiZmY1NjhkOWZjMGRjM2RlZg=="
NO_GROUP = "Basic c2FuZGJveC1uby1ncm91cDo5M2JjNjNlMGI0ZjQ4ZmJiZmY1NjhkOWZjMGRjM2RlZg=="

FAULTS: dict[str, Behaviour] = {
    "what-was-issued-can-be-read": without("customFields"),
    "each-identifier-names-the-customer": body(lambda sent: sent.pop("emailId", None) if "mobile" in sent else None),
    "every-call-issues": answers(LIST, lambda value: value["rewardIssueTransactions"].reverse()),
    "points-are-the-value-times-the-ratio": answers(GET, dearer),
    "an-event-is-a-day-ahead-at-most": without("eventDateTime"),
    "what-is-unknown-leaves-no-issual": body(
        lambda sent: sent.update(mobile="919456430850") if sent.get("mobile") == "10000000001" else None
    ),
    "a-refused-issue-stays-visible": answers(
        LIST,
        lambda value: value.update(
            rewardIssueTransactions=[one for one in value["rewardIssueTransactions"] if one["status"]["code"] != 12005]
        ),
    ),
    "a-part-is-completed-by-its-request": without("requestId"),
    "a-late-issue-is-unknown-until-it-is-through": requests(ISSUE, never_sold),
    "the-same-request-gets-the-first-answer": forgets_in_time,
    "equal-bodies-are-one-body": by_bytes,
    "a-request-id-has-any-length": body(lambda sent: sent.update(requestId=sent.get("requestId", "")[:255])),
    "a-request-id-with-another-payload-is-refused": without("notes"),
    "a-refused-request-needs-a-new-id": instead(ISSUE, 400, message="Duplicate"),
    "one-request-id-at-the-same-time-issues-once": without("requestId"),
    "pages-are-the-list": answers(LIST, lambda value: value["pagingDto"].update(last=False)),
    "filters-are-sound-and-complete": reads(LIST, ownerId=None),
    "points-lead-to-their-issual": entries(lambda entry: entry.update(pointsRedemptionRefIds=[])),
    "an-unknown-customer-has-an-empty-list": requests(
        LIST, lambda asked: replace(asked, path=asked.path.replace("999999999", "383428154"))
    ),
    "codes-have-the-case-that-is-asked-for": reads(GET, couponCodeCase=None),
    "a-transaction-belongs-to-its-customer": reads_anyone,
    "an-outcome-never-changes": revoked_shows,
    "a-reward-is-revoked-once": answers(
        REVOKE, lambda value: value.update(userRewardCount=2) if "userRewardCount" in value else None
    ),
    "revoked-at-the-same-time-it-is-revoked-once": answers(
        REVOKE, lambda value: value["status"].update(code=10007) if value["status"]["code"] == 13003 else None
    ),
    "only-what-was-issued-is-revoked": answers(
        REVOKE, lambda value: value["status"].update(code=10007) if value["status"]["code"] == 13003 else None
    ),
    "a-revoke-names-its-transaction": answers(
        REVOKE, lambda value: value["status"].update(message="No") if value["status"]["code"] == 400 else None
    ),
    "every-outcome-of-a-revoke-has-its-code": answers(
        REVOKE, lambda value: value["status"].update(code=10007) if value["status"]["code"] == 10008 else None
    ),
    "no-credential-no-answer": requests(LIST, as_default("x-cap-api-oauth-token", "test-token-expired")),
    "another-access-group-is-forbidden": requests(GET, as_default("authorization", NO_GROUP)),
    "a-password-travels-as-its-digest": requests(LIST, as_default("authorization", DIGEST, "nobody")),
    "a-token-lasts-as-long-as-it-says": answers(LOGIN, lambda value: value["data"].update(ttlSeconds=600)),
    "a-token-needs-the-right-secret": body(any_secret, LOGIN),
}


def test_every_law_holds_on_the_sound_stub() -> None:
    verdict = judged("capillary")
    assert [(finding.check, finding.message) for finding in verdict.findings] == []
    assert [(one.name, one.why) for one in verdict.results if one.status is not Status.KEPT] == []


def test_every_law_has_a_fault() -> None:
    assert set(FAULTS) == {law.name for law in LAWS.laws}


@pytest.mark.parametrize("law", FAULTS)
def test_a_fault_breaks_its_law(law: str) -> None:
    verdict = judged("capillary", law, fault=FAULTS[law])
    assert {finding.check for finding in verdict.findings} == {law}


def test_every_law_names_a_fact() -> None:
    subject = load_subject("capillary")
    for law in LAWS.laws:
        assert subject.statement(law.promise), law.name
