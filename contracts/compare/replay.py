"""Plays a case on one side, and names what it saw, so that the two sides can be laid next to each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.check.exchange import Exchange
from contracts.check.links import NoValueError, links
from contracts.compare.cases import Case, JobCase, translated
from contracts.compare.side import Side
from contracts.laws.context import Context
from contracts.laws.jobs import Driver, drivers
from contracts.laws.law import BrokenError
from contracts.laws.snapshots import Snapshot
from mockserver.specification.lifecycle import Lifecycle


@dataclass(slots=True)
class Play:
    """What one side showed, by a label that means the same on both: `getIssuanceJob while processing`.

    `states` are the states of a job in the order of being seen, None for one that never came to rest; `words` are the
    texts that were sent, each with the name that it has on both sides.
    """

    seen: dict[str, Exchange] = field(default_factory=dict)
    states: list[tuple[str, ...] | None] = field(default_factory=list)
    lifecycle: Lifecycle | None = None

    def saw(self, label: str, exchange: Exchange) -> None:
        self.seen.setdefault(label, exchange)


def play(side: Side, case: Case | JobCase, words: Mapping[str, str]) -> Play:
    """Play a case in an untouched session. `words` replaces the left server's data by this one's."""
    context = side.context.fresh()
    played = Play()
    if isinstance(case, JobCase):
        _job(side, context, case, words, played)
        return played
    credential = case.credential if case.credential in (None, *side.target.credentials) else "default"
    exchange = context.call(case.operation, **translated(dict(case.arguments), words), credential=credential)
    played.saw(case.operation, exchange)
    if case.follow:
        _follow(context, exchange, played, case.operation)
    return played


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
    if case.early:
        _command(driver, submitted, job, played)
    latest = _rest(driver, submitted, job, played)
    # Commands that lead in a circle (hold, release) end after as many rounds as there are states.
    for _ in driver.lifecycle.states:
        if latest is None or case.early:
            return
        _follow(context, latest.exchange, played, f"{latest.exchange.operation} while {latest.state}")
        moved = _command(driver, submitted, latest, played)
        latest = _rest(driver, submitted, moved, played) if moved is not None else None


def _rest(driver: Driver, submitted: Exchange, job: Snapshot, played: Play) -> Snapshot | None:
    """Look at the job until it is at rest; None when it never is, or cannot be seen."""
    first, now = driver.read(submitted, job)
    if now is None:
        played.saw(f"{first.operation} of a job that was started", first)
        return None
    try:
        looks = driver.until_rest(submitted, now)
    except BrokenError:
        played.states.append(None)
        return None
    for look in looks:
        played.saw(f"{look.exchange.operation} while {look.state}", look.exchange)
    states = [look.state for look in (job, *looks)]
    played.states.append(tuple(state for at, state in enumerate(states) if at == 0 or state != states[at - 1]))
    return looks[-1]


def _command(driver: Driver, submitted: Exchange, job: Snapshot, played: Play) -> Snapshot | None:
    """Give every command once; the job as a command left it, None when no command was accepted."""
    for link in driver.commands(submitted):
        exchange = driver.command(link, submitted)
        played.saw(f"{link.operation} while {job.state}", exchange)
        if exchange.status < 400:
            _, after = driver.read(submitted, job)
            return after
    return None


def sent_texts(value: Any) -> list[str]:
    """Every text in what is sent, in the order of its places: the same number on both sides."""
    if isinstance(value, dict):
        return [text for key in sorted(value) for text in sent_texts(value[key])]
    if isinstance(value, list):
        return [text for member in value for text in sent_texts(member)]
    return [value] if isinstance(value, str) else []
