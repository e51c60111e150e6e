"""What a run exercised: operations, documented statuses, states, arrows, and keywords of the schemas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from contracts.check.exchange import Exchange
from contracts.check.subject import Subject
from contracts.laws.monitor import Monitor


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, and which were missed."""

    seen: int
    all: int
    missed: tuple[str, ...]

    @property
    def percent(self) -> float:
        return 100.0 if not self.all else 100 * self.seen / self.all


@dataclass(slots=True)
class Coverage:
    """An observer of exchanges. `statuses` counts answers by operation and status."""

    subject: Subject
    monitor: Monitor
    statuses: dict[tuple[str, str], int] = field(default_factory=dict)

    def __call__(self, exchange: Exchange) -> None:
        if exchange.operation:
            key = (exchange.operation, str(exchange.status))
            self.statuses[key] = self.statuses.get(key, 0) + 1

    def shares(self) -> Mapping[str, Share]:
        """By kind: `operations` that succeeded at least once, `statuses`, `states` and `arrows`."""
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
            "arrows": _share({
                f"{source} -> {target}": (source, target) in self.monitor.arrows.get(at, ())
                for at, (source, target) in arrows
            }),
        }  # fmt: skip

    @property
    def percent(self) -> float:
        """The share of everything that could be seen."""
        shares = self.shares().values()
        return 100 * sum(s.seen for s in shares) / max(1, sum(s.all for s in shares))


def _share(seen: Mapping[str, bool]) -> Share:
    return Share(sum(seen.values()), len(seen), tuple(name for name, was in seen.items() if not was))
