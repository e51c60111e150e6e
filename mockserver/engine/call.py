"""One request as a provider's function sees it: typed parts, the session at an instant, and what may be done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.core.plan import About, Failure, Plan
from mockserver.core.records import Commanded, Noted, Polled, Submitted
from mockserver.core.status import commanded_status
from mockserver.engine import scenario as scenarios
from mockserver.engine.answer import Answer, Refusal
from mockserver.engine.credentials import NOBODY, mint
from mockserver.engine.jobs import Job, JobKind, job_at
from mockserver.engine.provider import Provider
from mockserver.engine.scenario import Scenario
from mockserver.engine.session import Session
from mockserver.engine.simulation import Credential, Tokens
from openapi import pointer as json_pointer
from openapi.contract import Operation

# The stream that counts a session's tokens.
_TOKENS = "tokens"

# The value at a place of a request, None if it has none.
Getter = Callable[["Call"], Any]
# Answers an operation's requests. Raises Refusal.
Handler = Callable[["Call"], Answer]


def getter(tokens: Tokens) -> Getter:
    """`Call.at` for a pointer that is known beforehand, without walking it anew for each request."""
    match tokens:
        case ("body", name):
            return lambda call: call.body.get(name) if isinstance(call.body, dict) else None
        case ("path", name):
            return lambda call: call.path.get(name)
        case ("query", name):
            return lambda call: call.query.get(name)
        case ("header", name):
            return lambda call: call.header.get(name)
        case _:
            return lambda call: call.at(tokens)


@dataclass(slots=True)
class Call:
    """A request that fits the contract, at the instant `now` of its session.

    `path`, `query` and `header` hold typed values by documented name (headers in lower case), `body` the parsed body.
    `url` is where the provider's paths begin, as the client sees it. `scenario` is what was chosen for it, `media_type`
    the documented one of the success that the client likes best, which can be a range.
    """

    provider: Provider
    operation: Operation
    session: Session
    now: int
    path: Mapping[str, Any]
    query: Mapping[str, Any]
    header: Mapping[str, Any]
    body: Any
    url: str
    scenario: Scenario
    credential: Credential = NOBODY
    media_type: str | None = None

    @property
    def seed(self) -> int:
        return self.session.seed

    def at(self, tokens: Tokens, default: Any = None) -> Any:
        """The value that a pointer into the request leads to (`/body/name`, `/credential/tenant`)."""
        if not tokens:
            return default
        match tokens[0]:
            case "body":
                return json_pointer.find(self.body, tokens[1:], default)
            case "credential":
                return getattr(self.credential, tokens[1], default)
            case part:
                return json_pointer.find(getattr(self, part), tokens[1:], default)

    def rows(self, table: str, **where: Any) -> Iterator[Mapping[str, Any]]:
        """The rows of a seed table that have these values."""
        for row in self.provider.simulation.data.get(table, ()):
            if all(row.get(name) == value for name, value in where.items()):
                yield row

    def row(self, table: str, **where: Any) -> Mapping[str, Any] | None:
        """The first row of a seed table that has these values (texts, numbers, booleans or null)."""
        return self.provider.index(table, tuple(where)).get(tuple(where.values()))

    def setting(self, name: str, default: Any = None) -> Any:
        """A documented number or switch of the simulation."""
        return self.provider.simulation.settings.get(name, default)

    def kind(self, name: str) -> JobKind:
        return self.provider.kinds[name]

    def job(self, kind: str, identifier: Any) -> Job | None:
        """A job by its id, or None. A job that moves per poll is not moved by this (see `poll`)."""
        return self.session.job(self.kind(kind), str(identifier), self.now)

    def poll(self, job: Job) -> Job:
        """The job as a poll finds it: one step further where polls move it."""
        if not job.plan.per_poll:
            return job
        self.session.change(job, Polled(self.now))
        return job_at(job.kind, self.session.records(job.kind, job.id), self.now)

    def jobs(self, kind: str, group: str, start: int = 0) -> Iterator[Job]:
        """The jobs of a group, newest first, from the `start`-th on."""
        return self.session.jobs(self.kind(kind), group, self.now, start)

    def count_jobs(self, kind: str, group: str) -> int:
        """How many jobs a group has; cheap, however many they are."""
        return self.session.count_jobs(self.kind(kind), group)

    def plan(self, kind: str, total: int, failures: Sequence[Failure] = (), scenario: Scenario | None = None) -> Plan:
        """What the chosen scenario, or another one, makes of a job of `total` items; `failures` are by index."""
        made = self.kind(kind).template(scenario or self.scenario)
        return scenarios.plan(made, total, failures)

    def submit(self, kind: str, group: str, facts: Mapping[str, Any], plan: Plan) -> Job:
        """Record a new job. The answer to a submission shows it `at_submission()`."""
        number = self.session.next_number()
        identifier = self.kind(kind).make_id(self.seed, number)
        record = Submitted(at=self.now, id=identifier, kind=kind, group=group, plan=plan, facts=facts)
        self.session.submit(record)
        return job_at(self.kind(kind), [record], self.now)

    def command(self, job: Job, command: str, *, pace: float | None = None) -> Job:
        """Record a command of the life cycle and return the job as the command itself leaves it, before what follows.

        Nothing is recorded where no arrow leads on. The chosen scenario's pace applies to what follows, unless another
        is given.
        """
        targets = job.kind.lifecycle.commands.get(command, {})
        if job.state not in targets:
            return job
        pace = self.scenario.pace if pace is None else pace
        arrows = {state: scenarios.command_steps(job.kind.course, to, pace) for state, to in targets.items()}
        self.session.change(job, Commanded(self.now, command, arrows))
        status = commanded_status(job.status, command, targets[job.state], self.now)
        return Job(job.kind, self.session.records(job.kind, job.id), self.now, status)

    def note(self, stream: str, value: Any) -> None:
        """Keep JSON data in a stream of the provider's own."""
        self.session.append(self._stream(stream), Noted(self.now, value))

    def notes(self, stream: str) -> Sequence[Any]:
        """What was kept in a stream, oldest first."""
        return [record.value for record in self.session.read(self._stream(stream)) if isinstance(record, Noted)]

    def _stream(self, name: str) -> str:
        return f"note/{self.provider.name}/{name}"

    def mint(self, credential: Credential, lifetime: int) -> str:
        """A token for a credential, valid for `lifetime` seconds of the session's clock; no two are the same."""
        number = len(self.session.read(_TOKENS))
        self.session.append(_TOKENS, Noted(self.now, None))
        return mint(self.session.token_key(self.provider.name), credential, self.now, lifetime, number)

    def item_failures(self, values: Sequence[Any], about: Callable[[int], About] = lambda _index: ()) -> list[Failure]:
        """The failures that test values among an operation's items ask for, with what `about` says of each."""
        reasons = self.provider.item_reasons
        if not reasons:
            return []
        return [
            Failure(index, reasons[value], about(index))
            for index, value in enumerate(values)
            if isinstance(value, (str, int, float)) and value in reasons
        ]

    def refuse(self, problem: str, detail: str = "") -> Refusal:
        """The refusal to raise for a problem of the provider's table: what was recorded before is undone."""
        return Refusal(problem, detail)

    def refused(self, problem: str, detail: str = "") -> Answer:
        """The answer to a problem of the table, to return where a refusal leaves something behind."""
        answer = self.provider.problems.answer(Refusal(problem, detail), self.operation)
        return answer._replace(problem=problem)
