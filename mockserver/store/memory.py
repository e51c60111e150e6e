"""The default store: one process, nothing to install, gone when the process is."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from functools import partial
from itertools import islice

from mockserver.core.journal import Entry
from mockserver.core.records import Record
from mockserver.store.base import JOURNAL_LENGTH

_NO_STREAMS: dict[str, list[Record]] = {}


class _Transaction:
    """What `transaction` gives. The innermost of nested ones ends nothing; an exception undoes the outermost."""

    __slots__ = ("depth", "undo")

    def __init__(self) -> None:
        self.depth = 0
        self.undo: list[Callable[[], object]] = []  # how to take back what was done, in the order it was done

    def __enter__(self) -> None:
        self.depth += 1

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        self.depth -= 1
        if self.depth:
            return
        if kind is not None:
            for undo in reversed(self.undo):
                undo()
        self.undo.clear()


class MemoryRecords:
    """Streams in dictionaries. The event loop serialises requests, so nothing here needs a lock."""

    def __init__(self) -> None:
        self._sessions: dict[str, dict[str, list[Record]]] = {}
        self._transaction = _Transaction()

    def read(self, session: str, stream: str) -> Sequence[Record]:
        return self._sessions.get(session, _NO_STREAMS).get(stream, ())

    def append(self, session: str, stream: str, record: Record) -> None:
        self._sessions.setdefault(session, {}).setdefault(stream, []).append(record)
        if self._transaction.depth:
            self._transaction.undo.append(partial(self._take_back, session, stream))

    def transaction(self) -> AbstractContextManager[None]:
        return self._transaction

    def sessions(self) -> Collection[str]:
        return self._sessions

    def clear(self, session: str) -> None:
        streams = self._sessions.pop(session, None)
        if streams is not None and self._transaction.depth:
            self._transaction.undo.append(partial(self._sessions.__setitem__, session, streams))

    def close(self) -> None:
        self._sessions.clear()

    def _take_back(self, session: str, stream: str) -> None:
        """Undo one append. The list is replaced: a reader may have kept it to see whether it grows."""
        streams = self._sessions[session]
        streams[stream] = streams[stream][:-1]
        if not streams[stream]:
            del streams[stream]
        if not streams:
            del self._sessions[session]


class MemoryJournal:
    """The newest entries of each session with their numbers."""

    def __init__(self) -> None:
        self._entries: dict[str, deque[tuple[int, Entry]]] = {}

    def add(self, session: str, entry: Entry) -> int:
        entries = self._entries.setdefault(session, deque(maxlen=JOURNAL_LENGTH))
        number = entries[-1][0] + 1 if entries else 1
        entries.append((number, entry))
        return number

    def entries(self, session: str, *, after: int = 0, limit: int = 100) -> list[tuple[int, Entry]]:
        entries = self._entries.get(session)
        if not entries:
            return []
        skipped = min(max(0, after + 1 - entries[0][0]), len(entries))
        return list(islice(entries, skipped, skipped + limit))

    def sessions(self) -> Collection[str]:
        return self._entries

    def clear(self, session: str) -> None:
        self._entries.pop(session, None)

    def close(self) -> None:
        self._entries.clear()
