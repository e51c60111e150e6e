"""A run of the engine: what it sends goes through our transport, what it finds becomes breaches."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests
import schemathesis
import schemathesis.openapi
from schemathesis import Case
from schemathesis.checks import CHECKS as REGISTERED
from schemathesis.checks import load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.core.transport import Response
from schemathesis.engine import events, from_schema
from schemathesis.engine.core import EventStream
from schemathesis.engine.recorder import CheckFailureInfo, ScenarioRecorder

from contracts.check.schemathesis.configuration import SAFE, Settings, configuration
from contracts.check.schemathesis.repairs import (
    analysed,
    as_sent,
    no_dead_ends,
    no_redirects,
    quiet,
    replaced,
    through,
    tuples_as_they_are,
)
from contracts.target.breach import Breach, Key
from contracts.target.budget import BudgetSpentError
from contracts.target.client import Client
from contracts.target.conformance import STATUS
from contracts.target.conformance import judge as conformance
from contracts.target.exchange import Exchange
from contracts.target.request_conformance import RequestConformance
from contracts.target.transport import ForbiddenError, Transport, UnreachableError
from openapi.bundle import bundled
from openapi.contract import Operation
from openapi.library import Address

# What `--only` calls the generated cases; they come after the laws.
GENERATED = "schemathesis"
PHASES = ("examples", "coverage", "fuzzing", "stateful")
# What becomes of a run when not even what was answered before is.
GONE = "the target stopped answering"
_CASE_HEADER = "X-Schemathesis-TestCaseId"


@dataclass(slots=True)
class Outcome:
    """What a run of the engine came to. `checks` counts (operation, check) -> [kept, broken]; `why` is empty when it
    was judged to the end; `unfinished` says why each phase was not that was not, `gone` that the target stopped
    answering."""

    breaches: list[Breach] = field(default_factory=list)
    checks: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    cases: dict[str, int] = field(default_factory=dict)
    why: str = ""
    unfinished: dict[str, str] = field(default_factory=dict)
    gone: bool = False

    @classmethod
    def of_nothing(cls, why: str) -> Outcome:
        """What a run came to that could not begin."""
        return cls(why=why, unfinished=dict.fromkeys(PHASES, why))


def names() -> tuple[str, ...]:
    """Every check of the library that can apply without a limit or a second identity of ours."""
    load_all_checks()
    return tuple(sorted(name for name in REGISTERED.get_all_names() if name != "max_response_time"))


def run(
    client: Client, base: str, settings: Settings, *, progress: Callable[[str, int], None], tick: Callable[[], None]
) -> Outcome:
    """Run every phase. `progress` is told the phase and the cases so far; `tick` lets a controlled clock move on."""
    runner = _Runner(client, base, settings, progress, tick)
    with (
        through(runner.deliver),
        analysed(runner.unanalysed),
        no_redirects(),
        no_dead_ends(),
        tuples_as_they_are(),
        as_sent(runner.keeps),
        quiet(),
    ):
        runner.run()
    return runner.outcome


class NotAskedError(requests.ConnectionError):
    """A request that was not sent, or of which nothing is known: it says nothing about the target."""


class _Runner:
    def __init__(
        self,
        client: Client,
        base: str,
        settings: Settings,
        progress: Callable[[str, int], None],
        tick: Callable[[], None],
    ) -> None:
        self.client = client
        self.transport: Transport = client.transport
        self.base = base
        self.settings = settings
        self.progress = progress
        self.tick = tick
        self.outcome = Outcome()
        self.sent: dict[str, Exchange] = {}
        self.meaning = RequestConformance(client.subject)
        self.stream: EventStream | None = None
        self.total = 0
        self.stopped = False
        self.finished: set[str] = set()
        self.silent: set[str] = set()

    def run(self) -> None:
        selected = [o for o in self.client.subject.contract.operations if self.settings.writes or o.method in SAFE]
        if not selected:
            self.outcome.why = "no operation only reads"
            return
        config = SchemathesisConfig.from_dict(configuration(self.client, self.base, self.settings))
        schema: Any = schemathesis.openapi.from_dict(bundled(self.client.subject.contract.library), config=config)
        with (
            self.transport.sending_as(GENERATED),
            self.transport.observed(self._hear),
            replaced(threading, "excepthook", self._died),
        ):
            self.stream = from_schema(schema).execute()
            for event in self.stream:
                self._take(event)
                if self.settings.first and self.outcome.breaches:
                    self.stream.stop()
        for phase in PHASES:
            if phase not in self.finished and not (self.settings.first and self.outcome.breaches):
                self.outcome.unfinished.setdefault(phase, self.outcome.why)

    def deliver(self, request: requests.PreparedRequest) -> requests.Response:
        try:
            response = self.transport.deliver(request)
            self.tick()
        except (BudgetSpentError, ForbiddenError) as error:
            if isinstance(error, BudgetSpentError):
                self._stop(str(error))
            failure: requests.ConnectionError = NotAskedError(request=request)
        except (requests.RequestException, UnreachableError):
            failure = self._unanswered(request)
        else:
            return response
        # Outside of the handlers, and without a word: whether the server is gone is for the transport to say, which has
        # tried often enough. The library would tell by the words, and look for itself.
        raise failure

    def _unanswered(self, request: requests.PreparedRequest) -> requests.ConnectionError:
        """Find fault with a target that answers others, but drops this request however often it is sent."""
        try:
            gone = self.transport.gone()
        except BudgetSpentError as spent:
            self._stop(str(spent))
            return NotAskedError(request=request)
        if gone:
            self.outcome.gone = True
            self._stop(GONE)
            return NotAskedError(request=request)
        # A method that the path does not declare is asked for on behalf of one that it does. What is no operation's is
        # no matter of the contract, as a probe of what the library can send at all.
        methods = (request.method or "", *(one.method for one in self.client.subject.contract.operations))
        name = next(filter(None, (self.transport.identify(method, request.url or "") for method in methods)), "")
        operation = self.client.subject.contract.operation(name) if name else None
        if operation is not None and name not in self.silent:
            self.silent.add(name)
            message = "the target gives no answer, however often it is asked"
            self._breach("not_a_server_error", operation, operation.address, message, (), Key(subject=("no answer",)))
        return requests.ConnectionError(request=request)

    def keeps(self, response: Response) -> bool | None:
        """Whether the request of a response keeps the contract as it was sent; None where that cannot be told."""
        exchange = self.sent.get(str(response.request.headers.get(_CASE_HEADER, "")))
        return None if exchange is None else self.meaning.keeps(exchange)

    def unanalysed(self, error: Exception) -> None:
        """Go on without what the library would have found out about the document, and say so."""
        why = f"Schemathesis cannot analyse this document ({type(error).__name__}: {error})"
        self.outcome.unfinished.setdefault("stateful", f"{why}; contracts validate may say what is wrong in it")

    def _stop(self, why: str) -> None:
        self.stopped = True
        self.outcome.why = why
        if self.stream is not None:
            self.stream.stop()

    def _died(self, died: threading.ExceptHookArgs) -> None:
        """A thread of the library ended in the middle: what it was to send is not sent, and no event says so."""
        self._stop(f"the generated cases broke off: {died.exc_type.__name__}: {died.exc_value}")

    def _hear(self, exchange: Exchange) -> None:
        self.sent[exchange.request.header(_CASE_HEADER)] = exchange

    def _take(self, event: events.EngineEvent) -> None:
        if isinstance(event, events.PhaseStarted):
            self.transport.by = f"schemathesis {event.phase.name.value.lower()}"
            self.progress(event.phase.name.value.lower(), self.total)
        elif isinstance(event, events.PhaseFinished):
            if not self.stopped:
                self.finished.add(event.phase.name.value.lower())
        elif isinstance(event, events.ScenarioFinished):
            self._scenario(event.recorder)
            self.progress(event.phase.value.lower(), self.total)
        elif isinstance(event, events.NonFatalError):
            self._error(event)
        elif isinstance(event, events.Interrupted) and not self.stopped:
            self._stop("interrupted")  # by a Ctrl-C that nobody took who runs us
        elif isinstance(event, events.FatalError):
            problem = f"{type(event.exception).__name__}: {event.exception}"
            self._stop(f"Schemathesis cannot read this document ({problem}): contracts validate may say where")

    def _error(self, event: events.NonFatalError) -> None:
        """Something that the library could not do; what follows a request without an answer is told by `deliver`."""
        if self.stopped or isinstance(event.value, requests.RequestException):
            return
        why = " ".join(f"{event.label}: {event.info.title}: {event.info.message}".split())
        self.outcome.why = self.outcome.why or why
        if event.phase is not None:
            self.outcome.unfinished.setdefault(event.phase.value.lower(), why)

    def _scenario(self, recorder: ScenarioRecorder) -> None:
        for case_id, node in recorder.cases.items():
            if case_id in recorder.interactions:
                self.total += 1
                name = self._name(node.value.operation)
                self.outcome.cases[name] = self.outcome.cases.get(name, 0) + 1
        for case_id, checks in recorder.checks.items():
            operation = self._name(recorder.cases[case_id].value.operation)
            for check in checks:
                count = self.outcome.checks.setdefault((operation, check.name), [0, 0])
                count[check.failure_info is not None] += 1
                if check.failure_info is not None:
                    self._failure(check.name, recorder.cases[case_id].value, check.failure_info)
        for case_id in recorder.cases:
            self.sent.pop(case_id, None)  # only these: the next scenario is on its way already

    def _failure(self, check: str, case: Case[Any], info: CheckFailureInfo) -> None:
        failure = info.failure
        if check not in failure.checks and failure.checks:
            check = failure.checks[0]  # a body without a media type fails several checks; it is one mistake
        steps = [step.case_id for step in info.steps] or [failure.case_id or case.id]
        exchanges = tuple(self.sent[step] for step in steps if step in self.sent)
        last = exchanges[-1] if exchanges else None
        if last is not None and self._is_implemented_nowhere(last):
            return
        operation = self.client.subject.contract.operation(last.operation) if last and last.operation else None
        if last is not None and operation is not None:
            ours = conformance(self.client.subject, last, self.settings.seed)
            if any(breach.check == check for breach in ours):
                return  # found by the observer of all answers too, with a key that folds and a promise that is nearer
        operation = operation or self._operation(failure.operation or "")
        promise = self._promise(check, operation)
        message = " ".join([f"{failure.title}.", *failure.message.split()])[:600]
        key = Key(
            promise=promise,
            status=last.status if last else None,
            subject=(failure.code, failure.title, last.request.method if last else "", *_negated(case)),
        )
        self._breach(check, operation, promise, message, exchanges, key)

    def _is_implemented_nowhere(self, exchange: Exchange) -> bool:
        """Whether a 501 is about a method that the contract has nowhere: then nor need the server (RFC 9110, 9.1)."""
        methods = {operation.method for operation in self.client.subject.contract.operations}
        return exchange.status == 501 and exchange.request.method not in methods

    def _promise(self, check: str, operation: Operation | None) -> Address:
        if operation is None:
            return self._root()
        return operation.address / "responses" if check == STATUS else operation.address

    def _breach(
        self,
        check: str,
        operation: Operation | None,
        promise: Address,
        message: str,
        exchanges: tuple[Exchange, ...],
        key: Key,
    ) -> None:
        name = operation.id if operation else ""
        self.outcome.breaches.append(Breach(check, name, promise, message, exchanges, self.settings.seed, key))

    def _operation(self, label: str) -> Operation | None:
        for operation in self.client.subject.contract.operations:
            if f"{operation.method} {operation.path}" == label:
                return operation
        return None

    def _name(self, operation: Any) -> str:
        found = self._operation(operation.label)
        return found.id if found else str(operation.label)

    def _root(self) -> Address:
        return Address(self.client.subject.contract.library.main, "/paths")


def _negated(case: Case[Any]) -> list[str]:
    """The parts of a request (`query`, `body`) that were made to break the contract."""
    components = case.meta.components.items() if case.meta else ()
    return sorted(str(location) for location, component in components if component.mode.is_negative)
