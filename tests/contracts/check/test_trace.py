"""What a finding is shown with: what made the names it asks with, what was written to them, and the time in between."""

from __future__ import annotations

from collections.abc import Callable

import orjson
from hypothesis import given
from hypothesis import strategies as st

from contracts.check.trace import EACH, History, Sequences
from contracts.stub import inside
from contracts.target.exchange import Exchange, Request, Response
from contracts.target.subject import load_subject

SUBJECT = load_subject("thanx")
TARGET = inside("thanx")[0]
ROOT = "http://target.test/~session"


def exchange(
    number: int,
    method: str,
    path: str,
    answer: object = None,
    *,
    status: int = 200,
    sent: object = None,
    session: str = "session",
    operation: str = "something",
) -> Exchange:
    body = b"" if sent is None else orjson.dumps(sent)
    response = Response(status, {"content-type": "application/json"}, orjson.dumps(answer))
    return Exchange(number, Request(method, ROOT + path, {}, body), response, operation, session=session)


def waiting(number: int, seconds: float) -> Exchange:
    return exchange(number, "POST", "/_mock/clock/advance", {}, sent={"seconds": seconds}, operation="")


def sequences(*exchanges: Exchange) -> Sequences:
    history = History()
    for one in exchanges:
        history(one)
    return history.sequences(SUBJECT, TARGET)


def numbers(exchanges: tuple[Exchange, ...]) -> list[int]:
    return [one.number for one in exchanges]


def least(found: Sequences, *evidence: Exchange) -> list[int]:
    return numbers(next(found.leading_to(evidence)))


def test_what_made_a_name_comes_first_and_what_made_that() -> None:
    campaign = exchange(1, "POST", "/campaigns", {"id": "camp-4711"})
    other = exchange(2, "POST", "/campaigns", {"id": "camp-4712"})
    job = exchange(3, "POST", "/jobs", {"id": "job-0815", "campaign": "camp-4711"}, sent={"campaign": "camp-4711"})
    read = exchange(4, "GET", "/jobs/job-0815", {"id": "job-0815"})
    look = exchange(5, "GET", "/jobs/job-0815?since=0", {})
    assert least(sequences(campaign, other, job, read, look), look) == [1, 3, 5]


def test_what_was_written_to_a_named_thing_comes_too() -> None:
    job = exchange(1, "POST", "/jobs", {"id": "job-0815"})
    other = exchange(2, "POST", "/jobs", {"id": "job-0816"})
    revoked = exchange(3, "POST", "/jobs/job-0815/revoke", {})
    refused = exchange(4, "POST", "/jobs/job-0815/revoke", {}, status=409)
    elsewhere = exchange(5, "POST", "/jobs/job-0816/revoke", {})
    look = exchange(6, "GET", "/jobs/job-0815", {})
    assert least(sequences(job, other, revoked, refused, elsewhere, look), look) == [1, 3, 6]


def test_waits_in_a_row_are_one() -> None:
    job = exchange(1, "POST", "/jobs", {"id": "job-0815"})
    polls = [exchange(3, "GET", "/jobs/job-0815", {}), exchange(5, "GET", "/jobs/job-0815", {})]
    look = exchange(7, "GET", "/jobs/job-0815", {})
    found = sequences(job, waiting(2, 1.0), polls[0], waiting(4, 2.5), polls[1], waiting(6, 0.5), look)
    shown = next(found.leading_to((look,)))
    assert numbers(shown) == [1, 6, 7]
    assert orjson.loads(shown[1].request.body) == {"seconds": 4}


def test_a_wait_stays_on_its_side_of_an_answer() -> None:
    first, second = exchange(2, "GET", "/jobs/job-0815", {}), exchange(4, "GET", "/jobs/job-0815", {})
    found = sequences(waiting(1, 1.0), first, waiting(3, 2.0), second, waiting(5, 9.0))
    assert least(found, first, second) == [1, 2, 3, 4]


