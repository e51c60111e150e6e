"""A run as a file: every exchange as it is shown, and what the run came to."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from contracts.check.verdict import OBSERVED, Result, Status, Verdict
from contracts.findings import shown
from contracts.har import reader
from contracts.har.reader import HarError
from contracts.har.writer import Writer, entry
from contracts.redaction.redactor import Redactor
from contracts.target.breach import Breach
from contracts.target.exchange import Exchange
from contracts.target.subject import Subject
from contracts.target.target import Target
from openapi.library import Address

# Exchanges that only repeat others, to show a finding.
REPEATING = "show"


@dataclass(slots=True)
class Recorder:
    """An observer that writes what it sees, redacted. Use it with `with`; `close` writes the verdict."""

    path: Path
    redactor: Redactor
    writer: Writer
    failure: OSError | None = field(default=None, init=False)

    @classmethod
    def open(cls, path: Path, redactor: Redactor, target: Target, seed: int) -> Recorder:
        """Begin a file. Raises HarError."""
        run = {"provider": target.provider, "base": target.url, "seed": seed, "raw": redactor.raw}
        try:
            return cls(path, redactor, Writer(path.open("wb"), run))
        except OSError as error:
            raise unwritable(path, error) from None

    def __call__(self, exchange: Exchange) -> None:
        if self.failure is None and not exchange.by.startswith(REPEATING):
            try:
                self.writer.add(self.redactor.exchange(exchange))
            except OSError as error:
                self.failure = error

    def close(self, verdict: Verdict | None) -> None:
        """End the file with a verdict that is redacted. Raises HarError where something could not be written."""
        try:
            with self.writer.file:
                self.writer.close(summary(verdict) if verdict else {})
        except OSError as error:
            self.failure = self.failure or error
        if self.failure is not None:
            raise unwritable(self.path, self.failure)


def unwritable(path: Path, error: OSError) -> HarError:
    return HarError(f"cannot write the recording {shown(path)}: {error.strerror}")


def summary(verdict: Verdict) -> dict[str, Any]:
    """What a recording keeps of a verdict: what cannot be told from the exchanges alone."""
    return {
        "results": [asdict(result) for result in verdict.results if result.name not in OBSERVED],
        "findings": [_finding(one) for one in verdict.findings if one.check not in OBSERVED],
        "incomplete": verdict.incomplete,
    }


def _finding(breach: Breach) -> dict[str, Any]:
    return {
        "check": breach.check,
        "operation": breach.operation,
        "promise": str(breach.promise),
        "message": breach.message,
        "times": breach.times,
        "seed": breach.seed,
        "seen_again": breach.seen_again,
        "exchanges": [entry(exchange, datetime.now(UTC)) for exchange in breach.exchanges],
    }


def recorded(subject: Subject, kept: Any) -> tuple[list[Result], list[Breach], str]:
    """The results, the findings and the `incomplete` that `summary` wrote. Raises HarError."""
    try:
        results = [Result(**{**one, "status": Status(one["status"])}) for one in kept.get("results", ())]
        findings = [_read(subject, one) for one in kept.get("findings", ())]
        return results, findings, str(kept.get("incomplete", ""))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise HarError(f"log._verdict is not as it is written: {type(error).__name__}: {error}") from None


def _read(subject: Subject, kept: dict[str, Any]) -> Breach:
    exchanges = [reader.exchange(value, value["_number"]) for value in kept["exchanges"]]
    promise: str | Address = kept["promise"] if "#" not in kept["promise"] else Address.parse(kept["promise"])
    try:
        subject.location(promise)
    except LookupError:  # the contract promises it no more
        promise = Address(subject.contract.library.main, "/paths")
    return Breach(
        check=kept["check"],
        operation=kept["operation"],
        promise=promise,
        message=kept["message"],
        exchanges=tuple(one for one in exchanges if isinstance(one, Exchange)),
        seed=kept["seed"],
        times=kept["times"],
        seen_again=kept["seen_again"],
    )
