"""The stub plays Thanx as its pages describe it: the facts of specs/thanx/facts.md that show in an answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from mockserver.app import Options, build
from mockserver.core.records import Record
from tests.client import Client, Response
from tests.curl import curl
from tests.providers.conftest import Connect
from tests.providers.thanx import (
    BUSY_MERCHANT,
    HEADERS,
    ISSUE,
    MERCHANT,
    OTHER_MERCHANT,
    body,
    campaigns,
    email,
    get,
    issue,
    job,
    phone,
    revoke,
    submit,
    users,
)
from tests.specs.documents import contract, example
from tests.specs.test_thanx import PRINTED_CAMPAIGN, PRINTED_COMPLETED, PRINTED_PENDING

CREDENTIALS = {"client_id": "test-client", "access_token": "test-token", "merchant_id": MERCHANT}
PRINTED_ISSUE = r"""
curl https://api.thanxsandbox.com/partner/campaigns/issue \
    -X POST \
    -H 'X-ClientId: {client_id}' \
    -H 'Accept-Version: v4.0' \
    -H 'Content-Type: application/json' \
    -H 'Authorization: Bearer {access_token}' \
    -H 'X-Idempotency-Key: 550e8400-e29b-41d4-a716-446655440000' \
    -d '{
      "campaign_id": "camp_abc123",
      "merchant_id": "k2lye10h32l5wzo",
      "variant_id": "var_treat1",
      "identifiers": [
        {
          "type": "email",
          "value": "jane.smith@example.com"
        },
        {
          "type": "phone",
          "value": "+14155551234"
        }
      ]
    }'
"""
PRINTED_GET = r"""
curl https://api.thanxsandbox.com/partner/issuance_jobs/job_xyz789?merchant_id={merchant_id} \
    -X GET \
    -H 'X-ClientId: {client_id}' \
    -H 'Accept-Version: v4.0' \
    -H 'Content-Type: application/json' \
    -H 'Authorization: Bearer {access_token}'
