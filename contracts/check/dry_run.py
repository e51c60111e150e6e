"""`--dry-run`: what a run would send, without sending anything."""

from __future__ import annotations

from collections.abc import Iterator

import requests

from contracts.check.plan import Plan
from contracts.check.run import Run
from contracts.check.schedule import skip_reason
from contracts.check.schemathesis import SAFE
from contracts.check.shell import curl
from contracts.target.subject import Subject
from contracts.target.target import Target
from contracts.target.transport import ForbiddenError


def dry_run(subject: Subject, target: Target, plan: Plan) -> Iterator[str]:
    """The target and its limits, one request of each operation, and every law with what it needs."""
    run = Run(subject, target, plan, wire=_Nothing())
    yield f"{subject.name} at {target.url}: {'reads and writes' if target.writes else 'reads only'}"
    budget = run.transport.budget
    limits = [f"{budget.seconds:.0f} s", f"{budget.requests:.0f} requests" if budget.requests < 1e9 else ""]
    limits.append(f"{target.rate:g} requests a second" if target.rate else "")
    yield f"at most {', '.join(filter(None, limits))}; {plan.max_examples} examples per operation and phase"
    yield ""
    for operation in subject.contract.operations:
        if not target.writes and operation.method not in SAFE:
            yield f"not sent: {operation.method} {operation.path} ({operation.id}) could change something"
            continue
        try:
            request = run.client.request(target.url, operation)
        except (LookupError, ForbiddenError) as error:
            yield f"generated only: {operation.method} {operation.path} ({operation.id}): {error}"
            continue
        yield curl(run.redactor.request(request, operation.id), run.redactor.placeholders)
    yield ""
    for law in run.all_laws():
        why = skip_reason(law, target)
        yield f"{'skip ' + law.name + ' (' + why + ')' if why else 'law  ' + law.name}: {law.title}"


class _Nothing:
    """A wire that carries nothing."""

    def send(self, _request: requests.PreparedRequest, _timeout: float, /) -> requests.Response:
        raise ForbiddenError("a dry run sends nothing, and this needs a login first")
