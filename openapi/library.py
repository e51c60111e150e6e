"""The files of one contract: the document itself and what it refers to inside its own folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, unquote, urldefrag, urljoin

from openapi import pointer as json_pointer
from openapi.dialect import version
from openapi.source import Position, Source, SourceError

# Relative references resolve against it; the reserved top-level domain (RFC 2606) belongs to nobody.
BASE = "https://contract.invalid/"
# What may stand in a URI fragment as it is.
_FRAGMENT = "/~-._$!*'()"


@dataclass(frozen=True, slots=True)
class Address:
    """A value in a library: the file's URI below BASE, and a JSON Pointer into it."""

    uri: str
    pointer: str

    def __truediv__(self, token: json_pointer.Token) -> Address:
        return Address(self.uri, f"{self.pointer}/{json_pointer.escape(token)}")

    def __str__(self) -> str:
        return f"{self.uri}#{self.pointer}"

    @property
    def reference(self) -> str:
        """The address as a `$ref`."""
        return f"{self.uri}#{quote(self.pointer, safe=_FRAGMENT)}"

    @classmethod
    def parse(cls, location: str) -> Address:
        """The address of an absolute URI with a fragment, as a validator reports it."""
        uri, fragment = urldefrag(location)
        return cls(uri, unquote(fragment))


Reason = Literal["unresolved", "remote", "outside", "kind"]


@dataclass(frozen=True, slots=True)
class Failure:
    """A reference that leads nowhere: `at` is the `$ref` itself, `reference` what it says."""

    reason: Reason
    at: Address
    reference: str
    problem: str
    hint: str = ""


@dataclass(slots=True)
class Library:
    """A document and the files it refers to, by URI. `main` is the document's own.

    All is read as OpenAPI 3.1, and every reference is a file and a JSON Pointer, also one by `$id` or `$anchor`;
    `Source.original` is a file as it is written. `failures` are the references that lead nowhere, by the address of
    their `$ref`.
    """

    main: str
    folder: Path
    sources: dict[str, Source] = field(default_factory=dict)
    failures: dict[Address, Failure] = field(default_factory=dict)

    @property
    def root(self) -> Any:
        return self.sources[self.main].root

    @property
    def version(self) -> str:
        """The version that the document is written in: `2.0`, `3.0`, `3.1`, `3.2`; empty where it says none."""
        return version(self.sources[self.main].original.root)

    def value(self, address: Address) -> Any:
        """Raises PointerError or KeyError for an address that does not exist."""
        return json_pointer.resolve(self.sources[address.uri].root, address.pointer)

    def target(self, reference: str, base: str) -> Address:
        """Where a `$ref` in the file `base` leads."""
        if reference.startswith("#"):  # as nearly every reference does, and there are thousands of them
            return Address(base, unquote(reference[1:]))
        try:
            uri, fragment = urldefrag(urljoin(base, reference))
        except ValueError:  # no address at all, such as http://[
            return Address(reference, "")
        return Address(uri, unquote(fragment))

    def follow(self, address: Address) -> tuple[Address, Any]:
        """The value at an address, through references, and where it really stands.

        Raises SourceError, with the reference's line, for one that leads nowhere or in a circle.
        """
        value, seen = self.value(address), {address}
        while isinstance(value, dict) and isinstance(value.get("$ref"), str):
            at, reference = address / "$ref", value["$ref"]
            target = self.target(reference, address.uri)
            if target in seen:
                raise fault(self, at, f"the reference {reference} leads back to itself")
            try:
                value = self.value(target)
            except (LookupError, ValueError):
                missing = Failure("unresolved", at, reference, f"{reference} does not exist")
                raise self.error(self.failures.get(at, missing)) from None
            seen.add(target)
            address = target
        return address, value

    def error(self, failure: Failure) -> SourceError:
        """A reference that leads nowhere, as an error."""
        return fault(self, failure.at, failure.problem, failure.hint)

    def reachable(self, address: Address) -> Iterator[Any]:
        """Every value at and below an address, through references, once; what leads nowhere is left out."""
        return (value for _, value in self.walk(address))

    def walk(self, address: Address) -> Iterator[tuple[Address, Any]]:
        """The same, each with its address."""
        seen: set[Address] = set()
        waiting = [address]
        while waiting:
            here = waiting.pop()
            if here in seen:
                continue
            seen.add(here)
            try:
                value = self.value(here)
            except (LookupError, ValueError):
                continue
            yield here, value
            if isinstance(value, dict):
                waiting += [here / name for name in value]
                if isinstance(value.get("$ref"), str):
                    waiting.append(self.target(value["$ref"], here.uri))
            elif isinstance(value, list):
                waiting += [here / index for index in range(len(value))]

    def written(self, address: Address) -> Address:
        """Where what stands at an address stands in the file."""
        source = self.sources.get(address.uri)
        return Address(address.uri, source.written(address.pointer)) if source else address

    def position(self, address: Address, *, key: bool = False) -> tuple[Path, Position]:
        """File, line and column of an address, or of its nearest ancestor that exists."""
        source = self.sources.get(address.uri) or self.sources[self.main]
        return source.path, source.position(address.pointer, key=key)


def fault(library: Library, address: Address, problem: str, hint: str = "", *, key: bool = False) -> SourceError:
    """A SourceError at an address."""
    path, position = library.position(address, key=key)
    return SourceError(path, problem, position, hint, library.written(address).pointer)
