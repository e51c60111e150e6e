"""The laws: what must hold across several requests. One module per provider that needs more than its contract says."""

from __future__ import annotations

import importlib
import importlib.util

from contracts.laws.law import Laws


def laws_of(provider: str) -> Laws:
    """The provider's own laws: `LAWS` of `contracts/laws/<provider>.py`; none for a provider without such a module."""
    name = f"contracts.laws.{provider}"
    if not provider.isidentifier() or importlib.util.find_spec(name) is None:
        return Laws()
    found: Laws = importlib.import_module(name).LAWS
    return found
