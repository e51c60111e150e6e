"""A verdict as it is shown: its evidence and its words without what the contract does not pin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from contracts.check.verdict import Verdict
from contracts.redaction.redactor import Redactor
from contracts.target.exchange import Exchange


def redacted(verdict: Verdict, redactor: Redactor, seen: Iterable[Exchange]) -> Verdict:
    """The verdict with its exchanges redacted, and its messages, which may repeat any of the exchanges seen."""
    evidence = [tuple(map(redactor.exchange, finding.exchanges)) for finding in verdict.findings]
    if evidence or verdict.incomplete:
        for exchange in seen:
            redactor.exchange(exchange)
    return replace(
        verdict,
        findings=tuple(
            replace(finding, exchanges=exchanges, message=redactor.message(finding.message))
            for finding, exchanges in zip(verdict.findings, evidence, strict=True)
        ),
        results=tuple(replace(result, why=redactor.message(result.why)) for result in verdict.results),
        incomplete=redactor.message(verdict.incomplete),
        placeholders=redactor.placeholders,
    )
