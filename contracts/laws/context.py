"""What a law gets: a way to send requests, the target's data and time, and a search for what breaks it."""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from hypothesis.strategies import SearchStrategy

from contracts.target.breach import Breach, BrokenError, Key
from contracts.target.budget import Budget
from contracts.target.client import UNSET, Client
from contracts.target.clock import Clock, VirtualClock, WallClock
from contracts.target.control import Control
from contracts.target.exchange import Exchange, Request
from contracts.target.subject import Subject
from openapi.library import Address

# How long a value that breaks a law is made smaller, in seconds, and how much of a run's time that may take.
SHRINKING, SHARE = 60.0, 0.1


@dataclass(slots=True)
class Tally:
    """How often a law judged an answer, in whatever session; `why` says why it could not."""

    judged: int = 0
    why: str = ""


@dataclass(slots=True)
class Capped:
    """Examines values, and when the first that breaks the law is old enough, none that is not known to break it.

    So Hypothesis comes to the end of shrinking, which on a slow target takes it five minutes, and shows the smallest
    value that it has found.
    """

    examine: Callable[[Any], None]
    budget: Budget
    until: float = math.inf
    broken: dict[str, BrokenError] = field(default_factory=dict)

    def __call__(self, value: Any) -> None:
        """Raises BrokenError for a value that breaks the law."""
        if self.budget.clock() >= self.until:
            if known := self.broken.get(repr(value)):
                raise known
            return
        try:
            self.examine(value)
        except BrokenError as error:
            self.until = min(self.until, self.budget.clock() + min(SHRINKING, SHARE * self.budget.usable))
            self.broken[repr(value)] = error
            raise


@dataclass(slots=True)
class Context:
    """One law's view of the target. `examples` is how many cases a search tries; `data` are the target's ids; `nonce`
    tells this run from every other, also of the same seed.

    Every context that `fresh` gives is a session of its own where the target has them: nothing that another law did
    is seen there, and its clock stands still until the law moves it.
    """

    subject: Subject
    client: Client
    control: Control | None
    law: str
    promise: str
    seed: int
    examples: int
    clock: Clock
    base: str
    session: str = ""
    deep: bool = False
    shrinks: bool = True
    nonce: str = ""
    tally: Tally = field(default_factory=Tally)
    _numbers: Iterator[int] = field(default_factory=itertools.count, repr=False)

    @property
    def data(self) -> Mapping[str, Any]:
        return self.client.target.data

    def fresh(self) -> Context:
        """The same law in an untouched session; this very context where the target has no sessions."""
        if self.control is None:
            return self
        control = self.control
        session = control.session(f"{self.law}-{next(self._numbers)}")
        clock = VirtualClock(lambda seconds: control.advance(session, seconds))
        return replace(self, base=control.base(session), session=session, clock=clock)

    def call(
        self,
        operation: str,
        *,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        body: Any = UNSET,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        credential: str | None = "default",
    ) -> Exchange:
        """Send an operation. A required parameter or body that is not given comes from the target's data.

        Raises UnreachableError, BudgetSpentError.
        """
        return self.send(
            self.client.request(
                self.base,
                self.subject.operation(operation),
                path=path,
                query=query,
                headers=headers,
                body=body,
                form=form,
                content=content,
                credential=credential,
            )
        )

    def send(self, request: Request) -> Exchange:
        """Send a request as it is; its URL is absolute, as from a link in an answer."""
        return self.client.transport.exchange(request)

    def together(self, calls: list[Callable[[], Exchange]]) -> list[Exchange]:
        """Do several calls at the same time; the answers in the order of the calls."""
        return self.client.transport.together(calls)

    def expect(self, condition: object, message: str, *exchanges: Exchange, promise: str = "") -> None:
        """Raise BrokenError unless the condition holds. The exchanges are the evidence, in the order of sending."""
        self.tally.judged += 1
        if not condition:
            raise self.broken(message, *exchanges, promise=promise)

    def broken(
        self,
        message: str,
        *exchanges: Exchange,
        promise: str | Address = "",
        operation: str = "",
        check: str = "",
        subject: tuple[str, ...] = (),
    ) -> BrokenError:
        """What to raise of a law that does not hold, in the words of this law where nothing else is said.

        `operation` is the one of the last exchange, unless it is given; `subject` tells breaches of one promise apart.
        """
        ordered = tuple(sorted(exchanges, key=lambda exchange: exchange.number))
        promise = promise or self.promise
        return BrokenError(
            Breach(
                check=check or self.law,
                operation=operation or (ordered[-1].operation if ordered else ""),
                promise=promise,
                message=message,
                exchanges=ordered,
                seed=self.seed,
                key=Key(promise, subject=subject),
            )
        )

    def spare(self, why: str) -> None:
        """Say why there is nothing to judge. A law that never judges is reported as skipped, with this."""
        self.tally.why = why

    def search(self, strategy: SearchStrategy[Any], examine: Callable[[Any], None], examples: int = 0) -> None:
        """Let Hypothesis look for a value that breaks the law, and shrink it. Raises that value's BrokenError."""
        capped = Capped(examine, self.client.transport.budget)

        @hypothesis.seed(self.derived_seed)
        @self.settings(examples)
        @hypothesis.given(strategy)
        def searched(value: Any) -> None:
            capped(value)

        searched()

    def machine(self, machine: Callable[[], RuleBasedStateMachine], steps: int = 30, examples: int = 0) -> None:
        """Let Hypothesis look for a sequence of steps that breaks the law, and shrink it."""

        def factory() -> RuleBasedStateMachine:
            return machine()

        hypothesis.seed(self.derived_seed)(factory)
        settings = hypothesis.settings(self.settings(examples), stateful_step_count=steps)
        run_state_machine_as_test(cast("type[RuleBasedStateMachine]", factory), settings=settings)

    def settings(self, examples: int = 0) -> hypothesis.settings:
        """As many examples as the run allows; failures are shrunk, nothing is read from or left in a database."""
        return hypothesis.settings(
            max_examples=max(1, examples or self.examples),
            database=None,
            deadline=None,
            derandomize=False,
            report_multiple_bugs=False,
            phases=(Phase.generate, Phase.shrink) if self.shrinks else (Phase.generate,),
            suppress_health_check=list(HealthCheck),
            print_blob=False,
            verbosity=hypothesis.Verbosity.quiet,
        )

    @property
    def derived_seed(self) -> int:
        """The law's own seed: laws must not all draw the same values."""
        digest = hashlib.sha256(f"{self.seed}/{self.law}".encode()).digest()
        return int.from_bytes(digest[:8], "big")


def wall_clock(client: Client) -> WallClock:
    """Real time, waited for within the run's budget."""
    return WallClock(client.transport.sleep, client.transport.budget.clock)
