"""The four contracts as the tests of `specs/` look at them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from openapi import pointer as json_pointer
from openapi.contract import Contract, load_contract
from openapi.library import Address
from openapi.shipped import SPECS

PROVIDERS = ("thanx", "loyaltydog", "capillary", "elastic_path")
_DATA = ("example", "examples", "default", "const", "enum", "value")


class Example(NamedTuple):
    """A value that the document prints, with the schema that it should fit."""

    where: str
    schema: Address
    value: Any


@cache
def contract(provider: str) -> Contract:
    """The provider's contract, compiled once."""
    return load_contract(Path(SPECS, provider, "openapi.yaml"))


def document(provider: str) -> Any:
    """The provider's document as plain data."""
    return contract(provider).library.root


def at(provider: str, pointer: str) -> Any:
    """What a JSON Pointer into the document leads to."""
    return json_pointer.resolve(document(provider), pointer)


def accepts(provider: str, schema: str, value: Any) -> bool:
    """Whether a schema of `components/schemas` accepts a value."""
    found = contract(provider)
    address = Address(found.library.main, json_pointer.join("components", "schemas", schema))
    return found.validators.at(address).is_valid(value)


def example(provider: str, name: str) -> Any:
    """A value of `components/examples`."""
    return at(provider, f"/components/examples/{name}/value")


def nodes(value: Any, pointer: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of a document with its pointer, except those inside printed values."""
    if isinstance(value, dict):
        yield pointer, value
        named = pointer.endswith(("/properties", "/parameters", "/schemas"))
        for name, member in value.items():
            if named or name not in _DATA:
                yield from nodes(member, pointer + json_pointer.join(name))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from nodes(member, pointer + json_pointer.join(index))


def examples(provider: str) -> Iterator[Example]:
    """Every value that the document prints: of media types, parameters and headers, and inside schemas."""
    library = contract(provider).library
    for pointer, node in nodes(library.root):
        here = Address(library.main, pointer)
        if "schema" in node and isinstance(node.get("examples"), dict):
            for name in node["examples"]:
                _, found = library.follow(here / "examples" / name)
                yield Example(f"{pointer}/examples/{name}", here / "schema", found["value"])
        if "schema" in node and "example" in node:
            yield Example(f"{pointer}/example", here / "schema", node["example"])
        if isinstance(node.get("examples"), list):
            for index, value in enumerate(node["examples"]):
                yield Example(f"{pointer}/examples/{index}", here, value)
        if "default" in node and not pointer.endswith(("/properties", "/responses")):
            yield Example(f"{pointer}/default", here, node["default"])


def parts(value: Any) -> Iterator[Any]:
    """A value and everything inside it."""
    yield value
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for member in members:
        yield from parts(member)
