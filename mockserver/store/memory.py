"""The default store: one process, nothing to install, gone when the process is."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import islice

from mockserver.core.journal import Entry
from mockserver.core.records import Record
from mockserver.store.base import JOURNAL_LENGTH


class _Session:
    __slots__ = ("journal", "last", "streams")

    def __init__(self) -> None:
        self.streams: dict[str, list[Record]] = {}
        self.journal: deque[Entry] = deque(maxlen=JOURNAL_LENGTH)
        self.last = 0  # number of the newest journal entry


class MemoryStore:
    """Streams in dictionaries. The event loop serialises requests, so nothing here needs a lock."""

    def __init__(self) -> None:
        self._sessions: dict[str, _Session] = {}

    def read(self, session: str, stream: str) -> Sequence[Record]:
        found = self._sessions.get(session)
        return found.streams.get(stream, ()) if found else ()

    def count(self, session: str, stream: str) -> int:
        return len(self.read(session, stream))

    def append(self, session: str, stream: str, record: Record) -> None:
        self._session(session).streams.setdefault(stream, []).append(record)

    def exclusively(self, session: str) -> AbstractContextManager[None]:  # noqa: ARG002 - one process, one loop
        return nullcontext()

    def sessions(self) -> Sequence[str]:
        return sorted(self._sessions)

    def clear(self, session: str) -> None:
        self._sessions.pop(session, None)

    def log(self, session: str, entry: Entry) -> int:
        found = self._session(session)
        found.journal.append(entry)
        found.last += 1
        return found.last

    def entries(self, session: str, *, after: int = 0, limit: int = 100) -> list[tuple[int, Entry]]:
        found = self._sessions.get(session)
        if found is None:
            return []
        first = found.last - len(found.journal) + 1
        skipped = max(0, after + 1 - first)
        kept = islice(found.journal, skipped, skipped + limit)
        return list(enumerate(kept, first + skipped))

    def entry(self, session: str, number: int) -> Entry | None:
        found = self.entries(session, after=number - 1, limit=1)
        return found[0][1] if found and found[0][0] == number else None

    def close(self) -> None:
        self._sessions.clear()

    def _session(self, name: str) -> _Session:
        found = self._sessions.get(name)
        if found is None:
            found = self._sessions[name] = _Session()
        return found
