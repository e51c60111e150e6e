"""The smallest change of the contract that admits an answer, as an OpenAPI Overlay (1.0.0)."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonpath_rfc9535
import orjson

from contracts.check.exchange import Exchange, NotJsonError
from contracts.compare.problems import Problem, problems
from mockserver.specification import pointer as json_pointer
from mockserver.specification.contract import Contract, compile_contract
from mockserver.specification.library import Address, library_of
from mockserver.specification.lifecycle import Lifecycle
from mockserver.specification.source import SourceError, parse

# One answer breaks no more rules than this, one after the other, or it is another contract.
ROUNDS = 60
# Keywords that bound a size, and the size of what they bound.
BOUNDS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")


@dataclass(frozen=True, slots=True)
class Action:
    """One step of an overlay. `target` is a JSONPath (RFC 9535); `update` is merged in, or `remove` takes it out."""

    target: str
    description: str
    update: Any = None
    remove: bool = False

    def shown(self) -> dict[str, Any]:
        change: dict[str, Any] = {"remove": True} if self.remove else {"update": self.update}
        return {"target": self.target, "description": self.description, **change}


@dataclass(slots=True)
class Amendment:
    """A document that is changed until it admits what was answered."""

    document: Any
    path: Path
    actions: list[Action] = field(default_factory=list)
    contract: Contract | None = None

    @classmethod
    def of(cls, contract: Contract) -> Amendment:
        """The contract as it is. What it refers to in other files is not changed."""
        source = contract.library.sources[contract.library.main]
        return cls(orjson.loads(orjson.dumps(source.root)), source.path, contract=contract)

    def admit(self, exchange: Exchange) -> bool:
        """Change what the answer breaks; whether the document admits it now. A change that does not help is undone."""
        before, count, known = copy.deepcopy(self.document), len(self.actions), self.contract
        for _ in range(ROUNDS):
            contract = self.compiled()
            problem = next(problems(contract, exchange), None) if contract is not None else None
            if contract is not None and problem is None:
                return True
            actions = list(_changes(contract, problem, exchange)) if contract and problem else []
            if not actions:
                break
            self.document = apply(self.document, actions)
            self.actions += actions
            self.contract = None
        self.document, self.contract = before, known
        del self.actions[count:]
        return False

    def allow(self, job: Lifecycle, states: Iterable[str]) -> None:
        """Add the arrows that a job went along, where the document knows their states."""
        for state, later in pairwise(states):
            at = job.address / "x-lifecycle" / "transitions"
            arrows = json_pointer.resolve(self.document, at.pointer)
            if job.follows(state, later) or later in arrows.get(state, ()):
                continue
            target, update = (at / state, later) if state in arrows else (at, {state: [later]})
            before, known = self.document, self.contract
            action = Action(jsonpath(self.document, target.pointer), f"{state} may become {later}", update)
            self.document, self.contract = apply(self.document, [action]), None
            if self.compiled() is None:
                self.document, self.contract = before, known
            else:
                self.actions.append(action)

    def compiled(self) -> Contract | None:
        """The document as it is now; None when a change has broken it."""
        if self.contract is None:
            try:
                self.contract = compile_contract(library_of(parse(orjson.dumps(self.document), self.path)))
            except SourceError:
                return None
        return self.contract

    def overlay(self, title: str) -> dict[str, Any]:
        return {
            "overlay": "1.0.0", "info": {"title": title, "version": "1"}, "extends": self.path.name,
            "actions": [action.shown() for action in self.actions],
        }  # fmt: skip


def apply(document: Any, actions: Iterable[Action]) -> Any:
    """A copy with the actions done (Overlay 1.0.0, 4.4.3): objects are merged, an array gets one more member."""
    changed = copy.deepcopy(document)
    for action in actions:
        for location in reversed([node.location for node in jsonpath_rfc9535.find(action.target, changed)]):
            owner = changed
            for token in location[:-1]:
                owner = owner[token]
            here = owner[location[-1]] if location else owner
            if action.remove:
                del owner[location[-1]]
            elif isinstance(here, list):
                here.append(copy.deepcopy(action.update))
            else:
                _merge(here, action.update)
    return changed


def _merge(into: dict[str, Any], update: dict[str, Any]) -> None:
    for name, value in update.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = copy.deepcopy(value)


def jsonpath(document: Any, pointer: str) -> str:
    """A JSON Pointer as a JSONPath. Names that are plain words stand behind a dot, as the specification has them."""
    path, value = "$", document
    for token in json_pointer.split(pointer):
        if isinstance(value, list):
            path += f"[{token}]"
        elif re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", token):
            path += f".{token}"
        else:
            path += f"[{_quoted(token)}]"
        value = json_pointer.child(value, token)
    return path


def _quoted(text: str) -> str:
    """A name in single quotes; JSON's escapes are those of JSONPath, but for the quotes."""
    inner = orjson.dumps(text).decode()[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"'{inner}'"


def _changes(contract: Contract, problem: Problem, exchange: Exchange) -> Iterator[Action]:
    """The actions that do away with one problem; nothing when it stands in another file."""
    if problem.address.uri != contract.library.main:
        return
    root, at = contract.library.root, problem.address

    def action(pointer: str, update: Any = None, *, remove: bool = False, of: str = "") -> Action:
        return Action(jsonpath(root, pointer) + of, problem.message, update, remove)

    if problem.kind == "status":
        yield action(at.pointer, {str(exchange.status): {"description": "As answered.", **_content(exchange)}})
    elif problem.kind == "media":
        known = contract.library.value(at)
        as_json = next((media for media in known if "json" in media), None) if "json" in str(problem.value) else None
        # The same body under another name has the same schema.
        update = {problem.value: {"schema": known[as_json]["schema"]}} if as_json and "schema" in known[as_json] else {}
        yield action(at.pointer, update or _content(exchange).get("content") or {})
    elif problem.kind == "header":
        yield action(contract.library.follow(at)[0].pointer, {"required": False})
    elif problem.kind == "body":
        yield from _schema_changes(contract, problem, action)


def _schema_changes(contract: Contract, problem: Problem, action: Any) -> Iterator[Action]:
    at, value = problem.address.pointer, problem.value
    owner, _, keyword = at.rpartition("/")
    rule = contract.library.value(problem.address)
    if problem.keyword == "falseSchema":
        yield action(at, remove=True)
    elif keyword == "required":
        yield action(at, remove=True, of=f"[?@ == {_quoted(str(problem.way[-1]))}]")
    elif (keyword == "type" and isinstance(rule, list)) or keyword == "enum":
        yield action(at, kind(value) if keyword == "type" else value)
    elif keyword == "type":
        yield action(owner, {"type": [rule, kind(value)]})
    elif keyword == "const":
        yield action(at, remove=True)
        yield action(owner, {"enum": [rule, value]})
    elif keyword in ("additionalProperties", "unevaluatedProperties") and rule is False:
        known = contract.library.value(Address(problem.address.uri, owner)).get("properties") or {}
        yield action(owner, {"properties": {name: inferred(v) for name, v in value.items() if name not in known}})
    elif keyword in BOUNDS:
        yield action(owner, {keyword: value if isinstance(value, (int, float)) else len(value)})
    elif keyword == "oneOf" and any(_fits(contract, problem.address / index, value) for index in range(len(rule))):
        # More than one fits, since another change has made one of them wider.
        yield action(at, remove=True)
        yield action(owner, {"anyOf": rule})
    elif keyword in ("oneOf", "anyOf"):
        yield action(at, _alternative(contract, problem.address, value))
    else:
        yield action(at, remove=True)


def _fits(contract: Contract, schema: Address, value: Any) -> bool:
    return contract.validators.at(schema).is_valid(value)


def _alternative(contract: Contract, union: Address, value: Any) -> dict[str, Any]:
    """A further member of a union, told from the others by the properties that tell those apart."""
    schema = inferred(value)
    library = contract.library
    for index in range(len(library.value(union))):
        _, member = library.follow(union / index)
        for name, property_ in (member.get("properties") or {}).items() if isinstance(member, dict) else ():
            tells = isinstance(property_, dict) and isinstance(property_.get("const"), str)
            if tells and isinstance(value, dict) and name in value:
                schema["properties"][name] = {"const": value[name]}
    return schema


def _content(exchange: Exchange) -> dict[str, Any]:
    media = exchange.header("content-type").partition(";")[0].strip().lower()
    if not media:
        return {}
    try:
        schema = inferred(exchange.json)
    except NotJsonError:
        schema = {"type": "string"}
    return {"content": {media: {"schema": schema}}}


def inferred(value: Any) -> dict[str, Any]:
    """A schema of values like this one."""
    if isinstance(value, dict):
        return {"type": "object", "required": list(value), "properties": {k: inferred(v) for k, v in value.items()}}
    if isinstance(value, list):
        return {"type": "array", **({"items": inferred(value[0])} if value else {})}
    return {"type": kind(value)}


def kind(value: Any) -> str:
    """The type of a value, in the words of JSON Schema."""
    names = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}
    return names.get(type(value), "null")
