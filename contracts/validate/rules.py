"""The rule table: `rules.yaml` as values. Names are stable, for suppressions and reports refer to them."""

from __future__ import annotations

from pathlib import Path

from contracts.findings import Rule, Severity
from openapi.source import read

TABLE = Path(__file__).with_name("rules.yaml")


def _load() -> dict[str, Rule]:
    rules = {}
    for name, row in read(TABLE).root.items():
        severity = Severity[row["severity"].upper()]
        rules[name] = Rule(name, severity, row["title"], row["why"].strip(), row["bad"].strip(), row["good"].strip())
    return rules


RULES = _load()
