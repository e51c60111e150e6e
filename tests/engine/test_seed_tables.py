"""Seed tables are looked up by an index that is made once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mockserver.engine.playing import load_provider
from mockserver.engine.provider import Provider
from mockserver.engine.simulation import EMPTY
from openapi.contract import load_contract
from openapi.shipped import SPECS


def test_the_first_of_several_rows_is_found() -> None:
    rows = ({"id": 1, "name": "a"}, {"id": 1, "name": "b"}, {"id": 2})
    contract = load_contract(Path(SPECS, "capillary", "openapi.yaml"))
    provider = Provider("some", contract, replace(EMPTY, data={"table": rows}))
    assert provider.index("table", ("id",))[1,] is rows[0]
    assert provider.index("table", ("id", "name"))[1, "b"] is rows[1]
    assert provider.index("table", ("id", "name"))[2, None] is rows[2]
    assert provider.index("other", ("id",)) == {}


def test_an_index_is_made_once() -> None:
    provider = load_provider(SPECS / "capillary").provider
    assert provider.index("rewards", ("rewardId",)) is provider.index("rewards", ("rewardId",))
