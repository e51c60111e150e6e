"""The catalogues: one module per provider, `contracts/defects/<provider>.py`, with `DEFECTS`."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence

from contracts.defects.defect import Defect
from mockserver.specification.source import nearest

# Providers that have a catalogue, in the order of documentation.
PROVIDERS = ("thanx", "loyaltydog", "capillary", "elastic_path")


class CatalogueError(LookupError):
    """There is no such catalogue or no such defect, or two defects have one name; the text says which."""


def defects_of(provider: str, only: Sequence[str] = ()) -> tuple[Defect, ...]:
    """A provider's defects, or those named, in the order of the file. Raises CatalogueError."""
    if provider not in PROVIDERS:
        raise CatalogueError(f"there are no defects for '{provider}' ({nearest(provider, PROVIDERS)})")
    found = checked(importlib.import_module(f"contracts.defects.{provider}").DEFECTS)
    names = [defect.name for defect in found]
    for name in only:
        if name not in names:
            raise CatalogueError(f"{provider} has no defect '{name}' ({nearest(name, names)})")
    return tuple(defect for defect in found if not only or defect.name in only)


def checked(defects: Sequence[Defect]) -> tuple[Defect, ...]:
    """The defects; a name stands for one of them. Raises CatalogueError."""
    names: set[str] = set()
    for defect in defects:
        if defect.name in names:
            raise CatalogueError(f"two defects are called '{defect.name}'")
        names.add(defect.name)
    return tuple(defects)
