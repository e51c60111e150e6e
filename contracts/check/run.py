"""A run of the judge: is the target there, the laws, Schemathesis, what the observers saw, the verdict."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from hypothesis.errors import Flaky, HypothesisException

from contracts.check import schemathesis
from contracts.check.cleanup import Undo
from contracts.check.coverage import Coverage
from contracts.check.preflight import reach
from contracts.check.progress import Progress
from contracts.check.redacted import redacted
from contracts.check.reproduction import Showing
from contracts.check.trace import History
from contracts.check.verdict import Result, Status, Verdict
from contracts.laws import envelope, laws_of, lifecycle, limits, monitor
from contracts.laws.context import Context, wall_clock
from contracts.laws.law import BrokenError, Law, Laws
from contracts.redaction.redactor import Redactor
from contracts.target import conformance
from contracts.target.breach import Breach, fold
from contracts.target.budget import Budget, BudgetSpentError
from contracts.target.client import Client, Matcher, NothingToSendError
from contracts.target.clock import VirtualClock
from contracts.target.control import Control, find_control, located
from contracts.target.error_text import misread
from contracts.target.exchange import Exchange
from contracts.target.interrupt import Interrupt
from contracts.target.network import Network
from contracts.target.subject import Subject
from contracts.target.target import Target
from contracts.target.transport import ForbiddenError, Observer, Transport, UnreachableError, Wire
from openapi.contract import Operation

SAFE = schemathesis.SAFE
# A request moves the controlled clock of generated cases on by so many seconds, every so many requests.
TICK_EVERY, TICK_SECONDS = 4, 3.0
# What of a run's time is kept for leaving a target as it was found, and at most how many seconds.
LEAVING_SHARE, LEAVING_SECONDS = 0.1, 20.0
# Who sends the requests of findings once more, and how long that may take.
SHOWING, SHOWING_SECONDS = "show", 10.0
# Who leaves the target as it was.
LEAVING = "leave"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is to do. `seconds` and `requests` are its budget; `only` names laws, or `schemathesis`
    (all when empty); `first` stops at the first breach. `asked` are the options that say this, but for the seed."""

    seed: int = 0
    max_examples: int = 20
    seconds: float = 60.0
    requests: float = float("inf")
    deterministic: bool = False
    deep: bool = False
    first: bool = False
    only: tuple[str, ...] = ()
    asked: str = ""


