"""What every test shares: how long Hypothesis searches, and a frozen stub with a session per test."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

from mockserver.app import Options, build
from mockserver.web.app import Stub
from tests.client import Client
from tests.server import THANX

# A shared machine may be slow at any moment, so no deadline; in CI the same examples every time.
settings.register_profile(
    "project",
    deadline=None,
    max_examples=25,
    derandomize=os.environ.get("CI", "").lower() == "true",
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("project")

_numbers = itertools.count()

Connect = Callable[[], Client]


@pytest.fixture(scope="session")
def stub() -> Stub:
    return build(Options(rate=0, providers=("thanx", "elastic_path")), wall=lambda: 0)


@pytest.fixture
def connect(stub: Stub) -> Connect:
    """Each call is a Thanx client in a session of its own."""
    return lambda: Client(stub, "thanx", session=f"thanx-{next(_numbers)}", headers=THANX)


@pytest.fixture
def thanx(connect: Connect) -> Client:
    return connect()
