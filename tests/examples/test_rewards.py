"""How a team tests its client with the stub: real requests over a socket, virtual time, milliseconds of real time."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from mockserver.remote import MockSession
from tests.examples.rewards import Outcome, RewardsClient, RewardsError

MERCHANT, CAMPAIGN, VARIANT = "k2lye10h32l5wzo", "camp_abc123", "var_treat1"
HEADERS = {"Authorization": "Bearer test-token", "X-ClientId": "test-client", "Accept-Version": "v4.0"}


@pytest.fixture
def rewards(mock_session: MockSession) -> Iterator[RewardsClient]:
    with httpx.Client(base_url=mock_session.base_url("thanx"), headers=HEADERS) as http:
        yield RewardsClient(http, wait=mock_session.clock.advance)


def issue(rewards: RewardsClient, *emails: str, key: str = "order-1") -> Outcome:
    return rewards.issue(MERCHANT, CAMPAIGN, VARIANT, emails, key)


def test_everybody_gets_a_reward(rewards: RewardsClient) -> None:
    assert issue(rewards, "jane@example.com", "joe@example.com") == Outcome(2, {})


def test_who_failed_is_told_with_the_reason(rewards: RewardsClient) -> None:
    outcome = issue(rewards, "jane@example.com", "unregistered@example.com")
    assert outcome == Outcome(1, {"unregistered@example.com": "User not found"})


def test_a_scenario_makes_every_second_fail(rewards: RewardsClient, mock_session: MockSession) -> None:
    mock_session.scenario("partial_failure")
    outcome = issue(rewards, *(f"user{number}@example.com" for number in range(6)))
    assert outcome.issued == 3
    assert list(outcome.failed) == ["user1@example.com", "user3@example.com", "user5@example.com"]


def test_a_job_that_fails_as_a_whole_is_an_error(rewards: RewardsClient, mock_session: MockSession) -> None:
    mock_session.scenario("total_failure")
    with pytest.raises(RewardsError, match="is failed after 1 identifiers"):
        issue(rewards, "jane@example.com", "joe@example.com")


def test_a_stuck_job_is_given_up_on(rewards: RewardsClient, mock_session: MockSession) -> None:
    mock_session.scenario("stuck")
    with pytest.raises(RewardsError, match="still processing"):
        issue(rewards, "jane@example.com")


def test_a_rate_limit_is_an_error_with_the_providers_words(rewards: RewardsClient, mock_session: MockSession) -> None:
    mock_session.scenario("rate_limited")
    with pytest.raises(RewardsError, match="429 GENERIC_ERROR"):
        issue(rewards, "jane@example.com")


def test_the_same_key_issues_nothing_twice(rewards: RewardsClient, mock_session: MockSession) -> None:
    first = issue(rewards, "jane@example.com", key="order-7")
    assert issue(rewards, "jane@example.com", key="order-7") == first
    assert len(mock_session.jobs) == 1


def test_the_journal_has_what_the_client_sent(rewards: RewardsClient, mock_session: MockSession) -> None:
    issue(rewards, "jane@example.com", key="order-8")
    sent = mock_session.requests[0]
    assert (sent.operation, sent.status) == ("issueRewards", 202)
    assert sent.headers["x-idempotency-key"] == "order-8"
    assert sent.headers["authorization"] == "***"
    assert sent.json()["identifiers"] == [{"type": "email", "value": "jane@example.com"}]
