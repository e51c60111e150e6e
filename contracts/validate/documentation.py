"""The rule table as a page of Markdown: docs/validate-rules.md."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.findings import Rule
from contracts.validate.rules import RULES

_BESIDE = {"simulation": "`simulation.yaml`", "fact": "`facts.md`"}


def rules_page() -> str:
    """The whole page. `contracts validate --rules` prints it."""
    lines = [
        "<!-- Generated from contracts/validate/rules.yaml by `contracts validate --rules`. -->",
        "# Rules of `contracts validate`",
        "",
        "| rule | severity | |",
        "|---|---|---|",
        *(f"| [{rule.name}](#{rule.name}) | {rule.severity} | {rule.title} |" for rule in RULES.values()),
    ]
    for rule in RULES.values():
        lines += _section(rule)
    return "\n".join(lines) + "\n"


def _section(rule: Rule) -> Iterator[str]:
    language = "markdown" if rule.name.startswith("fact-") else "yaml"
    beside = _BESIDE.get(rule.name.partition("-")[0])
    where = f", in {beside}" if beside else ""
    yield from ("", f"## {rule.name}", "", f"{rule.title}. *{str(rule.severity).capitalize()}.*", "", rule.why)
    for title, example in (("Breaks it", rule.bad), ("Keeps it", rule.good)):
        yield from ("", f"{title}{where}:", "", f"```{language}", example, "```")
