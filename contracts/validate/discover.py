"""Which documents a path on the command line means."""

from __future__ import annotations

import re
from pathlib import Path

SUFFIXES = (".yaml", ".yml", ".json")
# The files beside a provider's document: to name one is to name the provider.
BESIDE = ("simulation.yaml", "facts.md")
# A document says which OpenAPI it is in a field of its root; told from the text, for the file may be broken.
_OPENAPI = re.compile(rb"""^\s{0,4}["']?(openapi|swagger)["']?\s*:|^\{\s*"(openapi|info)"\s*:""", re.MULTILINE)
_SKIPPED = {"node_modules", "__pycache__"}


class UsageError(ValueError):
    """A path that names no document."""


def documents(paths: list[Path]) -> list[Path]:
    """The documents that paths mean: a document, a provider's folder or a file in it, or a tree. In order, once each.

    Raises UsageError for a path that does not exist or holds no document.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        for document in _meant(path):
            found.setdefault(document.resolve(), document)
    return list(found.values())


def _meant(path: Path) -> list[Path]:
    if not path.exists():
        raise UsageError(f"{path} does not exist")
    if path.is_file():
        beside = [path.with_name(f"openapi{suffix}") for suffix in SUFFIXES]
        return [file for file in beside if file.is_file()][:1] or [path] if path.name in BESIDE else [path]
    inside = sorted(file for file in path.rglob("*") if _is_document(file, path))
    if not inside:
        raise UsageError(f"{path} holds no OpenAPI document (a file with a line `openapi: 3.x` or `swagger: '2.0'`)")
    return inside


def _is_document(file: Path, top: Path) -> bool:
    folders = file.relative_to(top).parts[:-1]
    hidden = any(folder.startswith(".") or folder in _SKIPPED for folder in folders)
    if hidden or file.suffix not in SUFFIXES or not file.is_file():
        return False
    return _OPENAPI.search(file.read_bytes()) is not None
