"""Each law of LoyaltyDog holds on the sound stub, and fails on one that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from contracts.check.verdict import Status
from contracts.defects.defect import Answer, Ask, Asked, Behaviour, Memory
from contracts.laws.loyaltydog import LAWS
from contracts.target.subject import load_subject
from tests.contracts.laws.faults import answers, judged, requests

LOGIN, ISSUE, DOWNLOAD = "loginForAccessToken", "issueMultipleGiftCards", "downloadCardsCsv"
POLL = "pollBulkIssuance_v2_giftcards_programs__programId__cards_bulk__taskId__get"
PROGRAM, OTHER, FOREIGN = "5eb7cf5a86d9755df3a6c593", "5eb7cf5a86d9755df3a6c594", "5eb7cf5a86d9755df3a6c5ff"
KEY = "idempotency-key"


def body(change: Callable[[dict[str, Any]], object]) -> Behaviour:
    """The server takes the body of an issuance for another."""

    def changed(asked: Asked) -> Asked:
        sent = asked.json
        if isinstance(sent, dict):
            change(sent)
            return asked.with_json(sent)
        return asked

    return requests(ISSUE, changed)


def status(operation: str, wrong: int, instead: Answer) -> Behaviour:
    """Where an operation would answer with this status, it answers something else."""

    async def behave(asked: Asked, ask: Ask, _: Memory) -> Answer:
        answer = await ask(asked)
        return instead if asked.operation == operation and answer.status == wrong else answer

    return behave


def path(old: str, new: str, operation: str) -> Behaviour:
    return requests(operation, lambda asked: replace(asked, path=asked.path.replace(old, new)))


def accounted(value: Any) -> None:
    if value.get("cards"):
        value["cards"].pop()
        value["issuedCount"] -= 1


def same_number(value: Any) -> None:
    for card in value.get("cards") or ():
        card.update(cardNumber="5000000000000000", lastFourDigits="0000")


def failed_less(value: Any) -> None:
    if value["status"] == "failed":
        value["failedCount"] -= 1


async def one_task(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    answer = await ask(asked)
    if asked.operation == ISSUE and answer.status == 202:
        return memory.setdefault("first", answer)  # type: ignore[no-any-return]  # a memory holds anything
    return answer


def keyless(asked: Asked) -> Asked:
    return asked.with_header(KEY, None)


async def forgets_with_time(asked: Asked, ask: Ask, _: Memory) -> Answer:
    return await ask(keyless(asked) if asked.at > 10 else asked)


async def forgets_with_token(asked: Asked, ask: Ask, _: Memory) -> Answer:
    token = asked.header("authorization")
    return await ask(asked.with_header(KEY, asked.header(KEY) + token[-5:]) if asked.header(KEY) else asked)


async def loses_a_line(asked: Asked, ask: Ask, _: Memory) -> Answer:
    answer = await ask(asked)
    if asked.operation != DOWNLOAD or answer.status != 200:
        return answer
    return replace(answer, body=b"".join(answer.body.splitlines(keepends=True)[:-1]))


async def polls_anything(asked: Asked, ask: Ask, _: Memory) -> Answer:
    answer = await ask(asked)
    if asked.operation != POLL or answer.status != 404:
        return answer
    pending = dict.fromkeys(("issuedCount", "cards", "csvDownloadUrl", "failedCount", "error", "completedAt"))
    return Answer(200).with_json({"taskId": asked.arguments["taskId"], "status": "pending", **pending})


def empty_file() -> Answer:
    return Answer(200, {"content-type": "text/csv"}, b"id,cardNumber,lastFourDigits,initialValue,expiresAt\n")


def any_password(asked: Asked) -> Asked:
    return replace(asked, body=asked.body.replace(b"password=wrong", b"password=sandbox"))


def forever(asked: Asked) -> Asked:
    return asked.with_header("authorization", "Bearer test-token") if asked.at > 3600 else asked


def granted(value: Any) -> None:
    if value["mfaPending"]:
        value.update(accessToken="token", mfaPending=False, pendingToken=None)


FAULTS: dict[str, Behaviour] = {
    "fifty-cards-at-once-and-no-more": body(lambda sent: sent.update(count=51) if sent.get("count") == 50 else None),
    "every-card-is-accounted-for": answers(ISSUE, accounted),
    "cards-differ": answers(ISSUE, same_number),
    "the-value-is-from-a-cent-to-ten-thousand": body(
        lambda sent: sent.update(initialValue=1) if sent["initialValue"] == 10000.01 else None
    ),
    "ten-thousand-cards-and-no-more": body(
        lambda sent: sent.update(count=10000) if sent.get("count") == 10001 else None
    ),
    "nothing-issued-is-a-failure": answers(POLL, failed_less),
    "a-failed-task-says-why": answers(POLL, failed_less),
    "many-tasks-stay-apart": one_task,
    "card-and-cash-register-change-nothing": requests(
        POLL, lambda asked: asked.with_header("authorization", None) if asked.parameter("cardId") else asked
    ),
    "same-key-and-body-get-the-first-answer": requests(ISSUE, keyless),
    "a-key-gets-the-first-answer-when-the-task-is-finished": forgets_with_time,
    "a-key-with-another-body-is-refused": body(lambda sent: sent.pop("designTemplate", None)),
    "one-key-at-the-same-time-issues-once": requests(ISSUE, keyless),
    "a-key-belongs-to-its-program": path(OTHER, PROGRAM, ISSUE),
    "a-key-holds-when-the-token-is-renewed": forgets_with_token,
    "a-file-has-the-cards-of-the-answer": loses_a_line,
    "only-a-completed-issuance-by-count-has-a-file": status(DOWNLOAD, 409, empty_file()),
    "what-was-issued-at-once-is-no-task": polls_anything,
    "a-signature-opens-one-file": status(DOWNLOAD, 401, empty_file()),
    "a-program-belongs-to-its-merchant": path(FOREIGN, PROGRAM, ISSUE),
    "a-task-belongs-to-its-program": path(OTHER, PROGRAM, DOWNLOAD),
    "what-is-unknown-is-404": polls_anything,
    "no-credential-no-answer": requests(
        DOWNLOAD,
        lambda asked: (
            asked.with_header("authorization", "Bearer test-token")
            if asked.header("authorization") == "Bearer test-token-expired"
            else asked
        ),
    ),
    "a-token-lasts-an-hour": requests(POLL, forever),
    "a-token-needs-the-right-password": requests(LOGIN, any_password),
    "a-second-factor-comes-before-the-token": answers(LOGIN, granted),
    "count-and-recipients-exclude-each-other": answers(
        ISSUE, lambda value: value["detail"][0].update(loc=["body", "count"]), 422
    ),
    "the-first-error-of-each-field-is-told": answers(
        ISSUE, lambda value: value["detail"].append(value["detail"][0]), 422
    ),
    "a-body-that-is-no-json-says-where": answers(
        ISSUE, lambda value: value["detail"][0].update(type="value_error"), 422
    ),
}


def test_every_law_holds_on_the_sound_stub() -> None:
    verdict = judged("loyaltydog")
    assert [(finding.check, finding.message) for finding in verdict.findings] == []
    assert [(one.name, one.why) for one in verdict.results if one.status is not Status.KEPT] == []


def test_every_law_has_a_fault() -> None:
    assert set(FAULTS) == {law.name for law in LAWS.laws}


@pytest.mark.parametrize("law", FAULTS)
def test_a_fault_breaks_its_law(law: str) -> None:
    verdict = judged("loyaltydog", law, fault=FAULTS[law])
    assert {finding.check for finding in verdict.findings} == {law}


def test_every_law_names_a_fact() -> None:
    subject = load_subject("loyaltydog")
    for law in LAWS.laws:
        assert subject.statement(law.promise), law.name