"""
KEY = {"x-idempotency-key": "550e8400-e29b-41d4-a716-446655440000"}


@pytest.fixture
def thanx(connect: Connect) -> Client:
    return connect("thanx", HEADERS)


def is_refused(response: Response, status: int, example_name: str = "") -> bool:
    """Whether a response is an error of this status; with a name, exactly that example of the contract."""
    if example_name:
        assert response.json == example("thanx", example_name)
    error = response.json["error"]
    assert list(response.json) == ["error"]
    assert list(error) == ["code", "message"]
    assert all(isinstance(said, str) and said for said in error.values())
    assert response.headers["content-type"] == "application/json"
    return response.status == status


# Issue


def test_issue_answers_202_with_a_pending_job(thanx: Client) -> None:
    response = submit(thanx)
    assert response.status == 202
    pending = response.json["issuance_job"]
    assert list(response.json) == ["issuance_job"]
    assert list(pending) == list(PRINTED_PENDING)
    assert pending | {"id": "job_xyz789", "created_at": "2025-06-15T10:30:00Z"} == PRINTED_PENDING


def test_printed_issue_request_gets_the_printed_job(thanx: Client) -> None:
    response = curl(thanx, PRINTED_ISSUE, **CREDENTIALS)
    assert response.status == 202
    submitted = response.json["issuance_job"]
    assert submitted == PRINTED_PENDING | {"id": submitted["id"], "created_at": "2026-01-01T00:00:00Z"}
    thanx.advance(15)
    finished = job(thanx, submitted["id"])
    instants = {f"{name}_at": f"2026-01-01T00:00:{at:02}Z" for name, at in TIMELINE.items()}
    assert finished == PRINTED_COMPLETED | {"id": submitted["id"]} | instants


TIMELINE = {"created": 0, "started": 5, "completed": 15}


def test_issue_refuses_a_wrapped_body(thanx: Client) -> None:
    assert is_refused(thanx.post(ISSUE, {"issuance_job": body()}), 400)


@pytest.mark.parametrize("name", ["campaign_id", "merchant_id", "variant_id", "identifiers"])
@pytest.mark.parametrize("value", [..., None, 1, ""])
def test_issue_requires_its_four_properties(thanx: Client, name: str, value: Any) -> None:
    without = {known: said for known, said in body().items() if known != name}
    assert is_refused(thanx.post(ISSUE, without if value is ... else without | {name: value}), 400)


@pytest.mark.parametrize("variant", ["var_bagel1", "var_tea1"])
def test_issue_to_a_variant_of_another_campaign_is_404(thanx: Client, variant: str) -> None:
    assert is_refused(thanx.post(ISSUE, body(variant_id=variant)), 404, "not_found")


def test_issue_takes_10000_identifiers_and_refuses_10001(thanx: Client) -> None:
    response = submit(thanx, users(10_000))
    assert response.status == 202
    assert response.json["issuance_job"]["total_count"] == 10_000
    assert is_refused(submit(thanx, users(10_001)), 400)


@pytest.mark.parametrize(
    "identifier",
    [
        {},
        {"type": "email"},
        {"value": "jane.smith@example.com"},
        {"type": "fax", "value": "+14155551234"},
        email("jane.smith"),
        email(f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 63}.com"),
        email("+14155551234"),
        phone("4155551234"),
        phone("+1 415 555 1234"),
        phone("+0123456789"),
        phone("+1234567890123456"),
        phone("+\uff14155551234"),
        phone("+14155551234\n"),
        phone("jane.smith@example.com"),
    ],
    ids=str,
)
def test_issue_refuses_a_bad_identifier(thanx: Client, identifier: dict[str, str]) -> None:
    assert submit(thanx, [phone("+12025551234"), email("jane.smith@example.com")]).status == 202
    assert is_refused(submit(thanx, [*users(1), identifier]), 400)


def test_issue_takes_one_identifier(thanx: Client) -> None:
    response = submit(thanx, users(1))
    assert response.status == 202
    assert response.json["issuance_job"]["total_count"] == 1


def test_unknown_user_is_a_failure_of_a_completed_job(thanx: Client) -> None:
    identifier = issue(thanx, [*users(1), email("unregistered@example.com")])
    thanx.advance(15)
    finished = job(thanx, identifier)
    assert (finished["state"], finished["success_count"], finished["failure_count"]) == ("completed", 1, 1)
    (failure,) = finished["summary"]["failures"]
    assert failure == {"identifier_index": 1, "identifier_type": "email", "error": "User not found"}


def test_unknown_user_error_text_can_be_chosen(thanx: Client) -> None:
    identifier = issue(thanx, [phone("+442079460000")])
    thanx.advance(15)
    assert job(thanx, identifier)["summary"]["failures"][0]["error"] == "Unknown user"


def test_issue_refuses_no_identifiers(thanx: Client) -> None:
    assert is_refused(submit(thanx, []), 400)


def test_repeated_identifier_counts_twice(thanx: Client) -> None:
    identifier = issue(thanx, [email("unregistered@example.com")] * 2)
    thanx.advance(15)
    finished = job(thanx, identifier)
    assert (finished["total_count"], finished["failure_count"]) == (2, 2)
    assert [failure["identifier_index"] for failure in finished["summary"]["failures"]] == [0, 1]


def test_issue_to_a_control_variant_is_accepted(thanx: Client) -> None:
    assert thanx.post(ISSUE, body(variant_id="var_ctrl1")).status == 202


def test_unknown_properties_are_ignored(thanx: Client) -> None:
    noted = [{**identifier, "note": "a"} for identifier in users(2)]
    assert thanx.post(ISSUE, body(noted, note={"a": []})).status == 202
    assert revoke(thanx, "job_xyz789").status == 202


# Idempotency


def test_issue_without_a_key_starts_a_job_each_time(thanx: Client) -> None:
    assert issue(thanx) != issue(thanx)


def test_same_key_and_body_gets_the_first_answer(thanx: Client) -> None:
    first, second = (submit(thanx, headers=KEY) for _ in range(2))
    assert (second.status, second.content) == (202, first.content)
    assert second.headers["content-type"] == first.headers["content-type"]
    assert len(thanx.control("GET", "/jobs")["jobs"]) == 1
    assert issue(thanx, headers={"x-idempotency-key": "another"}) != first.json["issuance_job"]["id"]


def test_cached_answer_stays_pending_when_the_job_is_completed(thanx: Client) -> None:
    first = submit(thanx, headers=KEY)
    thanx.advance(15)
    assert job(thanx, first.json["issuance_job"]["id"])["state"] == "completed"
    again = submit(thanx, headers=KEY)
    assert (again.status, again.content) == (202, first.content)


def test_same_key_with_another_body_is_422(thanx: Client) -> None:
    submit(thanx, headers=KEY)
    assert is_refused(submit(thanx, users(3), headers=KEY), 422, "idempotency_mismatch")
    assert len(thanx.control("GET", "/jobs")["jobs"]) == 1


@pytest.mark.parametrize("key", ["k", "not a uuid: ~!@#$%^&*()", "k" * 255])
def test_any_string_of_255_characters_is_a_key(thanx: Client, key: str) -> None:
    keyed = {"x-idempotency-key": key}
    assert issue(thanx, headers=keyed) == issue(thanx, headers=keyed)
    assert is_refused(submit(thanx, headers={"x-idempotency-key": "k" * 256}), 400)


def test_keys_do_not_expire(thanx: Client) -> None:
    first = submit(thanx, headers=KEY)
    thanx.advance(10 * 365 * 86_400)
    assert submit(thanx, headers=KEY).content == first.content


def test_key_belongs_to_one_client(thanx: Client) -> None:
    other = KEY | {"authorization": "Bearer test-token-other", "x-clientid": "test-client-other"}
    mine, theirs = issue(thanx, headers=KEY), issue(thanx, users(3), headers=other)
    assert mine != theirs
    assert issue(thanx, users(3), headers=other) == theirs


@pytest.mark.parametrize("changes", [{"campaign_id": "camp_none"}, {"variant_id": "var_bagel1"}, {"identifiers": []}])
def test_refused_request_does_not_use_its_key_up(thanx: Client, changes: dict[str, Any]) -> None:
    assert 400 <= thanx.post(ISSUE, body(**changes), headers=KEY).status < 500
    assert submit(thanx, headers=KEY).status == 202


def test_empty_key_counts_as_none(thanx: Client) -> None:
    empty = {"x-idempotency-key": ""}
    assert issue(thanx, headers=empty) != issue(thanx, headers=empty)
    assert submit(thanx, users(3), headers=empty).status == 202


def test_reordered_body_is_the_same_body(thanx: Client) -> None:
    first = submit(thanx, headers=KEY)
    reordered = dict(reversed(body().items()))
    reordered["identifiers"] = [dict(reversed(one.items())) for one in reordered["identifiers"]]
    assert thanx.post(ISSUE, reordered, headers=KEY).content == first.content
    swapped = body(list(reversed(users(2))))
    assert is_refused(thanx.post(ISSUE, swapped, headers=KEY), 422, "idempotency_mismatch")


def test_two_requests_at_once_with_one_key_start_one_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers on one store, as `serve --workers 2` has them; the second asks in the middle of the first."""
    options = Options(rate=0, providers=("thanx",), store=f"sqlite:{tmp_path / 'store.db'}")
    first, second = (Client(build(options, wall=lambda: 0), headers=HEADERS) for _ in range(2))
    store = first.stub.engine.store.records
    other = second.stub.engine.store.records
    read, transaction = store.read, other.transaction
    waits = Event()
    answers: list[Future[Response]] = []

    def interrupted(session: str, stream: str) -> Sequence[Record]:
        found = read(session, stream)
        if stream.startswith("key/") and not answers:
            answers.append(pool.submit(submit, second, headers=KEY))
            assert waits.wait(timeout=60)  # the second is at the lock, and may not go on before the first is done
        return found

    def entered() -> AbstractContextManager[None]:
        waits.set()
        return transaction()

    monkeypatch.setattr(store, "read", interrupted)
    monkeypatch.setattr(other, "transaction", entered)
    with ThreadPoolExecutor(1) as pool:
        response = submit(first, headers=KEY)
    assert response.status == 202
    assert answers[0].result().content == response.content
    assert len(first.control("GET", "/jobs")["jobs"]) == 1
    for worker in (first, second):
        worker.stub.engine.store.close()


