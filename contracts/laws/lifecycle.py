"""What holds for the jobs of every provider whose contract has an `x-lifecycle`: found by driving them.

The `Monitor` says what is wrong with any looks at a job; these laws make the looks: they submit, wait, read and command
in every order, so that Hypothesis finds the shortest sequence that breaks a promise.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from contracts.laws.context import Context
from contracts.laws.jobs import Driver, JobKind, drivers
from contracts.laws.law import Law
from contracts.laws.monitor import Monitor
from contracts.laws.snapshots import Snapshot, places, snapshots
from contracts.target.breach import BrokenError
from contracts.target.exchange import Exchange
from contracts.target.links import Link, NoValueError, links
from contracts.target.subject import Subject
from openapi.lifecycle import Lifecycle

# So many jobs must have been commanded too early before it is a finding.
EARLY = 3


def laws(subject: Subject, kinds: Mapping[str, JobKind]) -> list[Law]:
    """The laws of every life cycle of a contract."""
    found = []
    for address, lifecycle in subject.contract.lifecycles.items():
        name = address.pointer.rpartition("/")[2]
        promise = f"{address.pointer}/x-lifecycle"
        for title, judge in (
            # In real time what one law learns about how long jobs take spares the next ones polls: rest comes first.
            ("A job comes to rest, and stays there", rest),
            ("A job may be submitted, read and commanded in any order", walk),
            ("A command is refused until the state of the job allows it", early),
            ("Two looks at a job at the same instant show the same", still),
            ("Every link of an answer about a job leads where it says", follow),
        ):
            if judge is early and not list(_later(lifecycle)):
                continue
            law = f"lifecycle.{judge.__name__}.{name}"
            found.append(Law(law, title, promise, partial(_each, judge, kinds, name)))
    return found


def _each(judge: Callable[[Driver], None], kinds: Mapping[str, JobKind], name: str, context: Context) -> None:
    for driver in drivers(context, kinds):
        if driver.lifecycle.address.pointer.endswith(f"/{name}"):
            judge(driver)


def walk(driver: Driver) -> None:
    """Any order of submitting, waiting, reading and commanding keeps the life cycle."""
    controlled = driver.context.clock.controlled or driver.context.control is not None
    driver.context.machine(lambda: Walk(driver), steps=20 if controlled else 6)


def rest(driver: Driver) -> None:
    """A job comes to rest in bounded time, and a long time later it is as it was."""

    def examine(body: Any) -> None:
        own = driver.renewed()
        with watched(own) as look:
            submitted, job = own.submit(body)
            if job is None:
                return
            seen = own.until_rest(submitted, job)
            look()
            if own.context.clock.controlled:
                own.context.clock.wait(86400)
            own.read(submitted, seen[-1])
            look()

    examples = driver.context.examples if driver.context.control else 1
    driver.context.search(driver.bodies(), examine, examples=examples)


def early(driver: Driver) -> None:
    """A command that the initial state does not allow is refused for a job that was just submitted.

    In real time a job moves between any look at it and a command. So a second job, of the same body, is looked at when
    it is older than the first one was: as long as that does not allow the command, the first one did not. A job that
    happened to be quick is no reason: it takes EARLY such pairs.
    """

    def examine(body: Any) -> None:
        for operation in _later(driver.lifecycle):
            pairs = list(itertools.takewhile(bool, (_too_early(driver, operation, body) for _ in range(EARLY))))
            if len(pairs) == EARLY:
                accepted, look = pairs[0][1], pairs[0][-1]
                seen = driver.seen(look)
                words = f"{operation} is accepted with {accepted.status} for a job that is {seen.state if seen else ''}"
                promise = driver.lifecycle.address / "x-lifecycle" / "commands" / operation
                raise driver.context.broken(
                    words, *pairs[0], promise=promise, operation=operation, check="lifecycle.commands"
                )

    driver.context.search(driver.bodies(), examine, examples=1)


def _later(lifecycle: Lifecycle) -> Iterator[str]:
    """The commands that a job allows only in a later state than its first."""
    return (operation for operation, arrows in lifecycle.commands.items() if lifecycle.initial not in arrows)


def _too_early(driver: Driver, operation: str, body: Any) -> tuple[Exchange, ...]:
    """Submit and command at once; what shows that the command was accepted too early, or nothing."""
    own, lifecycle = driver.renewed(), driver.lifecycle
    clock, allowing = own.context.clock, driver.lifecycle.commands[operation].keys()
    began = clock.now()
    submitted, job = own.submit(body)
    link = next((one for one in own.commands(submitted) if one.operation == operation), None)
    if job is None or job.state in allowing or link is None:
        return ()
    exchange = own.command(link, submitted)
    age = clock.now() - began
    own.context.tally.judged += 1
    if exchange.status >= 400:
        return ()
    again, twin = own.submit(body)
    if twin is None:
        return ()
    clock.wait(age)
    look, seen = own.read(again, twin)
    passed = seen is None or any(lifecycle.follows(state, seen.state) for state in allowing)
    return () if passed else (submitted, exchange, again, look)


def still(driver: Driver) -> None:
    """While no time passes a job does not change: a read that lags behind shows itself by the next one.

    Only where the judge holds the clock; elsewhere time passes between any two looks.
    """

    def examine(body: Any) -> None:
        own = driver.renewed()
        if not own.context.clock.controlled:
            own.context.spare("time passes between any two looks, unless the judge holds the clock")
            return
        submitted, job = own.submit(body)
        if job is None:
            return
        for pause in (1, 2, 4, 8, 60):
            own.context.clock.wait(pause)
            (first, before), (second, after) = own.read(submitted, job), own.read(submitted, job)
            same = before is not None and after is not None and before.value == after.value
            own.context.expect(same, "a job changed from one look to the next, and no time passed", first, second)

    driver.context.search(driver.bodies(), examine, examples=1)


def follow(driver: Driver) -> None:
    """Every link leads to a documented success, or to a refusal that the contract explains."""

    def examine(body: Any) -> None:
        own = driver.renewed()
        submitted, job = own.submit(body)
        if job is None:
            return
        exchange, _ = own.read(submitted, job)
        for answer in (submitted, exchange):
            for link in links(own.context.subject, answer):
                _follow(own.context, link, answer)

    driver.context.search(driver.bodies(), examine, examples=1)


def _follow(context: Context, link: Link, answer: Exchange) -> None:
    try:
        arguments = link.arguments(context.subject, answer)
    except NoValueError:
        return  # this answer has nothing to follow, as a list that is empty
    exchange = context.call(link.operation, **arguments)
    context.tally.judged += 1
    operation = context.subject.operation(link.operation)
    response = operation.responses.get(str(exchange.status))
    explained = response and "x-business-rule" in context.subject.contract.library.value(response.address)
    if exchange.status >= 400 and not explained:
        message = f"the link {link.name} leads to {exchange.status} at {link.operation}"
        raise context.broken(message, answer, exchange, promise=link.address)


class Walk(RuleBasedStateMachine):
    """Steps through one session: the model is what the contract's life cycle says about each job."""

    def __init__(self, driver: Driver) -> None:
        super().__init__()
        self.driver = driver.renewed()
        self.jobs: list[tuple[Exchange, Snapshot]] = []
        self.watch = watched(self.driver)
        self.look = self.watch.__enter__()

    def teardown(self) -> None:
        self.watch.__exit__(None, None, None)

    @rule(data=st.data())
    @precondition(lambda self: len(self.jobs) < 3)
    def submit(self, data: st.DataObject) -> None:
        exchange, job = self.driver.submit(data.draw(self.driver.bodies()))
        if job is not None:
            self.jobs.append((exchange, job))
        self.look()

    @rule(steps=st.sampled_from([0.5, 1, 3, 5, 8, 13, 60]))
    @precondition(lambda self: self.jobs)
    def wait(self, steps: float) -> None:
        clock = self.driver.context.clock
        # Real time is dear: a job that takes longer is followed by the law that waits for its rest.
        clock.wait(steps if clock.controlled else min(steps, 3) / 6)

    @rule(data=st.data())
    @precondition(lambda self: self.jobs)
    def read(self, data: st.DataObject) -> None:
        self._read(*data.draw(st.sampled_from(self.jobs)))

    @rule(data=st.data())
    @precondition(lambda self: self.jobs)
    def command(self, data: st.DataObject) -> None:
        submitted, job = data.draw(st.sampled_from(self.jobs))
        commands = self.driver.commands(submitted)
        if not commands:
            return
        link = data.draw(st.sampled_from(commands))
        before = self._read(submitted, job)
        exchange = self.driver.command(link, submitted)
        self.look()
        after = self._read(submitted, job)
        commanded(self.driver, link, before, exchange, after)

    def _read(self, submitted: Exchange, job: Snapshot) -> Snapshot:
        exchange, seen = self.driver.read(submitted, job)
        self.look()
        if seen is None:
            words = f"the job that was started cannot be read: {exchange.status}"
            raise self.driver.context.broken(words, submitted, exchange)
        return seen


