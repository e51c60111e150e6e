"""`contracts check` beside plain Schemathesis: the same contract, stub, seed and number of examples, one worker."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.bench import FAULTS, Bench, Section
from benchmarks.peers import CONTRACT, HERE
from benchmarks.servers import Launch, Running, ServerError, running
from benchmarks.traffic import CREDENTIALS, GET_JOB, Request

TABLE = "The judge"
SECONDS, CASES, RATE, SPENT = "seconds", "cases", "cases per second", "processor"
PLAIN, OURS, PART = "plain Schemathesis", "contracts check", "contracts check --only schemathesis"
PREFIX = "/thanx"
PATIENCE = 300
KEPT_OR_BROKEN = (0, 1)


def run(bench: Bench) -> None:
    for _ in range(bench.effort.rounds):
        for name, command in commands(bench.effort.examples).items():
            bench.say(f"{TABLE}: {name}")
            try:
                _measure(bench, name, command)
            except FAULTS as error:
                bench.results.remark(TABLE, name, str(error))


def commands(examples: int) -> dict[str, list[str]]:
    """Command lines; `URL` stands for where the contract is served."""
    bin_ = Path(sys.executable).parent
    effort = ["--seed", "1", "--max-examples", str(examples)]
    headers = [word for name in ("Authorization", "X-ClientId") for word in ("-H", f"{name}: {CREDENTIALS[name]}")]
    plain = [str(bin_ / "st"), "run", str(CONTRACT), "--url", "URL", *headers, *effort, "--workers", "1"]
    ours = [str(bin_ / "contracts"), "check", "thanx", "--target", "URL", *effort, "--quiet"]
    return {PLAIN: [*plain, "--generation-database", "none"], OURS: ours, PART: [*ours, "--only", "schemathesis"]}


def _measure(bench: Bench, name: str, command: Sequence[str]) -> None:
    script = [sys.executable, str(HERE / "counting.py")]
    launch = Launch(lambda port, folder: [*script, str(port)], GET_JOB.below(PREFIX), bench.cores.server)
    with running(launch) as live:
        before, began, spent = _count(live), time.perf_counter(), _spent()
        _judge(live, command, bench)
        seconds, spent = time.perf_counter() - began, _spent() - spent
        cases = _count(live) - before
    results = bench.results
    results.add(TABLE, name, SECONDS, seconds, "s")
    results.add(TABLE, name, CASES, cases, "cases")
    results.add(TABLE, name, RATE, cases / seconds, "cases/s")
    results.add(TABLE, name, SPENT, spent, "s")


def _judge(live: Running, command: Sequence[str], bench: Bench) -> None:
    url = f"http://127.0.0.1:{live.port}{PREFIX}"
    pinned = ["taskset", "-c", ",".join(map(str, bench.cores.generator))] if bench.cores.generator else []
    with TemporaryDirectory(prefix="bench-") as folder:
        done = subprocess.run(
            [*pinned, *(word.replace("URL", url) for word in command)],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    if done.returncode not in KEPT_OR_BROKEN:
        raise ServerError(f"exit code {done.returncode}: {(done.stderr or done.stdout).strip()[-200:]}")


def _count(live: Running) -> int:
    return int(live.ask(Request("GET", "/count", 200)).body)


def _spent() -> float:
    """Processor time of the children that have ended."""
    times = os.times()
    return times.children_user + times.children_system


SECTION = Section(
    "check", "a case is a request that the stub was sent; the judge on one core, the stub on another", run
)
