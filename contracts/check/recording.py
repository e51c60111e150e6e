"""A run on disk: what the judge saw of it, one JSON line each, without secrets; and a wire that answers from it.

A replay is the same run again without a network: the judge gets the seed, the plan and the data of the recorded run,
asks the same questions, and each is answered as it was then. For the judge of the recorded run saw nothing of the
target but what stands in the recording (`veil`); what it made up itself is made up again, and put back into the
answers; and what depended on time (a request without an answer, a budget that was spent) is recorded as well, and so is
the time when each request was over: no search goes by any other (`timing`).

Where the contract has changed, so may the questions. One that was never asked is not judged, and counted. Every
recorded answer is held against the contract and the life cycle as they are now, asked for again or not.
"""

from __future__ import annotations

import base64
import itertools
import re
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO, Any, NamedTuple

import orjson
import requests

from contracts.check.breach import Breach
from contracts.check.budget import Budget, BudgetSpentError
from contracts.check.exchange import Exchange, Request, Response
from contracts.check.interrupt import Interrupt
from contracts.check.network import Network
from contracts.check.progress import Progress
from contracts.check.reason import reason
from contracts.check.redaction import Kind, Redaction, digest
from contracts.check.run import Plan, Run
from contracts.check.subject import Subject
from contracts.check.target import Credential, Login, Target
from contracts.check.transport import (
    NotRecordedError,
    Transport,
    Wire,
    as_answer,
    as_request,
    as_response,
)
from contracts.check.veil import Veil
from contracts.check.verdict import Verdict

VERSION = 3
# For a run without a budget: JSON has no infinity.
ENDLESS = 10.0**9
# Differs from run to run and means nothing.
_VOLATILE = frozenset({"x-schemathesis-testcaseid", "user-agent", "connection", "accept-encoding", "content-length"})
_BOUNDARY = re.compile(r"(?<=boundary=)[^;\s]+")
# What can become of a request instead of an answer, by its name in a recording.
_FAILURES: Mapping[str, type[requests.RequestException]] = {
    "connection": requests.ConnectionError, "timeout": requests.Timeout, "other": requests.RequestException,
}  # fmt: skip


class RecordingError(ValueError):
    """A recording that cannot be written or read; the text says which and why."""


def record(
    path: Path, subject: Subject, target: Target, plan: Plan, progress: Progress | None = None,
    wire: Wire | None = None, interrupt: Interrupt | None = None,
) -> Verdict:  # fmt: skip
    """Judge a target, and keep every exchange. Raises RecordingError, UnreachableError or RefusedError."""
    try:
        file = path.open("wb")
    except OSError as error:
        raise RecordingError(f"cannot write the recording {path}: {error.strerror}") from None
    with file:
        recorder = Recorder(file, wire or Network())
        run = Run(
            subject, recorder.veil.target(target), plan, recorder, progress or Progress(),
            interrupt=interrupt or Interrupt(), apart=True,
        )  # fmt: skip
        recorder.follow(run)
        try:
            verdict = run.execute()
        finally:
            recorder.finish()
    found = tuple(map(recorder.lifted, verdict.findings))
    return replace(verdict, target=replace(target, url=verdict.target.url), findings=found)


@dataclass(slots=True)
class Recorder:
    """A wire that keeps what goes over it, as the judge sees it; what the judge made up is replaced as well."""

    file: IO[bytes]
    wire: Wire
    veil: Veil = field(default_factory=Veil)
    redaction: Redaction = field(init=False)
    # The target's numbers that stand in the contract too: the judge may say them where nothing gives them away.
    public: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.redaction = Redaction({}, personal=True, phone=self._phone)

    def follow(self, run: Run) -> None:
        """Write what this run does from now on."""
        transport = run.transport
        self._write(_head(run, self.redaction))
        transport.observers.append(lambda exchange: self._write(
            {**_line(self.redaction.exchange(exchange)), "over": transport.over}
        ))  # fmt: skip
        transport.unanswered = lambda request, error: self._unanswered(transport, request, error)
        afford = transport.afford
        asked: dict[str, Iterator[int]] = defaultdict(itertools.count)

        def spend(seconds: float | None) -> float:
            number = next(asked[transport.by])
            try:
                return afford(seconds)
            except BudgetSpentError as spent:
                over = transport.interrupt.why or transport.budget.over
                self._write({"stopped": str(spent), "by": transport.by, "number": number, "over": over})
                raise

        transport.afford = spend

    def send(self, request: requests.PreparedRequest, timeout: float, /) -> requests.Response:
        """Ask the target in the judge's place."""
        response = self.wire.send(self.veil.request(request), timeout)
        return as_answer(request, self.veil.response(as_response(response)))

    def lifted(self, finding: Breach) -> Breach:
        """A finding as it would be without a recording."""
        exchanges = tuple(map(self.veil.lifted, finding.exchanges))
        return replace(finding, message=self.veil.text(finding.message), exchanges=exchanges)

    def finish(self) -> None:
        """Write what only the whole run tells."""
        self._write({"public": sorted(self.public)})

    def _phone(self, number: str) -> bool:
        if number in self.veil.known:
            self.public.add(digest(Kind.PHONE, number))
        return number in self.veil.known

    def _unanswered(
        self, transport: Transport, request: requests.PreparedRequest, error: requests.RequestException
    ) -> None:
        name = next(name for name, kind in _FAILURES.items() if isinstance(error, kind))
        why = self.redaction.text(reason(error))
        self._write({
            "unanswered": why, "kind": name, "by": transport.by, "over": transport.over,
            "request": _asked(self.redaction.request(as_request(request))),
        })  # fmt: skip

    def _write(self, line: Mapping[str, Any]) -> None:
        self.file.write(orjson.dumps(line) + b"\n")


