"""Holds a simulation against its contract at start: every name in it must exist, or SourceError says which does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mockserver.engine.problems import GENERAL
from mockserver.engine.simulation import OperationPlay, Simulation, Tokens
from openapi.contract import Contract
from openapi.pointer import Token
from openapi.source import SourceError, nearest

PARTS = ("path", "query", "header", "body", "credential")
Place = tuple[Token, ...]


def check_simulation(contract: Contract, simulation: Simulation, functions: Iterable[str]) -> None:
    """Operations, security schemes, scenarios, problems and pointers; `functions` are the operations a module plays."""
    operations = {operation.id for operation in contract.operations}
    for identifier in simulation.operations:
        _known(simulation, "operation", identifier, operations, ("operations", identifier))
    for identifier in functions:
        if identifier not in operations:
            raise SourceError(contract.library.folder.name, f"plays '{identifier}', which the contract does not have")
    for scheme in simulation.credentials:
        _known(simulation, "security scheme", scheme, contract.schemes, ("credentials", scheme))
    for identifier, play in simulation.operations.items():
        for place, name in _problems(play):
            known = set(GENERAL) | set(simulation.problems)
            _known(simulation, "problem", name, known, ("operations", identifier, *place))
        for place, pointer in _pointers(play):
            if pointer and pointer[0] not in PARTS:
                problem = f"'/{'/'.join(pointer)}' starts with none of {', '.join(f'/{part}' for part in PARTS)}"
                raise simulation.fault(problem, "operations", identifier, *place)


def check_test_values(simulation: Simulation, scenarios: Iterable[str]) -> None:
    """The scenarios that test values choose; the contract's named examples count as well."""
    known = set(scenarios)
    for row, value in enumerate(simulation.test_values):
        if value.scenario:
            _known(simulation, "scenario", value.scenario, known, ("test_values", row, "scenario"))


def _known(simulation: Simulation, what: str, name: str, known: Iterable[str], place: Place) -> None:
    names = set(known)
    if name not in names:
        raise simulation.fault(f"there is no {what} '{name}'", *place, hint=nearest(name, names))


def _problems(play: OperationPlay) -> Iterator[tuple[Place, str]]:
    yield ("missing",), play.missing
    for state, problem in play.refused.items():
        yield ("refused", state or "default"), problem
    for index, must in enumerate(play.must):
        yield ("must", index, "else"), must.otherwise
    if play.idempotency:
        yield ("idempotency", "mismatch"), play.idempotency.mismatch


def _pointers(play: OperationPlay) -> Iterator[tuple[Place, Tokens]]:
    yield ("id",), play.id
    yield ("group",), play.group
    for name, pointer in play.where.items():
        yield ("where", name), pointer
    for index, must in enumerate(play.must):
        for name, pointer in must.where.items():
            yield ("must", index, "where", name), pointer
    if play.items:
        yield ("items", "at"), play.items.at
    if play.idempotency:
        yield ("idempotency", "key"), play.idempotency.key
