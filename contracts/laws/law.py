"""A law: what must hold across several requests, where the contract alone cannot say it.

A law is a function that gets a `Context`, sends requests and calls `context.expect`. A module of laws is

    laws = Laws()

    @laws.law("T20", needs=("merchant_id", "campaign_id", "variant_id"))
    def same_key_gets_the_first_answer(context: Context) -> None:
        '''The same key and body get the first answer, and start no second job.'''

The promise is what the law holds the server to: the number of a fact, an operationId, or a JSON Pointer into the
contract; a finding shows its file and line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from contracts.laws.context import Context
from contracts.laws.jobs import JobKind

Judge = Callable[[Context], None]


@dataclass(frozen=True, slots=True)
class Law:
    """One law. `writes`: it changes something at the target; `needs`: names of target data, or `credential:NAME`."""

    name: str
    title: str
    promise: str
    judge: Judge = field(repr=False)
    writes: bool = True
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limit:
    """A documented rate limit: so many requests in so many seconds. `promise` is the fact that says so."""

    promise: str
    requests: int
    seconds: float


@dataclass(slots=True)
class Laws:
    """The laws of one provider, in the order of the file.

    `uses` says which name of target data a parameter or body property takes, where the names differ:
    `{"getCampaign.id": "campaign_id"}`, or `{"id": ...}` for every operation. `jobs` says how a kind of job is
    submitted and read where the contract's links and examples do not; by the name of the schema with `x-lifecycle`.
    `limit` is the documented rate limit that is soonest reached.
    """

    laws: list[Law] = field(default_factory=list)
    uses: Mapping[str, str] = field(default_factory=dict)
    jobs: Mapping[str, JobKind] = field(default_factory=dict)
    limit: Limit | None = None

    def law(self, promise: str, *, writes: bool = True, needs: tuple[str, ...] = ()) -> Callable[[Judge], Judge]:
        """Register the decorated function; its name is the law's, its docstring's first line the law's title."""

        def register(judge: Judge) -> Judge:
            name = judge.__name__.replace("_", "-")
            title = (judge.__doc__ or name).strip().splitlines()[0]
            self.laws.append(Law(name, title, promise, judge, writes, needs))
            return judge

        return register
