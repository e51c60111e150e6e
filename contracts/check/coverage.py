"""What a run exercised: operations, documented statuses, states, arrows, and keywords of the schemas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from contracts.check.keywords import Keyword, Keywords
from contracts.laws.monitor import Monitor
from contracts.target.exchange import Exchange
from contracts.target.subject import Subject


@dataclass(frozen=True, slots=True)
class Share:
    """How many there are, which were missed, and what stands beside them that cannot be judged."""

    all: int
    missed: tuple[str, ...]
    unjudged: tuple[str, ...] = ()

    @property
    def seen(self) -> int:
        return self.all - len(self.missed)

    @property
    def percent(self) -> float:
        return 100.0 if not self.all else 100 * self.seen / self.all


@dataclass(slots=True)
class Coverage:
    """An observer of exchanges. `statuses` counts answers by operation and status."""

    subject: Subject
    monitor: Monitor
    statuses: dict[tuple[str, str], int] = field(default_factory=dict)
    keywords: Keywords = field(init=False)

    def __post_init__(self) -> None:
        self.keywords = Keywords(self.subject)

    def __call__(self, exchange: Exchange) -> None:
        if exchange.operation:
            key = (exchange.operation, str(exchange.status))
            self.statuses[key] = self.statuses.get(key, 0) + 1
            self.keywords(exchange)

    def shares(self) -> Mapping[str, Share]:
        """By kind: `operations` that succeeded at least once, `statuses`, `states`, `arrows` and `keywords`."""
        operations = self.subject.contract.operations
        succeeded = {name for name, status in self.statuses if status.startswith(("2", "3"))}
        documented = [(o.id, status) for o in operations for status in o.responses if status.isdecimal()]
        lifecycles = self.subject.contract.lifecycles.items()
        states = [(at, state) for at, lifecycle in lifecycles for state in lifecycle.states]
        arrows = [(at, arrow) for at, lifecycle in lifecycles for arrow in lifecycle.arrows()]
        return {
            "operations": _share({o.id: o.id in succeeded for o in operations}),
            "statuses": _share({f"{name} {status}": (name, status) in self.statuses for name, status in documented}),
            "states": _share({state: state in self.monitor.states.get(at, ()) for at, state in states}),
            "arrows": _share(
                {
                    f"{source} -> {target}": (source, target) in self.monitor.arrows.get(at, ())
                    for at, (source, target) in arrows
                }
            ),
            "keywords": share_of(self.keywords.all()),
        }


def share_of(keywords: Iterable[Keyword]) -> Share:
    """How many keywords were exercised, and what the others lack."""
    every = tuple(keywords)
    judged = [keyword for keyword in every if not keyword.unjudged]
    return Share(
        len(judged),
        tuple(keyword.words for keyword in judged if keyword.lacks),
        tuple(keyword.words for keyword in every if keyword.unjudged),
    )


def percent(shares: Iterable[Share]) -> float:
    """How much of a contract was exercised: the mean of the kinds that it has, so that the many do not hide the few."""
    each = [share.percent for share in shares if share.all]
    return sum(each) / len(each) if each else 0.0


def _share(seen: Mapping[str, bool]) -> Share:
    return Share(len(seen), tuple(name for name, was in seen.items() if not was))
