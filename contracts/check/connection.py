"""A target that is open: who sends, its control API where it has one, and how it is left as it was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from contracts.check.cleanup import Cleanup
from contracts.check.schemathesis import SAFE
from contracts.laws.context import Context, wall_clock
from contracts.laws.law import Laws
from contracts.target.client import Client
from contracts.target.control import Control, find_control
from contracts.target.target import Target


@dataclass(frozen=True, slots=True)
class Connection:
    """`control` is None for a target without sessions; `cleanup` watches what is started at one that is written to."""

    client: Client
    control: Control | None
    cleanup: Cleanup | None

    def base(self, name: str) -> str:
        """The base URL of a session of the judge's own, or the target's."""
        return self.control.base(self.control.session(name)) if self.control else self.client.target.url

    def take_back(self) -> None:
        """Take back the jobs that were started. Raises UnreachableError, BudgetSpentError."""
        if self.cleanup is not None:
            self.cleanup.run()

    def forget(self) -> None:
        """Delete the sessions that were used. Raises UnreachableError, BudgetSpentError."""
        if self.control is not None:
            self.control.forget_all()


def connect(client: Client, laws: Laws, prefix: str, seed: int) -> Connection:
    """Look for the control API; without one, watch from now on what is started. Raises UnreachableError.

    `prefix` is what the names of all sessions begin with.
    """
    control = find_control(client.target, client.transport, prefix)
    if control is not None or not client.target.writes:
        return Connection(client, control, None)
    context = Context(
        subject=client.subject,
        client=client,
        control=None,
        law="leave",
        promise="",
        seed=seed,
        examples=1,
        clock=wall_clock(client),
        base=client.target.url,
    )
    cleanup = Cleanup(context, laws.jobs)
    client.transport.observers.append(cleanup)
    return Connection(client, None, cleanup)


def only_reads(target: Target, identify: Callable[[str, str], str]) -> Callable[[str, str], bool]:
    """Whether a request, by its method and URL, only reads, logs in, or is for the control API."""
    logins = {credential.login.operation for credential in target.credentials.values() if credential.login}

    def allowed(method: str, url: str) -> bool:
        return method in SAFE or (target.control and "/_mock/" in url) or identify(method, url) in logins

    return allowed
