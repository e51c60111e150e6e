"""What a run is to do."""

from __future__ import annotations

from dataclasses import dataclass, replace

from contracts.target.target import Target


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is to do. `seconds` and `requests` are its budget; `only` names laws, or `schemathesis`
    (all when empty); `first` stops at the first breach. `asked` are the options that say this, but for the seed."""

    seed: int = 0
    max_examples: int = 20
    seconds: float = 60.0
    requests: float = float("inf")
    deterministic: bool = False
    deep: bool = False
    first: bool = False
    only: tuple[str, ...] = ()
    asked: str = ""

    def within(self, target: Target) -> Plan:
        """The same, within the budget that the target has of its own."""
        return replace(
            self,
            seconds=min(self.seconds, target.seconds or self.seconds),
            requests=min(self.requests, target.requests or self.requests),
        )

    def wants(self, name: str) -> bool:
        """Whether a law, or `schemathesis`, is to be judged."""
        return not self.only or any(name == only or name.startswith(f"{only}.") for only in self.only)
