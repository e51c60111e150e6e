"""`contracts check` from the command line: exit codes, one clear line, reports."""

from __future__ import annotations

import argparse
import base64
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from xml.etree import ElementTree as ET

import jsonschema_rs
import orjson
import pytest

from contracts.check import command
from contracts.check.command import add_plan_options, plans_of
from contracts.check.verdict import Verdict
from contracts.cli import main
from contracts.reports import FORMATS
from contracts.stub import App, Receive, Scope, Send, serving
from contracts.target.subject import load_subject
from contracts.target.target import TargetError, find_target
from contracts.target.transport import UnreachableError
from tests.contracts.check.pasted import ran
from tests.contracts.check.wrap import changed, without_header

SCHEMA = Path(__file__).parents[3] / "contracts" / "schemas" / "report.schema.json"
QUICK = ("--seed", "3", "--max-examples", "2", "--quiet")


@pytest.fixture(scope="module")
def stub() -> Iterator[str]:
    with serving("thanx") as url:
        yield url


@pytest.fixture(scope="module")
def broken() -> Iterator[str]:
    """A stub that loses the pagination of lists, with what XML and HTML must escape in its answers."""
    with serving("thanx", changed(lambda path, status, value: value.update(pagination="<b>&\x01\ud7ff"))) as url:
        yield url


def test_kept(stub: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "thanx", "--target", stub, *QUICK, "--only", "the-first-page-has-ten"]) == 0
    out = capsys.readouterr().out
    assert "kept: " in out
    assert "seed 3" in out
    assert re.search(r"^keywords: \d+ of \d+, not listCampaigns \w+/", out, re.MULTILINE)


def test_broken_with_every_report(broken: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ("json", "junit", "html", "sarif", "github", "gitlab", "markdown")
    reports = itertools.chain(*(("--report", f"{name}={tmp_path / name}") for name in names))
    code = main(["check", "thanx", "--target", broken, *QUICK, "--only", "pages-are-the-list", *reports])
    assert code == 1
    out = capsys.readouterr().out
    assert "specs/thanx/openapi.yaml:" in out
    assert "curl" in out
    report = orjson.loads((tmp_path / "json").read_bytes())
    jsonschema_rs.Draft202012Validator(orjson.loads(SCHEMA.read_bytes())).validate(report)
    assert not report["kept"]
    assert {finding["check"] for finding in report["findings"]} >= {"response_schema_conformance"}
    assert all(finding["steps"] and finding["promise"]["line"] > 1 for finding in report["findings"])
    assert {keyword["side"] for keyword in report["keywords"]} == {"request", "response"}
    assert len(report["keywords"]) == len(report["coverage"]["keywords"]["missed"])
    suites = ET.parse(tmp_path / "junit").getroot()
    assert len(suites.findall(".//failure")) == len(report["findings"])
    html = (tmp_path / "html").read_text(encoding="utf-8")
    assert "breaks its contract" in html
    assert "<b>&" not in html
    assert "/components/schemas/Campaign/properties/objective/type/1" in html
    assert "src=" not in html
    assert orjson.loads((tmp_path / "sarif").read_bytes())["runs"][0]["results"]
    assert (tmp_path / "github").read_text(encoding="utf-8").startswith("::error file=specs/thanx/")


def test_the_ci_profile_is_three_seeds_and_a_finding_is_found_again_with_its_own(
    broken: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = ("--max-examples", "1", "--quiet", "--report", f"json={tmp_path / 'json'}")
    only = ("--only", "pages-are-the-list")
    assert main(["check", "thanx", "--target", broken, "--profile", "ci", *said, *only]) == 1
    report = orjson.loads((tmp_path / "json").read_bytes())
    assert len(set(report["seeds"])) == 3
    assert report["seeds"][0] == 0
    (again,) = [finding["again"] for finding in report["findings"] if finding["check"] == only[1]]
    assert again == "--profile ci --max-examples 1 --seed 0 --only pages-are-the-list"
    assert f"again with {again}\n" in capsys.readouterr().out
    assert main(["check", "thanx", "--target", broken, *said, *again.split()]) == 1
    once = orjson.loads((tmp_path / "json").read_bytes())
    assert once["seeds"] == [0]
    assert [finding["message"] for finding in once["findings"]] == [
        finding["message"] for finding in report["findings"]
    ]


def test_only_the_first_seed_of_the_ci_profile_is_the_deterministic_one() -> None:
    parser = argparse.ArgumentParser()
    add_plan_options(parser)
    plans = plans_of(parser.parse_args(["--profile", "ci"]))
    assert [plan.deterministic for plan in plans] == [True, False, False]
    assert [plan.deterministic for plan in plans_of(parser.parse_args(["--seed", "7"]))] == [False]


def test_what_one_seed_found_is_told_though_the_target_is_gone_for_the_next(
    broken: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    judge, runs = command._judge, itertools.count()

    def once(*args: Any) -> Verdict:
        if next(runs):
            raise UnreachableError("connection refused")
        return judge(*args)

    monkeypatch.setattr(command, "_judge", once)
    said = ("--profile", "ci", "--max-examples", "1", "--quiet", "--only", "pages-are-the-list")
    assert main(["check", "thanx", "--target", broken, *said]) == 1
    out = capsys.readouterr().out
    assert "[pages-are-the-list]" in out
    assert "not judged to the end: the target stopped answering" in out
    assert next(runs) == 2


def test_too_little_was_exercised(stub: str, capsys: pytest.CaptureFixture[str]) -> None:
    only = ("--only", "the-first-page-has-ten", "--fail-under", "90")
    assert main(["check", "thanx", "--target", stub, *QUICK, *only]) == 1
    assert "less than 90%" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["thanks", "--target", "http://127.0.0.1:1"], "did you mean 'thanx'"),
        (["thanx", "--target", "sandbox"], "there is no targets file"),
        (["thanx"], "needs --target"),
        (["thanx", "--target", "http://127.0.0.1:1", "--only", "same-key"], "there is no law 'same-key'"),
    ],
)
def test_wrong_usage(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", *arguments, "--quiet"]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    "option", [["--max-examples", "0"], ["--budget", "-1"], ["--fail-under", "101"], ["--report", "pdf"]]
)
def test_wrong_options(option: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["check", "thanx", "--target", "http://127.0.0.1:1", *option])
    assert stopped.value.code == 2