# What became of a request: an answer, or none.
Outcome = Exchange | requests.RequestException


class _Stop(NamedTuple):
    """Where a budget ended: with which request or wait of the sender, and whether (why) nothing more was to be had."""

    number: int
    why: str
    over: str


@dataclass(slots=True)
class Player:
    """A wire that answers from a recording. `misses` counts the requests that it has no answer for."""

    target: Target
    plan: Plan
    nonce: str
    apart: bool
    exchanges: tuple[Exchange, ...] = ()
    redaction: Redaction = field(init=False)
    public: set[str] = field(default_factory=set)
    # With the time when it was over.
    waiting: dict[bytes, deque[tuple[Outcome, float]]] = field(default_factory=lambda: defaultdict(deque))
    over: float = 0.0
    # By who asked: which of its requests and waits the budget did not reach for.
    stops: dict[str, deque[_Stop]] = field(default_factory=lambda: defaultdict(deque))
    afforded: Counter[str] = field(default_factory=Counter)
    # What was asked for again, by its number, as the judge sees it.
    played: dict[int, Exchange] = field(default_factory=dict)
    misses: int = 0
    transport: Transport | None = None

    def __post_init__(self) -> None:
        self.redaction = Redaction(
            {}, personal=True, memory={}, phone=lambda number: digest(Kind.PHONE, number) in self.public
        )

    @classmethod
    def open(cls, path: Path) -> Player:
        """Read a recording. Raises RecordingError."""
        try:
            head, *lines = [orjson.loads(line) for line in path.read_bytes().splitlines()]
            if head["version"] != VERSION:
                raise RecordingError(f"{path} is a recording of version {head['version']}; {VERSION} can be read")
            plan = _plan(head["plan"])
            player = cls(_target(head), plan, head["nonce"], head["apart"])
            player._read(lines)
        except OSError as error:
            raise RecordingError(f"cannot read the recording {path}: {error.strerror}") from None
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            if isinstance(error, RecordingError):
                raise
            raise RecordingError(f"{path} is no recording of 'contracts check'") from None
        return player

    def judge(self, subject: Subject, progress: Progress | None = None) -> Verdict:
        """Judge the recording, with the seed and the plan of the recorded run."""
        if subject.name != self.target.provider:
            raise RecordingError(f"this is a recording of {self.target.provider}, not of {subject.name}")
        run = Run(subject, self.target, self.plan, self, progress or Progress(), nonce=self.nonce, apart=self.apart)
        self.transport = run.transport
        run.transport.budget = Budget(self.plan.seconds, clock=lambda: self.over)
        run.transport.afford = self._afford
        run.transport.concurrent = False
        run.transport.pause = lambda seconds: None  # a recording waits for nobody
        verdict = run.execute(lambda: [self._as_now(one) for one in self.exchanges])
        why = f"the recording has no answer to {self.misses} requests" if self.misses else ""
        return replace(verdict, incomplete=verdict.incomplete or why)

    def send(self, request: requests.PreparedRequest, _timeout: float, /) -> requests.Response:
        """What became of this request when it was recorded."""
        by = self.transport.by if self.transport else ""
        asked = as_request(request)
        waiting = self.waiting[_key(by, self.redaction.request(asked))]
        if not waiting:
            self.misses += 1
            self.afforded[by] -= 1
            raise NotRecordedError("the recording has no answer to this request", request=request)
        outcome, self.over = waiting.popleft()
        if isinstance(outcome, requests.RequestException):
            raise outcome
        played = replace(outcome, request=asked, response=self.redaction.restore(outcome.response))
        self.played[outcome.number] = played
        return as_answer(request, played.response)

    def _read(self, lines: list[dict[str, Any]]) -> None:
        exchanges = []
        for line in lines:
            if "public" in line:
                self.public.update(line["public"])
                continue
            by = line["by"]
            if "stopped" in line:
                self.stops[by].append(_Stop(line["number"], line["stopped"], line["over"]))
                continue
            waiting = self.waiting[_key(by, _request(line["request"]))]
            if "unanswered" in line:
                waiting.append((_FAILURES[line["kind"]](line["unanswered"]), line["over"]))
            else:
                exchanges.append(_exchange(line))
                waiting.append((exchanges[-1], line["over"]))
        self.exchanges = tuple(exchanges)

    def _afford(self, seconds: float | None) -> float:
        """The budget is spent where it was spent in the recorded run."""
        assert self.transport is not None
        by, number = self.transport.by, self.afforded[self.transport.by]
        self.afforded[by] += 1
        if self.stops[by] and self.stops[by][0].number <= number:
            stop = self.stops[by].popleft()
            self.transport.budget.ended = stop.over
            raise BudgetSpentError(stop.why)
        if self.transport.budget.ended:
            raise BudgetSpentError(self.transport.budget.ended)
        self.transport.budget.spent += seconds is None
        return 0.0

    def _as_now(self, exchange: Exchange) -> Exchange:
        """A recorded exchange as the judge sees it; the operation is that of the contract as it is now."""
        assert self.transport is not None
        seen = self.played.get(exchange.number, exchange)
        return replace(seen, operation=self.transport.identify(seen.request.method, seen.request.url))


