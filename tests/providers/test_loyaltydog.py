"""The stub plays LoyaltyDog as its pages describe it: the facts of specs/loyaltydog/facts.md that show in an answer."""

from __future__ import annotations

import csv
import io
from typing import Any
from urllib.parse import urlsplit

import pytest

from mockserver.web.app import MAX_BODY
from tests.client import Client, Response
from tests.providers.conftest import Connect
from tests.providers.loyaltydog import (
    FOREIGN_PROGRAM,
    HEADERS,
    NOBODY,
    OTHER,
    PROGRAM,
    SECOND_PROGRAM,
    SEEDED,
    body,
    bulk,
    csv_of,
    emails,
    finished,
    issue,
    login,
    poll,
    start,
    submit,
    task,
    token,
    users,
)
from tests.specs.documents import example

KEYS = ["taskId", "status", "issuedCount", "cards", "csvDownloadUrl", "failedCount", "error", "completedAt"]
JSON = {"content-type": "application/json"}
KEY = {"idempotency-key": "550e8400-e29b-41d4-a716-446655440000"}
WRONG = {"authorization": "Bearer nobody-has-this"}


@pytest.fixture
def dog(connect: Connect) -> Client:
    return connect("loyaltydog", HEADERS)


def is_refused(response: Response, status: int, example_name: str) -> bool:
    """Whether a response is exactly this example of an error."""
    assert response.json == example("loyaltydog", example_name)
    assert response.headers["content-type"] == "application/json"
    return response.status == status


def error(response: Response) -> dict[str, Any]:
    """The only validation error of a response."""
    assert response.status == 422, response.text
    assert list(response.json) == ["detail"]
    (found,) = response.json["detail"]
    assert {"type", "loc", "msg", "input"} <= set(found)
    return dict(found)


def place(response: Response) -> tuple[str, list[Any]]:
    """Type and place of the only validation error."""
    found = error(response)
    return found["type"], found["loc"]


# Login


def test_login_grants_a_token(dog: Client) -> None:
    response = login(dog)
    assert response.status == 200
    assert list(response.json) == ["accessToken", "tokenType", "mfaPending", "pendingToken"]
    granted = response.json["accessToken"]
    assert response.json == {"accessToken": granted, "tokenType": "bearer", "mfaPending": False, "pendingToken": None}
    assert len(granted.split(".")) == 3, "a JSON Web Token"


def test_token_opens_the_other_operations(dog: Client) -> None:
    granted = token(dog)
    identifier = start(dog, headers=granted)
    dog.advance(15)
    assert poll(dog, identifier, headers=granted).json["status"] == "completed"
    assert csv_of(dog, identifier, headers=granted).status == 200


def test_token_belongs_to_one_merchant(dog: Client) -> None:
    other = token(dog, username="other@example.com")
    assert is_refused(submit(dog, headers=other), 403, "foreign_program")
    assert submit(dog, program=FOREIGN_PROGRAM, headers=other).status == 201


def test_token_expires_with_the_virtual_clock(dog: Client) -> None:
    granted = token(dog)
    dog.advance(3599)
    assert poll(dog, SEEDED, headers=granted).status == 200
    dog.advance(1)
    assert is_refused(poll(dog, SEEDED, headers=granted), 401, "invalid_token")
    assert poll(dog, SEEDED, headers=token(dog)).status == 200


def test_login_with_second_factor_is_pending(dog: Client) -> None:
    response = login(dog, username="mfa@example.com")
    pending = response.json["pendingToken"]
    assert response.status == 200
    assert response.json == {"accessToken": None, "tokenType": "bearer", "mfaPending": True, "pendingToken": pending}
    assert is_refused(poll(dog, SEEDED, headers={"authorization": f"Bearer {pending}"}), 401, "invalid_token")


@pytest.mark.parametrize("form", [{"password": "wrong"}, {"username": "nobody@example.com"}])
def test_wrong_password_is_401(dog: Client, form: dict[str, str]) -> None:
    response = login(dog, **form)
    assert is_refused(response, 401, "wrong_credentials")
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("name", ["username", "password"])
def test_missing_password_is_422(dog: Client, name: str) -> None:
    form = {"username": "sandbox@example.com", "password": "sandbox"}
    del form[name]
    response = dog.request("POST", "/v2/token", form=form)
    assert error(response) == {"type": "missing", "loc": ["body", name], "msg": "Field required", "input": None}


