"""Several files as one value."""

from __future__ import annotations

from pathlib import Path

import pytest

from openapi.bundle import bundled
from openapi.contract import compile_contract
from openapi.dialect import references
from openapi.reading import open_library
from tests.openapi.documents import library, write

MAIN = """\
{head}
info: {{title: t, version: '1'}}
paths:
  /a~b:
    $ref: 'sub/parts.yaml#/~1item'
"""
PARTS = """\
/item:
  get:
    responses:
      '200':
        description: ok
        headers: {X-A: {$ref: '#/a b'}}
      default: {$ref: '../more.yaml#/No'}
a b: {description: a}
"""


@pytest.mark.parametrize("head", ["swagger: '2.0'", "openapi: 3.0.3", "openapi: 3.1.0"])
def test_every_reference_stays_within(tmp_path: Path, head: str) -> None:
    path = write(tmp_path, openapi=MAIN.format(head=head), sub__parts=PARTS, more="No: {description: no}\n")
    several = open_library(path)
    root = bundled(several)
    assert all(reference.startswith("#/") for _, reference in references(root))
    (operation,) = compile_contract(library(root)).operations
    assert operation.response(500) is not None
    assert operation.responses["200"].header_names == {"x-a"}
    assert all(not reference.startswith("#/x-files") for _, reference in references(several.root))


def test_a_document_alone_is_itself() -> None:
    alone = library({"openapi": "3.1.0", "paths": {}})
    assert bundled(alone) is alone.root
