"""Values that Hypothesis draws follow from the seed alone.

Since 6.131 it also draws constants that it reads in the source of every module of the project that is loaded: the same
seed would find something else after any change of the judge, or of a stub in the same process.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants


@contextlib.contextmanager
def by_seed_alone() -> Iterator[None]:
    """Draw no constants of loaded modules while the block runs. There is no setting for it (6.170.15, pinned)."""
    original = providers._get_local_constants
    none = Constants()
    providers._get_local_constants = lambda: none
    providers.CONSTANTS_CACHE.cache.clear()
    try:
        yield
    finally:
        providers._get_local_constants = original
        providers.CONSTANTS_CACHE.cache.clear()
