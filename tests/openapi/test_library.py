"""References: inside the document's folder, to what exists, and never in a circle."""

from __future__ import annotations

from pathlib import Path

import pytest

from openapi.dialect import references
from openapi.library import BASE, Address, Library
from openapi.reading import open_library
from openapi.source import SourceError
from openapi.validators import Validators
from tests.openapi.documents import library, source, write

AT = "/components/schemas"
SCHEMAS = "components:\n schemas:\n"


def refused(folder: Path, reference: str) -> str:
    path = write(folder, openapi=f"openapi: 3.1.0\ncomponents: {{schemas: {{a: {{\n  $ref: '{reference}'}}}}}}\n")
    with pytest.raises(SourceError) as caught:
        open_library(path)
    return str(caught.value).removeprefix(str(folder))


def followed(opened: Library, name: str) -> str:
    """`file#pointer` of where a schema really stands."""
    address, _ = opened.follow(Address(opened.main, f"{AT}/{name}"))
    return str(address).removeprefix(BASE)


@pytest.mark.parametrize(
    ("reference", "problem"),
    [
        ("https://example.com/a.yaml", "which is never fetched (keep a copy beside the document, and refer to that)"),
        ("http://127.0.0.1:9/a.yaml#/a", "which is never fetched (keep a copy beside the document, and refer to that)"),
        ("//example.com/a.yaml", "which is never fetched (keep a copy beside the document, and refer to that)"),
        ("file:///etc/passwd", "file:///etc/passwd is not a file beside the document"),
        ("../secret.yaml", "leads outside the document's folder (only files below contract/ are read)"),
        ("a/../../secret.yaml", "leads outside the document's folder (only files below contract/ are read)"),
        ("%2e%2e/secret.yaml", "leads outside the document's folder (only files below contract/ are read)"),
        ("%2E%2E%2Fsecret.yaml", "leads outside the document's folder (only files below contract/ are read)"),
        ("link.yaml", "leads outside the document's folder by a link"),
        ("nowhere.yaml#/a", "the file nowhere.yaml does not exist"),
        ("folder", "the file folder does not exist"),
        ("%00.yaml", "the file %00.yaml does not exist"),
        ("a" * 5_000, "does not exist"),
        ("http://[", "http://[ is no address"),
    ],
)
def test_a_reference_that_is_not_followed(tmp_path: Path, reference: str, problem: str) -> None:
    folder = tmp_path / "contract"
    (folder / "folder").mkdir(parents=True)
    (tmp_path / "secret.yaml").write_text("a: 1")
    (folder / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    said = refused(folder, reference)
    assert said.startswith("/openapi.yaml:3:9: ")
    assert said.endswith(problem)


def test_an_absolute_path_is_none_below_the_folder(tmp_path: Path) -> None:
    assert "/etc/passwd leads outside the document's folder" in refused(tmp_path, "/etc/passwd")


def test_references_across_files(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        openapi=SCHEMAS
        + "  a: {$ref: 'parts/job.yaml#/Job'}\n  b: {$ref: 'parts/job.yaml'}\n  c: {$ref: '#/components/schemas/a'}\n",
        parts__job="Job: {$ref: '../common.yaml#/a~1b%20c'}\n",
        common="a/b c: {type: object, properties: {next: {$ref: 'openapi.yaml#/components/schemas/c'}}}\n",
        unused="a: {$ref: 'nowhere.yaml'}\n",
    )
    opened = open_library(path)
    assert sorted(uri.removeprefix(BASE) for uri in opened.sources) == ["common.yaml", "openapi.yaml", "parts/job.yaml"]
    assert followed(opened, "a") == followed(opened, "c") == "common.yaml#/a~1b c"
    assert followed(opened, "b") == "parts/job.yaml#"
    assert opened.position(Address(opened.main, f"{AT}/c/$ref"))[1].line == 5


def test_what_can_be_reached_from_a_place(tmp_path: Path) -> None:
    """Through references into other files, in a circle too; not what nobody refers to."""
    path = write(
        tmp_path,
        openapi=SCHEMAS + "  a: {allOf: [{$ref: 'other.yaml#/b'}, {example: {$ref: '#/nowhere'}}]}\nunused: apart\n",
        other="b: {title: below, not: {$ref: 'openapi.yaml#/components/schemas/a'}}\nunused: beside\n",
    )
    opened = open_library(path)
    texts = {value for value in opened.reachable(Address(opened.main, f"{AT}/a")) if isinstance(value, str)}
    assert texts == {"other.yaml#/b", "#/nowhere", "below", "openapi.yaml#/components/schemas/a"}


@pytest.mark.parametrize("name", ["my api #1.yaml", "a:b.yaml", "100%.yaml", "ü?.yaml"])
def test_a_document_of_any_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(SCHEMAS + "  a: {$ref: '#/components/schemas/b'}\n  b: {$ref: 'other file.yaml'}\n")
    (tmp_path / "other file.yaml").write_text("type: string\n")
    opened = open_library(tmp_path / name)
    assert len(opened.sources) == 2
    assert opened.follow(Address(opened.main, f"{AT}/a"))[1] == {"type": "string"}


@pytest.mark.parametrize(
    ("reference", "problem"),
    [
        ("#/nowhere", "#/nowhere does not exist (known: components)"),
        (f"#{AT}/b", f"the reference #{AT}/b leads back to itself"),
        ("#anchor", "nothing has the anchor 'anchor'"),
    ],
)
def test_a_reference_that_leads_nowhere(tmp_path: Path, reference: str, problem: str) -> None:
    path = write(tmp_path, openapi=f"{SCHEMAS}  b: {{$ref: '#{AT}/c'}}\n  c:\n   $ref: '{reference}'\n")
    opened = open_library(path)
    with pytest.raises(SourceError) as caught:
        opened.follow(Address(opened.main, f"{AT}/b"))
    assert str(caught.value) == f"{path}:5:10: {problem}"


def test_a_reference_percent_encoded_twice_is_not_decoded_twice() -> None:
    opened = library({"a": {"$ref": "#/b%2520c"}, "b%20c": 1, "b c": 2})
    assert opened.follow(Address(opened.main, "/a"))[1] == 1


def test_which_references_count() -> None:
    text = """
    responses:
      default: {$ref: x1}
      value: {$ref: x2}
    content:
      application/json:
        schema: {$ref: x3}
        example: {$ref: literal}
        examples:
          value: {$ref: x4}
          example: {value: {$ref: literal}}
    schema:
      default: {$ref: literal}
      enum: [{$ref: literal}]
      const: {$ref: literal}
      examples: [{$ref: literal}]
      properties:
        value: {$ref: x5}
        example: {properties: {default: {$ref: x6}}}
        properties: {items: [{$ref: x7}]}
        enum: {properties: {properties: {$ref: x8}}}
        $ref: {type: string}
    """
    found = sorted(reference for _, reference in references(source(text).root))
    assert found == [f"x{number}" for number in range(1, 9)]


IDENTIFIED = """\
openapi: 3.1.0
components:
  schemas:
    Named: {$anchor: name, type: string}
    ByAnchor: {$ref: '#name'}
    Far: {$id: 'https://example.com/far', $defs: {p: {$anchor: part, type: integer}}, properties: {a: {$ref: '#part'}}}
    ById: {$ref: 'https://example.com/far'}
    InOther: {$ref: 'other.yaml#/A'}
    OfOther: {$ref: 'https://example.com/other#x'}
    Tree: {$dynamicAnchor: node, properties: {next: {$dynamicRef: '#node'}}}
    Literal: {example: {$id: 'https://example.com/none', $ref: '#name'}}
"""


def test_ids_and_anchors_are_read_as_pointers(tmp_path: Path) -> None:
    """What is sent to a validator, or read by anyone else, refers to files and pointers alone."""
    other = "A: {$ref: '#/B'}\nB: {$id: 'https://example.com/other', $defs: {x: {$anchor: x, type: 'null'}}}\n"
    path = write(tmp_path, openapi=IDENTIFIED, other=other)
    opened = open_library(path)
    assert opened.failures == {}
    assert followed(opened, "ByAnchor") == f"openapi.yaml#{AT}/Named"
    assert followed(opened, "ById") == f"openapi.yaml#{AT}/Far"
    assert followed(opened, "Far/properties/a") == f"openapi.yaml#{AT}/Far/$defs/p"
    assert followed(opened, "InOther") == "other.yaml#/B"
    assert followed(opened, "OfOther") == "other.yaml#/B/$defs/x"
    assert followed(opened, "Tree/properties/next") == f"openapi.yaml#{AT}/Tree"
    assert opened.root["components"]["schemas"]["Literal"]["example"]["$ref"] == "#name"
    validators = Validators(opened)
    for name, fitting, other_value in [("ByAnchor", "a", 1), ("ById", {"a": 1}, {"a": "b"}), ("OfOther", None, 1)]:
        at = Address(opened.main, f"{AT}/{name}")
        assert validators.fits(at, fitting)
        assert not validators.fits(at, other_value)
    tree = Address(opened.main, f"{AT}/Tree")
    assert validators.fits(tree, {"next": {"next": {}}})
