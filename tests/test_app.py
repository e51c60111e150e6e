"""How the stub is put together."""

from __future__ import annotations

import gc
import subprocess
import sys
import time

import pytest

from mockserver.app import Options, build, load, steady
from openapi.shipped import SPECS
from openapi.source import SourceError
from tests.client import Client


def test_a_wall_clock_that_is_set_back_does_not_turn_time_back(monkeypatch: pytest.MonkeyPatch) -> None:
    read = steady()
    before = read()
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert read() >= before


def test_real_time_starts_with_the_wall_clock_and_runs() -> None:
    client = Client(build(Options(providers=("thanx",))))
    first, second = (client.control("GET", "/clock")["now"] for _ in range(2))
    assert first <= second
    assert first[:3] == time.strftime("%Y", time.gmtime())[:3]


def test_every_folder_below_specs_is_a_provider() -> None:
    assert list(load(Options())) == sorted(path.parent.name for path in SPECS.glob("*/openapi.yaml"))


def test_an_unknown_provider_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(SourceError, match="did you mean 'loyaltydog'"):
        build(Options(providers=("loyaltydogs",)))


def test_a_worker_is_settled_before_it_serves() -> None:
    """What start-up made is not looked through again: the heap of a process that serves is frozen."""
    look = "import gc; from mockserver.app import create; create(); print(gc.get_freeze_count(), gc.get_threshold()[0])"
    frozen, threshold = subprocess.check_output([sys.executable, "-c", look], text=True).split()
    assert int(frozen) > 10_000
    assert int(threshold) > gc.get_threshold()[0]