def commanded(driver: Driver, link: Link, before: Snapshot, exchange: Exchange, after: Snapshot) -> None:
    """A command is accepted exactly in the states that allow it, and leads where its arrow says."""
    lifecycle, arrows = driver.lifecycle, driver.lifecycle.commands[link.operation]
    promise = lifecycle.address / "x-lifecycle" / "commands" / link.operation
    evidence = (before.exchange, exchange, after.exchange)
    possible = lifecycle.reachable(before.state, by_command=False) if not driver.context.clock.controlled else set()
    accepted = exchange.status < 400
    targets = {target for state, target in arrows.items() if state in {before.state} | possible}
    driver.context.tally.judged += 1
    if accepted and not ({before.state} | possible) & arrows.keys():
        message = f"{link.operation} is accepted with {exchange.status} for a job that is {before.state}"
    elif not accepted and before.state in arrows and after.state == before.state:
        message = f"{link.operation} is refused with {exchange.status} for a job that is {before.state}"
    elif accepted and not any(lifecycle.follows(target, after.state) for target in targets):
        wanted = " or ".join(sorted(targets))
        message = f"after {link.operation} a job that was {before.state} is {after.state}, not {wanted}"
    else:
        return
    raise driver.context.broken(
        message,
        *evidence,
        promise=promise,
        operation=link.operation,
        check="lifecycle.commands",
        subject=(before.state,),
    )


