"""Time that passes only by waiting, so that a run against real time takes none; and targets that are hard to judge."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import requests

from contracts.check.plan import Plan
from contracts.check.run import Run
from contracts.check.verdict import Verdict
from contracts.stub import INSIDE, App, Inside
from contracts.target.budget import Budget
from contracts.target.subject import load_subject
from contracts.target.target import bare_target
from contracts.target.transport import Wire


class Time:
    """The clock of the server, of the judge and of its budget. Each request takes `latency` seconds of it."""

    def __init__(self, latency: float = 0.01) -> None:
        self.seconds, self.latency = 1_750_000_000.0, latency

    def __call__(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


class Timed:
    """A wire on which requests take time."""

    def __init__(self, wire: Wire, clock: Time) -> None:
        self.wire, self.clock = wire, clock

    def send(self, request: requests.PreparedRequest, timeout: float, /) -> requests.Response:
        self.clock.sleep(self.clock.latency)
        return self.wire.send(request, timeout)


class Dropping:
    """A wire on which the connection drops when it is said to."""

    def __init__(self, wire: Wire, drops: Callable[[int], bool]) -> None:
        self.wire, self.drops, self.numbers, self.dropped = wire, drops, itertools.count(1), 0

    def send(self, request: requests.PreparedRequest, timeout: float, /) -> requests.Response:
        if self.drops(next(self.numbers)):
            self.dropped += 1
            raise requests.ConnectionError("Connection reset by peer", request=request)
        return self.wire.send(request, timeout)


def judge(app: App, plan: Plan, clock: Time, around: Callable[[Wire], Wire] = lambda wire: wire) -> Verdict:
    """`contracts check` of a Thanx server in this process, every wait in simulated time. `around` disturbs the wire."""
    run = Run(load_subject("thanx"), bare_target("thanx", INSIDE), plan, wire=around(Timed(Inside(app), clock)))
    run.transport.pause = clock.sleep
    run.transport.budget = Budget(plan.seconds, plan.requests, clock)
    return run.execute()
