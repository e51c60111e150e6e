"""Where two answers to one question differ, and which of them breaks the contract."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from contracts.compare.normalise import Mark, Names, Words, instants, normalise
from contracts.compare.problems import Problem, Way, problems
from contracts.compare.walk import Walk
from contracts.target.breach import Breach
from contracts.target.exchange import Exchange, NotJsonError
from contracts.target.subject import Subject
from openapi.contract import media_at
from openapi.library import Address
from openapi.lifecycle import Lifecycle
from openapi.media_types import documented_as
from openapi.pointer import find

# Every kind of drift, and what it means to a client.
KINDS: Mapping[str, str] = {
    "status": "The statuses differ",
    "envelope": "The bodies have nothing in common at their top",
    "field": "A field is on one side only",
    "type": "A value has another type",
    "null": "A value is null on one side only",
    "enum": "A word of the contract has another value",
    "shape": "A code or instant is written differently",
    "reference": "An id refers to something else",
    "count": "A finished job counts differently",
    "order": "Instants are in another order",
    "states": "A job goes through other states",
    "header": "A header is on one side only, or another",
    "value": "A value is outside of the contract on one side only",
    "answer": "One side gives no answer",
}
# Headers that mean something to a client whether documented or not.
HEADERS = ("allow", "location", "retry-after", "www-authenticate")
Pair = tuple[Exchange, Exchange]
# The drifts that a broken promise of the life cycle shows itself by, and the name of its check.
_TOLD_BY = {("count", "lifecycle.counts"), ("count", "lifecycle.failures"), ("order", "lifecycle.instants")}


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference. `way` leads to it in the body; `breaks` are the sides that break the contract.

    `address` is what they break, or the response or life cycle that it is about; `left` and `right` are what was there;
    `why` is what is wrong with those that break it.
    """

    kind: str
    operation: str
    label: str
    way: Way
    left: str
    right: str
    address: Address
    pair: tuple[Exchange | None, Exchange | None] = (None, None)
    breaks: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    times: int = 1
    # Other operations whose answers differ in the same way.
    also: tuple[str, ...] = ()
    # The check of the life cycle that is broken, beside what the schemas say.
    check: str = ""
    # Of `states`: the life cycle, and the ways that break it.
    job: Lifecycle | None = None
    walks: tuple[Walk, ...] = ()
    # Further answers that break the contract in this way.
    evidence: tuple[Exchange, ...] = ()

    @property
    def place(self) -> tuple[str, ...]:
        """The way to it, whichever member of an array it is in."""
        return tuple("*" if isinstance(token, int) else token for token in self.way)

    @property
    def key(self) -> tuple[object, ...]:
        """Equal drifts are one finding: where the same keyword of the contract is broken, from whatever operation."""
        words = () if self.kind == "value" else (self.left, self.right)  # values differ in each answer
        if self.breaks and self.way:
            return self.kind, str(self.address), self.place[-1], words, self.breaks
        return self.kind, self.operation, self.place, words, self.breaks

    @property
    def breaking(self) -> tuple[Exchange, ...]:
        """The answers that an overlay has to admit: those of the sides that break the contract."""
        if self.walks:
            return self.evidence
        sides = zip(("left", "right"), self.pair, strict=True)
        return (*self.evidence, *(exchange for side, exchange in sides if exchange and side in self.breaks))

    def and_again(self, other: Drift) -> Drift:
        """The same drift, seen once more."""
        walks = tuple(dict.fromkeys((*self.walks, *other.walks)))
        also = tuple(dict.fromkeys((*self.also, *({other.operation} - {self.operation}))))
        evidence = (*self.evidence, *other.breaking)
        return replace(self, times=self.times + 1, also=also, walks=walks, evidence=evidence)


def differences(
    subject: Subject,
    label: str,
    pair: Pair,
    names: tuple[Names, Names],
    job: Lifecycle | None,
    breaches: tuple[Sequence[Breach], Sequence[Breach]] = ((), ()),
) -> list[Drift]:
    """Every difference of two answers to the same request.

    `job` is the life cycle that the case is about, `breaches` is what it says against the answers of each side.
    """
    faults = tuple(_faults(subject, *one) for one in zip(pair, breaches, strict=True))
    found = list(_differences(subject, label, pair, names, job))
    blamed = [_blamed(drift, faults) for drift in found]
    return [*blamed, *_others(subject, label, pair, faults, blamed)]


def lone(subject: Subject, label: str, exchange: Exchange, side: str, breaches: Sequence[Breach]) -> Iterator[Drift]:
    """What breaks the contract in an answer that the other side has no like of, as in a state that it does not show."""
    for fault in _faults(subject, exchange, breaches):
        left = side == "left"
        words = (fault.message, "not seen") if left else ("not seen", fault.message)
        pair = (exchange, None) if left else (None, exchange)
        yield Drift(
            "value", exchange.operation, label, fault.way, *words, fault.address, pair, (side,), check=_check(fault)
        )


