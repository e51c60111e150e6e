"""Kinds of jobs, and one job as it is seen at an instant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockserver.core import identity
from mockserver.core.plan import Failure, Plan, Step
from mockserver.core.records import JobRecord, Submitted
from mockserver.core.status import Status, failures_at, initial_status, status_at, submitted
from mockserver.engine import instants
from mockserver.engine.scenario import Course, Scenario, Template, template
from mockserver.engine.simulation import Simulation, Tokens
from openapi import pointer as json_pointer
from openapi.contract import Contract
from openapi.library import Address, Library
from openapi.lifecycle import Lifecycle, parse_lifecycle
from openapi.reading import library_of
from openapi.source import Source, nearest

# Job -> the body of its response; compiled from the contract (`rendering.py`).
Render = Callable[["Job"], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class JobKind:
    """One thing that can be submitted. `digits` is the fraction of seconds that its timestamps print.

    `filled` are the properties of its body that a function fills in.
    """

    name: str
    course: Course
    make_id: Callable[[int, int], str]
    facts: Mapping[str, Tokens]
    digits: int
    seeded: Mapping[str, Submitted] = field(default_factory=dict)
    templates: Mapping[str, Template] = field(default_factory=dict)
    filled: frozenset[str] = frozenset()

    @property
    def lifecycle(self) -> Lifecycle:
        return self.course.lifecycle

    def seeded_in(self, group: str) -> list[Submitted]:
        """The seeded jobs of a group, newest first."""
        found = [record for record in self.seeded.values() if record.group == group]
        return sorted(found, key=lambda record: record.at, reverse=True)

    def template(self, scenario: Scenario) -> Template:
        """What the scenario makes of this kind of job."""
        return self.templates.get(scenario.name) or template(self.course, scenario)


class Job:
    """A job at an instant. `status` is folded from its records when somebody asks; nothing else is known about it."""

    __slots__ = ("_status", "kind", "now", "record", "records")

    def __init__(self, kind: JobKind, records: Sequence[JobRecord], now: int, status: Status | None = None) -> None:
        self.kind = kind
        self.records = tuple(records)  # a store may go on appending to its own
        self.now = now
        self.record = submitted(records)
        self._status = status

    @property
    def status(self) -> Status:
        if self._status is None:
            self._status = status_at(self.records, self.now)
        return self._status

    @property
    def id(self) -> str:
        return self.record.id

    @property
    def state(self) -> str:
        return self.status.state

    @property
    def plan(self) -> Plan:
        return self.record.plan

    @property
    def facts(self) -> Mapping[str, Any]:
        return self.record.facts

    @property
    def failures(self) -> tuple[Failure, ...]:
        """The items that failed so far."""
        return failures_at(self.plan, self.status)

    def instant(self, name: str) -> int | None:
        """When the job was `created`, `started` (left its initial state), `finished` (came to rest), last `updated`."""
        return INSTANTS[name](self, self.status)

    def at_submission(self) -> Job:
        """The same job at the moment of its submission, whatever happened since."""
        return Job(self.kind, self.records[:1], self.now, initial_status(self.record))


def _started(_job: Job, status: Status) -> int | None:
    return status.entered[1][1] if len(status.entered) > 1 else None


def _finished(job: Job, status: Status) -> int | None:
    at_rest = job.kind.lifecycle.at_rest
    for state, instant in status.entered:
        if at_rest(state):
            return instant
    return None


INSTANTS: Mapping[str, Callable[[Job, Status], int | None]] = {
    "created": lambda job, _status: job.record.at,
    "started": _started,
    "finished": _finished,
    "updated": lambda _job, status: status.since,
}


def job_at(kind: JobKind, records: Sequence[JobRecord], now: int) -> Job:
    """The job whose records these are, at the instant `now`."""
    return Job(kind, records, now)


def job_kinds(contract: Contract, simulation: Simulation) -> dict[str, JobKind]:
    """Every kind of job of a simulation, checked against the contract. Raises SourceError."""
    return {name: _Kinds(contract, simulation, name).build() for name in simulation.jobs}


class _Kinds:
    """Builds one kind; its methods share the place in the file for messages."""

    def __init__(self, contract: Contract, simulation: Simulation, name: str) -> None:
        self.contract = contract
        self.simulation = simulation
        self.name = name
        self.value = simulation.jobs[name]

    def build(self) -> JobKind:
        value = self.value
        lifecycle = self._lifecycle()
        course = Course(lifecycle, value["durations"], value["outcomes"], value.get("work", ""))
        self._check(course)
        return JobKind(
            name=self.name,
            course=course,
            make_id=_id_maker(self.name, value["id"]),
            facts={name: json_pointer.split(pointer) for name, pointer in value.get("facts", {}).items()},
            digits=instants.PRECISION[value.get("precision", "seconds")],
            templates={name: template(course, scenario) for name, scenario in self.simulation.scenarios.items()},
            filled=frozenset(value.get("filled", ())),
            seeded={row["id"]: self._seeded(index, row) for index, row in enumerate(value.get("seeded", ()))},
        )

    def _lifecycle(self) -> Lifecycle:
        if "lifecycle" in self.value:
            library = _inline(self.simulation.source, self.value["lifecycle"])
            return parse_lifecycle(library, Address(library.main, ""))
        named = {address.pointer.rpartition("/")[2]: found for address, found in self.contract.lifecycles.items()}
        wanted = self.value["schema"]
        if wanted not in named:
            raise self.simulation.fault(
                f"no schema '{wanted}' with an x-lifecycle", "jobs", self.name, "schema", hint=nearest(wanted, named)
            )
        return named[wanted]

    def _check(self, course: Course) -> None:
        lifecycle = course.lifecycle
        for state in course.durations:
            self._known(state, lifecycle.states, "durations", state)
        for outcome, state in course.outcomes.items():
            self._known(state, lifecycle.states, "outcomes", outcome)
            if not lifecycle.way(lifecycle.initial, state):
                raise self._fault(f"no arrows lead from {lifecycle.initial} to {state}", "outcomes", outcome)
        if course.work:
            self._known(course.work, lifecycle.states, "work")
        for scenario in self.simulation.scenarios.values():
            if scenario.hold and len(self.simulation.jobs) == 1 and scenario.hold not in lifecycle.states:
                raise self.simulation.fault(
                    f"there is no state '{scenario.hold}'",
                    "scenarios",
                    scenario.name,
                    "hold",
                    hint=nearest(scenario.hold, lifecycle.states),
                )

    def _known(self, state: str, states: Iterable[str], *place: str) -> None:
        if state not in states:
            raise self._fault(f"there is no state '{state}'", *place, hint=nearest(state, states))

    def _fault(self, problem: str, *place: json_pointer.Token, hint: str = "") -> Exception:
        return self.simulation.fault(problem, "jobs", self.name, *place, hint=hint)

    def _seeded(self, index: int, row: Mapping[str, Any]) -> Submitted:
        try:
            failures = tuple(
                Failure(f["index"], f["reason"], tuple(f.get("about", {}).items())) for f in row.get("failures", ())
            )
            total = row.get("total", 0)
            steps = tuple(Step(state, instants.seconds(offset)) for state, offset in row["steps"])
            plan = Plan(
                steps=steps,
                total=total,
                reached=total,
                work=self.value.get("work", ""),
                failures=failures,
                error=row.get("error", ""),
            )
        except ValueError as error:
            raise self._fault(str(error), "seeded", index) from None
        try:
            at = instants.parse(row["at"])
        except ValueError as error:
            raise self._fault(str(error), "seeded", index, "at") from None
        return Submitted(
            at=at, id=row["id"], kind=self.name, group=row.get("group", ""), plan=plan, facts=row.get("facts", {})
        )


def _inline(source: Source | None, lifecycle: Mapping[str, Any]) -> Library:
    """A life cycle written in the simulation, as a document of its own."""
    assert source is not None
    return library_of(Source(source.path, source.text, {"x-lifecycle": lifecycle}))


def _id_maker(kind: str, form: Mapping[str, Any]) -> Callable[[int, int], str]:
    """(seed, sequence number from 0) -> id."""
    prefix, length = form.get("prefix", ""), form.get("length", 24)
    match form["form"]:
        case "uuid":
            return lambda seed, number: prefix + identity.uuid(seed, kind, number)
        case "hex":
            return lambda seed, number: prefix + identity.hexadecimal(length, seed, kind, number)
        case "base36":
            return lambda seed, number: prefix + identity.base36(length, seed, kind, number)
        case _:
            first = form.get("first", 1)
            return lambda _seed, number: f"{prefix}{first + number}"
