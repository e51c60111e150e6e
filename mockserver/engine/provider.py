"""One provider, ready to play: contract, simulation, and for each operation the function that answers it."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from mockserver.core.records import Noted
from mockserver.engine import handlers
from mockserver.engine.answer import Answer, Refusal
from mockserver.engine.call import Call, Getter, getter
from mockserver.engine.checks import check_simulation, check_test_values
from mockserver.engine.credentials import Guard
from mockserver.engine.handlers import Play
from mockserver.engine.jobs import JobKind, Render, job_kinds
from mockserver.engine.problems import Classify, Problems, Shape
from mockserver.engine.rendering import renderer
from mockserver.engine.samples import Samples
from mockserver.engine.scenario import Scenario
from mockserver.engine.simulation import EMPTY, OperationPlay, Simulation, Tokens, load_simulation
from openapi.contract import Contract, Operation, load_contract


@dataclass(frozen=True, slots=True)
class Playing:
    """What a module under `mockserver/providers` offers: functions by operationId, names and shapes of refusals."""

    plays: Mapping[str, Play]
    refuse: Shape | None = None
    classify: Classify | None = None


NOTHING = Playing({})


class Provider:
    """A contract and how it is played. Everything that can be worked out beforehand is, here."""

    def __init__(self, name: str, contract: Contract, simulation: Simulation, playing: Playing = NOTHING) -> None:
        self.name = name
        self.contract = contract
        self.simulation = simulation
        self.guard = Guard(contract, simulation)
        self.samples = Samples(contract)
        self.problems = Problems(contract, simulation, self.samples, playing.refuse, playing.classify)
        self.kinds: Mapping[str, JobKind] = job_kinds(contract, simulation)
        self.renders: Mapping[str, Render] = {
            kind.name: renderer(contract, kind)
            for kind in self.kinds.values()
            if "schema" in simulation.jobs[kind.name]
        }
        self._forced = self._forced_answers()
        self.scenario_names = frozenset(simulation.scenarios) | {name for _, name in self._forced}
        check_simulation(contract, simulation, playing.plays)
        check_test_values(simulation, self.scenario_names)
        self._plays = {operation.id: self._play(operation, playing) for operation in contract.operations}
        self.item_reasons = {row.value: row.reason for row in simulation.test_values if row.at is None and row.reason}
        self._item_scenarios = {
            row.value: row.scenario for row in simulation.test_values if row.at is None and row.scenario
        }
        self._choosers = {operation.id: self._chooser(operation) for operation in contract.operations}
        self._indexes: dict[tuple[str, ...], Mapping[tuple[Any, ...], Mapping[str, Any]]] = {}

    def _play(self, operation: Operation, playing: Playing) -> Play:
        play = self.simulation.operations.get(operation.id)
        function = playing.plays.get(operation.id)
        if function is None and play is not None and play.play != "function":
            function = self._generic(operation, play)
        if function is None and play is not None:
            raise self.simulation.fault(f"no function plays '{operation.id}'", "operations", operation.id, "play")
        if function is None:
            return handlers.example(operation, self.samples)
        if play is not None and play.idempotency is not None:
            return self._idempotent(function, operation, play)
        return function

    def _generic(self, operation: Operation, play: OperationPlay) -> Play:
        kind = self.kinds[play.job]
        if kind.name not in self.renders:
            raise self.simulation.fault(
                f"the job '{kind.name}' has no schema, so a function must play this", "operations", operation.id
            )
        success = operation.success
        if success is None:
            raise self.simulation.fault("the operation documents no success", "operations", operation.id)
        make = {"submit": handlers.submit, "read": handlers.read, "command": handlers.command}[play.play]
        show = handlers.wrapped(self.contract, operation, kind, self.renders[kind.name])
        meets = handlers.conditions(play.must, self.simulation.data)
        return make(play, kind, show, int(success.status), meets)

    def _idempotent(self, function: Play, operation: Operation, play: OperationPlay) -> Play:
        """The first accepted answer to a key is kept, and given again to the same request, byte for byte."""
        rule = play.idempotency
        assert rule is not None
        key_at = getter(rule.key)

        def run(call: Call) -> Answer:
            key = key_at(call)
            if key is None or key == "":
                return function(call)
            who = call.credential.tenant or call.credential.name  # a token may be renewed between two tries
            parts = (operation.id, who, call.path, key)
            stream = f"key/{hashlib.sha256(orjson.dumps(parts)).hexdigest()}"
            fingerprint = hashlib.sha256(orjson.dumps(call.body, option=orjson.OPT_SORT_KEYS)).hexdigest()
            for noted in call.session.store.read(call.session.name, stream):
                assert isinstance(noted, Noted)
                return _replayed(noted.value, fingerprint, rule.mismatch)
            answer = function(call)
            if 200 <= answer.status < 300:
                content = encoded(answer)
                kept = {"body": fingerprint, "status": answer.status, "content": content.decode(), "job": answer.job}
                kept |= {"headers": dict(answer.headers), "media_type": answer.media_type}
                call.session.store.append(call.session.name, stream, Noted(call.now, kept))
            return answer

        return run

    def _forced_answers(self) -> dict[tuple[str, str], Answer]:
        """(operation, example name) -> the documented response, for every named example."""
        answers: dict[tuple[str, str], Answer] = {}
        for operation in self.contract.operations:
            for code, response in operation.responses.items():
                for media_type, examples in response.examples.items():
                    for name, value in examples.items():
                        if code.isdigit():
                            answer = Answer(int(code), value, response.headers, media_type)
                            answers.setdefault((operation.id, name), answer)
        return answers

    def index(self, table: str, columns: tuple[str, ...]) -> Mapping[tuple[Any, ...], Mapping[str, Any]]:
        """The rows of a seed table by their values in these columns; made when it is first asked for."""
        found = self._indexes.get((table, *columns))
        if found is None:
            rows = reversed(self.simulation.data.get(table, ()))
            found = {tuple(row.get(name) for name in columns): row for row in rows}
            self._indexes[table, *columns] = found
        return found

    def scenario(self, name: str) -> Scenario:
        """A scenario by name, or the default one."""
        scenarios = self.simulation.scenarios
        return scenarios.get(name) or scenarios[self.simulation.default_scenario]

    def forced(self, operation: Operation, name: str) -> Answer | None:
        """The answer that a scenario of this name forces on the operation, if it does."""
        scenario = self.simulation.scenarios.get(name)
        if scenario is None:
            return self._forced.get((operation.id, name))
        if scenario.respond is None:
            return None
        answer = self._forced.get((operation.id, scenario.respond[1]))
        return answer if answer and answer.status == scenario.respond[0] else None

    def preferred(self, operation: Operation, code: int | None, name: str | None) -> Answer | None:
        """What Prism's `Prefer: code=…, example=…` asks for, or None if the contract has no such response."""
        for (identifier, example), answer in self._forced.items():
            if identifier == operation.id and code in (None, answer.status) and name in (None, example):
                return answer
        response = operation.response(code) if code and name is None else None
        return self.samples.answer(response, code) if response and code and 200 <= code <= 599 else None

    def _chooser(self, operation: Operation) -> list[tuple[Getter, dict[Any, str]]]:
        """Where test values may stand in the operation's requests, each with the scenarios by value."""
        known = {(parameter.location, parameter.key) for parameter in operation.parameters}
        found: dict[Tokens, dict[Any, str]] = {}
        for row in self.simulation.test_values:
            if row.at and row.scenario and (row.at[0] in ("body", "credential") or row.at[:2] in known):
                found.setdefault(row.at, {}).setdefault(row.value, row.scenario)
        return [(getter(at), scenarios) for at, scenarios in found.items()]

    def value_scenario(self, call: Call) -> str:
        """The scenario that a test value in the request chooses, or ""."""
        for at, scenarios in self._choosers[call.operation.id]:
            said = at(call)
            if isinstance(said, (str, int, float)) and said in scenarios:
                return scenarios[said]
        play = self.simulation.operations.get(call.operation.id)
        if self._item_scenarios and play is not None and play.items is not None:
            member = play.items.value
            for item in call.at(play.items.at) or ():
                said = item.get(member) if member else item
                if isinstance(said, str) and said in self._item_scenarios:
                    return self._item_scenarios[said]
        return ""

    def play(self, call: Call) -> Answer:
        """Answer a call. Raises Refusal."""
        return self._plays[call.operation.id](call)