def test_other_grant_type_is_422(dog: Client) -> None:
    assert login(dog, grant_type="password").status == 200
    assert is_refused(login(dog, grant_type="client_credentials"), 422, "wrong_grant_type")


def test_login_needs_username_and_password_only(dog: Client) -> None:
    assert login(dog).status == 200
    assert login(dog, scope="", client_id="me", client_secret="secret").status == 200


# Who is asking


def test_missing_token_is_401(dog: Client) -> None:
    for response in (submit(dog, headers=NOBODY), poll(dog, SEEDED, headers=NOBODY)):
        assert is_refused(response, 401, "not_authenticated")
        assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("said", ["Bearer unknown", "Bearer test-token-expired", "Bearer a.b.c"])
def test_invalid_token_is_401(dog: Client, said: str) -> None:
    response = poll(dog, SEEDED, headers={"authorization": said})
    assert is_refused(response, 401, "invalid_token")
    assert response.headers["www-authenticate"] == "Bearer"


def test_foreign_program_is_403(dog: Client) -> None:
    assert is_refused(submit(dog, headers=OTHER), 403, "foreign_program")
    assert is_refused(poll(dog, SEEDED, headers=OTHER), 403, "foreign_program")
    assert is_refused(csv_of(dog, SEEDED, headers=OTHER), 403, "foreign_program")
    assert is_refused(submit(dog, program=FOREIGN_PROGRAM), 403, "foreign_program")
    assert submit(dog, program=FOREIGN_PROGRAM, headers=OTHER).status == 201


def test_unknown_program_is_404(dog: Client) -> None:
    unknown = "0" * 24
    assert is_refused(submit(dog, program=unknown), 404, "unknown_program")
    assert is_refused(poll(dog, SEEDED, unknown), 404, "unknown_program")
    assert is_refused(csv_of(dog, SEEDED, unknown), 404, "unknown_program")


def test_unknown_task_is_404(dog: Client) -> None:
    assert is_refused(poll(dog, "3f2b9c1e-0000-4d0b-9e68-5c1f0a2d4b87"), 404, "unknown_task")


def test_task_of_another_program_is_404(dog: Client) -> None:
    identifier = start(dog)
    assert is_refused(poll(dog, identifier, SECOND_PROGRAM), 404, "unknown_task")
    assert is_refused(csv_of(dog, identifier, SECOND_PROGRAM), 404, "unknown_task")


# What is checked of a request


def test_malformed_program_id_is_422(dog: Client) -> None:
    assert place(poll(dog, SEEDED, "5eb7")) == ("string_too_short", ["path", "programId"])
    assert place(submit(dog, program="g" * 24)) == ("string_pattern_mismatch", ["path", "programId"])
    assert place(csv_of(dog, SEEDED, "a" * 25)) == ("string_too_long", ["path", "programId"])


def test_upper_case_program_id_is_422(dog: Client) -> None:
    assert is_refused(poll(dog, SEEDED, PROGRAM.upper()), 422, "invalid_program_id")


@pytest.mark.parametrize("query", [{}, {"cardId": PROGRAM}])
def test_card_id_has_no_effect(dog: Client, query: dict[str, str]) -> None:
    assert poll(dog, SEEDED, query=query).content == poll(dog, SEEDED).content
    assert submit(dog, query=query).status == 201


def test_malformed_card_id_is_422(dog: Client) -> None:
    assert is_refused(poll(dog, SEEDED, query={"cardId": "abc"}), 422, "invalid_card_id")
    assert place(submit(dog, query={"cardId": PROGRAM.upper()})) == ("string_pattern_mismatch", ["query", "cardId"])


@pytest.mark.parametrize("name", ["x-eposn-customer-token", "x-eposn-merchant-token"])
def test_eposn_headers_have_no_effect(dog: Client, name: str) -> None:
    said = {name: "another-merchant"}
    assert poll(dog, SEEDED, headers=said).content == poll(dog, SEEDED).content
    assert submit(dog, headers=said).status == 201
    assert is_refused(poll(dog, SEEDED, headers={**OTHER, **said}), 403, "foreign_program")
    assert place(poll(dog, SEEDED, headers={name: "x" * 2049}))[0] == "string_too_long"