def _faults(subject: Subject, exchange: Exchange, breaches: Sequence[Breach]) -> list[Problem]:
    """What is wrong with one answer by itself: by its schema, and by the life cycle of the jobs in it."""
    found = list(problems(subject.contract, exchange))
    for breach in breaches:
        # How a job moves is told from all its states at once.
        if breach.exchanges[-1] is exchange and breach.check not in ("lifecycle.initial", "lifecycle.arrows"):
            assert isinstance(breach.promise, Address), "a life cycle promises at an address"
            found.append(Problem("lifecycle", (), breach.message, breach.promise, breach.check))
    return found


def _differences(
    subject: Subject, label: str, pair: Pair, names: tuple[Names, Names], job: Lifecycle | None
) -> Iterator[Drift]:
    left, right = pair
    address = _place(subject, left)

    def drift(kind: str, way: Way, one: str, other: str) -> Drift:
        return Drift(kind, left.operation, label, way, one, other, address, pair)

    if left.status != right.status:
        yield drift("status", (), str(left.status), str(right.status))
        return
    for name, one, other in _headers(subject, left, right):
        yield drift("header", (name,), one or "missing", other or "missing")
    try:
        bodies = left.json, right.json
    except NotJsonError:
        tops = [
            exchange.response.body.partition(b"\n")[0].strip().decode("utf-8", "replace")[:200] for exchange in pair
        ]
        if tops[0] != tops[1]:
            yield drift("envelope", (), tops[0], tops[1])
        return
    words = Words(subject)
    schema = _schema(subject, left)
    counted = job is not None and all(_at_rest(job, body) for body in bodies)

    def exact(way: Way, value: Any) -> bool:
        if isinstance(value, str):
            return schema is not None and bool(words.at(schema, tuple(way)))
        return counted and job is not None and not isinstance(value, bool) and _counts(job, way)

    normal = [normalise(body, own, label, exact) for body, own in zip(bodies, names, strict=True)]
    for kind, way, one, other in _compare(normal[0], normal[1], ()):
        yield drift(kind, way, one, other)
    for way, one, other in _disorder(*bodies):
        yield drift("order", way, one, other)


def _place(subject: Subject, exchange: Exchange) -> Address:
    operation = subject.operation(exchange.operation)
    response = operation.response(exchange.status)
    return response.address if response else operation.address / "responses"


def _schema(subject: Subject, exchange: Exchange) -> Address | None:
    response = subject.operation(exchange.operation).response(exchange.status)
    media = documented_as(exchange.media_type, response.media) if response else None
    if response is None or media is None or response.media[media] is None:
        return None
    return media_at(subject.contract.library, response.address, media) / "schema"


def _headers(subject: Subject, left: Exchange, right: Exchange) -> Iterator[tuple[str, str, str]]:
    """Documented headers and those that mean something everywhere: there or not; the media type: which."""
    kinds = [exchange.media_type for exchange in (left, right)]
    if kinds[0] != kinds[1]:
        yield "content-type", kinds[0], kinds[1]
    response = subject.operation(left.operation).response(left.status)
    for name in sorted({*HEADERS, *(response.header_names if response else ())}):
        if bool(left.header(name)) != bool(right.header(name)):
            yield name, left.header(name), right.header(name)


def _at_rest(job: Lifecycle, body: Any) -> bool:
    """Whether the one job in a body is at rest: its counts are final."""
    return any(job.at_rest(str(state)) for state in _states(job, body))


