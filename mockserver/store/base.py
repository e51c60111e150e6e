"""What the engine asks of a store: append-only streams of records, per session, and a journal.

A stream is named by the engine (`job/<id>`, `clock`, `key/<digest>`); a store knows nothing about the names. What has
been appended when `append` returns is stored: a process that dies a moment later has lost nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from mockserver.core.journal import Entry
from mockserver.core.records import Record

# Journal entries kept per session.
JOURNAL_LENGTH = 5_000


class StoreError(RuntimeError):
    """The store cannot be opened or used (any more): which one, and why, in one line."""


class Store(Protocol):
    """Append-only streams of records, kept apart by session."""

    def read(self, session: str, stream: str) -> Sequence[Record]:
        """All records of a stream in the order they were appended; none for a stream nobody wrote."""
        ...

    def count(self, session: str, stream: str) -> int:
        """How many records a stream holds."""
        ...

    def append(self, session: str, stream: str, record: Record) -> None:
        """Add one record to the end of a stream."""
        ...

    def exclusively(self, session: str) -> AbstractContextManager[None]:
        """Nobody else appends to the session meanwhile; what is appended inside appears to others all at once.

        An exception that leaves it undoes what was appended. Inside another one it is a part of that.
        """
        ...

    def sessions(self) -> Sequence[str]:
        """The names of the sessions that hold anything, sorted."""
        ...

    def clear(self, session: str) -> None:
        """Forget everything about a session, its journal included."""
        ...

    def log(self, session: str, entry: Entry) -> int:
        """Add an entry to the session's journal and return its number, counting from 1. Only the newest are kept."""
        ...

    def entries(self, session: str, *, after: int = 0, limit: int = 100) -> list[tuple[int, Entry]]:
        """Journal entries with a number above `after`, oldest first, at most `limit`."""
        ...

    def entry(self, session: str, number: int) -> Entry | None:
        """One journal entry, or None if there is none (any more)."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