def test_missing_initial_value_is_422(dog: Client) -> None:
    assert is_refused(submit(dog, body(initialValue=...)), 422, "missing_initial_value")


@pytest.mark.parametrize("value", [0.01, 1, 5000.005, 10000, 10000.0])
def test_initial_value_has_bounds(dog: Client, value: float) -> None:
    assert submit(dog, body(initialValue=value)).status == 201
    for wrong, kind in ((0.0099, "greater_than_equal"), (0, "greater_than_equal"), (10000.01, "less_than_equal")):
        assert place(submit(dog, body(initialValue=wrong))) == (kind, ["body", "initialValue"])
    assert is_refused(submit(dog, body(initialValue=10000.01)), 422, "initial_value_too_large")


def test_printed_initial_value_is_accepted(dog: Client) -> None:
    assert submit(dog, body(initialValue=5000.005)).status == 201
    assert submit(dog, example("loyaltydog", "by_count")).status == 201


@pytest.mark.parametrize(
    ("value", "status"),
    [("50.00", 201), ("0.01", 201), ("10000", 201), ("0.001", 422), ("10000.01", 422), ("1e3", 422), ("", 422)],
)
def test_initial_value_may_be_a_string(dog: Client, value: str, status: int) -> None:
    assert submit(dog, body(initialValue=value)).status == status


@pytest.mark.parametrize("value", [None, True, [], {}])
def test_initial_value_of_another_type_is_422(dog: Client, value: Any) -> None:
    assert place(submit(dog, body(initialValue=value))) == ("decimal_type", ["body", "initialValue"])


def test_long_design_template_is_422(dog: Client) -> None:
    assert submit(dog, body(designTemplate="x" * 100)).status == 201
    assert submit(dog, body(designTemplate=None)).status == 201
    found = error(submit(dog, body(designTemplate="x" * 101)))
    assert (found["type"], found["loc"], found["ctx"]) == (
        "string_too_long",
        ["body", "designTemplate"],
        {"max_length": 100},
    )


@pytest.mark.parametrize("value", ["2027-05-01", "tomorrow", "2027-13-01T00:00:00Z", "2027-05-01 00:00:00Z"])
def test_malformed_expiry_is_422(dog: Client, value: str) -> None:
    assert submit(dog, body(expiresAt="2027-05-01T00:00:00+02:00")).status == 201
    assert place(submit(dog, body(expiresAt=value))) == ("datetime_from_date_parsing", ["body", "expiresAt"])


def test_count_has_bounds(dog: Client) -> None:
    assert submit(dog, body(1)).status == 201
    assert submit(dog, body(10_000)).status == 202
    assert place(submit(dog, body(0))) == ("greater_than_equal", ["body", "count"])
    assert place(submit(dog, body(10_001))) == ("less_than_equal", ["body", "count"])
    assert submit(dog, emails(*users(10_000))).status == 202
    assert place(submit(dog, emails(*users(10_001)))) == ("too_long", ["body", "recipients"])


@pytest.mark.parametrize("value", ["2", 1.5, True, []])
def test_count_of_another_type_is_422(dog: Client, value: Any) -> None:
    assert place(submit(dog, body(value))) == ("int_type", ["body", "count"])


def test_whole_number_may_be_written_with_a_point(dog: Client) -> None:
    content = b'{"initialValue": 25, "count": 13.0}'
    response = dog.request("POST", bulk(), content=content, headers=JSON)
    assert (response.status, response.json["issuedCount"]) == (201, 13)


def test_count_and_recipients_are_422(dog: Client) -> None:
    said = body(1, recipients=[{"customerEmail": "ada@example.com"}])
    assert is_refused(submit(dog, said), 422, "count_and_recipients")
    assert place(submit(dog, said)) == ("value_error", ["body"])
    del said["initialValue"]
    assert place(submit(dog, said)) == ("missing", ["body", "initialValue"]), "fields come first"


@pytest.mark.parametrize("said", [body(...), body(None), body(None, recipients=None)])  # type: ignore[arg-type]  # left out
def test_neither_count_nor_recipients_is_422(dog: Client, said: dict[str, Any]) -> None:
    response = submit(dog, said)
    assert place(response) == ("value_error", ["body"])
    assert error(response) == example("loyaltydog", "neither_count_nor_recipients")["detail"][0] | {"input": said}


