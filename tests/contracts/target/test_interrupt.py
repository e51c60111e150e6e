"""Ctrl-C and SIGTERM: the run ends, says so, reports what it found, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
from itertools import count
from pathlib import Path

import orjson
import pytest
import requests

from contracts.check.plan import Plan
from contracts.check.run import Run
from contracts.cli import main
from contracts.stub import App, Receive, Scope, Send, Wrap, inside, serving
from contracts.target.exchange import Exchange
from contracts.target.interrupt import Interrupt
from contracts.target.subject import load_subject


def after(requests_: int, number: int) -> Wrap:
    """A stub that sends this process a signal with one of its answers."""
    asked = count(1)

    def wrap(app: App) -> App:
        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            if next(asked) == requests_:
                os.kill(os.getpid(), number)
            await app(scope, receive, send)

        return counted

    return wrap


@pytest.mark.parametrize(("number", "name"), [(signal.SIGINT, "SIGINT"), (signal.SIGTERM, "SIGTERM")])
@pytest.mark.parametrize("only", [("--only", "lifecycle"), ("--only", "schemathesis")])
def test_a_signal_ends_the_run(
    number: int, name: str, only: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    handlers = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]
    with serving("thanx", after(40, number)) as url:
        report = tmp_path / "report.json"
        code = main(["check", "thanx", "--target", url, "--seed", "3", "--quiet", *only, "--report", f"json={report}"])
        assert requests.get(f"{url}/_mock/sessions", timeout=5).json()["sessions"] == ["default"]
    assert code == 128 + number
    captured = capsys.readouterr()
    assert f"not judged to the end: interrupted by {name}" in captured.out
    assert "once more to end at once" in captured.err
    assert orjson.loads(report.read_bytes())["incomplete"] == f"interrupted by {name}"
    assert [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)] == handlers


def test_laws_that_were_cut_short_are_unfinished_and_say_why() -> None:
    target, wire = inside("thanx")
    interrupt = Interrupt()
    run = Run(load_subject("thanx"), target, Plan(seed=3, only=("lifecycle",)), wire, interrupt=interrupt)

    def stop(exchange: Exchange) -> None:
        if exchange.number == 60:
            interrupt.number = signal.SIGINT

    run.transport.observers.append(stop)
    verdict = run.execute()
    why = {result.why for result in verdict.results if result.status == "unfinished"}
    assert why == {"interrupted by SIGINT"}
    assert verdict.requests < 70


def test_a_wait_ends_with_the_signal() -> None:
    interrupt = Interrupt()
    with interrupt.heard():
        os.kill(os.getpid(), signal.SIGTERM)
        interrupt.pause(3600)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
    assert interrupt.why == "interrupted by SIGTERM"


def test_elsewhere_ctrl_c_is_an_exit_code_and_no_trace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def interrupted(_options: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("contracts.validate.command.run", interrupted)
    assert main(["validate", str(tmp_path)]) == 130