# Job


def timeline(client: Client, identifier: str, until: float = 20, every: float = 1) -> Iterator[dict[str, Any]]:
    """The job at every so many seconds, from now on."""
    for _ in range(int(until / every) + 1):
        yield job(client, identifier)
        client.advance(every)


def test_get_follows_the_job(thanx: Client) -> None:
    identifier = issue(thanx)
    for seconds, state in ((0, "pending"), (5, "processing"), (10, "completed")):
        thanx.advance(seconds)
        response = get(thanx, identifier)
        assert response.status == 200
        assert list(response.json) == ["issuance_job"]
        assert (response.json["issuance_job"]["id"], response.json["issuance_job"]["state"]) == (identifier, state)


def test_get_requires_the_merchant(thanx: Client) -> None:
    assert is_refused(thanx.get("/partner/issuance_jobs/job_xyz789"), 400)
    assert is_refused(thanx.get("/partner/issuance_jobs/job_xyz789?merchant_id="), 400)


def test_printed_get_request_gets_the_printed_job(thanx: Client) -> None:
    response = curl(thanx, PRINTED_GET, **CREDENTIALS)
    assert response.status == 200
    assert response.json == {"issuance_job": PRINTED_COMPLETED}
    assert list(response.json["issuance_job"]) == list(PRINTED_COMPLETED)


