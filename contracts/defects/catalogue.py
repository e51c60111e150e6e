"""The catalogues: one module per provider, `contracts/defects/<provider>.py`, with `DEFECTS`."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from contracts.defects.defect import Defect
from openapi.source import nearest

# Providers that have a catalogue, in the order of documentation.
PROVIDERS = ("thanx", "loyaltydog", "capillary", "elastic_path")


class CatalogueError(LookupError):
    """There is no such catalogue or no such defect, or two defects have one name; the text says which."""


def defects_of(provider: str) -> tuple[Defect, ...]:
    """A provider's defects in the order of the file. Raises CatalogueError."""
    if provider not in PROVIDERS:
        raise CatalogueError(f"there are no defects for '{provider}' ({nearest(provider, PROVIDERS)})")
    return checked(importlib.import_module(f"contracts.defects.{provider}").DEFECTS)


def selected(providers: Sequence[str], only: Sequence[str] = ()) -> dict[str, tuple[Defect, ...]]:
    """The defects of some providers, all of them or those named, by provider. Raises CatalogueError."""
    found = {provider: defects_of(provider) for provider in providers}
    names = [defect.name for defects in found.values() for defect in defects]
    for name in only:
        if name not in names:
            raise CatalogueError(f"{', '.join(providers)}: there is no defect '{name}' ({nearest(name, names)})")
    chosen = {
        provider: tuple(defect for defect in defects if not only or defect.name in only)
        for provider, defects in found.items()
    }
    return {provider: defects for provider, defects in chosen.items() if defects}


def checked(defects: Sequence[Defect]) -> tuple[Defect, ...]:
    """The defects; a name stands for one of them. Raises CatalogueError."""
    names: set[str] = set()
    for defect in defects:
        if defect.name in names:
            raise CatalogueError(f"two defects are called '{defect.name}'")
        names.add(defect.name)
    return tuple(defects)
