"""A provider as data: its contract and its simulation, with everything that can be worked out of them beforehand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
from openapi.media_types import concrete


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
        self.examples = {operation.id: tuple(_examples(operation)) for operation in contract.operations}
        named = {name for examples in self.examples.values() for name, _ in examples}
        self.scenario_names = named.union(simulation.scenarios)
        check_test_values(simulation, self.scenario_names)
        self.item_reasons = {row.value: row.reason for row in simulation.test_values if row.at is None and row.reason}
        self._indexes: dict[tuple[str, ...], Mapping[tuple[Any, ...], Mapping[str, Any]]] = {}

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


def _examples(operation: Operation) -> Iterator[tuple[str, Answer]]:
    """Every named example of a response with a final status, as the answer that it shows."""
    for status, response in operation.responses.items():
        for media_type, examples in response.examples.items():
            for name, value in examples.items():
                if status.isdigit() and int(status) >= 200:
                    yield name, Answer(int(status), value, response.headers, concrete(media_type))
