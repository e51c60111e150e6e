"""Installs the peers into .peers, through npm and pip, and says what could not be installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.peers import INSTALLED, MANIFEST, SCRIPTS, pinned, pins

PATIENCE = 600
# Debian's names of the programs that a run needs beside Python.
PROGRAMS = {"wrk": "wrk", "taskset": "util-linux", "node": "nodejs", "npm": "npm", "java": "default-jre-headless"}
REQUIRED = ("wrk", "taskset")


def install() -> list[str]:
    """Everything that is missing. Returns what could not be installed, one line each; raises SystemExit without a
    load generator."""
    INSTALLED.mkdir(exist_ok=True)
    problems = [_programs(), _packages(), _connexion()]
    return [problem for problem in problems if problem]


def _programs() -> str:
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if missing and shutil.which("apt-get") and os.geteuid() == 0:
        _run(["apt-get", "update", "-qq"])
        _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *(PROGRAMS[name] for name in missing)])
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if set(missing) & set(REQUIRED):
        packages = " ".join(PROGRAMS[name] for name in missing)
        raise SystemExit(f"benchmarks: {', '.join(missing)} not found; on Debian: apt-get install {packages}")
    return f"not found: {', '.join(missing)}" if missing else ""


def _packages() -> str:
    """The npm packages, without their install scripts: one of them reports its use."""
    shutil.copy(SCRIPTS / "scalar.js", INSTALLED)
    copy = INSTALLED / "package.json"
    if copy.exists() and copy.read_text() == MANIFEST.read_text():
        return ""
    shutil.copy(MANIFEST, copy)
    said = ["--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]
    problem = _run(["npm", "install", *said], INSTALLED)
    if problem:
        copy.unlink()  # tried again by the next run
    return problem


def _connexion() -> str:
    home = INSTALLED / "connexion"
    wanted = [f"{name}=={pinned(name)}" for name in ("uvicorn", "uvloop", "httptools")]
    wanted.append(f"connexion[flask,uvicorn]=={pinned('connexion')}")
    stamp, said = home / "installed", "\n".join(wanted)
    if stamp.exists() and stamp.read_text() == said:
        return ""
    problem = _run([sys.executable, "-m", "venv", str(home)])
    if not problem:
        constraints = home / "constraints.txt"
        constraints.write_text("".join(f"{name}=={version}\n" for name, version in pins().items() if "[" not in name))
        problem = _run([str(home / "bin/pip"), "install", "--quiet", "--constraint", str(constraints), *wanted])
    if not problem:
        stamp.write_text(said)
    return problem


def _run(command: Sequence[str], folder: Path | None = None) -> str:
    """Run a command; what went wrong, in one line."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{command[0]}: {error}"
    last = (done.stderr or done.stdout).strip().split("\n")[-1]
    return f"{Path(command[0]).name} {command[1]}: {last[:200]}" if done.returncode else ""
