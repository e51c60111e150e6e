"""A contract compiled for use: every operation with its validators, responses, examples and life cycles.

Everything that can be known from the document is worked out here, once, at start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema_rs

from openapi.dialect import unsupported
from openapi.library import Address, Library, fault
from openapi.lifecycle import Lifecycle, parse_lifecycle
from openapi.media_types import essence, may_be_json
from openapi.model import METHODS
from openapi.parameters import Parameter, parameter
from openapi.reading import library_of
from openapi.sample import UnmadeError, sample
from openapi.source import SourceError, read
from openapi.structure import structure_fault
from openapi.validators import Direction, Validator, Validators

# What says how the body travels: whoever writes the body says it, not an example.
_FRAMING = frozenset({"connection", "content-encoding", "content-length", "content-type", "transfer-encoding"})
_META = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, slots=True)
class Body:
    """What an operation accepts: a validator per media type."""

    required: bool
    media: Mapping[str, Validator]
    address: Address


@dataclass(frozen=True, slots=True)
class Response:
    """One documented response. `examples` are whole values by name, those that fit the schema.

    `headers` are example values by name; `header_names` are all that are documented, in lower case, with an example or
    without.
    """

    status: str
    address: Address
    media: Mapping[str, Validator | None]
    examples: Mapping[str, Mapping[str, Any]]
    headers: Mapping[str, str]
    required_headers: tuple[str, ...]
    header_names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. `security` is a list of alternatives, each a scheme name with the scopes it needs.

    An empty tuple means that nothing is asked for.
    """

    id: str
    method: str
    path: str
    address: Address
    parameters: tuple[Parameter, ...]
    body: Body | None
    responses: Mapping[str, Response]
    security: tuple[Mapping[str, tuple[str, ...]], ...]

    @property
    def success(self) -> Response | None:
        """The first documented 2xx response."""
        return next((self.responses[code] for code in sorted(self.responses) if code.startswith("2")), None)

    def response(self, status: int) -> Response | None:
        """The response documented for a status: exact, by range, or the default."""
        responses = self.responses
        return responses.get(str(status)) or responses.get(f"{status // 100}XX") or responses.get("default")


@dataclass(slots=True)
class Contract:
    """One OpenAPI document, compiled."""

    library: Library
    operations: tuple[Operation, ...]
    lifecycles: Mapping[Address, Lifecycle]
    schemes: Mapping[str, Mapping[str, Any]]
    validators: Validators = field(repr=False)
    _by_id: Mapping[str, Operation] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._by_id = {operation.id: operation for operation in self.operations}

    def operation(self, identifier: str) -> Operation | None:
        return self._by_id.get(identifier)

    def sample(self, address: Address, direction: Direction = "response") -> Any:
        """An instance of the schema at an address, the same each time. Raises UnmadeError where none is found."""
        return sample(self.library, address, self.validators.fits, direction)

    def position(self, address: Address) -> str:
        """`openapi.yaml:120` for an address, for messages."""
        path, position = self.library.position(address)
        return f"{path.name}:{position.line}"


def media_at(library: Library, owner: Address, name: str) -> Address:
    """Where a media type of this name is described, of a body or a response; the first of several."""
    content = owner / "content"
    return library.follow(content / next(one for one in library.value(content) if essence(one) == name))[0]


def load_contract(path: Path) -> Contract:
    """Read and compile a document. Raises SourceError: file, line, what is wrong."""
    source = read(path)
    if refused := unsupported(source):
        raise refused
    library = library_of(source)
    try:
        return compile_contract(library)
    except SourceError:
        raise
    except (AttributeError, LookupError, TypeError, ValueError):
        # Sound documents are not checked twice; of this one the meta-schema knows better what is wrong.
        raise structure_fault(source) from None


def compile_contract(library: Library) -> Contract:
    """Compile every operation of a library's main document."""
    compiler = _Compiler(library)
    operations = tuple(compiler.operations())
    return Contract(library, operations, compiler.lifecycles(), compiler.schemes(), compiler.validators)


