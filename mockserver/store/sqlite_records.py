"""The records of `sqlite:PATH`: they survive restarts and `kill -9`, and several workers on one machine share them.

Streams only grow, so a worker keeps what it has read and asks the file for the tail only after another one wrote.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mockserver.core.records import Record
from mockserver.store.codec import decode, encode
from mockserver.store.database import Database

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS records (
        session TEXT NOT NULL, stream TEXT NOT NULL, position INTEGER NOT NULL, body BLOB NOT NULL,
        PRIMARY KEY (session, stream, position)
    ) WITHOUT ROWID""",
    "CREATE TABLE IF NOT EXISTS clears (total INTEGER NOT NULL)",
    "INSERT INTO clears SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM clears)",
)
# Streams a worker keeps decoded; past that it starts afresh.
_CACHE_LIMIT = 100_000


class SqliteRecords:
    """One per worker process, used from the event loop only."""

    def __init__(self, path: Path) -> None:
        self._known: dict[tuple[str, str], list[Record]] = {}
        self._fresh: set[tuple[str, str]] = set()  # streams read since another worker last wrote
        self._db = Database(path, _SCHEMA)
        self._version = self._db.version()
        self._clears = self._total_clears()

    def read(self, session: str, stream: str) -> Sequence[Record]:
        if not self._db.in_transaction:  # inside one nobody else writes
            self._compare_versions()
        key = (session, stream)
        known = self._known.get(key)
        if known is not None and key in self._fresh:
            return known
        return self._read_tail(key, known if known is not None else [])

    def append(self, session: str, stream: str, record: Record) -> None:
        key = (session, stream)
        if self._db.in_transaction and key in self._fresh:
            known = self._known[key]
            self._db.execute("INSERT INTO records VALUES (?, ?, ?, ?)", (*key, len(known), encode(record)))
            known.append(record)  # should the transaction be undone, all that is known is forgotten
            return
        self._db.execute(
            "INSERT INTO records SELECT ?1, ?2, coalesce(max(position) + 1, 0), ?3 FROM records "
            "WHERE session = ?1 AND stream = ?2",
            (*key, encode(record)),
        )
        self._fresh.discard(key)  # its tail is read at need

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if self._db.in_transaction:
            yield  # inside another one, which ends it
            return
        self._db.begin()
        try:
            self._compare_versions()
            yield
            self._db.commit()
        except BaseException:
            self._db.roll_back()
            self._forget()
            raise

    def sessions(self) -> Collection[str]:
        return [name for (name,) in self._db.execute("SELECT DISTINCT session FROM records")]

    def clear(self, session: str) -> None:
        with self.transaction():
            self._db.execute("DELETE FROM records WHERE session = ?", (session,))
            self._db.execute("UPDATE clears SET total = total + 1")
        self._forget()

    def close(self) -> None:
        self._db.close()

    def _read_tail(self, key: tuple[str, str], known: list[Record]) -> list[Record]:
        rows = self._db.execute(
            "SELECT body FROM records WHERE session = ? AND stream = ? AND position >= ? ORDER BY position",
            (*key, len(known)),
        )
        known.extend(decode(body) for (body,) in rows)
        if len(self._known) >= _CACHE_LIMIT:
            self._forget()
        self._known[key] = known
        self._fresh.add(key)
        return known

    def _compare_versions(self) -> None:
        version = self._db.version()
        if version != self._version:
            self._version = version
            self._fresh.clear()
            if (clears := self._total_clears()) != self._clears:
                self._clears = clears
                self._forget()

    def _forget(self) -> None:
        self._known.clear()
        self._fresh.clear()

    def _total_clears(self) -> int:
        (total,) = self._db.execute("SELECT total FROM clears").fetchone()
        return int(total)
