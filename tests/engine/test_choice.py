"""What chooses the scenario of a request, strongest first: header, Prefer, test value, session, default."""

from __future__ import annotations

from itertools import combinations

import pytest

from tests.client import Client
from tests.server import ISSUE

PATH = "/partner/campaigns/issue"
# What chooses, strongest first, and what the journal then names.
SOURCES = {"header": "instant", "prefer": "code=422", "test value": "stuck", "session": "rate_limited"}


SUBSETS = [present for size in range(len(SOURCES) + 1) for present in combinations(SOURCES, size)]


@pytest.mark.parametrize("present", SUBSETS, ids=lambda present: " and ".join(present) or "none")
def test_the_strongest_that_is_there_chooses(thanx: Client, present: tuple[str, ...]) -> None:
    names = {"header": "x-mock-scenario", "prefer": "prefer"}
    headers = {name: SOURCES[source] for source, name in names.items() if source in present}
    email = "stuck@example.com" if "test value" in present else "jane@example.com"
    if "session" in present:
        thanx.scenario("thanx", SOURCES["session"])
    answer = thanx.post(PATH, {**ISSUE, "identifiers": [{"type": "email", "value": email}]}, headers=headers)
    strongest = next(iter(present), "")
    assert thanx.reason(answer)["scenario"] == SOURCES.get(strongest, "")
    assert answer.status == {"prefer": 422, "session": 429}.get(strongest, 202)


def test_a_head_chooses_before_credentials_are_asked_for_and_a_setting_after(thanx: Client) -> None:
    nobody = {"Authorization": None}
    assert thanx.post(PATH, ISSUE, headers={**nobody, "x-mock-scenario": "rate_limited"}).status == 429
    assert thanx.post(PATH, ISSUE, headers={**nobody, "prefer": "code=429"}).status == 429
    thanx.scenario("thanx", "rate_limited")
    assert thanx.post(PATH, ISSUE, headers=nobody).status == 401


def test_prefer_beats_the_session(thanx: Client) -> None:
    thanx.scenario("thanx", "rate_limited")
    assert thanx.post(PATH, ISSUE, headers={"prefer": "code=422"}).status == 422
    answer = thanx.post(PATH, ISSUE, headers={"prefer": 'code=404, example="not_found"'})
    assert (answer.status, answer.json["error"]["code"]) == (404, "RESOURCE_NOT_FOUND")


def test_other_preferences_are_none_of_ours(thanx: Client) -> None:
    assert thanx.post(PATH, ISSUE, headers={"prefer": "respond-async, wait=100"}).status == 202


@pytest.mark.parametrize(
    "prefer",
    ["code=299", "example=nonsense", "code=x", "code=" + "4" * 5_000, "code=404, example=rate_limited"],
    ids=lambda prefer: prefer[:40],
)
def test_a_preference_for_what_there_is_not_names_what_there_is(thanx: Client, prefer: str) -> None:
    answer = thanx.post(PATH, ISSUE, headers={"prefer": prefer})
    assert (answer.status, answer.json["title"]) == (400, "There is no such example")
    assert "422 idempotency_mismatch" in answer.json["detail"]
    entry = thanx.reason(answer)
    assert (entry["verdict"], entry["problem"]) == ("refused", "unknown_example")


def test_an_unknown_scenario_is_refused_with_the_nearest_name(thanx: Client) -> None:
    answer = thanx.post(PATH, ISSUE, headers={"x-mock-scenario": "partial_falure"})
    assert answer.status == 400
    assert "did you mean 'partial_failure'?" in answer.json["detail"]
    assert answer.headers["content-type"] == "application/problem+json"
