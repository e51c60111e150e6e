"""Small documents for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openapi.library import Library
from openapi.reading import library_of
from openapi.source import Source, parse


def source(text: str | bytes, name: str = "openapi.yaml") -> Source:
    """A document that was never a file."""
    return parse(text.encode() if isinstance(text, str) else text, Path("/contract") / name)


def library(root: Any) -> Library:
    """Plain data as a document."""
    return library_of(Source(Path("/contract/openapi.yaml"), b"{}", root))


def write(folder: Path, **files: str) -> Path:
    """Files of a contract, `openapi` and others, as YAML; the path of the first."""
    paths = []
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        paths.append(path)
    return paths[0]