class watched:  # noqa: N801 - used like a function, as contextlib.closing is
    """Watch every answer of a context's session while the block runs; the function it gives raises what is wrong."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.monitor = Monitor(driver.context.subject, driver.context.seed)
        self.trace: list[Exchange] = []

    def __enter__(self) -> Callable[[], None]:
        self.driver.context.client.transport.observers.append(self._hear)
        return self._look

    def __exit__(self, *_: object) -> None:
        self.driver.context.client.transport.observers.remove(self._hear)

    def _hear(self, exchange: Exchange) -> None:
        if exchange.session == self.driver.context.session and exchange.operation:
            self.trace.append(exchange)
            self.monitor(exchange)

    def _look(self) -> None:
        self.driver.context.tally.judged += self.monitor.judged
        for breach in self.monitor.breaches:
            raise BrokenError(replace(breach, exchanges=self._about(breach.exchanges)))

    def _about(self, exchanges: tuple[Exchange, ...]) -> tuple[Exchange, ...]:
        """The requests that led here: everything sent about the same job, up to the last answer."""
        last = exchanges[-1]
        where = places(self.driver.context.subject)
        ids = {job.id for job in snapshots(where, last)}
        about = [
            one
            for one in self.trace
            if one.number <= last.number
            and (one.operation in self.driver.lifecycle.commands or ids & {job.id for job in snapshots(where, one)})
        ]
        return tuple(about) or exchanges
