"""What a test can make happen to Thanx's jobs and requests, by each way of choosing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.client import Client, Response
from tests.providers.conftest import Connect
from tests.providers.thanx import HEADERS, ISSUE, MERCHANT, body, campaigns, email, issue, job, revoke, submit, users
from tests.specs.documents import contract

CONTRACT = contract("thanx")


@pytest.fixture
def thanx(connect: Connect) -> Client:
    return connect("thanx", HEADERS)


# Each way submits four identifiers under a scenario and returns the job's id.


def by_header(client: Client, scenario: str) -> str:
    return issue(client, users(4), headers={"x-mock-scenario": scenario})


def by_test_value(client: Client, scenario: str) -> str:
    return issue(client, [*users(3), email(f"{scenario}@example.com")])


def by_session(client: Client, scenario: str) -> str:
    client.scenario("thanx", scenario)
    return issue(client, users(4))


ways = pytest.mark.parametrize("way", [by_header, by_test_value, by_session])
Way = Callable[[Client, str], str]


def seen(client: Client, identifier: str) -> tuple[str, int, int]:
    """State, successes and failures."""
    found = job(client, identifier)
    return found["state"], found["success_count"], found["failure_count"]


@ways
@pytest.mark.parametrize(
    ("scenario", "end"),
    [
        ("success", ("completed", 4, 0)),
        ("partial_failure", ("completed", 2, 2)),
        ("all_unregistered", ("completed", 0, 4)),
        ("total_failure", ("failed", 2, 0)),
    ],
)
def test_outcome_is_that_of_the_scenario(thanx: Client, way: Way, scenario: str, end: tuple[str, int, int]) -> None:
    identifier = way(thanx, scenario)
    assert seen(thanx, identifier) == ("pending", 0, 0)
    thanx.advance(14.999)
    assert seen(thanx, identifier)[0] == "processing"
    thanx.advance(0.001)
    assert seen(thanx, identifier) == end
    thanx.advance(86_400)
    assert seen(thanx, identifier) == end


@ways
def test_partial_failure_lists_every_second_identifier(thanx: Client, way: Way) -> None:
    identifier = way(thanx, "partial_failure")
    thanx.advance(15)
    failures = job(thanx, identifier)["summary"]["failures"]
    assert [failure["identifier_index"] for failure in failures] == [1, 3]
    assert {(failure["identifier_type"], failure["error"]) for failure in failures} == {("email", "User not found")}


@ways
def test_slow_job_takes_a_hundred_times_as_long(thanx: Client, way: Way) -> None:
    identifier = way(thanx, "slow")
    for seconds, state in ((499, "pending"), (1, "processing"), (999, "processing"), (1, "completed")):
        thanx.advance(seconds)
        assert seen(thanx, identifier)[0] == state


@ways
def test_instant_job_is_pending_when_answered_and_completed_when_read(thanx: Client, way: Way) -> None:
    identifier = way(thanx, "instant")
    assert seen(thanx, identifier) == ("completed", 4, 0)


def test_instant_submission_is_still_answered_as_pending(thanx: Client) -> None:
    response = submit(thanx, headers={"x-mock-scenario": "instant"})
    assert (response.status, response.json["issuance_job"]["state"]) == (202, "pending")


@ways
@pytest.mark.parametrize(("scenario", "state"), [("stuck", ("processing", 2, 0)), ("queued", ("pending", 0, 0))])
def test_held_job_waits_until_it_is_released(
    thanx: Client, way: Way, scenario: str, state: tuple[str, int, int]
) -> None:
    identifier = way(thanx, scenario)
    thanx.advance(86_400)
    assert seen(thanx, identifier) == state
    assert revoke(thanx, identifier).status == 422
    assert thanx.control("POST", f"/jobs/{identifier}/release")["held"] is False
    assert seen(thanx, identifier) == state
    thanx.advance(15)
    assert seen(thanx, identifier) == ("completed", 4, 0)


@ways
def test_job_that_moves_per_poll_stands_still_in_time(thanx: Client, way: Way) -> None:
    identifier = way(thanx, "per_poll")
    thanx.advance(86_400)
    states = [seen(thanx, identifier)[0] for _ in range(5)]
    assert states == sorted(states, key=["pending", "processing", "completed"].index)
    assert set(states) >= {"processing", "completed"}
    assert states[-1] == "completed"


def test_any_job_can_be_held_released_and_failed(thanx: Client) -> None:
    identifier = issue(thanx, users(4))
    thanx.advance(10)
    thanx.control("POST", f"/jobs/{identifier}/hold")
    thanx.advance(60)
    assert seen(thanx, identifier) == ("processing", 2, 0)
    thanx.control("POST", f"/jobs/{identifier}/release")
    thanx.advance(2.5)
    assert seen(thanx, identifier) == ("processing", 3, 0)
    thanx.control("POST", f"/jobs/{identifier}/fail")
    assert seen(thanx, identifier) == ("failed", 3, 0)


def test_a_seeded_job_lives_in_each_session_by_itself(connect: Connect, thanx: Client) -> None:
    other = Client(thanx.stub, "thanx", session="test-another", headers=HEADERS)
    assert revoke(thanx, "job_xyz789").status == 202
    assert (job(thanx, "job_xyz789")["state"], job(other, "job_xyz789")["state"]) == ("revoking", "completed")


# Errors: every example of an error that the contract documents for an operation.

ERRORS = [
    (operation.id, int(status), name)
    for operation in CONTRACT.operations
    for status, response in operation.responses.items()
    if status.startswith(("4", "5"))
    for name in response.examples["application/json"]
]
errors = pytest.mark.parametrize(("operation", "status", "name"), ERRORS)


def request(client: Client, operation: str, identifier: str = "", **headers: str) -> Response:
    """A good request of an operation, or one that names something by `identifier`."""
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    merchant, campaign, found = (identifier or usual for usual in (MERCHANT, "camp_abc123", "job_xyz789"))
    if operation == "listCampaigns":
        return client.get("/partner/campaigns", query={"merchant_id": merchant}, headers=said)
    if operation == "getCampaign":
        return client.get(f"/partner/campaigns/{campaign}", headers=said)
    if operation == "getIssuanceJob":
        return client.get(f"/partner/issuance_jobs/{found}", query={"merchant_id": MERCHANT}, headers=said)
    if operation == "revokeIssuanceJob":
        return revoke(client, found, headers=said)
    identifiers = [*users(1), email(f"{identifier}@example.com")] if identifier else users(2)
    return client.post(ISSUE, body(identifiers), headers=said)


def is_example(response: Response, status: int, name: str) -> bool:
    printed: Any = CONTRACT.library.root["components"]["examples"][name]["value"]
    return (response.status, response.json, response.headers["content-type"]) == (status, printed, "application/json")


@errors
def test_error_by_header(thanx: Client, operation: str, status: int, name: str) -> None:
    response = request(thanx, operation, x_mock_scenario=name)
    assert is_example(response, status, name)
    assert thanx.reason(response)["verdict"] == "forced"


@errors
def test_error_by_prefer(thanx: Client, operation: str, status: int, name: str) -> None:
    assert is_example(request(thanx, operation, prefer=f"example={name}"), status, name)
    assert is_example(request(thanx, operation, prefer=f"code={status}, example={name}"), status, name)
    assert request(thanx, operation, prefer=f"code={status}").status == status


@errors
def test_error_by_test_value(thanx: Client, operation: str, status: int, name: str) -> None:
    assert is_example(request(thanx, operation, identifier=name), status, name)


@errors
def test_error_by_session(thanx: Client, operation: str, status: int, name: str) -> None:
    thanx.scenario("thanx", name)
    assert is_example(request(thanx, operation), status, name)
    thanx.scenario("thanx", None)
    assert request(thanx, operation).status < 300


def test_forced_error_submits_nothing(thanx: Client) -> None:
    submit(thanx, headers={"x-mock-scenario": "rate_limited"})
    assert thanx.control("GET", "/jobs")["jobs"] == []


def test_error_of_one_operation_leaves_the_others_alone(thanx: Client) -> None:
    thanx.scenario("thanx", "job_not_finished")
    assert revoke(thanx, "job_xyz789").status == 422
    assert campaigns(thanx).status == 200


# Who wins


def test_header_wins_over_prefer_test_value_and_session(thanx: Client) -> None:
    thanx.scenario("thanx", "queued")
    said = {"x-mock-scenario": "total_failure", "prefer": "code=429"}
    identifier = issue(thanx, [email("instant@example.com")], headers=said)
    thanx.advance(15)
    assert seen(thanx, identifier)[0] == "failed"


def test_prefer_wins_over_test_value_and_session(thanx: Client) -> None:
    thanx.scenario("thanx", "not_authenticated")
    response = submit(thanx, [email("missing_scope@example.com")], headers={"prefer": "code=429"})
    assert is_example(response, 429, "rate_limited")


def test_test_value_wins_over_session(thanx: Client) -> None:
    thanx.scenario("thanx", "queued")
    assert seen(thanx, issue(thanx, [email("instant@example.com")]))[0] == "completed"
    assert is_example(submit(thanx, [email("missing_scope@example.com")]), 403, "missing_scope")


def test_unknown_scenario_is_named(thanx: Client) -> None:
    response = submit(thanx, headers={"x-mock-scenario": "sucess"})
    assert response.status == 400
    assert "'success'" in response.json["detail"]


def test_every_scenario_has_a_test_value(thanx: Client) -> None:
    """Except the one about the limits: a single request cannot cross them."""
    provider = thanx.stub.engine.providers["thanx"]
    named = {row.scenario for row in provider.simulation.test_values}
    errors = {name for _, _, name in ERRORS}
    assert (set(provider.simulation.scenarios) | errors) - named == {"enforce_limits"}
