"""What becomes of one law: kept, broken, not judged, or not judged to the end."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hypothesis.errors import Flaky, HypothesisException

from contracts.check.verdict import Status
from contracts.laws.context import Context
from contracts.laws.law import Law
from contracts.target.breach import Breach, BrokenError
from contracts.target.budget import BudgetSpentError
from contracts.target.client import NothingToSendError
from contracts.target.error_text import misread
from contracts.target.exchange import Exchange
from contracts.target.transport import ForbiddenError, UnreachableError


@dataclass(frozen=True, slots=True)
class Judgement:
    """`why` explains a law that was not judged to the end; `breach` is there when it is broken. `unanswered`: the
    target gave no answer."""

    status: Status
    why: str = ""
    breach: Breach | None = None
    unanswered: bool = False


def judged(law: Law, context: Context, conforms: Callable[[], bool]) -> Judgement:
    """Judge one law, in a session of its own where the target has them.

    `conforms` says whether every answer so far was a documented one.

    What Hypothesis says of a search that the end of the budget cut short is about something else: the budget explains
    it.
    """
    last: deque[Exchange] = deque(maxlen=1)
    budget = context.client.transport.budget
    with context.client.transport.observed(last.append):
        try:
            law.judge(context.fresh())
        except BrokenError as broken:
            return _broken(broken.breach)
        except Flaky as flaky:
            return _flaky(flaky, budget.over)
        except (NothingToSendError, ForbiddenError) as error:
            return Judgement(Status.SKIPPED, str(error))
        except UnreachableError as error:
            return Judgement(Status.UNFINISHED, budget.over or str(error), unanswered=True)
        except (BudgetSpentError, HypothesisException) as error:
            return Judgement(Status.UNFINISHED, budget.over or str(error).splitlines()[0])
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            return _misread(error, context, last, conforms=conforms())
    if not context.tally.judged:
        why = f"judged nothing: {context.tally.why or 'no answer was one that it speaks of'}"
        return Judgement(Status.SKIPPED, why)
    return Judgement(Status.KEPT)


def _broken(breach: Breach) -> Judgement:
    return Judgement(Status.BROKEN, breach=breach)


def _flaky(flaky: Flaky, over: str) -> Judgement:
    first = _first_broken(flaky)
    if first is None:
        return Judgement(Status.UNFINISHED, over or str(flaky).splitlines()[0])
    note = "" if over else " (it did not happen again when it was repeated)"
    return _broken(replace(first.breach, message=first.breach.message + note))


def _misread(error: Exception, context: Context, last: Sequence[Exchange], *, conforms: bool) -> Judgement:
    """Laws read answers as the contract describes them; where one is not so, that is a finding, but one is enough."""
    if not conforms:
        return Judgement(Status.UNFINISHED, misread(error))
    return _broken(context.broken(misread(error), *last).breach)


def _first_broken(error: BaseException) -> BrokenError | None:
    if isinstance(error, BrokenError):
        return error
    members = [*getattr(error, "exceptions", ()), error.__cause__, error.__context__]
    return next((found for member in members if member is not None and (found := _first_broken(member))), None)
