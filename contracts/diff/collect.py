"""Gathers what was found: one finding per edit, however many operations share the component that was edited."""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts.diff.resolved_node import ResolvedNode
from contracts.diff.rules import RULES, Kind
from contracts.diff.schemas import NEW, OLD
from contracts.findings import Finding, Location
from openapi import pointer as json_pointer
from openapi.library import Address, Library

# What a finding is about: the address of a value, or the value with its address.
Place = Address | ResolvedNode
_Key = tuple[str, Kind, Address, Address, str]


@dataclass(slots=True)
class _Entry:
    path: str
    hint: str
    witness: str
    places: dict[str, None]


@dataclass(slots=True)
class Collector:
    """Findings of one pair of documents. `names` are how the two are called, by side and URI of the file."""

    libraries: dict[str, Library]
    names: dict[str, dict[str, str]]
    _entries: dict[_Key, _Entry] = field(default_factory=dict)

    def add(
        self,
        rule: str,
        kind: Kind,
        message: str,
        old: Place,
        new: Place,
        *,
        where: str = "",
        path: str = "",
        hint: str = "",
        witness: str = "",
    ) -> None:
        """Take one change. `where` is the operation and part that it touches, `path` leads to the value within.

        The same change again, met through another operation, only adds a place.
        """
        key = (rule, kind, _address(old), _address(new), message)
        entry = self._entries.setdefault(key, _Entry(path, hint, witness, {}))
        if witness and not entry.witness:
            entry.path, entry.hint, entry.witness = path, hint, witness
        if where:
            entry.places[where] = None

    def joins(self, rule: str, kind: Kind, message: str, old: Address, new: Address, where: str) -> bool:
        """Add a place to an edit that a witness has already shown; False if there is none."""
        entry = self._entries.get((rule, kind, old, new, message))
        if entry is None or not entry.witness:
            return False
        entry.places[where] = None
        return True

    def findings(self) -> list[Finding]:
        """Most severe first, then by line."""
        found = [self._finding(key, entry) for key, entry in self._entries.items() if not self._told(key)]
        return sorted(found, key=lambda finding: (-finding.severity, finding.location, finding.rule, finding.message))

    def _told(self, key: _Key) -> bool:
        """Whether an edit that does no harm here is reported where it does."""
        rule, kind, *rest = key
        return kind is Kind.COMPATIBLE and any((rule, it, *rest) in self._entries for it in (Kind.CLIENT, Kind.REQUEST))

    def _finding(self, key: _Key, entry: _Entry) -> Finding:
        rule, kind, old, new, message = key
        places = list(entry.places)
        where = f"{places[0]}{_more(len(places) - 1)}: " if places else ""
        where += f"{entry.path}: " if entry.path else ""
        return Finding(
            rule=rule,
            severity=RULES[rule].severity(kind),
            location=self._location(NEW, new),
            message=where + message,
            hint=entry.hint,
            related=(self._location(OLD, old),),
            witness=entry.witness,
            kind=str(kind),
        )

    def _location(self, side: str, address: Address) -> Location:
        library = self.libraries[side]
        address = _existing(library, address)
        _, position = library.position(address, key=True)
        return Location(self.names[side][address.uri], position.line, position.column, library.written(address).pointer)


def _address(place: Place) -> Address:
    return place if isinstance(place, Address) else place.written


def _more(count: int) -> str:
    return f" and {count} more place{'s'[: count != 1]}" if count else ""


def _existing(library: Library, address: Address) -> Address:
    """The address, or its nearest ancestor that exists."""
    try:
        library.value(address)
    except json_pointer.PointerError as error:
        return Address(address.uri, error.at)
    return address
