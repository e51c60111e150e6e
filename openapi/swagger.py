"""A Swagger 2.0 document, or a file that one refers to, as what it means in OpenAPI 3.1.

What an object of another file is, its own members say: a file that is referred to may hold anything. References are
still those of the file, and positions lead to its lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from openapi import pointer as json_pointer
from openapi.dialect import MODERN, Converter
from openapi.forms import FORM, FORMS, MULTIPART
from openapi.model import METHODS
from openapi.source import Source

# The address of what a reference leads to, and its value as the file has it; by the reference, and the file's own URI.
Find = Callable[[str, str], tuple[str, Any] | None]
Path = tuple[json_pointer.Token, ...]

# Where in the components of the view stand the parameters that 3.1 has no component for.
BODY_PARAMETERS = "x-body-parameters"
_PLACES = ("query", "header", "path", "body", "formData")
# What a parameter or header says beside its schema.
_OUTSIDE = ("name", "in", "description", "required", "allowEmptyValue")
_STYLES: dict[str, dict[str, Any]] = {
    "csv": {"explode": False},
    "multi": {"explode": True},
    "ssv": {"style": "spaceDelimited", "explode": False},
    "pipes": {"style": "pipeDelimited", "explode": False},
}
_FLOWS = {
    "implicit": "implicit",
    "password": "password",
    "application": "clientCredentials",
    "accessCode": "authorizationCode",
}
# Where else the members of the document, and of an operation, come to stand.
_COMPONENTS = ("definitions", "parameters", "responses", "securityDefinitions")
_ELSEWHERE = (*_COMPONENTS, "swagger", "host", "basePath", "schemes", "consumes", "produces")
_OF_AN_OPERATION = ("parameters", "schemes", "consumes", "produces")


def from_swagger(source: Source, uri: str, main: Any, find: Find) -> Source:
    """The view of one file. `main` is the root of the document: what all files consume and produce, it says."""
    converter = _Swagger(uri, main if isinstance(main, dict) else {}, find)
    return source.viewed(converter.convert(source.root), converter.relocation)


@dataclass(frozen=True, slots=True)
class _Parameter:
    """A parameter of an operation: as it is listed, where, what it is, and the address of that if it is referred to."""

    listed: Any
    written: Path
    value: dict[str, Any]
    reference: str | None

    @property
    def place(self) -> str:
        return str(self.value.get("in"))

    @property
    def key(self) -> tuple[str, str]:
        """What tells it apart: there is but one body."""
        return self.place, "" if self.place == "body" else str(self.value.get("name"))


class _Swagger(Converter):
    def __init__(self, uri: str, main: Mapping[str, Any], find: Find) -> None:
        super().__init__()
        self._uri = uri
        self._find = find
        self._main = main
        self._consumes = _names(main, "consumes", ())
        self._produces = self._by_default = _names(main, "produces", ())
        self._inherited: list[_Parameter] = []

    def convert(self, value: Any, *, named: bool = False) -> Any:
        if isinstance(value, dict) and not named and "$ref" not in value:
            for is_kind, convert in _KINDS:
                if is_kind(value):
                    return convert(self, value)
        return super().convert(value, named=named)

    def _keywords(self, schema: dict[str, Any]) -> dict[str, Any]:
        schema = {key: member for key, member in schema.items() if key != "collectionFormat"}
        if schema.get("type") == "file":
            schema |= {"type": "string", "format": "binary"}
        if "x-nullable" in schema:
            schema["nullable"] = schema.pop("x-nullable")
        if isinstance(schema.get("discriminator"), str):
            schema["discriminator"] = {"propertyName": schema["discriminator"]}
        return super()._keywords(schema)

    def document(self, value: dict[str, Any]) -> dict[str, Any]:
        result = {"openapi": MODERN, **self._without(value, _ELSEWHERE)}
        if servers := _servers(value, value.get("schemes")):
            result["servers"] = servers
            self._moves(("servers",), ("host" if "host" in value else "basePath",), back=False)
        components: dict[str, dict[str, Any]] = {}
        for key in _COMPONENTS:
            members = value.get(key)
            for name, member in members.items() if isinstance(members, dict) else ():
                group = _group(key, member)
                with self._at(("components", group, name), (key, name)):
                    made = self._scheme(member) if key == "securityDefinitions" else self.convert(member)
                components.setdefault(group, {})[name] = made
        return result | ({"components": components} if components else {})

    def path_item(self, value: dict[str, Any]) -> dict[str, Any]:
        """What stands in the body is the operations' own in 3.1."""
        written = self._parameters(value)
        self._inherited = [parameter for parameter in written if _in_body(parameter)]
        result = self._without(value, ("parameters",))
        self._inherited = []
        return result | self._listed(written)

    def operation(self, value: dict[str, Any]) -> dict[str, Any]:
        outer = self._consumes, self._produces
        self._consumes = _names(value, "consumes", outer[0])
        self._produces = _names(value, "produces", outer[1])
        result = self._without(value, _OF_AN_OPERATION)
        result["responses"] = {
            status: self._borrowed(response) if isinstance(response, dict) and "$ref" in response else response
            for status, response in result["responses"].items()
        }
        if "schemes" in value and (servers := _servers(self._main, value["schemes"])):
            result["servers"] = servers
        written = self._parameters(value)
        known = {parameter.key for parameter in written}
        result |= self._listed(written)
        result |= self._body([*(p for p in self._inherited if p.key not in known), *written])
        self._consumes, self._produces = outer
        return result

    def parameter(self, value: dict[str, Any]) -> dict[str, Any]:
        """A parameter or a header. The schema of what stands in the body is where others refer to."""
        result = {key: value[key] for key in value if key in _OUTSIDE or (key.startswith("x-") and key != "x-nullable")}
        if value.get("in") == "body":
            return result | {"schema": self._below("schema", value.get("schema", {}))}
        result |= self._style(value)
        with self._at(("schema",), tuple(self._written), back=False):
            return result | {"schema": self.convert(_schema(value))}

    def response(self, value: dict[str, Any]) -> dict[str, Any]:
        result = {key: member for key, member in value.items() if key not in ("schema", "headers", "examples")}
        headers = value.get("headers")
        for name, header in headers.items() if isinstance(headers, dict) else ():
            with self._at(("headers", name), (*self._written, "headers", name)):
                made = self.parameter(header) if isinstance(header, dict) else header
            result.setdefault("headers", {})[name] = made
        content = {name: self._media(name, value) for name in self._answered(value)}
        return result | ({"content": content} if content else {})

    def _answered(self, response: Mapping[str, Any]) -> list[str]:
        """The media types of a response: what is produced, and what is shown."""
        schema, examples = response.get("schema"), response.get("examples")
        produced = self._produces or (_default(schema),) if schema is not None else ()
        return list(dict.fromkeys([*produced, *(examples if isinstance(examples, dict) else ())]))

    def _media(self, name: str, response: Mapping[str, Any]) -> dict[str, Any]:
        media: dict[str, Any] = {}
        if "schema" in response:
            with self._at(("content", name, "schema"), (*self._written, "schema")):
                media["schema"] = self.convert(response["schema"])
        examples = response.get("examples")
        if isinstance(examples, dict) and name in examples:
            self._moves(("content", name, "example"), (*self._written, "examples", name))
            media["example"] = examples[name]
        return media

    def _borrowed(self, referring: dict[str, Any]) -> dict[str, Any]:
        """A response that others refer to as well, in the media types of this operation."""
        found = self._find(referring["$ref"], self._uri) if self._produces != self._by_default else None
        if found is None or not isinstance(found[1], dict):
            return referring
        reference, response = found
        result = {key: response[key] for key in response if key not in ("schema", "headers", "examples")}
        if headers := response.get("headers"):
            result["headers"] = {name: {"$ref": f"{reference}/headers/{json_pointer.escape(name)}"} for name in headers}
        schema = {"schema": {"$ref": f"{reference}/schema"}} if "schema" in response else {}
        examples = response.get("examples") or {}
        content = {
            name: schema | ({"example": examples[name]} if name in examples else {})
            for name in self._answered(response)
        }
        return result | ({"content": content} if content else {})

    def _parameters(self, owner: Mapping[str, Any]) -> list[_Parameter]:
        listed = owner.get("parameters")
        return [
            self._resolved(value, (*self._written, "parameters", index))
            for index, value in enumerate(listed if isinstance(listed, list) else ())
        ]

    def _resolved(self, listed: Any, written: Path) -> _Parameter:
        value, reference, base = listed, None, self._uri
        for _ in range(20):  # nobody refers to a reference to a reference: a circle is told by who reads the view
            if not isinstance(value, dict) or not isinstance(value.get("$ref"), str):
                break
            found = self._find(value["$ref"], base)
            if found is None:
                return _Parameter(listed, written, {}, None)
            reference, value = found
            base = reference.partition("#")[0]
        return _Parameter(listed, written, value if isinstance(value, dict) else {}, reference)

    def _listed(self, written: list[_Parameter]) -> dict[str, Any]:
        """The parameters that still are some."""
        kept = [parameter for parameter in written if not _in_body(parameter)]
        result = []
        for index, parameter in enumerate(kept):
            with self._at(("parameters", index), parameter.written):
                result.append(self.convert(parameter.listed))
        return {"parameters": result} if result else {}

    def _body(self, parameters: list[_Parameter]) -> dict[str, Any]:
        """`requestBody` of the parameters that stand in the body."""
        body = next((parameter for parameter in parameters if parameter.place == "body"), None)
        fields = [parameter for parameter in parameters if parameter.place == "formData"]
        if body is not None:
            self._moves(("requestBody",), body.written)
            content = {name: self._content(body, name) for name in self._consumes or (_default(None),)}
            said = {key: body.value[key] for key in ("description", "required") if key in body.value}
        elif fields:
            self._moves(("requestBody",), fields[0].written, back=False)
            content = {name: self._form(fields, name) for name in self._forms(fields)}
            said = {"required": True} if any(field.value.get("required") for field in fields) else {}
        else:
            return {}
        return {"requestBody": said | {"content": content}}

    def _content(self, body: _Parameter, media: str) -> dict[str, Any]:
        if body.reference is not None:
            return {"schema": {"$ref": f"{body.reference}/schema"}}
        with self._at(("requestBody", "content", media, "schema"), (*body.written, "schema")):
            return {"schema": self.convert(body.value.get("schema", {}))}

    def _forms(self, fields: list[_Parameter]) -> Iterable[str]:
        consumed = [name for name in self._consumes if name.partition(";")[0].strip().lower() in FORMS]
        has_file = any(field.value.get("type") == "file" for field in fields)
        return consumed or [MULTIPART if has_file else FORM]

    def _form(self, fields: list[_Parameter], media: str) -> dict[str, Any]:
        properties, encoding = {}, {}
        for field in fields:
            name = str(field.value.get("name"))
            properties[name] = self._field(field, ("requestBody", "content", media, "schema", "properties", name))
            style = self._style(field.value)
            if style and style != _STYLES["multi"]:
                encoding[name] = {"style": "form", **style}
        schema: dict[str, Any] = {"type": "object", "properties": properties}
        if required := [str(field.value.get("name")) for field in fields if field.value.get("required")]:
            schema["required"] = required
        return {"schema": schema} | ({"encoding": encoding} if encoding else {})

    def _field(self, field: _Parameter, at: Path) -> dict[str, Any]:
        if field.reference is not None:
            return {"$ref": f"{field.reference}/schema"}
        with self._at(at, field.written, back=False):
            said = {"description": field.value["description"]} if "description" in field.value else {}
            return {**said, **self.convert(_schema(field.value))}

    def _style(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """How a list is written. Of a path or a header there is but one way, which is the default."""
        if value.get("type") != "array" or value.get("in") not in ("query", "formData"):
            return {}
        return _STYLES.get(str(value.get("collectionFormat", "csv")), {})

    def _without(self, value: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
        return self._members({key: member for key, member in value.items() if key not in names})

    def _scheme(self, scheme: Any) -> Any:
        if not isinstance(scheme, dict) or scheme.get("type") not in ("basic", "oauth2"):
            return scheme
        if scheme["type"] == "basic":
            return {**scheme, "type": "http", "scheme": "basic"}
        name = _FLOWS.get(str(scheme.get("flow")), "implicit")
        self._moves(("flows", name), tuple(self._written), back=False)
        moved = ("authorizationUrl", "tokenUrl", "scopes")
        flow = {"scopes": {}} | {key: scheme[key] for key in moved if key in scheme}
        kept = {key: value for key, value in scheme.items() if key not in (*moved, "flow")}
        return {**kept, "flows": {name: flow}}

    @contextmanager
    def _at(self, below: Path, written: Path, *, back: bool = True) -> Iterator[None]:
        """What is converted within stands below the present place in the view, and at `written` in the file."""
        outer = self._viewed, self._written
        self._moves(below, written, back=back)
        self._viewed, self._written = [*self._viewed, *below], list(written)
        yield
        self._viewed, self._written = outer

    def _moves(self, below: Path, written: Path, *, back: bool = True) -> None:
        """`back`: a reference to what is written leads to this place."""
        self.relocation.add(json_pointer.join(*self._viewed, *below), json_pointer.join(*written), moved=back)


def _is_operation(value: Mapping[str, Any]) -> bool:
    responses = value.get("responses")
    return isinstance(responses, dict) and all(
        status == "default" or status[:1].isdecimal() or status.startswith("x-") for status in responses
    )


def _is_path_item(value: Mapping[str, Any]) -> bool:
    return any(isinstance(value.get(method), dict) and _is_operation(value[method]) for method in METHODS)


def _is_parameter(value: Mapping[str, Any]) -> bool:
    return value.get("in") in _PLACES and isinstance(value.get("name"), str) and value.get("type") != "apiKey"


def _is_response(value: Mapping[str, Any]) -> bool:
    if not isinstance(value.get("description"), str) or "in" in value:
        return False
    examples = value.get("examples")
    shown = isinstance(examples, dict) and bool(examples) and all("/" in name for name in examples)
    return shown or isinstance(value.get("schema"), dict) or isinstance(value.get("headers"), dict)


_KINDS: tuple[tuple[Callable[[dict[str, Any]], bool], Callable[[_Swagger, dict[str, Any]], dict[str, Any]]], ...] = (
    (lambda value: "swagger" in value, _Swagger.document),
    (_is_path_item, _Swagger.path_item),
    (_is_operation, _Swagger.operation),
    (_is_parameter, _Swagger.parameter),
    (_is_response, _Swagger.response),
)


def _in_body(parameter: _Parameter) -> bool:
    return parameter.place in ("body", "formData")


def _schema(parameter: Mapping[str, Any]) -> dict[str, Any]:
    """What a parameter says of its value. Of a list apart by tabs, 3.1 can say no more than that it is a text."""
    if parameter.get("collectionFormat") == "tsv":
        return {"type": "string"}
    said = parameter.items()
    return {key: value for key, value in said if key not in _OUTSIDE and (key == "x-nullable" or key[:2] != "x-")}


def _names(owner: Mapping[str, Any], key: str, default: tuple[str, ...]) -> tuple[str, ...]:
    names = owner.get(key)
    return tuple(map(str, names)) if isinstance(names, list) else default


def _default(schema: Any) -> str:
    """The media type where none is said, which 2.0 leaves open."""
    is_file = isinstance(schema, dict) and schema.get("type") == "file"
    return "application/octet-stream" if is_file else "application/json"


def _servers(document: Mapping[str, Any], schemes: Any) -> list[dict[str, str]]:
    host, base = document.get("host"), document.get("basePath", "")
    if not host:
        return [{"url": str(base)}] if base else []
    prefixes = [f"{scheme}:" for scheme in schemes] if isinstance(schemes, list) and schemes else [""]
    return [{"url": f"{prefix}//{host}{base}"} for prefix in prefixes]


def _group(key: str, member: Any) -> str:
    """The component that a definition is. What stands in a body is none: its schema is referred to."""
    if key == "parameters" and isinstance(member, dict) and member.get("in") in ("body", "formData"):
        return BODY_PARAMETERS
    return {"definitions": "schemas", "securityDefinitions": "securitySchemes"}.get(key, key)
