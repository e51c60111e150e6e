"""Which keywords of a contract's schemas a run exercised, each at its place in the contract.

Of a request, a keyword counts when one request to the operation kept it and another broke it. Of a response, it counts
when any answer held a value that it applies to; each value of its `enum`, each of several types and each branch is one
of its own. Bodies are JSON or forms; `not`, `contains`, `propertyNames` and `unevaluated…` are not counted.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from contracts.check.exchange import Exchange, NotJsonError
from contracts.check.goals import BROKEN, KEPT, Goals, Node
from contracts.check.links import parameters_of
from contracts.check.subject import Subject
from mockserver.specification.contract import Operation
from mockserver.specification.library import Address
from mockserver.specification.parameters import ABSENT, Decode, Parameter, decoder, types_of

REQUEST, RESPONSE = "request", "response"
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Keyword:
    """One keyword of what an operation takes or gives. `lacks` are the sides that the run did not show.

    A schema that several operations answer with belongs to the first of them.
    """

    operation: str
    side: str
    address: Address
    lacks: frozenset[str]

    @property
    def words(self) -> str:
        """Where it stands, in short, and what is missing: `Thing/…/name/type (never broken)`."""
        tokens = self.address.pointer.split("/")[1:]
        shared = tokens[0] == "components"
        head, rest = (tokens[2], tokens[3:]) if shared else (self.operation, tokens[3:])
        short = "/".join(rest if len(rest) <= 4 else ("…", *rest[-3:]))
        about = f"{self.operation} " if shared and self.side == REQUEST else ""
        return f"{about}{head}/{short} (never {' or '.join(sorted(self.lacks))})"


def joined(keywords: Iterable[Keyword], others: Iterable[Keyword]) -> tuple[Keyword, ...]:
    """The same keywords after two runs: lacking is what neither showed."""
    pairs = zip(keywords, others, strict=True)
    return tuple(Keyword(a.operation, a.side, a.address, a.lacks & b.lacks) for a, b in pairs)


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
            for address in self._answers.found:
                self._owners.setdefault(address, operation.id)

    def __call__(self, exchange: Exchange) -> None:
        if exchange.operation in self._requests:
            self._requests[exchange.operation].look(exchange)
            self._responses[exchange.operation].look(exchange)

    def all(self) -> tuple[Keyword, ...]:
        """Every keyword, in the order of the operations."""
        found = []
        for name, request in self._requests.items():
            found += [(name, REQUEST, goal) for goal in request.goals.found.values()]
            found += [(name, RESPONSE, g) for g in self._answers.found.values() if self._owners[g.address] == name]
        return tuple(Keyword(name, side, goal.address, frozenset(goal.lacks)) for name, side, goal in found)


class _Request:
    """What one operation takes."""

    def __init__(self, subject: Subject, operation: Operation) -> None:
        self.subject = subject
        self.operation = operation
        self.goals = Goals(subject.contract, judged=True)
        self.parameters = [(parameter, self._parameter(parameter)) for parameter in operation.parameters]
        self.bodies: dict[str, Node] = {}
        self.forms: dict[str, Mapping[str, Decode]] = {}
        if operation.body is not None:
            if operation.body.required:
                self._required(operation.body.address)
            for media in operation.body.media:
                self._body(operation.body.address / "content" / media, media)

    def _parameter(self, parameter: Parameter) -> Node:
        in_path = parameter.location == "path"
        if parameter.required and not in_path:
            self._required(parameter.address)
        if parameter.schema is None:
            return Node()
        text = "content" not in self.subject.contract.library.value(parameter.address)
        return self.goals.node(parameter.schema, text=text, filled=in_path)

    def _required(self, owner: Address) -> None:
        self.goals.add(owner / "required", (KEPT, BROKEN), lambda there: KEPT if there else BROKEN)

    def _body(self, at: Address, media: str) -> None:
        library = self.subject.contract.library
        at, described = library.follow(at)
        if "schema" not in described or not ("json" in media or media == _FORM):
            return
        self.bodies[media] = self.goals.node(at / "schema", text=media == _FORM)
        if media == _FORM:
            schema, value = library.follow(at / "schema")
            self.forms[media] = {
                name: decoder(types_of(library, *library.follow(schema / "properties" / name)))
                for name in value.get("properties") or {}
            }

    def look(self, exchange: Exchange) -> None:
        wires = self._wires(exchange)
        for parameter, node in self.parameters:
            value = parameter.read(wires[parameter.location])
            self._show(parameter.address, there=value is not ABSENT)
            if value is not ABSENT:
                node.look(value)
        if self.operation.body is not None:
            self._show(self.operation.body.address, there=bool(exchange.request.body))
            media = exchange.request.header("content-type").partition(";")[0].strip().lower()
            if media in self.bodies and exchange.request.body:
                for value in self._value(exchange, media):
                    self.bodies[media].look(value)

    def _show(self, owner: Address, *, there: bool) -> None:
        if goal := self.goals.found.get(owner / "required"):
            goal.lacks.discard(goal.shows(there))

    def _wires(self, exchange: Exchange) -> dict[str, dict[str, list[str]]]:
        """The texts of each place by name, as parameters read them."""
        path = parameters_of(self.subject, exchange)
        headers = exchange.request.headers.items()
        cookies = [one.strip().partition("=") for one in exchange.request.header("cookie").split(";")]
        return {
            "path": {name.removeprefix("path."): [text] for name, text in path.items() if name.startswith("path.")},
            "query": parse_qs(urlsplit(exchange.request.url).query, keep_blank_values=True),
            "header": {name.lower(): [text] for name, text in headers},
            "cookie": {name: [text] for name, _, text in cookies},
        }

    def _value(self, exchange: Exchange, media: str) -> Iterator[Any]:
        """The body as it is judged; none when it cannot be read."""
        if media not in self.forms:
            if exchange.sent is not None or exchange.request.body.strip() == b"null":
                yield exchange.sent
            return
        try:
            pairs = parse_qs(exchange.request.body.decode(), keep_blank_values=True)
        except UnicodeDecodeError:
            return
        read = self.forms[media]
        yield {
            name: [read.get(name, str)(one) for one in texts] if len(texts) > 1 else read.get(name, str)(texts[0])
            for name, texts in pairs.items()
        }


class _Responses:
    """What one operation gives, with any status."""

    def __init__(self, subject: Subject, operation: Operation, goals: Goals) -> None:
        library = subject.contract.library
        self.operation = operation
        self.bodies: dict[tuple[str, str], Node] = {}
        self.headers: dict[str, list[tuple[str, Node, Decode]]] = {}
        for status, response in operation.responses.items():
            for media in response.media:
                if "json" in media and response.media[media] is not None:
                    at, _ = library.follow(response.address / "content" / media)
                    self.bodies[status, media] = goals.node(at / "schema")
            for name in library.value(response.address).get("headers") or {}:
                at, header = library.follow(response.address / "headers" / name)
                if "schema" in header:
                    decode = decoder(types_of(library, *library.follow(at / "schema")))
                    node = goals.node(at / "schema", text=True)
                    self.headers.setdefault(status, []).append((name, node, decode))

    def look(self, exchange: Exchange) -> None:
        response = self.operation.response(exchange.status)
        if response is None:
            return
        for name, node, decode in self.headers.get(response.status, ()):
            if text := exchange.header(name):
                node.look(decode(text))
        media = exchange.header("content-type").partition(";")[0].strip().lower()
        body = self.bodies.get((response.status, media))
        if body is not None and exchange.response.body:
            with contextlib.suppress(NotJsonError):  # a finding of its own
                body.look(exchange.json)
