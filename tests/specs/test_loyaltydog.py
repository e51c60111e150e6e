"""What the LoyaltyDog contract itself has to say, against the pages that it was written from."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.specs import documents

DOCUMENT = documents.document("loyaltydog")
CONTRACT = documents.contract("loyaltydog")
at = partial(documents.at, "loyaltydog")
example = partial(documents.example, "loyaltydog")
accepts = partial(documents.accepts, "loyaltydog")

POLL = "pollBulkIssuance_v2_giftcards_programs__programId__cards_bulk__taskId__get"
BULK = "/v2/giftcards/programs/{programId}/cards/bulk"
OBJECT_ID = "5eb7cf5a86d9755df3a6c593"
STATES = ("pending", "processing", "completed", "failed")
RESULTS = ("issuedCount", "cards", "csvDownloadUrl")
CARD = {"id": "665f1c2e8b3a4d0012ab34cd", "cardNumber": "6006491234567890", "lastFourDigits": "7890"}


def schema(name: str) -> Any:
    return at(f"/components/schemas/{name}")


def parameters(path: str) -> dict[str, Any]:
    """The parameters of all methods of a path by name, references followed."""
    listed = DOCUMENT["paths"][path]["parameters"]
    found = [at(parameter["$ref"].removeprefix("#")) for parameter in listed]
    return {parameter["name"]: parameter for parameter in found}


# The head


def test_head_is_as_printed() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    assert DOCUMENT["info"]["version"] == "1.0.1"
    assert [server["url"] for server in DOCUMENT["servers"]] == ["https://api.loyalty.dog"]
    assert all(path.startswith("/v2/") for path in DOCUMENT["paths"])


def test_poll_operation_is_as_printed() -> None:
    operation = DOCUMENT["paths"][f"{BULK}/{{taskId}}"]["get"]
    assert operation["operationId"] == POLL
    assert operation["tags"] == ["Gift Cards"]
    assert operation["summary"] == "Poll async bulk issuance task"


@pytest.mark.parametrize(("path", "method"), [(BULK, "post"), (f"{BULK}/{{taskId}}", "get")])
def test_leaked_parameters_are_as_printed(path: str, method: str) -> None:
    assert method in DOCUMENT["paths"][path]
    found = parameters(path)
    assert [(found[name]["in"], found[name].get("required", False)) for name in found] == [
        ("path", True),
        *([("path", True)] if "{taskId}" in path else []),
        ("query", False),
        ("header", False),
        ("header", False),
    ]
    assert found["cardId"]["schema"] == {"anyOf": [{"$ref": "#/components/schemas/PydanticObjectId"}, {"type": "null"}]}
    for name in ("X-Eposn-Customer-Token", "X-Eposn-Merchant-Token"):
        assert found[name]["schema"] == {"$ref": "#/components/schemas/EposnToken"}
    assert accepts("EposnToken", "any text")
    assert accepts("EposnToken", None)
    assert not accepts("EposnToken", 1)


def test_object_id_example_is_as_printed() -> None:
    assert schema("PydanticObjectId")["example"] == OBJECT_ID
    assert accepts("PydanticObjectId", OBJECT_ID)
    assert schema("PydanticObjectId") == {
        "type": "string",
        "minLength": 24,
        "maxLength": 24,
        "pattern": "^[0-9a-f]{24}$",
        "example": OBJECT_ID,
    }


def test_printed_statuses_are_declared() -> None:
    operation = CONTRACT.operation(POLL)
    assert operation is not None
    assert {"200", "422"} <= set(operation.responses)
    assert not {"201", "202", "204"} & set(operation.responses)


def test_400_and_5xx_are_not_declared() -> None:
    for operation in CONTRACT.operations:
        assert not [status for status in operation.responses if status == "400" or status[0] not in "24"]


def test_guide_envelope_is_not_used() -> None:
    guide = {"error": {"code": "not_found", "message": "Not found", "details": {}}}
    assert not accepts("HTTPError", guide)
    assert not accepts("HTTPValidationError", guide)
    for operation in CONTRACT.operations:
        for status, response in operation.responses.items():
            for printed in response.examples["application/json"].values() if status > "3" else ():
                assert list(printed) == ["detail"]
                assert isinstance(printed["detail"], list if status == "422" else str)


# Tasks


def task(state: str, **changes: Any) -> Any:
    """The example of a state, changed; a value of `...` leaves the property out."""
    return {name: value for name, value in (example(state) | changes).items() if value is not ...}


def test_life_cycle_is_the_documented_one() -> None:
    (lifecycle,) = CONTRACT.lifecycles.values()
    assert lifecycle.initial == "pending"
    assert lifecycle.transitions == {"pending": ("processing",), "processing": ("completed", "failed")}
    assert lifecycle.commands == {}
    assert set(lifecycle.states) == set(STATES)


@pytest.mark.parametrize("state", STATES)
def test_task_properties_are_as_printed(state: str) -> None:
    """`completedAt` is a date-time where it is not null; every printed property is there, and no other."""
    assert accepts("BulkIssuanceTaskStatus", task(state))
    assert list(task(state)) == [
        "taskId",
        "status",
        "issuedCount",
        "cards",
        "csvDownloadUrl",
        "failedCount",
        "error",
        "completedAt",
    ]
    for name in task(state):
        assert not accepts("BulkIssuanceTaskStatus", task(state, **{name: ...}))
    assert not accepts("BulkIssuanceTaskStatus", task(state, completedAt="yesterday"))
    assert accepts("BulkIssuanceTaskStatus", task(state, completedAt=None)) is (state in ("pending", "processing"))


@pytest.mark.parametrize("state", ["pending", "processing", "failed"])
@pytest.mark.parametrize("name", RESULTS)
def test_results_belong_to_completed_tasks_only(state: str, name: str) -> None:
    assert not accepts("BulkIssuanceTaskStatus", task(state, **{name: example("completed")[name]}))


@pytest.mark.parametrize("name", ["completed", "completed_partially"])
def test_count_and_error_of_failures_come_together(name: str) -> None:
    assert accepts("BulkIssuanceTaskStatus", task(name))
    for changes in ({"failedCount": None, "error": "x"}, {"failedCount": 1, "error": None}, {"failedCount": 0}):
        assert not accepts("BulkIssuanceTaskStatus", task(name, **changes))


def test_card_summary_is_as_printed() -> None:
    """All three are required strings, and there is no security code."""
    found = schema("BulkIssuedCardSummary")
    assert found["required"] == list(found["properties"]) == list(CARD)
    assert accepts("BulkIssuedCardSummary", CARD)
    for name in CARD:
        assert not accepts("BulkIssuedCardSummary", CARD | {name: int(CARD["lastFourDigits"])})
        assert not accepts("BulkIssuedCardSummary", {k: v for k, v in CARD.items() if k != name})


def test_card_id_is_an_object_id() -> None:
    assert accepts("BulkIssuedCardSummary", CARD | {"id": OBJECT_ID})
    assert not accepts("BulkIssuedCardSummary", CARD | {"id": OBJECT_ID.upper()})


def test_validation_error_is_as_printed() -> None:
    error = {"loc": ["body", "recipients", 0, "customerEmail"], "msg": "Field required", "type": "missing"}
    assert schema("ValidationError")["required"] == list(error)
    assert accepts("ValidationError", error)
    values: list[Any] = [None, 1, "x", [], {}]
    for value in values:
        assert accepts("ValidationError", error | {"input": value})
        assert accepts("ValidationError", error | {"ctx": value}) is (value == {})
    assert not accepts("ValidationError", error | {"loc": [None]})


# Requests


def request(**changes: Any) -> Any:
    return {name: value for name, value in ({"initialValue": 25, "count": 1} | changes).items() if value is not ...}


def test_request_properties_are_as_printed() -> None:
    properties = schema("BulkIssueGiftCardRequest")["properties"]
    assert set(properties) == {"initialValue", "isPhysical", "designTemplate", "expiresAt", "count", "recipients"}
    assert schema("BulkIssueGiftCardRequest")["required"] == ["initialValue"]
    assert properties["isPhysical"] == {"type": "boolean", "default": False}
    assert accepts("BulkIssueGiftCardRequest", request(isPhysical=True))
    assert not accepts("BulkIssueGiftCardRequest", request(isPhysical=None))
    for name in ("designTemplate", "expiresAt", "recipients"):
        assert accepts("BulkIssueGiftCardRequest", request(**{name: None}))
    assert accepts("BulkIssueGiftCardRequest", request(count=None, recipients=[{}]))


def test_recipient_properties_are_as_printed() -> None:
    printed = {"customerEmail": "ada@example.com"} | dict.fromkeys(
        ("customerPhone", "customerName", "senderName", "customMessage"), "text"
    )
    assert list(schema("BulkIssueRecipient")["properties"]) == list(printed)
    assert accepts("BulkIssueRecipient", printed)
    assert not accepts("BulkIssueRecipient", printed | {"customerEmail": "no address"})
    for name in printed:
        assert not accepts("BulkIssueRecipient", printed | {name: 1})


def test_mfa_is_told_by_the_token_response() -> None:
    assert accepts("TokenResponse", example("mfa_pending"))
    assert "/v2/token/mfa" in schema("TokenMfaPending")["description"]
    assert not accepts("TokenResponse", example("mfa_pending") | {"accessToken": "x"})
    assert not accepts("TokenResponse", example("token_granted") | {"mfaPending": True})


def test_strings_sent_are_bounded() -> None:
    recipient = schema("BulkIssueRecipient")["properties"]
    assert {name: found["maxLength"] for name, found in recipient.items()} == {
        "customerEmail": 254,
        "customerPhone": 32,
        "customerName": 255,
        "senderName": 255,
        "customMessage": 1000,
    }
    assert schema("TaskId")["maxLength"] == 255
    assert schema("EposnToken")["maxLength"] == 2048
    assert at("/components/parameters/idempotency-key/schema")["maxLength"] == 255
    form = schema("LoginForm")["properties"]
    assert all("maxLength" in found for found in form.values())
