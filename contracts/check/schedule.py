"""Which laws there are for a contract, in which order they are judged, and which of them a target cannot be held to."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.check.plan import Plan
from contracts.check.schemathesis import GENERATED
from contracts.laws import envelope, lifecycle, limits, unknown
from contracts.laws.law import Law, Laws
from contracts.target.subject import Subject
from contracts.target.target import Target, TargetError
from openapi.source import nearest


def every_law(subject: Subject, laws: Laws) -> tuple[Law, ...]:
    """The laws of a contract's life cycles, of its errors and unknown ids, the provider's own, and of its limits."""
    general = (*lifecycle.laws(subject, laws.jobs), *envelope.laws(subject), *unknown.laws(subject))
    return (*general, *laws.laws, *limits.laws(subject, laws.limit))


def skip_reason(law: Law, target: Target) -> str:
    """Why a target cannot be held to a law; "" where it can."""
    if law.writes and not target.writes:
        return "the target must not be written to"
    lacking = target.lacks(law.needs)
    return f"the target has no {', '.join(lacking)}" if lacking else ""


def check_selection(laws: Sequence[Law], plan: Plan) -> None:
    """Raises TargetError for an `--only` that names nothing: that would be a green run that judged nothing."""
    names = [law.name for law in laws] + [GENERATED]
    for only in plan.only:
        if not any(Plan(only=(only,)).wants(name) for name in names):
            raise TargetError(f"there is no law '{only}' ({nearest(only, names)})")
