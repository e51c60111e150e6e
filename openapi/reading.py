"""Reads a document and whatever it refers to, once, typed; and says of every reference what became of it.

A reference is followed only to a file below the document's folder; a network address or a path that leads outside is
never opened.
"""

from __future__ import annotations

import copy
import os.path
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit

from openapi import pointer as json_pointer
from openapi.dialect import modern, objects
from openapi.library import BASE, Address, Failure, Library
from openapi.model import REFERABLE, children
from openapi.relocation import Relocation
from openapi.source import Source, SourceError, nearest, read
from openapi.swagger import from_swagger

_IDENTIFIES = re.compile(rb"[$](id|anchor|dynamicAnchor|dynamicRef)\b")


@dataclass(frozen=True, slots=True)
class Node:
    """A typed object of the document; `owner` is the object that holds it."""

    kind: str
    address: Address
    value: Any
    owner: Address | None = None

    @property
    def reference(self) -> str | None:
        """The text of its `$ref`, if that is what it is."""
        text = self.value.get("$ref") if isinstance(self.value, dict) and self.kind in REFERABLE else None
        return text if isinstance(text, str) else None


def open_library(path: Path) -> Library:
    """Read a document and every file it refers to. Raises SourceError."""
    return library_of(read(path))


def library_of(main: Source) -> Library:
    """The same for a document that has been read. Raises SourceError for a reference that no file may answer."""
    reading = read_document(main)
    for error in reading.unreadable:
        raise error
    library = reading.library
    for failure in library.failures.values():
        if failure.reason in ("remote", "outside") or library.target(failure.reference, failure.at.uri).uri not in (
            library.sources
        ):
            raise library.error(failure)
    return library


def read_document(main: Source, root: Path | None = None) -> Reading:
    """Read a document and all it refers to, as far as it can be read.

    `root`: references are followed to any file below this folder, by default the document's own.
    """
    folder = (root or main.path.resolve().parent).resolve()
    uri = BASE + quote(main.path.resolve().relative_to(folder).as_posix())
    reading = Reading(Library(uri, folder, {uri: main}))
    reading.add(uri, main)
    reading.read()
    if reading.identified or reading.dynamic:
        reading.name_by_pointer()
    reading.point()
    return reading


