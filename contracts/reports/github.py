"""Workflow commands that GitHub turns into annotations on the changed lines.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from contracts.findings import Finding, Severity
from contracts.reports.model import Report

COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(report: Report) -> str:
    # GitHub shows only the first ten of each kind and step: the most severe must come first.
    ordered = sorted(report.findings, key=lambda finding: -finding.severity)
    return "".join(f"{_command(finding)}\n" for finding in ordered)


def _command(finding: Finding) -> str:
    place = finding.location
    title = f"{finding.rule} ({finding.kind})" if finding.kind else finding.rule
    values = {"file": place.file, "line": str(place.line), "col": str(place.column), "title": title}
    properties = ",".join(f"{name}={_property(value)}" for name, value in values.items())
    witness = f"witness: {finding.witness}" if finding.witness else ""
    return f"::{COMMANDS[finding.severity]} {properties}::" + _data(
        "\n".join(part for part in (finding.message, finding.hint, witness) if part)
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
