"""One behaviour for every store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from mockserver.core.records import Held, Noted
from mockserver.store import Store
from mockserver.store.base import JOURNAL_LENGTH
from tests.store.samples import entry


class BrokenError(Exception):
    """Something went wrong inside a transaction."""


@contextmanager
def broken_off(store: Store) -> Iterator[None]:
    with suppress(BrokenError), store.records.transaction():
        yield
        raise BrokenError


def test_a_stream_grows_at_its_end(store: Store) -> None:
    for number in range(3):
        store.records.append("default", "job/1", Held(number))
        assert list(store.records.read("default", "job/1")) == [Held(n) for n in range(number + 1)]


def test_a_stream_nobody_wrote_is_empty(store: Store) -> None:
    assert list(store.records.read("default", "job/1")) == []
    assert store.sessions() == [], "reading creates nothing"


@pytest.mark.parametrize("name", ["", "job/1/2", "a'; DROP TABLE records; --", "nul\0nul", "Ünïcode ∑", "%", "_"])
def test_streams_and_sessions_of_any_name_are_kept_apart(store: Store, name: str) -> None:
    store.records.append(name, "stream", Held(1))
    store.records.append("other", name, Held(2))
    assert list(store.records.read(name, "stream")) == [Held(1)]
    assert list(store.records.read("other", name)) == [Held(2)]
    assert list(store.records.read("other", "stream")) == []
    assert store.sessions() == sorted({name, "other"})


def test_sessions_are_those_that_hold_anything(store: Store) -> None:
    store.journal.add("b", entry("/"))
    store.records.append("a", "stream", Held(1))
    assert store.sessions() == ["a", "b"]


def test_clear_forgets_one_session_and_its_journal(store: Store) -> None:
    for session in ("a", "b"):
        store.records.append(session, "stream", Held(1))
        store.journal.add(session, entry("/"))
    store.clear("a")
    store.clear("nobody")
    assert store.sessions() == ["b"]
    assert list(store.records.read("a", "stream")) == []
    assert store.journal.entries("a") == []
    assert list(store.records.read("b", "stream")) == [Held(1)]
    store.records.append("a", "stream", Held(2))
    assert list(store.records.read("a", "stream")) == [Held(2)]
    assert store.journal.add("a", entry("/")) == 1, "numbers start over"


def test_what_a_transaction_appends_stays(store: Store) -> None:
    with store.records.transaction():
        store.records.append("a", "stream", Held(1))
        assert list(store.records.read("a", "stream")) == [Held(1)], "visible inside"
        assert store.journal.add("a", entry("/")) == 1
    assert list(store.records.read("a", "stream")) == [Held(1)]
    assert store.journal.entries("a") == [(1, entry("/"))]


def appends(store: Store) -> None:
    store.records.append("a", "stream", Held(2))
    store.records.append("a", "new", Held(3))
    store.records.append("new", "new", Held(3))


def clears(store: Store) -> None:
    store.records.clear("a")
    store.records.append("a", "stream", Held(4))


def nests(store: Store) -> None:
    with store.records.transaction():
        store.records.append("a", "stream", Held(5))


@pytest.mark.parametrize("change", [appends, clears, nests])
def test_an_exception_undoes_the_transaction(store: Store, change: Callable[[Store], None]) -> None:
    store.records.append("a", "stream", Held(1))
    store.journal.add("a", entry("/1"))
    assert list(store.records.read("a", "stream")) == [Held(1)], "known from before"
    with broken_off(store):
        change(store)
        store.records.read("a", "stream")
    assert store.sessions() == ["a"]
    assert list(store.records.read("a", "stream")) == [Held(1)]
    assert store.journal.entries("a") == [(1, entry("/1"))]
    store.records.append("a", "stream", Held(6))
    assert list(store.records.read("a", "stream")) == [Held(1), Held(6)]
    assert store.journal.add("a", entry("/2")) == 2


def test_the_journal_keeps_what_a_transaction_undoes(store: Store) -> None:
    with broken_off(store):
        store.records.append("a", "stream", Held(1))
        store.journal.add("a", entry("/1"))
    assert store.sessions() == ["a"]
    assert store.journal.entries("a") == [(1, entry("/1"))]


def test_an_undone_append_does_not_show_in_a_list_that_somebody_kept(store: Store) -> None:
    """The engine caches what it made of a list and asks whether it is the same list, as long as before."""
    store.records.append("a", "stream", Held(1))
    with broken_off(store):
        store.records.append("a", "stream", Held(2))
        seen = store.records.read("a", "stream")
    store.records.append("a", "stream", Held(3))
    again = store.records.read("a", "stream")
    assert not (again is seen and len(again) == 2)
    assert list(again) == [Held(1), Held(3)]


def test_a_transaction_inside_another_belongs_to_it(store: Store) -> None:
    with store.records.transaction():
        store.records.append("a", "stream", Held(1))
        with store.records.transaction():
            store.records.append("a", "stream", Held(2))
        with broken_off(store):
            store.records.append("a", "stream", Held(3))
        store.records.append("a", "stream", Held(4))
    assert list(store.records.read("a", "stream")) == [Held(1), Held(2), Held(3), Held(4)], "the outer one decides"


def test_the_journal_counts_from_one_and_pages(store: Store) -> None:
    assert [store.journal.add("a", entry(f"/{number}")) for number in range(1, 8)] == [1, 2, 3, 4, 5, 6, 7]
    assert [number for number, _ in store.journal.entries("a", limit=3)] == [1, 2, 3]
    assert store.journal.entries("a", after=5) == [(6, entry("/6")), (7, entry("/7"))]
    assert store.journal.entries("a", after=7) == store.journal.entries("nobody") == []
    assert store.entry("a", 4) == entry("/4")


@pytest.mark.parametrize("number", [-1, 0, 8, 2**63, 10**30])
def test_an_entry_that_does_not_exist(store: Store, number: int) -> None:
    store.journal.add("a", entry("/1"))
    assert store.entry("a", number) is None
    assert store.entry("nobody", number) is None


def test_the_journal_is_bounded_and_keeps_counting(store: Store) -> None:
    extra = 500  # so many that a file has just been trimmed
    for number in range(1, JOURNAL_LENGTH + extra + 1):
        assert store.journal.add("a", entry(f"/{number}")) == number
    kept = store.journal.entries("a", limit=2 * JOURNAL_LENGTH)
    assert [number for number, _ in kept] == list(range(extra + 1, JOURNAL_LENGTH + extra + 1))
    assert kept[0] == (extra + 1, entry(f"/{extra + 1}"))
    assert store.entry("a", extra) is None
    assert store.entry("a", extra + 1) == entry(f"/{extra + 1}")
    assert store.journal.add("a", entry("/next")) == JOURNAL_LENGTH + extra + 1
    assert store.entry("a", extra + 1) is None


def test_the_same_stream_in_two_sessions_written_in_turn(store: Store) -> None:
    for number in range(3):
        for session in ("a", "b"):
            store.records.append(session, "stream", Held(number))
            assert list(store.records.read(session, "stream")) == [Held(n) for n in range(number + 1)]


def test_values_come_back_as_they_were(store: Store) -> None:
    note = Noted(5, {"headers": [["a", "b"]], "body": "ü", "n": [1, 1.5, None, True]})
    store.records.append("a", "key/1", note)
    assert list(store.records.read("a", "key/1")) == [note]