def encoded(answer: Answer) -> bytes:
    """The bytes of an answer's body."""
    if answer.content is not None:
        return answer.content
    if answer.value is None:
        return b""
    if isinstance(answer.value, str) and "json" not in answer.media_type:
        return answer.value.encode()
    return orjson.dumps(answer.value)


def _replayed(kept: Mapping[str, Any], fingerprint: str, mismatch: str) -> Answer:
    if kept["body"] != fingerprint:
        raise Refusal(mismatch)
    content = kept["content"].encode()
    return Answer(kept["status"], None, kept["headers"], kept["media_type"], content, kept["job"])


def load_provider(folder: Path) -> Provider:
    """The provider whose documents are in a folder. Raises SourceError."""
    contract = load_contract(folder / "openapi.yaml")
    simulation_path = folder / "simulation.yaml"
    simulation = load_simulation(simulation_path) if simulation_path.exists() else EMPTY
    return Provider(folder.name, contract, simulation, _playing(folder.name))


def load_document(path: Path) -> Provider:
    """A provider from a document alone, with the `simulation.yaml` beside it if there is one."""
    simulation_path = path.parent / "simulation.yaml"
    simulation = load_simulation(simulation_path) if simulation_path.exists() else EMPTY
    return Provider(path.parent.name if path.stem == "openapi" else path.stem, load_contract(path), simulation)


def _playing(name: str) -> Playing:
    module = f"mockserver.providers.{name}"
    if not name.isidentifier() or importlib.util.find_spec(module) is None:
        return NOTHING
    found = importlib.import_module(module).PLAYING
    assert isinstance(found, Playing)
    return found
