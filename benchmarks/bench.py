"""What all sections share: how hard to measure, on which cores, whom, and where the figures go."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.figures import Results
from benchmarks.load import Load, load
from benchmarks.peers import SERVERS, Server
from benchmarks.servers import Launch, Running, ServerError, running
from benchmarks.traffic import GET_JOB, Request

# What a server may do to a run: not start, not answer, or answer what cannot be read.
FAULTS = (ServerError, OSError, http.client.HTTPException, subprocess.TimeoutExpired, ValueError, KeyError)


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard to measure. Seconds are those of one slice of load."""

    rounds: int
    starts: int
    seconds: int
    warm_up: int
    connections: tuple[int, ...]
    stored: tuple[int, ...]
    stored_on_disk: int
    listed: int
    million: int
    longest: int  # seconds that one server may take over its million
    operations: tuple[int, ...]
    examples: int


FULL = Effort(
    rounds=3,
    starts=4,
    seconds=2,
    warm_up=2,
    connections=(1, 16, 128),
    stored=(10, 1_000, 100_000, 1_000_000),
    stored_on_disk=100_000,
    listed=100_000,
    million=1_000_000,
    longest=15,
    operations=(10, 100, 500, 2_000),
    examples=10,
)
QUICK = Effort(
    rounds=1,
    starts=1,
    seconds=1,
    warm_up=1,
    connections=(16,),
    stored=(10, 1_000, 10_000),
    stored_on_disk=1_000,
    listed=2_000,
    million=10_000,
    longest=1,
    operations=(100,),
    examples=2,
)


@dataclass(frozen=True, slots=True)
class Cores:
    """Which cores the server and the load generator may use; empty where the machine has one for both."""

    server: Collection[int]
    generator: Collection[int]
    count: int


def cores(available: Sequence[int]) -> Cores:
    """The generator on the first core, a server with one worker on the second."""
    first, second = available[:1], available[1:2]
    return Cores(second, first, len(available)) if second else Cores((), (), 1)


@dataclass(frozen=True, slots=True)
class Bench:
    """One run. A section asks it for servers and load, and adds to its results."""

    effort: Effort
    servers: tuple[Server, ...] = SERVERS
    results: Results = field(default_factory=Results)
    cores: Cores = field(default_factory=lambda: cores(sorted(os.sched_getaffinity(0))))
    began: float = field(default_factory=time.monotonic)

    def say(self, text: str) -> None:
        """A line of progress."""
        sys.stderr.write(f"{time.monotonic() - self.began:6.0f} s  {text}\n")

    def chosen(self, *servers: Server) -> list[Server]:
        """Those of these servers that take part in this run; all that do when none is named."""
        return [server for server in servers or SERVERS if server in self.servers]

    def running(
        self,
        server: Server,
        *,
        document: Path | None = None,
        ready: Request = GET_JOB,
        pinned: bool = True,
        said: Sequence[str] = (),
    ) -> AbstractContextManager[Running]:
        """The server, started on its core; `document` instead of the benchmark's contract; `said` more words for it."""
        prefix = "" if document else server.prefix
        return running(
            Launch(
                lambda port, folder: [*server.command(document, port, folder), *said],
                ready.below(prefix),
                self.server_cores(server) if pinned else (),
            )
        )

    def server_cores(self, server: Server) -> Collection[int]:
        """One core; several workers may use all of them."""
        return self.cores.server if server.workers == 1 else ()

    def load(
        self, live: Running, request: Request, connections: int, seconds: int = 0, paths: Sequence[str] = ()
    ) -> Load:
        """A slice of load from the generator's core."""
        return load(
            live.port, request, connections, seconds or self.effort.seconds, cores=self.cores.generator, paths=paths
        )

    @contextmanager
    def attempt(self, table: str, server: Server) -> Iterator[None]:
        """What fails inside is said in the table, and the run goes on."""
        self.say(f"{table}: {server.name}")
        try:
            yield
        except FAULTS as error:
            text = str(error) or type(error).__name__
            self.results.remark(table, server.name, text)
            self.say(f"    {text}")


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the benchmark that can be run alone."""

    name: str
    about: str
    run: Callable[[Bench], None]
