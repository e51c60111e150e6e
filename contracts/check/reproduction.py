"""Shows findings: with the requests that it takes to see them, sent once more to see whether these are enough.

Only in sessions of the judge's own: anywhere else it would leave more behind, and find another state.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from contracts.check.trace import Sequences
from contracts.target.breach import Breach
from contracts.target.budget import BudgetSpentError
from contracts.target.control import Control
from contracts.target.exchange import Exchange
from contracts.target.transport import Transport, UnreachableError

# How many findings are sent once more, and how many requests of one.
FINDINGS, REQUESTS = 30, 100


@dataclass(frozen=True, slots=True)
class Showing:
    """`control` is None where nothing may be sent once more: then a finding is shown with the least that may do."""

    transport: Transport
    control: Control | None
    sequences: Sequences

    def shown(self, findings: Sequence[Breach]) -> Iterator[Breach]:
        with self.transport.impatient():
            for number, finding in enumerate(findings):
                yield self._shown(finding, again=number < FINDINGS)

    def _shown(self, finding: Breach, *, again: bool) -> Breach:
        if not finding.exchanges:
            return finding
        evidence = finding.exchanges
        leading = self.sequences.leading_to(evidence)  # the longer ones are mostly not asked for
        finding = replace(finding, exchanges=next(leading))
        if self.control is None or not again or not evidence[0].session:
            return finding
        try:
            for sequence in chain((finding.exchanges,), leading):
                if len(sequence) <= REQUESTS and self._seen(self.control, sequence, evidence):
                    return replace(finding, exchanges=sequence, seen_again=True)
        except (BudgetSpentError, UnreachableError):
            return finding
        return replace(finding, seen_again=False)

    def _seen(self, control: Control, sequence: Sequence[Exchange], evidence: Sequence[Exchange]) -> bool:
        """Whether the evidence is the same again, in a new session of the same name."""
        control.forget(evidence[0].session)
        answers = {one.number: self.transport.exchange(one.request) for one in sequence}
        return all(_same(one, answers[one.number]) for one in evidence)


def _same(one: Exchange, other: Exchange) -> bool:
    return (one.status, one.header("content-type"), one.response.body) == (
        other.status,
        other.header("content-type"),
        other.response.body,
    )