@pytest.mark.parametrize("recipient", [{}, dict.fromkeys(("customerEmail", "customerPhone", "customerName"))])
def test_recipient_properties_are_optional(dog: Client, recipient: dict[str, None]) -> None:
    assert issue(dog, body(None, recipients=[recipient]))["issuedCount"] == 1


def test_error_in_a_recipient_has_its_index(dog: Client) -> None:
    said = emails("ada@example.com", "no address")
    assert place(submit(dog, said)) == ("value_error", ["body", "recipients", 1, "customerEmail"])
    said["recipients"][0]["customerName"] = 1
    errors = submit(dog, said).json["detail"]
    assert [found["loc"][1:] for found in errors] == [
        ["recipients", 0, "customerName"],
        ["recipients", 1, "customerEmail"],
    ]


def test_validation_error_has_the_fastapi_shape(dog: Client) -> None:
    response = submit(dog, body(0, initialValue=..., isPhysical="yes"), query={"cardId": "abc"})
    assert response.headers["content-type"] == "application/json"
    errors = {tuple(found["loc"]): found for found in response.json["detail"]}
    assert set(errors) == {("body", "initialValue"), ("body", "count"), ("body", "isPhysical")}
    assert errors["body", "count"] == {
        "type": "greater_than_equal",
        "loc": ["body", "count"],
        "msg": "Input should be greater than or equal to 1",
        "input": 0,
        "ctx": {"ge": 1},
    }
    assert errors["body", "isPhysical"] == {
        "type": "bool_type",
        "loc": ["body", "isPhysical"],
        "msg": "Input should be a valid boolean",
        "input": "yes",
    }


def test_errors_of_parameters_come_in_the_order_of_the_request(dog: Client) -> None:
    long = {"x-eposn-merchant-token": "x" * 2049}
    response = poll(dog, "x" * 256, PROGRAM.upper(), query={"cardId": "abc"}, headers=long)
    assert [found["loc"] for found in response.json["detail"]] == [
        ["path", "programId"],
        ["path", "taskId"],
        ["query", "cardId"],
        ["header", "X-Eposn-Merchant-Token"],
    ]


def test_only_the_first_hundred_errors_are_told(dog: Client) -> None:
    assert len(submit(dog, emails(*["no address"] * 200)).json["detail"]) == 100


@pytest.mark.parametrize(
    ("content", "position"), [(b'{"initialValue":,', 16), (b"{", 1), (b"", 0), (b"[1,]", 2), (b'{"a": NaN}', 6)]
)
def test_malformed_json_is_422(dog: Client, content: bytes, position: int) -> None:
    found = error(dog.request("POST", bulk(), content=content, headers=JSON))
    assert found["type"] == "json_invalid"
    assert found["loc"] == ["body", position]
    assert (found["msg"], found["input"], list(found["ctx"])) == ("JSON decode error", {}, ["error"])


def test_missing_body_is_422(dog: Client) -> None:
    response = dog.request("POST", bulk())
    assert error(response) == {"type": "missing", "loc": ["body"], "msg": "Field required", "input": None}


@pytest.mark.parametrize("value", [[], "x", 1, None])
def test_body_that_is_no_object_is_422(dog: Client, value: Any) -> None:
    response = dog.request("POST", bulk(), content=b"null" if value is None else None, json=value, headers=JSON)
    assert place(response) == ("model_attributes_type", ["body"])


def test_media_types_and_size_are_checked(dog: Client) -> None:
    text = {"content-type": "text/plain"}
    assert is_refused(submit(dog, headers=text), 415, "unsupported_media_type")
    assert is_refused(submit(dog, headers={"accept": "text/html"}), 406, "not_acceptable")
    assert is_refused(csv_of(dog, SEEDED, headers={"accept": "application/json"}), 406, "not_acceptable")
    response = dog.request("POST", bulk(), content=b" " * (MAX_BODY + 1), headers=JSON)
    assert is_refused(response, 413, "content_too_large")


