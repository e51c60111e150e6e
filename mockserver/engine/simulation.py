"""Reads `simulation.yaml` into frozen values, and refuses what its schema or the contract does not know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson

from mockserver.engine.scenario import Scenario
from openapi import pointer as json_pointer
from openapi.shipped import SIMULATION_SCHEMA
from openapi.source import Source, SourceError, nearest, read

Tokens = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Credential:
    """Whom a credential stands for. `tenant` "" is the owner of all seed data that names no tenant.

    `scheme` is the security scheme of the contract by which it came.
    """

    name: str
    scopes: frozenset[str] = frozenset()
    tenant: str = ""
    expired: bool = False
    password: str | None = None
    digest: str | None = None
    plain: bool = False
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class Must:
    """A row of seed data that the request has to name right; `otherwise` is the problem if it does not."""

    table: str
    where: Mapping[str, Tokens]
    otherwise: str


@dataclass(frozen=True, slots=True)
class Items:
    """Where a submission's items are, and which of their members matter."""

    at: Tokens
    value: str | None
    about: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Idempotency:
    """Where the key is, and the problem that the same key with another body is."""

    key: Tokens
    mismatch: str


@dataclass(frozen=True, slots=True)
class OperationPlay:
    """What an operation does. `refused` maps a state to a problem; "" stands for every other state."""

    play: str
    job: str = ""
    id: Tokens = ()
    group: Tokens = ()
    where: Mapping[str, Tokens] = field(default_factory=dict)
    must: tuple[Must, ...] = ()
    items: Items | None = None
    idempotency: Idempotency | None = None
    missing: str = "not_found"
    refused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """How a problem is answered: the contract's example, the particulars put at `detail`."""

    status: int
    example: str
    detail: Tokens | None


@dataclass(frozen=True, slots=True)
class TestValue:
    """A value that chooses what happens: a scenario, or the reason why an item fails."""

    __test__ = False  # pytest, this is no test

    at: Tokens | None
    value: Any
    scenario: str
    reason: str


@dataclass(frozen=True, slots=True)
class Simulation:
    """A provider's `simulation.yaml`. `jobs` stays plain data: the job kinds are built with the contract at hand."""

    source: Source | None
    credentials: Mapping[str, Mapping[str, Credential]]
    data: Mapping[str, tuple[Mapping[str, Any], ...]]
    jobs: Mapping[str, Mapping[str, Any]]
    operations: Mapping[str, OperationPlay]
    problems: Mapping[str, ProblemRow]
    test_values: tuple[TestValue, ...]
    scenarios: Mapping[str, Scenario]
    default_scenario: str
    settings: Mapping[str, Any]
    scopes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def fault(self, problem: str, *tokens: json_pointer.Token, hint: str = "") -> SourceError:
        """A SourceError at a place in the file."""
        if self.source is None:
            return SourceError("simulation.yaml", problem, None, hint)
        return self.source.fault(json_pointer.join(*tokens), problem, hint)


EMPTY = Simulation(
    source=None,
    credentials={},
    data={},
    jobs={},
    operations={},
    problems={},
    test_values=(),
    scenarios={"success": Scenario("success")},
    default_scenario="success",
    settings={},
)


def schema() -> dict[str, Any]:
    """The JSON Schema of `simulation.yaml`, as shipped."""
    value: dict[str, Any] = orjson.loads(SIMULATION_SCHEMA.read_bytes())
    return value


def load_simulation(path: Path) -> Simulation:
    """Read one file. Raises SourceError: file, line, what is wrong, the nearest valid name."""
    source = read(path)
    validator = jsonschema_rs.Draft202012Validator(schema())
    for error in validator.iter_errors(source.root):
        raise _schema_fault(source, error)
    root = source.root
    simulation = Simulation(
        source=source,
        credentials={
            scheme: {name: _credential(scheme, name, value) for name, value in known.items()}
            for scheme, known in root.get("credentials", {}).items()
        },
        data={name: tuple(rows) for name, rows in root.get("data", {}).items()},
        jobs=root.get("jobs", {}),
        operations={name: _operation(value) for name, value in root.get("operations", {}).items()},
        problems={name: _problem(value) for name, value in root.get("problems", {}).items()},
        test_values=tuple(map(_test_value, root.get("test_values", []))),
        scenarios={name: _scenario(name, value) for name, value in root.get("scenarios", {}).items()}
        or EMPTY.scenarios,
        default_scenario=root.get("default_scenario", "success"),
        settings=root.get("settings", {}),
        scopes={scheme: tuple(scopes) for scheme, scopes in root.get("scopes", {}).items()},
    )
    _check_names(simulation)
    return simulation