@dataclass(slots=True)
class Reading:
    """A walk over a document from its root, and on into every file that a reference names.

    `targets` says where each reference leads; `unreadable` are files that are no sound YAML or JSON.
    """

    library: Library
    nodes: dict[Address, Node] = field(default_factory=dict)
    targets: dict[Address, Address] = field(default_factory=dict)
    unreadable: list[SourceError] = field(default_factory=list)
    # What an `$id` or an anchor names, by URI.
    identified: dict[str, Address] = field(default_factory=dict)
    # How many `$dynamicAnchor` there are of a name, and whether something refers to one.
    anchors: Counter[str] = field(default_factory=Counter)
    dynamic: bool = False
    # The URI that references below a pointer with an `$id` resolve against, by file.
    _bases: dict[str, dict[str, str]] = field(default_factory=dict)
    _unusable: dict[str, Failure] = field(default_factory=dict)

    def read(self) -> None:
        waiting = [Node("document", Address(self.library.main, ""), self.library.root)]
        while waiting:
            # What an object is, its place in the document says first, and only then who refers to it.
            referring = list(self._walk(waiting))
            waiting = [target for node in referring if (target := self._refer(node, node.reference or ""))]

    def identify(self, uri: str) -> None:
        """Note every `$id` and anchor of a file (JSON Schema 2020-12, core 8.2)."""
        source = self.library.sources[uri]
        if not _IDENTIFIES.search(source.text):
            return
        bases = self._bases.setdefault(uri, {})
        for pointer, holder in objects(source.root):
            at, base = Address(uri, pointer), self._base(Address(uri, pointer))
            if isinstance(holder.get("$id"), str):
                base = bases[pointer] = urljoin(base, holder["$id"])
                self.identified.setdefault(urldefrag(base).url, at)
            for key in ("$anchor", "$dynamicAnchor"):
                if isinstance(holder.get(key), str):
                    self.identified.setdefault(f"{urldefrag(base).url}#{holder[key]}", at)
            self.anchors[str(holder.get("$dynamicAnchor"))] += "$dynamicAnchor" in holder
            self.dynamic |= "$dynamicRef" in holder

    def name_by_pointer(self) -> None:
        """Read all once more as a view that may be changed; every `$id` and anchor is known now."""
        for uri, source in self.library.sources.items():
            root = copy.deepcopy(source.root)
            for _, holder in objects(root) if uri in self._bases else ():
                self._static(holder)
            self.library.sources[uri] = source.viewed(root, Relocation())
        for found in (self.nodes, self.targets, self.library.failures, self._unusable):
            found.clear()
        self.unreadable.clear()
        self.read()

    def point(self) -> None:
        """Write every reference as the file and pointer it leads to."""
        for at, target in self.targets.items():
            holder = self.nodes[at].value
            if self.library.target(holder["$ref"], at.uri) != target:
                holder["$ref"] = target.reference if target.uri != at.uri else target.reference[len(target.uri) :]
        for uri, bases in self._bases.items():
            for pointer in bases:
                # In an OpenAPI document no validator looks for it, but one that meets it resolves against it.
                json_pointer.resolve(self.library.sources[uri].root, pointer).pop("$id", None)

    def _static(self, holder: dict[str, Any]) -> None:
        """A `$dynamicRef` leads to the one anchor of its name; where there are several, it is left open."""
        reference = holder.pop("$dynamicRef", None)
        if not isinstance(reference, str) or self.anchors[reference.partition("#")[2]] > 1:
            return
        if "$ref" in holder:
            holder["allOf"] = [*holder.get("allOf", ()), {"$ref": reference}]
        else:
            holder["$ref"] = reference

    def _base(self, at: Address) -> str:
        """The URI that a reference at an address resolves against."""
        bases, prefix = self._bases.get(at.uri), at.pointer
        if not bases:
            return at.uri
        while prefix and prefix not in bases:
            prefix = prefix.rpartition("/")[0]
        return bases.get(prefix, at.uri)

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
                within = [
                    Node(kind, Address(node.address.uri, node.address.pointer + below), value, node.address)
                    for below, kind, value in children(node.kind, node.value)
                ]
                waiting.extend(reversed(within))

    def _refer(self, node: Node, reference: str) -> Node | None:
        found = self._target(node.address / "$ref", reference)
        if isinstance(found, Failure):
            self.library.failures[found.at] = found
            return None
        self.targets[node.address] = found
        seen = self.nodes.get(found)
        if seen is None:
            return Node(node.kind, found, self.library.value(found))
        if seen.kind != node.kind:
            problem = f"{reference} is {_a(seen.kind)}, not {_a(node.kind)}"
            at = node.address / "$ref"
            self.library.failures[at] = Failure("kind", at, reference, problem)
        return None

    def _target(self, at: Address, reference: str) -> Address | Failure:
        try:
            uri, fragment = urldefrag(urljoin(self._base(at), reference))
        except ValueError:
            return Failure("unresolved", at, reference, f"{reference} is no address")
        home = self.identified.get(uri)
        if home is None:
            failure = self._open(uri, reference, at)
            if failure is not None:
                return failure
            home = Address(uri, "")
        pointer = unquote(fragment)
        if pointer and not pointer.startswith("/"):
            problem = f"nothing has the anchor '{pointer}'"
            return self.identified.get(f"{uri}#{pointer}") or Failure("unresolved", at, reference, problem)
        target = Address(home.uri, self.library.sources[home.uri].target(home.pointer + pointer))
        try:
            self.library.value(target)
        except json_pointer.PointerError:
            written = self.library.sources[home.uri].original.root, home.pointer + pointer
            return Failure("unresolved", at, reference, f"{reference} does not exist", _nearest(*written))
        return target

    def _open(self, uri: str, reference: str, at: Address) -> Failure | None:
        """Read the file a reference names, unless it was; or say why it is not read."""
        if uri in self.library.sources:
            return None
        if uri not in self._unusable:
            path = self._locate(uri, reference, at)
            if isinstance(path, Failure):
                self._unusable[uri] = path
            else:
                try:
                    source = read(path)
                except SourceError as error:
                    self.unreadable.append(error)
                    problem = f"{reference} leads to a file that cannot be used"
                    self._unusable[uri] = Failure("unresolved", at, reference, problem)
                else:
                    self.add(uri, source)
                    return None
        failure = self._unusable[uri]
        return Failure(failure.reason, at, reference, failure.problem, failure.hint)

    def add(self, uri: str, source: Source) -> None:
        """Read a file as OpenAPI 3.1, whatever the document is written in."""
        self.library.sources[uri] = source
        if self.library.version == "2.0":
            main = self.library.sources[self.library.main].original.root
            self.library.sources[uri] = from_swagger(source, uri, main, self._written)
        elif self.library.version == "3.0":
            self.library.sources[uri] = modern(source)
        else:
            self.identify(uri)

    def _written(self, reference: str, base: str) -> tuple[str, Any] | None:
        """What a reference in a file leads to, as its file has it, and its address; None where it leads nowhere."""
        target = self.library.target(reference, base)
        if self._open(target.uri, reference, Address(base, "")) is not None:
            return None
        root = self.library.sources[target.uri].original.root
        try:
            return target.reference, json_pointer.resolve(root, target.pointer)
        except (LookupError, ValueError):
            return None

    def _locate(self, uri: str, reference: str, at: Address) -> Path | Failure:
        folder = self.library.folder
        if not uri.startswith(BASE):
            if urlsplit(uri).scheme in ("http", "https"):
                problem = f"{reference} is a network address, which is never fetched"
                return Failure("remote", at, reference, problem, "keep a copy beside the document, and refer to that")
            return Failure("outside", at, reference, f"{reference} is not a file beside the document")
        climbs = unquote(urlsplit(reference).path)
        # A URI never climbs above its root, a path does: `../x` at the top would silently mean `x`.
        origin = (folder / unquote(urlsplit(at.uri).path).lstrip("/")).parent
        outside = f"{reference} leads outside the document's folder"
        if climbs.startswith("/") or not Path(os.path.normpath(origin / climbs)).is_relative_to(folder):
            return Failure("outside", at, reference, outside, f"only files below {folder.name}/ are read")
        try:
            path = (folder / unquote(urlsplit(uri).path).lstrip("/")).resolve()
            exists = path.is_file()
        except (OSError, ValueError):  # a name that no file can have
            path, exists = folder, False
        if not path.is_relative_to(folder):
            return Failure("outside", at, reference, f"{outside} by a link")
        if not exists:
            problem = f"the file {urldefrag(reference).url} does not exist"
            return Failure("unresolved", at, reference, problem)
        return path


def _a(kind: str) -> str:
    return f"a{'n' if kind[0] in 'aeiou' else ''} {kind.replace('-', ' ')}"


def _nearest(root: Any, pointer: str) -> str:
    """What a pointer into a file may have meant: the nearest name where it goes wrong."""
    try:
        json_pointer.resolve(root, pointer)
    except json_pointer.PointerError as error:
        missing = json_pointer.split(pointer)[len(json_pointer.split(error.at))]
        last = json_pointer.find(root, json_pointer.split(error.at))
        return nearest(missing, last) if isinstance(last, dict) else f"{error.at or 'the root'} is no object"
    return ""  # what is there, but no part of the view
