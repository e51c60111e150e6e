"""What a table of a targets file may say of a provider: the names of its data and credentials, and what they hold.

A name that nothing reads would be passed over in silence: its laws would be skipped, and the contract's examples sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from contracts.target.subject import Subject
from openapi.shipped import SPECS
from openapi.source import nearest

# Where something is wrong in a table, and what, in words that follow the name.
Fault = tuple[tuple[str, ...], str]
_KINDS = {str: "a text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a table"}


def faults(subject: Subject, published: Mapping[str, Any], table: Mapping[str, Any]) -> Iterator[Fault]:
    """What does not fit. `published` is the table of a provider of ours: its names are those that laws use."""
    known = sorted({path.parent.name for path in SPECS.glob("*/openapi.yaml")} | {subject.name})
    provider = table.get("provider", subject.name)
    if provider not in known:
        yield ("provider",), f"is '{provider}', which is none ({nearest(provider, known)})"
    elif provider != subject.name:
        yield ("provider",), f"is {provider}, not {subject.name}"
    yield from _data_faults(subject, published.get("data", {}), table.get("data", {}))
    credentials = table.get("credentials", {})
    yield from _name_faults(published.get("credentials", {}), credentials)
    for name, credential in credentials.items():
        yield from ((("credentials", name, *at), words) for at, words in _credential_faults(subject, credential))


def _data_faults(subject: Subject, samples: Mapping[str, Any], data: Mapping[str, Any]) -> Iterator[Fault]:
    names = {*samples, *inputs(subject)}
    for name, value in data.items():
        if name not in names:
            yield ("data", name), f"is nothing that {subject.name} takes ({nearest(name, names)})"
        elif words := _misfit(value, samples.get(name)):
            yield ("data", name), words


def inputs(subject: Subject) -> frozenset[str]:
    """The names of every parameter, and of every property of a request's body."""
    contract = subject.contract
    found = {parameter.name for operation in contract.operations for parameter in operation.parameters}
    for operation in contract.operations:
        for schema in contract.library.reachable(operation.body.address) if operation.body else ():
            if isinstance(schema, dict) and isinstance(schema.get("properties"), dict):
                found.update(schema["properties"])
    return frozenset(found)


def _misfit(value: Any, sample: Any) -> str:
    """What is wrong with a value where another of its kind is a sample, if there is one; "" when nothing is."""
    if value in ("", [], {}):
        return "is empty"
    if sample is not None and _kind(value) != _kind(sample):
        return f"is {_kind(value)}; it must be {_kind(sample)}, as {orjson.dumps(sample).decode()[:100]}"
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    first = next(iter(sample.values() if isinstance(sample, dict) else sample), None) if members and sample else None
    if words := next(filter(None, (_misfit(member, first) for member in members)), ""):
        return f"has in it what {words}"
    return "" if type(value) in _KINDS else "is a date; write it as a text"


def _kind(value: Any) -> str:
    return _KINDS.get(type(value), "a date")


def _name_faults(published: Mapping[str, Any], credentials: Mapping[str, Any]) -> Iterator[Fault]:
    for name in credentials:
        if published and name not in published:
            yield ("credentials", name), f"is a credential that no law uses ({nearest(name, published)})"
    if credentials and "default" not in credentials:
        yield ("credentials",), "has no 'default', the one that requests go with"


def _credential_faults(subject: Subject, credential: Mapping[str, Any]) -> Iterator[Fault]:
    headers, login = credential.get("headers", {}), credential.get("login")
    if not headers:
        yield (), "has no headers: it opens nothing"
    tokens = [name for name, value in headers.items() if "{token}" in value]
    if tokens and login is None:
        yield ("headers", tokens[0]), "holds {token}, and there is no login that gives one"
    if login is None:
        return
    if headers and not tokens:
        yield ("login",), "gives a token, and no header holds {token}"
    if "body" in login and "form" in login:
        yield ("login",), "has a body and a form: it can send one of them"
    known = [operation.id for operation in subject.contract.operations]
    if login["operation"] not in known:
        hint = nearest(login["operation"], known)
        yield ("login", "operation"), f"is '{login['operation']}', which {subject.name} does not have ({hint})"
