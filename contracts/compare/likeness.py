"""A job in a state that the contract does not know: which of the known ones it is most like."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from openapi import pointer as json_pointer
from openapi.contract import Contract
from openapi.library import Address, Library
from openapi.lifecycle import Lifecycle
from openapi.validators import Violation, violations

# A schema that refers to another one, and so on, is about no state.
DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Likeness:
    """The member of a job's union that a job in another `state` is most like, and what is wrong with it there."""

    job: Lifecycle
    member: Address
    state: str
    misfits: tuple[Violation, ...]


def likeness(contract: Contract, union: Address, value: Any) -> Likeness | None:
    """None where the value is no job of a known life cycle, or its state is known."""
    job, state = job_of(contract, union), state_of(contract, union, value)
    if job is None or not state:
        return None
    found = [Likeness(job, member, state, misfits) for member, misfits in _members(contract, job, union, value)]
    return min(found, key=lambda one: len(one.misfits), default=None)


def job_of(contract: Contract, union: Address) -> Lifecycle | None:
    """The life cycle of the schema that a union stands in."""
    return contract.lifecycles.get(Address(union.uri, union.pointer.rpartition("/")[0]))


def state_of(contract: Contract, union: Address, value: Any) -> str:
    """The state of a job, where the contract does not know it; otherwise ""."""
    job = job_of(contract, union)
    state = json_pointer.find(value, job.state) if job else None
    known = {_said(contract.library, member, job.state) for member in _each(contract, union)} if job else set()
    return state if isinstance(state, str) and state not in known else ""


def property_of(schema: Any, way: tuple[str, ...]) -> dict[str, Any]:
    """The schema of a property as it stands in another one; an empty one where it does not."""
    for name in way:
        schema = (schema.get("properties") or {}).get(name) if isinstance(schema, dict) else None
    return schema if isinstance(schema, dict) else {}


def _each(contract: Contract, union: Address) -> Iterator[Address]:
    return (union / index for index in range(len(contract.library.value(union))))


def _members(
    contract: Contract, job: Lifecycle, union: Address, value: Any
) -> Iterator[tuple[Address, tuple[Violation, ...]]]:
    """Every member that is about one state, and what does not fit it of the value in that state."""
    for index in _each(contract, union):
        member = _naming(contract.library, index, job.state)
        if member is not None:
            renamed = copy.deepcopy(value)
            said = property_of(contract.library.value(member), job.state)["const"]
            json_pointer.find(renamed, job.state[:-1])[job.state[-1]] = said
            yield member, tuple(violations(contract.validators.at(member), renamed, "body"))


def _said(library: Library, member: Address, way: tuple[str, ...]) -> str:
    naming = _naming(library, member, way)
    return property_of(library.value(naming), way)["const"] if naming else ""


def _naming(library: Library, member: Address, way: tuple[str, ...]) -> Address | None:
    """The schema that says which state a member of a union is about: the member, or one that it refers to."""
    for _ in range(DEEPEST):
        schema = library.value(member)
        if isinstance(property_of(schema, way).get("const"), str):
            return member
        if not isinstance(schema, dict) or "$ref" not in schema:
            return None
        member = library.target(schema["$ref"], member.uri)
    return None
