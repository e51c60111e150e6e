"""The same random operations on every store, and by two workers on one file, give equal answers."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mockserver.core.records import Held
from mockserver.store import Store, open_store
from tests.store.samples import entry

sessions = st.sampled_from(["default", "a"])
streams = st.sampled_from(["clock", "job/1"])


class Stores(RuleBasedStateMachine):
    """Memory is the model; of the two workers on one file, one at random does the work and either is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        url = f"sqlite:{Path(folder) / 'store.sqlite'}"
        self.memory = self.opened("memory")
        self.workers = [self.opened(url), self.opened(url)]
        self.transactions: list[AbstractContextManager[None]] = []
        self.busy: Store | None = None  # the worker whose transaction is open

    def opened(self, url: str) -> Store:
        store = open_store(url)
        self.stack.callback(store.close)
        return store

    def teardown(self) -> None:
        self.leave()
        self.stack.close()

    @initialize()
    def start(self) -> None:
        assert self.memory.sessions() == []

    def both(self, worker: int, act: Callable[[Store], Any]) -> None:
        assert act(self.busy or self.workers[worker]) == act(self.memory)

    def readers(self) -> list[Store]:
        """Who must agree with the model: inside a transaction only the worker that has it open."""
        return [self.busy] if self.busy else self.workers

    @rule(worker=st.integers(0, 1), session=sessions, stream=streams, at=st.integers(0, 99))
    def append(self, worker: int, session: str, stream: str, at: int) -> None:
        self.both(worker, lambda store: store.records.append(session, stream, Held(at)))

    @rule(session=sessions, stream=streams)
    def read(self, session: str, stream: str) -> None:
        expected = list(self.memory.records.read(session, stream))
        for store in self.readers():
            assert list(store.records.read(session, stream)) == expected

    @rule(worker=st.integers(0, 1), session=sessions, path=st.sampled_from(["/1", "/2"]))
    def log(self, worker: int, session: str, path: str) -> None:
        self.both(worker, lambda store: store.journal.add(session, entry(path)))

    @rule(session=sessions, after=st.integers(-1, 8), limit=st.integers(0, 4))
    def journal(self, session: str, after: int, limit: int) -> None:
        for store in self.readers():
            found = store.journal.entries(session, after=after, limit=limit)
            assert found == self.memory.journal.entries(session, after=after, limit=limit)
            assert store.entry(session, after) == self.memory.entry(session, after)

    @rule(worker=st.integers(0, 1), session=sessions)
    def clear(self, worker: int, session: str) -> None:
        self.both(worker, lambda store: store.clear(session))

    @precondition(lambda self: len(self.transactions) < 4)
    @rule(worker=st.integers(0, 1))
    def enter(self, worker: int) -> None:
        self.busy = self.busy or self.workers[worker]
        for store in (self.busy, self.memory):
            context = store.records.transaction()
            context.__enter__()
            self.transactions.append(context)

    @precondition(lambda self: self.transactions)
    @rule()
    def commit(self) -> None:
        for _ in range(2):
            self.transactions.pop().__exit__(None, None, None)
        self.busy = self.busy if self.transactions else None

    @precondition(lambda self: self.transactions)
    @rule()
    def leave(self) -> None:
        """An exception goes through every open transaction."""
        error = RuntimeError("undo")
        while self.transactions:
            assert not self.transactions.pop().__exit__(RuntimeError, error, None)
        self.busy = None

    @invariant()
    def the_same_sessions(self) -> None:
        for store in self.readers():
            assert store.sessions() == self.memory.sessions()


TestStores = Stores.TestCase
TestStores.settings = settings(max_examples=25, stateful_step_count=40)
