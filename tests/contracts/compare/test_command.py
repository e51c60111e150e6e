"""`contracts compare` as it is called: exit codes, the report, the overlay."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import orjson
import pytest
import requests
import yaml
from starlette.responses import Response

from contracts.cli import main
from contracts.compare.drift import KINDS
from contracts.stub import App, serving, serving_app
from tests.contracts.check.wrap import changed, without_header
from tests.contracts.compare.planted import Fails500
from tests.contracts.independent.thanx_server import ThanxServer
from tests.contracts.target.test_interrupt import after

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
    assert 'right breaks the contract: "progress_percent" is a required property; also in getIssuanceJob' in report
    assert "~compare-" not in report
    assert "  # left: 202\n" in report
    assert "4 drifts, 1 of which breaks the contract: " in report
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
        assert sessions(left) == ["default"]
    assert "right: http://127.0.0.1:1 does not answer" in capsys.readouterr().err


def sessions(url: str) -> list[str]:
    found: list[str] = requests.get(f"{url}/_mock/sessions", timeout=5).json()["sessions"]
    return found


def answering(status: int, media: str = "text/plain", location: str = "") -> App:
    """A server that always says the same."""
    return Response("no", status, {"location": location} if location else None, media)


@pytest.mark.parametrize(
    ("app", "said"),
    [
        (answering(503), "answers 503 to every request"),
        (answering(302, location="https://login.test/"), "redirects every request to https://login.test/"),
        (answering(200, "text/html"), "answers 200 with a page, text/html, to every request"),
        (answering(404), "answers 404 to every request"),
    ],
)
@pytest.mark.parametrize("strange", ["left", "right"])
def test_what_is_not_the_provider_is_one_line_with_its_side(
    app: App, said: str, strange: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving("thanx") as sound, serving_app(app) as other:
        urls = {"left": sound, "right": sound, strange: other}
        assert main([*BASE, "--left", urls["left"], "--right", urls["right"]]) == 3
        assert sessions(sound) == ["default"]
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == f"contracts compare: {strange}: {other} {said}: is it the base URL of thanx?\n"


def test_a_path_that_leads_to_nobody_leaves_nothing_behind(capsys: pytest.CaptureFixture[str]) -> None:
    with serving("thanx") as left, serving("thanx") as right:
        assert main([*BASE, "--left", left, "--right", f"{right}/partnr"]) == 3
        assert sessions(left) == sessions(right) == ["default"]
    said = capsys.readouterr().err
    strange = f"right: {right}/partnr answers 404 to every request"
    assert said == f"contracts compare: {strange}: is it the base URL of thanx?\n"


def test_refused_credentials_are_said_with_their_side(capsys: pytest.CaptureFixture[str]) -> None:
    with serving("thanx") as left, serving("thanx", without_header("authorization")) as right:
        assert main([*BASE, "--left", left, "--right", right]) == 3
        assert sessions(right) == ["default"]
    assert capsys.readouterr().err.startswith("contracts compare: right: the target refuses our credentials: 401 for ")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("requests_", [1, 60])
def test_a_signal_ends_the_comparison(requests_: int, number: int, capsys: pytest.CaptureFixture[str]) -> None:
    handlers = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]
    with serving("thanx") as left, serving("thanx", after(requests_, number)) as right:
        assert main([*BASE, "--left", left, "--right", right]) == 128 + number
        assert sessions(left) == sessions(right) == ["default"]
    said = capsys.readouterr()
    words = f"interrupted by {signal.Signals(number).name}"
    assert words in (said.err if requests_ == 1 else said.out)
    assert "once more to end at once" in said.err
    assert [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)] == handlers


def test_jobs_of_an_interrupted_comparison_are_taken_back(capsys: pytest.CaptureFixture[str]) -> None:
    app = ThanxServer(speed=1000)
    with serving("thanx") as left, serving_app(after(60, signal.SIGTERM)(app)) as right:
        assert main([*BASE, "--left", left, "--right", right]) == 143
    assert app.jobs
    assert {app.state(job) for job in app.jobs.values()} <= {"revoking", "revoked"}
    capsys.readouterr()


def test_why_there_is_no_overlay_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with serving("thanx") as left, serving_app(Fails500(speed=100)) as right:
        assert main([*BASE, "--left", left, "--right", right]) == 1
    said = capsys.readouterr().out
    assert "right breaks the contract: the server fails with 500; no overlay, nobody promises to fail" in said
    assert "# The smallest change" not in said


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("thank", "--left", "http://127.0.0.1:1", "--right", "http://127.0.0.1:1"), 2, "thank"),
        (("thanx", "--left", "nowhere", "--right", "http://127.0.0.1:1"), 2, "targets.toml"),
        (("thanx", "--left", "http://127.0.0.1:1", "--right", "http://127.0.0.1:1"), 3, "left: http"),
    ],
)
def test_wrong_usage_and_dead_targets_are_said_in_one_line(
    arguments: tuple[str, ...], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", *arguments]) == code
    error = capsys.readouterr().err
    assert error.startswith("contracts compare: ")
    assert said in error
    assert error.count("\n") == 1
