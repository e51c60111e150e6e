"""What a run exercised: operations, documented statuses, states, arrows, and keywords of the schemas.

Of a request, a keyword counts when one request to the operation kept it and another broke it. Of a response, it counts
when any answer held a value that it applies to; each value of its `enum`, each of several types and each branch is one
of its own. A keyword that admits every value is not counted; one that nothing can be told of is named, with the reason.

By hand: tracecov 0.25 counts no headers of responses, no values of an enum nor branches there, and asks for what the
wire cannot carry; its licence is not an open one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from contracts.check.schema_coverage import BROKEN, KEPT, SEEN, Goals, Node
from contracts.laws.monitor import Monitor
from contracts.target.bodies import Reading, Wire, reading
from contracts.target.exchange import Exchange
from contracts.target.request_conformance import texts_of
from contracts.target.subject import Subject
from openapi.contract import Operation
from openapi.library import Address, Library
from openapi.media_types import documented_as, essence
from openapi.parameters import ABSENT, Parameter, parameter, types_of

REQUEST, RESPONSE = "request", "response"


@dataclass(frozen=True, slots=True)
class Keyword:
    """One keyword of what an operation takes or gives. `lacks` are the sides that the run did not show.

    Where nothing can be told of it, `unjudged` says why. A schema that several operations answer with belongs to the
    first of them.
    """

    operation: str
    side: str
    address: Address
    lacks: frozenset[str]
    unjudged: str = ""

    @property
    def words(self) -> str:
        """Where it stands, in short, and what is missing: `Thing/…/name/type (never broken)`."""
        tokens = self.address.pointer.split("/")[1:]
        shared = tokens[0] == "components"
        head, rest = (tokens[2], tokens[3:]) if shared else (self.operation, tokens[3:])
        short = "/".join(rest if len(rest) <= 4 else ("…", *rest[-3:]))
        about = f"{self.operation} " if shared and self.side == REQUEST else ""
        return f"{about}{head}/{short} ({self.unjudged or 'never ' + ' or '.join(sorted(self.lacks))})"


def joined(keywords: Iterable[Keyword], others: Iterable[Keyword]) -> tuple[Keyword, ...]:
    """The same keywords after two runs: lacking is what neither showed."""
    pairs = zip(keywords, others, strict=True)
    return tuple(replace(a, lacks=a.lacks & b.lacks) for a, b in pairs)


@dataclass(slots=True)
class Keywords:
    """An observer of exchanges."""

    subject: Subject
    _requests: dict[str, _Request] = field(default_factory=dict)
    _responses: dict[str, _Responses] = field(default_factory=dict)
    _owners: dict[Address, str] = field(default_factory=dict)
    _answers: Goals = field(init=False)

    def __post_init__(self) -> None:
        self._answers = Goals(self.subject.contract, judged=False)
        for operation in self.subject.contract.operations:
            self._requests[operation.id] = _Request(self.subject, operation)
            self._responses[operation.id] = _Responses(self.subject, operation, self._answers)
            for address in (*self._answers.found, *self._answers.unjudged):
                self._owners.setdefault(address, operation.id)

    def __call__(self, exchange: Exchange) -> None:
        if exchange.operation in self._requests:
            self._requests[exchange.operation].look(exchange)
            self._responses[exchange.operation].look(exchange)

    def all(self) -> tuple[Keyword, ...]:
        """Every keyword, in the order of the operations."""
        return tuple(keyword for name in self._requests for keyword in self._of(name))

    def _of(self, name: str) -> Iterator[Keyword]:
        for side, goals in ((REQUEST, self._requests[name].goals), (RESPONSE, self._answers)):
            own = [goal for goal in goals.found.values() if side == REQUEST or self._owners[goal.address] == name]
            yield from (Keyword(name, side, goal.address, frozenset(goal.lacks)) for goal in own)
            for address, why in goals.unjudged.items():
                if side == REQUEST or self._owners[address] == name:
                    yield Keyword(name, side, address, frozenset(), why)


class _Bodies:
    """The bodies of one request or response, by documented media type."""

    def __init__(self, subject: Subject, goals: Goals, content: Address) -> None:
        library = subject.contract.library
        self.known: dict[str, tuple[Reading, Node]] = {}
        for media in library.value(content):
            at, described = library.follow(content / media)
            if "schema" not in described:
                continue
            known = reading(library, at, essence(media))
            if known is None:
                goals.unjudged[at / "schema"] = f"bodies of {media} are not read"
            else:
                self.known.setdefault(essence(media), (known, goals.node(at / "schema", known.wire)))

    def look(self, body: bytes, content_type: str) -> None:
        media = essence(content_type)
        documented = documented_as(media, self.known)
        if documented is None or not body or not self.known[documented][0].fits(media):
            return
        found = self.known[documented]
        value = found[0].value(body, content_type)
        if value is not ABSENT:
            found[1].look(value)


class _Request:
    """What one operation takes."""

    def __init__(self, subject: Subject, operation: Operation) -> None:
        self.subject = subject
        self.operation = operation
        self.goals = Goals(subject.contract, judged=True)
        self.parameters = [(asked, self._parameter(asked)) for asked in operation.parameters]
        self.bodies: _Bodies | None = None
        if operation.body is not None:
            if operation.body.required:
                self._required(operation.body.address)
            self.bodies = _Bodies(subject, self.goals, operation.body.address / "content")

    def _parameter(self, asked: Parameter) -> Node:
        if asked.required and asked.location != "path":
            self._required(asked.address)
        return _node(self.goals, asked)

    def _required(self, owner: Address) -> None:
        self.goals.add(owner / "required", (KEPT, BROKEN), lambda there: KEPT if there else BROKEN)

    def look(self, exchange: Exchange) -> None:
        texts = texts_of(self.subject, exchange)
        for asked, node in self.parameters:
            value = asked.value(texts[asked.location], partial(self._fits, asked))
            self._show(asked.address, there=value is not ABSENT)
            if value is not ABSENT:
                node.look(value)
        if self.operation.body is not None and self.bodies is not None:
            self._show(self.operation.body.address, there=bool(exchange.request.body))
            self.bodies.look(exchange.request.body, exchange.request.header("content-type"))

    def _fits(self, asked: Parameter, value: Any) -> bool:
        return asked.schema is None or self.goals.contract.validators.fits(asked.schema, value)

    def _show(self, owner: Address, *, there: bool) -> None:
        if goal := self.goals.found.get(owner / "required"):
            goal.lacks.discard(goal.shows(there))


class _Responses:
    """What one operation gives, with any status."""

    def __init__(self, subject: Subject, operation: Operation, goals: Goals) -> None:
        library = subject.contract.library
        self.operation = operation
        self.bodies: dict[str, _Bodies] = {}
        self.headers: dict[str, list[tuple[Parameter, Node]]] = {}
        for status, response in operation.responses.items():
            if response.media:
                self.bodies[status] = _Bodies(subject, goals, response.address / "content")
            for name in library.value(response.address).get("headers") or {}:
                at, _ = library.follow(response.address / "headers" / name)
                header = parameter(library, at, name, "header")
                node = _node(goals, header)
                if header.required:
                    node.open.append(goals.add(at / "required", (SEEN,), lambda _: SEEN))
                self.headers.setdefault(status, []).append((header, node))

    def look(self, exchange: Exchange) -> None:
        response = self.operation.response(exchange.status)
        if response is None:
            return
        for header, node in self.headers.get(response.status, ()):
            if text := exchange.header(header.name):
                node.look(header.read({header.key: [text]}))
        if response.status in self.bodies:
            self.bodies[response.status].look(exchange.response.body, exchange.header("content-type"))


def _node(goals: Goals, asked: Parameter) -> Node:
    """What a parameter, or a header of a response, has to show."""
    if asked.schema is None:
        return Node()
    return goals.node(asked.schema, _wire(goals.contract.library, asked))


def _wire(library: Library, asked: Parameter) -> Wire:
    said = library.value(asked.address)
    if "content" in said:
        return Wire.JSON
    if asked.location == "path":
        return Wire.FILLED
    types = types_of(library, *library.follow(asked.address / "schema"))
    if asked.location == "header" and "array" in types:
        return Wire.LISTED
    style = said.get("style", "form" if asked.location in ("query", "cookie") else "simple")
    declared = style in ("form", "cookie") and said.get("explode", True) and "object" in types and "array" not in types
    return Wire.DECLARED if declared else Wire.TEXT


@dataclass(frozen=True, slots=True)
class Share:
    """How many there are, which were missed, and what stands beside them that cannot be judged."""

    all: int
    missed: tuple[str, ...]
    unjudged: tuple[str, ...] = ()

    @property
    def seen(self) -> int:
        return self.all - len(self.missed)

    @property
    def percent(self) -> float:
        return 100.0 if not self.all else 100 * self.seen / self.all


@dataclass(slots=True)
class Coverage:
    """An observer of exchanges. `statuses` counts answers by operation and status."""

    subject: Subject
    monitor: Monitor
    statuses: dict[tuple[str, str], int] = field(default_factory=dict)
    keywords: Keywords = field(init=False)

    def __post_init__(self) -> None:
        self.keywords = Keywords(self.subject)

    def __call__(self, exchange: Exchange) -> None:
        if exchange.operation:
            key = (exchange.operation, str(exchange.status))
            self.statuses[key] = self.statuses.get(key, 0) + 1
            self.keywords(exchange)

    def shares(self) -> Mapping[str, Share]:
        """By kind: `operations` that succeeded at least once, `statuses`, `states`, `arrows` and `keywords`."""
        operations = self.subject.contract.operations
        succeeded = {name for name, status in self.statuses if status.startswith(("2", "3"))}
        documented = [(o.id, status) for o in operations for status in o.responses if status.isdecimal()]
        lifecycles = self.subject.contract.lifecycles.items()
        states = [(at, state) for at, lifecycle in lifecycles for state in lifecycle.states]
        arrows = [(at, arrow) for at, lifecycle in lifecycles for arrow in lifecycle.arrows()]
        return {
            "operations": _share({o.id: o.id in succeeded for o in operations}),
            "statuses": _share({f"{name} {status}": (name, status) in self.statuses for name, status in documented}),
            "states": _share({state: state in self.monitor.states.get(at, ()) for at, state in states}),
            "arrows": _share(
                {
                    f"{source} -> {target}": (source, target) in self.monitor.arrows.get(at, ())
                    for at, (source, target) in arrows
                }
            ),
            "keywords": share_of(self.keywords.all()),
        }


def share_of(keywords: Iterable[Keyword]) -> Share:
    """How many keywords were exercised, and what the others lack."""
    every = tuple(keywords)
    judged = [keyword for keyword in every if not keyword.unjudged]
    return Share(
        len(judged),
        tuple(keyword.words for keyword in judged if keyword.lacks),
        tuple(keyword.words for keyword in every if keyword.unjudged),
    )


def percent(shares: Iterable[Share]) -> float:
    """How much of a contract was exercised: the mean of the kinds that it has, so that the many do not hide the few."""
    each = [share.percent for share in shares if share.all]
    return sum(each) / len(each) if each else 0.0


def _share(seen: Mapping[str, bool]) -> Share:
    return Share(len(seen), tuple(name for name, was in seen.items() if not was))
