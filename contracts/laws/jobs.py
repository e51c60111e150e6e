"""How a kind of job is submitted, read and commanded: by the contract's own links and examples, or as a module says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from contracts.laws.context import Context
from contracts.laws.snapshots import Place, Snapshot, places, snapshots
from contracts.target.budget import BudgetSpentError
from contracts.target.exchange import Exchange
from contracts.target.links import Link, NoValueError, links
from contracts.target.subject import Subject
from openapi.lifecycle import Lifecycle

# How often a job that has not come to rest is looked at, and for how long, in seconds of the target's time.
PATIENCE = 3600.0
# A job that takes so many times as long as the quickest one is taken for one that never ends.
SLOWEST = 10
# What of a run's time one job may take, where time is real: what else there is to judge has to get its turn.
SHARE = 0.75


@dataclass(frozen=True, slots=True)
class JobKind:
    """One kind of job, as the laws drive it. What is None is taken from the contract.

    `bodies` draws bodies of the operation that submits; `items` tells how many items such a body holds;
    `arguments` are further arguments of `Context.call` for it.
    """

    operation: str
    bodies: Callable[[Context], st.SearchStrategy[Any]] | None = None
    items: Callable[[Any], int] | None = None
    arguments: Callable[[Context], Mapping[str, Any]] | None = None


@dataclass(slots=True)
class Driver:
    """Drives the jobs of one life cycle in one context."""

    context: Context
    lifecycle: Lifecycle
    kind: JobKind
    places: Mapping[tuple[str, str], tuple[Place, ...]]

    def renewed(self) -> Driver:
        """The same driver in an untouched session."""
        return replace(self, context=self.context.fresh())

    def submit(self, body: Any) -> tuple[Exchange, Snapshot | None]:
        """Start a job; None when the target refuses it."""
        arguments = dict(self.kind.arguments(self.context)) if self.kind.arguments else {}
        exchange = self.context.call(self.kind.operation, body=body, **arguments)
        return exchange, self.seen(exchange) or self._linked(exchange)

    def bodies(self) -> st.SearchStrategy[Any]:
        """Valid bodies to submit."""
        if self.kind.bodies is not None:
            return self.kind.bodies(self.context)
        return st.just(self.context.client.sample(self.context.subject.operation(self.kind.operation)))

    def read(self, submitted: Exchange, job: Snapshot) -> tuple[Exchange, Snapshot | None]:
        """Look at a job again, by a link of the answer that started it. The snapshot is None when it is not there."""
        link = self._reading(submitted)
        if link is None:
            raise LookupError(f"no link of {submitted.operation} leads to an operation that shows the job")
        exchange = self.context.call(link.operation, **link.arguments(self.context.subject, submitted))
        return exchange, self.seen(exchange, job.id)

    def commands(self, submitted: Exchange) -> list[Link]:
        """The links to the commands of the life cycle."""
        return [link for link in self._links(submitted) if link.operation in self.lifecycle.commands]

    def command(self, link: Link, submitted: Exchange) -> Exchange:
        return self.context.call(link.operation, **link.arguments(self.context.subject, submitted))

    def seen(self, exchange: Exchange, job: str | None = None) -> Snapshot | None:
        """The job in an answer: the one with this id, or the only one."""
        found = [one for one in snapshots(self.places, exchange) if one.lifecycle is self.lifecycle]
        return next((one for one in found if job is None or one.id == job), None)

    def until_rest(self, submitted: Exchange, job: Snapshot) -> list[Snapshot]:
        """Poll until the job is at rest; every snapshot. A job that does not come to rest breaks the law.

        Raises BudgetSpentError when there is no time left to see whether it does.
        """
        seen, waited, pause = [job], 0.0, self._first_pause()
        while not self.lifecycle.at_rest(seen[-1].state):
            self._be_patient(waited, submitted, seen[-1])
            self._wait(pause, waited, submitted, seen[-1])
            waited += pause
            pause = min(pause * 1.5, 60.0)
            exchange, after = self.read(submitted, job)
            if after is None:
                raise self.context.broken(f"the job {job.id} is no longer there", submitted, exchange)
            seen.append(after)
        if waited:
            learned = self.context.client.durations
            learned[self.kind.operation] = min(waited, learned.get(self.kind.operation, waited))
        return seen

    def _be_patient(self, waited: float, submitted: Exchange, last: Snapshot) -> None:
        """Say that a job never comes to rest; where time is real and nobody knows how long one takes, wait no more."""
        client, operation = self.context.client, self.kind.operation
        most = PATIENCE if self.context.clock.controlled else client.target.longest_job or PATIENCE
        words = f"the job is still {last.state} after {_time(waited)}"
        self.context.expect(waited < most, f"{words}: it never comes to rest", submitted, last.exchange)
        if self.context.clock.controlled or client.target.longest_job or operation in client.durations:
            return
        if operation in client.restless or waited > SHARE * client.transport.budget.usable:
            why = f"{words}: that takes a longer --budget, or longest_job in the targets file, to be judged"
            raise BudgetSpentError(client.restless.setdefault(operation, why))

    def _wait(self, pause: float, waited: float, submitted: Exchange, last: Snapshot) -> None:
        """Wait for a job. Where the time is over, a job that took many times what others took never comes to rest."""
        try:
            self.context.clock.wait(pause)
        except BudgetSpentError:
            known = self.context.client.durations.get(self.kind.operation)
            words = f"the job is still {last.state} after {_time(waited)}"
            self.context.expect(
                known is None or waited < SLOWEST * known,
                f"{words}, and others were at rest after {_time(known or 0)}: it never comes to rest",
                submitted,
                last.exchange,
            )
            over = f"{words}, and the time is over" if waited else f"the job is {last.state}: no time is left to wait"
            raise BudgetSpentError(f"{over}, so that nobody knows whether it comes to rest") from None

    def _first_pause(self) -> float:
        """Virtual time is moved in steps fine enough to see every state; real time is not wasted on polls too early."""
        if self.context.clock.controlled:
            return 1.0
        known = self.context.client.durations.get(self.kind.operation, 0.0)
        return max(0.2, 0.5 * known)

    def _linked(self, submitted: Exchange) -> Snapshot | None:
        """The job that an answer leads to, where it only says that there is one."""
        link = self._reading(submitted) if submitted.status < 300 else None
        if link is None:
            return None
        return self.seen(self.context.call(link.operation, **link.arguments(self.context.subject, submitted)))

    def _reading(self, submitted: Exchange) -> Link | None:
        """The first link to an operation that shows the job."""
        return next((link for link in self._links(submitted) if self._reads(link)), None)

    def _reads(self, link: Link) -> bool:
        operation = self.context.subject.operation(link.operation)
        shows = any(
            place.lifecycle is self.lifecycle
            for status in operation.responses
            for place in self.places.get((operation.id, status), ())
        )
        return operation.method == "GET" and shows

    def _links(self, exchange: Exchange) -> Iterator[Link]:
        for link in links(self.context.subject, exchange):
            try:
                link.arguments(self.context.subject, exchange)
            except NoValueError:
                continue
            yield link


def drivers(context: Context, kinds: Mapping[str, JobKind]) -> list[Driver]:
    """A driver for every life cycle of the contract that an operation starts."""
    where = places(context.subject)
    found = []
    for address, lifecycle in context.subject.contract.lifecycles.items():
        name = address.pointer.rpartition("/")[2]
        kind = kinds.get(name) or _kind(context.subject, where, lifecycle)
        if kind is not None:
            found.append(Driver(context, lifecycle, kind, where))
    return found


def _kind(subject: Subject, where: Mapping[tuple[str, str], tuple[Place, ...]], lifecycle: Lifecycle) -> JobKind | None:
    """The first operation that answers with the job, changes something and is none of its commands."""
    for operation in subject.contract.operations:
        if operation.method in ("POST", "PUT", "PATCH") and operation.id not in lifecycle.commands:
            success = operation.success
            shown = where.get((operation.id, success.status), ()) if success else ()
            if any(place.lifecycle is lifecycle for place in shown):
                return JobKind(operation.id)
    return None


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 1 else f"{seconds:.1g} s"
