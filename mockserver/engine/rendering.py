"""Job bodies from the contract alone: a state's schema says which properties there are, `x-lifecycle` what they mean.

Compiled once per state; at request time a body is one pass over a list of makers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.core.clock import SECOND
from mockserver.core.status import Status, failures_at
from mockserver.engine import instants
from mockserver.engine.jobs import INSTANTS, Job, JobKind, Render
from mockserver.specification.contract import Contract
from mockserver.specification.library import Address, Library, fault
from mockserver.specification.lifecycle import Lifecycle, PropertyPath
from mockserver.specification.parameters import types_of

OMIT = object()
# The job and its status, which is asked for once -> the value of a property.
Maker = Callable[[Job, Status], Any]


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
        makers: list[tuple[str, Maker]] = []
        # A list of required properties is written in the order in which they are printed; optional ones follow.
        for name in dict.fromkeys([*shape.required, *shape.properties]):
            places = shape.properties.get(name, [])
            if name not in shape.forbidden:
                maker = self._maker((*path, name), places, required=name in shape.required)
                if maker is not None:
                    makers.append((name, maker))
                elif name in shape.required:
                    where = "/".join((*path, name))
                    raise fault(self.library, address, f"nothing fills '{where}', which '{self.state}' requires")

        def make(job: Job, status: Status) -> dict[str, Any]:
            return {name: value for name, maker in makers if (value := maker(job, status)) is not OMIT}

        return make

    def _maker(self, path: PropertyPath, places: list[Address], *, required: bool) -> Maker | None:
        known = [types for place in places if (types := self._types(place))]
        types = frozenset.intersection(*known) if known else frozenset()
        if types == {"null"} or "/".join(path) in self.kind.filled:
            return lambda _job, _status: None
        if path == self.lifecycle.state:
            state = self.state
            return lambda _job, _status: state
        if path == self.lifecycle.id:
            return lambda job, _status: job.record.id
        if path in self.counts:
            return _COUNT_MAKERS[self.counts[path]]
        if path in self.instants:
            return _instant_maker(self.instants[path], self.kind.digits)
        if path in self.facts:
            return _fact_maker("/".join(path))
        if self.lifecycle.failures and path == self.lifecycle.failures.at:
            return self._failures_maker(required=required)
        if path == self.lifecycle.error:
            return lambda _job, status: status.error or OMIT
        return self._nested(path, places, required=required)

    def _nested(self, path: PropertyPath, places: list[Address], *, required: bool) -> Maker | None:
        found = _Object()
        for place in places:
            self._fold(place, found)
        if found.properties:
            make = self._object(found, path, places[0])
            return make if required else lambda job, status: make(job, status) or OMIT
        for place in places:
            _, schema = self.library.follow(place)
            if isinstance(schema, dict) and "const" in schema:
                constant = schema["const"]
                return lambda _job, _status: constant
        return None

    def _failures_maker(self, *, required: bool) -> Maker:
        assert self.lifecycle.failures
        index, reason = self.lifecycle.failures.index, self.lifecycle.failures.reason

        def make(job: Job, status: Status) -> Any:
            failures = failures_at(job.record.plan, status)
            listed = [{index: f.index, **dict(f.about), reason: f.reason} for f in failures]
            return listed if listed or required else OMIT

        return make

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


_COUNT_MAKERS: Mapping[str, Maker] = {
    "total": lambda job, _status: job.record.plan.total,
    "processed": lambda _job, status: status.processed,
    "succeeded": lambda _job, status: status.processed - status.failed,
    "failed": lambda _job, status: status.failed,
    "percent": _percent,
}


def _instant_maker(name: str, digits: int) -> Maker:
    if digits == 0 and name == "created":
        return lambda job, _status: instants.text(job.record.at // SECOND * SECOND)

    instant_of = INSTANTS[name]

    def make(job: Job, status: Status) -> Any:
        instant = instant_of(job, status)
        return None if instant is None else instants.text(instant, digits)

    return make


def _fact_maker(name: str) -> Maker:
    return lambda job, _status: job.record.facts.get(name, OMIT)
