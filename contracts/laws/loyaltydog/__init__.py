"""What holds for LoyaltyDog across several requests; the numbers are those of `specs/loyaltydog/facts.md`."""

from contracts.laws.loyaltydog import access, cards, files, idempotency, refusals, tasks
from contracts.laws.loyaltydog.base import LAWS

__all__ = ["LAWS", "access", "cards", "files", "idempotency", "refusals", "tasks"]
