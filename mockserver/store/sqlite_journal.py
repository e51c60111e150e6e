"""The journal of a SQLite store, in a file of its own.

Every request is written here, also one that only reads. In the file of the records each would make the other workers
look everything up again.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mockserver.core.journal import Entry
from mockserver.store.base import JOURNAL_LENGTH
from mockserver.store.codec import decode_entry, encode_entry
from mockserver.store.database import Database

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS journal (
        session TEXT NOT NULL, number INTEGER NOT NULL, body BLOB NOT NULL,
        PRIMARY KEY (session, number)
    ) WITHOUT ROWID""",
)
_LARGEST = 2**63 - 1  # what a column can hold
# The journal is trimmed once per this many entries.
_TRIM_EVERY = 500


class SqliteJournal:
    """Numbered entries per session, the newest of them kept."""

    def __init__(self, path: Path) -> None:
        self._db = Database(path, _SCHEMA)
        self._last: dict[str, int] = {}  # number of a session's newest entry, unless somebody else added one

    def join(self) -> None:
        """What follows is a part of a section, until `commit` or `roll_back`."""
        if not self._db.in_transaction:
            self._db.begin()

    def commit(self) -> None:
        if self._db.in_transaction:
            self._db.commit()

    def roll_back(self) -> None:
        self._db.roll_back()
        self.forget()

    def forget(self) -> None:
        """Somebody else cleared a session: numbers start over."""
        self._last.clear()

    def log(self, session: str, entry: Entry) -> int:
        """Add an entry and return its number."""
        body, last = encode_entry(entry), self._last.get(session)
        found = None
        if last is not None:  # unless another worker took the number
            insert = "INSERT OR IGNORE INTO journal VALUES (?, ?, ?) RETURNING number"
            found = self._db.execute(insert, (session, last + 1, body)).fetchone()
        if found is None:
            found = self._db.execute(
                "INSERT INTO journal SELECT ?1, coalesce(max(number) + 1, 1), ?2 FROM journal WHERE session = ?1 "
                "RETURNING number",
                (session, body),
            ).fetchone()
        number = self._last[session] = int(found[0])
        if number % _TRIM_EVERY == 0:
            trim = "DELETE FROM journal WHERE session = ? AND number <= ?"
            self._db.execute(trim, (session, number - JOURNAL_LENGTH))
        return number

    def entries(self, session: str, *, after: int, limit: int) -> list[tuple[int, Entry]]:
        """Entries with a number above `after`, oldest first."""
        rows = self._db.execute(
            "SELECT number, body FROM journal WHERE session = ?1 AND number > max(?2, "
            "(SELECT coalesce(max(number), 0) FROM journal WHERE session = ?1) - ?3) ORDER BY number LIMIT ?4",
            (session, min(after, _LARGEST), JOURNAL_LENGTH, limit),
        )
        return [(number, decode_entry(body)) for number, body in rows]

    def sessions(self) -> Sequence[str]:
        """The sessions that have entries."""
        return [name for (name,) in self._db.execute("SELECT DISTINCT session FROM journal")]

    def clear(self, session: str) -> None:
        """Forget a session's entries."""
        self._db.execute("DELETE FROM journal WHERE session = ?", (session,))

    def close(self) -> None:
        self._db.close()
