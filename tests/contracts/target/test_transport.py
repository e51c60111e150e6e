"""The way to the target: patience, rate, budget, and what must not be sent."""

from __future__ import annotations

import io
import itertools
import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import requests
import urllib3
from hypothesis import given
from hypothesis import strategies as st

from contracts.target.budget import Budget, BudgetSpentError
from contracts.target.exchange import Exchange, Request, Response
from contracts.target.transport import (
    ATTEMPTS,
    ForbiddenError,
    Pace,
    Transport,
    UnreachableError,
    as_answer,
    as_response,
    retry_after,
)

GET = Request("GET", "http://target.test/~mine/jobs", {})


@dataclass(slots=True)
class Scripted:
    """A wire that answers as it is told: a status with headers, or None for a dropped connection."""

    answers: Iterator[tuple[int, dict[str, str]] | None]
    sent: list[str] = field(default_factory=list)

    def send(self, request: requests.PreparedRequest, _timeout: float, /) -> requests.Response:
        self.sent.append(request.url or "")
        answer = next(self.answers)
        if answer is None:
            raise requests.exceptions.ConnectionError("Connection reset by peer")
        raw = urllib3.HTTPResponse(body=io.BytesIO(b"{}"), status=answer[0], headers=answer[1], preload_content=False)
        return requests.adapters.HTTPAdapter().build_response(request, raw)


def transport(
    *answers: tuple[int, dict[str, str]] | None, budget: Budget | None = None, rate: float | None = None
) -> tuple[Transport, list[float]]:
    slept: list[float] = []
    wire = Scripted(iter(answers))
    made = Transport(wire, budget or Budget(), rate=rate, sleep=slept.append, jitter=lambda: 1.0)
    return made, slept


def test_retry_after_is_honoured() -> None:
    made, slept = transport((429, {"Retry-After": "7"}), (200, {}))
    assert made.exchange(GET).status == 200
    assert slept == [7.0]


def test_without_retry_after_the_wait_grows() -> None:
    made, slept = transport((429, {}), (429, {}), (429, {}), (200, {}))
    assert made.exchange(GET).status == 200
    assert slept == sorted(slept)
    assert slept[2] == 4 * slept[0]


def test_a_target_that_never_has_time_is_heard_in_the_end() -> None:
    made, _ = transport(*[(429, {"Retry-After": "0"})] * ATTEMPTS)
    assert made.exchange(GET).status == 429


def test_a_dropped_connection_is_tried_again() -> None:
    made, _ = transport(None, None, (200, {}))
    assert made.exchange(GET).status == 200


def test_a_target_that_always_drops_is_unreachable() -> None:
    made, _ = transport(*[None] * ATTEMPTS)
    with pytest.raises(UnreachableError, match="connection reset"):
        made.exchange(GET)


def test_waiting_never_outlasts_the_budget() -> None:
    made, slept = transport((429, {"Retry-After": "3600"}), (200, {}), budget=Budget(seconds=60))
    with pytest.raises(BudgetSpentError, match="3600"):
        made.exchange(GET)
    assert slept == []


def test_requests_are_counted() -> None:
    made, _ = transport(*[(200, {})] * 3, budget=Budget(requests=2))
    made.exchange(GET)
    made.exchange(GET)
    with pytest.raises(BudgetSpentError, match="2 requests"):
        made.exchange(GET)


def test_what_is_forbidden_is_not_sent() -> None:
    wire = Scripted(iter([(200, {})]))
    made = Transport(wire, Budget())
    made.allowed = lambda method, url: method == "GET"
    with pytest.raises(ForbiddenError):
        made.exchange(Request("POST", GET.url, {}, b"{}"))
    assert wire.sent == []


def test_observers_hear_everything_with_its_session() -> None:
    heard: list[Exchange] = []
    made, _ = transport((429, {"Retry-After": "0"}), (200, {}))
    made.observers.append(heard.append)
    made.exchange(GET)
    assert [(one.number, one.status, one.session) for one in heard] == [(1, 429, "mine"), (2, 200, "mine")]


@given(st.floats(0.5, 1000), st.lists(st.floats(0, 0.5), min_size=1, max_size=50))
def test_no_more_requests_than_the_rate(rate: float, gaps: list[float]) -> None:
    pace, now, went = Pace(rate), 0.0, []
    for gap in gaps:
        now += gap
        now += pace.slot(now)
        went.append(now)
    assert all(later - earlier >= 1 / rate - 1e-9 for earlier, later in itertools.pairwise(went))