def test_job_names_its_campaign_and_variant(thanx: Client) -> None:
    said = body(campaign_id="camp_ended1", variant_id="var_tea1")
    submitted = thanx.post(ISSUE, said).json["issuance_job"]
    for found in (submitted, job(thanx, submitted["id"])):
        assert (found["campaign_id"], found["variant_id"]) == ("camp_ended1", "var_tea1")


@pytest.mark.parametrize(("scenario", "end"), [("success", "completed"), ("total_failure", "failed")])
def test_states_follow_the_documented_order(thanx: Client, scenario: str, end: str) -> None:
    identifier = issue(thanx, headers={"x-mock-scenario": scenario})
    states = [found["state"] for found in timeline(thanx, identifier)]
    assert list(dict.fromkeys(states)) == ["pending", "processing", end]
    assert states == sorted(states, key=["pending", "processing", end].index)


@pytest.mark.parametrize("scenario", ["success", "partial_failure", "all_unregistered", "total_failure"])
def test_counts_add_up_in_every_state(thanx: Client, scenario: str) -> None:
    identifier = issue(thanx, users(10_000), headers={"x-mock-scenario": scenario})
    before = 0
    seen = set()
    for found in timeline(thanx, identifier):
        assert found["total_count"] == 10_000
        assert found["success_count"] + found["failure_count"] == found["processed_count"]
        assert before <= found["processed_count"] <= 10_000
        before = found["processed_count"]
        seen.add(before)
    assert before == (5_000 if scenario == "total_failure" else 10_000)
    assert len(seen) >= 10, "the job passes through counts in between"


def test_progress_is_the_share_processed(thanx: Client) -> None:
    identifier = issue(thanx, users(3))
    progress = []
    for found in timeline(thanx, identifier):
        assert type(found["progress_percent"]) is int
        assert found["progress_percent"] == 100 * found["processed_count"] // 3
        progress.append(found["progress_percent"])
    assert list(dict.fromkeys(progress)) == [0, 33, 66, 100]


def test_timestamps_are_utc_in_whole_seconds(thanx: Client) -> None:
    thanx.advance(0.999)
    identifier = issue(thanx)
    thanx.advance(20)
    finished = job(thanx, identifier)
    assert [finished[f"{name}_at"] for name in TIMELINE] == [f"2026-01-01T00:00:{at:02}Z" for at in (0, 5, 15)]


def test_started_at_is_null_while_pending(thanx: Client) -> None:
    for found in timeline(thanx, issue(thanx)):
        assert (found["started_at"] is None) is (found["state"] == "pending")


@pytest.mark.parametrize("scenario", ["success", "total_failure"])
def test_completed_at_is_null_until_the_end(thanx: Client, scenario: str) -> None:
    for found in timeline(thanx, issue(thanx, headers={"x-mock-scenario": scenario})):
        assert (found["completed_at"] is None) is (found["state"] in ("pending", "processing"))


@pytest.mark.parametrize("seconds", [0, 7, 15])
def test_failed_job_has_both_timestamps(thanx: Client, seconds: float) -> None:
    """Also one that the control API breaks off before it has started."""
    identifier = issue(thanx, headers={"x-mock-scenario": "total_failure"})
    thanx.advance(seconds)
    if seconds < 15:
        thanx.control("POST", f"/jobs/{identifier}/fail")
    found = job(thanx, identifier)
    assert found["state"] == "failed"
    assert None not in (found["started_at"], found["completed_at"])


