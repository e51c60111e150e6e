"""The default store: one process, nothing to install, gone when the process is."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
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


class _Section:
    """What `exclusively` gives. The innermost of nested ones ends nothing; an exception undoes the outermost."""

    __slots__ = ("_undo", "depth")

    def __init__(self, undo: list[Callable[[], None]]) -> None:
        self._undo = undo
        self.depth = 0

    def __enter__(self) -> None:
        self.depth += 1

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        self.depth -= 1
        if self.depth:
            return
        if kind is not None:
            for undo in reversed(self._undo):
                undo()
        self._undo.clear()


class MemoryStore:
    """Streams in dictionaries. The event loop serialises requests, so nothing here needs a lock."""

    def __init__(self) -> None:
        self._sessions: dict[str, _Session] = {}
        self._undo: list[Callable[[], None]] = []  # inside `exclusively`, how to take back what was done
        self._section = _Section(self._undo)

    def read(self, session: str, stream: str) -> Sequence[Record]:
        found = self._sessions.get(session)
        return found.streams.get(stream, ()) if found else ()

    def count(self, session: str, stream: str) -> int:
        return len(self.read(session, stream))

    def append(self, session: str, stream: str, record: Record) -> None:
        self._session(session).streams.setdefault(stream, []).append(record)
        if self._section.depth:
            self._undo.append(partial(self._take_back, session, stream))

    def exclusively(self, session: str) -> AbstractContextManager[None]:  # noqa: ARG002 - one process, one loop
        return self._section

    def sessions(self) -> Sequence[str]:
        return sorted(self._sessions)

    def clear(self, session: str) -> None:
        found = self._sessions.pop(session, None)
        if found is not None and self._section.depth:
            self._undo.append(partial(self._sessions.__setitem__, session, found))

    def log(self, session: str, entry: Entry) -> int:
        found = self._session(session)
        if self._section.depth:
            oldest = found.journal[0] if len(found.journal) == JOURNAL_LENGTH else None
            self._undo.append(partial(self._take_back_entry, session, oldest))
        found.journal.append(entry)
        found.last += 1
        return found.last

    def entries(self, session: str, *, after: int = 0, limit: int = 100) -> list[tuple[int, Entry]]:
        found = self._sessions.get(session)
        if found is None:
            return []
        first = found.last - len(found.journal) + 1
        skipped = min(max(0, after + 1 - first), len(found.journal))
        kept = islice(found.journal, skipped, skipped + limit)
        return list(enumerate(kept, first + skipped))

    def entry(self, session: str, number: int) -> Entry | None:
        found = self.entries(session, after=number - 1, limit=1)
        return found[0][1] if found and found[0][0] == number else None

    def close(self) -> None:
        self._sessions.clear()

    def _take_back(self, name: str, stream: str) -> None:
        """Undo one append. The list is replaced: somebody may have kept it to see whether it grows."""
        streams = self._sessions[name].streams
        streams[stream] = streams[stream][:-1]
        if not streams[stream]:
            del streams[stream]
        self._drop_empty(name)

    def _take_back_entry(self, name: str, oldest: Entry | None) -> None:
        """Undo one journal entry, which may have pushed out the oldest."""
        found = self._sessions[name]
        found.journal.pop()
        found.last -= 1
        if oldest is not None:
            found.journal.appendleft(oldest)
        self._drop_empty(name)

    def _drop_empty(self, name: str) -> None:
        found = self._sessions[name]
        if not found.streams and not found.journal:
            del self._sessions[name]

    def _session(self, name: str) -> _Session:
        found = self._sessions.get(name)
        if found is None:
            found = self._sessions[name] = _Session()
        return found