@pytest.mark.parametrize(
    ("status", "changes"),
    [
        (401, {"headers": NOBODY}),
        (403, {"headers": OTHER}),
        (404, {"program": "0" * 24}),
        (406, {"headers": {"accept": "text/html"}}),
        (409, {"headers": KEY, "said": body(3)}),
        (413, {"headers": {"x-mock-scenario": "content_too_large"}}),
        (415, {"headers": {"content-type": "text/plain"}}),
        (429, {"headers": {"x-mock-scenario": "too_many_requests"}}),
    ],
)
def test_error_has_a_detail(dog: Client, status: int, changes: dict[str, Any]) -> None:
    submit(dog, headers=KEY)
    response = submit(dog, **changes)
    assert response.status == status
    assert response.headers["content-type"] == "application/json"
    assert list(response.json) == ["detail"]
    assert isinstance(response.json["detail"], str)


# Cards at once


def test_few_cards_are_issued_at_once(dog: Client) -> None:
    response = submit(dog, body(2))
    assert response.status == 201
    assert list(response.json) == ["issuedCount", "cards", "csvDownloadUrl", "failedCount"]
    assert (response.json["issuedCount"], len(response.json["cards"])) == (2, 2)
    assert response.json["failedCount"] is None


def test_fifty_cards_are_issued_at_once(dog: Client) -> None:
    response = submit(dog, body(50))
    assert (response.status, response.json["issuedCount"]) == (201, 50)


def test_fifty_one_cards_become_a_task(dog: Client) -> None:
    assert submit(dog, body(51)).status == 202


def test_recipients_count_towards_the_threshold(dog: Client) -> None:
    response = submit(dog, emails(*users(50)))
    assert (response.status, response.json["issuedCount"]) == (201, 50)
    assert submit(dog, emails(*users(51))).status == 202


def test_card_numbers_have_sixteen_digits(dog: Client) -> None:
    numbers = [card["cardNumber"] for card in issue(dog, body(50))["cards"]]
    assert all(len(number) == 16 and number.isascii() and number.isdigit() for number in numbers)


def test_last_four_digits_end_the_card_number(dog: Client) -> None:
    for card in issue(dog, body(50))["cards"]:
        assert card["cardNumber"].endswith(card["lastFourDigits"])
        assert len(card["lastFourDigits"]) == 4


def test_card_numbers_are_unique(dog: Client) -> None:
    identifiers = [start(dog, body(10_000)) for _ in range(2)]
    dog.advance(15)
    cards = [card for identifier in identifiers for card in task(dog, identifier)["cards"]]
    cards += issue(dog, body(50))["cards"] + issue(dog, body(50))["cards"]
    assert len({card["cardNumber"] for card in cards}) == len({card["id"] for card in cards}) == len(cards) == 20_100


def test_cards_at_once_are_no_task(dog: Client) -> None:
    identifier = urlsplit(issue(dog)["csvDownloadUrl"]).path.split("/")[-2]
    assert csv_of(dog, identifier).status == 200
    assert is_refused(poll(dog, identifier), 404, "unknown_task")


def test_partial_failure_at_once_has_a_count(dog: Client) -> None:
    issued = issue(dog, emails(*users(2), "unreachable@example.com"))
    assert (issued["issuedCount"], issued["failedCount"], len(issued["cards"])) == (2, 1, 2)


@pytest.mark.parametrize("program", [PROGRAM, SECOND_PROGRAM])
def test_each_issuance_has_cards_of_its_own(dog: Client, program: str) -> None:
    one, other = issue(dog), issue(dog, program=program)
    assert not {card["id"] for card in one["cards"]} & {card["id"] for card in other["cards"]}


# Tasks


def test_accepted_task_has_id_and_status(dog: Client) -> None:
    response = submit(dog, body(500))
    assert response.status == 202
    assert list(response.json) == ["taskId", "status"]
    assert isinstance(response.json["taskId"], str)
    assert response.json["status"] == "pending"


def test_accepted_task_can_be_polled(dog: Client) -> None:
    response = submit(dog, body(500))
    found = task(dog, response.json["taskId"])
    assert found["taskId"] == response.json["taskId"]
    assert found["status"] == response.json["status"]


def test_task_runs_through_its_states(dog: Client) -> None:
    identifier = start(dog)
    states = []
    for _ in range(17):
        states.append(task(dog, identifier)["status"])
        dog.advance(1)
    assert states == ["pending"] * 5 + ["processing"] * 10 + ["completed"] * 2


STATES = {"pending": 0, "processing": 5, "completed": 15, "failed": 15}


