"""What a test can make happen to LoyaltyDog's cards, tasks and requests, by each way of choosing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.client import Client, Response
from tests.providers.conftest import Connect
from tests.providers.loyaltydog import (
    HEADERS,
    SEEDED,
    body,
    csv_of,
    emails,
    issue,
    login,
    poll,
    start,
    submit,
    task,
    users,
)
from tests.specs.documents import contract

CONTRACT = contract("loyaltydog")


@pytest.fixture
def dog(connect: Connect) -> Client:
    return connect("loyaltydog", HEADERS)


# Each way asks for so many cards under a scenario; the answer is that of the submission.


def by_header(client: Client, scenario: str, count: int) -> Response:
    return submit(client, body(count), headers={"x-mock-scenario": scenario})


def by_design(client: Client, scenario: str, count: int) -> Response:
    return submit(client, body(count, designTemplate=scenario))


def by_recipient(client: Client, scenario: str, count: int) -> Response:
    return submit(client, emails(*users(count - 1), f"{scenario}@example.com"))


def by_session(client: Client, scenario: str, count: int) -> Response:
    client.scenario("loyaltydog", scenario)
    return submit(client, body(count))


ways = pytest.mark.parametrize("way", [by_header, by_design, by_recipient, by_session])
Way = Callable[[Client, str, int], Response]


def accepted(response: Response) -> str:
    assert (response.status, response.json["status"]) == (202, "pending"), response.text
    identifier: str = response.json["taskId"]
    return identifier


def seen(client: Client, identifier: str) -> tuple[str, int | None, int | None]:
    """Status, cards issued and cards failed."""
    found = task(client, identifier)
    return found["status"], found["issuedCount"], found["failedCount"]


@ways
@pytest.mark.parametrize(
    ("scenario", "end"),
    [
        ("success", ("completed", 60, None)),
        ("partial_failure", ("completed", 40, 20)),
        ("total_failure", ("failed", None, 60)),
    ],
)
def test_outcome_is_that_of_the_scenario(dog: Client, way: Way, scenario: str, end: tuple[Any, ...]) -> None:
    identifier = accepted(way(dog, scenario, 60))
    assert seen(dog, identifier) == ("pending", None, None)
    dog.advance(14.999)
    assert seen(dog, identifier) == ("processing", None, None)
    dog.advance(0.001)
    assert seen(dog, identifier) == end
    dog.advance(86_400)
    assert seen(dog, identifier) == end


@ways
@pytest.mark.parametrize(
    ("scenario", "end"),
    [
        ("success", (6, None)),
        ("partial_failure", (4, 2)),
        ("total_failure", (0, 6)),
        ("slow", (6, None)),
        ("stuck", (6, None)),
        ("queued", (6, None)),
        ("instant", (6, None)),
        ("per_poll", (6, None)),
    ],
)
def test_cards_at_once_wait_for_nothing(dog: Client, way: Way, scenario: str, end: tuple[Any, ...]) -> None:
    response = way(dog, scenario, 6)
    assert response.status == 201
    issued = response.json
    assert (issued["issuedCount"], issued["failedCount"]) == end
    assert len(issued["cards"]) == issued["issuedCount"]
    by_count = way is not by_recipient
    assert (issued["csvDownloadUrl"] is not None) is (by_count and scenario != "total_failure")
    if issued["csvDownloadUrl"]:
        assert dog.follow(issued["csvDownloadUrl"]).text.count("\r\n") == 1 + issued["issuedCount"]


@ways
def test_slow_task_takes_a_hundred_times_as_long(dog: Client, way: Way) -> None:
    identifier = accepted(way(dog, "slow", 60))
    for seconds, state in ((499, "pending"), (1, "processing"), (999, "processing"), (1, "completed")):
        dog.advance(seconds)
        assert seen(dog, identifier)[0] == state


@ways
def test_instant_task_is_completed_when_read(dog: Client, way: Way) -> None:
    assert seen(dog, accepted(way(dog, "instant", 60))) == ("completed", 60, None)


@ways
@pytest.mark.parametrize(("scenario", "state"), [("stuck", "processing"), ("queued", "pending")])
def test_held_task_waits_until_it_is_released(dog: Client, way: Way, scenario: str, state: str) -> None:
    identifier = accepted(way(dog, scenario, 60))
    dog.advance(86_400)
    assert seen(dog, identifier) == (state, None, None)
    assert csv_of(dog, identifier).status == 409
    assert dog.control("POST", f"/jobs/{identifier}/release")["held"] is False
    assert seen(dog, identifier)[0] == state
    dog.advance(15)
    assert seen(dog, identifier) == ("completed", 60, None)


@ways
def test_task_that_moves_per_poll_stands_still_in_time(dog: Client, way: Way) -> None:
    identifier = accepted(way(dog, "per_poll", 60))
    dog.advance(86_400)
    states = [seen(dog, identifier)[0] for _ in range(5)]
    assert states == sorted(states, key=["pending", "processing", "completed"].index)
    assert {"processing", "completed"} <= set(states)


def test_reading_the_csv_moves_no_task(dog: Client) -> None:
    identifier = start(dog, headers={"x-mock-scenario": "per_poll"})
    assert {csv_of(dog, identifier).status for _ in range(9)} == {409}


def test_partial_failure_says_why(dog: Client) -> None:
    identifier = start(dog, body(60, designTemplate="partial_failure"))
    dog.advance(15)
    assert task(dog, identifier)["error"] == "20 of 60 cards could not be issued: Card could not be issued"


def test_scenario_and_unreachable_recipients_add_up(dog: Client) -> None:
    addresses = ["unreachable@example.com", *users(59)]
    identifier = start(dog, emails(*addresses), headers={"x-mock-scenario": "partial_failure"})
    dog.advance(15)
    assert seen(dog, identifier) == ("completed", 39, 21)


@pytest.mark.parametrize("count", [1, 3, 7, 50, 51, 100])
@pytest.mark.parametrize("scenario", ["success", "partial_failure", "total_failure"])
def test_issued_and_failed_are_what_was_asked_for(dog: Client, scenario: str, count: int) -> None:
    response = by_header(dog, scenario, count)
    found = response.json
    if response.status == 202:
        dog.advance(15)
        found = task(dog, accepted(response))
    assert (found["issuedCount"] or 0) + (found["failedCount"] or 0) == count
    assert len(found["cards"] or ()) == (found["issuedCount"] or 0)


# Examples: every one that the contract documents for an operation, of success and of error.

EXAMPLES = [
    (operation.id, int(status), name)
    for operation in CONTRACT.operations
    for status, response in operation.responses.items()
    for media_type in response.examples
    for name in response.examples[media_type]
]
ERRORS = [(operation, status, name) for operation, status, name in EXAMPLES if status >= 400]
examples = pytest.mark.parametrize(("operation", "status", "name"), EXAMPLES)
errors = pytest.mark.parametrize(("operation", "status", "name"), ERRORS)


def request(client: Client, operation: str, value: str = "", **headers: str) -> Response:
    """A good request of an operation, or one that has the test value `value`."""
    said = {name.replace("_", "-"): text for name, text in headers.items()}
    match operation:
        case "loginForAccessToken":
            form = {"username": value or "sandbox@example.com", "password": "sandbox"}
            return client.request("POST", "/v2/token", form=form, headers=said)
        case "issueMultipleGiftCards":
            return submit(client, body(2, designTemplate=value or None), headers=said)
        case "downloadCardsCsv":
            return csv_of(client, value or SEEDED, headers=said)
        case _:
            return poll(client, value or SEEDED, headers=said)


def is_example(response: Response, status: int, name: str) -> bool:
    printed: Any = CONTRACT.library.root["components"]["examples"][name]["value"]
    text = isinstance(printed, str)
    media_type = "text/csv" if text else "application/json"
    said = response.text if text else response.json
    return (response.status, said, response.headers["content-type"]) == (status, printed, media_type)


@examples
def test_example_by_header(dog: Client, operation: str, status: int, name: str) -> None:
    response = request(dog, operation, x_mock_scenario=name)
    assert is_example(response, status, name)
    assert dog.reason(response)["verdict"] == "forced"


@examples
def test_example_by_prefer(dog: Client, operation: str, status: int, name: str) -> None:
    assert is_example(request(dog, operation, prefer=f"example={name}"), status, name)
    assert is_example(request(dog, operation, prefer=f"code={status}, example={name}"), status, name)
    assert request(dog, operation, prefer=f"code={status}").status == status


@errors
def test_error_by_test_value(dog: Client, operation: str, status: int, name: str) -> None:
    assert is_example(request(dog, operation, value=name), status, name)


@errors
def test_error_by_session(dog: Client, operation: str, status: int, name: str) -> None:
    dog.scenario("loyaltydog", name)
    assert is_example(request(dog, operation), status, name)
    dog.scenario("loyaltydog", None)
    assert request(dog, operation).status < 300


@pytest.mark.parametrize(
    ("name", "header"), [("too_many_requests", "retry-after"), ("not_authenticated", "www-authenticate")]
)
def test_forced_error_has_its_header(dog: Client, name: str, header: str) -> None:
    assert request(dog, "issueMultipleGiftCards", x_mock_scenario=name).headers[header]


def test_forced_error_issues_nothing(dog: Client) -> None:
    submit(dog, headers={"x-mock-scenario": "too_many_requests"})
    assert dog.control("GET", "/jobs")["jobs"] == []


def test_error_of_one_operation_leaves_the_others_alone(dog: Client) -> None:
    dog.scenario("loyaltydog", "csv_not_ready")
    assert csv_of(dog, SEEDED).status == 409
    assert (poll(dog, SEEDED).status, submit(dog).status, login(dog).status) == (200, 201, 200)


# Who wins


def test_header_wins_over_prefer_test_value_and_session(dog: Client) -> None:
    dog.scenario("loyaltydog", "success")
    said = {"x-mock-scenario": "total_failure", "prefer": "code=429"}
    assert issue(dog, body(6, designTemplate="partial_failure"), headers=said)["issuedCount"] == 0


def test_prefer_wins_over_test_value_and_session(dog: Client) -> None:
    dog.scenario("loyaltydog", "not_authenticated")
    response = submit(dog, body(designTemplate="foreign_program"), headers={"prefer": "code=429"})
    assert is_example(response, 429, "too_many_requests")


def test_test_value_wins_over_session(dog: Client) -> None:
    dog.scenario("loyaltydog", "total_failure")
    assert issue(dog, body(6, designTemplate="partial_failure"))["issuedCount"] == 4
    assert is_example(submit(dog, body(designTemplate="foreign_program")), 403, "foreign_program")


def test_unknown_scenario_is_named(dog: Client) -> None:
    response = submit(dog, headers={"x-mock-scenario": "partial_failures"})
    assert response.status == 400
    assert "'partial_failure'" in response.json["detail"]


def test_every_scenario_has_a_test_value(dog: Client) -> None:
    """Except the one about the limits: a single request cannot cross them."""
    simulation = dog.stub.engine.providers["loyaltydog"].simulation
    named = {row.scenario for row in simulation.test_values}
    assert (set(simulation.scenarios) | {name for _, _, name in ERRORS}) - named == {"enforce_limits"}
