"""What the life cycle promises about any two looks at the same job, whoever took them.

An observer of all exchanges of a run: it knows no provider and sends nothing, so it judges recordings as well.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from contracts.laws.snapshots import Place, Snapshot, places, snapshots
from contracts.target.breach import Breach, Key
from contracts.target.exchange import Exchange
from contracts.target.subject import Subject
from openapi.library import Address
from openapi.lifecycle import Lifecycle

CHECKS = {
    "lifecycle.initial": "A job starts in the initial state",
    "lifecycle.arrows": "A state moves only along the arrows of the contract",
    "lifecycle.identity": "What a job is about never changes",
    "lifecycle.counts": "Counts add up, agree with percent, and never go back",
    "lifecycle.instants": "Instants are ordered, and stay once they are set",
    "lifecycle.failures": "The failures listed are those counted, each item once",
    "lifecycle.rest": "A job at rest changes only by a command",
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with one look, or two looks at the same job, and the part of x-lifecycle that promises otherwise.

    `subject` tells apart what breaks the same part: the states of an arrow, the name of a property.
    """

    check: str
    part: str
    message: str
    subject: tuple[str, ...] = ()


@dataclass(slots=True)
class Monitor:
    """Remembers the last look at every job, by session and id. `states` and `arrows` are what was seen of each kind."""

    subject: Subject
    seed: int
    breaches: list[Breach] = field(default_factory=list)
    judged: int = 0
    last: dict[tuple[str, Address, str], Snapshot] = field(default_factory=dict)
    states: dict[Address, set[str]] = field(default_factory=dict)
    arrows: dict[Address, set[tuple[str, str]]] = field(default_factory=dict)
    _places: Mapping[tuple[str, str], tuple[Place, ...]] = field(init=False)

    def __post_init__(self) -> None:
        self._places = places(self.subject)

    def __call__(self, exchange: Exchange) -> None:
        for snapshot in snapshots(self._places, exchange):
            self.judged += 1
            self._look(snapshot)

    def _look(self, snapshot: Snapshot) -> None:
        lifecycle = snapshot.lifecycle
        self.states.setdefault(lifecycle.address, set()).add(snapshot.state)
        for wrong in single(snapshot):
            self._report(wrong, snapshot, (snapshot.exchange,))
        operation = self.subject.operation(snapshot.exchange.operation)
        key = (snapshot.exchange.session, lifecycle.address, snapshot.id)
        known = self.last.get(key)
        command = operation.id in lifecycle.commands
        if operation.method != "GET" and not command:
            # A request that starts a job may be answered again from an idempotency key, as it was the first time.
            if known is None:
                self._started(snapshot)
                self.last[key] = snapshot
            return
        if known is not None:
            for wrong in pair(known, snapshot):
                self._report(wrong, snapshot, (known.exchange, snapshot.exchange))
            if known.state != snapshot.state:
                self.arrows.setdefault(lifecycle.address, set()).add((known.state, snapshot.state))
        self.last[key] = snapshot

    def _started(self, snapshot: Snapshot) -> None:
        if snapshot.state != snapshot.lifecycle.initial:
            words = f"a new job is {snapshot.state}, not {snapshot.lifecycle.initial}"
            self._report(
                Wrong("lifecycle.initial", "initial", words, (snapshot.state,)), snapshot, (snapshot.exchange,)
            )

    def _report(self, wrong: Wrong, snapshot: Snapshot, exchanges: tuple[Exchange, ...]) -> None:
        promise = snapshot.lifecycle.address / "x-lifecycle"
        for token in wrong.part.split("/"):
            promise /= token
        self.breaches.append(
            Breach(
                check=wrong.check,
                operation=snapshot.exchange.operation,
                promise=promise,
                message=wrong.message,
                exchanges=exchanges,
                seed=self.seed,
                key=Key(promise, subject=wrong.subject),
            )
        )


def single(job: Snapshot) -> Iterator[Wrong]:
    """What is wrong with one look at a job."""
    counts = {name: job.counts(name) for name in job.lifecycle.counts}
    for name, values in counts.items():
        if len(set(values)) > 1:
            yield Wrong("lifecycle.counts", f"counts/{name}", f"the {name} count stands twice and differs: {values}")
    first = {name: values[0] for name, values in counts.items() if values}
    yield from _sums(job, first)
    yield from _order(job)
    yield from _failures(job, first)