def in_state(dog: Client, state: str) -> Any:
    identifier = start(dog, headers={"x-mock-scenario": "total_failure" if state == "failed" else "success"})
    dog.advance(STATES[state])
    found = task(dog, identifier)
    assert found["taskId"] == identifier
    return found


@pytest.mark.parametrize("state", STATES)
def test_task_shows_id_and_status_in_every_state(dog: Client, state: str) -> None:
    assert in_state(dog, state)["status"] == state


@pytest.mark.parametrize("state", STATES)
def test_task_shows_every_key(dog: Client, state: str) -> None:
    assert list(in_state(dog, state)) == KEYS


@pytest.mark.parametrize("state", STATES)
def test_results_are_null_until_completed(dog: Client, state: str) -> None:
    found = in_state(dog, state)
    for name in ("issuedCount", "cards", "csvDownloadUrl"):
        assert (found[name] is None) is (state != "completed")


@pytest.mark.parametrize("state", STATES)
def test_completed_at_is_set_when_the_task_ends(dog: Client, state: str) -> None:
    expected = "2026-01-01T00:00:15Z" if STATES[state] == 15 else None
    assert in_state(dog, state)["completedAt"] == expected


@pytest.mark.parametrize("state", ["completed", "failed"])
def test_finished_task_stays_as_it_is(dog: Client, state: str) -> None:
    found = in_state(dog, state)
    dog.advance(10 * 365 * 86_400)
    assert task(dog, found["taskId"]) == found


def test_completed_task_counts_its_cards(dog: Client) -> None:
    found = finished(dog, start(dog, body(51)))
    assert found["issuedCount"] == len(found["cards"]) == 51


def test_completed_task_lists_its_cards(dog: Client) -> None:
    cards = finished(dog, start(dog))["cards"]
    assert len(cards) == 60
    assert all(list(card) == ["id", "cardNumber", "lastFourDigits"] for card in cards)


def test_completed_task_by_count_has_a_csv(dog: Client) -> None:
    found = finished(dog, start(dog))
    response = dog.follow(found["csvDownloadUrl"], headers=NOBODY)
    assert response.status == 200
    assert [row["cardNumber"] for row in rows(response)] == [card["cardNumber"] for card in found["cards"]]


def test_full_success_has_no_failures(dog: Client) -> None:
    found = finished(dog, start(dog))
    assert (found["failedCount"], found["error"]) == (None, None)


UNREACHABLE = emails(*users(58), "unreachable@example.com", "blocked@example.com")


def test_partial_failure_is_completed(dog: Client) -> None:
    assert finished(dog, start(dog, UNREACHABLE))["status"] == "completed"


def test_partial_failure_has_count_and_error(dog: Client) -> None:
    found = finished(dog, start(dog, UNREACHABLE))
    assert (found["issuedCount"], found["failedCount"]) == (58, 2)
    assert found["error"] == (
        "2 of 60 cards could not be issued: The recipient cannot be reached; The recipient is blocked"
    )


def test_failed_task_says_how_many_and_why(dog: Client) -> None:
    identifier = start(dog, body(500), headers={"x-mock-scenario": "total_failure"})
    found = finished(dog, identifier)
    assert found == example("loyaltydog", "failed") | {"taskId": identifier, "completedAt": "2026-01-01T00:00:15Z"}


def test_task_whose_cards_all_fail_is_failed(dog: Client) -> None:
    found = finished(dog, start(dog, emails(*["unreachable@example.com"] * 60)))
    assert (found["status"], found["failedCount"], found["error"]) == ("failed", 60, "No card could be issued")


def test_task_that_a_test_makes_fail_is_failed(dog: Client) -> None:
    identifier = start(dog)
    dog.advance(10)
    dog.control("POST", f"/jobs/{identifier}/fail")
    found = task(dog, identifier)
    assert (found["status"], found["failedCount"]) == ("failed", 60)
    assert found["error"]
    assert is_refused(csv_of(dog, identifier), 409, "csv_not_ready")


def test_printed_request_gets_the_seeded_task(dog: Client) -> None:
    found = task(dog, SEEDED)
    assert (found["status"], found["issuedCount"], found["completedAt"]) == ("completed", 60, "2025-05-01T12:00:15Z")
    partial = task(dog, "b5e8f3d1-4c27-49a6-8e10-2d7f9a6c3b54")
    assert (partial["status"], partial["issuedCount"], partial["failedCount"]) == ("completed", 59, 1)
    failed = task(dog, "e2a7d6c4-8f19-4b3e-95d0-1c6b4a8f7e23")
    assert failed == example("loyaltydog", "failed") | {"completedAt": "2025-05-01T12:00:15Z"}


