"""SARIF 2.1.0 (OASIS), which GitHub code scanning, Azure DevOps and most editors read."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import orjson

from contracts.findings import Finding, Location, Rule, Severity
from contracts.reports.fingerprint import fingerprint
from contracts.reports.model import Report

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def render(report: Report) -> str:
    names = sorted(report.rules)
    run = {
        "tool": {"driver": {"name": f"contracts {report.command}", "rules": [_rule(report.rules[n]) for n in names]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, names.index(finding.rule)) for finding in report.findings],
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
    }


def _result(finding: Finding, rule_index: int) -> dict[str, Any]:
    extra = {"kind": finding.kind, "witness": finding.witness, "hint": finding.hint}
    return {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": LEVELS[finding.severity],
        "message": {"text": f"{finding.message}. {finding.hint}" if finding.hint else finding.message},
        "locations": [_location(finding.location)],
        "relatedLocations": [{"id": number} | _location(place) for number, place in enumerate(finding.related, 1)],
        "partialFingerprints": {"contracts/v1": fingerprint(finding)},
        "properties": {name: value for name, value in extra.items() if value},
    }


def _location(place: Location) -> dict[str, Any]:
    region = {"startLine": place.line, "startColumn": place.column}
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": _uri(place.file)}, "region": region}}
    if place.pointer:
        location["logicalLocations"] = [{"fullyQualifiedName": place.pointer}]
    return location


def _uri(file: str) -> str:
    """A path, percent-encoded; `main:specs/x.yaml` (a file at a git revision) must not read as a URI scheme."""
    return quote(file, safe="/")
