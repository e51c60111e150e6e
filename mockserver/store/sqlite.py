"""`sqlite:PATH`: survives restarts and `kill -9`, and serves several workers on one machine.

Streams only grow, so a worker keeps what it has read and asks the file for the tail only after somebody else wrote. The
journal is beside it, in `PATH.journal`: every request writes one entry, and few write a record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mockserver.core.journal import Entry
from mockserver.core.records import Record
from mockserver.store.base import StoreError
from mockserver.store.codec import decode, encode
from mockserver.store.database import Database
from mockserver.store.sqlite_journal import SqliteJournal

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


class SqliteStore:
    """One per worker process, used from the event loop only."""

    def __init__(self, path: Path) -> None:
        self._known: dict[tuple[str, str], list[Record]] = {}
        self._fresh: set[tuple[str, str]] = set()  # streams read since somebody else last wrote
        self._db = Database(path, _SCHEMA)
        try:
            self._journal = SqliteJournal(path.with_name(f"{path.name}.journal"))
        except StoreError:
            self._db.close()
            raise
        self._version = self._db.version()
        self._clears = self._total_clears()

    def read(self, session: str, stream: str) -> Sequence[Record]:
        self._notice_others()
        key = (session, stream)
        known = self._known.get(key)
        if known is not None and key in self._fresh:
            return known
        return self._read_tail(key, known if known is not None else [])

    def count(self, session: str, stream: str) -> int:
        return len(self.read(session, stream))

    def append(self, session: str, stream: str, record: Record) -> None:
        key = (session, stream)
        if self._db.in_transaction and key in self._fresh:
            known = self._known[key]
            self._db.execute("INSERT INTO records VALUES (?, ?, ?, ?)", (*key, len(known), encode(record)))
            known.append(record)  # should the section be undone, all that is known is forgotten
            return
        self._db.execute(
            "INSERT INTO records SELECT ?1, ?2, coalesce(max(position) + 1, 0), ?3 FROM records "
            "WHERE session = ?1 AND stream = ?2",
            (*key, encode(record)),
        )
        self._fresh.discard(key)  # its tail is read at need

    @contextmanager
    def exclusively(self, session: str) -> Iterator[None]:  # noqa: ARG002 - the whole file is locked
        if self._db.in_transaction:
            yield  # inside another one, which ends it
            return
        self._db.begin()
        try:
            self._compare_versions()
            yield
            self._db.commit()
            self._journal.commit()
        except BaseException:
            self._db.roll_back()
            self._journal.roll_back()
            self._forget()
            raise

    def sessions(self) -> Sequence[str]:
        written = {name for (name,) in self._db.execute("SELECT DISTINCT session FROM records")}
        return sorted(written.union(self._journal.sessions()))

    def clear(self, session: str) -> None:
        with self.exclusively(session):
            self._db.execute("DELETE FROM records WHERE session = ?", (session,))
            self._db.execute("UPDATE clears SET total = total + 1")
            self._journal.join()
            self._journal.clear(session)
        self._forget()

    def log(self, session: str, entry: Entry) -> int:
        self._notice_others()
        if self._db.in_transaction:
            self._journal.join()
        return self._journal.log(session, entry)

    def entries(self, session: str, *, after: int = 0, limit: int = 100) -> list[tuple[int, Entry]]:
        return self._journal.entries(session, after=after, limit=limit)

    def entry(self, session: str, number: int) -> Entry | None:
        found = self.entries(session, after=number - 1, limit=1)
        return found[0][1] if found and found[0][0] == number else None

    def close(self) -> None:
        self._journal.close()
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

    def _notice_others(self) -> None:
        if not self._db.in_transaction:  # inside one nobody else writes
            self._compare_versions()

    def _compare_versions(self) -> None:
        version = self._db.version()
        if version != self._version:
            self._version = version
            self._fresh.clear()
            if (clears := self._total_clears()) != self._clears:
                self._clears = clears
                self._forget()

    def _forget(self) -> None:
        self._journal.forget()
        self._known.clear()
        self._fresh.clear()

    def _total_clears(self) -> int:
        (total,) = self._db.execute("SELECT total FROM clears").fetchone()
        return int(total)
