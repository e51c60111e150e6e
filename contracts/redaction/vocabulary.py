"""What a contract publishes: the texts that stay as they are wherever they stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs

from contracts.target.subject import Subject
from openapi.contract import Contract
from openapi.dialect import NAMED, is_literal

# What stands in bodies and headers of any API: of multipart, of media types, of challenges (RFC 6750, 3).
_SYNTAX = (
    *("true", "false", "null", "text", "plain", "html", "application", "json", "xml", "csv", "multipart", "form-data"),
    *("Content-Disposition", "Content-Type", "Content-Length", "name", "filename", "charset", "utf-8", "UTF-8"),
    *("Bearer", "Basic", "Digest", "realm", "scope", "error", "error_description", "invalid_token", "invalid_request"),
    *("insufficient_scope", "http", "https", "rel", "next", "prev", "first", "last"),
)
_PHRASES = frozenset(status.phrase for status in HTTPStatus)
_PROSE = ("description", "summary", "title")
_NUMERIC = frozenset({"integer", "number", "boolean"})
_LOWER_WORD = re.compile(r"(?<![\w-])[a-z]{2,}(?![\w-])")
# The literal words of a pattern: what an escape or a class of characters says is none.
_NO_LITERAL = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\{[0-9,]*\}|\(\?[:=!<]+")
_WORD = re.compile(r"[A-Za-z_]{2,}")
# The parts of a name: issuedCount and issued_count have the same.
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")

Fits = Callable[[str], bool]


@dataclass(slots=True)
class Vocabulary:
    """`pinned` are names, and values of `enum` and `const`; `parts` the words that names are made of, in lower case.

    `prose` are the words of descriptions: they are public in a message, and may be a name in an answer. `numeric` are
    the names of what is a number or a boolean, in lower case; `hosts` those of the contract's servers. `forms` tell
    which patterns and formats of the contract a text has.
    """

    pinned: set[str] = field(default_factory=lambda: {*_SYNTAX, *_PHRASES})
    parts: set[str] = field(default_factory=set)
    prose: set[str] = field(default_factory=set)
    numeric: set[str] = field(default_factory=set)
    hosts: set[str] = field(default_factory=set)
    forms: list[Fits] = field(default_factory=list)

    @classmethod
    def of(cls, subject: Subject) -> Vocabulary:
        """Everything that the documents of a contract and its facts publish, but for their examples."""
        found, schemas = cls(), set[tuple[str, str]]()
        for source in subject.contract.library.sources.values():
            for key, value in _leaves(source.root):
                found._add(key, value)
                if key in ("pattern", "format"):
                    schemas.add((key, value))
        found.forms = list(_forms(subject.contract, sorted(schemas)))
        found.numeric |= {name.lower() for name in _numeric(subject.contract)}
        for fact in subject.facts.values():
            found.prose.update(_LOWER_WORD.findall(fact.statement))
        for name in found.pinned:
            found.parts.update(part.lower() for part in _PARTS.findall(name))
        return found

    def names(self, text: str) -> bool:
        """Whether a text is a name of the contract, or made of the words of such names as it would spell one."""
        parts = _PARTS.findall(text)
        return text in self.pinned or (
            bool(parts) and not re.sub(r"[A-Za-z_ .-]", "", text) and self.parts.issuperset(map(str.lower, parts))
        )

    def _add(self, key: str, value: str) -> None:
        if key in _PROSE:
            self.prose.update(_LOWER_WORD.findall(value))
        elif key == "pattern":
            self.pinned.update(_WORD.findall(_NO_LITERAL.sub(" ", value)))
        else:
            self.pinned.add(value)
            if "/" in value:
                parts = urlsplit(value)
                self.hosts.update(filter(None, (parts.netloc,)))
                self.pinned.update(part for part in parts.path.split("/") if part and "{" not in part)


def _leaves(value: Any, key: str = "", *, named: bool = False) -> Iterator[tuple[str, str]]:
    """Every text of a document with the keyword that it belongs to, and every name; but no example and no default."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, list):
        for member in value:
            yield from _leaves(member, key)
    elif isinstance(value, Mapping):
        for name, member in value.items():
            if named:
                yield "name", name
            elif name == "examples" or (is_literal(name, member) and name not in ("enum", "const")):
                continue
            yield from _leaves(member, name, named=not named and name in NAMED)


def _forms(contract: Contract, schemas: list[tuple[str, str]]) -> Iterator[Fits]:
    for key, value in schemas:
        try:
            yield contract.validators.of({key: value}).is_valid
        except (jsonschema_rs.ValidationError, ValueError):
            continue  # a pattern that no validator reads is kept by nothing


def _numeric(contract: Contract) -> Iterator[str]:
    """The names of parameters, headers of responses and properties that are numbers or booleans."""
    library = contract.library
    for operation in contract.operations:
        for parameter in operation.parameters:
            if parameter.schema is not None and _is_numeric(library.follow(parameter.schema)[1]):
                yield parameter.name
    for source in library.sources.values():
        yield from _numeric_members(source.root)


def _numeric_members(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for keyword in ("properties", "headers"):
            members = value.get(keyword)
            for name, member in members.items() if isinstance(members, Mapping) else ():
                if isinstance(member, Mapping) and (_is_numeric(member) or _is_numeric(member.get("schema"))):
                    yield name
        for member in value.values():
            yield from _numeric_members(member)
    elif isinstance(value, list):
        for member in value:
            yield from _numeric_members(member)


def _is_numeric(schema: Any) -> bool:
    types = schema.get("type") if isinstance(schema, Mapping) else None
    return not _NUMERIC.isdisjoint(types if isinstance(types, list) else [types])
