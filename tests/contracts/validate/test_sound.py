"""Documents without a fault: a folder of what looks like one and is none, and our own contracts."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.findings import Severity
from contracts.validate.run import validate
from tests.contracts.validate.documents import write

SOUND = sorted(Path(__file__).with_name("sound").glob("*.yaml"))
SPECS = sorted((Path(__file__).parents[3] / "specs").glob("*/openapi.yaml"))


@pytest.mark.parametrize("document", SOUND, ids=lambda path: path.stem)
def test_silence_on_what_only_looks_like_a_fault(document: Path) -> None:
    assert validate(document) == []


@pytest.mark.parametrize("document", SPECS, ids=lambda path: path.parent.name)
def test_silence_on_our_own_contracts(document: Path) -> None:
    assert validate(document) == []


def test_all_four_providers_are_there() -> None:
    assert {path.parent.name for path in SPECS} >= {"thanx", "loyaltydog", "capillary", "elastic_path"}


def test_the_same_example_without_its_read_only_excuse(tmp_path: Path) -> None:
    """The sound document's response lacks `secret` because that is written only; without the flag it is a fault."""
    text = SOUND[0].read_text(encoding="utf-8").replace("writeOnly: true", "maxLength: 9")
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    assert [finding.message for finding in validate(tmp_path / "x.yaml")] == ['"secret" is a required property']
    text = SOUND[0].read_text(encoding="utf-8").replace("readOnly: true", "maxLength: 9")
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    assert [finding.message for finding in validate(tmp_path / "x.yaml")] == ['"id" is a required property']


def test_a_request_needs_what_is_only_ever_written(tmp_path: Path) -> None:
    text = SOUND[0].read_text(encoding="utf-8").replace(", secret: hush}", "}")
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    assert [finding.message for finding in validate(tmp_path / "x.yaml")] == ['"secret" is a required property']


def test_a_subtype_of_what_has_no_discriminator_is_unused(tmp_path: Path) -> None:
    text = SOUND[0].read_text(encoding="utf-8").replace("      discriminator: {propertyName: kind}\n", "")
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    assert [finding.rule for finding in validate(tmp_path / "x.yaml")] == ["component-unused"]


def test_the_examples_of_sound_documents_are_really_checked(tmp_path: Path) -> None:
    """Through `$id`, `$anchor` and files: each place made wrong is found."""
    for file in ("openapi-3.1.yaml", "files/jobs.yaml", "files/example.json"):
        text = (SOUND[1].parent / file).read_text(encoding="utf-8")
        text = text.replace('"size": 10', '"size": 11').replace("[null]", '[{"count": "x"}]')
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(
            text.replace("default: 3", "default: x").replace("[10]", "[10, 11]"), encoding="utf-8"
        )
    found = {(Path(f.location.file).name, f.location.pointer) for f in validate(tmp_path / "openapi-3.1.yaml")}
    properties = "/components/schemas/Job/properties"
    assert found == {
        ("example.json", "/value/size"),
        ("example.json", "/value/children/0/count"),
        ("openapi-3.1.yaml", f"{properties}/count/default"),
        ("openapi-3.1.yaml", f"{properties}/size/examples/1"),
    }


def test_a_schema_that_cannot_be_compiled_does_not_pass_in_silence(tmp_path: Path) -> None:
    job = {"properties": {"%": {}, "a": {"$ref": "#/components/schemas/Job/properties/%"}}, "examples": [{"a": 1}]}
    (finding,) = validate(write(tmp_path, {"components": {"schemas": {"Job": job}}}))
    assert finding.rule == "schema-structure"
    assert finding.message.startswith("cannot be compiled: ")


def test_a_key_twice_in_json(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('{"openapi": "3.1.0", "info": {"title": "a", "title": "b", "version": "1"}, "paths": {}}')
    (finding,) = validate(path)
    assert (finding.rule, finding.severity) == ("document-unreadable", Severity.ERROR)
    assert "'title' appears twice" in finding.message


def test_a_finding_in_another_file_has_its_place_there(tmp_path: Path) -> None:
    (tmp_path / "parts.yaml").write_text("Part:\n  type: integer\n  default: none\n", encoding="utf-8")
    path = write(tmp_path, {"components": {"schemas": {"Job": {"properties": {"part": {"$ref": "parts.yaml#/Part"}}}}}})
    (finding,) = validate(path)
    assert Path(finding.location.file).name == "parts.yaml"
    assert (finding.location.line, finding.location.column, finding.location.pointer) == (3, 12, "/Part/default")
