"""The files of one contract: the document itself and what it refers to inside its own folder.

A reference is followed only to a file below the document's folder; a network address or a path that leads outside is
refused with its line, never opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit

from openapi import pointer as json_pointer
from openapi.dialect import modern, references, version
from openapi.source import Position, Source, SourceError, read

# Relative references resolve against it; the reserved top-level domain (RFC 2606) belongs to nobody.
BASE = "https://contract.invalid/"
# What may stand in a URI fragment as it is.
FRAGMENT = "/~-._$!*'()"


@dataclass(frozen=True, slots=True)
class Address:
    """A value in a library: the file's URI below BASE, and a JSON Pointer into it."""

    uri: str
    pointer: str

    def __truediv__(self, token: json_pointer.Token) -> Address:
        return Address(self.uri, f"{self.pointer}/{json_pointer.escape(token)}")

    def __str__(self) -> str:
        return f"{self.uri}#{self.pointer}"

    @classmethod
    def parse(cls, location: str) -> Address:
        """The address of an absolute URI with a fragment, as a validator reports it."""
        uri, fragment = urldefrag(location)
        return cls(uri, unquote(fragment))


@dataclass(slots=True)
class Library:
    """A document and the files it refers to, by URI. `main` is the document's own.

    All is read as OpenAPI 3.1; `Source.original` is a file as it is written.
    """

    main: str
    folder: Path
    sources: dict[str, Source] = field(default_factory=dict)

    @property
    def root(self) -> Any:
        return self.sources[self.main].root

    @property
    def version(self) -> str:
        """The version that the document is written in: `3.0`, `3.1`, `3.2`; empty where it says none."""
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
            target = self.target(value["$ref"], address.uri)
            source = self.sources[address.uri]
            if target in seen:
                raise source.fault(f"{address.pointer}/$ref", f"the reference {value['$ref']} leads back to itself")
            try:
                value = self.value(target)
            except LookupError:
                raise source.fault(f"{address.pointer}/$ref", f"{value['$ref']} does not exist") from None
            except ValueError:
                hint = "after the # stands a JSON Pointer, such as #/components/schemas/Job"
                raise source.fault(f"{address.pointer}/$ref", f"{value['$ref']} is not supported", hint) from None
            seen.add(target)
            address = target
        return address, value

    def reachable(self, address: Address) -> Iterator[Any]:
        """Every value at and below an address, through references, once; what leads nowhere is left out."""
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
            yield value
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


def open_library(path: Path) -> Library:
    """Read a document and every file it refers to. Raises SourceError."""
    return library_of(read(path))


def library_of(main: Source) -> Library:
    """The same for a document that has been read."""
    uri = BASE + quote(main.path.name)
    library = Library(uri, main.path.resolve().parent, {uri: main})
    waiting = [uri]
    while waiting:
        base = waiting.pop()
        for pointer, reference in references(library.sources[base].root):
            target = library.target(reference, base).uri
            if target not in library.sources:
                library.sources[target] = read(_locate(library, base, pointer, reference, target))
                waiting.append(target)
    if library.version == "3.0":
        _modernize(library)
    return library


def _modernize(library: Library) -> None:
    """Put the view in the place of every file of a 3.0 document, its references leading where things stand there."""
    library.sources.update({uri: modern(source) for uri, source in library.sources.items()})
    for uri, source in library.sources.items():
        for pointer, reference in references(source.root):
            at = library.target(reference, uri)
            moved = library.sources[at.uri].target(at.pointer) if at.uri in library.sources else at.pointer
            if moved != at.pointer:
                holder = json_pointer.resolve(source.root, pointer)
                holder["$ref"] = f"{urldefrag(reference).url}#{quote(moved, safe=FRAGMENT)}"


def _locate(library: Library, base: str, pointer: str, reference: str, target: str) -> Path:
    source = library.sources[base]
    try:
        parts, climbs = urlsplit(target), unquote(urlsplit(reference).path).split("/").count("..") > _folders(base)
    except ValueError:
        raise source.fault(f"{pointer}/$ref", f"{reference} is no address") from None
    if not target.startswith(BASE):
        raise source.fault(f"{pointer}/$ref", f"{reference} leads to another host", "only files beside it are read")
    try:
        path = (library.folder / unquote(parts.path).lstrip("/")).resolve()
        exists = path.is_file()
    except (OSError, ValueError):  # a name that no file can have
        path, exists = library.folder, False
    if not path.is_relative_to(library.folder) or climbs:
        raise source.fault(f"{pointer}/$ref", f"{reference} leads outside the document's folder")
    if not exists:
        raise source.fault(f"{pointer}/$ref", f"the file {urldefrag(reference).url} does not exist")
    return path


def _folders(uri: str) -> int:
    """How many folders below the library's own a file stands."""
    return urlsplit(uri).path.count("/") - 1


def fault(library: Library, address: Address, problem: str, hint: str = "", *, key: bool = False) -> SourceError:
    """A SourceError at an address."""
    path, position = library.position(address, key=key)
    return SourceError(path, problem, position, hint)
