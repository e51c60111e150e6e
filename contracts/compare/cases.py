"""What both servers are asked: drawn once, from the contract and the left server's data, and replayed on either.

A case holds plain values of the left server. The right one gets its own in their place: its data of the same names, and
what a link finds in its own answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st

from contracts.compare.side import Side
from contracts.laws.jobs import Driver, drivers
from contracts.target.client import Client
from openapi import pointer as json_pointer
from openapi.contract import Operation

# Values that a careful server tells apart from a good one.
ODD: tuple[Any, ...] = (None, True, 0, -1, "", " ", "unknown", "x" * 300, [], {}, 1.5, "2025-06-01")
ODD_TEXTS = ("", "0", "-1", "1", "2", "100", "101", "1000001", "abc", "unknown", "x" * 300, "true")
# How many jobs of each kind are followed to their end, and how many seconds a wait takes at most.
JOBS = 3


@dataclass(frozen=True, slots=True)
class Case:
    """One request, and the links of its answer after it. `arguments` are those of `Context.call`."""

    name: str
    operation: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    credential: str | None = "default"
    follow: bool = False


@dataclass(frozen=True, slots=True)
class JobCase:
    """A job from its submission to its rest, and every command. `early` commands it before anything has happened."""

    name: str
    lifecycle: str
    body: Any
    early: bool


def cases(side: Side, *, examples: int, writes: bool) -> list[Case | JobCase]:
    """Every case, in the order of playing. The same seed gives the same cases."""
    found: list[Case | JobCase] = []
    for operation in side.context.subject.contract.operations:
        if operation.method == "GET" or writes:
            found += _of_operation(side, operation, examples)
    if writes:
        for driver in drivers(side.context, side.laws.jobs):
            found += _of_jobs(side, driver)
    return found


def _of_operation(side: Side, operation: Operation, examples: int) -> Iterator[Case]:
    arguments = defaults(side.client, operation)
    if arguments is None:
        return
    yield Case(f"{operation.id}, as in the contract", operation.id, arguments, follow=True)
    for name in (None, *sorted(side.target.credentials)):
        if name != "default" and operation.security:
            words = f"the credential {name}" if name else "no credential"
            yield Case(f"{operation.id} with {words}", operation.id, arguments, name)
    drawn = drawing(_variations(operation, arguments), examples, side.context.derived_seed)
    for number, varied in enumerate(drawn, 1):
        yield Case(f"{operation.id}, variation {number}", operation.id, varied)


def defaults(client: Client, operation: Operation) -> dict[str, Any] | None:
    """The arguments of the contract's own example; None when nothing says what to send."""
    places = {"path": "path", "query": "query", "header": "headers"}
    found: dict[str, Any] = {"path": {}, "query": {}, "headers": {}}
    try:
        for parameter in operation.parameters:
            if parameter.required and parameter.location in places:
                found[places[parameter.location]][parameter.name] = client.default(operation, parameter)
        if operation.body is not None:
            found["body"] = client.sample(operation)
    except LookupError:
        return None if operation.body is None or operation.body.required else found
    return found


def _variations(operation: Operation, arguments: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """The example with one thing changed: a parameter given, odd or left out; a value of the body odd, gone or more."""
    choices: list[st.SearchStrategy[dict[str, Any]]] = []
    for parameter in operation.parameters:
        place = {"path": "path", "query": "query", "header": "headers"}.get(parameter.location)
        if place is not None:
            texts = [*(text for text in ODD_TEXTS if text or place != "path"), *([None] if place != "path" else [])]
            choices.append(st.sampled_from(texts).map(_setting(arguments, place, parameter.name)))
    if "body" in arguments:
        # A form is always an object; a JSON body may be anything.
        form = operation.body is not None and "application/x-www-form-urlencoded" in operation.body.media
        pointers = [pointer for pointer in _pointers(arguments["body"]) if pointer or not form]
        changed = st.tuples(st.sampled_from(pointers), st.sampled_from(("set", "drop", "add")), st.sampled_from(ODD))
        choices.append(changed.map(lambda change: {**arguments, "body": altered(arguments["body"], *change)}))
    return st.one_of(choices) if choices else st.nothing()


def _setting(arguments: Mapping[str, Any], place: str, name: str) -> Callable[[Any], dict[str, Any]]:
    return lambda value: {**arguments, place: {**arguments[place], name: value}}


def _pointers(value: Any, pointer: str = "") -> Iterator[str]:
    yield pointer
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in items:
        yield from _pointers(member, pointer + json_pointer.join(key))


def altered(value: Any, pointer: str, action: str, odd: Any) -> Any:
    """A copy with one value replaced (`set`), taken out (`drop`), or given one more (`add`; a list is repeated)."""
    tokens = json_pointer.split(pointer)
    if tokens:
        token, rest = tokens[0], json_pointer.join(*tokens[1:])
        if isinstance(value, list):
            index = int(token)
            if action == "drop" and not rest:
                return value[:index] + value[index + 1 :]
            return [altered(member, rest, action, odd) if i == index else member for i, member in enumerate(value)]
        if action == "drop" and not rest:
            return {key: member for key, member in value.items() if key != token}
        return {key: altered(member, rest, action, odd) if key == token else member for key, member in value.items()}
    if action == "add" and isinstance(value, dict):
        return {**value, "unknown_property": odd}
    if action == "add" and isinstance(value, list):
        return [*value, *value]
    return odd


def _of_jobs(side: Side, driver: Driver) -> Iterator[JobCase]:
    name = driver.lifecycle.address.pointer.rpartition("/")[2]
    bodies = drawing(driver.bodies(), JOBS, side.context.derived_seed)
    for number, body in enumerate(bodies, 1):
        yield JobCase(f"{name} {number}, commanded at rest", name, body, early=False)
    if driver.lifecycle.commands:
        for body in bodies[:1]:
            yield JobCase(f"{name}, commanded at once", name, body, early=True)


def drawing(strategy: st.SearchStrategy[Any], count: int, seed: int) -> list[Any]:
    """At most so many different values, the same for the same seed."""
    found: list[Any] = []
    if strategy.is_empty or count < 1:
        return found

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
    )
    @hypothesis.given(strategy)
    def collect(value: Any) -> None:
        if value not in found:
            found.append(value)

    collect()
    return found


def translation(left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, str]:
    """Each text of the left server's data, and the right one's of the same name and position."""
    pairs = (
        pair
        for name in left.keys() & right.keys()
        for pair in zip(_listed(left[name]), _listed(right[name]), strict=False)
    )
    return {one: other for one, other in pairs if isinstance(one, str) and isinstance(other, str)}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def translated(value: Any, words: Mapping[str, str]) -> Any:
    """A value with the other server's data in it."""
    if isinstance(value, dict):
        return {key: translated(member, words) for key, member in value.items()}
    if isinstance(value, list):
        return [translated(member, words) for member in value]
    return words.get(value, value) if isinstance(value, str) else value
