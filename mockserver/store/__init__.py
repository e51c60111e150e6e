"""Where records live: `memory`, or `sqlite:PATH`."""

from __future__ import annotations

from pathlib import Path

from mockserver.store.base import Store, StoreError
from mockserver.store.memory import MemoryStore
from mockserver.store.sqlite import SqliteStore

__all__ = ["Store", "StoreError", "open_store"]


def open_store(url: str) -> Store:
    """Open the store that a URL names. Raises StoreError for any other URL, or a file that cannot be used."""
    if url == "memory":
        return MemoryStore()
    scheme, _, path = url.partition(":")
    if scheme == "sqlite" and path:
        return SqliteStore(Path(path))
    raise StoreError(f"'{url}' names no store: use 'memory' or 'sqlite:PATH'")
