"""Schemathesis: the one module that knows its interface (4.32.5, pinned).

The engine's event stream (`schemathesis.engine.from_schema`) is importable but not documented as public; it is the only
way to all phases, with every check of every case, in one process. The verdict comes from the events: the exit codes of
its command line call a dead server and an empty selection failures, and a phase without links a usage error.
"""

from __future__ import annotations

import base64
import contextlib
import logging
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, cast

import requests
import schemathesis
import schemathesis.openapi
from requests.adapters import BaseAdapter
from schemathesis.checks import CHECKS as REGISTERED
from schemathesis.checks import CheckContext, load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.core.transport import Response
from schemathesis.engine import context, control, events, from_schema
from schemathesis.engine.core import EventStream
from schemathesis.engine.recorder import CheckFailureInfo, ScenarioRecorder
from schemathesis.generation.case import Case
from schemathesis.generation.stateful.control import TransitionController
from schemathesis.openapi.checks import RejectedPositiveData
from schemathesis.specs.openapi import checks as openapi
from schemathesis.specs.openapi import converter
from schemathesis.specs.openapi.adapter import responses
from schemathesis.specs.openapi.stateful.links import OpenApiLink
from schemathesis.transport.requests import SameHostRedirectsSession

from contracts.check.breach import Breach, general
from contracts.check.budget import BudgetSpentError
from contracts.check.client import Client
from contracts.check.conformance import STATUS
from contracts.check.conformance import judge as conformance
from contracts.check.exchange import Exchange
from contracts.check.meaning import Meaning
from contracts.check.transport import ForbiddenError, NotRecordedError, Transport, UnreachableError, UnrecordedError
from mockserver.specification.contract import Operation
from mockserver.specification.library import Address

PHASES = ("examples", "coverage", "fuzzing", "stateful")
SAFE = ("GET", "HEAD", "OPTIONS")
# The library's own default, to which the statuses of business rules are added per operation.
ACCEPTED = ["2xx", "3xx", 401, 403, 404, 409, 429, "5xx"]
# How often a generated value is one of the target's own ids rather than an arbitrary one.
OWN_IDS = 0.7
# Where it asks how long it has been at work; `timing` gives these modules the time.
TIMED = (control, context)
# What becomes of a run when not even what was answered before is.
GONE = "the target stopped answering"
_CASE_HEADER = "X-Schemathesis-TestCaseId"


@dataclass(frozen=True, slots=True)
class Settings:
    """How hard to look. `seconds` repeats fuzzing and stateful testing until they are over; None is one round.

    `first` ends it with the first finding, and does not shrink that.
    """

    seed: int
    max_examples: int
    deterministic: bool = False
    seconds: int | None = None
    writes: bool = True
    first: bool = False


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
    with _through(runner.deliver), _no_redirects(), _no_dead_ends(), _tuples_as_they_are(), _as_sent(runner), _quiet():
        runner.run()
    return runner.outcome


class NotAskedError(requests.ConnectionError):
    """A request that was not sent, or of which nothing is known: it says nothing about the target."""


class _Adapter(BaseAdapter):
    """Carries what the library sends into our transport."""

    def __init__(self, deliver: Callable[[requests.PreparedRequest], requests.Response]) -> None:
        super().__init__()
        self.deliver = deliver

    def send(self, request: requests.PreparedRequest, *_args: Any, **_kwargs: Any) -> requests.Response:
        return self.deliver(request)

    def close(self) -> None:
        """Nothing is held."""


@contextlib.contextmanager
def _replaced(owner: type | ModuleType, name: str, value: Callable[..., Any]) -> Iterator[None]:
    """A function of another is ours while the block runs."""
    original = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, original)


def _through(
    deliver: Callable[[requests.PreparedRequest], requests.Response],
) -> contextlib.AbstractContextManager[None]:
    """Send everything through one transport while the block runs.

    The library makes its sessions itself, per worker and in checks that need a request of their own; all of them are
    of this class. There is no setting for a transport adapter.
    """
    adapter = _Adapter(deliver)
    return _replaced(SameHostRedirectsSession, "get_adapter", lambda self, url: adapter)


def _no_redirects() -> contextlib.AbstractContextManager[None]:
    """A redirect is an answer like any other, documented or not; what it leads to is another operation's."""
    return _replaced(SameHostRedirectsSession, "get_redirect_target", lambda self, resp: None)


def _no_dead_ends() -> contextlib.AbstractContextManager[None]:
    """Let a scenario begin anew where no link leads on.

    The library allows that once every link is used up, and counts among them those of answers that never came: after
    two polls of a 202 it still waits for the links of a 200. No rule is left then, which Hypothesis takes for a
    failure: it shrinks that as long as the budget lasts, and the phase ends as an error.
    """
    allowed = TransitionController.allow_root_transition

    def allow(self: TransitionController, label: str, bundles: dict[str, Any]) -> bool:
        return allowed(self, label, bundles) or not any(
            bundles.get(f"{link.source.label} -> {link.status_code}")
            and self.allow_transition(link.source.label, link.target.label)
            for operation in self.transitions.operations.values()
            for link in cast("Sequence[OpenApiLink]", operation.outgoing)
        )

    return _replaced(TransitionController, "allow_root_transition", allow)


