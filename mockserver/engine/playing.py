"""How a provider is played: for each operation the handler that answers it."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path

from mockserver.engine import handlers
from mockserver.engine.answer import Answer
from mockserver.engine.call import Call, Handler
from mockserver.engine.checks import check_simulation
from mockserver.engine.choice import Chooser
from mockserver.engine.handlers import NO_HANDLERS, Handlers
from mockserver.engine.idempotency import idempotent
from mockserver.engine.provider import Provider
from mockserver.engine.simulation import EMPTY, OperationPlay, Simulation, load_simulation
from openapi.contract import Contract, Operation, load_contract


class Playing:
    """A provider and its handlers. Raises SourceError where simulation, contract and handlers do not fit together."""

    def __init__(self, name: str, contract: Contract, simulation: Simulation, custom: Handlers = NO_HANDLERS) -> None:
        self.provider = provider = Provider(name, contract, simulation, custom.refuse, custom.classify)
        check_simulation(contract, simulation, custom.by_operation)
        self._handlers = {
            operation.id: _handler(provider, operation, custom.by_operation.get(operation.id))
            for operation in contract.operations
        }
        self.chooser = Chooser(provider)

    @property
    def name(self) -> str:
        return self.provider.name

    def play(self, call: Call) -> Answer:
        """Answer a call. Raises Refusal."""
        return self._handlers[call.operation.id](call)


def _handler(provider: Provider, operation: Operation, custom: Handler | None) -> Handler:
    """The handler that the provider brings of an operation, or what its simulation says, or the first example."""
    simulation = provider.simulation
    play = simulation.operations.get(operation.id)
    if play is None:
        return custom or handlers.example(operation, provider.samples)
    if custom is None and play.play == "function":
        raise simulation.fault(f"no function plays '{operation.id}'", "operations", operation.id, "play")
    handler = custom or _generic(provider, operation, play)
    return handler if play.idempotency is None else idempotent(handler, operation, play.idempotency)


def _generic(provider: Provider, operation: Operation, play: OperationPlay) -> Handler:
    kind, simulation = provider.kinds[play.job], provider.simulation
    if kind.name not in provider.renders:
        raise simulation.fault(
            f"the job '{kind.name}' has no schema, so a function must play this", "operations", operation.id
        )
    success = operation.success
    if success is None:
        raise simulation.fault("the operation documents no success", "operations", operation.id)
    make = {"submit": handlers.submit, "read": handlers.read, "command": handlers.command}[play.play]
    show = handlers.wrapped(provider.contract, operation, kind, provider.renders[kind.name])
    meets = handlers.conditions(play.must, simulation.data)
    return make(play, kind, show, int(success.status), meets)


def load_provider(folder: Path) -> Playing:
    """The provider whose documents are in a folder. Raises SourceError."""
    return _load(folder.name, folder / "openapi.yaml", _shipped_handlers(folder.name))


def load_document(path: Path) -> Playing:
    """A provider from a document alone, with the `simulation.yaml` beside it if there is one. Raises SourceError."""
    return _load(path.parent.name if path.stem == "openapi" else path.stem, path, NO_HANDLERS)


def _load(name: str, path: Path, custom: Handlers) -> Playing:
    contract, simulation = load_contract(path), path.with_name("simulation.yaml")
    return Playing(name, contract, load_simulation(simulation) if simulation.exists() else EMPTY, custom)


def _shipped_handlers(name: str) -> Handlers:
    module = f"mockserver.providers.{name}"
    if not name.isidentifier() or importlib.util.find_spec(module) is None:
        return NO_HANDLERS
    found = importlib.import_module(module).HANDLERS
    assert isinstance(found, Handlers)
    return found
