"""Records and journal entries at random, for every store."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from mockserver.core.clock import LAST_INSTANT, Clock
from mockserver.core.journal import Entry, Reason
from mockserver.core.plan import Failure, Plan, Step
from mockserver.core.records import ClockSet, Commanded, Held, Noted, Polled, Record, Released, SettingSet, Submitted

# Text that UTF-8 can carry: a request with any other is refused before it is recorded.
texts = st.text(st.characters(codec="utf-8"), max_size=8)
instants = st.integers(0, LAST_INSTANT)
scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | texts
values: st.SearchStrategy[Any] = st.recursive(
    scalars.filter(lambda value: value not in (float("inf"), float("-inf"))),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def steps(draw: st.DrawFn) -> tuple[Step, ...]:
    later = draw(st.lists(st.tuples(texts, instants), max_size=3))
    offsets = sorted(offset for _, offset in later)
    return (Step(draw(texts), 0), *(Step(name, at) for (name, _), at in zip(later, offsets, strict=True)))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    indices = sorted(draw(st.sets(st.integers(0, 9_999), max_size=4)))
    about = st.lists(st.tuples(texts, values), max_size=2).map(tuple)
    return Plan(
        draw(steps()),
        10_000,
        draw(st.integers(0, 10_000)),
        draw(texts),
        tuple(Failure(index, draw(texts), draw(about)) for index in indices),
        draw(st.none() | instants),
        draw(st.booleans()),
        draw(texts),
    )


facts = st.dictionaries(texts, values, max_size=3)
clocks = st.builds(Clock, instants, st.integers(-(2**62), 2**62), st.floats(0, 1e9))
BY_TYPE: dict[type[Record], st.SearchStrategy[Record]] = {
    Submitted: st.builds(Submitted, instants, texts, texts, texts, plans(), facts),
    Commanded: st.builds(Commanded, instants, texts, st.dictionaries(texts, steps(), max_size=2), texts),
    Held: st.builds(Held, instants),
    Released: st.builds(Released, instants),
    Polled: st.builds(Polled, instants),
    ClockSet: st.builds(ClockSet, instants, clocks),
    SettingSet: st.builds(SettingSet, instants, texts, values),
    Noted: st.builds(Noted, instants, values),
}
records: st.SearchStrategy[Record] = st.one_of(*BY_TYPE.values())
reasons = st.builds(Reason, texts, texts, texts, texts)
entries = st.builds(
    Entry,
    instants,
    texts,
    texts,
    texts,
    texts,
    texts,
    st.dictionaries(texts, texts, max_size=2),
    st.binary(max_size=20),
    st.integers(0, 10**9),
    st.integers(100, 599),
    texts,
    texts,
    texts,
    st.lists(reasons, max_size=2).map(tuple),
    texts,
)


def entry(path: str) -> Entry:
    """A journal entry told from others by its path."""
    return Entry(5, "thanx", "getJob", "GET", path, "", {}, b"\xff\x00", 2, 200, "accepted")
