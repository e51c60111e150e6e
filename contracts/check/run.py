"""A run of the judge: is the target there, the laws, generated cases, what was seen on the way, the verdict."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from contracts.check import schemathesis
from contracts.check.connection import Connection, connect, only_reads
from contracts.check.judgement import judged
from contracts.check.observation import Observation
from contracts.check.plan import Plan
from contracts.check.preflight import reach
from contracts.check.progress import Progress
from contracts.check.redacted import redacted
from contracts.check.reproduction import Showing
from contracts.check.schedule import every_law, skip_reason
from contracts.check.trace import History
from contracts.check.verdict import Result, Status, Verdict
from contracts.laws import laws_of
from contracts.laws.context import Context, wall_clock
from contracts.laws.law import Law, Laws
from contracts.redaction.redactor import Redactor
from contracts.target.breach import Breach, fold
from contracts.target.budget import Budget, BudgetSpentError
from contracts.target.client import Client, Matcher
from contracts.target.clock import VirtualClock
from contracts.target.control import located
from contracts.target.exchange import Exchange
from contracts.target.interrupt import Interrupt
from contracts.target.network import Network
from contracts.target.subject import Subject
from contracts.target.target import Target
from contracts.target.transport import Transport, UnreachableError, Wire
from openapi.contract import Operation

# A request moves the controlled clock of generated cases on by so many seconds, every so many requests.
TICK_EVERY, TICK_SECONDS = 4, 3.0
# What of a run's time is kept for leaving a target as it was found, and at most how many seconds.
LEAVING_SHARE, LEAVING_SECONDS = 0.1, 20.0
# Who sends the requests of findings once more, and how long that may take.
SHOWING, SHOWING_SECONDS = "show", 10.0
# Who leaves the target as it was.
LEAVING = "leave"
# What looking for the provider below a URL may take.
FINDING_SECONDS = 60.0


@dataclass(slots=True)
class Run:
    """One run against one target. `wire` carries the requests: the network, or a program's own.

    `nonce` tells this run from every other, also of the same seed. `apart`: another run may be at the same target with
    the same seed; then sessions have the nonce in their names.
    """

    subject: Subject
    target: Target
    plan: Plan
    wire: Wire = field(default_factory=Network)
    progress: Progress = field(default_factory=Progress)
    interrupt: Interrupt = field(default_factory=Interrupt)
    nonce: str = field(default_factory=lambda: uuid.uuid4().hex)
    apart: bool = False
    breaches: list[Breach] = field(default_factory=list, init=False)
    results: list[Result] = field(default_factory=list, init=False)
    # Why something was not judged to the end, and whether that is because the target answers nothing any more.
    incomplete: str = field(default="", init=False)
    gone: bool = field(default=False, init=False)
    laws: Laws = field(init=False)
    redactor: Redactor = field(init=False)
    transport: Transport = field(init=False)
    client: Client = field(init=False)
    connection: Connection = field(init=False)
    observation: Observation = field(init=False)
    history: History = field(default_factory=History, init=False)

    def __post_init__(self) -> None:
        self.plan = self.plan.within(self.target)
        self.laws = laws_of(self.subject.name)
        self.redactor = Redactor.of(self.subject, self.target)
        self.observation = Observation.of(self.subject, self.plan.seed)
        identify = Matcher.of(self.subject, self.target.url).identify
        self.transport = Transport(
            self.wire,
            Budget(self.plan.seconds, self.plan.requests, interrupt=self.interrupt),
            rate=self.target.rate,
            identify=identify,
            allowed=(lambda method, url: True) if self.target.writes else only_reads(self.target, identify),
            observers=[self.history, self.observation, self._follow],
        )
        self.client = Client(self.subject, self.target, self.transport, self.laws.uses)
        self.connection = Connection(self.client, None, None)
        self.progress.facts = self._so_far

    def execute(self) -> Verdict:
        """Judge. Raises UnreachableError or RefusedError when there is nothing to judge."""
        try:
            try:
                self._judge()
            finally:
                requests, seconds = self.transport.budget.spent, self.transport.budget.elapsed
                if self.connection.cleanup is not None:
                    self._leave(self.connection.take_back)
            findings = self._show(fold(self._found()))
        finally:
            if self.connection.control is not None:
                self._leave(self.connection.forget)
            self.progress.over()
        return redacted(self._verdict(findings, requests, seconds), self.redactor, self.history.kept)

    def all_laws(self) -> tuple[Law, ...]:
        """Every law for this subject, in the order in which they are judged."""
        return every_law(self.subject, self.laws)

    def _judge(self) -> None:
        try:
            self._reach()
            self._judge_laws()
            self._judge_cases()
        except BudgetSpentError as spent:
            self.incomplete = self.incomplete or str(spent)
        if self.gone and self.transport.silent_since:
            self.incomplete = f"{schemathesis.GONE}; the first request without an answer: {self.transport.silent_since}"
        self.incomplete = self.interrupt.why or self.incomplete

    def _reach(self) -> None:
        """Look who is there."""
        self.progress("looks who is there")
        prefix = f"check-{self.plan.seed}{f'-{self.nonce[:8]}' if self.apart else ''}"
        with self.transport.sending_as("reach"):
            self.connection = connect(self.client, self.laws, prefix, self.plan.seed)
            if self.connection.cleanup is not None:
                self.transport.budget.kept = self._leaving
            answer = reach(self.subject, self.target, self._first_answer)
        self.transport.known = answer.request if answer else None

    def _first_answer(self, operation: Operation) -> Exchange | None:
        try:
            return self.transport.exchange(self.client.request(self.connection.base("reach"), operation))
        except LookupError:
            return None

    def _found(self) -> list[Breach]:
        return [*self.breaches, *self.observation.breaches]

    def _follow(self, _exchange: Exchange) -> None:
        """Say how far the run is; with `first`, let nothing more be sent once there is a finding."""
        self.progress()
        if self.plan.first and self.transport.by not in (SHOWING, LEAVING) and self._found():
            self.transport.budget.ended = "it was to end with the first finding"

    def _judge_laws(self) -> None:
        laws = [law for law in self.all_laws() if self.plan.wants(law.name)]
        for number, law in enumerate(laws, 1):
            self.progress(f"law {number}/{len(laws)} {law.name}")
            self._judge_law(law)
            if self._enough():
                return

    def _enough(self) -> bool:
        return self.plan.first and bool(self._found())

    def _judge_law(self, law: Law) -> None:
        if why := skip_reason(law, self.target):
            self._result(law, Status.SKIPPED, why=why)
        elif self.gone:
            self._result(law, Status.UNFINISHED, why=schemathesis.GONE)
        else:
            budget = self.transport.budget
            spent, started = budget.spent, time.monotonic()
            with self.transport.sending_as(f"law {law.name}"):
                judgement = judged(law, self._context(law), lambda: not self.observation.conformance.breaches)
                if judgement.unanswered:
                    self._look_whether_gone()
            if judgement.breach is not None:
                self.breaches.append(judgement.breach)
            self._result(law, judgement.status, budget.spent - spent, judgement.why, time.monotonic() - started)

    def _look_whether_gone(self) -> None:
        with contextlib.suppress(BudgetSpentError):
            self.gone = self.transport.gone()
        if self.gone:
            self.incomplete = schemathesis.GONE

    def _context(self, law: Law) -> Context:
        control = self.connection.control
        examples = max(3, self.plan.max_examples // 2)
        if control is None and not self.plan.deep:
            examples = max(1, examples // 5)
        return Context(
            subject=self.subject,
            client=self.client,
            control=control,
            law=law.name,
            promise=law.promise,
            seed=self.plan.seed,
            examples=examples,
            clock=wall_clock(self.client),
            base=self.target.url,
            deep=self.plan.deep,
            shrinks=not self.plan.first,
            nonce=self.nonce,
        )

    def _result(self, law: Law, status: Status, count: int = 0, why: str = "", seconds: float = 0.0) -> None:
        kind = "lifecycle" if law.name.startswith("lifecycle.") else "law"
        self.results.append(Result(kind, law.name, law.title, "", status, count, why, seconds))

    def _judge_cases(self) -> None:
        if not self.plan.wants(schemathesis.GENERATED) or self._enough():
            return
        outcome = self._cases()
        self.gone = self.gone or outcome.gone
        self.breaches += outcome.breaches
        self.incomplete = outcome.why or self.incomplete
        for phase, why in outcome.unfinished.items():
            title = f"Requests are generated in the phase {phase}"
            self.results.append(Result("check", f"schemathesis {phase}", title, "", Status.UNFINISHED, 0, why))
        for (operation, check), (kept, broken) in sorted(outcome.checks.items()):
            status = Status.BROKEN if broken else Status.KEPT
            self.results.append(Result("check", check, check.replace("_", " "), operation, status, kept + broken))

    def _cases(self) -> schemathesis.Outcome:
        if self.gone:
            return schemathesis.Outcome.of_nothing(schemathesis.GONE)
        settings = schemathesis.Settings(
            seed=self.plan.seed,
            max_examples=self.plan.max_examples,
            deterministic=self.plan.deterministic,
            seconds=int(self.transport.budget.left) if self.plan.deep else None,
            writes=self.target.writes,
            first=self.plan.first,
        )
        try:
            base = self.connection.base("cases")
            return schemathesis.run(self.client, base, settings, progress=self._cases_progress, tick=self._ticker(base))
        except (BudgetSpentError, UnreachableError) as error:
            return schemathesis.Outcome.of_nothing(str(error))

    def _so_far(self) -> Iterator[str]:
        """How far the run is, in words."""
        budget, operations = self.transport.budget, self.subject.contract.operations
        found = len({(breach.check, breach.operation) for breach in self._found()})
        answered = {operation for operation, _ in self.observation.coverage.statuses}
        yield f"{len(answered)} of {len(operations)} operations"
        yield f"{budget.spent} requests"
        yield f"{budget.left:.0f} s left"
        if found:
            yield f"{found} broken"

    def _cases_progress(self, phase: str, cases: int) -> None:
        self.progress(f"schemathesis {phase}, {cases} cases")

    def _ticker(self, base: str) -> Callable[[], None]:
        """Lets time pass between generated requests, so that they meet jobs in every state."""
        control = self.connection.control
        if control is None:
            return lambda: None
        session = urlsplit(base).path.split("/")[1].removeprefix("~")
        clock = VirtualClock(lambda seconds: control.advance(session, seconds))
        counted = iter(range(1, 2**62))

        def tick() -> None:
            if next(counted) % TICK_EVERY == 0:
                clock.wait(TICK_SECONDS)

        return tick

    @property
    def _leaving(self) -> float:
        return min(LEAVING_SECONDS, max(1.0, LEAVING_SHARE * self.plan.seconds))

    def _leave(self, leave: Callable[[], object]) -> None:
        """Leave nothing behind; what is seen of jobs on the way is judged as well."""
        self.progress("leaves the target as it was")
        if self.gone:
            return
        try:
            with self.transport.allowance(self._leaving, by=LEAVING):
                leave()
        except UnreachableError:
            self.incomplete = self.incomplete or "the target is gone"
        except BudgetSpentError:
            self.incomplete = self.incomplete or "there was no time to leave the target as it was"

    def _show(self, findings: Sequence[Breach]) -> tuple[Breach, ...]:
        """The findings, each with the requests that it takes to see it. What is sent for that is not judged."""
        if not findings:
            return ()
        self.progress("sends once more what was found")
        control = None if self.plan.first or self.gone else self.connection.control
        sequences = self.history.sequences(self.subject, self.target)
        with (
            self.transport.allowance(SHOWING_SECONDS, by=SHOWING),
            self.transport.without(self.history, self.observation),
        ):
            return tuple(Showing(self.transport, control, sequences).shown(findings))

    def _verdict(self, findings: tuple[Breach, ...], requests: int, seconds: float) -> Verdict:
        results = (*self.results, *self.observation.results(findings))
        unfinished = next((result.why for result in results if result.status is Status.UNFINISHED), "")
        coverage = self.observation.coverage
        return Verdict(
            subject=self.subject,
            target=self.target,
            seeds=(self.plan.seed,),
            results=results,
            findings=findings,
            coverage=coverage.shares(),
            keywords=coverage.keywords.all(),
            statuses=dict(coverage.statuses),
            requests=requests,
            seconds=seconds,
            incomplete=self.incomplete or unfinished,
            asked=self.plan.asked,
            gone=self.gone,
        )


def check(
    subject: Subject, target: Target, plan: Plan, wire: Wire | None = None, progress: Progress | None = None
) -> Verdict:
    """Judge a target. Raises UnreachableError or RefusedError when there is nothing to judge."""
    wire = wire or Network()
    return Run(subject, find(target, wire), plan, wire, progress or Progress()).execute()


def find(target: Target, wire: Wire | None = None, interrupt: Interrupt | None = None) -> Target:
    """The target with the provider's own base URL: see `located`. Raises TargetError, UnreachableError."""
    budget = Budget(target.seconds or FINDING_SECONDS, interrupt=interrupt or Interrupt())
    return located(target, Transport(wire or Network(), budget, rate=target.rate))
