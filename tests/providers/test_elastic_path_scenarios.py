"""What a test can make happen to Elastic Path's jobs and requests, by each way of choosing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.client import Client, Response
from tests.providers.conftest import Connect
from tests.providers.elastic_path import (
    FULL,
    FULL_EXPORT,
    HEADERS,
    RUN,
    all_codes,
    cancel,
    create,
    export,
    generate,
    job,
    jobs,
    path,
    wanted,
)
from tests.specs.documents import contract

CONTRACT = contract("elastic_path")


@pytest.fixture
def elastic(connect: Connect) -> Client:
    return connect("elastic_path", HEADERS)


# Each way starts a generation of eight codes under a scenario and returns the job's id.


def by_header(client: Client, scenario: str) -> str:
    return generate(client, 8, headers={"x-mock-scenario": scenario})


def by_test_value(client: Client, scenario: str) -> str:
    return generate(client, 8, name=scenario)


def by_session(client: Client, scenario: str) -> str:
    client.scenario("elastic_path", scenario)
    return generate(client, 8)


ways = pytest.mark.parametrize("way", [by_header, by_test_value, by_session])
Way = Callable[[Client, str], str]


@ways
@pytest.mark.parametrize(
    ("scenario", "end"),
    [
        ("success", ("completed", {"generated": 8}, None)),
        ("partial_failure", ("completed", {"generated": 4}, None)),
        ("total_failure", ("failed", None, "internal error")),
        ("codes_limit_exceeded", ("failed", None, "codes limit exceeded")),
    ],
)
def test_outcome_is_that_of_the_scenario(elastic: Client, way: Way, scenario: str, end: tuple[Any, Any, Any]) -> None:
    identifier = way(elastic, scenario)
    assert job(elastic, identifier)["status"] == "pending"
    elastic.advance(RUN - 0.001)
    assert job(elastic, identifier)["status"] == "processing"
    elastic.advance(0.001)
    for _ in range(2):
        found = job(elastic, identifier)
        assert (found["status"], found.get("result"), found.get("error")) == end
        assert len(all_codes(elastic)) == (end[1] or {}).get("generated", 0)
        elastic.advance(86_400)


@ways
def test_slow_job_takes_a_hundred_times_as_long(elastic: Client, way: Way) -> None:
    identifier = way(elastic, "slow")
    for seconds, status in ((199, "pending"), (1, "processing"), (565, "processing"), (0.6, "completed")):
        elastic.advance(seconds)
        assert job(elastic, identifier)["status"] == status


@ways
def test_instant_job_is_pending_when_answered_and_completed_when_read(elastic: Client, way: Way) -> None:
    identifier = way(elastic, "instant")
    assert job(elastic, identifier)["result"] == {"generated": 8}
    assert len(all_codes(elastic)) == 8


@ways
@pytest.mark.parametrize(("scenario", "status", "made"), [("stuck", "processing", 4), ("queued", "pending", 0)])
def test_held_job_waits_until_it_is_released(elastic: Client, way: Way, scenario: str, status: str, made: int) -> None:
    identifier = way(elastic, scenario)
    elastic.advance(86_400)
    assert (job(elastic, identifier)["status"], len(all_codes(elastic))) == (status, made)
    assert create(elastic).status == 400, "it blocks its promotion"
    assert elastic.control("POST", f"/jobs/{identifier}/release")["held"] is False
    elastic.advance(RUN)
    assert (job(elastic, identifier)["status"], len(all_codes(elastic))) == ("completed", 8)


@ways
def test_held_job_can_be_cancelled(elastic: Client, way: Way) -> None:
    identifier = way(elastic, "stuck")
    elastic.advance(86_400)
    assert cancel(elastic, identifier).json["data"]["result"] == {"generated": 4, "deleted": 4}
    elastic.advance(2)
    assert job(elastic, identifier)["status"] == "cancelled"


@ways
def test_job_that_moves_per_poll_stands_still_in_time(elastic: Client, way: Way) -> None:
    identifier = way(elastic, "per_poll")
    elastic.advance(86_400)
    seen = [job(elastic, identifier)["status"] for _ in range(5)]
    assert seen == ["processing", "processing", "completed", "completed", "completed"]


def test_an_export_follows_the_scenario_too(elastic: Client) -> None:
    elastic.scenario("elastic_path", "total_failure")
    identifier = export(elastic)
    elastic.advance(RUN)
    assert job(elastic, identifier)["error"] == "internal error"


def test_any_job_can_be_held_released_and_failed(elastic: Client) -> None:
    identifier = generate(elastic, 100)
    elastic.advance(2 + 5.656 / 2)
    elastic.control("POST", f"/jobs/{identifier}/hold")
    elastic.advance(60)
    assert (job(elastic, identifier)["status"], len(all_codes(elastic))) == ("processing", 50)
    elastic.control("POST", f"/jobs/{identifier}/release")
    elastic.advance(5.656 / 4)
    assert len(all_codes(elastic)) == 75
    elastic.control("POST", f"/jobs/{identifier}/fail", {"error": "out of ink"})
    assert (job(elastic, identifier)["error"], all_codes(elastic)) == ("out of ink", [])


# Errors: every example of an error that the contract documents for an operation.

ERRORS = [
    (operation.id, int(status), name)
    for operation in CONTRACT.operations
    for status, response in operation.responses.items()
    if status.startswith(("4", "5"))
    for name in response.examples["application/json"]
]
errors = pytest.mark.parametrize(("operation", "status", "name"), ERRORS)
CLIENT = {"grant_type": "client_credentials", "client_id": "test-client", "client_secret": "test-secret"}


def request(client: Client, operation: str, headers: dict[str, str] | None = None, **changed: str) -> Response:
    """A good request of an operation, with one thing changed: promotion, job, name, filter, Signature, client_id."""
    promotion, identifier = changed.get("promotion", FULL), changed.get("job", FULL_EXPORT)
    if operation == "createAccessToken":
        return client.request("POST", "/oauth/access_token", form=CLIENT | changed, headers=headers)
    if operation == "createPromotionJob":
        name = {"name": changed["name"]} if "name" in changed else {}
        return client.post(path(promotion, "jobs"), wanted(1, **name), headers=headers)
    if operation == "cancelPromotionJob":
        return client.post(path(promotion, "jobs", identifier, "cancel"), {}, headers=headers)
    if operation == "getPromotionJobFile":
        return client.get(path(promotion, "jobs", identifier, "file"), headers=headers)
    if operation == "downloadPromotionCodes":
        query = {"Expires": 1, "Signature": changed.get("Signature", "x")}
        return client.get(path(promotion, "jobs", identifier, "codes.csv"), query=query, headers=headers)
    query = {"filter": changed["filter"]} if "filter" in changed else {}
    listing = "jobs" if operation == "listPromotionJobs" else "codes"
    return client.get(path(promotion, listing), query=query, headers=headers)


def is_example(response: Response, status: int, name: str) -> bool:
    printed: Any = CONTRACT.library.root["components"]["examples"][name]["value"]
    return (response.status, response.json, response.headers["content-type"]) == (status, printed, "application/json")


@errors
def test_error_by_header(elastic: Client, operation: str, status: int, name: str) -> None:
    response = request(elastic, operation, {"x-mock-scenario": name})
    assert is_example(response, status, name)
    assert elastic.reason(response)["verdict"] == "forced"


@errors
def test_error_by_prefer(elastic: Client, operation: str, status: int, name: str) -> None:
    assert is_example(request(elastic, operation, {"prefer": f"example={name}"}), status, name)
    assert is_example(request(elastic, operation, {"prefer": f"code={status}, example={name}"}), status, name)
    assert request(elastic, operation, {"prefer": f"code={status}"}).status == status


@errors
def test_error_by_session(elastic: Client, operation: str, status: int, name: str) -> None:
    elastic.scenario("elastic_path", name)
    assert is_example(request(elastic, operation), status, name)
    elastic.scenario("elastic_path", None)
    assert elastic.reason(request(elastic, operation))["verdict"] != "forced"


# Where a row of the table of test values is put in a request.
PLACES = {
    ("path", "promotionID"): "promotion",
    ("path", "jobID"): "job",
    ("body", "data", "name"): "name",
    ("body", "client_id"): "client_id",
    ("query", "filter"): "filter",
    ("query", "Signature"): "Signature",
}


@errors
def test_error_by_test_value(elastic: Client, operation: str, status: int, name: str) -> None:
    rows = elastic.stub.engine.providers["elastic_path"].simulation.test_values
    values = [{PLACES[row.at]: row.value} for row in rows if row.scenario == name and row.at]
    assert any(is_example(request(elastic, operation, **value), status, name) for value in values)


def test_forced_error_submits_nothing(elastic: Client) -> None:
    create(elastic, headers={"x-mock-scenario": "too_many_requests"})
    assert elastic.control("GET", "/jobs")["jobs"] == []


def test_error_of_one_operation_leaves_the_others_alone(elastic: Client) -> None:
    elastic.scenario("elastic_path", "too_many_jobs")
    assert create(elastic).status == 400
    assert jobs(elastic).status == 200


@pytest.mark.parametrize("name", ["processing", "completed", "failed", "no_jobs"])
def test_a_printed_list_can_be_asked_for(elastic: Client, name: str) -> None:
    response = request(elastic, "listPromotionJobs", {"x-mock-scenario": name})
    assert is_example(response, 200, name)


# Who wins


def test_header_wins_over_prefer_test_value_and_session(elastic: Client) -> None:
    elastic.scenario("elastic_path", "queued")
    said = {"x-mock-scenario": "total_failure", "prefer": "code=429"}
    identifier = generate(elastic, name="instant", headers=said)
    elastic.advance(RUN)
    assert job(elastic, identifier)["status"] == "failed"


def test_prefer_wins_over_test_value_and_session(elastic: Client) -> None:
    elastic.scenario("elastic_path", "unauthorized")
    response = create(elastic, name="too_many_jobs", headers={"prefer": "code=429"})
    assert is_example(response, 429, "too_many_requests")


def test_test_value_wins_over_session(elastic: Client) -> None:
    elastic.scenario("elastic_path", "queued")
    assert is_example(create(elastic, name="too_many_jobs"), 400, "too_many_jobs")
    assert job(elastic, generate(elastic, name="instant"))["status"] == "completed"


def test_unknown_scenario_is_named(elastic: Client) -> None:
    response = create(elastic, headers={"x-mock-scenario": "sucess"})
    assert response.status == 400
    assert "'success'" in response.json["detail"]


def test_every_scenario_has_a_test_value(elastic: Client) -> None:
    """Except those about the limits: a single request cannot cross them."""
    simulation = elastic.stub.engine.providers["elastic_path"].simulation
    named = {row.scenario for row in simulation.test_values}
    errors = {name for _, _, name in ERRORS}
    assert (set(simulation.scenarios) | errors) - named == {"enforce_limits", "enforce_development_limits"}