def _sums(job: Snapshot, count: Mapping[str, float]) -> Iterator[Wrong]:
    total, processed = count.get("total"), count.get("processed")
    succeeded, failed = count.get("succeeded"), count.get("failed")
    done = None if succeeded is None or failed is None else succeeded + failed
    if processed is not None and done is not None and done != processed:
        yield Wrong(
            "lifecycle.counts",
            "counts",
            f"{succeeded} succeeded and {failed} failed are not the {processed} processed (state {job.state})",
        )
    for name in ("processed", "succeeded", "failed"):
        if total is not None and count.get(name, 0) > total:
            yield Wrong("lifecycle.counts", f"counts/{name}", f"{count[name]} {name} of {total} in all")
    percent = count.get("percent")
    if percent is not None and processed is not None and total:
        share = 100 * processed / total
        if not share - 1 < percent < share + 1:
            yield Wrong(
                "lifecycle.counts", "counts/percent", f"{percent} percent, but {processed} of {total} are processed"
            )


def _order(job: Snapshot) -> Iterator[Wrong]:
    order = [(name, instant) for name in ("created", "started", "finished") if (instant := job.instant(name))]
    if updated := job.instant("updated"):
        order = [*order[:1], ("updated", updated)]
    for (earlier, before), (later, after) in itertools.pairwise(order):
        if after < before:
            yield Wrong("lifecycle.instants", f"instants/{later}", f"{later} at {after}, before {earlier} at {before}")


def _failures(job: Snapshot, count: Mapping[str, float]) -> Iterator[Wrong]:
    failures = job.lifecycle.failures
    listed = job.get(failures.at) if failures else None
    if failures is None or not isinstance(listed, list):
        return
    failed, total = count.get("failed"), count.get("total")
    if failed is not None and len(listed) != failed:
        yield Wrong("lifecycle.failures", "failures", f"{len(listed)} failures are listed, {failed} are counted")
    indexes = [entry.get(failures.index) for entry in listed if isinstance(entry, dict)]
    numbers = [index for index in indexes if isinstance(index, int)]
    if len(set(numbers)) != len(numbers):
        yield Wrong("lifecycle.failures", "failures/index", "an item is listed twice among the failures")
    if total is not None and any(not 0 <= index < total for index in numbers):
        yield Wrong("lifecycle.failures", "failures/index", f"a failure's index is none of the {total} items")


def pair(before: Snapshot, after: Snapshot) -> Iterator[Wrong]:
    """What is wrong between two looks at the same job, in the order in which they were taken."""
    lifecycle = before.lifecycle
    if after.state not in lifecycle.reachable(before.state):
        words = f"{before.state} -> {after.state}: no arrow of the life cycle leads there"
        yield Wrong("lifecycle.arrows", "transitions", words, (before.state, after.state))
        return
    yield from _counted(before, after)
    for name in lifecycle.instants:
        was, now = before.instant(name), after.instant(name)
        if name == "updated":
            if was and now and now < was:
                yield Wrong(
                    "lifecycle.instants", "instants/updated", f"updated at {now}, after it was updated at {was}"
                )
        elif was and now != was:
            yield Wrong("lifecycle.instants", f"instants/{name}", f"{name} was {was} and is {now}")
    if before.state == after.state and lifecycle.at_rest(before.state) and _shape(before) == _shape(after):
        for name in _changed(lifecycle, before, after):
            words = f"{name} of a job that is {before.state} changed from one look to the next"
            yield Wrong("lifecycle.rest", "transitions", words, (name,))


def _counted(before: Snapshot, after: Snapshot) -> Iterator[Wrong]:
    for name in before.lifecycle.counts:
        was, now = before.counts(name), after.counts(name)
        if not was or not now:
            continue
        if name == "total" and was[0] != now[0]:
            yield Wrong("lifecycle.identity", "counts/total", f"the total was {was[0]} and is {now[0]}")
        elif now[0] < was[0]:
            yield Wrong("lifecycle.counts", f"counts/{name}", f"the {name} count went back from {was[0]} to {now[0]}")


def _shape(job: Snapshot) -> frozenset[str]:
    """Lists may show a job with fewer properties than its own resource: only equal views are compared."""
    return frozenset(job.value)


def _changed(lifecycle: Lifecycle, before: Snapshot, after: Snapshot) -> Iterator[str]:
    """The names of the properties that changed, though nothing may have changed them."""
    mutable = {path[0] for name in ("updated",) for path in lifecycle.instants.get(name, ())}
    for name in before.value:
        if name not in mutable and before.value[name] != after.value[name] and not _link(before.value[name]):
            yield name


def _link(value: object) -> bool:
    """A signed URL may be made anew for every look."""
    return isinstance(value, str) and value.startswith(("http://", "https://", "/"))
