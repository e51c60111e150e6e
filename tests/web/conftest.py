"""One frozen stub that plays Thanx next to others; each test has sessions of its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from mockserver.app import Options, build
from mockserver.web.app import Stub
from tests.client import Client
from tests.server import THANX

_numbers = itertools.count()

Connect = Callable[[], Client]


@pytest.fixture(scope="session")
def stub() -> Stub:
    return build(Options(rate=0, providers=("thanx", "elastic_path")), wall=lambda: 0)


@pytest.fixture
def connect(stub: Stub) -> Connect:
    """Each call is a Thanx client in a session of its own."""
    return lambda: Client(stub, "thanx", session=f"web-{next(_numbers)}", headers=THANX)


@pytest.fixture
def thanx(connect: Connect) -> Client:
    return connect()
