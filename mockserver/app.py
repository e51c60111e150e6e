"""Puts the stub together: documents, store, clock and seed into one ASGI application."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from mockserver.control.handlers import control_playing
from mockserver.engine.engine import Config, Engine
from mockserver.engine.playing import Playing, load_document, load_provider
from mockserver.store import open_store
from mockserver.web.app import Stub
from openapi.shipped import SPECS
from openapi.source import SourceError, nearest

# How a worker process learns the options of the command line.
ENVIRONMENT = "MOCKSERVER_OPTIONS"


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says. `providers` empty means all; `spec` is one document instead of a folder of them."""

    specs: str = str(SPECS)
    spec: str = ""
    providers: tuple[str, ...] = ()
    store: str = "memory"
    seed: int = 0
    rate: float = 1
    token: str = ""


def load(options: Options) -> dict[str, Playing]:
    """The providers that the options name. Raises SourceError for a document or a name that cannot be used."""
    if options.spec:
        playing = load_document(Path(options.spec))
        return {playing.name: playing}
    folder = Path(options.specs)
    known = sorted(path.parent.name for path in folder.glob("*/openapi.yaml"))
    if not known:
        raise SourceError(folder, "holds no contracts", None, "expected <provider>/openapi.yaml below it")
    for name in options.providers:
        if name not in known:
            raise SourceError(folder, f"has no provider '{name}'", None, nearest(name, known))
    return {name: load_provider(folder / name) for name in options.providers or known}


def steady() -> Callable[[], int]:
    """A reading of the wall clock in ns since 1970 that nobody sets back: virtual time only moves forward."""
    offset = time.time_ns() - time.monotonic_ns()
    return lambda: offset + time.monotonic_ns()


def build(options: Options, wall: Callable[[], int] | None = None) -> Stub:
    """The application; `wall` reads the wall clock in ns. Raises SourceError or StoreError before it answers."""
    playings = load(options)
    engine = Engine(playings, open_store(options.store), Config(options.seed, options.rate), wall or steady())
    at_root = len(playings) == 1 and bool(options.spec or options.providers)
    return Stub(engine, control_playing(engine), at_root=at_root, token=options.token or None)


def create() -> Stub:
    """The application of a worker process, from its environment."""
    options = orjson.loads(os.environ.get(ENVIRONMENT, "{}"))
    stub = build(Options(**{**options, "providers": tuple(options.get("providers", ()))}))
    settle()
    return stub


def settle() -> None:
    """Tune garbage collection for a process that serves from now on.

    What start-up made stays, and what is stored never forms a cycle: to look through both again and again, as the
    defaults do, is a tenth of the cost of a submission (`benchmarks/README.md`).
    """
    gc.freeze()
    gc.set_threshold(10_000, 50, 20)


def environment(options: Options) -> dict[str, str]:
    """What `create` needs to find in its environment."""
    return {ENVIRONMENT: orjson.dumps(asdict(options)).decode()}
