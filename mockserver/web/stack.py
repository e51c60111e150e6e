"""Connexion, extended to OpenAPI 3.1 and 3.2 through its own extension points.

What Connexion does here, at start only: it takes each document, resolves its references, models its operations with
their parameters and security, and builds the stack of middlewares. The stack has one layer, a `RoutedMiddleware` of
ours, to which Connexion hands every operation. For each, by method and path, the gate gets the operation that
`openapi/` compiled (`gate.py`).

What it does not do: serve requests. `app.py` is the ASGI application and goes straight to a gate. Connexion's
routing, security and validation layers cost 300 to 500 µs per request where a gate takes 20: they try routes in
order, look up signatures, and make a validator for each request. Its validators know draft 4 of JSON Schema, and its
3.3 release loads only OpenAPI 3.0, while our contracts are 3.1; so its document class is extended here to check every
3.x against the meta-schema of its version. QUERY (3.2), which it does not know, is added to its operations.
"""

from __future__ import annotations

import copy
import warnings
from typing import Any

from mockserver.engine.playing import Playing
from mockserver.engine.provider import Provider
from mockserver.web.gate import Gate
from openapi.contract import Operation
from openapi.source import SourceError
from openapi.structure import meta_schema

with warnings.catch_warnings():
    # Connexion imports starlette.testclient and jsonschema.RefResolver, which both say that they will go some day.
    warnings.simplefilter("ignore")
    from connexion.json_schema import resolve_refs
    from connexion.middleware import ConnexionMiddleware
    from connexion.middleware.abstract import RoutedAPI, RoutedMiddleware
    from connexion.middleware.main import API
    from connexion.operations import OpenAPIOperation
    from connexion.resolver import Resolver
    from connexion.spec import OpenAPISpecification


class ContractOperation(OpenAPIOperation):  # type: ignore[misc]  # Connexion ships no types
    """Connexion's operation. A parameter of the path does not replace the operation's own, as 3.3.0 has it."""

    @classmethod
    def from_spec(cls, spec: Any, *args: Any, path: str, method: str, resolver: Any, **kwargs: Any) -> Any:
        """The operation at a path and method, with the merged parameters."""
        operation = dict(spec.get_operation(path, method))
        own = operation.get("parameters", [])
        named = {(parameter["in"], parameter["name"]) for parameter in own}
        inherited = [p for p in spec.get_path_params(path) if (p["in"], p["name"]) not in named]
        operation["parameters"] = [*inherited, *own]
        return cls(
            method,
            path,
            operation,
            *args,
            resolver=resolver,
            app_security=spec.security,
            security_schemes=spec.security_schemes,
            components=spec.components,
            **kwargs,
        )


class ContractSpecification(OpenAPISpecification):  # type: ignore[misc]  # Connexion ships no types
    """Connexion's document, for every OpenAPI 3.x."""

    operation_cls = ContractOperation

    def __init__(self, raw_spec: dict[str, Any], *, base_uri: str = "", files: dict[str, Any] | None = None) -> None:
        """As Connexion's own, but for the copy of the whole document that it would serve to browsers.

        `files` are what references lead to beside it, by URI: Connexion would read them as they are written.
        """
        self._raw_spec = raw_spec
        self._set_defaults(raw_spec)
        self._validate_spec(raw_spec)
        self._spec = resolve_refs(raw_spec, files, base_uri)
        self._base_uri = base_uri

    @classmethod
    def _validate_spec(cls, spec: dict[str, Any]) -> None:
        """Raises ValueError for a document that its version's meta-schema refuses."""
        error = next(iter(meta_schema(spec["openapi"][:3]).iter_errors(spec)), None)
        if error is not None:
            raise InvalidDocumentError(tuple(error.instance_path), error.message)


class InvalidDocumentError(ValueError):
    """A document that is not OpenAPI: where, and why."""

    def __init__(self, path: tuple[str | int, ...], message: str) -> None:
        super().__init__(path, message)
        self.path = path
        self.message = message


class GateAPI(RoutedAPI):  # type: ignore[misc]  # Connexion ships no types
    """One provider's operations, as Connexion models them, behind one gate."""

    def __init__(self, specification: Any, *, playing: Playing, **kwargs: Any) -> None:
        self.provider = playing.provider
        super().__init__(specification, **kwargs)
        self.add_paths()
        self.gate = Gate(playing, [*self.operations.values(), *self._others()])

    def make_operation(self, operation: Any) -> Operation:
        """The compiled operation of one that Connexion has modelled."""
        return self._compiled()[operation.method.upper(), operation.path]

    def _compiled(self) -> dict[tuple[str, str], Operation]:
        return {(operation.method, operation.path): operation for operation in self.provider.contract.operations}

    def _others(self) -> list[Operation]:
        """Operations whose method Connexion does not know: QUERY, of OpenAPI 3.2."""
        modelled = {id(operation) for operation in self.operations.values()}
        return [operation for operation in self.provider.contract.operations if id(operation) not in modelled]


class GateMiddleware(RoutedMiddleware):  # type: ignore[misc]  # Connexion ships no types
    """The one layer of the stack."""

    api_cls = GateAPI

    def gates(self) -> dict[str, Gate]:
        """The gates by provider."""
        return {api.provider.name: api.gate for apis in self.apis.values() for api in apis}


def build_gates(playings: list[Playing]) -> dict[str, Gate]:
    """Hand every provider's document to Connexion and compile what it makes of it. Raises SourceError."""
    middleware = ConnexionMiddleware(_nothing, middlewares=[GateMiddleware])
    for playing in playings:
        middleware.apis.append(
            API(
                _specification(playing.provider),
                base_path=f"/{playing.name}",
                name=playing.name,
                resolver=Resolver(lambda _identifier: _nothing),
                playing=playing,
            )
        )
    outer, _ = middleware._build_middleware_stack()  # what its first request would do
    assert isinstance(outer, GateMiddleware)
    return outer.gates()


def _specification(provider: Provider) -> ContractSpecification:
    library = provider.contract.library
    try:
        beside = {uri: copy.deepcopy(source.root) for uri, source in library.sources.items() if uri != library.main}
        return ContractSpecification(library.root, base_uri=library.main, files=beside)
    except InvalidDocumentError as error:
        source = library.sources[library.main]
        pointer = "".join(f"/{str(token).replace('~', '~0').replace('/', '~1')}" for token in error.path)
        raise SourceError(source.path, error.message, source.position(pointer)) from None


async def _nothing(scope: Any, receive: Any, send: Any) -> None:
    """What the gate stands in front of: it answers everything itself."""
