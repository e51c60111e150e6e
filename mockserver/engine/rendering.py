"""Job bodies from the contract alone: a state's schema says which properties there are, `x-lifecycle` what they mean.

What is the same for all jobs of a state is worked out at start; for the rest there is a function per property.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mockserver.core.clock import SECOND
from mockserver.core.status import Status, failures_at
from mockserver.engine import instants
from mockserver.engine.jobs import INSTANTS, Job, JobKind, Render
from openapi.contract import Contract
from openapi.library import Address, Library, fault
from openapi.lifecycle import Failures, Lifecycle, PropertyPath
from openapi.parameters import types_of

# The value of a property of a job with this status.
Fill = Callable[[Job, Status], Any]


class _Constant(NamedTuple):
    """A value that all jobs in a state have."""

    value: Any


class _Optional(NamedTuple):
    """A value that is left out where it is false: an empty object or list, or no error."""

    fill: Fill


class _Fact(NamedTuple):
    """What was kept of the submission under this name."""

    name: str
    required: bool


_Value = _Constant | _Optional | _Fact | Fill


def renderer(contract: Contract, kind: JobKind) -> Render:
    """The function that renders a job of this kind in any state. Raises SourceError for a state that has none."""
    lifecycle = kind.lifecycle
    by_state = {state: _Shape(contract.library, kind, state).compile() for state in lifecycle.states}

    def render(job: Job) -> dict[str, Any]:
        status = job.status
        return by_state[status.state](job, status)

    return render


@dataclass(slots=True)
class _Object:
    """An object schema with its `allOf` and the member of its `oneOf` that belongs to the state folded in."""

    properties: dict[str, list[Address]] = field(default_factory=dict)
    forbidden: set[str] = field(default_factory=set)
    required: dict[str, None] = field(default_factory=dict)  # ordered, unlike a set


class _Shape:
    def __init__(self, library: Library, kind: JobKind, state: str) -> None:
        self.library = library
        self.kind = kind
        self.lifecycle: Lifecycle = kind.lifecycle
        self.state = state
        self.counts = {path: name for name, paths in self.lifecycle.counts.items() for path in paths}
        self.instants = {path: name for name, paths in self.lifecycle.instants.items() for path in paths}
        self.facts = {tuple(name.split("/")) for name in kind.facts}

    def compile(self) -> Callable[[Job, Status], dict[str, Any]]:
        found = _Object()
        self._fold(self.lifecycle.address, found)
        if self.lifecycle.state[0] not in found.properties:
            raise fault(self.library, self.lifecycle.address, f"no schema describes the state '{self.state}'")
        return self._object(found, (), self.lifecycle.address)

    def _object(self, shape: _Object, path: PropertyPath, address: Address) -> Callable[[Job, Status], dict[str, Any]]:
        members: dict[str, _Value] = {}
        # A list of required properties is written in the order in which they are printed; optional ones follow.
        for name in dict.fromkeys([*shape.required, *shape.properties]):
            places = shape.properties.get(name, [])
            if name not in shape.forbidden:
                value = self._value((*path, name), places, required=name in shape.required)
                if value is not None:
                    members[name] = value
                elif name in shape.required:
                    where = "/".join((*path, name))
                    raise fault(self.library, address, f"nothing fills '{where}', which '{self.state}' requires")
        return _filled(members)

    def _value(self, path: PropertyPath, places: list[Address], *, required: bool) -> _Value | None:
        known = [types for place in places if (types := self._types(place))]
        types = frozenset.intersection(*known) if known else frozenset()
        if types == {"null"} or "/".join(path) in self.kind.filled:
            return _Constant(None)
        if path == self.lifecycle.state:
            return _Constant(self.state)
        if path == self.lifecycle.id:
            return lambda job, status: job.record.id
        if path in self.counts:
            return _COUNTS[self.counts[path]]
        if path in self.instants:
            return self._instant(self.instants[path])
        if path in self.facts:
            return _Fact("/".join(path), required)
        if self.lifecycle.failures and path == self.lifecycle.failures.at:
            return self._failures(self.lifecycle.failures, required=required)
        if path == self.lifecycle.error:
            return _Optional(lambda job, status: status.error)
        return self._nested(path, places, required=required)

    def _nested(self, path: PropertyPath, places: list[Address], *, required: bool) -> _Value | None:
        found = _Object()
        for place in places:
            self._fold(place, found)
        if found.properties:
            return _unless_empty(self._object(found, path, places[0]), required=required)
        for place in places:
            _, schema = self.library.follow(place)
            if isinstance(schema, dict) and "const" in schema:
                return _Constant(schema["const"])
        return None

    def _instant(self, name: str) -> Fill:
        digits, instant = self.kind.digits, INSTANTS[name]
        if digits == 0 and name == "created":  # all that were made in a second share their text
            return lambda job, status: instants.text(job.record.at // SECOND * SECOND)
        return lambda job, status: _stamp(instant(job, status), digits)

    def _failures(self, failures: Failures, *, required: bool) -> _Value:
        index, reason = failures.index, failures.reason
        return _unless_empty(
            lambda job, status: [
                {index: failure.index, **dict(failure.about), reason: failure.reason}
                for failure in failures_at(job.record.plan, status)
            ],
            required=required,
        )

    def _types(self, address: Address) -> frozenset[str]:
        target, schema = self.library.follow(address)
        return types_of(self.library, target, schema)

    def _fold(self, address: Address, into: _Object) -> None:
        schema = self.library.value(address)
        if not isinstance(schema, dict):
            return
        if "$ref" in schema:  # what stands beside a reference holds as well
            self.library.follow(address)  # refuses one that leads nowhere, or in a circle
            self._fold(self.library.target(schema["$ref"], address.uri), into)
        for index in range(len(schema.get("allOf", ()))):
            self._fold(address / "allOf" / index, into)
        for name, member in (schema.get("properties") or {}).items():
            if member is False:
                into.forbidden.add(name)
            else:
                into.properties.setdefault(name, []).append(address / "properties" / name)
        into.required.update(dict.fromkeys(schema.get("required", ())))
        for keyword in ("oneOf", "anyOf"):
            for index in range(len(schema.get(keyword, ()))):
                member_address = address / keyword / index
                if self._is_for_state(member_address):
                    self._fold(member_address, into)

    def _is_for_state(self, address: Address) -> bool:
        """Whether this member of a union admits the state, by its `const` or `enum`."""
        found = _Object()
        _, schema = self.library.follow(address)
        if not isinstance(schema, dict):
            return False
        self._fold(address, found)
        for place in found.properties.get(self.lifecycle.state[0], ()):
            _, member = self.library.follow(place)
            if "const" in member:
                return bool(member["const"] == self.state)
            if "enum" in member and self.state not in member["enum"]:
                return False
        return bool(found.properties)


def _percent(job: Job, status: Status) -> int:
    """Whole per cent of the items done, rounded down; without items, by whether the job is at rest."""
    total = job.record.plan.total
    if total:
        return 100 * status.processed // total
    return 100 if job.kind.lifecycle.at_rest(status.state) else 0


def _stamp(instant: int | None, digits: int) -> str | None:
    return None if instant is None else instants.text(instant, digits)


_COUNTS: Mapping[str, Fill] = {
    "total": lambda job, status: job.record.plan.total,
    "processed": lambda job, status: status.processed,
    "succeeded": lambda job, status: status.processed - status.failed,
    "failed": lambda job, status: status.failed,
    "percent": _percent,
}


def _unless_empty(fill: Fill, *, required: bool) -> _Value:
    return fill if required else _Optional(fill)


def _filled(members: Mapping[str, _Value]) -> Callable[[Job, Status], dict[str, Any]]:
    """An object of these members; those that may be left out come last."""
    left_out = {name for name, value in members.items() if isinstance(value, _Optional) or _is_optional_fact(value)}
    skeleton = {
        name: value.value if isinstance(value, _Constant) else None
        for name, value in members.items()
        if name not in left_out
    }
    facts = [(name, value.name) for name, value in members.items() if isinstance(value, _Fact)]
    optional = [(name, value.fill) for name, value in members.items() if isinstance(value, _Optional)]
    fills = [(name, value) for name, value in members.items() if not isinstance(value, (_Constant, _Optional, _Fact))]

    def fill(job: Job, status: Status) -> dict[str, Any]:
        body, known = skeleton.copy(), job.record.facts
        for name, fact in facts:
            if fact in known:
                body[name] = known[fact]
        for name, value in fills:
            body[name] = value(job, status)
        for name, value in optional:
            if found := value(job, status):
                body[name] = found
        return body

    return fill


def _is_optional_fact(value: _Value) -> bool:
    return isinstance(value, _Fact) and not value.required
