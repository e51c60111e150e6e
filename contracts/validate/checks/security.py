"""Security requirements: schemes that exist, and scopes that they offer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contracts.findings import Finding
from contracts.validate.document import Document
from contracts.validate.subject import Subject
from openapi.dialect import LEGACY
from openapi.library import Address
from openapi.source import nearest


def check(subject: Subject) -> Iterator[Finding]:
    document = subject.document
    schemes = document.main / "components" / "securitySchemes"
    declared = document.value(schemes) or {}
    for requirement in document.of("security-requirement"):
        for name, scopes in requirement.value.items():
            at = requirement.address / name
            scheme = document.follow(schemes / name) if name in declared else None
            if scheme is not None:
                yield from _scopes(document, at, name, scheme.value, scopes if isinstance(scopes, list) else [])
            elif name not in declared and not _by_uri(document, name):
                message = f"there is no security scheme '{name}'"
                yield document.finding("security-scheme-unknown", at, message, nearest(name, declared), key=True)


def _by_uri(document: Document, name: str) -> bool:
    """OpenAPI 3.2 lets a requirement name a scheme by its URI."""
    return (
        document.version == "3.2" and document.value(document.library.target(name, document.library.main)) is not None
    )


def _scopes(document: Document, at: Address, name: str, scheme: dict[str, Any], scopes: list[Any]) -> Iterator[Finding]:
    kind = scheme.get("type")
    if kind == "openIdConnect" or (kind != "oauth2" and document.version not in LEGACY):
        return  # a discovery document lists them; from 3.1 on, any scheme may name roles
    flows = scheme.get("flows") if isinstance(scheme.get("flows"), dict) else {}
    offered = {scope for flow in (flows or {}).values() if isinstance(flow, dict) for scope in flow.get("scopes") or {}}
    for index, scope in enumerate(scopes):
        if kind != "oauth2":
            message = f"'{name}' is of type {kind}: only oauth2 and openIdConnect have scopes in OpenAPI 3.0"
            yield document.finding("security-scope-unknown", at / index, message, "write an empty list")
        elif scope not in offered:
            message = f"no flow of '{name}' offers the scope '{scope}'"
            yield document.finding("security-scope-unknown", at / index, message, nearest(str(scope), offered))
