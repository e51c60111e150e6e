"""One of the two servers: its client, its time, and sessions of the comparison's own where it has them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from contracts.check.cleanup import Undo
from contracts.check.preflight import reach
from contracts.check.schemathesis import SAFE
from contracts.laws import laws_of
from contracts.laws.context import Context, wall_clock
from contracts.laws.law import Laws
from contracts.target.budget import Budget, BudgetSpentError
from contracts.target.client import Client, Matcher
from contracts.target.control import Control, find_control, located
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
    control: Control | None
    undo: Undo | None = None
    still: set[tuple[Address, str, str]] = field(default_factory=set)

    @property
    def client(self) -> Client:
        return self.context.client

    def leave(self) -> None:
        """Leave nothing behind: sessions are deleted, jobs taken back."""
        self.client.transport.budget, self.client.transport.interrupt = Budget(LEAVING), Interrupt()
        try:
            if self.control is not None:
                self.control.forget_all()
            elif self.undo is not None:
                self.undo.run()
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
    allowance = Budget(min(seconds, target.seconds or seconds), target.requests or float("inf"), clock)
    transport = Transport(wire or Network(), allowance, rate=target.rate, sleep=sleep)
    transport.by = f"compare {name}"
    transport.interrupt = interrupt or transport.interrupt
    target = located(target, transport)
    transport.identify = Matcher.of(subject, target.url).identify
    client = Client(subject, target, transport, laws.uses)
    control = find_control(target, transport, f"compare-{seed}-{uuid.uuid4().hex[:8]}")
    if not target.writes:
        transport.allowed = _only_reads(transport, target, control)
    context = Context(subject, client, control, f"compare-{name}", "", seed, 1, wall_clock(client), target.url)
    side = Side(name, target, context, laws, control)
    if control is None and target.writes:
        side.undo = Undo(context, laws.jobs)
        transport.observers.append(side.undo)
    _reach(side, subject)
    return side


def _only_reads(transport: Transport, target: Target, control: Control | None) -> Callable[[str, str], bool]:
    logins = {one.login.operation for one in target.credentials.values() if one.login}

    def allowed(method: str, url: str) -> bool:
        own = control is not None and "/_mock/" in url
        return method in SAFE or own or transport.identify(method, url) in logins

    return allowed


def _reach(side: Side, subject: Subject) -> None:
    context = side.context.fresh()

    def ask(operation: Operation) -> Exchange | None:
        try:
            return context.call(operation.id)
        except LookupError:
            return None  # nothing says what to ask for

    try:
        reach(subject, side.target.url, ask)
    except Exception:
        side.leave()
        raise
