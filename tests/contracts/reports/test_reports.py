"""Every format, on findings that are hard to write: quotes, markup, line breaks, other severities."""

from __future__ import annotations

import argparse
import html
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest

from contracts.findings import Finding, Location, Rule, Severity, shown
from contracts.reports import FORMATS, exit_code, render, tally, write
from contracts.reports.fingerprint import fingerprint
from contracts.reports.model import Report
from contracts.reports.output import ReportError, ReportTarget, report_target
from tests.contracts.public import SARIF_SCHEMA, public_document

RULES = {
    "example-invalid": Rule("example-invalid", Severity.ERROR, "Every example fits", "Readers believe examples."),
    "component-unused": Rule("component-unused", Severity.WARNING, "Every component is used", "It promises nothing."),
    "text-changed": Rule("text-changed", Severity.NOTE, "Text", "For readers."),
}
HARD = Finding(
    "example-invalid",
    Severity.ERROR,
    Location("specs/a, b/openapi.yaml", 12, 7, "/paths/~1jobs/get"),
    'a "quoted" <script>alert(1)</script> | bar, 100%\nnext line @everyone',
    "use `x` instead",
    (Location("main:specs/openapi.yaml", 3, 1, "/x"),),
    '{"a|b": "`c`"}',
    "breaking for clients",
)
WARNING = Finding("component-unused", Severity.WARNING, Location("specs/openapi.yaml", 1, 1), "nothing uses it")
NOTE = Finding("text-changed", Severity.NOTE, Location("specs/openapi.yaml", 2, 3), "other words")
REPORT = Report("diff", "main to HEAD", "1 error, 1 warning", RULES, (WARNING, NOTE, HARD))
EMPTY = Report("validate", "specs", "no findings", RULES, ())


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("report", [REPORT, EMPTY], ids=["findings", "empty"])
def test_a_whole_file(name: str, report: Report) -> None:
    text = render(report, name)
    assert text.endswith("\n") or (name == "github" and not report.findings)


def test_text_is_clickable_and_names_everything() -> None:
    lines = render(REPORT, "text").splitlines()
    assert lines[0] == "specs/openapi.yaml:1:1: warning: nothing uses it [component-unused]"
    assert lines[-1] == "1 error, 1 warning"
    assert "    at /paths/~1jobs/get" in lines
    assert "    see main:specs/openapi.yaml:3:1" in lines
    assert '    witness: {"a|b": "`c`"}' in lines
    assert any(line.startswith("specs/a, b/openapi.yaml:12:7: error, breaking for clients: ") for line in lines)


def test_json_has_every_field() -> None:
    document = json.loads(render(REPORT, "json"))
    assert document["command"] == "diff"
    finding = document["findings"][2]
    assert finding["severity"] == "error"
    assert finding["kind"] == "breaking for clients"
    assert finding["location"] == {
        "file": "specs/a, b/openapi.yaml",
        "line": 12,
        "column": 7,
        "pointer": "/paths/~1jobs/get",
    }
    texts = {"rule", "severity", "message", "hint", "witness", "kind", "key", "fingerprint"}
    assert set(finding) == texts | {"location", "related", "evidence"}


def test_github_commands_are_escaped_and_the_most_severe_come_first() -> None:
    first, second, third = render(REPORT, "github").splitlines()
    place = "file=specs/a%2C b/openapi.yaml,line=12,col=7,title=example-invalid (breaking for clients)"
    assert first.startswith(f'::error {place}::a "quoted"')
    assert "100%25%0Anext line" in first
    assert second.startswith("::warning file=specs/openapi.yaml,line=1,col=1,title=component-unused::")
    assert third.startswith("::notice ")


@pytest.mark.slow  # the schema comes from npm
def test_sarif_keeps_its_schema() -> None:
    schema = json.loads(public_document(*SARIF_SCHEMA).read_bytes())
    for name in ("run", "toolComponent"):
        del schema["definitions"][name]["properties"]["language"]["pattern"]  # it compiles in no dialect
    validator = jsonschema_rs.validator_for(schema)
    for report in (REPORT, EMPTY):
        document = json.loads(render(report, "sarif"))
        validator.validate(document)
    (run,) = json.loads(render(REPORT, "sarif"))["runs"]
    result = run["results"][2]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "example-invalid"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "specs/a%2C%20b/openapi.yaml"
    assert place["region"] == {"startLine": 12, "startColumn": 7}


