"""One frozen stub with every provider; each test gets a session of its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping

import pytest

from mockserver.app import Options, build
from mockserver.web.app import Stub
from tests.client import Client

_numbers = itertools.count()

Connect = Callable[..., Client]


@pytest.fixture(scope="session")
def stub() -> Stub:
    return build(Options(rate=0), wall=lambda: 0)


@pytest.fixture
def connect(stub: Stub) -> Connect:
    """`connect("thanx", headers={…})` is a client in this test's own session."""
    session = f"test-{next(_numbers)}"

    def make(provider: str, headers: Mapping[str, str] | None = None) -> Client:
        return Client(stub, provider, session=session, headers=headers)

    return make