class _Compiler:
    def __init__(self, library: Library) -> None:
        self.library = library
        self.validators = Validators(library)
        self.root = Address(library.main, "")
        self._header_samples: dict[Address, str | None] = {}

    def operations(self) -> Iterator[Operation]:
        seen: set[str] = set()
        for path in self.library.root.get("paths") or {}:
            if not path.startswith("/"):
                continue  # an extension
            item_address, item = self.library.follow(self.root / "paths" / path)
            for method in METHODS:
                if method in item:
                    operation = self._operation(path, method, item_address)
                    if operation.id in seen:
                        at = item_address / method / "operationId"
                        raise fault(self.library, at, f"the operationId '{operation.id}' is used twice")
                    seen.add(operation.id)
                    yield operation

    def _operation(self, path: str, method: str, item: Address) -> Operation:
        address, value = self.library.follow(item / method)
        return Operation(
            id=value.get("operationId") or f"{method} {path}",
            method=method.upper(),
            path=path,
            address=address,
            parameters=self._parameters(item, address),
            body=self._body(address) if "requestBody" in value else None,
            responses={str(s): self._response(address / "responses" / s, s) for s in value.get("responses") or {}},
            security=self._security(value),
        )

    def _parameters(self, item: Address, operation: Address) -> tuple[Parameter, ...]:
        """The operation's own parameters win over the path's of the same name and place."""
        found: dict[tuple[str, str], Parameter] = {}
        for owner in (item, operation):
            for index in range(len(self.library.value(owner).get("parameters") or ())):
                address, value = self.library.follow(owner / "parameters" / index)
                name = value["name"]
                if value["in"] == "header" and name.lower() in ("accept", "content-type", "authorization"):
                    continue  # OpenAPI 3.1, 4.8.12.2.1: such a definition is ignored
                found[value["in"], name] = parameter(self.library, address)
        return tuple(found.values())

    def _body(self, operation: Address) -> Body:
        address, value = self.library.follow(operation / "requestBody")
        media: dict[str, Validator] = {}
        for name in value.get("content") or {}:
            at, media_type = self.library.follow(address / "content" / name)
            if "schema" in media_type:
                media.setdefault(essence(name), self.validators.at(at / "schema", "request"))
            else:
                media.setdefault(essence(name), jsonschema_rs.Draft202012Validator(True))  # noqa: FBT003 - a boolean schema
        return Body(bool(value.get("required")), media, address)

    def _response(self, at: Address, status: str) -> Response:
        address, value = self.library.follow(at)
        media: dict[str, Validator | None] = {}
        examples: dict[str, Mapping[str, Any]] = {}
        for name in value.get("content") or {}:
            place, media_type = self.library.follow(address / "content" / name)
            key = essence(name)
            media.setdefault(key, self.validators.at(place / "schema", "response") if "schema" in media_type else None)
            shown, validator = self._examples(place, media_type), media[key]
            if validator is not None and may_be_json(key):  # an example that breaks its schema costs only itself
                shown = {name: value for name, value in shown.items() if validator.is_valid(value)}
            examples.setdefault(key, shown)
        headers, required = {}, []
        for name in value.get("headers") or {}:
            header_at, header = self.library.follow(address / "headers" / name)
            if header.get("required"):
                required.append(name.lower())
            text = self._header_example(header_at, header)
            if text is not None and name.lower() not in _FRAMING:
                headers[name] = text
        names = frozenset(name.lower() for name in value.get("headers") or {})
        return Response(str(status), address, media, examples, headers, tuple(required), names)

    def _examples(self, place: Address, media_type: Mapping[str, Any]) -> dict[str, Any]:
        examples = {}
        for name in media_type.get("examples") or {}:
            _, example = self.library.follow(place / "examples" / name)
            if "value" in example:
                examples[name] = example["value"]
        if "example" in media_type:
            examples.setdefault("example", media_type["example"])
        return examples

    def _header_example(self, at: Address, header: Mapping[str, Any]) -> str | None:
        for name in header.get("examples") or {}:
            _, example = self.library.follow(at / "examples" / name)
            return _text(example.get("value"))
        if "example" in header:
            return _text(header["example"])
        if "schema" in header:
            _, schema = self.library.follow(at / "schema")
            for shown in (*schema.get("examples", ()), schema.get("example"), schema.get("const")):
                if shown is not None:
                    return _text(shown)
            if header.get("required"):
                return self._header_sample(at / "schema")
        return None

    def _header_sample(self, schema: Address) -> str | None:
        """A required header that nobody shows; many responses share one."""
        if schema not in self._header_samples:
            try:
                value = sample(self.library, schema, self.validators.fits)
            except UnmadeError:
                value = None
            self._header_samples[schema] = None if value is None else _header_text(value)
        return self._header_samples[schema]

    def _security(self, operation: Mapping[str, Any]) -> tuple[Mapping[str, tuple[str, ...]], ...]:
        declared = operation.get("security", self.library.root.get("security"))
        return tuple({name: tuple(scopes) for name, scopes in option.items()} for option in declared or ())

    def lifecycles(self) -> dict[Address, Lifecycle]:
        schemas = self.root / "components" / "schemas"
        found = {}
        for name, schema in (self.library.root.get("components") or {}).get("schemas", {}).items():
            if isinstance(schema, dict) and "x-lifecycle" in schema:
                found[schemas / name] = parse_lifecycle(self.library, schemas / name)
        return found

    def schemes(self) -> dict[str, Mapping[str, Any]]:
        components = self.root / "components" / "securitySchemes"
        names = (self.library.root.get("components") or {}).get("securitySchemes") or {}
        return {name: self.library.follow(components / name)[1] for name in names}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)


def _header_text(value: Any) -> str:
    """A value in the style `simple`, which every header has."""
    if isinstance(value, dict):
        return ",".join(f"{name},{_text(member)}" for name, member in value.items())
    return ",".join(map(_text, value)) if isinstance(value, list) else _text(value)