@pytest.mark.parametrize(("text", "seconds"), [("5", 5.0), ("", None), ("soon", None), (None, None)])
def test_retry_after_is_a_number(text: str | None, seconds: float | None) -> None:
    assert retry_after(text) == seconds


def test_retry_after_may_be_a_date() -> None:
    assert retry_after("Thu, 01 Jan 1970 00:00:00 GMT") == 0.0
    assert (retry_after("Thu, 01 Jan 2099 00:00:00 GMT") or 0) > 1e6


def test_a_budget_counts_time_down() -> None:
    now = [0.0]
    budget = Budget(seconds=10, clock=lambda: now[0])
    now[0] = 4.0
    assert (budget.elapsed, budget.left) == (4.0, 6.0)
    now[0] = 11.0
    assert budget.left == 0.0
    with pytest.raises(BudgetSpentError, match="10 s"):
        budget.spend()
    assert Budget().left == math.inf


def test_what_is_kept_of_a_budget_is_not_spent_and_is_named() -> None:
    now = [0.0]
    budget = Budget(seconds=50, kept=5, clock=lambda: now[0])
    now[0] = 44.0
    assert budget.left == 1.0
    assert budget.over == ""
    now[0] = 45.0
    assert budget.over == "the budget of 50 s is spent; 5 s of it are for leaving the target as it was"


class Backwards:
    """A wire that answers nobody before all have asked, and then the last first."""

    def __init__(self, count: int) -> None:
        self.all = threading.Barrier(count)
        self.over = [threading.Event() for _ in range(count + 1)]
        self.over[count].set()

    def send(self, request: requests.PreparedRequest, _timeout: float, /) -> requests.Response:
        number = int((request.url or "").rpartition("/")[2])
        self.all.wait(10)
        self.over[number + 1].wait(10)
        self.over[number].set()
        return as_answer(request, Response(200, {}, str(number).encode()))


def test_calls_at_the_same_time_go_out_together_and_are_told_of_in_their_order() -> None:
    made = Transport(Backwards(4), Budget())
    heard: list[bytes] = []
    made.observers.append(lambda exchange: heard.append(exchange.response.body))
    answers = made.together(
        [
            lambda number=number: made.exchange(Request("GET", f"http://target.test/{number}", {}))  # type: ignore[misc]  # mypy infers no lambda with a default
            for number in range(4)
        ]
    )
    assert heard == [b"0", b"1", b"2", b"3"]
    assert [answer.number for answer in answers] == [1, 2, 3, 4]


def test_an_answer_comes_back_as_it_was() -> None:
    request = requests.Request("GET", "http://target.test/").prepare()
    response = Response(422, {"content-type": "text/plain", "content-encoding": "gzip"}, b"plain by now", 1.25)
    assert as_response(as_answer(request, response)) == response


class Dying:
    """A wire to a server that answers so often, and then is no longer there."""

    def __init__(self, answers: int) -> None:
        self.left = answers

    def send(self, request: requests.PreparedRequest, _timeout: float, /) -> requests.Response:
        if self.left == 0:
            raise requests.exceptions.ConnectionError(ConnectionRefusedError(111, "Connection refused"))
        self.left -= 1
        return as_answer(request, Response(200, {}, b"{}"))


def test_the_first_request_of_a_silence_is_remembered() -> None:
    made = Transport(Dying(2), Budget(), sleep=lambda seconds: None)
    made.exchange(GET)
    made.exchange(GET)
    assert made.silent_since == ""
    for request in (Request("POST", "http://target.test/crash", {}), GET):
        with pytest.raises(UnreachableError):
            made.exchange(request)
    assert made.silent_since == "POST http://target.test/crash"


@pytest.mark.parametrize(("left", "error"), [(5.0, BudgetSpentError), (300.0, UnreachableError)])
def test_an_answer_that_the_budget_cuts_short_is_no_fault_of_the_target(left: float, error: type[Exception]) -> None:
    class Slow:
        def send(self, request: requests.PreparedRequest, timeout: float, /) -> requests.Response:
            raise requests.ReadTimeout("timed out")

    made = Transport(Slow(), Budget(left), sleep=lambda seconds: None)
    with pytest.raises(error):
        made.exchange(GET)
    assert bool(made.silent_since) is (error is UnreachableError)