# Idempotency


def test_idempotency_key_is_optional(dog: Client) -> None:
    assert issue(dog)["cards"] != issue(dog)["cards"]
    empty = {"idempotency-key": ""}
    assert issue(dog, headers=empty)["cards"] != issue(dog, headers=empty)["cards"]
    assert submit(dog, body(3), headers=empty).status == 201


@pytest.mark.parametrize(("count", "status"), [(2, 201), (60, 202)])
def test_repeated_key_issues_nothing_new(dog: Client, count: int, status: int) -> None:
    first = submit(dog, body(count), headers=KEY)
    dog.advance(15)
    again = submit(dog, body(count), headers=KEY)
    assert first.status == again.status == status
    assert first.content == again.content
    assert len(dog.control("GET", "/jobs")["jobs"]) == 1


def test_key_outlives_its_token(dog: Client) -> None:
    first = submit(dog, headers=KEY | token(dog))
    dog.advance(7200)
    assert submit(dog, headers=KEY | token(dog)).content == first.content
    assert submit(dog, headers=KEY).content == first.content


def test_repeated_key_with_another_body_is_409(dog: Client) -> None:
    first = submit(dog, headers=KEY)
    assert is_refused(submit(dog, body(3), headers=KEY), 409, "idempotency_mismatch")
    assert submit(dog, headers=KEY).content == first.content


def test_idempotency_key_holds_within_a_program(dog: Client) -> None:
    first = submit(dog, headers=KEY)
    other = submit(dog, body(3), SECOND_PROGRAM, headers=KEY)
    assert (other.status, other.json["issuedCount"]) == (201, 3)
    assert submit(dog, headers=KEY).content == first.content


def test_refused_request_does_not_use_its_key_up(dog: Client) -> None:
    assert submit(dog, body(0), headers=KEY).status == 422
    assert submit(dog, headers=KEY).status == 201


# CSV


def rows(response: Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.text, newline="")))


def test_cards_by_count_have_a_csv(dog: Client) -> None:
    issued = issue(dog, body(initialValue=5000.005))
    url = urlsplit(issued["csvDownloadUrl"])
    assert (url.scheme, url.netloc) == ("http", "stub.test")
    response = dog.follow(issued["csvDownloadUrl"], headers=NOBODY)
    assert (response.status, response.headers["content-type"]) == (200, "text/csv")
    assert [row["id"] for row in rows(response)] == [card["id"] for card in issued["cards"]]


def test_csv_has_a_line_per_card(dog: Client) -> None:
    issued = issue(dog, body(initialValue=5000.005, expiresAt="2027-05-01T00:00:00Z"))
    response = dog.follow(issued["csvDownloadUrl"])
    lines = response.text.splitlines()
    assert lines[0] == "id,cardNumber,lastFourDigits,initialValue,expiresAt"
    assert lines[1:] == [
        f"{card['id']},{card['cardNumber']},{card['lastFourDigits']},5000.005,2027-05-01T00:00:00Z"
        for card in issued["cards"]
    ]


@pytest.mark.parametrize("value", [5000.005, "50.00", 1, "0.010", 10000])
def test_csv_keeps_the_value_as_it_was_sent(dog: Client, value: Any) -> None:
    issued = issue(dog, body(initialValue=value))
    assert {row["initialValue"] for row in rows(dog.follow(issued["csvDownloadUrl"]))} == {str(value)}


def test_csv_leaves_out_the_cards_that_failed(dog: Client) -> None:
    issued = issue(dog, body(10, designTemplate="partial_failure"))
    assert len(rows(dog.follow(issued["csvDownloadUrl"]))) == issued["issuedCount"] == 7


