from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mockserver.store import Store, open_store


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Every store there is, empty."""
    opened = open_store("memory" if request.param == "memory" else f"sqlite:{tmp_path / 'store.sqlite'}")
    yield opened
    opened.close()
