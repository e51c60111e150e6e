"""`x-lifecycle`: what can be asked of it, and every mistake with its line."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openapi.library import Address
from openapi.lifecycle import Failures, Lifecycle, parse_lifecycle
from openapi.reading import library_of
from openapi.source import SourceError
from tests.openapi.documents import library, source

# specs/README.md
THANX = """\
x-lifecycle:
  id: id
  state: state
  initial: pending
  transitions:
    pending: [processing]
    processing: [completed, failed]
    revoking: [revoked]
  commands:
    revokeIssuanceJob: {completed: revoking, failed: revoking}
  counts: {total: total_count, processed: [a/processed, b], percent: progress_percent}
  instants: {created: created_at, finished: completed_at}
  failures: {at: summary/failures, index: identifier_index, reason: error}
  error: attributes/error
"""


def parsed(text: str = THANX) -> Lifecycle:
    opened = library_of(source(text))
    return parse_lifecycle(opened, Address(opened.main, ""))


def test_what_it_says() -> None:
    cycle = parsed()
    assert (cycle.id, cycle.state, cycle.initial) == (("id",), ("state",), "pending")
    assert cycle.states == ("pending", "processing", "revoking", "completed", "failed", "revoked")
    assert cycle.transitions["processing"] == ("completed", "failed")
    assert cycle.commands == {"revokeIssuanceJob": {"completed": "revoking", "failed": "revoking"}}
    assert cycle.counts["processed"] == (("a", "processed"), ("b",))
    assert cycle.counts["total"] == (("total_count",),)
    assert cycle.instants["finished"] == (("completed_at",),)
    assert cycle.failures == Failures(("summary", "failures"), "identifier_index", "error")
    assert cycle.error == ("attributes", "error")


def test_what_may_be_left_out() -> None:
    cycle = parsed("x-lifecycle: {id: id, state: a/state, initial: pending, transitions: {pending: [done], done: }}")
    assert (cycle.commands, cycle.counts, cycle.instants, cycle.failures, cycle.error) == ({}, {}, {}, None, None)
    assert cycle.state == ("a", "state")
    assert cycle.at_rest("done")


def test_rest_and_end() -> None:
    cycle = parsed()
    assert [state for state in cycle.states if cycle.at_rest(state)] == ["completed", "failed", "revoked"]
    assert [state for state in cycle.states if cycle.terminal(state)] == ["revoked"]


def test_where_it_leads() -> None:
    cycle = parsed()
    assert cycle.reachable("pending") == set(cycle.states)
    assert cycle.reachable("pending", by_command=False) == {"pending", "processing", "completed", "failed"}
    assert cycle.reachable("revoked") == {"revoked"}
    assert cycle.follows("pending", "failed")
    assert cycle.follows("pending", "pending")
    assert not cycle.follows("pending", "revoked")
    assert not cycle.follows("completed", "pending")
    assert list(cycle.arrows())[-1] == ("failed", "revoking")


@pytest.mark.parametrize(
    ("state", "target", "way"),
    [
        ("pending", "failed", ("pending", "processing", "failed")),
        ("pending", "pending", ("pending",)),
        ("completed", "revoked", ()),
        ("failed", "pending", ()),
    ],
)
def test_the_way(state: str, target: str, way: tuple[str, ...]) -> None:
    assert parsed().way(state, target) == way


names = st.sampled_from("abcde")
graphs = st.dictionaries(names, st.lists(names, max_size=3), max_size=5)


@given(graphs, st.dictionaries(names, names, max_size=3), names, names)
def test_ways_and_reach_agree(
    transitions: dict[str, list[str]], command: dict[str, str], start: str, target: str
) -> None:
    """Loops, dead ends and unknown states included."""
    value = {"id": "id", "state": "s", "initial": start, "transitions": transitions, "commands": {"c": command}}
    opened = library({"x-lifecycle": value})
    cycle = parse_lifecycle(opened, Address(opened.main, ""))
    way = cycle.way(start, target)
    assert bool(way) == cycle.follows(start, target)
    assert all(after in transitions[state] for state, after in pairwise(way))
    assert len(set(way)) == len(way)
    assert cycle.reachable(start, by_command=False) <= cycle.reachable(start)
    for state in cycle.reachable(start):
        assert cycle.reachable(state) <= cycle.reachable(start)
    assert cycle.terminal(start) == (
        cycle.reachable(start) - {start} == set() and not transitions.get(start) and start not in command
    )


@pytest.mark.parametrize(
    ("line", "instead", "at", "problem"),
    [
        ("  id: id\n", "", "2:3", "x-lifecycle lacks 'id'"),
        ("  state: state", "", "2:3", "x-lifecycle lacks 'state'"),
        ("  initial: pending", "", "2:3", "x-lifecycle lacks 'initial'"),
        ("  id: id", "  id: [id]", "2:7", "'id' is text"),
        ("  state: state", "  state: 5", "3:10", "'state' is text"),
        ("  initial: pending", "  initial:", "4:11", "'initial' is text"),
        ("  error: attributes/error", "  error: {}", "14:10", "'error' is text"),
        ("  error: attributes/error", "  instnats: {}", "14:3", "x-lifecycle has no 'instnats' (did you mean"),
        ("    revoking: [revoked]", "    revoking: revoked", "8:15", "the states that follow are a list"),
        ("    revoking: [revoked]", "    revoking: [1]", "8:15", "the states that follow are a list"),
        ("  counts: {total:", "  counts: {totl:", "11:12", "there is no 'totl' here (did you mean 'total'?)"),
        ("total: total_count", "total: 5", "11:19", "'total' is a property or a list of them"),
        ("processed: [a/processed, b]", "processed: [1]", "11:43", "'processed' is a property or a list of them"),
        ("{created: created_at,", "{begun: created_at,", "12:14", "there is no 'begun' here (known: created,"),
        ("{created: created_at, finished: completed_at}", "[a]", "12:13", "instants is an object"),
        ("{at: summary/failures, index:", "{index:", "13:13", "failures lacks 'at'"),
        ("index: identifier_index", "index: 1", "13:13", "failures lacks 'index'"),
        ("{completed: revoking, failed: revoking}", "revoking", "10:24", "revokeIssuanceJob is an object"),
        ("failed: revoking}", "failed: [revoking]}", "10:54", "a command leads to one state"),
        ("    revokeIssuanceJob: {completed: revoking, failed: revoking}", "    - x", "10:5", "commands is an object"),
    ],
)
def test_every_mistake_has_its_line(line: str, instead: str, at: str, problem: str) -> None:
    assert line in THANX
    with pytest.raises(SourceError) as caught:
        parsed(THANX.replace(line, instead))
    assert str(caught.value).startswith(f"/contract/openapi.yaml:{at}: {problem}")


@pytest.mark.parametrize("value", [None, [], "pending", 5])
def test_what_is_no_life_cycle(value: Any) -> None:
    opened = library({"x-lifecycle": value})
    with pytest.raises(SourceError, match="x-lifecycle is an object"):
        parse_lifecycle(opened, Address(opened.main, ""))
