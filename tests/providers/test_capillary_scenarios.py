"""What a test can make happen to Capillary's issues and requests, by each way of choosing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.client import Client, Response
from tests.providers.capillary import (
    CORE,
    CUSTOMER,
    HEADERS,
    KEY,
    PHYSICAL,
    REVOKE,
    TOKEN,
    body,
    detail,
    entries,
    ids,
    issue,
    issued,
    page,
)
from tests.providers.conftest import Connect
from tests.specs.documents import contract, example

CONTRACT = contract("capillary")


@pytest.fixture
def capillary(connect: Connect) -> Client:
    return connect("capillary", HEADERS)


# Each way issues a reward under a scenario.

REWARDS = {
    "success": "200",
    "instant": "201",
    "partial_failure": "8010",
    "total_failure": "8004",
    "slow": "20504",
    "stuck": "30504",
}


def by_header(client: Client, scenario: str) -> Response:
    return issue(client, headers={"x-mock-scenario": scenario})


def by_test_value(client: Client, scenario: str) -> Response:
    return issue(client, REWARDS[scenario])


def by_session(client: Client, scenario: str) -> Response:
    client.scenario("capillary", scenario)
    return issue(client)


ways = pytest.mark.parametrize("way", [by_header, by_test_value, by_session])
Way = Callable[[Client, str], Response]


@ways
@pytest.mark.parametrize(
    ("scenario", "answer", "outcome"),
    [
        ("success", (200, 200), (200, 1)),
        ("instant", (200, 200), (200, 1)),
        ("partial_failure", (400, 8010), (8010, 1)),
        ("total_failure", (400, 8004), (8004, 1)),
    ],
)
def test_outcome_is_that_of_the_scenario(
    capillary: Client, way: Way, scenario: str, answer: tuple[int, int], outcome: tuple[int, int]
) -> None:
    response = way(capillary, scenario)
    assert (response.status, response.json["status"]["code"]) == answer
    found = detail(capillary, ids(capillary)[0])
    assert (found["status"]["code"], found["quantity"]) == outcome


@ways
def test_slow_issue_gets_through_after_25_seconds(capillary: Client, way: Way) -> None:
    assert way(capillary, "slow").status == 504
    capillary.advance(24.999)
    assert ids(capillary) == ["195613"]
    capillary.advance(0.001)
    assert entries(capillary)[0]["status"]["code"] == 200


@ways
def test_stuck_issue_gets_through_when_it_is_released(capillary: Client, way: Way) -> None:
    assert way(capillary, "stuck").status == 504
    capillary.advance(86_400)
    assert ids(capillary) == ["195613"]
    (job,) = capillary.control("GET", "/jobs")["jobs"]
    assert (job["state"], job["held"]) == ("REQUESTED", True)
    capillary.control("POST", f"/jobs/{job['id']}/release")
    capillary.advance(1)
    assert ids(capillary) == [job["id"], "195613"]


# Errors: every example of an error that the contract documents for an operation. Those that a scenario of the stub
# plays say the ids of the request and leave an issual.

PLAYED = CONTRACT.library.root["components"]["examples"].keys() & {
    "reward_disabled",
    "points_not_redeemable",
    "customer_not_valid",
    "limit_reached",
    "payment_id_missing",
    "payment_mode_invalid",
    "segment_mismatch",
    "card_missing",
    "revoke_not_enabled",
    "not_issued",
    "revoke_transaction_not_found",
    "user_reward_not_found",
    "points_not_reversed",
}
ERRORS = [
    (operation.id, int(status), name)
    for operation in CONTRACT.operations
    for status, response in operation.responses.items()
    for name in response.examples["application/json"]
    if status != "200" or (operation.id == "revokeReward" and name != "cancelled")
]
errors = pytest.mark.parametrize(("operation", "status", "name"), ERRORS)
# Operation -> where its test values stand, and the value of each error.
CODES = {
    "invalid_request": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "not_acceptable": 406,
    "content_too_large": 413,
    "unsupported_media_type": 415,
    "too_many_requests": 429,
    "gateway_timeout": 504,
}
OF_ISSUE = {
    "payment_id_missing": 4000,
    "reward_disabled": 8003,
    "points_not_redeemable": 828,
    "issued_partially": 8010,
    "customer_not_valid": 1632,
    "limit_reached": 12005,
    "payment_mode_invalid": 12016,
    "segment_mismatch": 12034,
    "card_missing": 12050,
}
IN_BODY = {
    "brand_not_found": {"brand": "3004"},
    "request_id_duplicate": {"requestId": "400"},
    "request_id_mismatch": {"requestId": "10003"},
}
OF_REVOKE = {
    "points_not_reversed": 1018,
    "revoke_transaction_not_found": 10007,
    "user_reward_not_found": 10008,
    "not_issued": 13003,
    "revoke_not_enabled": 13005,
}


def request(client: Client, operation: str, **headers: str) -> Response:
    """A good request of an operation."""
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    match operation:
        case "generateToken":
            return client.post(TOKEN, KEY, headers=said)
        case "issueReward":
            return issue(client, headers=said)
        case "listIssuals":
            return client.get(f"{CORE}/management/customer/{CUSTOMER}/issuals", headers=said)
        case "getIssual":
            return client.get(f"{CORE}/management/customer/{CUSTOMER}/issuals/195613", headers=said)
        case _:
            return client.post(REVOKE, {"txnId": 195613}, headers=said)


def with_test_value(client: Client, operation: str, name: str) -> Response:
    """A request of an operation with the value that brings an error about."""
    match operation:
        case "generateToken":
            code = {**CODES, "token_request_invalid": 400, "client_refused": 401}[name]
            return client.post(TOKEN, KEY | {"key": str(code)})
        case "issueReward" if name in IN_BODY:
            return issue(client, said=body(**IN_BODY[name]))
        case "issueReward":
            return issue(client, str((CODES | OF_ISSUE)[name]))
        case "listIssuals":
            return page(client, str(CODES[name]))
        case "getIssual" if name in ("transaction_not_found", "reward_not_found"):
            number = {"transaction_not_found": "10007", "reward_not_found": "6004"}[name]
            return client.get(f"{CORE}/management/customer/{CUSTOMER}/issuals/{number}")
        case "getIssual":
            return client.get(f"{CORE}/management/customer/{CODES[name]}/issuals/1")
        case _ if name == "txn_id_missing":
            return client.post(REVOKE, {"txnId": None})
        case _:
            return client.post(REVOKE, {"txnId": (CODES | OF_REVOKE)[name]})


def is_example(response: Response, status: int, name: str) -> bool:
    """Whether an error is the printed one, but for the ids of the request and its parts."""
    own = {"transactionId", "txnId", "rewards"}
    said, printed = response.json, example("capillary", name)
    assert set(said) == set(printed)
    assert {n: v for n, v in said.items() if n not in own} == {n: v for n, v in printed.items() if n not in own}
    return (response.status, response.headers["content-type"]) == (status, "application/json")


@errors
def test_error_by_header(capillary: Client, operation: str, status: int, name: str) -> None:
    response = request(capillary, operation, x_mock_scenario=name)
    assert is_example(response, status, name)
    assert capillary.reason(response)["verdict"] == ("refused" if name in PLAYED else "forced")


@errors
def test_error_by_prefer(capillary: Client, operation: str, status: int, name: str) -> None:
    printed = example("capillary", name)
    for prefer in (f"example={name}", f"code={status}, example={name}"):
        response = request(capillary, operation, prefer=prefer)
        assert (response.status, response.json) == (status, printed)
    assert request(capillary, operation, prefer=f"code={status}").status == status


@errors
def test_error_by_test_value(capillary: Client, operation: str, status: int, name: str) -> None:
    assert is_example(with_test_value(capillary, operation, name), status, name)


@errors
def test_error_by_session(capillary: Client, operation: str, status: int, name: str) -> None:
    capillary.scenario("capillary", name)
    assert is_example(request(capillary, operation), status, name)
    capillary.scenario("capillary", None)
    assert request(capillary, operation).status == 200


@pytest.mark.parametrize("name", sorted(PLAYED))
def test_played_error_leaves_the_other_operations_alone(capillary: Client, name: str) -> None:
    capillary.scenario("capillary", name)
    assert ids(capillary) == ["195613"]
    assert detail(capillary, "195613")["rewardTransactionId"] == "195613"


def test_forced_error_issues_nothing(capillary: Client) -> None:
    for name in ("gateway_timeout", "brand_not_found", "issued_partially"):
        assert issue(capillary, headers={"x-mock-scenario": name}).status >= 400
    assert ids(capillary) == ["195613"]


# Who wins


def test_header_wins_over_prefer_test_value_and_session(capillary: Client) -> None:
    capillary.scenario("capillary", "limit_reached")
    response = issue(capillary, "8003", headers={"x-mock-scenario": "card_missing", "prefer": "code=429"})
    assert response.json["status"]["code"] == 12050


def test_prefer_wins_over_test_value_and_session(capillary: Client) -> None:
    capillary.scenario("capillary", "limit_reached")
    assert issue(capillary, "8003", headers={"prefer": "code=429"}).status == 429


def test_test_value_wins_over_session(capillary: Client) -> None:
    capillary.scenario("capillary", "limit_reached")
    assert issue(capillary, "8003").json["status"]["code"] == 8003
    assert issue(capillary, "200").status == 200


def test_every_scenario_has_a_test_value(capillary: Client) -> None:
    """Except the one about the limits, which no single request crosses, and what a name or its lack says already."""
    simulation = capillary.stub.engine.providers["capillary"].simulation
    named = {row.scenario for row in simulation.test_values}
    wanted = set(simulation.scenarios) | {name for _, _, name in ERRORS}
    assert wanted - named == {"enforce_limits", "issued_partially", "txn_id_missing"}


def test_every_test_value_is_of_use(capillary: Client) -> None:
    """Each stands where its operation has it, and names a scenario or an example of that operation."""
    provider = capillary.stub.engine.providers["capillary"]
    places: dict[str, Any] = {
        "rewardId": "issueReward",
        "brand": "issueReward",
        "requestId": "issueReward",
        "customerId": "listIssuals",
        "rewardTransactionId": "getIssual",
        "txnId": "revokeReward",
        "key": "generateToken",
    }
    for row in provider.simulation.test_values:
        assert row.at is not None
        operation = CONTRACT.operation(places[row.at[-1]])
        assert operation is not None
        played = row.scenario in provider.simulation.scenarios
        assert played or row.scenario in [name for name, _ in provider.examples[operation.id]], row


def test_two_sessions_do_not_see_each_other(capillary: Client) -> None:
    other = Client(capillary.stub, "capillary", session="test-another", headers=HEADERS)
    issued(capillary, PHYSICAL)
    capillary.advance(60)
    assert len(ids(capillary)) == 2
    assert ids(other) == ["195613"]
    assert other.control("GET", "/clock")["now"].startswith("2026-01-01T00:00:00")