def test_nobody_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "thanx", "--target", "http://127.0.0.1:1", *QUICK]) == 3
    assert capsys.readouterr().err == "contracts check: http://127.0.0.1:1 does not answer: connection refused\n"


def test_refused_credentials(capsys: pytest.CaptureFixture[str]) -> None:
    with serving("thanx", without_header("Authorization")) as url:
        assert main(["check", "thanx", "--target", url, *QUICK]) == 3
    assert "refuses our credentials: 401" in capsys.readouterr().err


def test_a_run_that_judges_nothing_is_not_green(
    stub: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("THANX_TOKEN", "test-token")
    monkeypatch.setenv("THANX_CLIENT", "test-client")
    targets = tmp_path / "targets.toml"
    headers = '{Authorization = "Bearer ${THANX_TOKEN}", X-ClientId = "${THANX_CLIENT}"}'
    targets.write_text(f'[read]\nurl = "{stub}"\n[read.credentials.default]\nheaders = {headers}\n')
    only = ("--only", "same-key-and-body-get-the-first-answer")
    assert main(["check", "thanx", "--target", "read", "--targets-file", str(targets), *QUICK, *only]) == 3
    captured = capsys.readouterr()
    assert "nothing was judged" in captured.err
    assert "test-token" not in captured.out + captured.err


def obeyed(app: App) -> App:
    """A stub that answers with what a terminal obeys."""

    async def painting(scope: Scope, receive: Receive, send: Send) -> None:
        async def paint(message: Any) -> None:
            if message["type"] == "http.response.body" and scope["path"].endswith("/campaigns"):
                painted = b"\x1b]0;owned\x07\xc2\x9b2J\r\nkept: 99 checks kept\0"
                message = {**message, "body": painted.ljust(len(message["body"]))}
            await send(message)

        await app(scope, receive, paint)

    return painting


def test_a_terminal_is_shown_and_obeys_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving("thanx", obeyed) as url:
        for report in ((), ("--report", "json=-")):
            main(["check", "thanx", "--target", url, *QUICK, "--only", "the-first-page-has-ten", *report])
            captured = capsys.readouterr()
            assert "owned" in captured.out
            assert all(line.isprintable() for line in captured.out.replace("\t", "").split("\n"))
            assert not re.search("^kept", captured.out, re.MULTILINE)


def test_what_is_shown_instead_of_a_secret_can_be_pasted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secrets = {"TILL": "till", "WORD": 'p$w"d', "TOKEN": "t0k3n"}
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    targets = tmp_path / "targets.toml"
    headers = '{Authorization = "Basic ${TILL}:${WORD}", X-CAP-API-OAUTH-TOKEN = "${TOKEN}"}'
    targets.write_text(f'[till]\nurl = "http://t"\n[till.credentials.default]\nheaders = {headers}\n')
    assert main(["check", "capillary", "--target", "till", "--targets-file", str(targets), "--dry-run"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("curl ")]
    assert lines
    for line in lines:
        assert not any(value in line for value in (secrets["WORD"], secrets["TOKEN"]))
        said = ran(line, secrets)
        assert b"Authorization: Basic " + base64.b64encode(b'till:p$w"d') in said
        assert b"X-CAP-API-OAUTH-TOKEN: t0k3n" in said


@pytest.mark.parametrize("name", FORMATS)
def test_no_report_of_a_run_that_ended_early_looks_like_a_whole_one(name: str, ended: Path) -> None:
    out = (ended / name).read_text()
    assert "the budget of 60 requests is spent" in out
    assert "schemathesis coverage" in out
    assert "schemathesis stateful" in out
    if name in ("text", "json", "html", "markdown"):
        assert "as far as it was judged" in out
    if name == "junit":
        cases = ET.fromstring(out).findall("testsuite/testcase[skipped]")
        assert "judged to the end" in {case.get("name") for case in cases}
    if name == "html":
        assert "keeps its contract, as far as it was judged</title>" in out
    if name == "github":
        assert out.startswith("::warning file=specs/thanx/openapi.yaml,")


@pytest.fixture(scope="module")
def ended(stub: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every report of a run that gets sixty requests, and no more."""
    folder = tmp_path_factory.mktemp("ended")
    headers = '{Authorization = "Bearer ${THANX_TOKEN}", X-ClientId = "${THANX_CLIENT}"}'
    targets = folder / "targets.toml"
    targets.write_text(
        f'[partial]\nprovider = "thanx"\nurl = "{stub}"\nwrites = true\nrequests = 60\n'
        f"[partial.credentials.default]\nheaders = {headers}\n"
        '[partial.data]\npaged_merchant_id = "k2lye10h32l5wzo"\n'
    )
    only = ("--only", "pages-are-the-list", "--only", "schemathesis")
    reports = itertools.chain(*(("--report", f"{name}={folder / name}") for name in FORMATS))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THANX_TOKEN", "test-token")
        patch.setenv("THANX_CLIENT", "test-client")
        arguments = ["--target", "partial", "--targets-file", str(targets), *QUICK, *only, *reports]
        assert main(["check", "thanx", *arguments]) == 0
    return folder


def test_a_dry_run_sends_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "thanx", "--target", "https://api.thanxsandbox.com", "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert "reads only" in out
    assert "not sent: POST /partner/campaigns/issue" in out
    assert "skip same-key-and-body-get-the-first-answer (the target must not be written to)" in out


@pytest.mark.parametrize(
    ("percent", "under", "words"),
    [(99.96, 100, "99.9% of the contract was exercised, less than 100%"), (49.0, 90, "49%")],
)
def test_what_was_exercised_is_never_rounded_up(
    percent: float, under: float, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    verdict = SimpleNamespace(kept=True, judged=True, gone=False, percent=percent)
    assert command.exit_code(cast("Any", verdict), under) == 1
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("said", ["localhost:8080", "127.0.0.1:8080/thanx", "api.example.com", "[::1]:80"])
def test_a_host_without_a_scheme_is_told_what_to_write(
    said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TargetError, match=re.escape(f"write http://{said}")):
        find_target(load_subject("thanx"), said)
