"""The command: what may be compared, exit codes, and lines of a proposal as a reviewer sees them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from contracts.cli import main

DOCUMENT = """\
openapi: 3.1.0
info: {title: Things, version: '1'}
paths:
  /things:
    post:
      operationId: addThing
      requestBody:
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Thing'}
      responses:
        '200': {description: ok}
components:
  schemas:
    Thing:
      type: object
      required: [name]
      properties:
        name:
          type: string
          maxLength: 100
        colour:
          enum: [red, green]
"""
PROPOSAL = DOCUMENT.replace("maxLength: 100", "maxLength: 50").replace("[red, green]", "[red, green, blue]")


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a contract on `main`, and a branch that proposes a change."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "specs" / "things").mkdir(parents=True)
    document = tmp_path / "specs" / "things" / "openapi.yaml"
    document.write_text(DOCUMENT)
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "contract")
    git(tmp_path, "checkout", "-q", "-b", "proposal")
    document.write_text(PROPOSAL)
    git(tmp_path, "commit", "-q", "-a", "-m", "proposal")
    return tmp_path


def lines_that_changed(folder: Path) -> set[int]:
    done = subprocess.run(["git", "diff", "-U0", "main"], cwd=folder, check=True, capture_output=True, text=True)
    headers = [line.split("+")[1].split(" ")[0] for line in done.stdout.splitlines() if line.startswith("@@")]
    return {int(header.split(",")[0]) for header in headers}


@pytest.mark.parametrize("new", ["specs", "HEAD:specs", "proposal:specs", "specs/things/openapi.yaml"])
def test_a_proposal_is_annotated_on_the_lines_it_changes(
    repository: Path, capsys: pytest.CaptureFixture[str], new: str
) -> None:
    old = "main:specs" + ("/things/openapi.yaml" if new.endswith("yaml") else "")
    assert main(["diff", old, new, "--report", "github=-"]) == 1
    breaking, *others = capsys.readouterr().out.splitlines()
    assert breaking.startswith("::error file=specs/things/openapi.yaml,line=21,col=11,title=max-length-changed")
    assert "request-breaking" in breaking
    assert [line for line in others if line.startswith("::notice file=specs/things/openapi.yaml,line=23,col=11,")]
    assert lines_that_changed(repository) == {21, 23}


def test_the_report_names_both_places_and_the_witness(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "main:specs", "specs", "--report", "json=-"]) == 1
    report = json.loads(capsys.readouterr().out)
    (finding,) = [found for found in report["findings"] if found["severity"] == "error"]
    assert finding["related"][0]["file"] == "main:specs/things/openapi.yaml"
    assert finding["related"][0]["line"] == 21
    assert len(json.loads(finding["witness"])["name"]) == 51
    assert finding["hint"].startswith("refused at /name: ")
    assert report["summary"] == "1 breaking for requests, 1 compatible"


def test_nothing_breaking_is_0(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "specs", "specs"]) == 0
    assert capsys.readouterr().out == "no changes\n"


def test_fail_on_can_be_stricter(tmp_path: Path) -> None:
    for name, text in (("old", DOCUMENT), ("new", DOCUMENT.replace("addThing", "createThing"))):
        (tmp_path / f"{name}.yaml").write_text(text)
    files = [str(tmp_path / "old.yaml"), str(tmp_path / "new.yaml")]
    assert main(["diff", *files]) == 0
    assert main(["diff", *files, "--fail-on", "warning"]) == 1


def test_folders_are_paired_by_relative_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("old/a/openapi.yaml", "old/b/openapi.yaml", "new/a/openapi.yaml", "new/c/openapi.yaml"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(DOCUMENT)
    (tmp_path / "new" / "a" / "simulation.yaml").write_text("seed: 1\n")
    (tmp_path / "new" / ".cache").mkdir()
    (tmp_path / "new" / ".cache" / "openapi.yaml").write_text(DOCUMENT)
    assert main(["diff", str(tmp_path / "old"), str(tmp_path / "new"), "--report", "json=-"]) == 1
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert len(findings) == 2
    found = {finding["rule"]: finding["location"]["file"] for finding in findings}
    assert found.keys() == {"document-removed", "document-added"}
    assert found["document-removed"].endswith("old/b/openapi.yaml")
    assert found["document-added"].endswith("new/c/openapi.yaml")


def test_references_to_files_of_the_folder_are_followed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = DOCUMENT.replace("#/components/schemas/Thing", "schemas.yaml#/Thing").split("components:")[0]
    for side, limit in (("old", 100), ("new", 50)):
        (tmp_path / side).mkdir()
        (tmp_path / side / "openapi.yaml").write_text(whole)
        schema = f"Thing:\n  type: object\n  properties:\n    name:\n      type: string\n      maxLength: {limit}\n"
        (tmp_path / side / "schemas.yaml").write_text(schema)
    assert main(["diff", str(tmp_path / "old"), str(tmp_path / "new"), "--report", "json=-"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert finding["location"]["file"].endswith("new/schemas.yaml")
    assert (finding["location"]["line"], finding["rule"]) == (6, "max-length-changed")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("nowhere.yaml", "specs", "nowhere.yaml does not exist; name a file, a folder or REVISION:path"),
        ("nowhere:specs", "specs", "nowhere:specs: "),
        ("main:nowhere", "specs", "main:nowhere: "),
        ("specs/things/openapi.yaml", "specs", "one is a folder, the other a file"),
        ("README.md", "README.md", "README.md:1:1: is no OpenAPI document: it has no `openapi` field"),
        ("broken.yaml", "broken.yaml", "broken.yaml:2:1: is not YAML"),
        ("two.yaml", "two.yaml", "two.yaml:1:10: OpenAPI 2.0 is not supported"),
        ("dangling.yaml", "dangling.yaml", "'#/components/schemas/Nothing"),
        ("empty", "empty", "neither empty nor empty holds an OpenAPI document"),
        ("--output=x:y", "specs", ""),
    ],
)
def test_unusable_input_is_2_and_one_line(
    repository: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, said: str
) -> None:
    (repository / "README.md").write_text("Things\n")
    (repository / "broken.yaml").write_text("{openapi: [\n")
    (repository / "two.yaml").write_text("openapi: '2.0'\n")
    (repository / "dangling.yaml").write_text(DOCUMENT.replace("schemas/Thing", "schemas/Nothing"))
    (repository / "empty").mkdir()
    try:
        code = main(["diff", old, new])
    except SystemExit as stopped:
        code = int(stopped.code or 0)
    assert code == 2
    error = capsys.readouterr().err
    assert "Traceback" not in error
    if said:
        assert said.lstrip("'") in error
        assert len(error.splitlines()) == 1


HEAD = DOCUMENT.split("    Thing:", maxsplit=1)[0]


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ("Thing: {$ref: '#/components/schemas/Thing'}", "refers only to itself"),
        ("Thing: {type: 5}", "'type' is not a name or a list of names"),
        ("Thing: {type: [5]}", "'type' is not a list of names"),
        ("Thing: {required: x}", "'required' is not a list"),
        ("Thing: {properties: []}", "'properties' is not an object"),
        ("Thing: {maximum: much}", "'maximum' is not a number"),
        ("Thing: {enum: 3}", "'enum' is not a list"),
        ("Thing: {pattern: '(['}", "the pattern ([ is no regular expression of ECMA-262"),
        ("Thing: {patternProperties: {'([': {}}}", "the pattern ([ is no regular expression of ECMA-262"),
    ],
)
def test_what_is_no_schema_is_2_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], schema: str, said: str
) -> None:
    for name, text in (("old", DOCUMENT), ("new", f"{HEAD}    {schema}\n")):
        (tmp_path / f"{name}.yaml").write_text(text)
    assert main(["diff", str(tmp_path / "old.yaml"), str(tmp_path / "new.yaml")]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "new.yaml:15:" in error


def test_schemas_that_require_themselves_come_to_an_end(tmp_path: Path) -> None:
    for name, extra in (("old", ""), ("new", "        n: {type: string}\n")):
        own = "    Thing:\n      type: object\n      required: [l, r, n]\n      properties:\n"
        sides = "".join(f"        {side}: {{$ref: '#/components/schemas/Thing'}}\n" for side in "lr")
        (tmp_path / f"{name}.yaml").write_text(HEAD + own + sides + extra)
    assert main(["diff", str(tmp_path / "old.yaml"), str(tmp_path / "new.yaml")]) in (0, 1)


def test_a_break_sixty_levels_deep_has_a_witness(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, limit in (("old", 4), ("new", 3)):
        deep = "{type: object, properties: {a: " * 60 + f"{{type: string, maxLength: {limit}}}" + "}}" * 60
        (tmp_path / f"{name}.yaml").write_text(f"{HEAD}    Thing: {deep}\n")
    assert main(["diff", str(tmp_path / "old.yaml"), str(tmp_path / "new.yaml"), "--report", "json=-"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert json.loads(finding["witness"])


def test_what_is_not_openapi_is_2_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "things.yaml"
    file.write_text(DOCUMENT.replace("      responses:", "          required: false\n      responses:", 1))
    assert main(["diff", str(file), str(file)]) == 2
    error = capsys.readouterr().err
    assert "things.yaml:" in error
    assert len(error.splitlines()) == 1


def test_a_type_that_is_gone_admits_null_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, kind in (("old", "type: [string, 'null']"), ("new", "description: any")):
        (tmp_path / f"{name}.yaml").write_text(DOCUMENT.replace("type: string", kind))
    assert main(["diff", str(tmp_path / "old.yaml"), str(tmp_path / "new.yaml")]) == 0
    assert "the type went from null or string to anything" in capsys.readouterr().out
