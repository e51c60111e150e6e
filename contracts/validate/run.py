"""Everything there is to say about one document and the files beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from contracts.findings import Finding, Location, shown
from contracts.validate.checks import (
    components,
    examples,
    facts,
    lifecycle,
    links,
    operations,
    paths,
    patterns,
    references,
    security,
    simulation,
    structure,
)
from contracts.validate.document import Document
from contracts.validate.rules import RULES
from contracts.validate.schemas import Schemas
from contracts.validate.subject import Subject
from contracts.validate.suppression import apply
from openapi.dialect import unsupported
from openapi.reading import read_document
from openapi.source import Position, Source, SourceError, read

FAMILIES: tuple[Callable[[Subject], Iterator[Finding]], ...] = (
    references.check,
    operations.check,
    paths.check,
    components.check,
    examples.check,
    links.check,
    security.check,
    patterns.check,
    lifecycle.check,
    simulation.check,
    facts.check,
)
# Findings that explain why a schema does not compile.
_EXPLAINING = ("document-", "schema-", "reference-", "pattern-")


def validate(path: Path, root: Path | None = None) -> list[Finding]:
    """Every finding in one document and in the `simulation.yaml` and `facts.md` beside it, in the order of the files.

    `root`: references may lead to any file below it, by default below the document's own folder.
    """
    try:
        return validate_source(read(path), root)
    except SourceError as error:
        return [references.unreadable(error)]


def validate_source(source: Source, root: Path | None = None) -> list[Finding]:
    """The same for a document that is read already. Raises SourceError."""
    refused = unsupported(source)
    found = [_refusal(source, refused)] if refused else list(_findings(source, root))
    unique = {(finding.rule, finding.location, finding.message): finding for finding in found}
    return sorted(unique.values(), key=lambda finding: (finding.location, finding.rule, finding.message))


def _refusal(source: Source, error: SourceError) -> Finding:
    """Why a file is no document to be checked: the rest cannot be said before its version is known."""
    rule, position = RULES["document-unsupported"], error.position or Position(1, 1)
    where = Location(shown(source.path), position.line, position.column, error.pointer or "")
    return Finding(rule.name, rule.severity, where, error.problem, error.hint)


def _findings(source: Source, root: Path | None) -> Iterator[Finding]:
    document = Document(read_document(source, root))
    beside = {name: source.path.with_name(name) for name in ("simulation.yaml", "facts.md")}
    whole = source.path.stem == "openapi"  # a provider's folder
    subject = Subject(
        document,
        Schemas(document),
        beside["simulation.yaml"] if whole and beside["simulation.yaml"].is_file() else None,
        beside["facts.md"] if whole and beside["facts.md"].is_file() else None,
    )
    malformed = list(structure.check(subject))
    findings = [*malformed, *_checked(subject, malformed=bool(malformed))]
    if not any(finding.rule.startswith(_EXPLAINING) for finding in findings):
        # What could not be compiled was not checked. With nothing else wrong, that must not pass in silence.
        for schema, problem in subject.schemas.uncompiled.items():
            findings.append(document.finding("schema-structure", schema, f"cannot be compiled: {problem}"))
    yield from apply(document, findings)


def _checked(subject: Subject, *, malformed: bool) -> Iterator[Finding]:
    for family in FAMILIES:
        try:
            yield from family(subject)
        except (TypeError, AttributeError, ValueError, LookupError):
            # A list where a mapping belongs makes some question meaningless. That is said already; in a
            # well-formed document it would be our mistake, and must show.
            if not malformed:
                raise
