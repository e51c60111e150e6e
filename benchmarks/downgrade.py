"""A copy of an OpenAPI 3.1 document as 3.0, for servers that load nothing newer. What 3.0 cannot say is left out."""

from __future__ import annotations

from typing import Any

VERSION = "3.0.3"
# Places whose values are data, not schemas.
DATA = {"example", "default", "enum", "value"}
# Keywords that 3.0 does not know.
NEWER = (
    "$defs",
    "$schema",
    "contains",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "if",
    "jsonSchemaDialect",
    "maxContains",
    "minContains",
    "patternProperties",
    "prefixItems",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
    "webhooks",
)
# Functions that Connexion asks about credentials.
HANDLERS = {"http": ("x-bearerInfoFunc", "__main__.bearer"), "apiKey": ("x-apikeyInfoFunc", "__main__.api_key")}


def downgrade(document: dict[str, Any]) -> dict[str, Any]:
    """The document as OpenAPI 3.0.3, with Connexion's names for whoever knows the credentials."""
    copy: dict[str, Any] = _value({**document, "openapi": VERSION})
    schemes = copy.get("components", {}).get("securitySchemes", {})
    for scheme in schemes.values():
        if scheme["type"] in HANDLERS:
            name, function = HANDLERS[scheme["type"]]
            scheme[name] = function
    return copy


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return [_value(entry) for entry in value]
    return _object(value) if isinstance(value, dict) else value


def _object(value: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in value:
        return {"$ref": value["$ref"]}  # 3.0 ignores what stands beside it
    made = {
        name: entry if name in DATA else _named(entry) if name == "properties" else _value(entry)
        for name, entry in value.items()
        if not name.startswith("x-")
    }
    return _keywords(made)


def _named(properties: Any) -> Any:
    """Properties by name: a property may be called like a keyword, and its schema may be a boolean."""
    if not isinstance(properties, dict):
        return properties
    return {name: _schema(schema) for name, schema in properties.items()}


def _schema(schema: Any) -> Any:
    if isinstance(schema, bool):
        return {} if schema else {"not": {}}
    return _value(schema)


def _keywords(schema: dict[str, Any]) -> dict[str, Any]:
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]
    kinds = schema.get("type")
    if isinstance(kinds, list):
        named = [kind for kind in kinds if kind != "null"]
        schema.pop("type")
        if len(named) == 1:
            schema["type"] = named[0]
        if len(named) != len(kinds):
            schema["nullable"] = True
    elif kinds == "null":
        schema.pop("type")
        schema["nullable"] = True
    for bound, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if bound in schema and not isinstance(schema[bound], bool):
            schema[limit], schema[bound] = schema[bound], True
    for newer in NEWER:
        schema.pop(newer, None)
    return schema
