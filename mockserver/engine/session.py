"""One session: its clock, its settings, its jobs. Everything is read from the store, so any worker sees the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from mockserver.core.clock import Clock
from mockserver.core.records import ClockSet, JobRecord, Noted, Record, SettingSet, Submitted
from mockserver.engine.credentials import TokenKey, token_key
from mockserver.engine.jobs import Job, JobKind, job_at
from mockserver.store.base import Records

# Names of streams. A job's own stream does not hold its seeded Submitted: that is in the simulation.
SETTINGS = "settings"
JOBS = "jobs"


def job_stream(identifier: str) -> str:
    return f"job/{identifier}"


def group_stream(kind: str, group: str) -> str:
    return f"jobs/{kind}/{group}"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a session's own stream says: the clock, and settings by name (`scenario/<provider>`)."""

    clock: Clock
    values: Mapping[str, Any]


class Session:
    """A view of one session. `initial` is its clock until somebody sets it; `wall` reads the wall clock in ns."""

    __slots__ = ("_count", "_keys", "_records", "_seen", "_settings", "initial", "kinds", "name", "seed", "wall")

    def __init__(
        self,
        name: str,
        records: Records,
        seed: int,
        initial: Callable[[int], Clock],
        wall: Callable[[], int],
        kinds: Mapping[str, JobKind],
    ) -> None:
        self.name = name
        self._records = records
        self.seed = seed
        self.initial = initial
        self.wall = wall
        self.kinds = kinds
        self._keys: dict[str, TokenKey] = {}
        self._seen: Sequence[Record] | None = None
        self._count = 0
        self._settings: Settings | None = None

    def read(self, stream: str) -> Sequence[Record]:
        """All records of one of the session's streams, oldest first."""
        return self._records.read(self.name, stream)

    def append(self, stream: str, record: Record) -> None:
        """Add a record to one of the session's streams."""
        self._records.append(self.name, stream, record)

    def transaction(self) -> AbstractContextManager[None]:
        """See `Records.transaction`."""
        return self._records.transaction()

    def token_key(self, provider: str) -> TokenKey:
        """What signs a provider's tokens in this session: they open neither another provider nor another session."""
        key = self._keys.get(provider)
        if key is None:
            key = self._keys[provider] = token_key(self.seed, f"{provider}@{self.name}")
        return key

    def settings(self) -> Settings:
        """The settings as of now; the first look at a new session starts its clock."""
        records = self._records.read(self.name, SETTINGS)
        if not records:
            with self.transaction():
                if not self.read(SETTINGS):
                    clock = self.initial(self.wall())
                    self.append(SETTINGS, ClockSet(clock.virtual, clock))
            records = self.read(SETTINGS)
        if self._settings is None or self._seen is not records or len(records) != self._count:
            self._settings = _fold(records)
            self._seen, self._count = records, len(records)
        return self._settings

    def now(self) -> int:
        return self.settings().clock.now(self.wall())

    def set_clock(self, change: Callable[[Clock, int], Clock]) -> Clock:
        """Set the clock to what `change(clock, wall reading)` makes of it."""
        with self.transaction():
            wall = self.wall()
            clock = change(self.settings().clock, wall)
            self.append(SETTINGS, ClockSet(clock.now(wall), clock))
        return clock

    def set(self, name: str, value: Any) -> None:
        """Change a setting; None takes it back."""
        with self.transaction():
            self.append(SETTINGS, SettingSet(self.now(), name, value))

    def records(self, kind: JobKind, identifier: str) -> Sequence[JobRecord]:
        """A job's records, the seeded submission included; empty if there is no such job."""
        stored: Sequence[Any] = self._records.read(self.name, job_stream(identifier))
        seeded = kind.seeded.get(identifier)
        if seeded is not None:
            return [seeded, *stored]
        return stored

    def job(self, kind: JobKind, identifier: str, now: int) -> Job | None:
        records = self.records(kind, identifier)
        if not records:
            return None
        job = job_at(kind, records, now)
        return job if job.record.kind == kind.name else None

    def jobs(self, kind: JobKind, group: str, now: int, start: int = 0) -> Iterator[Job]:
        """The jobs of a group, newest first, from the `start`-th on; the seeded ones are the oldest."""
        stored = self.read(group_stream(kind.name, group))
        for noted in islice(reversed(stored), start, None):
            assert isinstance(noted, Noted)
            yield job_at(kind, self.records(kind, noted.value), now)
        for record in kind.seeded_in(group)[max(0, start - len(stored)) :]:
            yield job_at(kind, self.records(kind, record.id), now)

    def count_jobs(self, kind: JobKind, group: str) -> int:
        """How many jobs a group has."""
        return len(self.read(group_stream(kind.name, group))) + len(kind.seeded_in(group))

    def all_jobs(self, now: int) -> Iterator[Job]:
        """Every job that was submitted in this session, newest first; seeded ones are not listed."""
        for noted in reversed(self.read(JOBS)):
            assert isinstance(noted, Noted)
            name, identifier = noted.value
            kind = self.kinds[name]
            yield job_at(kind, self.records(kind, identifier), now)

    def find(self, identifier: str, now: int) -> Job | None:
        """A job of any kind by its id."""
        for kind in self.kinds.values():
            if (job := self.job(kind, identifier, now)) is not None:
                return job
        return None

    def submit(self, record: Submitted) -> None:
        self.append(job_stream(record.id), record)
        self.append(JOBS, Noted(record.at, (record.kind, record.id)))
        if record.group:
            self.append(group_stream(record.kind, record.group), Noted(record.at, record.id))

    def change(self, job: Job, record: JobRecord) -> None:
        """Add a record to a job's stream."""
        self.append(job_stream(job.id), record)

    def next_number(self) -> int:
        """The sequence number of the next job, from 0."""
        return len(self.read(JOBS))


def _fold(records: Sequence[Record]) -> Settings:
    clock: Clock | None = None
    values: dict[str, Any] = {}
    for record in records:
        if isinstance(record, ClockSet):
            clock = record.clock
        elif isinstance(record, SettingSet):
            if record.value is None:
                values.pop(record.name, None)
            else:
                values[record.name] = record.value
    assert clock is not None
    return Settings(clock, values)
