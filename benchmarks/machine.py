"""The machine that figures were measured on, without its name or places on it."""

from __future__ import annotations

import datetime as dt
import os
import platform
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Times:
    """Processor time of the whole machine so far, in ticks."""

    total: int
    stolen: int


def describe() -> dict[str, str]:
    """What a reader needs in order to compare."""
    return {
        "processor": _first("/proc/cpuinfo", r"model name\s*:\s*(.+)"),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{int(_first('/proc/meminfo', 'MemTotal: *([0-9]+)') or 0) / 2**20:.0f} GiB",
        "virtual": "yes" if "hypervisor" in _first("/proc/cpuinfo", r"flags\s*:\s*(.+)").split() else "no",
        "kernel": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "Node": _said(["node", "--version"]),
        "Java": _said(["java", "-version"]),
        "wrk": _said(["wrk", "--version"]),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "load before": f"{os.getloadavg()[0]:.2f}",
    }


def times() -> Times:
    """Read the machine's own account."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n")[0].split()[1:]]
    return Times(sum(fields[:8]), fields[7])


def stolen(before: Times, after: Times) -> str:
    """The share of time that the hypervisor gave to others."""
    return f"{100 * (after.stolen - before.stolen) / max(1, after.total - before.total):.1f}%"


def _first(path: str, pattern: str) -> str:
    found = re.search(pattern, Path(path).read_text())
    return found[1].strip() if found else ""


def _said(command: Sequence[str]) -> str:
    """The first line that has a version; empty when the program is not there."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    except OSError:
        return ""
    found = re.search(r"v?\d+\.[\w.]+", done.stdout + done.stderr)
    return found[0] if found else ""
