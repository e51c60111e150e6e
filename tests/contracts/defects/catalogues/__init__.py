"""Defects of our own four stubs, by provider: the judge's own test. `measure.py` runs them all."""

from __future__ import annotations

from contracts.defects.catalogue import Catalogue
from tests.contracts.defects.catalogues import capillary, elastic_path, loyaltydog, thanx

CATALOGUES: Catalogue = {
    "thanx": thanx.DEFECTS,
    "loyaltydog": loyaltydog.DEFECTS,
    "capillary": capillary.DEFECTS,
    "elastic_path": elastic_path.DEFECTS,
}
