"""The command as scripts and reviews use it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from contracts.cli import main
from tests.contracts.validate.documents import write


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_silence_on_a_sound_document(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder)
    assert main(["validate", "openapi.yaml"]) == 0
    assert capsys.readouterr().out == "no findings in openapi.yaml\n"


def test_without_a_path_everything_under_specs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("one", "two"):
        (folder / "specs" / name).mkdir(parents=True)
        write(folder / "specs" / name, {"info": {"version": None}})
    assert main(["validate"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == 'specs/one/openapi.yaml:3:3: error: "version" is a required property [document-structure]'
    assert lines[-1] == "2 errors in 2 documents"


def test_exit_codes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    warning = {"components": {"schemas": {"Unused": {"type": "string"}}}}
    path = str(write(folder, warning))
    assert main(["validate", path]) == 0
    assert main(["validate", path, "--fail-on", "warning"]) == 1
    assert main(["validate", "nowhere"]) == 2
    assert capsys.readouterr().err == "contracts validate: nowhere does not exist\n"
    assert main(["validate", path, "--report", f"json={path}/report.json"]) == 2
    assert "cannot write the json report" in capsys.readouterr().err
    with pytest.raises(SystemExit) as exit_:
        main(["validate", path, "--report", "pdf=x"])
    assert exit_.value.code == 2
    assert "unknown report format 'pdf'" in capsys.readouterr().err


def test_several_reports_at_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, {"paths": {"/jobs/{id}": {"get": {"parameters": None}}}})
    reports = [f"--report={name}=out/report.{name}" for name in ("json", "sarif", "gitlab", "markdown", "html", "text")]
    assert main(["validate", "openapi.yaml", *reports, "--report", "github=-"]) == 1
    assert len(list((folder / "out").iterdir())) == 6
    assert capsys.readouterr().out.startswith("::error file=openapi.yaml,line=")
    (finding,) = json.loads((folder / "out/report.json").read_text())["findings"]
    assert finding["rule"] == "path-parameter-undeclared"
    assert finding["location"]["pointer"] == "/paths/~1jobs~1{id}/get"


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def test_a_pull_request_is_annotated_on_its_changed_lines(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(folder, "init", "-q", "-b", "main")
    (folder / "specs/jobs").mkdir(parents=True)
    document = write(folder / "specs/jobs")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "The contract")
    text = document.read_text(encoding="utf-8")
    changed = text.replace("type: integer", "type: integer\n          default: none")
    changed = changed.replace("#/components/schemas/Job", "#/components/schemas/Jobs")
    document.write_text(changed, encoding="utf-8")
    assert main(["validate", "--report", "github=-"]) == 1
    annotated = {
        line.split("line=")[1].split(",")[0] for line in capsys.readouterr().out.splitlines() if "error" in line
    }
    hunks = [line for line in git(folder, "diff", "-U0").splitlines() if line.startswith("@@")]
    assert annotated == {hunk.split("+")[1].split(" ")[0].split(",")[0] for hunk in hunks}
    assert len(annotated) == 2
