"""`mockserver show`: what a provider is played with, as Markdown tables."""

from __future__ import annotations

import argparse
import sys

from mockserver import app, tables
from openapi.source import SourceError


def run(arguments: argparse.Namespace) -> int:
    """Print the tables of one provider, or of all. Exit code 2 for a name that nobody has."""
    name: str | None = arguments.provider
    try:
        playings = app.load(app.Options(providers=(name,) if name else ()))
    except SourceError as error:
        sys.stderr.write(f"mockserver: {error}\n")
        return 2
    providers = [playing.provider for playing in playings.values()]
    sys.stdout.write(tables.provider_tables(providers[0]) if name else tables.all_tables(providers))
    return 0
