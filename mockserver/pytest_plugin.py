"""pytest fixtures: `mock_server`, one stub per test run, and `mock_session`, an isolated session per test.

Every pytest run in an environment that has the package loads this module: what a fixture needs is imported in it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mockserver.remote import MockSession

_numbers = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--mock-server URL` uses a stub that runs already; `--mock-seed` sets what ids derive from."""
    group = parser.getgroup("mockserver")
    group.addoption("--mock-server", metavar="URL", help="use a stub that runs already instead of starting one")
    group.addoption(
        "--mock-seed", metavar="N", type=int, default=0, help="what the stub's ids derive from (default: 0)"
    )


@pytest.fixture(scope="session")
def mock_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a stub that plays every provider; its time stands still until a test moves it."""
    running = request.config.getoption("--mock-server")
    if running:
        yield running
        return
    from mockserver.app import Options  # noqa: PLC0415  # see above
    from mockserver.threaded import serve  # noqa: PLC0415  # see above

    with serve(Options(rate=0, seed=request.config.getoption("--mock-seed"))) as url:
        yield url


@pytest.fixture
def mock_session(mock_server: str, request: pytest.FixtureRequest) -> Iterator[MockSession]:
    """A session of this test's own, forgotten when the test ends."""
    from mockserver.remote import MockSession  # noqa: PLC0415  # see above

    name = re.sub(r"[^A-Za-z0-9._-]+", "-", request.node.name)[:60]
    session = MockSession(mock_server, f"{name}-{next(_numbers)}")
    yield session
    session.delete()
