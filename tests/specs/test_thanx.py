"""What the Thanx contract itself has to say, against the pages that it was written from."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from openapi.contract import Operation
from tests.specs import documents

DOCUMENT = documents.document("thanx")
CONTRACT = documents.contract("thanx")
example = partial(documents.example, "thanx")
accepts = partial(documents.accepts, "thanx")

# As printed on partner/campaigns/issue-rewards, partner/issuance-jobs/* and partner/campaigns/*.
PRINTED_REQUEST = {
    "campaign_id": "camp_abc123",
    "merchant_id": "k2lye10h32l5wzo",
    "variant_id": "var_treat1",
    "identifiers": [{"type": "email", "value": "jane.smith@example.com"}, {"type": "phone", "value": "+14155551234"}],
}
PRINTED_PENDING = {
    "id": "job_xyz789",
    "campaign_id": "camp_abc123",
    "variant_id": "var_treat1",
    "state": "pending",
    "total_count": 2,
    "processed_count": 0,
    "success_count": 0,
    "failure_count": 0,
    "progress_percent": 0,
    "created_at": "2025-06-15T10:30:00Z",
    "started_at": None,
    "completed_at": None,
}
PRINTED_COMPLETED = PRINTED_PENDING | {
    "state": "completed",
    "processed_count": 2,
    "success_count": 1,
    "failure_count": 1,
    "progress_percent": 100,
    "started_at": "2025-06-15T10:30:05Z",
    "completed_at": "2025-06-15T10:30:15Z",
    "summary": {
        "success_count": 1,
        "failure_count": 1,
        "failures": [{"identifier_index": 1, "identifier_type": "phone", "error": "User not found"}],
    },
}
PRINTED_REVOKING = {k: v for k, v in PRINTED_COMPLETED.items() if k != "summary"} | {"state": "revoking"}
PRINTED_CAMPAIGN: dict[str, Any] = {
    "id": "camp_abc123",
    "name": "Summer Free Coffee",
    "objective": "Re-engage lapsed customers",
    "start_at": "2025-06-01T00:00:00Z",
    "end_at": "2025-08-31T23:59:59Z",
    "redeemable_from": "2025-06-01T00:00:00Z",
    "redeemable_to": "2025-09-30T23:59:59Z",
    "time_zone": "America/Los_Angeles",
    "fine_print": "Limit one per customer",
    "variants": [
        {"id": "var_treat1", "name": "Treatment", "reward_template_id": "abc123def456"},
        {"id": "var_ctrl1", "name": "Control", "reward_template_id": None},
    ],
}
PAGINATION = {"current_page": 1, "per_page": 10, "total_pages": 1}


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("email_and_phone", PRINTED_REQUEST),
        ("pending", {"issuance_job": PRINTED_PENDING}),
        ("completed", {"issuance_job": PRINTED_COMPLETED}),
        ("revoking", {"issuance_job": PRINTED_REVOKING}),
        ("campaign", {"campaign": PRINTED_CAMPAIGN}),
        ("campaigns", {"campaigns": [PRINTED_CAMPAIGN], "pagination": PAGINATION}),
    ],
)
def test_printed_examples_keep_their_values(name: str, printed: Any) -> None:
    assert example(name) == printed
    assert list(_keys(example(name))) == list(_keys(printed))


def _keys(value: Any) -> Iterator[str]:
    """Every key in the order in which it is printed."""
    for part in documents.parts(value):
        if isinstance(part, dict):
            yield from part


def test_life_cycle_is_the_documented_one() -> None:
    (lifecycle,) = CONTRACT.lifecycles.values()
    assert lifecycle.initial == "pending"
    assert set(lifecycle.states) == {"pending", "processing", "completed", "failed", "revoking", "revoked"}
    assert lifecycle.transitions == {
        "pending": ("processing",),
        "processing": ("completed", "failed"),
        "revoking": ("revoked",),
    }
    assert lifecycle.commands == {"revokeIssuanceJob": {"completed": "revoking", "failed": "revoking"}}


def job(state: str, **changes: Any) -> Any:
    """The example of a state, changed; a value of `...` leaves the property out."""
    changed = example(state)["issuance_job"] | changes
    return {name: value for name, value in changed.items() if value is not ...}


@pytest.mark.parametrize("count", ["processed_count", "success_count", "failure_count", "progress_percent"])
def test_pending_job_has_processed_nothing(count: str) -> None:
    assert accepts("IssuanceJob", job("pending"))
    assert not accepts("IssuanceJob", job("pending", **{count: 1}))


def test_completed_job_has_processed_everything() -> None:
    assert accepts("IssuanceJob", job("completed"))
    assert not accepts("IssuanceJob", job("completed", progress_percent=99))


@pytest.mark.parametrize("state", ["pending", "processing", "failed", "revoking", "revoked"])
def test_only_a_completed_job_may_have_a_summary(state: str) -> None:
    assert accepts("IssuanceJob", job(state))
    assert not accepts("IssuanceJob", job(state, summary=PRINTED_COMPLETED["summary"]))
    assert not accepts("IssuanceJob", job("completed", summary=...))


@pytest.mark.parametrize("state", ["pending", "processing", "completed", "failed", "revoking", "revoked"])
@pytest.mark.parametrize("name", ["started_at", "completed_at"])
def test_timestamps_are_null_exactly_while_not_reached(state: str, name: str) -> None:
    null = state == "pending" or (state == "processing" and name == "completed_at")
    assert accepts("IssuanceJob", job(state, **{name: None})) is null
    assert accepts("IssuanceJob", job(state, **{name: "2025-06-15T10:30:05Z"})) is not null
    assert not accepts("IssuanceJob", job(state, **{name: ...}))


def test_failures_may_be_absent_or_empty_without_any() -> None:
    none = {"success_count": 2, "failure_count": 0}
    failure = {"identifier_index": 1, "identifier_type": "phone", "error": "User not found"}
    assert accepts("IssuanceSummary", none)
    assert accepts("IssuanceSummary", none | {"failures": []})
    assert not accepts("IssuanceSummary", none | {"failures": [failure]})
    assert accepts("IssuanceSummary", {"success_count": 1, "failure_count": 1, "failures": [failure]})
    assert not accepts("IssuanceSummary", {"success_count": 1, "failure_count": 1})
    assert not accepts("IssuanceSummary", {"success_count": 1, "failure_count": 1, "failures": []})


@pytest.mark.parametrize("name", ["start_at", "end_at", "redeemable_from", "redeemable_to"])
def test_campaign_instants_are_date_times(name: str) -> None:
    assert accepts("Campaign", PRINTED_CAMPAIGN)
    assert not accepts("Campaign", PRINTED_CAMPAIGN | {name: "2025-06-01"})
    assert not accepts("Campaign", PRINTED_CAMPAIGN | {name: None})


def test_campaign_has_one_to_four_variants() -> None:
    variant = PRINTED_CAMPAIGN["variants"][0]
    fitting = [n for n in range(7) if accepts("Campaign", PRINTED_CAMPAIGN | {"variants": [variant] * n})]
    assert fitting == [1, 2, 3, 4]


@pytest.mark.parametrize("name", ["objective", "fine_print"])
def test_objective_and_fine_print_may_be_missing(name: str) -> None:
    assert accepts("Campaign", PRINTED_CAMPAIGN | {name: None})
    assert accepts("Campaign", {key: value for key, value in PRINTED_CAMPAIGN.items() if key != name})


def test_servers_are_the_documented_hosts() -> None:
    assert [server["url"] for server in DOCUMENT["servers"]] == [
        "https://api.thanxsandbox.com",
        "https://api.thanx.com",
    ]
    assert all(path.startswith("/partner/") for path in DOCUMENT["paths"])


@pytest.mark.parametrize("operation", CONTRACT.operations, ids=lambda operation: operation.id)
def test_every_operation_needs_the_scope(operation: Operation) -> None:
    assert operation.security == ({"accessToken": ("rewards.issue",), "clientId": ()},)


def test_token_is_a_plain_bearer() -> None:
    token, client = CONTRACT.schemes["accessToken"], CONTRACT.schemes["clientId"]
    assert (token["type"], token["scheme"]) == ("http", "bearer")
    assert (client["type"], client["in"], client["name"]) == ("apiKey", "header", "X-ClientId")
    assert not [path for path in DOCUMENT["paths"] if "token" in path]


def test_ids_have_no_strict_pattern() -> None:
    assert accepts("Id", "k2lye10h32l5wzo")
    assert accepts("Id", "job_xyz789")
    assert not accepts("Id", "")


@pytest.mark.parametrize("operation", CONTRACT.operations, ids=lambda operation: operation.id)
def test_every_response_has_its_resource_key(operation: Operation) -> None:
    keys = {
        "listCampaigns": {"campaigns", "pagination"},
        "getCampaign": {"campaign"},
        "issueRewards": {"issuance_job"},
        "getIssuanceJob": {"issuance_job"},
        "revokeIssuanceJob": {"issuance_job"},
    }
    for status, response in operation.responses.items():
        validator = response.media["application/json"]
        assert validator is not None
        for value in response.examples["application/json"].values():
            assert set(value) == (keys[operation.id] if status.startswith("2") else {"error"})
            assert not validator.is_valid(next(iter(value.values())))


def test_error_codes_are_open_ended() -> None:
    assert accepts("Error", {"error": {"code": "SOMETHING_NEW", "message": "In other words."}})
    assert not accepts("Error", {"error": {"code": "BAD_REQUEST"}})
    assert not accepts("Error", {"error": {"message": "An error occurred."}})


def test_no_response_header_is_promised() -> None:
    assert not [
        (operation.id, response.status)
        for operation in CONTRACT.operations
        for response in operation.responses.values()
        if response.header_names
    ]
