"""Plays a case on one side, and names what it saw, so that the two sides can be laid next to each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from contracts.compare.cases import Case, JobCase, translated
from contracts.compare.side import Side
from contracts.compare.walk import Walk
from contracts.laws.context import Context
from contracts.laws.jobs import PATIENCE, Driver, drivers
from contracts.laws.monitor import Monitor
from contracts.laws.snapshots import Snapshot
from contracts.target.breach import Breach, BrokenError
from contracts.target.exchange import Exchange
from contracts.target.links import NoValueError, links
from openapi.lifecycle import Lifecycle

# A job in a state that is not the contract's is taken to be at rest when it has not moved for so many seconds of real
# time, or PATIENCE of a clock that is moved; and to come to no rest when it has moved so often.
STILL = 30.0
MOVES = 20


@dataclass(slots=True)
class Play:
    """What one side showed, by a label that means the same on both: `getIssuanceJob while processing`.

    `walks` are the ways of jobs through their states, each with the answers that first showed a state; `breaches` is
    what the life cycle says against single answers.
    """

    seen: dict[str, Exchange] = field(default_factory=dict)
    walks: list[tuple[Walk, tuple[Exchange, ...]]] = field(default_factory=list)
    lifecycle: Lifecycle | None = None
    breaches: list[Breach] = field(default_factory=list)

    def saw(self, label: str, exchange: Exchange) -> None:
        self.seen.setdefault(label, exchange)

    def renamed(self, states: Mapping[str, str]) -> Play:
        """The same with other names of states in its labels."""
        return replace(self, seen={_renamed(label, states): exchange for label, exchange in self.seen.items()})


def _renamed(label: str, states: Mapping[str, str]) -> str:
    before, word, state = label.rpartition(" while ")
    return f"{before}{word}{states.get(state, state)}" if word else label


def play(side: Side, case: Case | JobCase, words: Mapping[str, str]) -> Play:
    """Play a case in an untouched session. `words` replaces the left server's data by this one's."""
    context = side.context.fresh()
    played, monitor = Play(), Monitor(context.subject, context.seed)
    with side.client.transport.observed(monitor):
        if isinstance(case, JobCase):
            _job(side, context, case, words, played)
        else:
            _case(side, context, case, words, played)
    played.breaches = monitor.breaches
    return played


def _case(side: Side, context: Context, case: Case, words: Mapping[str, str], played: Play) -> None:
    credential = case.credential if case.credential in (None, *side.target.credentials) else "default"
    exchange = context.call(case.operation, **translated(dict(case.arguments), words), credential=credential)
    played.saw(case.operation, exchange)
    if case.follow:
        _follow(context, exchange, played, case.operation)


def _follow(context: Context, exchange: Exchange, played: Play, label: str) -> None:
    """One step along every link that only reads."""
    for link in links(context.subject, exchange):
        if context.subject.operation(link.operation).method == "GET":
            try:
                arguments = link.arguments(context.subject, exchange)
            except NoValueError:
                continue
            played.saw(f"{link.operation} after {label}", context.call(link.operation, **arguments))


def _job(side: Side, context: Context, case: JobCase, words: Mapping[str, str], played: Play) -> None:
    side.context.client.durations.clear()
    driver = next(
        one for one in drivers(context, side.laws.jobs) if one.lifecycle.address.pointer.endswith(f"/{case.lifecycle}")
    )
    played.lifecycle = driver.lifecycle
    submitted, job = driver.submit(translated(case.body, words))
    played.saw(driver.kind.operation, submitted)
    if job is None:
        return
    watch = _Watch(side, driver, submitted, played)
    command = watch.command(job) if case.early else ""
    latest = watch.rest(job, "shown" if job.exchange is submitted else "found", command)
    # Commands that lead in a circle (hold, release) end after as many rounds as there are states.
    for _ in driver.lifecycle.states:
        if latest is None or case.early:
            return
        _follow(context, latest.exchange, played, f"{latest.exchange.operation} while {latest.state}")
        command = watch.command(latest)
        latest = watch.rest(latest, "", command) if command else None


@dataclass(frozen=True, slots=True)
class _Watch:
    """Looks at one job, and commands it."""

    side: Side
    driver: Driver
    submitted: Exchange
    played: Play

    def command(self, job: Snapshot) -> str:
        """Give every command once, until one is accepted: its name, or ""."""
        for link in self.driver.commands(self.submitted):
            exchange = self.driver.command(link, self.submitted)
            self.played.saw(f"{link.operation} while {job.state}", exchange)
            if exchange.status < 400:
                return link.operation
        return ""

    def rest(self, before: Snapshot, start: str, command: str) -> Snapshot | None:
        """Look at the job until it is at rest; None when it never is, or cannot be seen."""
        first, now = self.driver.read(self.submitted, before)
        if now is None:
            self.played.saw(f"{first.operation} of a job that was started", first)
            return None
        heard: list[Exchange] = []
        end = ""
        with self.side.client.transport.observed(heard.append):
            try:
                self._until_still(now, before.state if command else "")
            except BrokenError as broken:
                end = "never at rest" if self.driver.seen(broken.breach.exchanges[-1], before.id) else "no longer there"
        looks = [now, *(look for one in heard if (look := self.driver.seen(one, before.id)) is not None)]
        for look in looks:
            self.played.saw(f"{look.exchange.operation} while {look.state}", look.exchange)
        self.played.walks.append(_walk([before, *looks], start, command, end))
        return None if end else looks[-1]

    def _until_still(self, job: Snapshot, commanded: str) -> None:
        """Poll until the job is at rest.

        A state that is not the contract's may be one of rest or not, and a command may take its time: such a job is
        waited for as long as it moves, but not for ever.
        """
        known = self.driver.lifecycle.states
        for _ in range(MOVES):
            last = self.driver.until_rest(self.submitted, job)[-1]
            if last.state in known and last.state != commanded:
                return
            moved = self._moved(last, commanded)
            if moved is None:
                return
            job, commanded = moved, ""
        raise self.driver.context.broken("it never comes to rest", job.exchange)

    def _moved(self, job: Snapshot, commanded: str) -> Snapshot | None:
        """The job in another state; None when it stays. What stayed once is not waited for again."""
        key = (job.lifecycle.address, job.state, commanded)
        if key in self.side.still:
            return None
        clock = self.driver.context.clock
        patience = PATIENCE if clock.controlled else STILL
        waited, pause = 0.0, 1.0
        while waited < patience:
            clock.wait(pause)
            waited += pause
            pause = min(pause * 1.5, 60.0)
            _, after = self.driver.read(self.submitted, job)
            if after is None or after.state != job.state:
                return after
        self.side.still.add(key)
        return None


def _walk(looks: list[Snapshot], start: str, command: str, end: str) -> tuple[Walk, tuple[Exchange, ...]]:
    """Each state once, and the answers that showed it first."""
    first = [look for at, look in enumerate(looks) if at == 0 or look.state != looks[at - 1].state]
    walk = Walk(tuple(look.state for look in first), start, command, end)
    return walk, tuple(look.exchange for look in first)


def sent_texts(value: Any) -> list[str]:
    """Every text in what is sent, in the order of its places: the same number on both sides."""
    if isinstance(value, dict):
        return [text for key in sorted(value) for text in sent_texts(value[key])]
    if isinstance(value, list):
        return [text for member in value for text in sent_texts(member)]
    return [value] if isinstance(value, str) else []
