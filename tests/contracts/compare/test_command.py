"""`contracts compare` as it is called: exit codes, the report, the overlay."""

from __future__ import annotations

import re
from pathlib import Path

import orjson
import pytest
import requests
import yaml

from contracts.cli import main
from contracts.compare.drift import KINDS
from contracts.stub import serving, serving_app
from tests.contracts.check.wrap import changed
from tests.contracts.independent.thanx_server import ThanxServer

BASE = ("compare", "thanx", "--seed", "3", "--max-examples", "2")


def test_two_stubs_have_no_drift(capsys: pytest.CaptureFixture[str]) -> None:
    with serving("thanx", seed=1) as left, serving("thanx", seed=2) as right:
        assert main([*BASE, "--left", left, "--right", right]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("no drift: ")
    assert said.err == ""


def test_a_drift_is_shown_with_its_line_and_its_overlay(capsys: pytest.CaptureFixture[str]) -> None:
    def renamed(_path: str, _status: int, value: dict[str, dict[str, object]]) -> None:
        if "issuance_job" in value:
            value["issuance_job"]["percent"] = value["issuance_job"].pop("progress_percent")

    with serving("thanx") as left, serving("thanx", changed(renamed)) as right:
        assert main([*BASE, "--left", left, "--right", right]) == 1
    report, _, overlay = capsys.readouterr().out.partition("# The smallest change")
    assert "progress_percent: number on the left, missing on the right [field]" in report
    assert 'right breaks the contract: "progress_percent" is a required property; seed 3' in report
    assert "specs/thanx/openapi.yaml:" in report
    actions = yaml.safe_load(overlay.partition("\n")[2])["actions"]
    assert {"remove": True, "target": "$.components.schemas.IssuanceJobFields.required[?@ == 'progress_percent']"} in [
        {name: action.get(name) for name in ("remove", "target")} for action in actions
    ]


def test_what_the_contract_allows_is_a_warning(tmp_path: Path) -> None:
    report, overlay = tmp_path / "report.json", tmp_path / "overlay.yaml"
    files = ("--report", f"json={report}", "--overlay", str(overlay))
    with serving("thanx") as left, serving_app(ThanxServer(speed=100)) as right:
        assert main([*BASE, "--left", left, "--right", right, "--fail-on", "error", *files]) == 0
    findings = orjson.loads(report.read_bytes())["findings"]
    assert {finding["severity"] for finding in findings} == {"warning"}
    assert not overlay.exists()


def test_every_kind_of_drift_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs" / "compare.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    assert {kind for row in rows for kind in re.findall("`([a-z]+)`", row)} == set(KINDS)


def test_nothing_is_left_behind_when_the_right_side_is_dead(capsys: pytest.CaptureFixture[str]) -> None:
    with serving("thanx") as left:
        assert main([*BASE, "--left", left, "--right", "http://127.0.0.1:1"]) == 3
        sessions = requests.get(f"{left}/_mock/sessions", timeout=5).text
    assert "right: http://127.0.0.1:1 does not answer" in capsys.readouterr().err
    assert "check-3" not in sessions


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("thank", "--left", "http://127.0.0.1:1", "--right", "http://127.0.0.1:1"), 2, "thank"),
        (("thanx", "--left", "nowhere", "--right", "http://127.0.0.1:1"), 2, "targets.toml"),
        (("thanx", "--left", "http://127.0.0.1:1", "--right", "http://127.0.0.1:1"), 3, "left: http"),
    ],
)  # fmt: skip
def test_wrong_usage_and_dead_targets_are_said_in_one_line(
    arguments: tuple[str, ...], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", *arguments]) == code
    error = capsys.readouterr().err
    assert error.startswith("contracts compare: ")
    assert said in error
    assert error.count("\n") == 1
