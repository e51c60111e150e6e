"""The load generator: wrk, a closed loop of so many connections on one thread, pinned beside the server."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.servers import ServerError
from benchmarks.traffic import Request

SCRIPT = Path(__file__).resolve().parent / "wrk.lua"
_RESULT = re.compile(r"^RESULT (\d+) (\d+) (\d+) (\d+) ([\d.]+) ([\d.]+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Load:
    """What one slice of load found; p50 and p99 in milliseconds. `refused` had an error status, `lost` no answer."""

    requests: int
    seconds: float
    refused: int
    lost: int
    p50: float
    p99: float
    generator: float = 0.0

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


def parse(output: str, generator: float = 0.0) -> Load:
    """The line that wrk.lua prints. Raises ServerError when it is missing or nothing was answered."""
    found = _RESULT.search(output)
    if not found:
        raise ServerError(f"the load generator says: {output.strip()[:200]}")
    requests, duration, refused, lost = (int(text) for text in found.groups()[:4])
    if not requests:
        raise ServerError("answers nothing under load")
    p50, p99 = (float(text) / 1000 for text in found.groups()[4:])
    return Load(requests, duration / 1e6, refused, lost, p50, p99, generator)


def load(
    port: int,
    request: Request,
    connections: int,
    seconds: int,
    *,
    cores: Collection[int] = (),
    paths: Sequence[str] = (),
) -> Load:
    """Send the same request (or the same to several paths in turn) for so long.

    Raises ServerError when an answer is missing or an error: its figures would be those of something else.
    """
    with TemporaryDirectory(prefix="bench-") as folder:
        environment = {**os.environ, "BENCH_METHOD": request.method, **_files(Path(folder), request, paths)}
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(SCRIPT)]
        for name, value in request.headers.items():
            command += ["-H", f"{name}: {value}"]
        if cores:
            command = ["taskset", "-c", ",".join(map(str, sorted(cores))), *command]
        before = os.times()
        ran = subprocess.run(
            [*command, f"http://127.0.0.1:{port}{request.path}"],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
            timeout=seconds + 60,
        )
        after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    found = parse(ran.stdout or ran.stderr, spent)
    if found.refused or found.lost:
        raise ServerError(
            f"{request.method} with {connections} connections: {found.refused} of {found.requests} answers are errors, "
            f"{found.lost} are missing"
        )
    return found


def _files(folder: Path, request: Request, paths: Sequence[str]) -> dict[str, str]:
    """What the script reads from files: bodies may be large, and paths many."""
    said = {}
    if request.body:
        (folder / "body").write_bytes(request.body)
        said["BENCH_BODY"] = str(folder / "body")
    if paths:
        (folder / "paths").write_text("\n".join(paths))
        said["BENCH_PATHS"] = str(folder / "paths")
    return said
