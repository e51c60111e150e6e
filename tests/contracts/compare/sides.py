"""Two servers side by side in this process, all waiting in simulated time."""

from __future__ import annotations

from collections.abc import Callable

from contracts.check.subject import load_subject
from contracts.check.target import bare_target
from contracts.check.transport import Wire
from contracts.compare.run import Comparison, compare
from contracts.compare.side import Side, open_side
from contracts.stub import INSIDE, App, Inside, inside
from tests.contracts.independent.simulated import Time, Timed

SEED = 3
BUDGET = 1_000_000.0


def stub(name: str, provider: str = "thanx", seed: int = 0) -> Side:
    """The stub of a provider as one side."""
    target, wire = inside(provider, seed=seed)
    return open_side(name, load_subject(provider), target, seed=SEED, seconds=BUDGET, wire=wire)


def server(name: str, app: App, clock: Time, around: Callable[[Wire], Wire] = lambda wire: wire) -> Side:
    """A server for Thanx without a control API, in the time of `clock`."""
    return open_side(
        name, load_subject("thanx"), bare_target("thanx", INSIDE), seed=SEED, seconds=BUDGET,
        wire=around(Timed(Inside(app), clock)), sleep=clock.sleep, clock=clock,
    )  # fmt: skip


def compared(make: Callable[..., App], examples: int = 0) -> Comparison:
    """The stub on the left, and a server that is made with a clock on the right."""
    clock = Time()
    return compare(stub("left"), server("right", make(clock=clock), clock), examples=examples)
