"""One page that opens from disk: no script, no other file, printable."""

from __future__ import annotations

from pathlib import Path

import jinja2

from contracts.findings import Severity
from contracts.reports.model import Report

TEMPLATE = Path(__file__).with_name("report.html")


def render(report: Report) -> str:
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    by_file: dict[str, list[object]] = {}
    for finding in report.findings:
        by_file.setdefault(finding.location.file, []).append(finding)
    counts = {str(level): sum(f.severity == level for f in report.findings) for level in reversed(Severity)}
    return template.render(report=report, files=by_file, counts=counts, rules=report.rules) + "\n"
