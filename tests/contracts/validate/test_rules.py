"""The rule table: the documentation's examples break and keep the rule that they illustrate."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from contracts.validate import checks, run, suppression
from contracts.validate.rules import RULES
from contracts.validate.run import validate
from tests.contracts.validate.documents import SOUND, write


def found(folder: Path, rule: str, example: str) -> set[str]:
    """The rules that a document with this example breaks."""
    family = rule.partition("-")[0]
    beside = {"simulation": "simulation.yaml", "fact": "facts.md"}.get(family)
    if beside:
        (folder / beside).write_text(example, encoding="utf-8")
    if rule == "document-unreadable":
        (folder / "openapi.yaml").write_text(example, encoding="utf-8")
        document = folder / "openapi.yaml"
    else:
        document = write(folder, None if beside else yaml.safe_load(example))
    return {finding.rule for finding in validate(document)}


@pytest.mark.parametrize("rule", RULES)
def test_the_bad_example_breaks_the_rule_and_the_good_one_does_not(tmp_path: Path, rule: str) -> None:
    assert rule in found(tmp_path, rule, RULES[rule].bad)
    assert rule not in found(tmp_path, rule, RULES[rule].good)


def test_the_document_that_examples_are_merged_into_is_sound(tmp_path: Path) -> None:
    assert SOUND
    assert validate(write(tmp_path)) == []


def test_names_are_kebab_case() -> None:
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)+", name) for name in RULES)


def test_every_rule_of_the_table_is_used_by_a_check_and_no_other() -> None:
    folder = Path(next(iter(checks.__path__)))
    sources = [*folder.glob("*.py"), Path(str(run.__file__)), Path(str(suppression.__file__))]
    text = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    assert set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', text)) & set(RULES) == set(RULES)
