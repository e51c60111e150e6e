"""Where the contracts that come with the project stand: `specs/` of a checkout, or inside the installed package."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent

SPECS = next((folder for folder in (_PACKAGE / "specs", _PACKAGE.parent / "specs") if folder.is_dir()), _PACKAGE)
SIMULATION_SCHEMA = SPECS / "simulation.schema.json"
