"""A scenario is a named plan: durations and outcomes. Here it becomes the plan of one job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any

from mockserver.core.plan import Failure, Plan, Step
from mockserver.engine.instants import seconds
from openapi.lifecycle import Lifecycle


@dataclass(frozen=True, slots=True)
class Scenario:
    """What happens to a submission (see `simulation.schema.json` for each field)."""

    name: str
    summary: str = ""
    ends: str = "success"
    pace: float = 1
    hold: str = ""
    per_poll: bool = False
    reached: float = 1
    fail_every: int = 0
    fail_reason: str = ""
    error: str = ""
    respond: tuple[int, str] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Course:
    """How a kind of job runs when nothing special happens. `durations` are in seconds per state."""

    lifecycle: Lifecycle
    durations: Mapping[str, float]
    outcomes: Mapping[str, str]
    work: str = ""


# A state that a scenario holds must last at all; this many seconds if it would not.
_HELD_SECONDS = 1.0
# Polls that each state lasts when polls move the job; the work takes two, so that one poll sees it half done.
_POLLS, _WORK_POLLS = 1, 2


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """What a scenario makes of a kind of job, before the items are known; made at start, equal only to itself."""

    steps: tuple[Step, ...]
    work: str
    held_at: int | None
    per_poll: bool
    reached: float
    error: str
    fail_every: int
    fail_reason: str


def template(course: Course, scenario: Scenario) -> Template:
    """The plan of a scenario, up to the items."""
    ends = scenario.ends if scenario.ends in course.outcomes else "success"
    steps = _steps(course, scenario, course.lifecycle.way(course.lifecycle.initial, course.outcomes[ends]))
    return Template(
        steps=steps,
        work=course.work,
        held_at=_held_at(course, scenario, steps),
        per_poll=scenario.per_poll,
        reached=1 if ends == "success" else scenario.reached,
        error=scenario.error if ends == "failure" else "",
        fail_every=scenario.fail_every,
        fail_reason=scenario.fail_reason,
    )


def plan(made: Template, total: int, failures: Sequence[Failure]) -> Plan:
    """The life of a job of `total` items. `failures`, by index, are those that the request itself asked for."""
    if made.fail_every:
        return _plan(made, total, _failures(made, total, failures))
    return _plan(made, total, tuple(failures)) if failures else _sound_plan(made, total)


@lru_cache(maxsize=1024)
def _sound_plan(made: Template, total: int) -> Plan:
    """Most jobs are alike, and share their plan."""
    return _plan(made, total, ())


def _plan(made: Template, total: int, failures: tuple[Failure, ...]) -> Plan:
    return Plan(
        steps=made.steps,
        total=total,
        reached=int(total * made.reached),
        work=made.work,
        failures=failures,
        held_at=made.held_at,
        per_poll=made.per_poll,
        error=made.error,
    )


def command_steps(course: Course, target: str, pace: float = 1) -> tuple[Step, ...]:
    """What follows once a command has brought the job into `target`: on by itself until it is at rest."""
    states = [target]
    while after := course.lifecycle.transitions.get(states[-1]):
        states.append(after[0])
    return _steps(course, Scenario("", pace=pace), tuple(states))


def failing_steps(course: Course, state: str) -> tuple[Step, ...]:
    """The steps of a job that fails here and now; empty where no arrow leads to failure."""
    target = course.outcomes.get("failure", "")
    way = course.lifecycle.way(state, target) if target else ()
    return tuple(Step(name, 0) for name in way[1:])


def _steps(course: Course, scenario: Scenario, states: tuple[str, ...]) -> tuple[Step, ...]:
    steps, offset = [], 0
    for state in states:
        steps.append(Step(state, offset))
        if scenario.per_poll:
            offset += _WORK_POLLS if state == course.work else _POLLS
        else:
            lasts = course.durations.get(state, 0) * scenario.pace
            offset += seconds(lasts or (_HELD_SECONDS if state == scenario.hold else 0))
    return tuple(steps)


def _held_at(course: Course, scenario: Scenario, steps: tuple[Step, ...]) -> int | None:
    """Half-way through the work, or at the start of any other state that is held."""
    for step, after in pairwise(steps):
        if step.state == scenario.hold:
            return (step.at + after.at) // 2 if step.state == course.work else step.at
    return None


def _failures(made: Template, total: int, requested: Sequence[Failure]) -> tuple[Failure, ...]:
    """The requested failures, and one at every `fail_every`-th item."""
    failures = {failure.index: failure for failure in requested}
    for index in range(made.fail_every - 1, total, made.fail_every):
        failures.setdefault(index, Failure(index, made.fail_reason))
    return tuple(failures[index] for index in sorted(failures))
