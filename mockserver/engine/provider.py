"""A provider as data: its contract and its simulation, with everything that can be worked out of them beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.engine.answer import Answer
from mockserver.engine.checks import check_test_values
from mockserver.engine.credentials import Guard
from mockserver.engine.jobs import JobKind, Render, job_kinds
from mockserver.engine.problems import Classify, Problems, Shape
from mockserver.engine.rendering import renderer
from mockserver.engine.samples import Samples
from mockserver.engine.scenario import Scenario
from mockserver.engine.simulation import Simulation
from openapi.contract import Contract, Operation


class Provider:
    """What a provider is. How it is played (`playing.py`) is built on this."""

    def __init__(
        self,
        name: str,
        contract: Contract,
        simulation: Simulation,
        refuse: Shape | None = None,
        classify: Classify | None = None,
    ) -> None:
        self.name = name
        self.contract = contract
        self.simulation = simulation
        self.guard = Guard(contract, simulation)
        self.samples = Samples(contract)
        self.problems = Problems(contract, simulation, self.samples, refuse, classify)
        self.kinds: Mapping[str, JobKind] = job_kinds(contract, simulation)
        self.renders: Mapping[str, Render] = {
            kind.name: renderer(contract, kind)
            for kind in self.kinds.values()
            if "schema" in simulation.jobs[kind.name]
        }
        self._forced = self._forced_answers()
        self.scenario_names = frozenset(simulation.scenarios) | {name for _, name in self._forced}
        check_test_values(simulation, self.scenario_names)
        self.item_reasons = {row.value: row.reason for row in simulation.test_values if row.at is None and row.reason}
        self._indexes: dict[tuple[str, ...], Mapping[tuple[Any, ...], Mapping[str, Any]]] = {}

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
