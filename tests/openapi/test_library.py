"""References: inside the document's folder, to what exists, and never in a circle."""

from __future__ import annotations

from pathlib import Path

import pytest

from openapi.dialect import references
from openapi.library import BASE, Address, Library, open_library
from openapi.source import SourceError
from tests.openapi.documents import library, source, write


def refused(folder: Path, reference: str) -> str:
    path = write(folder, openapi=f"openapi: 3.1.0\nx-a:\n  $ref: '{reference}'\n")
    with pytest.raises(SourceError) as caught:
        open_library(path)
    return str(caught.value).removeprefix(str(folder))


def followed(opened: Library, pointer: str) -> str:
    """`file#pointer` of where a value really stands."""
    address, _ = opened.follow(Address(opened.main, pointer))
    return str(address).removeprefix(BASE)


@pytest.mark.parametrize(
    ("reference", "problem"),
    [
        ("https://example.com/a.yaml", "leads to another host (only files beside it are read)"),
        ("http://127.0.0.1:9/a.yaml#/a", "leads to another host (only files beside it are read)"),
        ("//example.com/a.yaml", "leads to another host (only files beside it are read)"),
        ("file:///etc/passwd", "leads to another host (only files beside it are read)"),
        ("../secret.yaml", "leads outside the document's folder"),
        ("a/../../secret.yaml", "leads outside the document's folder"),
        ("%2e%2e/secret.yaml", "leads outside the document's folder"),
        ("%2E%2E%2Fsecret.yaml", "leads outside the document's folder"),
        ("link.yaml", "leads outside the document's folder"),
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


def test_an_absolute_path_is_one_below_the_folder(tmp_path: Path) -> None:
    assert refused(tmp_path, "/etc/passwd").endswith("the file /etc/passwd does not exist")


def test_references_across_files(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        openapi="a: {$ref: 'parts/job.yaml#/Job'}\nb: {$ref: 'parts/job.yaml'}\nc: {$ref: '#/a'}\n",
        parts__job="Job: {$ref: '../common.yaml#/a~1b%20c'}\n",
        common="a/b c: {type: object, properties: {next: {$ref: 'openapi.yaml#/c'}}}\n",
        unused="a: {$ref: 'nowhere.yaml'}\n",
    )
    opened = open_library(path)
    assert sorted(uri.removeprefix(BASE) for uri in opened.sources) == ["common.yaml", "openapi.yaml", "parts/job.yaml"]
    assert followed(opened, "/a") == followed(opened, "/c") == "common.yaml#/a~1b c"
    assert followed(opened, "/b") == "parts/job.yaml#"
    assert opened.position(Address(opened.main, "/c/$ref"))[1].line == 3


def test_what_can_be_reached_from_a_place(tmp_path: Path) -> None:
    """Through references into other files, in a circle too; not what nobody refers to."""
    path = write(
        tmp_path,
        openapi="a: [{$ref: 'other.yaml#/b'}, {example: {$ref: '#/nowhere'}}]\nunused: apart\n",
        other="b: {deep: below, back: {$ref: 'openapi.yaml#/a'}}\nunused: beside\n",
    )
    opened = open_library(path)
    texts = {value for value in opened.reachable(Address(opened.main, "/a")) if isinstance(value, str)}
    assert texts == {"other.yaml#/b", "#/nowhere", "below", "openapi.yaml#/a"}


@pytest.mark.parametrize("name", ["my api #1.yaml", "a:b.yaml", "100%.yaml", "ü?.yaml"])
def test_a_document_of_any_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("a: {$ref: '#/b'}\nb: {$ref: 'other file.yaml'}\n")
    (tmp_path / "other file.yaml").write_text("type: string\n")
    opened = open_library(tmp_path / name)
    assert len(opened.sources) == 2
    assert opened.follow(Address(opened.main, "/a"))[1] == {"type": "string"}


@pytest.mark.parametrize(
    ("reference", "problem"),
    [
        ("#/nowhere", "#/nowhere does not exist"),
        ("#/b", "the reference #/b leads back to itself"),
        ("#anchor", "#anchor is not supported (after the # stands a JSON Pointer, such as #/components/schemas/Job)"),
    ],
)
def test_a_reference_that_leads_nowhere(tmp_path: Path, reference: str, problem: str) -> None:
    path = write(tmp_path, openapi=f"b:\n  $ref: '#/c'\nc:\n  $ref: '{reference}'\n")
    opened = open_library(path)
    with pytest.raises(SourceError) as caught:
        opened.follow(Address(opened.main, "/b"))
    assert str(caught.value) == f"{path}:4:9: {problem}"


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
