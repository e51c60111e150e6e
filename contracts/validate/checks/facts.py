"""`facts.md`: every documented fact names a test, and the test exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from contracts.findings import Finding, Location, shown
from contracts.validate.rules import RULES
from contracts.validate.subject import Subject

_ROW = re.compile(r"\|\s*(?P<number>[A-Z]+[0-9]+[a-z]?)\s*\|")
_TEST = re.compile(r"`?(?P<file>[\w./-]+\.py)::(?P<name>[\w:\[\]-]+)`?")


def check(subject: Subject) -> Iterator[Finding]:
    if subject.facts is None:
        return
    columns = 0
    for number, line in enumerate(subject.facts.read_text(encoding="utf-8").splitlines(), 1):
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        if [cell.lower() for cell in cells][-1:] == ["test"]:
            columns = len(cells)
        elif not line.strip().startswith("|"):
            columns = 0
        elif columns and (row := _ROW.match(line.strip())):
            yield from _row(subject.facts, number, line, row["number"], cells[-1] if len(cells) == columns else "")


def _row(file: Path, line: int, text: str, fact: str, cell: str) -> Iterator[Finding]:
    tests = list(_TEST.finditer(cell))
    column = text.rstrip().rstrip("|").rfind("|") + 3
    if not tests:
        yield _finding("fact-untested", file, line, column, f"{fact} names no test")
    for test in tests:
        home = next((folder for folder in file.resolve().parents if (folder / test["file"]).is_file()), None)
        name = test["name"].split("::")[-1].split("[")[0]
        if home is None:
            message = f"{fact}: the file {test['file']} does not exist"
            yield _finding("fact-test-missing", file, line, column, message)
        elif name not in _defined(home / test["file"]):
            yield _finding("fact-test-missing", file, line, column, f"{fact}: {test['file']} has no test {name}")


@cache
def _defined(file: Path) -> frozenset[str]:
    """The functions and classes of a Python file."""
    return frozenset(re.findall(r"^\s*(?:async )?(?:def|class) (\w+)", file.read_text(encoding="utf-8"), re.MULTILINE))


def _finding(rule: str, file: Path, line: int, column: int, message: str) -> Finding:
    return Finding(rule, RULES[rule].severity, Location(shown(file), line, column), message)