def _states(job: Lifecycle, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        state = find(value, job.state)
        if isinstance(state, str) and state in job.states:
            yield state
        for member in value.values():
            yield from _states(job, member)


def _counts(job: Lifecycle, way: Way) -> bool:
    return any(way[-len(path) :] == path for paths in job.counts.values() for path in paths)


def _compare(left: Any, right: Any, way: Way) -> Iterator[tuple[str, Way, str, str]]:
    """What differs between two normalised values: kind, place, both sides in words."""
    kinds = _type(left), _type(right)
    if kinds[0] != kinds[1]:
        kind = "null" if "null" in kinds else "type" if way else "envelope"
        yield kind, way, *kinds
    elif isinstance(left, dict):
        if not way and left and right and not left.keys() & right.keys():
            yield "envelope", way, f"{{{', '.join(left)}}}", f"{{{', '.join(right)}}}"
            return
        for name in [*left, *(name for name in right if name not in left)]:
            if name in left and name in right:
                yield from _compare(left[name], right[name], (*way, name))
            else:
                there = _type(left[name] if name in left else right[name])
                yield "field", (*way, name), there if name in left else "missing", there if name in right else "missing"
    elif isinstance(left, list):
        for index, (one, other) in enumerate(zip(left, right, strict=False)):
            yield from _compare(one, other, (*way, index))
    elif left != right:
        yield from _values(left, right, way)


def _values(left: Any, right: Any, way: Way) -> Iterator[tuple[str, Way, str, str]]:
    """Two texts or numbers that are not alike. Free text may be anything."""
    if isinstance(left, Mark) and isinstance(right, Mark):
        kinds = {left.kind, right.kind}
        if kinds == {"id"}:
            yield "reference", way, str(left), str(right)
        elif "instant" in kinds or kinds == {"code"}:
            yield "shape", way, str(left), str(right)
    else:
        yield "enum" if _type(left) == "string" else "count", way, str(left), str(right)


def _type(value: Any) -> str:
    if isinstance(value, Mark):
        return value.kind if value.kind in ("boolean", "number") else "string"
    names = {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}
    return names.get(type(value), "number")


def _disorder(left: Any, right: Any) -> Iterator[tuple[Way, str, str]]:
    """Two instants that are in another order on the other side."""
    one, other = dict(instants(left)), dict(instants(right))
    ways = [way for way in one if way in other]
    for index, way in enumerate(ways):
        for later in ways[index + 1 :]:
            try:
                crossed = (one[way] < one[later] and other[way] > other[later]) or (
                    one[way] > one[later] and other[way] < other[later]
                )
            except TypeError:
                continue  # one has a time zone, the other has none
            if crossed:
                first, second = "/".join(map(str, way)), "/".join(map(str, later))
                orders = f"{first} before {second}", f"{second} before {first}"
                yield way, *(orders if one[way] < one[later] else orders[::-1])


def _blamed(drift: Drift, faults: tuple[list[Problem], ...]) -> Drift:
    """The drift with the sides that break the contract there, and what they break."""
    sides, why, address, check = [], [], drift.address, ""
    for side, found in zip(("left", "right"), faults, strict=True):
        fault = next((fault for fault in found if _concerns(fault, drift)), None)
        if fault is not None:
            sides.append(side)
            why.append(fault.message)
            address, check = fault.address, _check(fault)
    return replace(drift, breaks=tuple(sides), why=tuple(dict.fromkeys(why)), address=address, check=check)


def _check(fault: Problem) -> str:
    return fault.keyword if fault.kind == "lifecycle" else ""


def _concerns(fault: Problem, drift: Drift) -> bool:
    if drift.kind == "status":
        return fault.kind == "status"
    if drift.kind == "header":
        return fault.kind in ("header", "media") and fault.way == drift.way
    if fault.kind == "lifecycle":
        return (drift.kind, fault.keyword) in _TOLD_BY
    if fault.kind == "body":
        return all(one == other for one, other in zip(fault.way, drift.way, strict=False))
    return fault.kind == "json"


def _others(
    subject: Subject, label: str, pair: Pair, faults: tuple[list[Problem], ...], known: list[Drift]
) -> Iterator[Drift]:
    """What only one side breaks without a difference of form: a bound, a pattern, a word."""
    if any(drift.kind == "status" for drift in known):
        return
    for side, own, others in (("left", faults[0], faults[1]), ("right", faults[1], faults[0])):
        shared = {(fault.address, fault.way) for fault in others}
        for fault in own:
            if (fault.address, fault.way) in shared or any(_concerns(fault, drift) for drift in known):
                continue
            words = (fault.message, "kept") if side == "left" else ("kept", fault.message)
            operation = pair[0].operation
            yield Drift("value", operation, label, fault.way, *words, fault.address, pair, (side,), check=_check(fault))


def state_drift(
    job: Lifecycle, walks: tuple[Walk, Walk], operation: str, controlled: tuple[bool, bool]
) -> Iterator[Drift]:
    """Two ways of a job through its states. Real time may step over a state; a controlled clock does not."""
    left, right = walks
    faults = tuple(next(walk.faults(job), None) for walk in walks)
    broken = tuple(side for side, fault in zip(("left", "right"), faults, strict=True) if fault)
    skipped = (controlled[0] and set(right.states) - set(left.states)) or (
        controlled[1] and set(left.states) - set(right.states)
    )
    ends = (left.states[-1], left.end) != (right.states[-1], right.end)
    if (left.states, left.end) != (right.states, right.end) and (broken or ends or skipped):
        fault = next((fault for fault in faults if fault), None)
        at = fault.address(job) if fault else job.address / "x-lifecycle" / "transitions"
        why = tuple(dict.fromkeys(fault.message for fault in faults if fault))
        label = f"a job after {left.command}" if left.command else "a job over time"
        yield Drift("states", operation, label, (), str(left), str(right), at, (None, None), broken, why)


def folded(drifts: Iterable[Drift]) -> list[Drift]:
    """Equal drifts as one, those that break the contract first."""
    found: dict[tuple[object, ...], Drift] = {}
    for drift in drifts:
        known = found.get(drift.key)
        found[drift.key] = drift if known is None else known.and_again(drift)
    return sorted(found.values(), key=lambda drift: not drift.breaks)
