"""A run on disk: what the judge saw of it, one JSON line each, without secrets; and a wire that answers from it.

A replay is the same run again without a network: the judge gets the seed, the plan and the data of the recorded run,
asks the same questions, and each is answered as it was then. For the judge of the recorded run saw nothing of the
target but what stands in the recording (`veil`); what it made up itself is made up again, and put back into the
answers; and what depended on time (a request without an answer, a budget that was spent) is recorded as well, and so is
the time when each request was over: no search goes by any other (`timing`).

Where the contract has changed, so may the questions. One that was never asked is not judged, and counted. Every
recorded answer is held against the contract and the life cycle as they are now, asked for again or not.

A recording that breaks off is replayed as far as it goes. What would have come after is not judged.
"""

from __future__ import annotations

import base64
import itertools
import re
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

import orjson
import requests

from contracts.check import phones, tape
from contracts.check.progress import Progress
from contracts.check.redaction import Kind, Redaction, digest
from contracts.check.run import Plan, Run
from contracts.check.tape import Asked, RecordingError, Stop, Tape
from contracts.check.veil import Veil
from contracts.check.verdict import Verdict
from contracts.findings import shown
from contracts.target.breach import Breach
from contracts.target.budget import Budget, BudgetSpentError
from contracts.target.client import RefusedError
from contracts.target.exchange import Exchange, Request
from contracts.target.interrupt import Interrupt
from contracts.target.network import Network
from contracts.target.network_errors import reason
from contracts.target.subject import Subject
from contracts.target.target import Target, TargetError
from contracts.target.transport import (
    NotRecordedError,
    Transport,
    UnreachableError,
    Wire,
    as_answer,
    as_request,
    as_response,
)

# Differs from run to run and means nothing.
_VOLATILE = frozenset({"x-schemathesis-testcaseid", "user-agent", "connection", "accept-encoding", "content-length"})
_BOUNDARY = re.compile(r"(?<=boundary=)[^;\s]+")


def record(
    path: Path,
    subject: Subject,
    target: Target,
    plan: Plan,
    progress: Progress | None = None,
    wire: Wire | None = None,
    interrupt: Interrupt | None = None,
) -> Verdict:
    """Judge a target, and keep every exchange. Raises RecordingError, UnreachableError or RefusedError."""
    try:
        file = path.open("wb", buffering=0)
    except OSError as error:
        raise _unwritable(path, error) from None
    with file:
        recorder = Recorder(file, wire or Network())
        run = Run(
            subject,
            recorder.veil.target(target),
            plan,
            recorder,
            progress or Progress(),
            interrupt=interrupt or Interrupt(),
            apart=True,
        )
        recorder.follow(run)
        try:
            verdict = run.execute()
        except (UnreachableError, RefusedError, TargetError):
            recorder.finish(run)
            raise
        recorder.finish(run)
    if recorder.failure is not None:
        raise _unwritable(path, recorder.failure)
    found = tuple(map(recorder.lifted, verdict.findings))
    return replace(verdict, target=replace(target, url=verdict.target.url), findings=found)


def _unwritable(path: Path, error: OSError) -> RecordingError:
    return RecordingError(f"cannot write the recording {shown(path)}: {error.strerror}")


@dataclass(slots=True)
class Recorder:
    """A wire that keeps what goes over it, as the judge sees it; what the judge made up is replaced as well."""

    file: IO[bytes]
    wire: Wire
    veil: Veil = field(default_factory=Veil)
    redaction: Redaction = field(init=False)
    # The target's numbers that stand in the contract too: the judge may say them where nothing gives them away.
    public: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    # Why no more could be written.
    failure: OSError | None = None
    transport: Transport | None = None
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def __post_init__(self) -> None:
        self.redaction = Redaction({}, personal=True, phone=self._phone, sent=self._sent)

    def follow(self, run: Run) -> None:
        """Write what this run does from now on."""
        transport = self.transport = run.transport
        self.veil.documented = frozenset().union(
            *(one.header_names for operation in run.subject.contract.operations for one in operation.responses.values())
        )
        self._write(tape.head(run))
        transport.observers.append(
            lambda exchange: self._write(self._known(tape.answered(self.redaction.exchange(exchange), transport.over)))
        )
        transport.unanswered = lambda request, error: self._unanswered(transport, request, error)
        afford = transport.afford
        asked: dict[str, Iterator[int]] = defaultdict(itertools.count)

        def spend(seconds: float | None) -> float:
            number = next(asked[transport.by])
            try:
                return afford(seconds)
            except BudgetSpentError as spent:
                over = transport.interrupt.why or transport.budget.over
                self._write(tape.stopped(transport.by, Stop(number, str(spent), over)))
                raise

        transport.afford = spend

    def send(self, request: requests.PreparedRequest, timeout: float, /) -> requests.Response:
        """Ask the target in the judge's place."""
        response = self.wire.send(self.veil.request(request), timeout)
        return as_answer(request, self.veil.response(as_response(response), as_request(request)))

    def lifted(self, finding: Breach) -> Breach:
        """A finding as it would be without a recording."""
        exchanges = tuple(map(self.veil.lifted, finding.exchanges))
        return replace(finding, message=self.veil.text(finding.message), exchanges=exchanges)

    def finish(self, run: Run) -> None:
        """Write that this is all. A run that a second interruption ended is not whole."""
        why = run.interrupt.why
        self._write({"end": why if run.incomplete == why else ""})

    def _phone(self, number: str) -> bool:
        if number in self.veil.known:
            self.public.add(digest(Kind.PHONE, number))
        return number in self.veil.known

    def _sent(self, number: str) -> bool:
        return len(number) >= phones.BARE and number in self.veil.sent

    def _unanswered(
        self, transport: Transport, request: requests.PreparedRequest, error: requests.RequestException
    ) -> None:
        why = self.redaction.text(reason(error))
        asked = self.redaction.request(as_request(request))
        self._write(self._known(tape.unanswered(transport.by, asked, error, why, transport.over)))

    def _known(self, line: dict[str, Any]) -> dict[str, Any]:
        """A line with what it takes to read it."""
        new, self.told = self.public - self.told, set(self.public)
        return {**line, "public": sorted(new)} if new else line

    def _write(self, line: Mapping[str, Any]) -> None:
        """Line by line, so that nothing is lost when the process is killed."""
        with self.lock:
            if self.failure is not None:
                return
            try:
                rest = tape.written(line)
                while rest:
                    rest = rest[self.file.write(rest) :]
            except OSError as error:
                self.failure = error
                if self.transport is not None:
                    self.transport.budget.ended = "the recording cannot be written"