def test_a_name_of_the_contract_or_of_the_target_was_made_by_nobody() -> None:
    known = str(TARGET.data["campaign_id"])
    listed = exchange(1, "GET", "/campaigns", {"id": known, "state": "completed"})
    look = exchange(2, "GET", f"/campaigns/{known}?state=completed", {})
    assert least(sequences(listed, look), look) == [2]


def test_a_name_that_only_came_later_was_not_made_before() -> None:
    look = exchange(1, "GET", "/jobs/job-0815", {}, status=404)
    job = exchange(2, "POST", "/jobs", {"id": "job-0815"})
    assert least(sequences(look, job), look) == [1]


def test_more_and_more_of_the_session_where_the_least_does_not_do() -> None:
    read = exchange(1, "GET", "/jobs", [])
    job = exchange(2, "POST", "/jobs", {"id": "job-0815"}, status=409)
    look = exchange(3, "GET", "/list", [])
    reached = sequences(read, job, look).leading_to((look,))
    assert [numbers(one) for one in reached] == [[3], [2, 3], [1, 2, 3]]


def test_a_session_that_is_not_the_judges_own_is_not_sent_whole() -> None:
    job = exchange(1, "POST", "/jobs", {"id": "job-0815"}, session="")
    look = exchange(2, "GET", "/list", [], session="")
    assert [numbers(one) for one in sequences(job, look).leading_to((look,))] == [[2]]


def test_evidence_of_two_sessions_stays_as_it_is() -> None:
    first, second = exchange(1, "GET", "/a", {}, session="one"), exchange(2, "GET", "/a", {}, session="two")
    assert [numbers(one) for one in sequences(first, second).leading_to((first, second))] == [[1, 2]]


def test_the_oldest_is_forgotten() -> None:
    history = History(most=2 * EACH + 100)
    for number in range(1, 6):
        history(exchange(number, "GET", "/"))
    assert [one.number for one in history.kept] == [4, 5]
    history(exchange(6, "GET", "/", "x" * 2 * EACH))
    assert [one.number for one in history.kept] == []


@given(
    st.lists(
        st.one_of(
            st.floats(0.5, 9.5).map(lambda seconds: lambda number: waiting(number, seconds)),
            st.tuples(
                st.sampled_from(["GET", "POST"]), st.sampled_from(["name-1", "name-2"]), st.sampled_from([0, 1])
            ).map(lambda drawn: lambda number: exchange(number, drawn[0], f"/{drawn[1]}", {"id": f"name-{drawn[2]}"})),
        ),
        max_size=12,
    )
)
def test_a_sequence_is_in_order_ends_with_the_evidence_and_takes_as_long(made: list[Callable[[int], Exchange]]) -> None:
    sent = [make(number) for number, make in enumerate(made, 1)]
    look = exchange(len(sent) + 1, "GET", "/name-1", {})
    spent = sum(one.sent["seconds"] for one in sent if one.operation == "")
    for shown in sequences(*sent, look).leading_to((look,)):
        assert numbers(shown) == sorted(set(numbers(shown)))
        assert shown[-1] == look
        assert abs(sum(one.sent["seconds"] for one in shown if one.operation == "") - spent) < 1e-6


def test_a_short_name_counts_where_a_path_is_filled_with_it() -> None:
    listed = exchange(1, "GET", "/partner/campaigns", {"id": "j7"}, operation="listCampaigns")
    job = exchange(2, "POST", "/partner/campaigns/issue", {"id": "j7"}, operation="issueRewards")
    look = exchange(3, "GET", "/partner/issuance_jobs/j7?page=j7", {}, operation="getIssuanceJob")
    other = exchange(4, "GET", "/partner/campaigns?page=j7", {}, operation="listCampaigns")
    found = sequences(listed, job, look, other)
    assert least(found, look) == [2, 3]
    assert least(found, other) == [4]
