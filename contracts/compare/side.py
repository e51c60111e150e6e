"""One of the two servers: its client, its time, and sessions of the comparison's own where it has them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from contracts.check.connection import Connection, connect, only_reads
from contracts.check.preflight import reach
from contracts.check.run import find
from contracts.laws import laws_of
from contracts.laws.context import Context, wall_clock
from contracts.laws.law import Laws
from contracts.target.budget import Budget, BudgetSpentError
from contracts.target.client import Client, Matcher
from contracts.target.control import Control
from contracts.target.exchange import Exchange
from contracts.target.interrupt import Interrupt
from contracts.target.network import Network
from contracts.target.subject import Subject
from contracts.target.target import Target
from contracts.target.transport import Transport, UnreachableError, Wire
from openapi.contract import Operation
from openapi.library import Address

# What leaving a server as it was found may take, in seconds.
LEAVING = 20.0


@dataclass(slots=True)
class Side:
    """An opened target. `name` is `left` or `right`; `still` are the states of jobs in which one did not move again."""

    name: str
    target: Target
    context: Context
    laws: Laws
    connection: Connection
    still: set[tuple[Address, str, str]] = field(default_factory=set)

    @property
    def control(self) -> Control | None:
        return self.connection.control

    @property
    def client(self) -> Client:
        return self.context.client

    def leave(self) -> None:
        """Leave nothing behind: sessions are deleted, jobs taken back."""
        try:
            with self.client.transport.allowance(LEAVING, by="leave"):
                self.connection.take_back()
                self.connection.forget()
        except (UnreachableError, BudgetSpentError):
            return  # it is gone, and with it what would be left behind


def open_side(
    name: str,
    subject: Subject,
    target: Target,
    *,
    seed: int,
    seconds: float,
    wire: Wire | None = None,
    sleep: Callable[[float], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
    interrupt: Interrupt | None = None,
) -> Side:
    """Open a target. Raises UnreachableError or RefusedError when there is nothing to compare.

    `sleep` waits in the place of real time; `interrupt` ends everything that is asked for but leaving.
    """
    laws = laws_of(subject.name)
    wire, interrupt = wire or Network(), interrupt or Interrupt()
    target = find(target, wire, interrupt)
    limit = min(seconds, target.seconds or seconds)
    identify = Matcher.of(subject, target.url).identify
    transport = Transport(
        wire,
        Budget(limit, target.requests or float("inf"), clock, interrupt=interrupt),
        rate=target.rate,
        identify=identify,
        allowed=(lambda method, url: True) if target.writes else only_reads(target, identify),
        by=f"compare {name}",
        sleep=sleep,
    )
    client = Client(subject, target, transport, laws.uses)
    connection = connect(client, laws, f"compare-{seed}-{uuid.uuid4().hex[:8]}", seed)
    context = Context(
        subject=subject,
        client=client,
        control=connection.control,
        law=f"compare-{name}",
        promise="",
        seed=seed,
        examples=1,
        clock=wall_clock(client),
        base=target.url,
    )
    side = Side(name, target, context, laws, connection)
    _reach(side, subject)
    return side


def _reach(side: Side, subject: Subject) -> None:
    context = side.context.fresh()

    def ask(operation: Operation) -> Exchange | None:
        try:
            return context.call(operation.id)
        except LookupError:
            return None  # nothing says what to ask for

    try:
        reach(subject, side.target, ask)
    except Exception:
        side.leave()
        raise