@dataclass(slots=True)
class Player:
    """A wire that answers from a recording. `misses` counts the requests that it has no answer for."""

    tape: Tape
    target: Target = field(init=False)
    redaction: Redaction = field(init=False)
    # What became of the requests that are asked alike, in their order.
    waiting: dict[bytes, deque[Asked]] = field(default_factory=lambda: defaultdict(deque))
    senders: set[str] = field(default_factory=set)
    over: float = 0.0
    # By who asked: which of its requests and waits the budget did not reach for.
    stops: dict[str, deque[Stop]] = field(default_factory=lambda: defaultdict(deque))
    afforded: Counter[str] = field(default_factory=Counter)
    # What was asked for again, by its number, as the judge sees it.
    played: dict[int, Exchange] = field(default_factory=dict)
    misses: int = 0
    transport: Transport | None = None

    def __post_init__(self) -> None:
        self.redaction = Redaction(
            {}, personal=True, memory={}, phone=lambda number: digest(Kind.PHONE, number) in self.tape.public
        )
        self.target = self.tape.target
        for one in self.tape.asked:
            self.waiting[_key(one.by, one.request)].append(one)
            self.senders.add(one.by)
        for by, stop in self.tape.stops:
            self.stops[by].append(stop)

    @classmethod
    def open(cls, path: Path) -> Player:
        """Read a recording. Raises RecordingError."""
        return cls(tape.read(path))

    def judge(self, subject: Subject, progress: Progress | None = None) -> Verdict:
        """Judge the recording, with the seed and the plan of the recorded run."""
        if subject.name != self.target.provider:
            raise RecordingError(f"this is a recording of {self.target.provider}, not of {subject.name}")
        head, plan = self.tape.head, self.tape.plan
        run = Run(subject, self.target, plan, self, progress or Progress(), nonce=head["nonce"], apart=head["apart"])
        self.transport = run.transport
        run.transport.budget = Budget(plan.seconds, clock=lambda: self.over)
        run.transport.afford = self._afford
        run.transport.concurrent = False
        run.transport.pause = lambda seconds: None  # a recording waits for nobody
        verdict = run.execute(lambda: [self._as_now(one) for one in tape.exchanges(self.tape)])
        why = f"the recording has no answer to {self.misses} requests" if self.misses else ""
        ended = self.tape.breaks_off or self.tape.end
        return replace(
            verdict, incomplete=ended or verdict.incomplete or why, gone=verdict.gone or bool(self.tape.breaks_off)
        )

    def send(self, request: requests.PreparedRequest, _timeout: float, /) -> requests.Response:
        """What became of this request when it was recorded."""
        by = self.transport.by if self.transport else ""
        asked = as_request(request)
        waiting = self.waiting[_key(by, self.redaction.request(asked))]
        if not waiting:
            self.afforded[by] -= 1
            self._break_off(by)
            self.misses += 1
            raise NotRecordedError("the recording has no answer to this request", request=request)
        outcome, self.over = waiting.popleft()[2:]
        if isinstance(outcome, requests.RequestException):
            raise outcome
        played = replace(outcome, request=asked, response=self.redaction.restore(outcome.response))
        self.played[outcome.number] = played
        return as_answer(request, played.response)

    def _break_off(self, by: str) -> None:
        """Nothing is known of what would have been asked after the end. Raises BudgetSpentError."""
        why, last = self.tape.breaks_off, self.tape.asked[-1].by if self.tape.asked else ""
        if not why or self.transport is None or (by != last and by in self.senders):
            return
        self.transport.budget.spent -= 1
        if by == last:
            self.transport.budget.ended = why
        raise BudgetSpentError(why)

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
