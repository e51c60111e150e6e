"""What every contract owes its readers, whoever wrote it (see specs/README.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import openapi_spec_validator
import pytest

from openapi import pointer as json_pointer
from openapi.contract import Contract, Operation, compile_contract
from openapi.dialect import references
from openapi.library import Address
from openapi.reading import library_of
from tests.specs.documents import PROVIDERS, contract, document, examples, nodes, parts

pytestmark = pytest.mark.parametrize("provider", PROVIDERS)

_EXPRESSION = re.compile(r"\$(request|response)\.(?:(path|query|header)\.(.+)|body#(/.*))")


class Linked(NamedTuple):
    """A link with the exchange it starts from: an operation, and one of its responses."""

    operation: Operation
    response: Address
    value: Any


def test_openapi_spec_validator_accepts_the_document(provider: str) -> None:
    openapi_spec_validator.validate(document(provider))


def test_no_link_is_dangling(provider: str) -> None:
    found = list(_links(provider))
    assert found
    assert [problem for link in found for problem in _dangling(provider, link)] == []


def _links(provider: str) -> Iterator[Linked]:
    library = contract(provider).library
    for operation in contract(provider).operations:
        for response in operation.responses.values():
            for name in library.value(response.address).get("links", {}):
                _, link = library.follow(response.address / "links" / name)
                yield Linked(operation, response.address, link)


def _dangling(provider: str, link: Linked) -> Iterator[str]:
    """What is wrong with a link: its operation, its parameters, or an expression that leads nowhere."""
    name = f"{link.operation.id} -> {link.value['operationId']}"
    target = contract(provider).operation(link.value["operationId"])
    if target is None:
        yield f"{name}: no such operation"
        return
    given = link.value.get("parameters", {})
    known = {f"{p.location}.{p.name}" for p in target.parameters} | {p.name for p in target.parameters}
    yield from (f"{name}: no parameter {parameter}" for parameter in given if parameter not in known)
    for parameter in target.parameters:
        if parameter.location == "path" and not {parameter.name, f"path.{parameter.name}"} & set(given):
            yield f"{name}: {parameter.name} is not given"
    for value in parts([given, link.value.get("requestBody")]):
        if isinstance(value, str) and value.startswith("$") and not _leads_somewhere(provider, link, value):
            yield f"{name}: {value} leads nowhere"


def _leads_somewhere(provider: str, link: Linked, expression: str) -> bool:
    match = _EXPRESSION.fullmatch(expression)
    if match is None:
        return False
    side, location, name, pointer = match.groups()
    if location and side == "request":
        return any((p.location, p.name) == (location, name) for p in link.operation.parameters)
    library = contract(provider).library
    if location:
        return location == "header" and name in library.value(link.response).get("headers", {})
    owner = link.operation.body.address if side == "request" and link.operation.body else link.response
    tokens = json_pointer.split(pointer)
    printed = [found.value for found in examples(provider) if found.schema.pointer.startswith(f"{owner.pointer}/")]
    return any(json_pointer.find(value, tokens, _NOTHING) is not _NOTHING for value in printed)


_NOTHING = object()


def test_no_component_is_unused(provider: str) -> None:
    root = document(provider)
    used = {f"/components/securitySchemes/{name}" for option in _security(root) for name in option}
    waiting = [root["paths"]]
    while waiting:
        for _, reference in references(waiting.pop()):
            pointer = json_pointer.join(*json_pointer.split(reference)[:3])
            if pointer not in used:
                used.add(pointer)
                waiting.append(json_pointer.resolve(root, pointer))
    known = {json_pointer.join("components", kind, name) for kind, all_ in root["components"].items() for name in all_}
    assert known - used == set()


def _security(root: Any) -> Iterator[dict[str, Any]]:
    yield from root.get("security", ())
    for _, node in nodes(root["paths"]):
        if "operationId" in node:
            yield from node.get("security", ())


def test_every_example_fits_its_schema(provider: str) -> None:
    validators = contract(provider).validators
    found = list(examples(provider))
    assert len(found) > 20
    assert [e.where for e in found if not validators.at(e.schema).is_valid(e.value)] == []


def test_every_response_with_a_body_has_a_named_example(provider: str) -> None:
    silent = [
        f"{operation.id} {status} {media_type}"
        for operation in contract(provider).operations
        for status, response in operation.responses.items()
        for media_type in response.media
        if not response.examples[media_type]
    ]
    assert silent == []


def test_every_state_has_an_example(provider: str) -> None:
    """Capillary's documents know no life cycle: its issuals have no state that they share."""
    lifecycles = contract(provider).lifecycles
    assert bool(lifecycles) is (provider != "capillary")
    printed = [part for found in examples(provider) for part in parts(found.value)]
    for address, lifecycle in lifecycles.items():
        validator = contract(provider).validators.at(address)
        jobs = [part for part in printed if isinstance(part, dict) and validator.is_valid(part)]
        assert {json_pointer.find(job, lifecycle.state) for job in jobs} == set(lifecycle.states)


def test_every_integer_is_bounded(provider: str) -> None:
    integers = [(at, node) for at, node in nodes(document(provider)) if "integer" in _types(node)]
    assert integers
    assert [pointer for pointer, node in integers if not _is_bounded(node)] == []


def _types(node: dict[str, Any]) -> list[Any]:
    declared = node.get("type")
    return declared if isinstance(declared, list) else [declared]


def _is_bounded(node: dict[str, Any]) -> bool:
    if "const" in node or "enum" in node:
        return True
    return any(k in node for k in ("minimum", "exclusiveMinimum")) and any(
        k in node for k in ("maximum", "exclusiveMaximum")
    )


def test_members_of_a_one_of_are_disjoint_on_the_examples(provider: str) -> None:
    """Whatever is printed anywhere and fits some members of a `oneOf` fits one of them only."""
    found, loose = contract(provider), _with_any_of(provider)
    printed = [part for example in examples(provider) for part in parts(example.value)]
    unions = [Address(found.library.main, at) for at, node in nodes(document(provider)) if "oneOf" in node]
    assert unions
    for address in unions:
        one, some = found.validators.at(address), loose.validators.at(address)
        assert [part for part in printed if some.is_valid(part) and not one.is_valid(part)] == [], address.pointer
        assert any(some.is_valid(part) for part in printed), f"nothing printed fits {address.pointer}"


def _with_any_of(provider: str) -> Contract:
    """The contract with every `oneOf` an `anyOf`."""
    source = next(iter(contract(provider).library.sources.values()))
    return compile_contract(library_of(replace(source, root=_loosened(source.root))))


def _loosened(value: Any) -> Any:
    if isinstance(value, dict):
        return {"anyOf" if name == "oneOf" else name: _loosened(member) for name, member in value.items()}
    return [_loosened(member) for member in value] if isinstance(value, list) else value
