from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from contracts import cli


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        cli.main(["--help"])
    assert exit_.value.code == 0
    text = capsys.readouterr().out
    assert all(name in text for name in cli.COMMANDS)


@pytest.mark.parametrize("arguments", [[], ["valdate"], ["validate", "--unknown"]])
def test_wrong_usage_is_2_and_one_line_says_why(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        cli.main(arguments)
    assert exit_.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


DRY = [sys.executable, "-m", "contracts.cli", "check", "thanx", "--target", "http://127.0.0.1:1", "--dry-run"]


@pytest.mark.parametrize("command", [DRY, [*DRY[:3], "validate", "specs/thanx"]], ids=["much", "one line"])
def test_who_reads_may_have_enough(command: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    # What is short is written at the end, where nobody asks for anything else.
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False, env=environ)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_full_disk_is_said_in_one_line() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(DRY, stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (2, b"contracts check: cannot write: No space left on device\n")


def test_one_command_does_not_load_the_others() -> None:
    run = "cli.main(['validate', '--rules']); sys.exit('hypothesis' in sys.modules)"
    code = f"import sys; from contracts import cli; {run}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0
