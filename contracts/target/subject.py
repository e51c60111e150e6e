"""What a server is held against: a contract, its facts, and where each promise stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from contracts.findings import Location, shown
from openapi.contract import Contract, Operation, load_contract
from openapi.library import Address
from openapi.shipped import SPECS
from openapi.source import SourceError, nearest

_FACT = re.compile(r"\| ([A-Z][0-9]+) \| (.*?) \|")


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of `facts.md`."""

    number: str
    statement: str
    location: Location


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """One provider's contract, equal to itself alone. `facts` is empty for a document that comes without."""

    name: str
    path: Path
    contract: Contract
    facts: Mapping[str, Fact]

    def location(self, promise: str | Address) -> Location:
        """Where a promise stands: a fact (`T20`), an operationId, a JSON Pointer into the contract, or an address.

        Raises LookupError for a promise that nobody made.
        """
        if isinstance(promise, str) and promise in self.facts:
            return self.facts[promise].location
        operation = self.contract.operation(promise) if isinstance(promise, str) else None
        address = operation.address if operation else promise
        if isinstance(address, str):
            if not address.startswith("/"):
                raise LookupError(f"{self.name} has no fact and no operation '{address}'")
            address = Address(self.contract.library.main, address)
        path, position = self.contract.library.position(address, key=True)
        return Location(shown(path), position.line, position.column, address.pointer)

    def statement(self, promise: str | Address) -> str:
        """The words of a fact, or where the promise stands in the contract."""
        if isinstance(promise, str) and promise in self.facts:
            return self.facts[promise].statement
        return self.location(promise).pointer

    def operation(self, name: str) -> Operation:
        """The operation of this operationId. Raises LookupError with the nearest name."""
        found = self.contract.operation(name)
        if found is None:
            known = [operation.id for operation in self.contract.operations]
            raise LookupError(f"{self.name} has no operation '{name}' ({nearest(name, known)})")
        return found


@cache
def load_subject(name: str) -> Subject:
    """A provider by its name below `specs/`, or any OpenAPI document by its path. Raises SourceError."""
    known = sorted(path.parent.name for path in SPECS.glob("*/openapi.yaml"))
    path = SPECS / name / "openapi.yaml" if name in known else Path(name)
    if not path.is_file():
        raise SourceError(name, "is neither a provider nor a document", None, nearest(name, known))
    label = path.resolve().parent.name if path.stem == "openapi" else path.stem
    return Subject(label, path, load_contract(path), read_facts(path.with_name("facts.md")))


def read_facts(path: Path) -> dict[str, Fact]:
    """Every numbered row of a table of facts; none when there is no such file."""
    if not path.is_file():
        return {}
    found = {}
    for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if row := _FACT.match(text):
            found[row[1]] = Fact(row[1], row[2], Location(shown(path), line, 1))
    return found
