"""Every documented fact has a number of its own, a confidence, and a test that exists (see specs/README.md)."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from openapi.shipped import SPECS
from tests.specs.documents import PROVIDERS

pytestmark = pytest.mark.parametrize("provider", PROVIDERS)

ROOT = SPECS.parent
LETTERS = {"thanx": "T", "loyaltydog": "L", "capillary": "C", "elastic_path": "E"}
_CELLS = re.compile(r"(?<!\\)\|")
_NODE = re.compile(r"`(tests/[a-z_/]+\.py)::(test_[a-z0-9_]+)`")


class Fact(NamedTuple):
    """One row: the line it stands in, and its five cells."""

    line: int
    number: str
    statement: str
    source: str
    confidence: str
    test: str


def _rows(provider: str) -> Iterator[tuple[int, list[str], list[str]]]:
    """Line, cells of the table's head, and cells, for every row of every table."""
    head: list[str] = []
    for line, text in enumerate((SPECS / provider / "facts.md").read_text().splitlines(), 1):
        cells = [cell.strip() for cell in _CELLS.split(text)[1:-1]] if text.startswith("|") else []
        if not cells:
            head = []
        elif not head:
            head = cells
        elif not set("".join(cells)) <= {"-", ":"}:
            yield line, head, cells


@cache
def facts(provider: str) -> list[Fact]:
    """Every row of the tables of facts."""
    found = [(line, cells) for line, head, cells in _rows(provider) if head[-1:] == ["test"]]
    assert all(len(cells) == 5 for _, cells in found), [line for line, cells in found if len(cells) != 5]
    return [Fact(line, *cells) for line, cells in found]


@cache
def _tests_of(path: Path) -> frozenset[str]:
    """The test functions of a file, none if there is no such file."""
    tree = ast.parse(path.read_text()) if path.is_file() else ast.Module([], [])
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_number_is_given_once(provider: str) -> None:
    numbers = [fact.number for fact in facts(provider)]
    assert numbers
    assert [number for number, times in Counter(numbers).items() if times > 1] == []
    assert [number for number in numbers if not re.fullmatch(rf"{LETTERS[provider]}[1-9]\d*", number)] == []


def test_confidence_is_one_of_three(provider: str) -> None:
    assert {fact.confidence for fact in facts(provider)} <= {"stated", "inferred", "assumed"}


def test_every_fact_has_a_statement_and_a_source(provider: str) -> None:
    assert [fact.number for fact in facts(provider) if not fact.statement or not fact.source] == []


def test_what_no_source_says_is_assumed(provider: str) -> None:
    stated = [fact.number for fact in facts(provider) if fact.source == "none" and fact.confidence != "assumed"]
    assert stated == []


def test_every_fact_names_a_test_that_exists(provider: str) -> None:
    missing = []
    for fact in facts(provider):
        node = _NODE.fullmatch(fact.test)
        if node is None:
            missing.append(f"facts.md:{fact.line}: {fact.number} names no test: {fact.test}")
        elif node[2] not in _tests_of(ROOT / node[1]):
            missing.append(f"facts.md:{fact.line}: {fact.number} names {node[0]}, which does not exist")
    assert not missing, "\n" + "\n".join(missing)


def test_contradictions_refer_to_facts(provider: str) -> None:
    known = {fact.number for fact in facts(provider)}
    rows = [cells for _, head, cells in _rows(provider) if "chosen" in head]
    assert rows
    named = {number for cells in rows for number in re.findall(rf"\b{LETTERS[provider]}\d+\b", " ".join(cells))}
    assert named - known == set()
