"""What holds for Capillary across several requests; the numbers are those of `specs/capillary/facts.md`."""

from contracts.laws.capillary import access, details, idempotency, issuing, lists, revoking
from contracts.laws.capillary.base import LAWS

__all__ = ["LAWS", "access", "details", "idempotency", "issuing", "lists", "revoking"]