def _key(by: str, request: Request) -> bytes:
    """What tells requests of one sender apart."""
    headers = {name.lower(): value for name, value in request.headers.items() if name.lower() not in _VOLATILE}
    body = request.body
    for boundary in _BOUNDARY.findall(headers.get("content-type", "")):
        # A new one for every request.
        body = body.replace(boundary.encode(), b"")
        headers["content-type"] = _BOUNDARY.sub("", headers["content-type"])
    return orjson.dumps([by, request.method, request.url, sorted(headers.items()), base64.b64encode(body).decode()])


def _head(run: Run, redaction: Redaction) -> dict[str, Any]:
    target = run.target
    return {
        "version": VERSION, "provider": target.provider, "url": target.url, "name": target.name,
        "writes": target.writes, "control": target.control, "control_token": target.control_token,
        "credentials": {
            name: {"headers": dict(one.headers), "login": asdict(one.login) if one.login else None}
            for name, one in target.credentials.items()
        },
        "data": target.data, "plan": asdict(run.plan), "nonce": run.nonce, "apart": run.apart,
        "longest_job": target.longest_job,
    }  # fmt: skip


def _plan(value: dict[str, Any]) -> Plan:
    endless = {name: ENDLESS for name, member in value.items() if member is None}
    return Plan(**{**value, **endless, "only": tuple(value["only"])})


def _target(head: dict[str, Any]) -> Target:
    credentials = {
        name: Credential(name, one["headers"], Login(**one["login"]) if one["login"] else None)
        for name, one in head["credentials"].items()
    }
    return Target(
        name=head["name"], provider=head["provider"], url=head["url"], credentials=credentials, data=head["data"],
        writes=head["writes"], control=head["control"], control_token=head["control_token"],
        longest_job=head["longest_job"],
    )  # fmt: skip


def _line(exchange: Exchange) -> dict[str, Any]:
    response = exchange.response
    return {
        "number": exchange.number, "by": exchange.by, "operation": exchange.operation, "session": exchange.session,
        "at": exchange.at, "request": _asked(exchange.request),
        "response": {"status": response.status, "headers": dict(response.headers), "seconds": response.seconds,
                     **_packed(response.body)},
    }  # fmt: skip


def _asked(request: Request) -> dict[str, Any]:
    return {
        "method": request.method, "url": request.url, "headers": dict(request.headers), **_packed(request.body)
    }  # fmt: skip


def _packed(body: bytes) -> dict[str, Any]:
    """A body as text where it is text, so that people can read a recording; of padding only how long it is."""
    text = body.rstrip(b" ")
    padding = len(body) - len(text)
    if padding > 1000:
        return {**_packed(text), "spaces": padding}
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def _unpacked(value: dict[str, Any]) -> bytes:
    body: bytes = base64.b64decode(value["base64"]) if "base64" in value else value["body"].encode()
    padding: int = value.get("spaces", 0)
    return body + b" " * padding


def _request(value: dict[str, Any]) -> Request:
    return Request(value["method"], value["url"], value["headers"], _unpacked(value))


def _exchange(line: dict[str, Any]) -> Exchange:
    response = line["response"]
    return Exchange(
        line["number"], _request(line["request"]),
        Response(response["status"], response["headers"], _unpacked(response), response["seconds"]),
        line["operation"], line["by"], line["session"], line["at"],
    )  # fmt: skip
