from __future__ import annotations

import subprocess
import sys

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


def test_one_command_does_not_load_the_others() -> None:
    run = "cli.main(['validate', '--rules']); sys.exit('hypothesis' in sys.modules)"
    code = f"import sys; from contracts import cli; {run}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0


def test_a_reader_that_has_seen_enough_is_no_fault() -> None:
    code = "import sys; from contracts import cli; sys.exit(cli.main(['validate', '--rules']))"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
        assert process.wait() == 141
    assert said == b""
