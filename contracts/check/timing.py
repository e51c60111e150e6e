"""The time of libraries that search for what breaks: it passes with the requests of the run alone.

Hypothesis looks for further failures for ten seconds after the first one, shrinks for a while, and gives up where
drawing is slow; Schemathesis shares `max-time` out among phases and operations. By the wall clock a busy machine would
look less far than an idle one, and a replay further than the run that it repeats. The time when the last request was
over is in the recording too.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from types import ModuleType, SimpleNamespace

from hypothesis.internal.conjecture import data, engine

# How long one failure is made smaller, in seconds; Hypothesis' own five minutes are many times a run.
SHRINKING = 10


@contextlib.contextmanager
def by_requests_alone(clock: Callable[[], float], *modules: ModuleType) -> Iterator[None]:
    """Let `clock` be the time of Hypothesis and of these modules while the block runs; there is no setting for it.

    The modules are those that read no more of `time` than how it passes (hypothesis 6.170.15, pinned).
    """
    time = SimpleNamespace(monotonic=clock, perf_counter=clock)
    with contextlib.ExitStack() as stack:
        for module in (engine, data, *modules):
            stack.callback(setattr, module, "time", module.time)
            module.time = time  # type: ignore[attr-defined]  # a module's attribute that only its code knows
        stack.callback(setattr, engine, "MAX_SHRINKING_SECONDS", engine.MAX_SHRINKING_SECONDS)
        engine.MAX_SHRINKING_SECONDS = SHRINKING
        yield
