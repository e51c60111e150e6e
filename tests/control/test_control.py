"""The control API: the test's hands on time, scenarios, jobs, sessions and the journal."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import Client
from tests.server import ISSUE

MERCHANT = "k2lye10h32l5wzo"


def submit(thanx: Client, *emails: str) -> str:
    items = [{"type": "email", "value": email} for email in emails or ("jane@example.com",)]
    job: str = thanx.post("/partner/campaigns/issue", {**ISSUE, "identifiers": items}).json["issuance_job"]["id"]
    return job


def job(thanx: Client, identifier: str) -> Any:
    return thanx.get(f"/partner/issuance_jobs/{identifier}?merchant_id={MERCHANT}").json["issuance_job"]


def test_time_stands_still_until_it_is_moved(thanx: Client) -> None:
    before = thanx.control("GET", "/clock")
    assert before["frozen"] is True
    thanx.control("POST", "/clock/advance", {"seconds": 90.5})
    assert before["now"] == "2026-01-01T00:00:00.000Z"
    assert thanx.control("GET", "/clock")["now"] == "2026-01-01T00:01:30.500Z"


def test_a_rate_lets_time_run_and_freeze_stops_it(thanx: Client) -> None:
    assert thanx.control("POST", "/clock/rate", {"rate": 60}) == {
        "now": "2026-01-01T00:00:00.000Z",
        "rate": 60,
        "frozen": False,
    }
    assert thanx.control("POST", "/clock/freeze")["frozen"] is True


@pytest.mark.parametrize("body", [{"seconds": -1}, {"seconds": "30"}, {}, {"seconds": 1, "minutes": 1}, [], None])
def test_time_only_moves_forward_by_a_number(thanx: Client, body: Any) -> None:
    answer = thanx.control("POST", "/clock/advance", body)
    assert answer["status"] == 400 or answer["status"] == 415
    assert thanx.control("GET", "/clock")["now"] == "2026-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"provider": "thanks", "scenario": "stuck"}, "did you mean 'thanx'?"),
        ({"provider": "thanx", "scenario": "stuk"}, "did you mean 'stuck'?"),
    ],
)
def test_a_name_that_is_unknown_comes_back_with_the_nearest(thanx: Client, body: Any, said: str) -> None:
    assert said in thanx.control("PUT", "/scenario", body)["detail"]


def test_scenarios_are_listed_with_what_is_chosen(thanx: Client) -> None:
    thanx.scenario("thanx", "stuck")
    listed = thanx.control("GET", "/scenarios")["thanx"]
    assert listed["chosen"] == "stuck"
    assert "partial_failure" in listed["plans"]
    assert "rate_limited" in listed["responses"]


def test_a_held_job_waits_however_much_time_passes(thanx: Client) -> None:
    identifier = submit(thanx)
    thanx.advance(7)
    assert thanx.control("POST", f"/jobs/{identifier}/hold")["held"] is True
    thanx.advance(10_000)
    assert job(thanx, identifier)["state"] == "processing"
    thanx.control("POST", f"/jobs/{identifier}/release")
    thanx.advance(7)
    assert job(thanx, identifier)["state"] == "processing"
    thanx.advance(1)
    assert job(thanx, identifier)["state"] == "completed"


def test_a_stuck_job_stays_half_done_until_it_is_released(thanx: Client) -> None:
    thanx.scenario("thanx", "stuck")
    identifier = submit(thanx, *(f"u{number}@example.com" for number in range(10)))
    thanx.advance(10_000)
    stuck = job(thanx, identifier)
    assert (stuck["state"], stuck["processed_count"], stuck["progress_percent"]) == ("processing", 5, 50)
    thanx.control("POST", f"/jobs/{identifier}/release")
    thanx.advance(5)
    assert job(thanx, identifier)["state"] == "completed"


def test_a_job_can_be_made_to_fail_once(thanx: Client) -> None:
    identifier = submit(thanx)
    assert thanx.control("POST", f"/jobs/{identifier}/fail", {"error": "out of stock"})["state"] == "failed"
    assert job(thanx, identifier)["state"] == "failed"
    assert thanx.control("POST", f"/jobs/{identifier}/fail")["status"] == 409


@pytest.mark.parametrize("verb", ["hold", "release", "fail"])
def test_an_unknown_job_is_404(thanx: Client, verb: str) -> None:
    assert thanx.control("POST", f"/jobs/job_nobody/{verb}")["status"] == 404


def test_jobs_are_listed_newest_first_with_their_way(thanx: Client) -> None:
    first, second = submit(thanx), submit(thanx)
    thanx.advance(5)
    listed = thanx.control("GET", "/jobs")["jobs"]
    assert [row["id"] for row in listed] == [second, first]
    assert [step["state"] for step in listed[0]["entered"]] == ["pending", "processing"]
    assert len(thanx.control("GET", "/jobs?limit=1")["jobs"]) == 1


def test_the_journal_is_read_by_pages(thanx: Client) -> None:
    for _ in range(5):
        thanx.get("/nowhere")
    page = thanx.control("GET", "/journal?after=2&limit=2")["entries"]
    assert [entry["id"] for entry in page] == [3, 4]
    assert thanx.control("GET", "/journal/99")["status"] == 404


def test_reset_starts_over_and_leaves_others_alone(thanx: Client) -> None:
    other = Client(thanx.stub, "thanx", session="bystander", headers=thanx.headers)
    kept = submit(other)
    lost = submit(thanx)
    thanx.advance(100)
    thanx.control("POST", "/reset")
    assert thanx.control("GET", "/clock")["now"] == "2026-01-01T00:00:00.000Z"
    assert "error" in thanx.get(f"/partner/issuance_jobs/{lost}?merchant_id={MERCHANT}").json
    assert job(other, kept)["id"] == kept


def test_sessions_are_listed_and_deleted(thanx: Client) -> None:
    submit(thanx)
    name = thanx.base.split("/")[1][1:]
    assert name in thanx.control("GET", "/sessions")["sessions"]
    assert thanx.control("DELETE", f"/sessions/{name}") == {"session": name}
    assert thanx.control("GET", "/jobs") == {"jobs": []}
    assert thanx.control("DELETE", "/sessions/nobody")["status"] == 404


def test_it_is_an_openapi_document_that_names_all_its_operations(thanx: Client) -> None:
    document = thanx.control("GET", "/openapi.json")
    assert document["openapi"] == "3.1.0"
    assert "/_mock/clock/advance" in document["paths"]
