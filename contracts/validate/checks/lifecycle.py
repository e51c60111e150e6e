"""Life cycles: states that are the schema's, reachable, with an end, and with a schema and an example each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from contracts.findings import Finding
from contracts.validate.document import Document
from contracts.validate.fields import fields, parts
from contracts.validate.schemas import Schemas
from contracts.validate.shape import faults
from contracts.validate.subject import Subject
from openapi import pointer as json_pointer
from openapi.library import Address
from openapi.reading import Node
from openapi.source import nearest

SCHEMA = Path(__file__).parents[2] / "schemas" / "x-lifecycle.schema.json"


@dataclass(slots=True)
class _Cycle:
    """A well-formed life cycle; `at` is the extension, `states` those that its schema declares."""

    node: Node
    at: Address
    value: dict[str, Any]
    states: dict[str, list[Address]]

    def arrows(self) -> Iterator[tuple[str, str, Address]]:
        """(from, to, where the arrow's end is written)."""
        for state, after in self.value["transitions"].items():
            for index, target in enumerate(after or ()):
                yield state, target, self.at / "transitions" / state / index
        for command, pairs in (self.value.get("commands") or {}).items():
            for state, target in pairs.items():
                yield state, target, self.at / "commands" / command / state

    def reachable(self, start: str) -> set[str]:
        seen, waiting = {start}, [start]
        while waiting:
            here = waiting.pop()
            for state, target, _ in self.arrows():
                if state == here and target not in seen:
                    seen.add(target)
                    waiting.append(target)
        return seen

    def terminal(self) -> set[str]:
        """The states that nothing leads out of."""
        left = {state for state, _, _ in self.arrows()}
        return {state for state in self.named() if state not in left}

    def named(self) -> set[str]:
        ends = {state for pair in self.arrows() for state in pair[:2]}
        return ends | {self.value["initial"]} | set(self.value["transitions"])


def check(subject: Subject) -> Iterator[Finding]:
    document = subject.document
    values = _Values(document)
    for node in document.of("schema"):
        if "x-lifecycle" not in node.value:
            continue
        at = node.address / "x-lifecycle"
        problems = list(faults(SCHEMA, node.value["x-lifecycle"]))
        for pointer, problem, hint, key in problems:
            place = Address(at.uri, at.pointer + pointer)
            yield document.finding("lifecycle-structure", place, problem, hint, key=key)
        if not problems:
            value = node.value["x-lifecycle"]
            cycle = _Cycle(node, at, value, _states(document, node, value["state"].split("/")))
            yield from _names(document, cycle)
            yield from _ways(document, cycle)
            yield from _schemas(document, cycle)
            yield from _examples(document, subject.schemas, values, cycle)
            yield from _commands(document, cycle)
            yield from _properties(document, cycle)


def _states(document: Document, node: Node, path: list[str]) -> dict[str, list[Address]]:
    """Every state that the schema declares, and the member schemas (of its `oneOf`) that allow it."""
    members = [
        node.address / keyword / index
        for keyword in ("oneOf", "anyOf")
        for index in range(len(node.value.get(keyword) or ()))
    ]
    found: dict[str, list[Address]] = {}
    for member in members or [node.address]:
        for field in fields(document, member, path):
            for part in parts(document, field):
                for state in [*(part.value.get("enum") or ()), part.value.get("const")]:
                    if isinstance(state, str) and member not in found.setdefault(state, []):
                        found[state].append(member)
    return found


def _names(document: Document, cycle: _Cycle) -> Iterator[Finding]:
    """Both ways: each state named is the schema's, each of the schema's is named."""
    written = [(cycle.value["initial"], cycle.at / "initial", False)]
    written += [(state, cycle.at / "transitions" / state, True) for state in cycle.value["transitions"]]
    for state, target, at in cycle.arrows():
        if "/commands/" in at.pointer[len(cycle.at.pointer) :]:
            written.append((state, at, True))
        written.append((target, at, False))
    for state, at, key in written:
        if state not in cycle.states:
            message = f"'{state}' is no state of the schema"
            yield document.finding("lifecycle-state-unknown", at, message, nearest(state, cycle.states), key=key)
    for state in cycle.states:
        if state not in cycle.named():
            message = f"the state '{state}' of the schema does not occur in the life cycle"
            yield document.finding("lifecycle-state-unnamed", cycle.at, message, key=True)


def _ways(document: Document, cycle: _Cycle) -> Iterator[Finding]:
    reached = cycle.reachable(cycle.value["initial"])
    terminal = cycle.terminal()
    for state in sorted(cycle.named() & set(cycle.states)):
        leaving = cycle.at / "transitions" / state
        arriving = (place for _, target, place in cycle.arrows() if target == state)
        at = leaving if state in cycle.value["transitions"] else next(arriving, cycle.at)
        if state not in reached:
            message = f"no way leads from '{cycle.value['initial']}' to '{state}'"
            yield document.finding("lifecycle-unreachable", at, message, key=True)
        elif not cycle.reachable(state) & terminal:
            message = f"no way leads from '{state}' to a state that a job stays in"
            yield document.finding("lifecycle-endless", at, message, key=True)


def _schemas(document: Document, cycle: _Cycle) -> Iterator[Finding]:
    """One schema per state, so that a validator can say what holds in which state."""
    by_member: dict[Address, list[str]] = {}
    for state, members in cycle.states.items():
        for member in members:
            by_member.setdefault(member, []).append(state)
    for member, states in by_member.items():
        if len(states) > 1:
            message = f"the states {', '.join(states)} share one schema"
            yield document.finding("lifecycle-state-schema", member, message, "one member of oneOf per state")


class _Values:
    """Every example value of a document, with all objects inside it."""

    def __init__(self, document: Document) -> None:
        self._document = document

    @cached_property
    def objects(self) -> list[dict[str, Any]]:
        document = self._document
        waiting = [node.value[f] for node in document.of("example") for f in ("value", "dataValue") if f in node.value]
        for kind in ("media-type", "schema"):
            waiting += [node.value["example"] for node in document.of(kind) if "example" in node.value]
        waiting += [node.value["examples"] for node in document.of("schema") if "examples" in node.value]
        found = []
        while waiting:
            value = waiting.pop()
            if isinstance(value, dict):
                found.append(value)
                waiting.extend(value.values())
            elif isinstance(value, list):
                waiting.extend(value)
        return found


def _examples(document: Document, schemas: Schemas, values: _Values, cycle: _Cycle) -> Iterator[Finding]:
    path = tuple(cycle.value["state"].split("/"))
    shown = {
        state
        for value in values.objects
        if isinstance(state := json_pointer.find(value, path), str)
        and state in cycle.states
        and not schemas.misfits(cycle.node.address, value)
    }
    for state, members in cycle.states.items():
        if state not in shown:
            message = f"no example shows a valid job in the state '{state}'"
            yield document.finding("lifecycle-state-example", members[0], message)


def _commands(document: Document, cycle: _Cycle) -> Iterator[Finding]:
    for command in cycle.value.get("commands") or {}:
        if command not in document.by_id:
            at = cycle.at / "commands" / command
            hint = nearest(command, document.by_id)
            yield document.finding("lifecycle-command", at, f"there is no operation '{command}'", hint, key=True)


def _properties(document: Document, cycle: _Cycle) -> Iterator[Finding]:
    value = cycle.value
    named: list[tuple[str, Address]] = [(value["id"], cycle.at / "id"), (value["state"], cycle.at / "state")]
    for group in ("counts", "instants"):
        for meaning, places in (value.get(group) or {}).items():
            at = cycle.at / group / meaning
            several = isinstance(places, list)
            named += [(place, at / index) for index, place in enumerate(places)] if several else [(places, at)]
    failures = value.get("failures")
    if failures:
        named.append((failures["at"], cycle.at / "failures" / "at"))
        if fields(document, cycle.node.address, failures["at"].split("/")):
            item = f"{failures['at']}/0/"
            named += [(item + failures[name], cycle.at / "failures" / name) for name in ("index", "reason")]
    for path, at in named:
        if not fields(document, cycle.node.address, path.split("/")):
            hint = nearest(path, _known(document, cycle.node.address))
            yield document.finding("lifecycle-property", at, f"the schema has no property {path}", hint)


def _known(document: Document, schema: Address) -> list[str]:
    return [name for part in parts(document, schema) for name in part.value.get("properties") or {}]
