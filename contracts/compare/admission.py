"""The overlay for all that breaks the contract, and what no overlay should admit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.compare.amendment import Amendment
from contracts.compare.drift import Drift
from contracts.target.subject import Subject

# How often all answers are gone through until the document admits every one.
PASSES = 3


@dataclass(frozen=True, slots=True)
class Admission:
    """An overlay, None where there is nothing to change; and why it does not admit a drift, by the key of that."""

    overlay: dict[str, Any] | None = None
    refused: dict[tuple[object, ...], str] = field(default_factory=dict)


def admitting(subject: Subject, drifts: Sequence[Drift]) -> Admission:
    """The smallest change that makes documented what breaks the contract, as far as it leaves a valid document."""
    broken = [drift for drift in drifts if drift.breaks]
    # What a life cycle says of a state comes first: a state in a schema alone is half a state.
    broken.sort(key=lambda drift: drift.kind != "states")
    known = Amendment.of(subject.contract).faults()
    amendment, refused = _amended(subject, broken)
    if not amendment.faults() <= known:
        kept: list[Drift] = []
        invalid: dict[tuple[object, ...], str] = {}
        for drift in broken:
            faults = _amended(subject, [*kept, drift])[0].faults() - known
            if faults:
                invalid[drift.key] = f"the document would not be valid: {min(faults)}"
            else:
                kept.append(drift)
        amendment, refused = _amended(subject, kept)
        refused |= invalid
    overlay = amendment.overlay(f"What the servers of {subject.name} do") if amendment.actions else None
    return Admission(overlay, refused)


def _amended(subject: Subject, drifts: Iterable[Drift]) -> tuple[Amendment, dict[tuple[object, ...], str]]:
    """The contract with all changes that these drifts need, and those that it does not admit."""
    amendment = Amendment.of(subject.contract)
    refused: dict[tuple[object, ...], str] = {}
    for _ in range(PASSES):  # what admits one answer may get into the way of another
        before = len(amendment.actions)
        refused = {drift.key: why for drift in drifts if (why := _admit(amendment, drift))}
        if len(amendment.actions) == before:
            break
    return amendment, refused


def _admit(amendment: Amendment, drift: Drift) -> str:
    """Change what one drift needs; why it is not admitted, or "". Then nothing is changed."""
    if drift.kind == "answer":
        return "no answer is no promise"
    if drift.check:
        return "it is what the life cycle means by its counts and instants"
    before = amendment.state()
    # The shortest first: it may become an example.
    answers = sorted(drift.breaking, key=lambda exchange: len(exchange.response.body))
    why = [amendment.admit(exchange) for exchange in answers]
    why += [amendment.allow(drift.job, walk) for walk in drift.walks if drift.job is not None]
    if any(why):
        amendment.restore(before)
    return next(filter(None, why), "")
