"""The one way to the target: every request of a run, whoever sends it, passes here.

It holds the rate, the budget, the patience with `429` and dropped connections, and tells every observer what happened.
It takes prepared requests of `requests`, so that Schemathesis sends through it too.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import random
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol

import requests
import urllib3
from requests.adapters import HTTPAdapter

from contracts.target.budget import Budget, BudgetSpentError
from contracts.target.exchange import Exchange, Request, Response
from contracts.target.network_errors import reason

Observer = Callable[[Exchange], None]
# How often one request is repeated when the target says 429 or drops the connection.
ATTEMPTS = 5
TIMEOUT = 30.0
_SESSION = re.compile(r"/~([A-Za-z0-9._-]+)/")


class ForbiddenError(Exception):
    """A request that this target must not be sent: it could change something there."""


class UnreachableError(Exception):
    """The target did not answer; the text says what happened instead."""


class Wire(Protocol):
    """What carries a request: the network, or an application in this process."""

    def send(self, request: requests.PreparedRequest, timeout: float, /) -> requests.Response:
        """Raises requests.RequestException when there is no answer."""


@dataclass(slots=True)
class Pace:
    """At most `rate` requests a second, evenly spread."""

    rate: float | None
    next_at: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def slot(self, now: float) -> float:
        """Seconds to wait before the next request may go."""
        if self.rate is None:
            return 0.0
        with self.lock:
            start = max(now, self.next_at)
            self.next_at = start + 1 / self.rate
            return start - now


class Transport:
    """Sends, waits, repeats and tells. `by` is who is asking, for the exchanges that follow."""

    def __init__(
        self,
        wire: Wire,
        budget: Budget,
        *,
        rate: float | None = None,
        identify: Callable[[str, str], str] = lambda method, url: "",
        allowed: Callable[[str, str], bool] = lambda method, url: True,
        by: str = "",
        observers: Iterable[Observer] = (),
        sleep: Callable[[float], None] | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.wire = wire
        self.budget = budget
        self.pace = Pace(rate)
        self.identify = identify
        self.observers = list(observers)
        self.by = by
        # Whether a request may go at all; the last guard of a target that must not be written to.
        self.allowed = allowed
        # Whether a 429 is waited out and repeated.
        self.patient = True
        self.at: Callable[[str], float] = lambda session: 0.0
        # The first request since the last answer: it may be what ended the target.
        self.silent_since = ""
        # A request that the target has answered.
        self.known: Request | None = None
        self.pause = sleep or self._pause
        self._jitter = jitter
        self._count = 0
        self._lock = threading.RLock()
        self._turn = threading.local()
        self.waited = 0.0

    def sleep(self, seconds: float) -> None:
        """Wait, but never past the end of the budget. Raises BudgetSpentError when there is not so much time left."""
        self._rest(self._afford(seconds))

    def deliver(self, request: requests.PreparedRequest) -> requests.Response:
        """One request, repeated while the target asks for patience. Raises requests.RequestException."""
        if not self.allowed(request.method or "", request.url or ""):
            raise ForbiddenError(f"{request.method} could change something at a target that must not be written to")
        for attempt in range(ATTEMPTS):
            self._rest(self._afford(None))
            try:
                timeout = min(TIMEOUT, self.budget.left + 1)
                response = self.wire.send(request, timeout)
            except requests.RequestException as error:
                self._await_turn()
                if isinstance(error, requests.Timeout) and timeout < TIMEOUT:
                    # It was given less time than an answer may take: that says something of the budget alone.
                    words = "an answer takes longer than the time that is left"
                    raise BudgetSpentError(self.budget.over or words) from None
                self.silent_since = self.silent_since or f"{request.method} {request.url}"
                if not isinstance(error, requests.exceptions.ConnectionError) or attempt + 1 == ATTEMPTS:
                    raise
                self.sleep(self._backoff(attempt) / 4)
                continue
            self._await_turn()
            self.silent_since = ""
            self._tell(request, response)
            if response.status_code != 429 or not self.patient or attempt + 1 == ATTEMPTS:
                return response
            self.sleep(retry_after(response.headers.get("Retry-After")) or self._backoff(attempt))
        raise AssertionError("a loop that returns or raises")

    def exchange(self, request: Request) -> Exchange:
        """Send a request as it is. Raises UnreachableError."""
        prepared = requests.PreparedRequest()
        prepared.prepare(method=request.method, url=request.url, headers=dict(request.headers), data=request.body)
        heard: list[Exchange] = []
        thread = threading.get_ident()

        def hear(exchange: Exchange) -> None:
            if threading.get_ident() == thread:
                heard.append(exchange)

        with self.observed(hear):
            try:
                self.deliver(prepared)
            except requests.RequestException as error:
                raise UnreachableError(reason(error)) from None
        return heard[-1]

    def together(self, calls: Sequence[Callable[[], Exchange]]) -> list[Exchange]:
        """Make several calls at the same time; the answers in the order of the calls.

        They go out together, and are told of one after the other in that order, whichever is answered first: so that
        the numbers of a run do not depend on who won. All of them are made, also where the first one fails: then its
        failure is raised.
        """
        over = [threading.Event() for _ in calls]

        def call(number: int) -> Exchange:
            self._turn.before = over[number - 1] if number else None
            try:
                return calls[number]()
            finally:
                over[number].set()

        with ThreadPoolExecutor(len(calls)) as pool:
            made = [pool.submit(call, number) for number in range(len(calls))]
        return [one.result() for one in made]

    def gone(self) -> bool:
        """Whether the target answers nothing any more, not even what it has answered before."""
        if self.known is None:
            return False
        try:
            self.exchange(self.known)
        except UnreachableError:
            return True
        return False

    @contextlib.contextmanager
    def impatient(self) -> Iterator[None]:
        """Take a 429 for the answer while the block runs."""
        self.patient = False
        try:
            yield
        finally:
            self.patient = True

    @contextlib.contextmanager
    def sending_as(self, by: str) -> Iterator[None]:
        """Say of every exchange that this is who asked, while the block runs."""
        before, self.by = self.by, by
        try:
            yield
        finally:
            self.by = before

    @contextlib.contextmanager
    def allowance(self, seconds: float, by: str) -> Iterator[None]:
        """Give who sends while the block runs so many seconds of their own, which no interruption ends."""
        before, self.budget = self.budget, Budget(seconds, clock=self.budget.clock)
        try:
            with self.sending_as(by):
                yield
        finally:
            self.budget = before

    @contextlib.contextmanager
    def observed(self, observer: Observer) -> Iterator[None]:
        """Tell one more observer while the block runs."""
        self.observers.append(observer)
        try:
            yield
        finally:
            self.observers.remove(observer)

    @contextlib.contextmanager
    def without(self, *observers: Observer) -> Iterator[None]:
        """Do not tell these observers while the block runs."""
        before = self.observers
        self.observers = [observer for observer in before if not any(observer is one for one in observers)]
        try:
            yield
        finally:
            self.observers = before

    def _await_turn(self) -> None:
        before: threading.Event | None = getattr(self._turn, "before", None)
        if before is not None:
            before.wait()

    def _pause(self, seconds: float) -> None:
        self.budget.interrupt.pause(seconds)

    def _rest(self, seconds: float) -> None:
        if seconds > 0:
            self.waited += seconds
            self.pause(seconds)

    def _afford(self, seconds: float | None) -> float:
        """How long to wait before a request (None), or of a wait of so many seconds. Raises BudgetSpentError."""
        wait = self.pace.slot(self.budget.clock()) if seconds is None else seconds
        self.budget.require(wait)
        if seconds is None:
            self.budget.spend()
        return wait

    def _tell(self, request: requests.PreparedRequest, response: requests.Response) -> None:
        sent = as_request(request)
        found = _SESSION.search(sent.url)
        session = found[1] if found else ""
        with self._lock:
            self._count += 1
            exchange = Exchange(
                self._count,
                sent,
                as_response(response),
                self.identify(sent.method, sent.url),
                self.by,
                session,
                self.at(session),
            )
            for observer in tuple(self.observers):
                observer(exchange)

    def _backoff(self, attempt: int) -> float:
        """Exponential, with jitter, so that several judges do not return at once."""
        return float(min(2**attempt, 30) * (0.5 + self._jitter() / 2))


def retry_after(value: str | None) -> float | None:
    """Seconds of a `Retry-After` header, a number or a date; None when it says nothing that can be read."""
    if not value:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None


def as_request(prepared: requests.PreparedRequest) -> Request:
    """What requests is about to send, as our value."""
    body = prepared.body or b""
    assert isinstance(body, (str, bytes)), "nobody here sends a stream"
    headers = {_latin(name): _latin(value) for name, value in prepared.headers.items()}
    return Request(prepared.method or "", prepared.url or "", headers, body.encode() if isinstance(body, str) else body)


def as_response(response: requests.Response) -> Response:
    """What requests got, as our value."""
    headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}
    return Response(response.status_code, headers, response.content, response.elapsed.total_seconds())


def as_answer(request: requests.PreparedRequest, response: Response) -> requests.Response:
    """Our value as what requests gives. Its body is as it was read: no longer compressed, nor in pieces."""
    raw = urllib3.HTTPResponse(
        io.BytesIO(response.body),
        dict(response.headers),
        response.status,
        reason=_phrase(response.status),
        preload_content=False,
        decode_content=False,
        request_method=request.method,
    )
    answer = HTTPAdapter().build_response(request, raw)
    answer._content = response.body
    answer._content_consumed = True  # else it would be read from `raw`, and decoded
    answer.elapsed = timedelta(seconds=response.seconds)
    return answer


def _phrase(status: int) -> str:
    return http.client.responses.get(status, "")


def _latin(text: str | bytes) -> str:
    return text.decode("latin-1") if isinstance(text, bytes) else text
