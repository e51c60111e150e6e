"""What the engine asks of a store: append-only streams of records, kept apart by session, and a journal of requests.

A stream is named by the engine (`job/<id>`, `settings`, `key/<digest>`); a store knows nothing about the names. What
has been appended when `append` returns is stored: a process that dies a moment later has lost nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from mockserver.core.journal import Entry
from mockserver.core.records import Record

# Journal entries kept per session.
JOURNAL_LENGTH = 5_000


class StoreError(RuntimeError):
    """The store cannot be opened or used (any more): which one, and why, in one line."""


class _Sessions(Protocol):
    """What is kept by session."""

    def sessions(self) -> Collection[str]:
        """The names of the sessions that hold anything."""
        ...

    def clear(self, session: str) -> None:
        """Forget everything about a session."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...


class Records(_Sessions, Protocol):
    """Append-only streams of records."""

    def read(self, session: str, stream: str) -> Sequence[Record]:
        """All records of a stream in the order they were appended; none for a stream nobody wrote."""
        ...

    def append(self, session: str, stream: str, record: Record) -> None:
        """Add one record to the end of a stream."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Nobody else appends meanwhile; what is appended inside appears to others all at once.

        An exception that leaves it undoes what was appended and cleared. A transaction inside another is a part of it.
        """
        ...


class Journal(_Sessions, Protocol):
    """The newest requests of each session, numbered from 1. No part of any transaction: a refused request is in it."""

    def add(self, session: str, entry: Entry) -> int:
        """Keep an entry and return its number."""
        ...

    def entries(self, session: str, *, after: int = 0, limit: int = 100) -> list[tuple[int, Entry]]:
        """Entries with a number above `after`, oldest first, at most `limit`."""
        ...


@dataclass(frozen=True, slots=True)
class Store:
    """Both together."""

    records: Records
    journal: Journal

    def sessions(self) -> list[str]:
        """The names of the sessions that hold anything, sorted."""
        return sorted({*self.records.sessions(), *self.journal.sessions()})

    def clear(self, session: str) -> None:
        """Forget everything about a session, its journal included."""
        self.records.clear(session)
        self.journal.clear(session)

    def entry(self, session: str, number: int) -> Entry | None:
        """One journal entry, or None if there is none (any more)."""
        found = self.journal.entries(session, after=number - 1, limit=1)
        return found[0][1] if found and found[0][0] == number else None

    def close(self) -> None:
        """Let go of files and connections."""
        self.journal.close()
        self.records.close()
