"""`x-lifecycle`: how a job lives, as the contract says it (see specs/README.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from openapi.library import Address, Library, fault
from openapi.source import nearest

# A property relative to the job object: `result/generated` is ("result", "generated").
PropertyPath = tuple[str, ...]

COUNTS = ("total", "processed", "succeeded", "failed", "percent")
INSTANTS = ("created", "started", "finished", "updated")
_KEYS = ("id", "state", "initial", "transitions", "commands", "counts", "instants", "failures", "error")


@dataclass(frozen=True, slots=True)
class Failures:
    """Where the items that failed are listed: `at` is the array, the rest are properties of its members."""

    at: PropertyPath
    index: str
    reason: str


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The order of a job's states, and what its other properties mean.

    `address` is the schema that carries it. `commands` maps an operationId to `from -> to`. A count may stand in
    several places. `error` says why a job failed as a whole. `states` are all states in the order of the document.
    """

    address: Address
    id: PropertyPath
    state: PropertyPath
    initial: str
    states: tuple[str, ...]
    transitions: Mapping[str, tuple[str, ...]]
    commands: Mapping[str, Mapping[str, str]]
    counts: Mapping[str, tuple[PropertyPath, ...]]
    instants: Mapping[str, tuple[PropertyPath, ...]]
    failures: Failures | None
    error: PropertyPath | None = None

    def at_rest(self, state: str) -> bool:
        """Nothing happens by itself any more: a client may stop polling."""
        return not self.transitions.get(state)

    def terminal(self, state: str) -> bool:
        """At rest, and no command leads out of it."""
        return self.at_rest(state) and not any(state in arrows for arrows in self.commands.values())

    def arrows(self) -> Iterator[tuple[str, str]]:
        """Every (from, to): transitions first, then commands."""
        for state, targets in self.transitions.items():
            for target in targets:
                yield state, target
        for command in self.commands.values():
            yield from command.items()

    def follows(self, state: str, later: str) -> bool:
        """Whether time alone can lead from `state` to `later`, in any number of steps."""
        return later in self.reachable(state, by_command=False)

    def reachable(self, state: str, *, by_command: bool = True) -> set[str]:
        """Every state that can be reached from `state`, itself included."""
        seen, waiting = {state}, [state]
        arrows = list(self.arrows()) if by_command else [(a, b) for a, bs in self.transitions.items() for b in bs]
        while waiting:
            here = waiting.pop()
            for source, target in arrows:
                if source == here and target not in seen:
                    seen.add(target)
                    waiting.append(target)
        return seen

    def way(self, state: str, target: str) -> tuple[str, ...]:
        """The shortest way from `state` to `target` by time alone, both included; empty if there is none."""
        ways: list[tuple[str, ...]] = [(state,)]
        seen = {state}
        while ways:
            way = ways.pop(0)
            if way[-1] == target:
                return way
            for after in self.transitions.get(way[-1], ()):
                if after not in seen:
                    seen.add(after)
                    ways.append((*way, after))
        return ()


def parse_lifecycle(library: Library, schema: Address) -> Lifecycle:
    """The life cycle that the schema at `schema` carries. Raises SourceError at the first fault."""
    at = schema / "x-lifecycle"
    value = library.value(at)
    if not isinstance(value, dict):
        raise fault(library, at, "x-lifecycle is an object")
    for key in value:
        if key not in _KEYS:
            raise fault(library, at / key, f"x-lifecycle has no '{key}'", nearest(key, _KEYS), key=True)
    for key in ("id", "state", "initial", "transitions"):
        if key not in value:
            raise fault(library, at, f"x-lifecycle lacks '{key}'")
    initial = _text(library, at, value, "initial")
    transitions = _transitions(library, at / "transitions", value["transitions"])
    commands = _commands(library, at / "commands", value.get("commands") or {})
    named = [initial, *transitions, *(s for after in transitions.values() for s in after)]
    named += [state for arrows in commands.values() for pair in arrows.items() for state in pair]
    return Lifecycle(
        address=schema,
        id=_path(_text(library, at, value, "id")),
        state=_path(_text(library, at, value, "state")),
        initial=initial,
        states=tuple(dict.fromkeys(named)),
        transitions=transitions,
        commands=commands,
        counts=_places(library, at / "counts", value.get("counts") or {}, COUNTS),
        instants=_places(library, at / "instants", value.get("instants") or {}, INSTANTS),
        failures=_failures(library, at / "failures", value.get("failures")),
        error=_path(_text(library, at, value, "error")) if "error" in value else None,
    )


def _path(text: str) -> PropertyPath:
    return tuple(text.split("/"))


def _text(library: Library, at: Address, value: Mapping[str, Any], key: str) -> str:
    if not isinstance(value[key], str):
        raise fault(library, at / key, f"'{key}' is text, such as 'state' or 'attributes/state'")
    return str(value[key])


def _object(library: Library, at: Address, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise fault(library, at, f"{at.pointer.rpartition('/')[2]} is an object")
    return value


def _transitions(library: Library, at: Address, value: Any) -> dict[str, tuple[str, ...]]:
    """`pending: [processing]`; a state that stays may be written with an empty list or nothing."""
    transitions = {}
    for state, after in _object(library, at, value).items():
        if after is not None and not (isinstance(after, list) and all(isinstance(name, str) for name in after)):
            raise fault(library, at / state, "the states that follow are a list, such as [completed, failed]")
        transitions[state] = tuple(after or ())
    return transitions


def _commands(library: Library, at: Address, value: Any) -> dict[str, dict[str, str]]:
    commands = {}
    for name, arrows in _object(library, at, value).items():
        for state, target in _object(library, at / name, arrows).items():
            if not isinstance(target, str):
                raise fault(library, at / name / state, "a command leads to one state, such as {completed: revoking}")
        commands[name] = dict(arrows)
    return commands


def _places(library: Library, at: Address, value: Any, known: tuple[str, ...]) -> dict[str, tuple[PropertyPath, ...]]:
    for key, places in _object(library, at, value).items():
        if key not in known:
            raise fault(library, at / key, f"there is no '{key}' here", nearest(key, known), key=True)
        if not all(isinstance(place, str) for place in (places if isinstance(places, list) else [places])):
            raise fault(library, at / key, f"'{key}' is a property or a list of them, such as 'total_count'")
    return {key: tuple(map(_path, places if isinstance(places, list) else [places])) for key, places in value.items()}


def _failures(library: Library, at: Address, value: Any) -> Failures | None:
    if value is None:
        return None
    value = _object(library, at, value)
    for key in ("at", "index", "reason"):
        if not isinstance(value.get(key), str):
            raise fault(library, at, f"failures lacks '{key}'")
    return Failures(_path(value["at"]), value["index"], value["reason"])
