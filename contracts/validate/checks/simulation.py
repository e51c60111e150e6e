"""`simulation.yaml`: against its schema, and every name in it against the contract and against itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.findings import Finding, Location, shown
from contracts.validate.checks.references import unreadable
from contracts.validate.document import Document
from contracts.validate.fields import fields
from contracts.validate.rules import RULES
from contracts.validate.shape import faults
from contracts.validate.subject import Subject
from openapi import pointer as json_pointer
from openapi.reading import Node
from openapi.shipped import SIMULATION_SCHEMA
from openapi.source import Source, SourceError, nearest, read

# Where a pointer into a request may begin, and the place of a parameter that it means.
_PLACES = {"path": "path", "query": "query", "header": "header"}


def check(subject: Subject) -> Iterator[Finding]:
    if subject.simulation is None:
        return
    try:
        source = read(subject.simulation)
    except SourceError as error:
        yield unreadable(error)
        return
    problems = list(faults(SIMULATION_SCHEMA, source.root))
    for pointer, problem, hint, key in problems:
        yield _finding(source, "simulation-structure", pointer, problem, hint, key=key)
    if not problems:
        names = _Names.of(subject.document, source.root)
        yield from _credentials(subject.document, source)
        for name in source.root.get("jobs") or {}:
            yield from _job(source, names, name)
        for name in source.root.get("operations") or {}:
            yield from _operation(subject.document, source, names, name)
        yield from _problems(subject.document, source, names)
        yield from _scenarios(source, names)


def _finding(source: Source, rule: str, pointer: str, message: str, hint: str = "", *, key: bool = False) -> Finding:
    position = source.position(pointer, key=key)
    where = Location(shown(source.path), position.line, position.column, pointer)
    return Finding(rule, RULES[rule].severity, where, message, hint)


def _named(
    source: Source, what: str, name: Any, known: Iterable[str], pointer: str, *, key: bool = False
) -> Iterator[Finding]:
    known = list(known)
    if name not in known:
        message = f"there is no {what} '{name}'"
        yield _finding(source, "simulation-name", pointer, message, nearest(str(name), known), key=key)


@dataclass(frozen=True, slots=True)
class _Names:
    """What a simulation may refer to. `cycles` are life cycles by job, `submitting` operations by job."""

    operations: Mapping[str, tuple[Node, Node]]
    examples: Mapping[str, Any]
    cycles: Mapping[str, Mapping[str, Any]]
    schemas: Mapping[str, Any]
    submitting: Mapping[str, tuple[str, ...]]
    tables: Mapping[str, tuple[str, ...]]
    problems: tuple[str, ...]
    scenarios: tuple[str, ...]

    @classmethod
    def of(cls, document: Document, root: Mapping[str, Any]) -> _Names:
        components = document.root.get("components") or {}
        schemas = {n: s for n, s in (components.get("schemas") or {}).items() if "x-lifecycle" in (s or {})}
        examples = components.get("examples") or {}
        jobs = root.get("jobs") or {}
        played = root.get("operations") or {}
        return cls(
            operations={name: found[2:] for name, found in document.by_id.items()},
            examples=examples,
            cycles={
                name: job.get("lifecycle") or schemas.get(job.get("schema"), {}).get("x-lifecycle") or {}
                for name, job in jobs.items()
            },
            schemas=schemas,
            submitting={
                job: tuple(name for name, how in played.items() if how.get("job") == job and how["play"] == "submit")
                for job in jobs
            },
            tables={
                name: tuple({column: None for row in rows for column in row})
                for name, rows in (root.get("data") or {}).items()
            },
            problems=tuple(root.get("problems") or ()),
            # Every named example of an error is a scenario as well.
            scenarios=(*(root.get("scenarios") or ()), *examples),
        )

    def states(self, job: str) -> list[str]:
        cycle = self.cycles.get(job) or {}
        ends = [state for after in (cycle.get("transitions") or {}).values() for state in after or ()]
        moved = [state for pairs in (cycle.get("commands") or {}).values() for pair in pairs.items() for state in pair]
        return list(dict.fromkeys([cycle.get("initial", ""), *(cycle.get("transitions") or {}), *ends, *moved]))


def _credentials(document: Document, source: Source) -> Iterator[Finding]:
    schemes = (document.root.get("components") or {}).get("securitySchemes") or {}
    asked: dict[str, set[str]] = {}
    for requirement in document.of("security-requirement"):
        for name, scopes in requirement.value.items():
            asked.setdefault(name, set()).update(scopes or ())
    for scheme, credentials in (source.root.get("credentials") or {}).items():
        at = json_pointer.join("credentials", scheme)
        yield from _named(source, "security scheme", scheme, schemes, at, key=True)
        for name, credential in credentials.items():
            for index, scope in enumerate(credential.get("scopes") or ()):
                place = json_pointer.join("credentials", scheme, name, "scopes", index)
                if scheme in schemes and asked.get(scheme):
                    yield from _named(source, "operation that asks for the scope", scope, asked[scheme], place)


def _job(source: Source, names: _Names, name: str) -> Iterator[Finding]:
    job, at = source.root["jobs"][name], json_pointer.join("jobs", name)
    if "schema" in job:
        yield from _named(source, "schema with x-lifecycle", job["schema"], names.schemas, f"{at}/schema")
    states = names.states(name)
    if not names.cycles[name]:
        return
    moving = [state for state, after in names.cycles[name]["transitions"].items() if after]
    for state in job["durations"]:
        place = at + json_pointer.join("durations", state)
        yield from _named(source, "state that time leads out of", state, moving, place, key=True)
    for outcome, state in job["outcomes"].items():
        yield from _named(source, "state", state, states, f"{at}/outcomes/{outcome}")
    if "work" in job:
        yield from _named(source, "state", job["work"], states, f"{at}/work")
    for number, seeded in enumerate(job.get("seeded") or ()):
        for index, (state, _) in enumerate(seeded["steps"]):
            yield from _named(source, "state", state, states, f"{at}/seeded/{number}/steps/{index}/0")


def _operation(document: Document, source: Source, names: _Names, name: str) -> Iterator[Finding]:
    how, at = source.root["operations"][name], json_pointer.join("operations", name)
    yield from _named(source, "operation", name, names.operations, at, key=True)
    if "job" in how:
        yield from _named(source, "job", how["job"], names.cycles, f"{at}/job")
    yield from _mentioned(source, names, how, at)
    if name not in names.operations:
        return
    for place, pointer in _pointers(source, names, name, how, at):
        yield from _pointer(document, source, names.operations[name], place, pointer)
    if how["play"] == "command" and names.cycles.get(how.get("job", "")):
        commands = names.cycles[how["job"]].get("commands") or {}
        yield from _named(source, "command of the life cycle", name, commands, at, key=True)
    if "items" in how:
        yield from _items(document, source, names.operations[name], how["items"], f"{at}/items")


def _mentioned(source: Source, names: _Names, how: Mapping[str, Any], at: str) -> Iterator[Finding]:
    """The problems, tables, columns and states that an operation names."""
    refused = how.get("refused")
    problems = [(how.get("missing"), f"{at}/missing")]
    problems.append((how.get("idempotency", {}).get("mismatch"), f"{at}/idempotency/mismatch"))
    for index, must in enumerate(how.get("must") or ()):
        place = f"{at}/must/{index}"
        problems.append((must.get("else"), f"{place}/else"))
        yield from _named(source, "table in data", must["find"], names.tables, f"{place}/find")
        for column in must["where"] if must["find"] in names.tables else ():
            where = place + json_pointer.join("where", column)
            yield from _named(source, f"column of {must['find']}", column, names.tables[must["find"]], where, key=True)
    if isinstance(refused, str):
        problems.append((refused, f"{at}/refused"))
    for state, problem in (refused if isinstance(refused, dict) else {}).items():
        place = at + json_pointer.join("refused", state)
        problems.append((problem, place))
        if how.get("job") in names.cycles and state != "default":
            yield from _named(source, "state", state, names.states(how["job"]), place, key=True)
    for problem, place in problems:
        if problem is not None:
            yield from _named(source, "problem", problem, names.problems, place)


def _pointers(source: Source, names: _Names, name: str, how: Mapping[str, Any], at: str) -> Iterator[tuple[str, str]]:
    """(where it is written, pointer into the request) of an operation."""
    for key in ("id", "group"):
        if key in how:
            yield f"{at}/{key}", how[key]
    for key, value in (how.get("where") or {}).items():
        yield at + json_pointer.join("where", key), value
    for index, must in enumerate(how.get("must") or ()):
        for key, value in must["where"].items():
            yield f"{at}/must/{index}" + json_pointer.join("where", key), value
    if "items" in how:
        yield f"{at}/items/at", how["items"]["at"]
    if "idempotency" in how:
        yield f"{at}/idempotency/key", how["idempotency"]["key"]
    job = how.get("job")  # its facts come from the request that submits it
    if job is not None and name in names.submitting.get(job, ())[:1]:
        for key, value in (source.root["jobs"][job].get("facts") or {}).items():
            yield json_pointer.join("jobs", job, "facts", key), value


def _pointer(
    document: Document, source: Source, operation: tuple[Node, Node], place: str, pointer: str
) -> Iterator[Finding]:
    """Whether an operation's request can hold what a pointer such as `/body/items` or `/path/id` leads to."""
    where, *rest = json_pointer.split(pointer)
    if where == "credential":
        return
    if where in _PLACES:
        own = [name for at, name in document.parameters(*operation) if at == where]
        folded = {name.lower() for name in own} if where == "header" else set(own)
        name = "/".join(rest)
        if (name.lower() if where == "header" else name) not in folded:
            message = f"the operation has no {where} parameter '{name}'"
            yield _finding(source, "simulation-pointer", place, message, nearest(name, own))
    elif where != "body":
        hint = "/path, /query, /header, /body or /credential"
        yield _finding(source, "simulation-pointer", place, f"{pointer} leads to no part of a request", hint)
    elif not _in_body(document, operation[1], rest):
        message = f"the operation's request body has no {json_pointer.join(*rest) or 'schema'}"
        yield _finding(source, "simulation-pointer", place, message)


