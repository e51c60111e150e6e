"""OLD and NEW: files, folders, or `REVISION:path` in git, as pairs of documents."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from contracts.findings import shown
from openapi.dialect import unsupported
from openapi.library import Library
from openapi.reading import library_of
from openapi.source import Source, SourceError, read
from openapi.structure import structure_fault

SUFFIXES = (".yaml", ".yml", ".json")
_OPENAPI = re.compile(rb"""^[ \t{]*["']?(openapi|swagger)["']?[ \t]*:""", re.MULTILINE)


class InputError(ValueError):
    """Something that cannot be compared; the text says what, and what would be right."""


@dataclass(frozen=True, slots=True)
class Input:
    """One side: a file or a folder on disk, and how its files are called in findings.

    `prefix` replaces `base` in a path: `main:` for a file taken out of git, nothing for one of the working tree.
    """

    name: str
    path: Path
    base: Path | None = None
    prefix: str = ""

    def title(self, path: Path) -> str:
        if self.base is None:
            return shown(path)
        return self.prefix + path.resolve().relative_to(self.base.resolve()).as_posix()


@dataclass(frozen=True, slots=True)
class Document:
    """A document and the files it refers to; `titles` are what findings call them, by URI."""

    title: str
    library: Library
    titles: dict[str, str]

    def retitled(self, error: SourceError) -> SourceError:
        """An error about one of the files, called as in findings."""
        paths = {source.path: self.titles[uri] for uri, source in self.library.sources.items()}
        path = Path(error.path)
        return SourceError(paths.get(path, error.path), error.problem, error.position, error.hint)

    def structure_fault(self) -> SourceError | None:
        """Where the document is not OpenAPI, if it is not."""
        error = structure_fault(self.library.sources[self.library.main])
        return self.retitled(error) if error.position else None


@dataclass(frozen=True, slots=True)
class Pair:
    """The same document on both sides; None where there is none."""

    old: Document | None
    new: Document | None


def resolve(name: str, folder: Path, *, old: bool) -> Input:
    """The file or folder that an argument names; what comes out of git is written into `folder`.

    Raises InputError.
    """
    path = Path(name)
    if path.exists():
        return Input(name, path)
    revision, colon, inside = name.partition(":")
    if not colon or not revision or revision.startswith("-"):
        raise InputError(f"{name} does not exist; name a file, a folder or REVISION:path")
    inside = inside.strip("/") or "."
    top = Path(_git("rev-parse", "--show-toplevel", what=name).decode().strip())
    inside = _from_top(inside, top)
    kind = _git("cat-file", "-t", f"{revision}:{'' if inside == '.' else inside}", what=name).decode().strip()
    within = inside if kind == "tree" else str(PurePosixPath(inside).parent)
    _unpack(_git("-C", str(top), "archive", "--format=tar", revision, "--", within, what=name), folder)
    # A new document has its lines in the working tree's file of that name, an old one in the revision.
    return Input(name, folder / inside, folder, f"{revision}:" if old else "")


def pairs(old: Input, new: Input) -> Iterator[Pair]:
    """Two files are one pair; two folders are paired by relative path. Raises InputError and SourceError."""
    if old.path.is_dir() != new.path.is_dir():
        raise InputError(f"{old.name} and {new.name}: one is a folder, the other a file")
    if not old.path.is_dir():
        yield Pair(_document(old, old.path), _document(new, new.path))
        return
    before, after = _found(old.path), _found(new.path)
    if not before and not after:
        raise InputError(f"neither {old.name} nor {new.name} holds an OpenAPI document")
    for relative in sorted(before | after):
        yield Pair(
            _document(old, old.path / relative) if relative in before else None,
            _document(new, new.path / relative) if relative in after else None,
        )


def _from_top(inside: str, top: Path) -> str:
    """A path as git means it in `REVISION:path`: from the top, unless it begins with a dot."""
    if not inside.startswith("."):
        return inside
    absolute = (Path.cwd() / inside).resolve()
    if not absolute.is_relative_to(top.resolve()):
        raise InputError(f"{inside} lies outside the repository {top}")
    return absolute.relative_to(top.resolve()).as_posix()


def _git(*arguments: str, what: str) -> bytes:
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, check=False)  # noqa: S603, S607  # no shell; the user's own git
    except OSError:
        raise InputError(f"{what} does not exist, and git is not here to look it up") from None
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["git failed"]
        raise InputError(f"{what}: {lines[0].removeprefix('fatal: ')}")
    return done.stdout


def _unpack(archive: bytes, folder: Path) -> None:
    """Write the documents of an archive, and nothing else, below `folder`."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            if member.isfile() and member.name.endswith(SUFFIXES):
                tar.extract(member, folder, filter="data")


def _found(folder: Path) -> set[Path]:
    """The OpenAPI documents below a folder, relative to it. Hidden folders are left out."""
    files = [path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file()]
    found = {path.relative_to(folder) for path in files if _OPENAPI.search(path.read_bytes())}
    return {path for path in found if not any(part.startswith(".") for part in path.parts)}


def _document(side: Input, path: Path) -> Document:
    if not path.is_file():
        raise InputError(f"{side.name} does not exist")
    title = side.title(path)
    try:
        library = library_of(_checked(read(path)))
    except SourceError as error:
        where = side.title(Path(error.path)) if Path(error.path).is_absolute() or side.base else str(error.path)
        raise SourceError(where, error.problem, error.position, error.hint) from None
    titles = {uri: _title(side, library, uri) for uri in library.sources}
    return Document(title, library, titles | {library.main: title})


def _title(side: Input, library: Library, uri: str) -> str:
    return side.title(library.folder / unquote(urlsplit(uri).path).lstrip("/"))


def _checked(source: Source) -> Source:
    """Raises SourceError for what is no OpenAPI document."""
    if refused := unsupported(source):
        raise refused
    return source
