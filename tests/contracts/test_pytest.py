"""`pytest contracts --target URL`: the judge as tests, one per operation and law."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
import requests

from contracts.stub import App, Receive, Scope, Send, serving
from tests.contracts.check.wrap import changed

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]


ARGUMENTS = (str(ROOT / "contracts"), "-p", "no:cacheprovider", "-rfps", f"--rootdir={ROOT}", "-m", "")
Judge = Callable[..., tuple[int, str]]


@pytest.fixture
def judged(pytester: pytest.Pytester) -> Judge:
    """Runs the judge as tests, in this process: exit code and output."""

    def run(*arguments: str) -> tuple[int, str]:
        result = pytester.runpytest_inprocess(*ARGUMENTS, *arguments)
        return int(result.ret), result.stdout.str() + result.stderr.str()

    return run


def judging(*arguments: str) -> subprocess.Popen[str]:
    """The same as a process of its own."""
    command = [sys.executable, "-m", "pytest", *ARGUMENTS, *arguments]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def judged_apart(*arguments: str) -> tuple[int, str]:
    with judging(*arguments) as process:
        out, _ = process.communicate()
    return process.returncode, out


@pytest.fixture
def stub() -> Iterator[str]:
    with serving("thanx") as url:
        yield url


@pytest.mark.slow
def test_every_operation_and_law_is_a_test_that_passes_on_the_stub(stub: str) -> None:
    code, out = judged_apart("--target", stub, "--provider", "thanx", "--max-examples", "1")
    assert code == 0, out
    for name in ("test_operation[listCampaigns]", "test_law[pages-are-the-list]", "test_nothing_else_was_found"):
        assert f"PASSED contracts/test_contract.py::{name}" in out


def test_what_is_broken_fails_its_operation_and_shows_how() -> None:
    with serving("thanx", changed(lambda path, status, value: value.pop("pagination", None))) as url:
        code, out = judged_apart("--target", url, "--provider", "thanx", "--max-examples", "1")
    assert code == 1
    assert "FAILED contracts/test_contract.py::test_operation[listCampaigns]" in out
    assert "specs/thanx/openapi.yaml:" in out
    assert "$ curl -sS -X GET" in out
    assert "PASSED contracts/test_contract.py::test_operation[getCampaign]" in out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--target", "http://127.0.0.1:1"), 2, "--target needs --provider NAME: capillary, "),
        (("--target", "http://127.0.0.1:1", "--provider", "thanks"), 2, "did you mean 'thanx'"),
        (("--target", "http://127.0.0.1:1", "--provider", "thanx"), 3, "connection refused"),
    ],
)
def test_wrong_usage_and_a_dead_target_are_one_line(
    judged: Judge, arguments: tuple[str, ...], code: int, words: str
) -> None:
    found, out = judged(*arguments)
    assert found == code
    assert words in out
    assert "Traceback" not in out


@pytest.mark.slow
def test_an_interruption_is_no_green_run() -> None:
    judges: list[subprocess.Popen[str]] = []
    asked = count(1)

    def wrap(app: App) -> App:
        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            if next(asked) == 200:
                os.kill(judges[0].pid, signal.SIGTERM)
            await app(scope, receive, send)

        return counted

    with serving("thanx", wrap) as url:
        judges.append(judging("--target", url, "--provider", "thanx"))
        with judges[0] as process:
            out, _ = process.communicate()
        assert requests.get(f"{url}/_mock/sessions", timeout=5).json()["sessions"] == ["default"]
    assert process.returncode == 128 + signal.SIGTERM
    assert "interrupted by SIGTERM" in out