def _in_body(document: Document, operation: Node, tokens: list[str]) -> bool:
    body = document.follow(operation.address / "requestBody")
    media = list(document.members(body, "content")) if body else []
    return any(fields(document, node.address / "schema", tokens) for _, _, node in media)


def _items(
    document: Document, source: Source, operation: tuple[Node, Node], items: Mapping[str, Any], at: str
) -> Iterator[Finding]:
    where, *rest = json_pointer.split(items["at"])
    if where != "body" or not _in_body(document, operation[1], rest):
        return
    members = [(f"{at}/value", items["value"])] if "value" in items else []
    members += [(at + json_pointer.join("about", key), name) for key, name in (items.get("about") or {}).items()]
    for place, name in members:
        if not _in_body(document, operation[1], [*rest, "0", *name.split("/")]):
            yield _finding(source, "simulation-pointer", place, f"an item of {items['at']} has no member '{name}'")


def _problems(document: Document, source: Source, names: _Names) -> Iterator[Finding]:
    for name, problem in (source.root.get("problems") or {}).items():
        at = json_pointer.join("problems", name)
        yield from _named(source, "example", problem["example"], names.examples, f"{at}/example")
        example = document.follow(document.main / "components" / "examples" / problem["example"])
        detail = problem.get("detail")
        if detail and example and "value" in example.value:
            missing = object()
            if json_pointer.find(example.value["value"], json_pointer.split(detail), missing) is missing:
                message = f"the example {problem['example']} has no {detail}"
                yield _finding(source, "simulation-pointer", f"{at}/detail", message)


def _scenarios(source: Source, names: _Names) -> Iterator[Finding]:
    root = source.root
    if "default_scenario" in root:
        yield from _named(source, "scenario", root["default_scenario"], names.scenarios, "/default_scenario")
    for index, value in enumerate(root.get("test_values") or ()):
        if "scenario" in value:
            yield from _named(source, "scenario", value["scenario"], names.scenarios, f"/test_values/{index}/scenario")
    states = {state for job in names.cycles for state in names.states(job)}
    for name, scenario in (root.get("scenarios") or {}).items():
        at = json_pointer.join("scenarios", name)
        if "hold" in scenario:
            yield from _named(source, "state", scenario["hold"], states, f"{at}/hold")
        if "respond" in scenario:
            example = scenario["respond"]["example"]
            yield from _named(source, "example", example, names.examples, f"{at}/respond/example")