def test_gitlab_has_what_its_documentation_requires() -> None:
    issues = json.loads(render(REPORT, "gitlab"))
    for issue in issues:
        assert {"description", "check_name", "fingerprint", "severity", "location"} <= set(issue)
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert issue["location"]["lines"]["begin"] >= 1
    assert len({issue["fingerprint"] for issue in issues}) == 3


def test_junit_has_a_case_for_every_rule_and_fails_for_errors_alone() -> None:
    root = ET.fromstring(render(REPORT, "junit"))
    outcome = {case.get("name"): [child.tag for child in case] for case in root.iter("testcase")}
    assert outcome == {"example-invalid": ["failure"], "component-unused": ["skipped"], "text-changed": ["skipped"]}
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("3", "1", "2")


def test_markdown_is_one_table_whatever_the_text() -> None:
    text = render(REPORT, "markdown")
    assert text.startswith("<!-- contracts diff -->\n")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows)
    assert "<script>" not in text
    assert "@everyone" not in text.replace("\\@", "")
    assert rows[2].startswith("| error, breaking for clients |")


def test_markdown_stays_below_the_limit_of_a_comment() -> None:
    many = tuple(Finding("example-invalid", Severity.ERROR, Location("x", n, 1), "y" * 200) for n in range(1_000))
    text = render(Report("validate", "t", "s", RULES, many), "markdown")
    assert len(text) < 65_536
    shown_rows = text.count("| error |")
    assert f"{1_000 - shown_rows} more findings" in text


class Page(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.names: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        self.links += [str(values[name]) for name in ("href", "src") if name in values]
        self.names.add(str(values.get("id")))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_stands_alone_and_escapes() -> None:
    page = Page()
    page.feed(render(REPORT, "html"))
    assert "script" not in page.tags
    assert all(link.startswith("#") and link[1:] in page.names for link in page.links)
    assert page.tags.count("article") == 3
    assert html.unescape("<script>alert(1)</script>") in page.text
    assert '{"a|b": "`c`"}' in page.text


def test_a_fingerprint_survives_a_move_of_lines_but_no_other_change() -> None:
    moved = Finding(HARD.rule, HARD.severity, Location(HARD.location.file, 99, 1, HARD.location.pointer), HARD.message)
    assert fingerprint(moved) == fingerprint(HARD)
    other = Finding(HARD.rule, HARD.severity, HARD.location, "another message")
    assert fingerprint(other) != fingerprint(HARD)


def test_a_fingerprint_is_that_of_the_key_where_there_is_one() -> None:
    first, again = (replace(HARD, key="getJob\x00200", message=message) for message in ("is 17", "is 18"))
    assert fingerprint(first) == fingerprint(again) != fingerprint(replace(first, key="getJob\x00404"))


def test_reports_go_to_files_and_the_text_to_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(REPORT, [ReportTarget("json", str(tmp_path / "new" / "r.json"))])
    assert capsys.readouterr().out == render(REPORT, "text")
    assert (tmp_path / "new" / "r.json").read_text() == render(REPORT, "json")
    write(REPORT, [report_target("gitlab", tuple(FORMATS))])
    assert capsys.readouterr().out == render(REPORT, "gitlab")


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match=r"cannot write the json report to .*/file/r\.json: "):
        write(REPORT, [ReportTarget("json", str(tmp_path / "file" / "r.json"))])
    with pytest.raises(argparse.ArgumentTypeError, match="unknown report format 'pdf', known: text, json"):
        report_target("pdf=x", tuple(FORMATS))


@pytest.mark.parametrize(
    ("findings", "fail_on", "code"),
    [
        ((), "warning", 0),
        ((NOTE,), "warning", 0),
        ((WARNING,), "error", 0),
        ((WARNING,), "warning", 1),
        ((NOTE, HARD), "error", 1),
        ((HARD,), "breaking", 1),
        ((WARNING,), "breaking", 0),
    ],
)
def test_exit_code(findings: tuple[Finding, ...], fail_on: str, code: int) -> None:
    assert exit_code(findings, fail_on) == code


def test_tally() -> None:
    assert tally([]) == "no findings"
    assert tally([WARNING, HARD, HARD]) == "2 errors, 1 warning"


def test_paths_are_shown_relative_to_where_the_command_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown(tmp_path / "specs/a.yaml") == "specs/a.yaml"
    assert shown(Path("specs/a.yaml")) == "specs/a.yaml"
    assert shown(Path("/elsewhere/a.yaml")) == "/elsewhere/a.yaml"
