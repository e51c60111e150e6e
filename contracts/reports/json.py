"""Everything a script may want, under stable names: those of `Finding`, or what the command's own schema describes."""

from __future__ import annotations

import dataclasses
from typing import Any

import orjson

from contracts.findings import Finding
from contracts.reports.fingerprint import fingerprint
from contracts.reports.model import Report


def render(report: Report) -> str:
    document = report.data or {
        "command": report.command,
        "title": report.title,
        "summary": report.summary,
        "findings": [_finding(finding) for finding in report.findings],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _finding(finding: Finding) -> dict[str, Any]:
    return dataclasses.asdict(finding) | {"severity": str(finding.severity), "fingerprint": fingerprint(finding)}
