"""The rule table, the documentation and the table of pairs speak of the same rules."""

from __future__ import annotations

import re
from pathlib import Path

from contracts.diff.rules import RULES, Kind, table
from contracts.diff.schema_diff import STATEMENTS
from tests.contracts.diff.cases import cases

DOCUMENT = (Path(__file__).parents[3] / "docs" / "diff.md").read_text()
SOURCES = "".join(path.read_text() for path in (Path(__file__).parents[3] / "contracts" / "diff").glob("*.py"))
# Named in test_command.py, which has folders.
FOLDERS = {"document-added", "document-removed"}


def test_the_documentation_has_the_table() -> None:
    assert DOCUMENT.split("<!-- rules -->\n")[1].split("<!-- end of rules -->")[0] == table()


def test_what_is_compared_with_oasdiff_exists() -> None:
    rows = [line.split(" | ")[1] for line in DOCUMENT.split("## oasdiff's checks")[1].splitlines() if " | " in line]
    names = {name for row in rows for name in re.findall(r"`([a-z-]+)`", row) if not name.startswith("x-")}
    assert len(names) > 60
    assert names - {"default"} <= RULES.keys()


def test_every_rule_has_a_pair_that_breaks_or_not_as_it_says() -> None:
    seen = {tuple(expected.split(" ")) for case in cases() for expected in case.expected}
    said = {(row.name, kind) for row in RULES.values() for kind in row.kinds if row.name not in FOLDERS}
    assert seen <= said
    assert {rule for rule, _ in seen} == {rule for rule, _ in said}


def test_kinds_are_the_four() -> None:
    assert {kind for row in RULES.values() for kind in row.kinds} == {str(kind) for kind in Kind}


def test_every_statement_has_a_rule() -> None:
    assert set(STATEMENTS.values()) <= RULES.keys()
