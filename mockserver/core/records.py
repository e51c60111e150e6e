"""The immutable facts from which everything else is derived. A store only appends them.

A job's stream starts with `Submitted`; a session's stream holds `ClockSet` and `SettingSet`. Every record carries the
virtual instant `at` of the session in which it happened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.core.clock import Clock
from mockserver.core.plan import Plan, Step, check_steps


@dataclass(frozen=True, slots=True)
class Submitted:
    """A job was accepted. `facts` is what the submission stated and later answers show: plain JSON data."""

    at: int
    id: str
    kind: str
    group: str
    plan: Plan
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Commanded:
    """A client asked for a change. `arrows` holds, per state that allows it, the steps that follow (offsets from now).

    In a state without an arrow it is inert: two replicas that race on a cancel cannot corrupt a job. So that a doubled
    command is inert too, the first step is entered at once; raises ValueError for other steps.
    """

    at: int
    command: str
    arrows: Mapping[str, tuple[Step, ...]]
    error: str = ""

    def __post_init__(self) -> None:
        for steps in self.arrows.values():
            check_steps(steps)


@dataclass(frozen=True, slots=True)
class Held:
    """The job's own clock stands still from here."""

    at: int


@dataclass(frozen=True, slots=True)
class Released:
    """The job's own clock runs again, past the plan's `held_at` too."""

    at: int


@dataclass(frozen=True, slots=True)
class Polled:
    """The job was read; only recorded where the plan moves per poll."""

    at: int


@dataclass(frozen=True, slots=True)
class ClockSet:
    """The session's clock from here on."""

    at: int
    clock: Clock


@dataclass(frozen=True, slots=True)
class SettingSet:
    """A setting of the session, such as the scenario of a provider; None takes it back."""

    at: int
    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class Noted:
    """Anything else worth keeping: a response under an idempotency key, a job's place in a list. Plain JSON data."""

    at: int
    value: Any


JobRecord = Submitted | Commanded | Held | Released | Polled
Record = JobRecord | ClockSet | SettingSet | Noted