def _tuples_as_they_are() -> contextlib.AbstractContextManager[None]:
    """Leave `prefixItems` in the schemas of answers.

    The library rewrites them to the `items: [...]` of older drafts, also for the validator of 2020-12, which takes the
    whole schema for invalid then. For requests it knows better (its issues 3842 and 4099).
    """
    converted = converter.to_json_schema

    def convert(schema: dict[str, Any], nullable: str, **said: Any) -> Any:
        return converted(
            schema, nullable, **{**said, "convert_prefix_items": not said["upgrade_legacy_exclusive_bounds"]}
        )

    return _replaced(responses, "to_json_schema", convert)


@contextlib.contextmanager
def _as_sent(runner: _Runner) -> Iterator[None]:
    """Judge a request by what was sent, not by the data that it was made from.

    On the wire a number is a list of one, and an empty object nothing. The library looks for that too, case by case;
    what it misses would be held against every sound target, and be what it shrinks to instead of a breach.
    """
    refuses, accepts = openapi._openapi_negative_data_rejection, openapi._openapi_positive_data_acceptance

    def negative(ctx: CheckContext, response: Response, case: Case[Any]) -> bool | None:
        try:
            return refuses(ctx, response, case)
        except AcceptedNegativeData:
            if runner.keeps(response) is not True:
                raise
        return None

    def positive(ctx: CheckContext, response: Response, case: Case[Any]) -> bool | None:
        try:
            return accepts(ctx, response, case)
        except RejectedPositiveData:
            if runner.keeps(response) is not False:
                raise
        return None

    with _replaced(openapi, refuses.__name__, negative), _replaced(openapi, accepts.__name__, positive):
        yield


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Its progress and Hypothesis' remarks are told by our own reports."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger("urllib3").setLevel(logging.ERROR)
        yield


class _Runner:
    def __init__(
        self, client: Client, base: str, settings: Settings, progress: Callable[[str, int], None],
        tick: Callable[[], None],
    ) -> None:  # fmt: skip
        self.client = client
        self.transport: Transport = client.transport
        self.base = base
        self.settings = settings
        self.progress = progress
        self.tick = tick
        self.outcome = Outcome()
        self.sent: dict[str, Exchange] = {}
        self.meaning = Meaning(client.subject)
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
        schema: Any = schemathesis.openapi.from_dict(self.client.subject.contract.library.root, config=config)
        with self.transport.observed(self._hear), _replaced(threading, "excepthook", self._died):
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
        except (NotRecordedError, UnrecordedError, BudgetSpentError, ForbiddenError) as error:
            if isinstance(error, BudgetSpentError):
                self._stop(str(error))
            failure: requests.ConnectionError = NotAskedError(request=request)
        except (requests.RequestException, UnreachableError):
            failure = self._unanswered(request)
        else:
            return response
        # Outside of the handlers, and without a word: whether the server is gone is for the transport to say, which has
        # tried often enough. The library would tell by the words, and look for itself; a recording has nothing to look
        # at.
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
        # A method that the path does not declare is asked for on behalf of one that it does.
        methods = (request.method or "", *(one.method for one in self.client.subject.contract.operations))
        name = next(filter(None, (self.transport.identify(method, request.url or "") for method in methods)), "")
        if name not in self.silent:
            self.silent.add(name)
            operation = self.client.subject.contract.operation(name) if name else None
            promise = operation.address if operation else self._root()
            message = "the target gives no answer, however often it is asked"
            self._breach("not_a_server_error", operation, promise, message, (), "no answer")
        return requests.ConnectionError(request=request)

    def keeps(self, response: Response) -> bool | None:
        """Whether the request of a response keeps the contract as it was sent; None where that cannot be told."""
        exchange = self.sent.get(str(response.request.headers.get(_CASE_HEADER, "")))
        return None if exchange is None else self.meaning.keeps(exchange)

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
            raise event.exception

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
                    self._failure(check.name, case_id, check.failure_info)
        for case_id in recorder.cases:
            self.sent.pop(case_id, None)  # only these: the next scenario is on its way already

    def _failure(self, check: str, case_id: str, info: CheckFailureInfo) -> None:
        failure = info.failure
        if check not in failure.checks and failure.checks:
            check = failure.checks[0]  # a body without a media type fails several checks; it is one mistake
        steps = [step.case_id for step in info.steps] or [failure.case_id or case_id]
        exchanges = tuple(self.sent[step] for step in steps if step in self.sent)
        last = exchanges[-1] if exchanges else None
        operation = self.client.subject.contract.operation(last.operation) if last and last.operation else None
        if last is not None and operation is not None:
            ours = conformance(self.client.subject, last, self.settings.seed)
            if any(breach.check == check for breach in ours):
                return  # found by the observer of all answers too, with a key that folds and a promise that is nearer
        operation = operation or self._operation(failure.operation or "")
        promise = self._promise(check, operation)
        message = " ".join([f"{failure.title}.", *failure.message.split()])[:600]
        self._breach(check, operation, promise, message, exchanges, f"{failure.code} {general(message)}")

    def _promise(self, check: str, operation: Operation | None) -> Address:
        if operation is None:
            return self._root()
        return operation.address / "responses" if check == STATUS else operation.address

    def _breach(
        self, check: str, operation: Operation | None, promise: Address, message: str,
        exchanges: tuple[Exchange, ...], key: str,
    ) -> None:  # fmt: skip
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


