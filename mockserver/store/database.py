"""One SQLite file that several workers of one machine share: opened or refused, written in turn.

Write-ahead logging with `synchronous=NORMAL`: what is committed survives the death of the process (not a power cut).
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path

from mockserver.store.base import StoreError

_APPLICATION_ID = 0x52574443  # "RWDC": another program's database is refused, not written into
_PATIENCE = 10  # seconds to wait for another worker that writes
# SQLite's own waiting starts with a whole millisecond, in which a worker answers ten requests.
_PAUSE = 0.0001
# Pages of the write-ahead log (32 MB) before it is brought into the file, which waits for the disk.
_CHECKPOINT = 8_000


class Database:
    """One connection, used from the event loop only. Every method raises StoreError for a file that fails."""

    def __init__(self, path: Path, schema: Iterable[str]) -> None:
        self._path = path
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, timeout=0, check_same_thread=False)
        except sqlite3.Error as error:
            raise self._fault(error) from None
        try:
            self._prepare(schema)
        except StoreError:
            self.close()
            raise

    def _prepare(self, schema: Iterable[str]) -> None:
        """Create what is missing. Several workers may open a new file at once: one transaction looks and creates."""
        self.begin()
        (identity,) = self.execute("PRAGMA application_id").fetchone()
        (tables,) = self.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if identity != _APPLICATION_ID and (identity or tables):
            raise StoreError(f"sqlite:{self._path} is another program's database")
        self.execute(f"PRAGMA application_id={_APPLICATION_ID}")
        for statement in schema:
            self.execute(statement)
        self.commit()
        self.execute("PRAGMA journal_mode=WAL")
        self.execute("PRAGMA synchronous=NORMAL")
        self.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT}")

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def begin(self) -> None:
        """Nobody else writes until `commit` or `roll_back`."""
        self.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self.execute("COMMIT")

    def roll_back(self) -> None:
        if self.in_transaction:  # a full disk ends a transaction by itself
            self.execute("ROLLBACK")

    def version(self) -> int:
        """A number that changes when another connection has written."""
        (version,) = self.execute("PRAGMA data_version").fetchone()
        return int(version)

    def execute(self, statement: str, arguments: tuple[str | int | bytes, ...] = ()) -> sqlite3.Cursor:
        """Run a statement, when others let it."""
        deadline = 0.0
        while True:
            try:
                return self._connection.execute(statement, arguments)
            except sqlite3.Error as error:
                deadline = deadline or time.monotonic() + _PATIENCE
                if not _is_busy(error) or time.monotonic() >= deadline:
                    raise self._fault(error) from None
                time.sleep(_PAUSE)

    def close(self) -> None:
        self._connection.close()

    def _fault(self, error: sqlite3.Error) -> StoreError:
        return StoreError(f"sqlite:{self._path} cannot be used: {error}")


def _is_busy(error: sqlite3.Error) -> bool:
    """Whether somebody else is writing; the low byte of the code, the rest says how."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
