"""What every check is given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from contracts.validate.document import Document
from contracts.validate.schemas import Schemas


@dataclass(frozen=True, slots=True)
class Subject:
    """A document, its compiled schemas, and the files that stand beside it in a provider's folder."""

    document: Document
    schemas: Schemas
    simulation: Path | None = None
    facts: Path | None = None
