"""Pastes a line into a real shell, whose `curl` says what it was given."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping

# Writes every argument, and its input when it is told to read one, each with a NUL behind it.
SPY = """\
curl() {
  for one; do printf '%s\\0' "$one"; done
  case " $* " in *" @- "*) cat;; esac
}
"""


def ran(line: str, environ: Mapping[str, str] | None = None) -> list[bytes]:
    """What a shell gives to curl: the arguments, and last what it is given to read."""
    done = subprocess.run(
        ["sh"],
        input=f"{SPY}{line}\n".encode(),
        capture_output=True,
        check=True,
        timeout=30,
        env={"PATH": os.environ["PATH"], **(environ or {})},
    )
    assert done.stderr == b""
    return done.stdout.split(b"\0")
