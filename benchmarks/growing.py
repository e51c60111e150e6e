"""Fills a server with jobs: by load, as many as are asked and little more."""

from __future__ import annotations

import math

from benchmarks.bench import Bench
from benchmarks.servers import Running, ServerError
from benchmarks.traffic import Request

CONNECTIONS = 16
SLICE = 10  # seconds
LONGEST = 240  # seconds that one filling may take


def fill(bench: Bench, live: Running, request: Request, wanted: int, stored: int = 0) -> int:
    """Send the request until `wanted` jobs are stored; how many are. Raises ServerError when it takes too long."""
    spent, seconds = 0.0, 1
    while stored < wanted:
        found = bench.load(live, request, CONNECTIONS, seconds)
        stored += found.requests
        spent += found.seconds
        if spent > LONGEST:
            raise ServerError(f"stored only {stored} jobs in {spent:.0f} s")
        # The load generator counts in seconds: the last slice is as short as it can be.
        seconds = max(1, min(SLICE, math.floor((wanted - stored) / found.rate)))
    return stored
