"""A folder of broken documents, one fault each: found with the right rule, line and column, and nothing else.

A document states what is expected in its first line: `# expect: RULE [FILE:]LINE:COLUMN`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.validate.rules import RULES
from contracts.validate.run import validate

FAULTS = Path(__file__).with_name("faults")
DOCUMENTS = sorted([*FAULTS.glob("*.yaml"), *FAULTS.glob("*/openapi.yaml")])


def expectation(document: Path) -> tuple[str, Path, int, int]:
    first = document.read_text(encoding="utf-8").splitlines()[0]
    rule, place = first.removeprefix("# expect: ").split(" ")
    *file, line, column = place.split(":")
    return rule, document.parent / file[0] if file else document, int(line), int(column)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(FAULTS).as_posix())
def test_fault(document: Path) -> None:
    rule, file, line, column = expectation(document)
    found = [
        (finding.rule, Path(finding.location.file).resolve(), finding.location.line, finding.location.column)
        for finding in validate(document)
    ]
    assert found == [(rule, file.resolve(), line, column)]


def test_there_are_sixty_and_every_rule_is_among_them() -> None:
    assert len(DOCUMENTS) >= 60
    assert {expectation(document)[0] for document in DOCUMENTS} == set(RULES)
