"""What is said of a command line that is wrong."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import pytest

from contracts import arguments, cli


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "contracts: the following arguments are required: COMMAND (see contracts --help)"),
        ("chek thanx", "contracts: there is no command 'chek'; did you mean 'check'? (see contracts --help)"),
        ("check", "contracts check: the following arguments are required: PROVIDER (see contracts check --help)"),
        (
            "check thanx --targt x",
            "contracts check: there is no option --targt; did you mean '--target'? (see contracts check --help)",
        ),
        ("check thanx all", "contracts check: nothing is expected where 'all' stands (see contracts check --help)"),
        (
            "check thanx --fail-under abc",
            "contracts check: argument --fail-under: must be a number, not 'abc' (see contracts check --help)",
        ),
        ("check thanx --seed 1\x1b", "must be a whole number, not '1\\u001b' (see contracts check --help)"),
        ("compare thanx --left a --right b --max-examples -1", "must not be negative (see contracts compare --help)"),
        ("compare thanx --left a --right b --budget nan", "must be more than 0 (see contracts compare --help)"),
        ("defects --seed x", "must be a whole number, not 'x' (see contracts defects --help)"),
    ],
)
def test_one_line(line: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(line.split(" ") if line else [])
    assert stopped.value.code == 2
    error = capsys.readouterr().err
    assert error.endswith(f"{said}\n")
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (arguments.whole, ["0", "-7"], ["", "1.5", "one"]),
        (arguments.natural, ["0", "7"], ["-1", "x"]),
        (arguments.positive, ["1"], ["0", "x"]),
        (arguments.seconds, ["0.5", "60"], ["0", "-1", "nan", "inf", "x"]),
        (arguments.percent, ["0", "99.5", "100"], ["-1", "101", "nan", "x"]),
    ],
)
def test_numbers(kind: Callable[[str], float], good: list[str], bad: list[str]) -> None:
    assert [kind(text) for text in good] == [float(text) for text in good]
    for text in bad:
        with pytest.raises(argparse.ArgumentTypeError):
            kind(text)
