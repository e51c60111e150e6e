"""The journal of `sqlite:PATH`, in a file of its own, `PATH.journal`.

Every request is written here, also one that only reads. In the file of the records each would make the other workers
look everything up again.
"""

from __future__ import annotations

from collections.abc import Collection
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

    def add(self, session: str, entry: Entry) -> int:
        (number,) = self._db.execute(
            "INSERT INTO journal SELECT ?1, coalesce(max(number) + 1, 1), ?2 FROM journal WHERE session = ?1 "
            "RETURNING number",
            (session, encode_entry(entry)),
        ).fetchone()
        if number % _TRIM_EVERY == 0:
            trim = "DELETE FROM journal WHERE session = ? AND number <= ?"
            self._db.execute(trim, (session, number - JOURNAL_LENGTH))
        return int(number)

    def entries(self, session: str, *, after: int = 0, limit: int = 100) -> list[tuple[int, Entry]]:
        rows = self._db.execute(
            "SELECT number, body FROM journal WHERE session = ?1 AND number > max(?2, "
            "(SELECT coalesce(max(number), 0) FROM journal WHERE session = ?1) - ?3) ORDER BY number LIMIT ?4",
            (session, min(after, _LARGEST), JOURNAL_LENGTH, limit),
        )
        return [(number, decode_entry(body)) for number, body in rows]

    def sessions(self) -> Collection[str]:
        return [name for (name,) in self._db.execute("SELECT DISTINCT session FROM journal")]

    def clear(self, session: str) -> None:
        self._db.execute("DELETE FROM journal WHERE session = ?", (session,))

    def close(self) -> None:
        self._db.close()
