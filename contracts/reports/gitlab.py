"""GitLab's code quality report (a subset of Code Climate's), shown in the merge request.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

from typing import Any

import orjson

from contracts.findings import Finding, Severity
from contracts.reports.fingerprint import fingerprint
from contracts.reports.model import Report

SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}


def render(report: Report) -> str:
    issues = [_issue(finding) for finding in report.findings]
    return orjson.dumps(issues, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _issue(finding: Finding) -> dict[str, Any]:
    place = finding.location
    begin = {"line": place.line, "column": place.column}
    return {
        "description": f"{finding.message} ({finding.hint})" if finding.hint else finding.message,
        "check_name": finding.rule,
        "fingerprint": fingerprint(finding),
        "severity": SEVERITIES[finding.severity],
        "location": {"path": place.file, "positions": {"begin": begin, "end": begin}, "lines": {"begin": place.line}},
    }
