import tomllib
from pathlib import Path

import pytest

from benchmarks import instructions


def test_five_percent_is_forgiven_and_more_is_not() -> None:
    baseline = {"GET job": 100_000, "POST job": 200_000}
    assert instructions.worse({"GET job": 105_000, "POST job": 150_000}, baseline) == []
    (line,) = instructions.worse({"GET job": 105_001, "POST job": 200_000}, baseline)
    assert line == "GET job: 105,001 instructions per request, +5.0% to the baseline's 100,000"


def test_request_without_a_baseline_is_not_judged() -> None:
    assert instructions.worse({"PUT job": 1}, {"GET job": 1}) == []


def test_baselines_are_read_back_as_written() -> None:
    baselines = {"3.12.1, GCC 13, x86_64": {"GET job": 1}, "3.11.7, GCC 12, x86_64": {"GET job": 2, "POST job": 3}}
    assert tomllib.loads(instructions.to_toml(baselines)) == baselines


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, int]:
    """What valgrind would count, and a baseline of its own."""
    counted = {"GET job": 100}
    monkeypatch.setattr(instructions, "count", lambda: counted)
    monkeypatch.setattr(instructions, "BASELINE", tmp_path / "instructions.toml")
    monkeypatch.setattr("shutil.which", lambda name: name)
    return counted


def test_check_fails_past_the_baseline_and_says_how_to_renew(
    measured: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert instructions.main(["--write"]) == 0
    assert instructions.main(["--check"]) == 0
    measured["GET job"] = 106
    assert instructions.main(["--check"]) == 1
    assert instructions.RENEW in capsys.readouterr().err
    assert instructions.main([]) == 0


def test_another_interpreter_has_nothing_to_compare_with(
    measured: dict[str, int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    instructions.main(["--write"])
    monkeypatch.setattr(instructions, "interpreter", lambda: "another")
    measured["GET job"] = 1_000
    assert instructions.main(["--check"]) == 0
    assert "no baseline for another" in capsys.readouterr().out


def test_missing_valgrind_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert instructions.main(["--check"]) == 2
    assert "apt-get install valgrind" in capsys.readouterr().err
