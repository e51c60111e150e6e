"""What only a file can do: outlive its process, be shared by workers, and be somebody else's."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Barrier

import pytest

from mockserver.core.records import Held
from mockserver.store import StoreError, database, open_store, sqlite_records
from tests.store.samples import entry

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


@pytest.mark.parametrize("url", ["", "sqlite", "sqlite:", "redis://localhost", "Memory", "/tmp/x"])
def test_an_url_that_names_no_store(url: str) -> None:
    with pytest.raises(StoreError, match=f"'{url}' names no store: use 'memory' or 'sqlite:PATH'"):
        open_store(url)


def test_it_outlives_its_process(path: Path) -> None:
    with closing(open_store(f"sqlite:{path}")) as store:
        store.records.append("a", "stream", Held(1))
        store.journal.add("a", entry("/"))
    with closing(open_store(f"sqlite:{path}")) as store:
        assert list(store.records.read("a", "stream")) == [Held(1)]
        assert store.journal.add("a", entry("/")) == 2


def foreign(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TABLE songs (title TEXT)"],
        ["PRAGMA application_id = 7"],
        ["CREATE TABLE records (session TEXT)", "PRAGMA application_id = 7"],
    ],
)
def test_another_programs_database_is_refused_and_left_alone(path: Path, statements: list[str]) -> None:
    foreign(path, *statements)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"store\.sqlite is another program's database"):
        open_store(f"sqlite:{path}")
    assert path.read_bytes() == before


def test_a_file_that_is_no_database(path: Path) -> None:
    path.write_bytes(b"openapi: 3.1.0\n" * 100)
    with pytest.raises(StoreError, match=r"sqlite:.*store\.sqlite cannot be used: file is not a database"):
        open_store(f"sqlite:{path}")


def test_a_folder_that_does_not_exist(path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be used: unable to open database file"):
        open_store(f"sqlite:{path.parent / 'nowhere' / 'store.sqlite'}")


def test_workers_that_open_a_new_file_at_once(path: Path) -> None:
    workers = 4
    barrier = Barrier(workers)

    def work(number: int) -> int:
        barrier.wait()
        with closing(open_store(f"sqlite:{path}")) as store:
            for _ in range(20):
                store.records.append("default", "jobs", Held(number))
            return store.journal.add("default", entry("/"))

    with ThreadPoolExecutor(workers) as pool:
        assert sorted(pool.map(work, range(workers))) == [1, 2, 3, 4]
    with closing(open_store(f"sqlite:{path}")) as store:
        assert sorted(record.at for record in store.records.read("default", "jobs")) == sorted([*range(workers)] * 20)


def test_a_transaction_appears_to_the_other_worker_all_at_once(path: Path) -> None:
    with closing(open_store(f"sqlite:{path}")) as first, closing(open_store(f"sqlite:{path}")) as second:
        with first.records.transaction():
            first.records.append("a", "stream", Held(1))
            assert list(second.records.read("a", "stream")) == []
            first.records.append("a", "stream", Held(2))
            assert list(second.records.read("a", "stream")) == []
        assert list(second.records.read("a", "stream")) == [Held(1), Held(2)]


def test_a_transaction_begins_with_what_others_wrote(path: Path) -> None:
    with closing(open_store(f"sqlite:{path}")) as first, closing(open_store(f"sqlite:{path}")) as second:
        first.records.append("a", "stream", Held(1))
        assert len(first.records.read("a", "stream")) == 1
        second.records.append("a", "stream", Held(2))
        with first.records.transaction():
            first.records.append("a", "stream", Held(3))
        assert (
            list(second.records.read("a", "stream"))
            == list(first.records.read("a", "stream"))
            == [Held(1), Held(2), Held(3)]
        )


def test_a_worker_notices_that_another_one_cleared(path: Path) -> None:
    with closing(open_store(f"sqlite:{path}")) as first, closing(open_store(f"sqlite:{path}")) as second:
        first.records.append("a", "stream", Held(1))
        assert list(second.records.read("a", "stream")) == [Held(1)]
        first.clear("a")
        first.records.append("a", "stream", Held(2))
        assert list(second.records.read("a", "stream")) == [Held(2)]


def test_a_worker_that_waits_in_vain_says_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_PATIENCE", 0)
    with closing(open_store(f"sqlite:{path}")) as first, closing(open_store(f"sqlite:{path}")) as second:
        with first.records.transaction(), pytest.raises(StoreError, match="cannot be used: database is locked"):
            second.records.append("a", "stream", Held(1))
        second.records.append("a", "stream", Held(2))
        assert list(first.records.read("a", "stream")) == [Held(2)]


def test_what_is_known_of_many_streams_is_bounded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_records, "_CACHE_LIMIT", 3)
    with closing(open_store(f"sqlite:{path}")) as store:
        for number in range(10):
            store.records.append("a", f"job/{number}", Held(number))
        for _ in range(2):
            assert [list(store.records.read("a", f"job/{n}")) for n in range(10)] == [[Held(n)] for n in range(10)]


@contextmanager
def appender(path: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.store.appender", f"sqlite:{path}", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def acknowledged(process: subprocess.Popen[str], at_least: int) -> int:
    """Read that many numbers, kill, and give the last number that was said."""
    assert process.stdout is not None
    for _ in range(at_least):
        process.stdout.readline()
    process.kill()
    rest = process.stdout.read().split("\n")
    said = [int(line) for line in rest[:-1]]
    return said[-1] if said else at_least - 1


def test_nothing_acknowledged_is_lost_by_kill_9(path: Path) -> None:
    with appender(path, "one") as first, appender(path, "two") as second:
        said = {"one": acknowledged(first, 200), "two": acknowledged(second, 50)}
    with closing(open_store(f"sqlite:{path}")) as store:
        for stream, last in said.items():
            numbers = [record.at for record in store.records.read("default", stream)]
            assert numbers == list(range(len(numbers)))
            assert len(numbers) > last


def test_a_transaction_that_was_killed_never_happened(path: Path) -> None:
    with appender(path, "jobs", "transaction") as process:
        acknowledged(process, 20)
    with closing(open_store(f"sqlite:{path}")) as store:
        assert list(store.records.read("default", "jobs")) == []
        store.records.append("default", "jobs", Held(1))
        assert list(store.records.read("default", "jobs")) == [Held(1)]