def test_timestamps_are_ordered_and_stay(thanx: Client) -> None:
    identifier = issue(thanx)
    known: dict[str, str] = {}
    for number, found in enumerate(timeline(thanx, identifier, until=21, every=0.7)):
        for name in TIMELINE:
            if found[f"{name}_at"] is not None:
                assert known.setdefault(name, found[f"{name}_at"]) == found[f"{name}_at"]
        if number == 25:
            assert revoke(thanx, identifier).status == 202
    assert found["state"] == "revoking"
    assert known["created"] <= known["started"] <= known["completed"]


def test_default_timeline_is_the_printed_one(thanx: Client) -> None:
    identifier = issue(thanx)
    states = [(found["state"]) for found in timeline(thanx, identifier)]
    assert states == ["pending"] * 5 + ["processing"] * 10 + ["completed"] * 6


@pytest.mark.parametrize("scenario", ["success", "partial_failure", "total_failure"])
def test_summary_is_present_only_when_completed(thanx: Client, scenario: str) -> None:
    identifier = issue(thanx, headers={"x-mock-scenario": scenario})
    assert "summary" not in job(thanx, identifier)
    for found in timeline(thanx, identifier):
        assert ("summary" in found) is (found["state"] == "completed")
    revoke(thanx, identifier)
    for found in timeline(thanx, identifier):
        assert "summary" not in found


@pytest.mark.parametrize("scenario", ["success", "partial_failure", "all_unregistered"])
def test_summary_agrees_with_the_job(thanx: Client, scenario: str) -> None:
    identifier = issue(thanx, users(7), headers={"x-mock-scenario": scenario})
    thanx.advance(15)
    found = job(thanx, identifier)
    summary = found["summary"]
    assert summary["success_count"] == found["success_count"]
    assert summary["failure_count"] == found["failure_count"]
    assert len(summary.get("failures", [])) == found["failure_count"]
    assert found["failure_count"] == {"success": 0, "partial_failure": 3, "all_unregistered": 7}[scenario]


@pytest.mark.parametrize(("identifier", "listed"), [("user@example.com", False), ("unregistered@example.com", True)])
def test_failures_are_listed_exactly_when_there_are_any(thanx: Client, identifier: str, *, listed: bool) -> None:
    issued = issue(thanx, [email(identifier)])
    thanx.advance(15)
    assert ("failures" in job(thanx, issued)["summary"]) is listed


def test_failure_points_to_the_submitted_identifier(thanx: Client) -> None:
    said = [*users(1), phone("+14155551234"), email("unregistered@example.com"), phone("+442079460000"), *users(2)]
    identifier = issue(thanx, said)
    thanx.advance(15)
    failures = job(thanx, identifier)["summary"]["failures"]
    assert failures == [
        {"identifier_index": 1, "identifier_type": "phone", "error": "User not found"},
        {"identifier_index": 2, "identifier_type": "email", "error": "User not found"},
        {"identifier_index": 3, "identifier_type": "phone", "error": "Unknown user"},
    ]


def test_job_never_shows_an_identifier(thanx: Client) -> None:
    identifier = issue(thanx, [email("unregistered@example.com"), phone("+14155551234")])
    for _ in range(4):
        assert not [said for said in ("@", "unregistered", "14155551234") if said in get(thanx, identifier).text]
        thanx.advance(5)


def test_failed_job_has_no_summary(thanx: Client) -> None:
    identifier = issue(thanx, headers={"x-mock-scenario": "total_failure"})
    thanx.advance(15)
    found = job(thanx, identifier)
    assert (found["state"], found["processed_count"], found["progress_percent"]) == ("failed", 1, 50)
    assert "summary" not in found


def test_job_of_another_merchant_is_404(thanx: Client) -> None:
    identifier = issue(thanx)
    for merchant, theirs in ((OTHER_MERCHANT, identifier), (OTHER_MERCHANT, "job_xyz789"), (MERCHANT, "job_other1")):
        assert is_refused(get(thanx, theirs, merchant), 404, "not_found")
        assert is_refused(revoke(thanx, theirs, merchant), 404, "not_found")
    assert get(thanx, "job_other1", OTHER_MERCHANT).status == 200


