"""`sqlite:PATH`: survives restarts and `kill -9`, and serves several workers on one machine.

Write-ahead logging with `synchronous=NORMAL`: what is committed survives the death of the process (not a power cut).
Streams only grow, so a worker keeps what it has read and asks the file for the tail only after somebody else wrote.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mockserver.core.journal import Entry
from mockserver.core.records import Record
from mockserver.store.base import JOURNAL_LENGTH, StoreError
from mockserver.store.codec import decode, decode_entry, encode, encode_entry

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS records (
        session TEXT NOT NULL, stream TEXT NOT NULL, position INTEGER NOT NULL, body BLOB NOT NULL,
        PRIMARY KEY (session, stream, position)
    ) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS journal (
        session TEXT NOT NULL, number INTEGER NOT NULL, body BLOB NOT NULL,
        PRIMARY KEY (session, number)
    ) WITHOUT ROWID""",
    "CREATE TABLE IF NOT EXISTS clears (total INTEGER NOT NULL)",
    "INSERT INTO clears SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM clears)",
)
_APPLICATION_ID = 0x52574443  # "RWDC": another program's database is refused, not written into
_PATIENCE = 10  # seconds to wait for another worker that writes
# SQLite's own waiting starts with a whole millisecond, in which a worker answers ten requests.
_PAUSE = 0.0001
# Pages of the write-ahead log (32 MB) before it is brought into the file, which waits for the disk.
_CHECKPOINT = 8_000
_LARGEST = 2**63 - 1  # what a column can hold
# Streams a worker keeps decoded; past that it starts afresh.
_CACHE_LIMIT = 100_000
# The journal is trimmed once per this many entries.
_TRIM_EVERY = 500


class SqliteStore:
    """One connection per worker process, used from the event loop only."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[tuple[str, str], list[Record]] = {}
        self._fresh: set[tuple[str, str]] = set()  # streams read since somebody else last wrote
        self._last: dict[str, int] = {}  # number of a session's newest journal entry, unless somebody else added one
        try:
            self._db = sqlite3.connect(path, isolation_level=None, timeout=0, check_same_thread=False)
        except sqlite3.Error as error:
            raise self._fault(error) from None
        try:
            self._prepare()
        except StoreError:
            self._db.close()
            raise
        self._version = self._data_version()
        self._clears = self._total_clears()

    def _prepare(self) -> None:
        """Create what is missing. Several workers may open a new file at once: one transaction looks and creates."""
        with self._transaction():
            (identity,) = self._execute("PRAGMA application_id").fetchone()
            (tables,) = self._execute("SELECT count(*) FROM sqlite_master").fetchone()
            if identity != _APPLICATION_ID and (identity or tables):
                raise StoreError(f"sqlite:{self._path} is another program's database")
            self._execute(f"PRAGMA application_id={_APPLICATION_ID}")
            for statement in _SCHEMA:
                self._execute(statement)
        self._execute("PRAGMA journal_mode=WAL")
        self._execute("PRAGMA synchronous=NORMAL")
        self._execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT}")

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
            self._execute("INSERT INTO records VALUES (?, ?, ?, ?)", (*key, len(known), encode(record)))
            known.append(record)  # should the section be undone, all that is known is forgotten
            return
        self._execute(
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
        with self._transaction():
            self._compare_versions()
            yield

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._execute("BEGIN IMMEDIATE")
        try:
            yield
            self._execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        self._forget()
        if self._db.in_transaction:  # a full disk ends a transaction by itself
            self._execute("ROLLBACK")

    def sessions(self) -> Sequence[str]:
        names = "SELECT DISTINCT session FROM records UNION SELECT DISTINCT session FROM journal ORDER BY 1"
        return [name for (name,) in self._execute(names)]

    def clear(self, session: str) -> None:
        with self.exclusively(session):
            self._execute("DELETE FROM records WHERE session = ?", (session,))
            self._execute("DELETE FROM journal WHERE session = ?", (session,))
            self._execute("UPDATE clears SET total = total + 1")
        self._forget()

    def log(self, session: str, entry: Entry) -> int:
        self._notice_others()
        body, last = encode_entry(entry), self._last.get(session)
        found = None
        if last is not None:  # unless another worker took the number
            insert = "INSERT OR IGNORE INTO journal VALUES (?, ?, ?) RETURNING number"
            found = self._execute(insert, (session, last + 1, body)).fetchone()
        if found is None:
            found = self._execute(
                "INSERT INTO journal SELECT ?1, coalesce(max(number) + 1, 1), ?2 FROM journal WHERE session = ?1 "
                "RETURNING number",
                (session, body),
            ).fetchone()
        number = self._last[session] = found[0]
        if number % _TRIM_EVERY == 0:
            self._execute("DELETE FROM journal WHERE session = ? AND number <= ?", (session, number - JOURNAL_LENGTH))
        return int(number)

    def entries(self, session: str, *, after: int = 0, limit: int = 100) -> list[tuple[int, Entry]]:
        rows = self._execute(
            "SELECT number, body FROM journal WHERE session = ?1 AND number > max(?2, "
            "(SELECT coalesce(max(number), 0) FROM journal WHERE session = ?1) - ?3) ORDER BY number LIMIT ?4",
            (session, min(after, _LARGEST), JOURNAL_LENGTH, limit),
        )
        return [(number, decode_entry(body)) for number, body in rows]

    def entry(self, session: str, number: int) -> Entry | None:
        found = self.entries(session, after=number - 1, limit=1)
        return found[0][1] if found and found[0][0] == number else None

    def close(self) -> None:
        self._db.close()

    def _execute(self, statement: str, arguments: tuple[str | int | bytes, ...] = ()) -> sqlite3.Cursor:
        """Run a statement, when others let it."""
        deadline = 0.0
        while True:
            try:
                return self._db.execute(statement, arguments)
            except sqlite3.Error as error:
                deadline = deadline or time.monotonic() + _PATIENCE
                if not _is_busy(error) or time.monotonic() >= deadline:
                    raise self._fault(error) from None
                time.sleep(_PAUSE)

    def _fault(self, error: sqlite3.Error) -> StoreError:
        return StoreError(f"sqlite:{self._path} cannot be used: {error}")

    def _read_tail(self, key: tuple[str, str], known: list[Record]) -> list[Record]:
        rows = self._execute(
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
        version = self._data_version()
        if version != self._version:
            self._version = version
            self._fresh.clear()
            if (clears := self._total_clears()) != self._clears:
                self._clears = clears
                self._forget()

    def _forget(self) -> None:
        self._last.clear()
        self._known.clear()
        self._fresh.clear()

    def _data_version(self) -> int:
        (version,) = self._execute("PRAGMA data_version").fetchone()
        return int(version)

    def _total_clears(self) -> int:
        (total,) = self._execute("SELECT total FROM clears").fetchone()
        return int(total)


def _is_busy(error: sqlite3.Error) -> bool:
    """Whether somebody else is writing; the low byte of the code, the rest says how."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
