"""The whole stub without a socket: providers, a store, a seed, and a wall clock to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mockserver.core.clock import SECOND, Clock
from mockserver.engine.jobs import JobKind
from mockserver.engine.playing import Playing
from mockserver.engine.provider import Provider
from mockserver.engine.session import Session
from mockserver.store.base import Store
from openapi.source import SourceError

DEFAULT_SESSION = "default"
# Where frozen time stands until somebody moves it: after every instant in the seed data, the same in every replay.
FROZEN_ORIGIN = 1_767_225_600 * SECOND  # 2026-01-01T00:00:00Z


@dataclass(frozen=True, slots=True)
class Config:
    """What a user chooses at start. `rate` is that of a new session's clock: 0 frozen, 1 real."""

    seed: int = 0
    rate: float = 1


class Engine:
    """Opens sessions; keeps nothing that the store does not hold."""

    def __init__(self, playings: Mapping[str, Playing], store: Store, config: Config, wall: Callable[[], int]) -> None:
        self.playings = playings
        self.providers = {name: playing.provider for name, playing in playings.items()}
        self.store = store
        self.config = config
        self.wall = wall
        self.kinds = _all_kinds(self.providers)
        self._sessions: dict[str, Session] = {}

    def session(self, name: str) -> Session:
        """The session of this name; a new one begins with its first request."""
        found = self._sessions.get(name)
        if found is None:
            found = Session(
                name=name,
                records=self.store.records,
                seed=self.config.seed,
                initial=self._initial,
                wall=self.wall,
                kinds=self.kinds,
            )
            self._sessions[name] = found
        return found

    def forget(self, name: str) -> None:
        """Clear a session: its jobs, clock, settings and journal."""
        self.store.clear(name)
        self._sessions.pop(name, None)

    def _initial(self, wall: int) -> Clock:
        rate = self.config.rate
        return Clock(FROZEN_ORIGIN if rate == 0 else wall, wall, rate)


def _all_kinds(providers: Mapping[str, Provider]) -> dict[str, JobKind]:
    kinds: dict[str, JobKind] = {}
    for provider in providers.values():
        for name, kind in provider.kinds.items():
            if name in kinds:
                raise SourceError(provider.name, f"another provider has a job '{name}' too", None, "rename one of them")
            kinds[name] = kind
    return kinds
