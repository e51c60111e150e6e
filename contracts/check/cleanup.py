"""Leaves nothing half-done behind: jobs that a run started are taken back where the contract has a command for it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from contracts.laws.context import Context
from contracts.laws.jobs import Driver, JobKind, drivers
from contracts.laws.snapshots import Place, Snapshot, places, snapshots
from contracts.target.breach import BrokenError
from contracts.target.budget import BudgetSpentError
from contracts.target.exchange import Exchange
from contracts.target.transport import UnreachableError

# The states that a command leads to are no reason for another command: revoking a revoked job is refused.
MOST = 200


@dataclass(slots=True)
class Cleanup:
    """An observer that remembers the request that started each job, outside of sessions of the judge's own."""

    context: Context
    kinds: Mapping[str, JobKind]
    started: dict[str, Exchange] = field(default_factory=dict)
    _places: Mapping[tuple[str, str], tuple[Place, ...]] = field(init=False)

    def __post_init__(self) -> None:
        self._places = places(self.context.subject)

    def __call__(self, exchange: Exchange) -> None:
        if exchange.session or exchange.request.method == "GET":
            return
        for job in snapshots(self._places, exchange):
            if exchange.operation not in job.lifecycle.commands:
                self.started.setdefault(job.id, exchange)

    def run(self) -> int:
        """Take back every job that a command of the contract takes back; how many were. What fails is left."""
        count = 0
        for driver in drivers(self.context, self.kinds):
            for submitted in list(self.started.values())[:MOST]:
                job = driver.seen(submitted)
                if job is not None and driver.lifecycle.commands:
                    with contextlib.suppress(UnreachableError, BudgetSpentError, BrokenError, LookupError):
                        count += _take_back(driver, submitted, job)
        return count


def _take_back(driver: Driver, submitted: Exchange, job: Snapshot) -> bool:
    """Send the first command that the job's state allows; wait for a state that allows one."""
    for state in driver.until_rest(submitted, job)[-1:]:
        for link in driver.commands(submitted):
            if state.state in driver.lifecycle.commands[link.operation]:
                return driver.command(link, submitted).status < 300
    return False