def _schema_fault(source: Source, error: Any) -> SourceError:
    pointer = json_pointer.join(*error.instance_path)
    kind = error.kind.as_dict() if hasattr(error.kind, "as_dict") else {}
    unexpected = getattr(error.kind, "unexpected", None) or kind.get("unexpected")
    if unexpected:
        owner = error.absolute_keyword_location or ""
        known = json_pointer.resolve(schema(), owner.rpartition("#")[2].rpartition("/")[0]).get("properties", {})
        pointer += json_pointer.join(unexpected[0])
        problem = f"there is no '{unexpected[0]}' here"
        return SourceError(source.path, problem, source.position(pointer, key=True), nearest(unexpected[0], known))
    return source.fault(pointer, error.message)


def _check_names(simulation: Simulation) -> None:
    known = simulation.scenarios
    if simulation.default_scenario not in known:
        name = simulation.default_scenario
        raise simulation.fault(f"there is no scenario '{name}'", "default_scenario", hint=nearest(name, known))
    for identifier, play in simulation.operations.items():
        if play.job and play.job not in simulation.jobs:
            raise simulation.fault(
                f"there is no job '{play.job}'",
                "operations",
                identifier,
                "job",
                hint=nearest(play.job, simulation.jobs),
            )
        if play.play in ("submit", "read", "command") and not play.job:
            raise simulation.fault(f"'{play.play}' needs a job", "operations", identifier)
        for index, must in enumerate(play.must):
            if must.table not in simulation.data:
                at = ("operations", identifier, "must", index, "find")
                raise simulation.fault(
                    f"there is no table '{must.table}' in data", *at, hint=nearest(must.table, simulation.data)
                )


def _credential(scheme: str, name: str, value: Mapping[str, Any]) -> Credential:
    return Credential(
        name=name,
        scopes=frozenset(value.get("scopes", ())),
        tenant=value.get("tenant", ""),
        expired=value.get("expired", False),
        password=value.get("password"),
        digest=value.get("digest"),
        plain=value.get("plain", False),
        scheme=scheme,
    )


def _where(value: Mapping[str, str]) -> dict[str, Tokens]:
    return {name: json_pointer.split(pointer) for name, pointer in value.items()}


def _operation(value: Mapping[str, Any]) -> OperationPlay:
    items, idempotency, refused = value.get("items"), value.get("idempotency"), value.get("refused", {})
    if isinstance(refused, str):
        refused = {"default": refused}
    return OperationPlay(
        play=value["play"],
        job=value.get("job", ""),
        id=json_pointer.split(value.get("id", "")),
        group=json_pointer.split(value.get("group", "")),
        where=_where(value.get("where", {})),
        must=tuple(Must(m["find"], _where(m["where"]), m.get("else", "not_found")) for m in value.get("must", ())),
        items=Items(json_pointer.split(items["at"]), items.get("value"), items.get("about", {})) if items else None,
        idempotency=Idempotency(json_pointer.split(idempotency["key"]), idempotency["mismatch"])
        if idempotency
        else None,
        missing=value.get("missing", "not_found"),
        refused={"" if state == "default" else state: problem for state, problem in refused.items()},
    )


def _problem(value: Mapping[str, Any]) -> ProblemRow:
    detail = json_pointer.split(value["detail"]) if "detail" in value else None
    return ProblemRow(value["status"], value["example"], detail)


def _test_value(value: Mapping[str, Any]) -> TestValue:
    at = json_pointer.split(value["at"]) if "at" in value else None
    return TestValue(at, value["value"], value.get("scenario", ""), value.get("reason", ""))


def _scenario(name: str, value: Mapping[str, Any]) -> Scenario:
    fail, respond = value.get("fail", {}), value.get("respond", {})
    return Scenario(
        name=name,
        summary=value["summary"],
        ends=value.get("ends", "success"),
        pace=value.get("pace", 1),
        hold=value.get("hold", ""),
        per_poll=value.get("per_poll", False),
        reached=value.get("reached", 1),
        fail_every=fail.get("every", 0),
        fail_reason=fail.get("reason", ""),
        error=value.get("error", ""),
        respond=(respond["status"], respond["example"]) if respond else None,
        options=value.get("options", {}),
    )
