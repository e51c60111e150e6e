"""Where records and journal live: `memory`, or `sqlite:PATH`."""

from __future__ import annotations

from pathlib import Path

from mockserver.store.base import Store, StoreError
from mockserver.store.memory import MemoryJournal, MemoryRecords
from mockserver.store.sqlite_journal import SqliteJournal
from mockserver.store.sqlite_records import SqliteRecords

__all__ = ["Store", "StoreError", "open_store"]


def open_store(url: str) -> Store:
    """Open the store that a URL names. Raises StoreError for any other URL, or a file that cannot be used."""
    if url == "memory":
        return Store(MemoryRecords(), MemoryJournal())
    scheme, _, path = url.partition(":")
    if scheme == "sqlite" and path:
        return _open_sqlite(Path(path))
    raise StoreError(f"'{url}' names no store: use 'memory' or 'sqlite:PATH'")


def _open_sqlite(path: Path) -> Store:
    records = SqliteRecords(path)
    try:
        return Store(records, SqliteJournal(path.with_name(f"{path.name}.journal")))
    except StoreError:
        records.close()
        raise
