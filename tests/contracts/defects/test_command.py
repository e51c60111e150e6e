"""`contracts defects`: exit codes, what is printed, and the reports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contracts.cli import main
from contracts.defects import command
from contracts.defects.catalogue import defects_of
from contracts.defects.run import Fate, Outcome, UnsoundError
from contracts.target.breach import Breach
from contracts.target.subject import load_subject
from tests.contracts.defects.catalogues import CATALOGUES

THANX = defects_of(load_subject("thanx"))
FIRST, SECOND = THANX[:2]
CAUGHT = Outcome(FIRST, Breach("a-law", "getIssuanceJob", "T1", "not as promised", (), 0), 12, 0.5, 3)
SURVIVED = Outcome(SECOND, None, 800, 9.0, 0, "it changed none of 800 answers")
UNJUDGED = Outcome(SECOND, None, 30, 1.0, 2, "the budget of 30 requests is spent", complete=False)


@pytest.fixture
def outcomes(monkeypatch: pytest.MonkeyPatch) -> list[Outcome]:
    """What the judge is said to have found: the command is tested without a run."""
    found: list[Outcome] = []
    monkeypatch.setattr(command, "sound", lambda subject, plan: None)
    monkeypatch.setattr(command, "judge", lambda subject, defects, plan: iter(found))
    return found


def test_all_caught_is_0(outcomes: list[Outcome], capsys: pytest.CaptureFixture[str]) -> None:
    outcomes.append(CAUGHT)
    assert main(["defects", "thanx"]) == 0
    out = capsys.readouterr().out
    assert "caught    schema       property-left-out" in out
    assert "a-law (12 requests, 0.5 s)" in out
    assert out.endswith("thanx: 1 of 1 defects caught in 0 s\n")


def test_a_survivor_is_1(outcomes: list[Outcome], capsys: pytest.CaptureFixture[str]) -> None:
    outcomes += [CAUGHT, SURVIVED]
    assert main(["defects", "thanx"]) == 1
    assert "SURVIVED  schema       value-as-list" in capsys.readouterr().out


def test_what_is_not_judged_to_the_end_is_1_and_no_survivor(
    outcomes: list[Outcome], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcomes += [CAUGHT, UNJUDGED]
    assert main(["defects", "thanx"]) == 1
    out = capsys.readouterr().out
    assert "UNJUDGED  schema       value-as-list" in out
    assert "SURVIVED" not in out
    assert out.endswith("thanx: 1 of 2 defects caught in 2 s, 1 not judged to the end\n")
    path = tmp_path / "defects.json"
    assert main(["defects", "thanx", "--report", f"json={path}", "--report", "markdown"]) == 1
    fates = [entry["fate"] for entry in json.loads(path.read_text())["providers"][0]["defects"]]
    assert fates == ["caught", "not judged to the end"]
    assert "**not judged to the end**: the budget of 30 requests is spent" in capsys.readouterr().out


def test_an_unsound_stub_is_1(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def unsound(*_: object) -> None:
        raise UnsoundError("a-law finds fault with the sound stub")

    monkeypatch.setattr(command, "sound", unsound)
    assert main(["defects", "thanx"]) == 1
    assert capsys.readouterr().err == "contracts defects: a-law finds fault with the sound stub\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nobody"], "nobody: is neither a provider nor a document"),
        (["thanx", "--only", "stale-red"], "thanx: there is no defect 'stale-red' (did you mean 'stale-reads'?)"),
    ],
)
def test_wrong_usage_is_2(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["defects", *arguments]) == 2
    assert words in capsys.readouterr().err


def test_a_report_that_cannot_be_written_is_2(
    outcomes: list[Outcome], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcomes.append(CAUGHT)
    assert main(["defects", "thanx", "--report", f"json={tmp_path}"]) == 2
    assert "cannot write the json report" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stopped:
        main(["defects", "thanx", "--report", "pdf=x"])
    assert stopped.value.code == 2


def test_the_json_report(outcomes: list[Outcome], tmp_path: Path) -> None:
    outcomes += [CAUGHT, SURVIVED]
    path = tmp_path / "defects.json"
    main(["defects", "thanx", "--report", f"json={path}"])
    report = json.loads(path.read_text())
    result = report["providers"][0]
    assert (report["version"], result["provider"], result["seed"], result["caught"]) == (1, "thanx", 0, 1)
    caught, survived = result["defects"]
    assert (caught["name"], caught["kind"], caught["check"]) == (FIRST.name, "schema", "a-law")
    assert (caught["requests"], caught["seconds"], caught["changed"]) == (12, 0.5, 3)
    assert (survived["caught"], survived["check"], survived["why"]) == (False, None, SURVIVED.why)


def test_the_table_for_the_documentation(outcomes: list[Outcome], capsys: pytest.CaptureFixture[str]) -> None:
    outcomes += [CAUGHT, SURVIVED]
    assert main(["defects", "thanx", "--report", "markdown"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("# Seeded defects\n")
    assert "\n## thanx\n\n1 of 2 caught with seed 0; half of them within 12 requests, all within 12.\n" in out
    assert f"| schema | {FIRST.name} | {FIRST.story} | `a-law` | 12 |" in out
    assert "**survived**: it changed none of 800 answers" in out


def test_the_list_needs_no_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["defects", "elastic_path", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(defects_of(load_subject("elastic_path")))
    assert lines[0].startswith("elastic_path  schema       property-left-out")


def test_one_defect_end_to_end(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "sound", lambda subject, plan: None)
    assert main(["defects", "thanx", "--only", "property-left-out"]) == 0
    assert "response_schema_conformance" in capsys.readouterr().out


DOCUMENT = """
openapi: 3.1.0
info: {title: Coupons, version: '1'}
paths:
  /coupons/{id}:
    get:
      operationId: getCoupon
      parameters: [{name: id, in: path, required: true, schema: {type: string, minLength: 1}}]
      responses:
        '200':
          description: A coupon
          content:
            application/json:
              schema: {type: object, required: [code], properties: {code: {type: string, examples: [abc]}}}
"""


def test_a_document_of_any_provider(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = tmp_path / "coupons.yaml"
    document.write_text(DOCUMENT, encoding="utf-8")
    assert main(["defects", str(document), "--only", "property-left-out", "--only", "media-type-missing"]) == 0
    assert "coupons: 2 of 2 defects caught" in capsys.readouterr().out


@pytest.mark.parametrize("provider", CATALOGUES)
def test_documentation_names_every_defect(provider: str) -> None:
    """`docs/defects.md` is made by a run; a defect that it lacks was never measured."""
    text = (Path(__file__).resolve().parents[3] / "docs" / "defects.md").read_text(encoding="utf-8")
    tables = [part.partition("\n## ")[0] for part in text.split(f"\n## {provider}\n")[1:]]
    rows = [
        [line.removeprefix("| ").split(" | ")[:3] for line in table.splitlines() if line.startswith("| ")][2:]
        for table in tables
    ]
    catalogues = (defects_of(load_subject(provider)), CATALOGUES[provider])
    assert rows == [[[str(defect.kind), defect.name, defect.story] for defect in defects] for defects in catalogues]
    assert f"**{Fate.UNJUDGED}**" not in text
    assert f"**{Fate.SURVIVED}**" not in text.partition("# The judge's own test")[2]