# Revoke


def test_revoke_answers_202_with_a_revoking_job(thanx: Client) -> None:
    response = revoke(thanx, "job_xyz789")
    assert response.status == 202
    assert response.json == example("thanx", "revoking")
    assert list(response.json["issuance_job"]) == list(PRINTED_PENDING)


@pytest.mark.parametrize("said", [{}, {"merchant_id": None}, {"merchant_id": ""}, [], None])
def test_revoke_requires_the_merchant(thanx: Client, said: Any) -> None:
    assert is_refused(thanx.post("/partner/issuance_jobs/job_xyz789/revoke", said), 400)


@pytest.mark.parametrize(("scenario", "state"), [("success", "completed"), ("total_failure", "failed")])
def test_completed_and_failed_jobs_can_be_revoked(thanx: Client, scenario: str, state: str) -> None:
    identifier = issue(thanx, headers={"x-mock-scenario": scenario})
    thanx.advance(15)
    assert job(thanx, identifier)["state"] == state
    assert revoke(thanx, identifier).status == 202
    assert job(thanx, identifier)["state"] == "revoking"


@pytest.mark.parametrize(("seconds", "state"), [(0, "pending"), (5, "processing"), (14.999, "processing")])
def test_unfinished_job_cannot_be_revoked(thanx: Client, seconds: float, state: str) -> None:
    identifier = issue(thanx)
    thanx.advance(seconds)
    assert job(thanx, identifier)["state"] == state
    assert is_refused(revoke(thanx, identifier), 422, "job_not_finished")
    assert job(thanx, identifier)["state"] == state


@pytest.mark.parametrize(("seconds", "state"), [(0, "revoking"), (60, "revoked")])
def test_revoked_job_cannot_be_revoked_again(thanx: Client, seconds: float, state: str) -> None:
    assert revoke(thanx, "job_xyz789").status == 202
    thanx.advance(seconds)
    assert job(thanx, "job_xyz789")["state"] == state
    assert is_refused(revoke(thanx, "job_xyz789"), 422, "job_already_revoked")


def test_revoking_job_ends_as_revoked(thanx: Client) -> None:
    revoking = revoke(thanx, "job_xyz789").json["issuance_job"]
    states = [found["state"] for found in timeline(thanx, "job_xyz789")]
    assert list(dict.fromkeys(states)) == ["revoking", "revoked"]
    assert job(thanx, "job_xyz789") == revoking | {"state": "revoked"}


def test_revoke_in_no_time_is_still_answered_with_a_revoking_job(thanx: Client) -> None:
    response = revoke(thanx, "job_xyz789", headers={"x-mock-scenario": "instant"})
    assert (response.status, response.json["issuance_job"]["state"]) == (202, "revoking")
    assert job(thanx, "job_xyz789")["state"] == "revoked"


# Campaigns


def test_list_shows_the_active_campaigns_of_the_merchant(thanx: Client) -> None:
    assert [c["id"] for c in campaigns(thanx).json["campaigns"]] == ["camp_abc123"]
    assert [c["id"] for c in campaigns(thanx, OTHER_MERCHANT).json["campaigns"]] == ["camp_other1"]
    assert thanx.get("/partner/campaigns/camp_ended1").status == 200


def test_list_requires_the_merchant(thanx: Client) -> None:
    assert is_refused(thanx.get("/partner/campaigns"), 400)


def test_list_gets_the_printed_page(thanx: Client) -> None:
    response = campaigns(thanx)
    assert response.status == 200
    assert response.json == example("thanx", "campaigns")


def test_list_pages_through_the_campaigns(thanx: Client) -> None:
    def ids(**query: Any) -> list[str]:
        return [c["id"] for c in campaigns(thanx, BUSY_MERCHANT, **query).json["campaigns"]]

    everything = [f"camp_many{number:02}" for number in range(1, 13)]
    assert ids(per_page=100) == everything
    assert ids() == ids(page=1) == ids(per_page=10) == everything[:10]
    assert ids(page=2) == everything[10:]
    assert ids(page=3, per_page=5) == everything[10:]
    for page, per_page, pages in ((1, 10, 2), (1, 12, 1), (3, 5, 3), (2, 1, 12)):
        pagination = campaigns(thanx, BUSY_MERCHANT, page=page, per_page=per_page).json["pagination"]
        assert pagination == {"current_page": page, "per_page": per_page, "total_pages": pages}


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=x", "page=1.5", "page=", "per_page=0", "per_page=101"])
def test_list_refuses_a_page_that_cannot_be(thanx: Client, query: str) -> None:
    assert is_refused(thanx.get(f"/partner/campaigns?merchant_id={MERCHANT}&{query}"), 400)


