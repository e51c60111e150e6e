"""Which scenario a request is played by. Strongest first:

1. the header `X-Mock-Scenario: NAME`;
2. Prism's header `Prefer: code=422, example=NAME`;
3. a test value in the request;
4. the session's setting;
5. the default of the simulation.

A head chooses before anything is asked of the request: a client can see a documented 401 without being refused by it.
Test values and settings choose for requests that are accepted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from mockserver.engine.answer import Answer, json_problem
from mockserver.engine.call import Call, Getter, getter
from mockserver.engine.provider import Provider
from mockserver.engine.scenario import Scenario
from mockserver.engine.session import Settings
from mockserver.engine.simulation import Tokens
from openapi.contract import Operation
from openapi.source import nearest

_STATUS = re.compile(r"[2-5][0-9][0-9]\Z")
# As much of a client's own words as an answer or the journal repeats.
_SHOWN = 80


class Choice(NamedTuple):
    """A scenario and the `name` that chose it ("" for the default). Where there is an `answer`, nothing is played.

    `problem` says that the name stands for nothing; the answer then tells what there is.
    """

    scenario: Scenario
    name: str = ""
    answer: Answer | None = None
    problem: str = ""


class Chooser:
    """Chooses for the requests of one provider."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._setting = setting(provider.name)
        self._default = Choice(provider.scenario(""))
        self._places = {operation.id: _places(provider, operation) for operation in provider.contract.operations}
        self._by_item = {
            row.value: row.scenario for row in provider.simulation.test_values if row.at is None and row.scenario
        }

    def by_head(self, operation: Operation, headers: Mapping[str, str]) -> Choice | None:
        """What the headers choose (names in lower case), None if nothing. It depends on nothing else."""
        name, prefer = headers.get("x-mock-scenario"), headers.get("prefer")
        if name is None:
            return None if prefer is None else self._preferred(operation, prefer)
        known = self._provider.scenario_names
        if name in known:
            return self.by_name(operation, name)
        detail = f"'{name[:_SHOWN]}' is no scenario here; {nearest(name, known)}"
        return self._unknown("", "scenario", detail)

    def by_call(self, call: Call, settings: Settings) -> Choice:
        """What a test value chooses, or else the session's setting, or else the simulation."""
        name = self._test_value(call) or settings.values.get(self._setting, "")
        return self.by_name(call.operation, name) if name else self._default

    def by_name(self, operation: Operation, name: str) -> Choice:
        """A scenario of the simulation, or the named example of a documented response.

        One that has nothing to say of the operation leaves it to the default.
        """
        scenario = self._provider.simulation.scenarios.get(name)
        if scenario is None:
            return Choice(self._default.scenario, name, self._example(operation, None, name))
        if scenario.respond is None:
            return Choice(scenario, name)
        return Choice(scenario, name, self._example(operation, *scenario.respond))

    def _preferred(self, operation: Operation, prefer: str) -> Choice | None:
        """`Prefer: code=422, example=name`, as Prism reads it; other preferences are ignored (RFC 7240)."""
        members = dict(part.strip().partition("=")[::2] for part in prefer.replace(";", ",").split(","))
        code, example = (members.get(name, "").strip('"') for name in ("code", "example"))
        if not code and not example:
            return None
        name, status = prefer[:_SHOWN], int(code) if _STATUS.match(code) else None
        answer = self._documented(operation, status, example) if status or not code else None
        if answer is not None:
            return Choice(self._default.scenario, name, answer)
        documented = (
            " ".join(filter(None, (status, example)))
            for status, response in operation.responses.items()
            for example in [name for examples in response.examples.values() for name in examples] or [""]
        )
        return self._unknown(name, "example", f"'{name}' fits none of: {', '.join(documented)}")

    def _documented(self, operation: Operation, status: int | None, example: str) -> Answer | None:
        """The first example of that status and name, or an instance made for the status alone."""
        answer = self._example(operation, status, example)
        if answer is not None or status is None or example:
            return answer
        response = operation.response(status)
        return self._provider.samples.answer(response, status) if response else None

    def _example(self, operation: Operation, status: int | None, name: str) -> Answer | None:
        for known, answer in self._provider.examples[operation.id]:
            if name in ("", known) and status in (None, answer.status):
                return answer
        return None

    def _unknown(self, name: str, what: str, detail: str) -> Choice:
        answer = json_problem(400, f"There is no such {what}", detail)
        return Choice(self._default.scenario, name, answer, f"unknown_{what}")

    def _test_value(self, call: Call) -> str:
        """The scenario that a test value in the request chooses, or ""."""
        for at, scenarios in self._places[call.operation.id]:
            value = at(call)
            if isinstance(value, (str, int, float)) and value in scenarios:
                return scenarios[value]
        return self._item_value(call) if self._by_item else ""

    def _item_value(self, call: Call) -> str:
        play = self._provider.simulation.operations.get(call.operation.id)
        if play is None or play.items is None:
            return ""
        member = play.items.value
        for item in call.at(play.items.at) or ():
            value = item.get(member) if member else item
            if isinstance(value, str) and value in self._by_item:
                return self._by_item[value]
        return ""


def setting(provider: str) -> str:
    """The name of the session's setting that chooses a provider's scenario."""
    return f"scenario/{provider}"


def _places(provider: Provider, operation: Operation) -> list[tuple[Getter, dict[Any, str]]]:
    """Where test values may stand in the operation's requests, each with the scenarios by value."""
    known = {(parameter.location, parameter.key) for parameter in operation.parameters}
    found: dict[Tokens, dict[Any, str]] = {}
    for row in provider.simulation.test_values:
        if row.at and row.scenario and (row.at[0] in ("body", "credential") or row.at[:2] in known):
            found.setdefault(row.at, {}).setdefault(row.value, row.scenario)
    return [(getter(at), scenarios) for at, scenarios in found.items()]
