"""A document and the files it refers to as one value, for libraries that do not read files as we do."""

from __future__ import annotations

import copy
from typing import Any
from urllib.parse import quote

from openapi import pointer as json_pointer
from openapi.dialect import references
from openapi.library import Library

FILES = "x-files"


def bundled(library: Library) -> dict[str, Any]:
    """The document as OpenAPI 3.1; the other files stand below `x-files`, by URI. It is not copied if it is alone."""
    if len(library.sources) == 1:
        root: dict[str, Any] = library.root
        return root
    roots = {uri: _local(library, uri) for uri in library.sources}
    document: dict[str, Any] = roots.pop(library.main)
    return {**document, FILES: roots}


def _local(library: Library, uri: str) -> Any:
    """A copy of a file in which every reference leads into the bundle."""
    root = copy.deepcopy(library.sources[uri].root)
    for pointer, reference in list(references(root)):
        target = library.target(reference, uri)
        inside = "" if target.uri == library.main else json_pointer.join(FILES, target.uri)
        holder = json_pointer.resolve(root, pointer)
        if target.uri in library.sources:
            holder["$ref"] = f"#{quote(inside + target.pointer, safe='/~')}"
    return root