@pytest.mark.parametrize("page", [2, 1_000_000])
def test_page_behind_the_last_is_empty(thanx: Client, page: int) -> None:
    response = campaigns(thanx, page=page)
    assert response.status == 200
    assert response.json == {"campaigns": [], "pagination": {"current_page": page, "per_page": 10, "total_pages": 1}}
    assert is_refused(campaigns(thanx, page=1_000_001), 400)


def test_get_campaign_gets_the_printed_campaign(thanx: Client) -> None:
    response = thanx.get("/partner/campaigns/camp_abc123")
    assert response.status == 200
    assert response.json == {"campaign": PRINTED_CAMPAIGN}
    assert is_refused(thanx.get("/partner/campaigns/camp_none"), 404, "not_found")


# Access

REQUESTS = {
    "listCampaigns": ("GET", f"/partner/campaigns?merchant_id={MERCHANT}", None),
    "getCampaign": ("GET", "/partner/campaigns/camp_abc123", None),
    "issueRewards": ("POST", ISSUE, body()),
    "getIssuanceJob": ("GET", f"/partner/issuance_jobs/job_xyz789?merchant_id={MERCHANT}", None),
    "revokeIssuanceJob": ("POST", "/partner/issuance_jobs/job_xyz789/revoke", {"merchant_id": MERCHANT}),
}
operations = pytest.mark.parametrize("operation", [operation.id for operation in contract("thanx").operations])


def send(client: Client, operation: str, **headers: str | None) -> Response:
    """A good request of an operation, with other headers."""
    method, path, said = REQUESTS[operation]
    return client.request(method, path, json=said, headers={k.replace("_", "-"): v for k, v in headers.items()})


@operations
@pytest.mark.parametrize(
    "said", [None, "", "Bearer", "Bearer unknown", "Basic test-token", "Bearer test-token-expired"]
)
def test_call_without_a_valid_token_is_401(thanx: Client, operation: str, said: str | None) -> None:
    assert is_refused(send(thanx, operation, authorization=said), 401, "not_authenticated")


@operations
@pytest.mark.parametrize("said", [None, "", "unknown", "test-token"])
def test_call_without_a_known_client_is_401(thanx: Client, operation: str, said: str | None) -> None:
    assert send(thanx, operation).status < 300
    assert is_refused(send(thanx, operation, x_clientid=said), 401, "not_authenticated")


@operations
def test_call_without_the_scope_is_403(thanx: Client, operation: str) -> None:
    assert is_refused(send(thanx, operation, authorization="Bearer test-token-no-scope"), 403, "missing_scope")