def test_cards_expire_after_a_year(dog: Client) -> None:
    def expiry(said: dict[str, Any]) -> set[str]:
        return {row["expiresAt"] for row in rows(dog.follow(issue(dog, said)["csvDownloadUrl"]))}

    assert expiry(body()) == expiry(body(expiresAt=None)) == {"2027-01-01T00:00:00Z"}
    assert expiry(body(expiresAt="2026-05-01T00:00:00.5+02:00")) == {"2026-05-01T00:00:00.5+02:00"}
    assert expiry(body(expiresAt="2026-05-01t00:00:00z")) == {"2026-05-01T00:00:00Z"}
    identifier = start(dog)
    assert {row["expiresAt"] for row in rows(dog.follow(finished(dog, identifier)["csvDownloadUrl"]))} == {
        "2027-01-01T00:00:15Z"
    }


def test_cards_for_recipients_have_no_csv(dog: Client) -> None:
    assert issue(dog, emails(*users(2)))["csvDownloadUrl"] is None
    identifier = start(dog, emails(*users(60)))
    assert is_refused(csv_of(dog, identifier), 409, "csv_not_offered")
    assert finished(dog, identifier)["csvDownloadUrl"] is None
    assert is_refused(csv_of(dog, identifier), 409, "csv_not_offered")


def test_csv_before_completion_is_409(dog: Client) -> None:
    identifier = start(dog)
    assert is_refused(csv_of(dog, identifier), 409, "csv_not_ready")
    dog.advance(14)
    assert is_refused(csv_of(dog, identifier), 409, "csv_not_ready")
    dog.advance(1)
    assert csv_of(dog, identifier).status == 200
    failed = start(dog, body(60, designTemplate="total_failure"))
    dog.advance(15)
    assert is_refused(csv_of(dog, failed), 409, "csv_not_ready")
    assert is_refused(csv_of(dog, "unknown"), 404, "unknown_task")


def parted(dog: Client) -> tuple[str, str]:
    """Path below the provider, and signature, of the CSV of fresh cards."""
    url = urlsplit(issue(dog)["csvDownloadUrl"])
    return url.path.removeprefix(dog.base), url.query.removeprefix("signature=")


def test_csv_url_needs_no_token(dog: Client) -> None:
    path, signature = parted(dog)
    for headers in (NOBODY, WRONG, {"authorization": "Bearer test-token-expired"}):
        assert dog.get(path, query={"signature": signature}, headers=headers).status == 200


def test_csv_can_be_had_with_a_token(dog: Client) -> None:
    path, signature = parted(dog)
    assert dog.get(path).status == 200
    assert dog.get(path, query={"signature": f"{signature}0"}).status == 200


def test_csv_without_signature_or_token_is_401(dog: Client) -> None:
    path, signature = parted(dog)
    _, of_another = parted(dog)
    assert is_refused(dog.get(path, headers=NOBODY), 401, "not_authenticated")
    assert is_refused(dog.get(path, headers=WRONG), 401, "invalid_token")
    wrong: list[str] = [signature[:-1], signature.upper() + "x", of_another, "test-token", "ü"]
    for said in wrong:
        for headers in (NOBODY, WRONG):
            assert is_refused(dog.get(path, query={"signature": said}, headers=headers), 401, "invalid_token")
    assert dog.get(path, query={"signature": ""}, headers=NOBODY).status == 401


def test_signature_holds_in_its_session_only(connect: Connect, dog: Client) -> None:
    other = Client(dog.stub, "loyaltydog", session="test-another-dog", headers=HEADERS)
    path, signature = parted(dog)
    twin, _ = parted(other)
    assert path == twin, "the same seed makes the same ids"
    assert is_refused(other.get(path, query={"signature": signature}, headers=NOBODY), 401, "invalid_token")


def test_journal_hides_token_password_and_signature(dog: Client) -> None:
    path, signature = parted(dog)
    entry = dog.reason(dog.get(path, query={"signature": signature, "note": "kept"}))
    assert entry["query"] == "signature=***&note=kept"
    assert dict(entry["headers"])["authorization"] == "***"
    assert "sandbox" not in str(dog.reason(login(dog))["body"])


# Rates


def test_too_many_requests_say_when_to_return(dog: Client) -> None:
    limited = {"x-mock-scenario": "enforce_limits"}
    assert [poll(dog, SEEDED, headers=limited).status for _ in range(10)] == [200] * 10
    dog.advance(20)
    response = poll(dog, SEEDED, headers=limited)
    assert is_refused(response, 429, "too_many_requests")
    assert response.headers["retry-after"] == "40"
    dog.advance(40)
    assert poll(dog, SEEDED, headers=limited).status == 200
