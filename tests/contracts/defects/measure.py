"""Writes `docs/defects.md`: every generic and every provider's own defect, judged with one seed.

    python -m tests.contracts.defects.measure [PROVIDER]...

Without names it judges all providers, which takes minutes, and writes the page; with names it prints their tables.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from contracts.defects.catalogue import defects_of
from contracts.defects.defect import Defect
from contracts.defects.reports import GENERIC_HEAD, Result, tables
from contracts.defects.run import QUICK, judge, sound
from contracts.target.subject import load_subject
from tests.contracts.defects.catalogues import CATALOGUES

PAGE = Path(__file__).resolve().parents[3] / "docs" / "defects.md"
OWN_HEAD = """# The judge's own test

What follows breaks the stubs of the four shipped providers in ways that only they can break. It is no command but a
test: `tests/contracts/defects/catalogues/`, a sample in `make test`, all of it with `pytest -m slow
tests/contracts/defects`. A defect is a value there: a name, a kind, a story, and a function between client and stub,
most of them made from JSON Pointers and operationIds. This page is written by `python -m
tests.contracts.defects.measure`.
"""


def generic(providers: Sequence[str]) -> Iterator[Result]:
    """What became of the catalogue of the command."""
    for provider in providers:
        yield _judged(provider, defects_of(load_subject(provider)))


def own(providers: Sequence[str]) -> Iterator[Result]:
    """What became of the defects of our own stubs."""
    for provider in providers:
        yield _judged(provider, CATALOGUES[provider])


def _judged(provider: str, defects: Sequence[Defect]) -> Result:
    subject = load_subject(provider)
    sound(subject)
    return Result(provider, QUICK.seed, tuple(judge(subject, defects)))


def main(providers: Sequence[str]) -> None:
    """Measure; print or write the page."""
    names = providers or tuple(CATALOGUES)
    page = "\n".join([GENERIC_HEAD, *tables(generic(names)), OWN_HEAD, *tables(own(names))]).rstrip() + "\n"
    if providers:
        sys.stdout.write(page)
    else:
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
