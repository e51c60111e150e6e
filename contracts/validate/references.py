"""Reads a document and whatever it refers to, once, typed; and says of every reference what became of it."""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from contracts.validate.model import REFERABLE, children
from openapi import pointer as json_pointer
from openapi.library import BASE, Address, Library
from openapi.source import Source, SourceError, nearest, read

_IDENTIFIES = re.compile(rb"[$](id|anchor|dynamicAnchor)\b")


@dataclass(frozen=True, slots=True)
class Node:
    """A typed object of the document. `base` is the URI that its relative references resolve against."""

    kind: str
    address: Address
    value: Any
    base: str
    owner: Address | None = None

    @property
    def reference(self) -> str | None:
        """The text of its `$ref`, if that is what it is."""
        text = self.value.get("$ref") if isinstance(self.value, dict) and self.kind in REFERABLE else None
        return text if isinstance(text, str) else None


@dataclass(frozen=True, slots=True)
class Failure:
    """A reference that leads nowhere, and the rule that says so. `at` is the `$ref` itself."""

    rule: str
    at: Address
    problem: str
    hint: str = ""


@dataclass(slots=True)
class Reader:
    """Walks a document from its root, and on into every file that a reference names below `folder`."""

    library: Library
    nodes: dict[Address, Node] = field(default_factory=dict)
    targets: dict[Address, Address] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    unreadable: list[SourceError] = field(default_factory=list)
    # What an `$id` or an anchor names, by URI.
    identified: dict[str, Address] = field(default_factory=dict)
    _unusable: dict[str, Failure] = field(default_factory=dict)

    def read(self) -> None:
        for uri, source in list(self.library.sources.items()):
            self._identify(uri, source)
        waiting = [Node("document", Address(self.library.main, ""), self.library.root, self.library.main)]
        while waiting:
            # What an object is, its place in the document says first, and only then who refers to it.
            referring = list(self._walk(waiting))
            waiting = [target for node in referring if (target := self._refer(node, node.reference or ""))]

    def _walk(self, waiting: list[Node]) -> Iterator[Node]:
        """Visit objects and all within them, depth first; gives those that are references."""
        waiting.reverse()
        while waiting:
            node = waiting.pop()
            if node.address in self.nodes:
                continue
            self.nodes[node.address] = node
            if node.reference is not None:
                yield node
            if node.reference is None or node.kind in ("schema", "path-item"):
                waiting.extend(reversed(list(self._within(node))))

    def _within(self, node: Node) -> Iterator[Node]:
        base = node.base
        if node.kind == "schema" and isinstance(node.value, dict) and isinstance(node.value.get("$id"), str):
            base = urljoin(base, node.value["$id"])
        for below, kind, value in children(node.kind, node.value):
            yield Node(kind, Address(node.address.uri, node.address.pointer + below), value, base, node.address)

    def _refer(self, node: Node, reference: str) -> Node | None:
        at = node.address / "$ref"
        uri, fragment = urldefrag(urljoin(node.base, reference))
        home = self.identified.get(uri)
        if home is None:
            failure = self._open(uri, reference, at)
            if failure is not None:
                self.failures.append(failure)
                return None
            home = Address(uri, "")
        target = self._below(home, uri, unquote(fragment))
        try:
            value = self.library.value(target) if target else None
        except (LookupError, ValueError) as error:
            self.failures.append(self._missing(at, reference, home, error))
            return None
        if target is None:
            self.failures.append(Failure("reference-unresolved", at, f"nothing has the anchor '{fragment}'"))
            return None
        self.targets[node.address] = target
        seen = self.nodes.get(target)
        if seen is None:
            return Node(node.kind, target, value, target.uri)
        if seen.kind != node.kind:
            self.failures.append(Failure("reference-kind", at, f"{reference} is {_a(seen.kind)}, not {_a(node.kind)}"))
        return None

    def _below(self, home: Address, uri: str, fragment: str) -> Address | None:
        if fragment and not fragment.startswith("/"):
            return self.identified.get(f"{uri}#{fragment}")
        return Address(home.uri, home.pointer + fragment)

    def _missing(self, at: Address, reference: str, home: Address, error: Exception) -> Failure:
        hint = ""
        if isinstance(error, json_pointer.PointerError):
            there = json_pointer.split(error.pointer)[len(json_pointer.split(error.at))]
            last = json_pointer.find(self.library.sources[home.uri].root, json_pointer.split(error.at))
            hint = nearest(there, last) if isinstance(last, dict) else f"{error.at or 'the root'} is no object"
        return Failure("reference-unresolved", at, f"{reference} does not exist", hint)

    def _open(self, uri: str, reference: str, at: Address) -> Failure | None:
        """Read the file a reference names, unless it was; or say why it is not read."""
        if uri in self.library.sources:
            return None
        if uri not in self._unusable:
            path = self._locate(uri, reference, at)
            if isinstance(path, Path):
                try:
                    self.library.sources[uri] = read(path)
                except SourceError as error:
                    self.unreadable.append(error)
                    path = Failure("reference-unresolved", at, f"{reference} leads to a file that cannot be used")
                else:
                    self._identify(uri, self.library.sources[uri])
                    return None
            self._unusable[uri] = path
        failure = self._unusable[uri]
        return Failure(failure.rule, at, failure.problem, failure.hint)

    def _locate(self, uri: str, reference: str, at: Address) -> Path | Failure:
        folder = self.library.folder
        if not uri.startswith(BASE):
            scheme = urlsplit(uri).scheme
            if scheme in ("http", "https"):
                hint = "keep a copy beside the document, and refer to that"
                return Failure(
                    "reference-remote", at, f"{reference} is a network address, which is never fetched", hint
                )
            return Failure("reference-outside", at, f"{reference} is not a file beside the document")
        relative = unquote(urlsplit(uri).path).lstrip("/")
        climbs = unquote(urlsplit(reference).path)
        # A URI never climbs above its root, a path does: `../x` at the top would silently mean `x`.
        origin = (folder / unquote(urlsplit(at.uri).path).lstrip("/")).parent
        path = (folder / relative).resolve()
        if climbs.startswith("/") or not Path(os.path.normpath(origin / climbs)).is_relative_to(folder):
            hint = f"only files below {folder.name}/ are read"
            return Failure("reference-outside", at, f"{reference} leads outside the document's folder", hint)
        if not path.is_relative_to(folder):
            return Failure("reference-outside", at, f"{reference} leads outside the document's folder by a link")
        if not path.is_file():
            return Failure("reference-unresolved", at, f"the file {urldefrag(reference).url} does not exist")
        return path

    def _identify(self, uri: str, source: Source) -> None:
        """Note every `$id` and `$anchor` (OpenAPI 3.1) of a file."""
        if not _IDENTIFIES.search(source.text):
            return
        waiting: list[tuple[Any, Address, str]] = [(source.root, Address(uri, ""), uri)]
        while waiting:
            value, at, base = waiting.pop()
            if isinstance(value, dict):
                if isinstance(value.get("$id"), str):
                    base = urljoin(base, value["$id"])
                    self.identified.setdefault(urldefrag(base).url, at)
                for key in ("$anchor", "$dynamicAnchor"):
                    if isinstance(value.get(key), str):
                        self.identified.setdefault(f"{urldefrag(base).url}#{value[key]}", at)
                waiting.extend((member, at / key, base) for key, member in value.items())
            elif isinstance(value, list):
                waiting.extend((member, at / index, base) for index, member in enumerate(value))


def _a(kind: str) -> str:
    return f"a{'n' if kind[0] in 'aeiou' else ''} {kind.replace('-', ' ')}"
