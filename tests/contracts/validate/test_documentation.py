from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from contracts.cli import main
from contracts.validate.documentation import rules_page
from contracts.validate.rules import RULES
from contracts.validate.run import validate

DOCS = Path(__file__).parents[3] / "docs"


def test_the_page_is_that_of_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--rules"]) == 0
    page = capsys.readouterr().out
    assert page == rules_page()
    assert (DOCS / "validate-rules.md").read_text(encoding="utf-8") == page, "run contracts validate --rules"


def test_every_rule_has_its_section() -> None:
    sections = re.findall(r"^## (\S+)$", rules_page(), re.MULTILINE)
    assert sections == list(RULES)


def test_rules_named_in_the_guide_exist() -> None:
    guide = (DOCS / "validate.md").read_text(encoding="utf-8")
    named = re.findall(r"\[([a-z-]+)\]$|x-contracts-ignore: \{([a-z-]+):", guide, re.MULTILINE)
    assert named
    assert {name for pair in named for name in pair if name} <= set(RULES)


def test_links_between_the_pages_lead_somewhere() -> None:
    for page in ("validate.md", "ci.md"):
        for target in re.findall(r"\]\(([^)#]+)", (DOCS / page).read_text(encoding="utf-8")):
            assert (DOCS / target).is_file(), target


def test_the_printed_output_is_what_the_command_says() -> None:
    """The example in the guide: the fault that stands in the folder of faults."""
    guide = (DOCS / "validate.md").read_text(encoding="utf-8")
    place, message = re.findall(r"^specs/jobs/openapi.yaml(:\d+:\d+): error: (.*) \[", guide, re.MULTILINE)[0]
    (finding,) = validate(Path(__file__).with_name("faults") / "example-of-schema.yaml")
    assert (f":{finding.location.line}:{finding.location.column}", finding.message) == (place, message)


def test_the_commands_of_the_guide_are_understood(capsys: pytest.CaptureFixture[str]) -> None:
    guide = (DOCS / "ci.md").read_text(encoding="utf-8")
    commands = re.findall(r"^\s*(?:- )?contracts ((?:validate|diff) .*)$", guide, re.MULTILINE)
    assert len(commands) >= 4
    for command in commands:
        with pytest.raises(SystemExit) as exit_:
            main([*shlex.split(command), "--help"])
        assert exit_.value.code == 0