@operations
@pytest.mark.parametrize("said", [None, "", "v3.0", "4.0", "V4.0"])
def test_call_without_version_4_is_400(thanx: Client, operation: str, said: str | None) -> None:
    response = send(thanx, operation, accept_version=said)
    assert is_refused(response, 400)
    assert response.json["error"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("operation", ["issueRewards", "revokeIssuanceJob"])
@pytest.mark.parametrize(
    "said", [None, "", "text/plain", "application/x-www-form-urlencoded", "json", "text/json; a=b"]
)
def test_body_that_is_not_json_is_415(thanx: Client, operation: str, said: str | None) -> None:
    assert send(thanx, operation, content_type="Application/JSON; charset=UTF-8").status == 202
    assert is_refused(send(thanx, operation, content_type=said), 415)


@operations
@pytest.mark.parametrize("said", [None, "curl/8.5.0", "partner/1.0.0"])
def test_any_user_agent_is_served(thanx: Client, operation: str, said: str | None) -> None:
    assert send(thanx, operation, user_agent=said).status < 300


def test_unknown_merchant_is_404(thanx: Client) -> None:
    assert is_refused(campaigns(thanx, "unknown"), 404, "not_found")
    assert is_refused(get(thanx, "job_xyz789", "unknown"), 404, "not_found")
    assert is_refused(revoke(thanx, "job_xyz789", "unknown"), 404, "not_found")
    assert is_refused(thanx.post(ISSUE, body(merchant_id="unknown")), 404, "not_found")


# Errors and limits


def test_every_error_has_the_envelope(thanx: Client) -> None:
    codes: dict[int, tuple[dict[str, Any], str]] = {
        400: ({"method": "POST", "path": ISSUE, "json": {}}, "BAD_REQUEST"),
        401: ({"headers": {"authorization": None}}, "AUTHENTICATION_GENERIC"),
        403: ({"headers": {"authorization": "Bearer test-token-no-scope"}}, "FORBIDDEN"),
        404: ({"path": "/partner/campaigns/camp_none"}, "RESOURCE_NOT_FOUND"),
        405: ({"path": ISSUE}, "BAD_REQUEST"),
        406: ({"headers": {"accept": "text/html"}}, "BAD_REQUEST"),
        413: ({"method": "POST", "path": ISSUE, "content": b" " * (8 * 1024 * 1024 + 1)}, "BAD_REQUEST"),
        415: ({"method": "POST", "path": ISSUE, "content": b"{}"}, "BAD_REQUEST"),
        422: ({"method": "POST", "path": ISSUE, "json": body(users(3)), "headers": KEY}, "BAD_REQUEST"),
    }
    submit(thanx, headers=KEY)
    for status, (request, code) in codes.items():
        response = thanx.request(**{"method": "GET", "path": "/partner/campaigns/camp_abc123"} | request)
        assert is_refused(response, status)
        assert response.json["error"]["code"] == code


def test_unknown_job_is_404(thanx: Client) -> None:
    for unknown in ("job_none", "camp_abc123", "job", "%00", "%F0%9F%8E%81"):
        assert is_refused(get(thanx, unknown), 404, "not_found")
        assert is_refused(revoke(thanx, unknown), 404, "not_found")


@pytest.mark.parametrize("changes", [{"campaign_id": "camp_none"}, {"variant_id": "var_none"}])
def test_unknown_campaign_or_variant_is_404(thanx: Client, changes: dict[str, Any]) -> None:
    assert is_refused(thanx.post(ISSUE, body(**changes)), 404, "not_found")
    assert is_refused(get(thanx, "job_none"), 404, "not_found")


@pytest.mark.parametrize("said", [b"", b"{", b"[]", b'"text"', b"null", b'{"identifiers": 1}'])
def test_malformed_request_is_400_bad_request(thanx: Client, said: bytes) -> None:
    response = thanx.request("POST", ISSUE, content=said, headers={"content-type": "application/json"})
    assert is_refused(response, 400)
    assert response.json["error"]["code"] == "BAD_REQUEST"
    assert thanx.reason(response)["verdict"] == "refused"


def test_sixth_request_in_a_second_is_429(thanx: Client) -> None:
    assert [campaigns(thanx).status for _ in range(10)] == [200] * 10, "only where a scenario asks for it"
    thanx.scenario("thanx", "enforce_limits")
    assert [campaigns(thanx).status for _ in range(5)] == [200] * 5
    limited = campaigns(thanx)
    assert is_refused(limited, 429, "rate_limited")
    assert "retry-after" not in limited.headers
    assert send(thanx, "getCampaign", authorization="Bearer test-token-other").status == 200


def test_limited_request_succeeds_later(thanx: Client) -> None:
    thanx.scenario("thanx", "enforce_limits")
    assert [campaigns(thanx).status for _ in range(6)][-1] == 429
    thanx.advance(0.999)
    assert campaigns(thanx).status == 429
    thanx.advance(0.001)
    assert campaigns(thanx).status == 200


def test_2001st_request_in_15_minutes_is_429(thanx: Client) -> None:
    thanx.scenario("thanx", "enforce_limits")
    for _ in range(400):
        assert [campaigns(thanx).status for _ in range(5)] == [200] * 5
        thanx.advance(1)
    assert is_refused(campaigns(thanx), 429, "rate_limited")
    thanx.advance(499)
    assert is_refused(campaigns(thanx), 429, "rate_limited")
    thanx.advance(1)
    assert campaigns(thanx).status == 200
