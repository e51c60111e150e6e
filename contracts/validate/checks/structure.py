"""openapi-spec-validator's part: the document against the meta-schema of its version, and schemas against theirs.

openapi-spec-validator itself is not used: it says no position and took 13 s for 100 operations of a large document,
where these checks need milliseconds. What it would find, the other checks find, with a position; a test holds both
against each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs

from contracts.findings import Finding
from contracts.validate.document import Document
from contracts.validate.schemas import short
from contracts.validate.subject import Subject
from openapi import pointer as json_pointer
from openapi.dialect import LEGACY
from openapi.library import Address
from openapi.source import nearest
from openapi.structure import meta_schema_document
from openapi.validators import leaves

_DRAFTS = {
    "http://json-schema.org/draft-04/schema": jsonschema_rs.Draft4Validator,
    "http://json-schema.org/draft-06/schema": jsonschema_rs.Draft6Validator,
    "http://json-schema.org/draft-07/schema": jsonschema_rs.Draft7Validator,
    "https://json-schema.org/draft/2019-09/schema": jsonschema_rs.Draft201909Validator,
    "https://json-schema.org/draft/2020-12/schema": jsonschema_rs.Draft202012Validator,
}
_LATEST = "https://json-schema.org/draft/2020-12/schema"
_BASE_DIALECTS = ("https://spec.openapis.org/oas/3.1/dialect/", "https://spec.openapis.org/oas/3.2/dialect/")


def check(subject: Subject) -> Iterator[Finding]:
    document = subject.document
    meta = meta_schema_document(document.version)
    for error in jsonschema_rs.validator_for(meta).iter_errors(document.original(document.main)):
        for leaf in leaves(error):
            if getattr(leaf.kind, "format", "") != "regex":  # the patterns' own check says more
                yield from _findings("document-structure", document, document.main, leaf, meta)
    if document.version not in LEGACY:  # there, the meta-schema covers the schemas too
        yield from _schemas(document)


def _schemas(document: Document) -> Iterator[Finding]:
    default = document.root.get("jsonSchemaDialect")
    for node in document.of_any("schema"):
        if node.owner is not None and document.nodes[node.owner].kind == "schema":
            continue  # checked with the schema it stands in
        dialect = node.value.get("$schema", default) if isinstance(node.value, dict) else default
        validator = _schema_validator(dialect)
        if validator is None:
            at = node.address / "$schema" if isinstance(node.value, dict) and "$schema" in node.value else None
            place = at or document.main / "jsonSchemaDialect"
            yield document.finding(
                "schema-dialect", place, f"{dialect} is no known dialect", f"known: {', '.join(_DRAFTS)}"
            )
            continue
        if not validator.is_valid(node.value):
            for error in validator.iter_errors(node.value):
                for leaf in leaves(error):
                    yield from _findings("schema-structure", document, node.address, leaf, {})


@cache
def _schema_validator(dialect: Any) -> jsonschema_rs.Validator | None:
    if not isinstance(dialect, str) or dialect.startswith(_BASE_DIALECTS):
        dialect = _LATEST
    draft = _DRAFTS.get(dialect.rstrip("#"))
    return draft({"$ref": dialect}) if draft else None


def _findings(
    rule: str, document: Document, at: Address, leaf: jsonschema_rs.ValidationError, meta: dict[str, Any]
) -> Iterator[Finding]:
    place = Address(at.uri, at.pointer + json_pointer.join(*leaf.instance_path))
    unexpected = getattr(leaf.kind, "unexpected", None)
    if unexpected and all(isinstance(name, str) for name in unexpected):
        allowed = json_pointer.find(meta, tuple(map(str, (*leaf.schema_path[:-1], "properties"))), {})
        for name in unexpected:
            hint = nearest(name, allowed)
            yield document.finding(rule, place / name, f"'{name}' is not allowed here", hint, key=True)
        return
    yield document.finding(rule, place, short(leaf.message))