def configuration(client: Client, base: str, settings: Settings) -> dict[str, Any]:
    """The library's configuration: nothing is switched off; every deviation from its defaults has its reason here."""
    coverage: dict[str, Any] = {}
    if not settings.writes:
        # The probe of undeclared methods sends POST and DELETE, which a target that must not be written to is spared.
        coverage["unexpected-methods"] = ["get", "options"]
    generation: dict[str, Any] = {
        "max-examples": settings.max_examples,
        "database": "none",
        "deterministic": settings.deterministic,
        "no-shrink": settings.first,
    }
    said: dict[str, Any] = {
        "base-url": base,
        "seed": settings.seed,
        "generation": generation,
        "phases": {"coverage": coverage},
        "request-retries": 0,  # the transport repeats
        # What another run met, of whatever server, is no matter of this one: it passes over an operation for a 405.
        "cache": {"enabled": False},
        "continue-on-failure": True,
        "operations": [
            *filter(None, (_operation(client, one, settings) for one in client.subject.contract.operations))
        ],
        "dictionaries": dictionaries(client),
    }
    if opens := credentials(client, base):
        said["auth"] = {"openapi": opens}
    if settings.seconds is not None:
        said["max-time"] = settings.seconds
    return said


def credentials(client: Client, base: str) -> dict[str, dict[str, str]]:
    """The default credential as the contract's security schemes have it."""
    headers = client.headers("default", base)
    found: dict[str, dict[str, str]] = {}
    for name, scheme in client.subject.contract.schemes.items():
        kind, _, rest = headers.get("Authorization", "").partition(" ")
        if scheme.get("type") == "apiKey" and scheme.get("in") == "header":
            value = next((v for key, v in headers.items() if key.lower() == scheme["name"].lower()), "")
            if value:
                found[name] = {"api_key": value}
        elif scheme.get("type") == "http" and scheme.get("scheme", "").lower() == "basic" and kind == "Basic":
            found[name] = basic(rest)
        elif scheme.get("type") in ("http", "oauth2", "openIdConnect") and kind == "Bearer":
            found[name] = {"bearer": rest}
    return found


def basic(encoded: str) -> dict[str, str]:
    """User name and password of a Basic credential."""
    username, _, password = base64.b64decode(encoded).decode().partition(":")
    return {"username": username, "password": password}


def dictionaries(client: Client) -> dict[str, Any]:
    """The target's ids, by name of data. Without them every generated id is unknown, and only 404 is tested."""
    found = {}
    for name, value in client.target.data.items():
        values = value if isinstance(value, list) else [value]
        plain = [one for one in values if isinstance(one, (str, int, float)) and not isinstance(one, bool)]
        if plain:
            found[name] = {"values": plain}
    return found


def _operation(client: Client, operation: Operation, settings: Settings) -> dict[str, Any]:
    """What one operation deviates in: its own ids, and the statuses of its business rules."""
    said: dict[str, Any] = {"include-operation-id": operation.id}
    if not settings.writes and operation.method not in SAFE:
        return {**said, "enabled": False}  # a target that must not be written to
    rules = business_rules(client, operation)
    if rules:
        # A business rule of the contract may refuse what the schema allows; it says so itself, with a reason.
        said["checks"] = {"positive_data_acceptance": {"expected-statuses": [*ACCEPTED, *map(int, rules)]}}
    parameters = {}
    for place, name in _inputs(client, operation):
        known = client.uses.get(f"{operation.id}.{name}") or client.uses.get(name) or name
        if known in dictionaries(client):
            parameters[f"{place}.{name}"] = {"dictionary": known, "probability": OWN_IDS}
    if parameters:
        said["parameters"] = parameters
    return said if len(said) > 1 else {}


def business_rules(client: Client, operation: Operation) -> Mapping[str, str]:
    """The statuses that the contract itself explains with `x-business-rule`, and the reasons."""
    library = client.subject.contract.library
    found = {}
    for status, response in operation.responses.items():
        why = library.value(response.address).get("x-business-rule")
        if why and status.isdecimal():
            found[status] = str(why)
    return found


def _inputs(client: Client, operation: Operation) -> Iterator[tuple[str, str]]:
    """Every parameter, and every property at the top of the body."""
    for parameter in operation.parameters:
        yield parameter.location, parameter.name
    if operation.body is not None:
        library = client.subject.contract.library
        for media in library.value(operation.body.address).get("content", {}):
            at = operation.body.address / "content" / media / "schema"
            try:
                _, schema = library.follow(at)
            except LookupError:
                continue
            for name in (schema.get("properties") or {}) if isinstance(schema, dict) else ():
                yield "body", name
