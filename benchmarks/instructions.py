"""How many instructions a request takes: a figure that does not depend on what else the machine does.

`python -m benchmarks.instructions` prints it, `--check` compares it with the baseline in `instructions.toml`, `--write`
renews that. Requests run in this process, without a socket, under valgrind's cachegrind, which counts every
instruction of the interpreter and of the libraries. Three runs with different numbers of requests are compared, so that
the start, which takes more than all requests, cancels out.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.inprocess import cases
from mockserver.app import Options, build

BASELINE = Path(__file__).resolve().with_suffix(".toml")
# A request that takes this much more than the baseline fails the check.
TOLERANCE = 0.05
# Requests of every run, past caches and first uses; and those that are counted.
WARM_UP, COUNTED = 300, 3_000
PATIENCE = 300
RENEW = "python -m benchmarks.instructions --write"
_REFS = re.compile(r"I +refs: +([\d,]+)")


def main(argv: Sequence[str] | None = None) -> int:
    """Exit codes: 0 no worse than the baseline, 1 worse, 2 cannot be measured."""
    said = _parse(argv)
    if said.run:
        asyncio.run(_requests([int(number) for number in said.run]))
        return 0
    if not shutil.which("valgrind"):
        sys.stderr.write("instructions: valgrind not found; on Debian: apt-get install valgrind\n")
        return 2
    counted = count()
    for name, number in counted.items():
        sys.stdout.write(f"{name:10} {number:9,} instructions per request\n")
    if said.write:
        _write(interpreter(), counted)
    return _check(counted) if said.check else 0


def count() -> dict[str, int]:
    """Instructions per request, by the name of the request."""
    names = list(cases())
    base = [WARM_UP] * len(names)
    runs = [base] + [[WARM_UP + COUNTED * (name == other) for other in names] for name in names]
    with ThreadPoolExecutor(max_workers=len(os.sched_getaffinity(0))) as pool:
        start, *totals = pool.map(_run, runs)
    return {name: round((total - start) / COUNTED) for name, total in zip(names, totals, strict=True)}


def worse(counted: Mapping[str, int], baseline: Mapping[str, int]) -> list[str]:
    """What takes over 5% more than it did, one line each."""
    return [
        f"{name}: {number:,} instructions per request, {number / before - 1:+.1%} to the baseline's {before:,}"
        for name, number in counted.items()
        if (before := baseline.get(name)) and number > before * (1 + TOLERANCE)
    ]


def interpreter() -> str:
    """What the baseline is kept by: another interpreter, or another build of it, takes other instructions."""
    return f"{platform.python_version()}, {platform.python_compiler()}, {platform.machine()}"


def _check(counted: Mapping[str, int]) -> int:
    baseline = _baselines().get(interpreter())
    if baseline is None:
        sys.stdout.write(f"no baseline for {interpreter()}: nothing to compare with; {RENEW}\n")
        return 0
    found = worse(counted, baseline)
    for line in found:
        sys.stderr.write(f"{line}\n")
    if found:
        sys.stderr.write(f"over {TOLERANCE:.0%} worse. If that is what it must cost, renew the baseline: {RENEW}\n")
    return 1 if found else 0


def _baselines() -> dict[str, dict[str, int]]:
    return tomllib.loads(BASELINE.read_text()) if BASELINE.exists() else {}


def _write(key: str, counted: Mapping[str, int]) -> None:
    BASELINE.write_text(to_toml({**_baselines(), key: dict(counted)}))


def to_toml(baselines: Mapping[str, Mapping[str, int]]) -> str:
    """The baselines as they stand in the file."""
    lines = [f"# Instructions per request, by interpreter. Written by `{RENEW}`."]
    for key, counted in sorted(baselines.items()):
        lines += ["", f'["{key}"]', *(f'"{name}" = {number}' for name, number in counted.items())]
    return "\n".join(lines) + "\n"


def _run(numbers: Sequence[int]) -> int:
    """The instructions of a whole process that answers so many requests of each case."""
    # The same bytes in the same places every time: no random hashes, nothing written beside.
    environment = {"PATH": os.environ["PATH"], "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    tool = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    with TemporaryDirectory(prefix="bench-") as folder:
        command = [*tool, sys.executable, "-m", "benchmarks.instructions", "--run", *map(str, numbers)]
        environment["TMPDIR"] = folder
        root = Path(__file__).resolve().parent.parent
        ran = subprocess.run(
            command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
    found = _REFS.search(ran.stderr)
    if ran.returncode or not found:
        sys.stderr.write(f"instructions: {ran.stderr[-500:]}\n")
        raise SystemExit(2)
    return int(found[1].replace(",", ""))


async def _requests(numbers: Sequence[int]) -> None:
    """Answer so many requests of each case while the clock stands still. Raises ValueError for another answer."""
    app = build(Options(providers=("thanx",), rate=0), wall=lambda: 1_700_000_000_000_000_000)
    statuses: set[int] = set()

    async def send(message: Any) -> None:
        if "status" in message:
            statuses.add(message["status"])

    for (request, body), number in zip(cases("").values(), numbers, strict=True):

        async def receive(said: bytes = body) -> Any:
            return {"type": "http.request", "body": said, "more_body": False}

        for _ in range(number):
            await app(request, receive, send)
    if not statuses <= {200, 202}:
        raise ValueError(f"answers {statuses}")


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.instructions", description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when a request takes over 5% more than the baseline")
    parser.add_argument("--write", action="store_true", help="renew the baseline of this interpreter")
    parser.add_argument("--run", nargs="+", metavar="N", help=argparse.SUPPRESS)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
