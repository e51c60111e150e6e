"""Plans, records and instants at random. Offsets are small, so that a job can be replayed tick by tick."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from mockserver.core.plan import Failure, Plan, Step
from mockserver.core.records import Commanded, Held, JobRecord, Polled, Released, Submitted

STATES = ("pending", "processing", "completed", "failed", "revoking", "revoked")
START = 1_000
# Plans last up to about this many ticks, and instants go a little past it.
TICKS = 24

states = st.sampled_from(STATES)
instants = st.integers(START - 5, START + 3 * TICKS)


@st.composite
def steps(draw: st.DrawFn) -> tuple[Step, ...]:
    names = draw(st.lists(states, min_size=1, max_size=3))
    offsets = draw(st.lists(st.integers(0, TICKS), min_size=len(names) - 1, max_size=len(names) - 1))
    return tuple(map(Step, names, [0, *sorted(offsets)]))


@st.composite
def failures(draw: st.DrawFn, total: int) -> tuple[Failure, ...]:
    indices = draw(st.sets(st.integers(0, total - 1))) if total else set()
    return tuple(Failure(index, f"reason {index}") for index in sorted(indices))


@st.composite
def plans(draw: st.DrawFn, *, per_poll: bool | None = None, holds: bool = True) -> Plan:
    total = draw(st.integers(0, 12))
    life = draw(steps())
    return Plan(
        steps=life,
        total=total,
        reached=draw(st.integers(0, total)),
        work=draw(st.sampled_from([step.state for step in life]) | st.just("")),
        failures=draw(failures(total)),
        held_at=draw(st.none() | st.integers(0, TICKS)) if holds else None,
        per_poll=draw(st.booleans()) if per_poll is None else per_poll,
        error=draw(st.sampled_from(["", "broke off"])),
    )


@st.composite
def submissions(draw: st.DrawFn, *, per_poll: bool | None = None, holds: bool = True) -> Submitted:
    return Submitted(START, "job_1", "issuance", "", draw(plans(per_poll=per_poll, holds=holds)), {"items": ["a"]})


def commands(at: int) -> st.SearchStrategy[Commanded]:
    arrows = st.dictionaries(states, steps(), max_size=2)
    return st.builds(
        Commanded, st.just(at), st.sampled_from(["cancel", "revoke"]), arrows, st.sampled_from(["", "cancelled"])
    )


@st.composite
def histories(draw: st.DrawFn, *, per_poll: bool | None = None, holds: bool = True) -> Sequence[JobRecord]:
    """A submission and what happened to the job afterwards, in order."""
    later: list[JobRecord] = []
    for at in sorted(draw(st.lists(st.integers(START, START + 2 * TICKS), max_size=5))):
        events: st.SearchStrategy[JobRecord] = st.one_of(
            commands(at), st.sampled_from([Held(at), Released(at), Polled(at)])
        )
        later.append(draw(events))
    return [draw(submissions(per_poll=per_poll, holds=holds)), *later]