@dataclass(slots=True)
class Run:
    """One run against one target. `wire` carries the requests: the network, or a program's own."""

    subject: Subject
    target: Target
    plan: Plan
    wire: Wire = field(default_factory=Network)
    progress: Progress = field(default_factory=Progress)
    breaches: list[Breach] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    incomplete: str = ""
    # Whether the target answers nothing any more.
    gone: bool = False
    laws: Laws = field(init=False)
    redactor: Redactor = field(init=False)
    transport: Transport = field(init=False)
    client: Client = field(init=False)
    monitor: monitor.Monitor = field(init=False)
    conformance: conformance.Conformance = field(init=False)
    coverage: Coverage = field(init=False)
    watching: tuple[Observer, ...] = field(init=False)
    history: History = field(default_factory=History)
    interrupt: Interrupt = field(default_factory=Interrupt)
    control: Control | None = None
    undo: Undo | None = None
    # Tells this run from every other, also of the same seed.
    nonce: str = field(default_factory=lambda: uuid.uuid4().hex)
    # Whether another run may be at the same target with the same seed: then sessions have the nonce in their names.
    apart: bool = False
    requests: int = 0
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.plan = replace(
            self.plan,
            seconds=min(self.plan.seconds, self.target.seconds or self.plan.seconds),
            requests=min(self.plan.requests, self.target.requests or self.plan.requests),
        )
        self.laws = laws_of(self.subject.name)
        self.redactor = Redactor.of(self.subject, self.target)
        self.transport = Transport(
            self.wire,
            Budget(self.plan.seconds, self.plan.requests),
            rate=self.target.rate,
            identify=Matcher.of(self.subject, self.target.url).identify,
        )
        self.transport.interrupt = self.interrupt
        self.client = Client(self.subject, self.target, self.transport, self.laws.uses)
        self._observe()
        self.transport.observers += [self.history, *self.watching, lambda _exchange: self.progress()]
        self.progress.facts = self._so_far
        if self.plan.first:
            self.transport.observers.append(lambda _exchange: self._end_at_first())
        if not self.target.writes:
            self.transport.allowed = self._only_reads

    def execute(self) -> Verdict:
        """Judge. Raises UnreachableError or RefusedError when there is nothing to judge."""
        try:
            try:
                self._judge()
            finally:
                self.requests, self.seconds = self.transport.budget.spent, self.transport.budget.elapsed
                self._take_back()
            findings = self._show(fold([*self.breaches, *self.conformance.breaches, *self.monitor.breaches]))
        finally:
            self._forget()
            self.progress.over()
        return redacted(self._verdict(findings), self.redactor, self.history.kept)

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

    def _observe(self) -> None:
        self.monitor = monitor.Monitor(self.subject, self.plan.seed)
        self.conformance = conformance.Conformance(self.subject, self.plan.seed)
        self.coverage = Coverage(self.subject, self.monitor)
        self.watching = (self.conformance, self.monitor, self.coverage)

    def _reach(self) -> None:
        self.transport.by = "reach"
        self.progress("looks who is there")
        self.target = self.client.target = located(self.target, self.transport)
        self.transport.identify = Matcher.of(self.subject, self.target.url).identify
        self.control = find_control(self.target, self.transport, self._sessions)
        if self.control is None and self.target.writes:
            whole = Law("leave", "", "", lambda context: None, True, ())  # noqa: FBT003 - fields in their order
            self.undo = Undo(self._context(whole), self.laws.jobs)
            self.transport.observers.append(self.undo)
            self.transport.budget.kept = self._leaving
        answer = reach(self.subject, self.target.url, self._first_answer)
        self.transport.known = answer.request if answer else None

    def _first_answer(self, operation: Operation) -> Exchange | None:
        try:
            return self.transport.exchange(self.client.request(self._session("reach"), operation))
        except LookupError:
            return None

    def _session(self, name: str) -> str:
        """The base URL of a session of this run's own, or the target's."""
        return self.control.base(self.control.session(name)) if self.control else self.target.url

    @property
    def _sessions(self) -> str:
        """What the names of this run's sessions begin with."""
        return f"check-{self.plan.seed}{f'-{self.nonce[:8]}' if self.apart else ''}"

    def _end_at_first(self) -> None:
        """Let nothing more be sent once there is a finding, but what leaves the target as it was."""
        if self.transport.by in (SHOWING, LEAVING):
            return
        if self.breaches or self.conformance.breaches or self.monitor.breaches:
            self.transport.budget.ended = "it was to end with the first finding"

    def _judge_laws(self) -> None:
        wanted = [law for law in self.all_laws() if self._wanted(law.name)]
        for number, law in enumerate(wanted, 1):
            self.progress(f"law {number}/{len(wanted)} {law.name}")
            why = self._skip(law)
            if why:
                self._result(law, Status.SKIPPED, why=why)
            elif self.gone:
                self._result(law, Status.UNFINISHED, why=schemathesis.GONE)
            else:
                self._judge_law(law)
            if self._enough():
                return

    def all_laws(self) -> list[Law]:
        """Every law for this subject: of its life cycles, of its errors and limits, and the provider's own."""
        general = [*lifecycle.laws(self.subject, self.laws.jobs), *envelope.laws(self.subject)]
        return [*general, *self.laws.laws, *limits.laws(self.subject, self.laws.limit)]

    def _enough(self) -> bool:
        return self.plan.first and bool(self.breaches or self.conformance.breaches or self.monitor.breaches)

    def _wanted(self, name: str) -> bool:
        return not self.plan.only or any(name == only or name.startswith(f"{only}.") for only in self.plan.only)

    def _skip(self, law: Law) -> str:
        if law.writes and not self.target.writes:
            return "the target must not be written to"
        lacking = self.target.lacks(law.needs)
        return f"the target has no {', '.join(lacking)}" if lacking else ""

    def _judge_law(self, law: Law) -> None:
        self.transport.by = f"law {law.name}"
        before, started = self.transport.budget.spent, time.monotonic()
        last: deque[Exchange] = deque(maxlen=1)
        with self.transport.observed(last.append):
            status, why = self._outcome(law, last)
        sent = self.transport.budget.spent - before
        self._result(law, status, sent, why, time.monotonic() - started)

    def _outcome(self, law: Law, last: Sequence[Exchange]) -> tuple[Status, str]:
        """Judge one law; why it was not judged to the end, if it was not. What was found is in `breaches`."""
        try:
            context = self._context(law)
            law.judge(context)
        except BrokenError as broken:
            return self._broken(broken.breach)
        except Flaky as flaky:
            first = _first_broken(flaky)
            if first is not None:
                note = "" if self._over else " (it did not happen again when it was repeated)"
                return self._broken(replace(first.breach, message=first.breach.message + note))
            return Status.UNFINISHED, self._over or str(flaky).splitlines()[0]
        except (NothingToSendError, ForbiddenError) as error:
            return Status.SKIPPED, str(error)
        except UnreachableError as error:
            self._look_whether_gone()
            return Status.UNFINISHED, self._over or str(error)
        except (BudgetSpentError, HypothesisException) as error:
            return Status.UNFINISHED, self._over or str(error).splitlines()[0]
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            # Laws read answers as the contract describes them; where one is not so, that is a finding.
            if self.conformance.breaches:
                return Status.UNFINISHED, misread(error)
            return self._broken(self._context(law).broken(misread(error), *last).breach)
        if not context.tally.judged:
            return Status.SKIPPED, f"judged nothing: {context.tally.why or 'no answer was one that it speaks of'}"
        return Status.KEPT, ""

    def _look_whether_gone(self) -> None:
        with contextlib.suppress(BudgetSpentError):
            self.gone = self.transport.gone()
        if self.gone:
            self.incomplete = schemathesis.GONE

    @property
    def _over(self) -> str:
        """Why nothing more is asked for; what Hypothesis says of a search cut short is about something else."""
        return self.interrupt.why or self.transport.budget.over

    def _context(self, law: Law) -> Context:
        examples = max(3, self.plan.max_examples // 2)
        clock = wall_clock(self.client)
        if self.control is None:
            examples = max(1, examples // 5) if not self.plan.deep else examples
        base, session = self.target.url, ""
        context = Context(
            self.subject,
            self.client,
            self.control,
            law.name,
            law.promise,
            self.plan.seed,
            examples,
            clock,
            base,
            session,
            self.plan.deep,
            not self.plan.first,
            self.nonce,
        )
        return context.fresh()

    def _broken(self, breach: Breach) -> tuple[Status, str]:
        self.breaches.append(breach)
        return Status.BROKEN, ""

    def _result(self, law: Law, status: Status, count: int = 0, why: str = "", seconds: float = 0.0) -> None:
        kind = "lifecycle" if law.name.startswith("lifecycle.") else "law"
        self.results.append(Result(kind, law.name, law.title, "", status, count, why, seconds))

    def _judge_cases(self) -> None:
        if not self._wanted("schemathesis") or self._enough():
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
        try:
            base = self._session("cases")
            return schemathesis.run(
                self.client, base, self._settings(), progress=self._cases_progress, tick=self._ticker(base)
            )
        except (BudgetSpentError, UnreachableError) as error:
            return schemathesis.Outcome.of_nothing(str(error))

    def _settings(self) -> schemathesis.Settings:
        seconds = int(self.transport.budget.left) if self.plan.deep else None
        return schemathesis.Settings(
            self.plan.seed,
            self.plan.max_examples,
            self.plan.deterministic,
            seconds,
            self.target.writes,
            self.plan.first,
        )

    def _so_far(self) -> Iterator[str]:
        """How far the run is, in words."""
        budget, operations = self.transport.budget, self.subject.contract.operations
        breaches = [*self.breaches, *self.conformance.breaches, *self.monitor.breaches]
        found = len({(breach.check, breach.operation) for breach in breaches})
        yield f"{len({operation for operation, _ in self.coverage.statuses})} of {len(operations)} operations"
        yield f"{budget.spent} requests"
        yield f"{budget.left:.0f} s left"
        if found:
            yield f"{found} broken"

    def _cases_progress(self, phase: str, cases: int) -> None:
        self.progress(f"schemathesis {phase}, {cases} cases")

    def _ticker(self, base: str) -> Callable[[], None]:
        """Lets time pass between generated requests, so that they meet jobs in every state."""
        control = self.control
        if control is None:
            return lambda: None
        session = urlsplit(base).path.split("/")[1].removeprefix("~")
        clock = VirtualClock(lambda seconds: control.advance(session, seconds))
        counted = iter(range(1, 2**62))

        def tick() -> None:
            if next(counted) % TICK_EVERY == 0:
                clock.wait(TICK_SECONDS)

        return tick

    def _only_reads(self, method: str, url: str) -> bool:
        login = {c.login.operation for c in self.target.credentials.values() if c.login}
        own = "/_mock/" in url and self.control is not None
        return method in SAFE or own or self.transport.identify(method, url) in login

    def _allow(self, seconds: float) -> None:
        """Begin with an allowance of its own."""
        self.transport.budget = Budget(seconds, clock=self.transport.budget.clock)

    @property
    def _leaving(self) -> float:
        return min(LEAVING_SECONDS, max(1.0, LEAVING_SHARE * self.plan.seconds))

    def _take_back(self) -> None:
        """Take back the jobs that the run started; what is seen of them on the way is judged as well."""
        if self.undo is not None:
            self._leave(self.undo.run)

    def _forget(self) -> None:
        """Delete the sessions that the run used."""
        if self.control is not None:
            self._leave(self.control.forget_all)

    def _leave(self, leave: Callable[[], object]) -> None:
        """Leave nothing behind: it has an allowance of its own, and is not interrupted."""
        self._allow(self._leaving)
        self.transport.interrupt = Interrupt()
        self.transport.by = LEAVING
        self.progress("leaves the target as it was")
        if self.gone:
            return
        try:
            leave()
        except UnreachableError:
            self.incomplete = self.incomplete or "the target is gone"
        except BudgetSpentError:
            self.incomplete = self.incomplete or "there was no time to leave the target as it was"

    def _show(self, findings: Sequence[Breach]) -> tuple[Breach, ...]:
        """The findings, each with the requests that it takes to see it. What is sent for that is not judged."""
        if not findings:
            return ()
        self.transport.observers = [one for one in self.transport.observers if not self._watches(one)]
        self.progress("sends once more what was found")
        self._allow(SHOWING_SECONDS)
        self.transport.by = SHOWING
        control = None if self.plan.first or self.gone else self.control
        sequences = self.history.sequences(self.subject, self.target)
        return tuple(Showing(self.transport, control, sequences).shown(findings))

    def _watches(self, observer: Observer) -> bool:
        return any(observer is one for one in (self.history, *self.watching))

    def _verdict(self, findings: tuple[Breach, ...]) -> Verdict:
        for checks, kind, judged in (
            (conformance.CHECKS, "check", self.conformance.judged),
            (monitor.CHECKS, "lifecycle", self.monitor.judged),
        ):
            for name, title in checks.items():
                broken = any(finding.check == name for finding in findings)
                status = Status.BROKEN if broken else Status.KEPT if judged else Status.SKIPPED
                if kind != "lifecycle" or self.subject.contract.lifecycles:
                    self.results.append(Result(kind, name, title, "", status, judged))
        unfinished = next((result.why for result in self.results if result.status is Status.UNFINISHED), "")
        return Verdict(
            self.subject,
            self.target,
            (self.plan.seed,),
            tuple(self.results),
            findings,
            self.coverage.shares(),
            self.coverage.keywords.all(),
            dict(self.coverage.statuses),
            self.requests,
            self.seconds,
            self.incomplete or unfinished,
            self.plan.asked,
            self.gone,
        )


def check(
    subject: Subject, target: Target, plan: Plan, wire: Wire | None = None, progress: Progress | None = None
) -> Verdict:
    """Judge a target. Raises UnreachableError or RefusedError when there is nothing to judge."""
    return Run(subject, target, plan, wire or Network(), progress or Progress()).execute()


def _first_broken(error: BaseException) -> BrokenError | None:
    if isinstance(error, BrokenError):
        return error
    members = [*getattr(error, "exceptions", ()), error.__cause__, error.__context__]
    return next((found for member in members if member is not None and (found := _first_broken(member))), None)
