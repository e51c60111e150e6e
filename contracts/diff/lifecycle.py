"""How jobs live (`x-lifecycle`): what a client that polls may count on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contracts.diff.collect import Collector
from contracts.diff.resolved_node import ResolvedNode
from contracts.diff.rules import Kind
from openapi.library import Address, Library
from openapi.lifecycle import Lifecycle, parse_lifecycle

_KEY = "x-lifecycle"


def compare(old: Library, new: Library, collector: Collector) -> None:
    """Compare the life cycles of schemas with the same address. Raises SourceError for a broken one."""
    before, after = _lifecycles(old), _lifecycles(new)
    for pointer, left in before.items():
        right = after.get(pointer)
        if right is None:
            text = f"{left.name}: how the job lives is no longer told"
            collector.add("lifecycle-removed", Kind.CLIENT, text, left.at, Address(new.main, pointer))
        else:
            _Pair(left, right, collector).compare()
    for pointer, right in after.items():
        if pointer not in before:
            text = f"{right.name}: how the job lives is told now"
            collector.add("lifecycle-added", Kind.COMPATIBLE, text, Address(old.main, pointer), right.at)


@dataclass(frozen=True, slots=True)
class _Side:
    at: Address
    cycle: Lifecycle
    value: Any

    @property
    def name(self) -> str:
        return self.cycle.address.pointer.rpartition("/")[2]

    @property
    def pairs(self) -> set[tuple[str, str]]:
        return {(state, target) for state, targets in self.cycle.transitions.items() for target in targets}

    @property
    def commands(self) -> dict[tuple[str, str], str]:
        return {(command, state): to for command, arrows in self.cycle.commands.items() for state, to in arrows.items()}


def _lifecycles(library: Library) -> dict[str, _Side]:
    root = ResolvedNode.of(library, Address(library.main, ""))
    return dict(_found(library, root))


def _found(library: Library, root: ResolvedNode) -> Iterator[tuple[str, _Side]]:
    """Component schemas that carry one, as specs/README.md says."""
    components = root.get("components")
    for node in (components.members("schemas") if components else {}).values():
        if isinstance(node.value, dict) and _KEY in node.value:
            cycle = parse_lifecycle(library, node.address)
            yield node.written.pointer, _Side(node.address / _KEY, cycle, node.value[_KEY])


@dataclass(frozen=True, slots=True)
class _Pair:
    old: _Side
    new: _Side
    collector: Collector

    def compare(self) -> None:
        self._properties()
        self._states()
        self._arrows()
        self._commands()

    def _tell(self, rule: str, kind: Kind, message: str, key: str, *rest: str) -> None:
        left, right = self.old.at / key, self.new.at / key
        for token in rest:
            left, right = left / token, right / token
        self.collector.add(rule, kind, f"{self.new.name}: {message}", left, right)

    def _properties(self) -> None:
        for key in ("id", "state"):
            before, after = self.old.value[key], self.new.value[key]
            if before != after:
                text = f"the {key} is the property '{after}' now, it was '{before}'"
                self._tell("lifecycle-property-changed", Kind.CLIENT, text, key)
        if (was := self.old.cycle.initial) != (now := self.new.cycle.initial):
            self._tell("initial-state-changed", Kind.CLIENT, f"a job begins as '{now}', it was '{was}'", "initial")
        for key in ("counts", "instants", "failures"):
            if self.old.value.get(key) != self.new.value.get(key):
                text = f"what its {key} mean is told otherwise"
                self._tell("lifecycle-meaning-changed", Kind.DOCUMENTATION, text, key)

    def _states(self) -> None:
        before, after = self.old.cycle, self.new.cycle
        reachable = after.reachable(after.initial)
        for state in after.states:
            if state not in before.states:
                kind = Kind.CLIENT if state in reachable else Kind.COMPATIBLE
                key = next((source for source, target in sorted(self.new.pairs) if target == state), state)
                text = f"the state '{state}' is new" + ("" if state in reachable else ", and cannot be reached")
                self._tell("state-added", kind, text, "transitions", key)
        for state in before.states:
            if state not in after.states:
                self._tell("state-removed", Kind.COMPATIBLE, f"the state '{state}' is gone", "transitions", state)

    def _arrows(self) -> None:
        """Between states that both sides know: an arrow of a new state is that state's business."""
        known = set(self.old.cycle.states) & set(self.new.cycle.states)
        for source, target in sorted(self.new.pairs - self.old.pairs):
            if {source, target} <= known:
                rested = self.old.cycle.at_rest(source)
                text = f"'{source}' moves to '{target}' now" + (", where it was at rest" if rested else "")
                self._tell("arrow-added", Kind.CLIENT, text, "transitions", source)
        for source, target in sorted(self.old.pairs - self.new.pairs):
            if source in self.new.cycle.states:
                text = f"'{source}' no longer moves to '{target}'"
                self._tell("arrow-removed", Kind.CLIENT, text, "transitions", source)

    def _commands(self) -> None:
        before, after = self.old.commands, self.new.commands
        for command, state in sorted(before.keys() | after.keys()):
            key = (command, state)
            if key not in after:
                if state in self.new.cycle.states:
                    text = f"{command} is refused in '{state}' now"
                    self._tell("command-removed", Kind.REQUEST, text, "commands", command, state)
            elif key not in before:
                if state in self.old.cycle.states:
                    text = f"{command} is taken in '{state}' too"
                    self._tell("command-added", Kind.COMPATIBLE, text, "commands", command, state)
            elif before[key] != after[key]:
                text = f"{command} leads from '{state}' to '{after[key]}', it was '{before[key]}'"
                self._tell("command-changed", Kind.CLIENT, text, "commands", command, state)
