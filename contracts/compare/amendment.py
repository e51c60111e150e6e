"""The smallest changes of a contract that admit what a server does."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from contracts.compare.likeness import job_of, likeness, property_of, state_of
from contracts.compare.overlay import VERSION, Action, UnfitError, apply, jsonpath, quoted
from contracts.compare.problems import Problem, problems
from contracts.compare.walk import Fault, Walk
from contracts.findings import Severity
from contracts.redaction.redactor import CREDENTIALS
from contracts.target.exchange import Exchange, NotJsonError
from contracts.validate.run import validate_source
from openapi import pointer as json_pointer
from openapi.contract import Contract, compile_contract, media_at
from openapi.library import Address
from openapi.lifecycle import Lifecycle
from openapi.reading import library_of
from openapi.source import Source, SourceError, parse

# One answer breaks no more rules than this, one after the other, or it is another contract.
ROUNDS = 60
# Keywords that bound a size, and the size of what they bound.
BOUNDS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
# A shorter credential may stand in an answer by chance.
LEAKED = 6
# What describes a schema, and is not part of what it says.
WORDS = ("title", "description", "example", "examples", "default")

State = tuple[Any, list[Action], Contract | None]


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
        return cls(orjson.loads(orjson.dumps(source.original.root)), source.path, contract=contract)

    def admit(self, exchange: Exchange) -> str:
        """Change what the answer breaks; why the document does not admit it, or "". Then nothing is changed."""
        if why := _never(exchange):
            return why
        before = self.state()
        for _ in range(ROUNDS):
            contract = self.compiled()
            problem = next(problems(contract, exchange), None) if contract is not None else None
            if contract is not None and problem is None:
                return ""
            if contract is None or problem is None or not self._do(list(_changes(contract, problem, exchange))):
                self.restore(before)
                return _unchanged(contract, problem)
        self.restore(before)
        return "it differs too much"

    def allow(self, job: Lifecycle, walk: Walk) -> str:
        """Change the life cycle so that it allows these states in this order; why it does not, or ""."""
        before = self.state()
        for _ in range(ROUNDS):
            contract = self.compiled()
            now = contract.lifecycles.get(job.address) if contract else None
            fault = next(walk.faults(now), None) if now else None
            if now is not None and fault is None:
                return ""
            if now is None or fault is None or not self._do(list(_arrows(self.document, now, fault))):
                self.restore(before)
                return "a life cycle cannot say so" if walk.end == "" else f"a job that is {walk.end} has no life cycle"
        raise AssertionError("every fault that can be mended is mended once")

    def state(self) -> State:
        """What `restore` takes."""
        return self.document, list(self.actions), self.contract

    def restore(self, state: State) -> None:
        """Undo what was changed since."""
        self.document, self.actions, self.contract = state

    def _do(self, actions: list[Action]) -> bool:
        """Do these, unless there are none or they have no meaning here."""
        try:
            self.document = apply(self.document, actions)
        except UnfitError:
            return False
        self.actions, self.contract = [*self.actions, *actions], None
        return bool(actions)

    def compiled(self) -> Contract | None:
        """The document as it is now; None when a change has broken it."""
        if self.contract is None:
            try:
                self.contract = compile_contract(library_of(self._source()))
            except (SourceError, AttributeError, LookupError, TypeError, ValueError):
                return None
        return self.contract

    def faults(self) -> set[str]:
        """What `contracts validate` says against the document as it is now."""
        try:
            findings = validate_source(self._source())
        except SourceError as error:
            return {str(error)}
        return {finding.message for finding in findings if finding.severity is Severity.ERROR}

    def _source(self) -> Source:
        return parse(orjson.dumps(self.document), self.path)

    def overlay(self, title: str) -> dict[str, Any]:
        return {
            "overlay": VERSION,
            "info": {"title": title, "version": "1"},
            "extends": self.path.name,
            "actions": [action.shown() for action in self.actions],
        }


def _never(exchange: Exchange) -> str:
    """Why no contract should admit an answer; "" where one may."""
    if exchange.status >= 500:
        return "nobody promises to fail"
    for name, value in exchange.request.headers.items():
        secret = value.rpartition(" ")[2].encode("latin-1", "replace")
        if name.lower() in CREDENTIALS and len(secret) >= LEAKED and secret in exchange.response.body:
            return f"the answer repeats the credential {name}"
    return ""


def _unchanged(contract: Contract | None, problem: Problem | None) -> str:
    """Why an answer cannot be admitted, by the problem at which it ended."""
    if contract is None or problem is None:
        return "the document would no longer be one"
    if problem.kind == "json":
        return "what is not JSON cannot be described as JSON"
    if problem.address.uri != contract.library.main:
        return f"{problem.address.uri.rpartition('/')[2]} is another document"
    return "no single change does it"


def _arrows(document: Any, job: Lifecycle, fault: Fault) -> Iterator[Action]:
    """The actions that do away with one fault of a walk; nothing for a job that never rests."""
    at = job.address / "x-lifecycle"
    value = json_pointer.resolve(document, at.pointer)

    def action(address: Address, update: Any, words: str) -> Action:
        return Action(jsonpath(document, address.pointer), words, update)

    def arrow(state: str, later: str) -> Action:
        words = f"{state} may become {later}"
        if value["transitions"].get(state):
            return action(at / "transitions" / state, later, words)
        if state in value["transitions"]:
            return action(at / "transitions" / state, [later], words)
        return action(at / "transitions", {state: [later]}, words)

    arrows = (value.get("commands") or {}).get(fault.command) or {}
    if fault.part == "initial":
        yield action(at, {"initial": fault.later}, f"a job starts as {fault.later}")
        if job.initial not in job.reachable(fault.later):
            yield arrow(fault.later, job.initial)
    elif fault.state in arrows and fault.command:
        yield arrow(arrows[fault.state], fault.later)
    elif fault.command:
        words = f"{fault.command} leads from {fault.state} to {fault.later}"
        yield action(at, {"commands": {fault.command: {fault.state: fault.later}}}, words)
    elif fault.later:
        yield arrow(fault.state, fault.later)


def _changes(contract: Contract, problem: Problem, exchange: Exchange) -> Iterator[Action]:
    """The actions that do away with one problem; nothing when it stands in another file."""
    if problem.address.uri != contract.library.main:
        return
    root, at = contract.library.sources[contract.library.main].original.root, problem.address

    def action(pointer: str, update: Any = None, *, remove: bool = False, of: str = "", words: str = "") -> Action:
        written = contract.library.sources[contract.library.main].written(pointer)
        return Action(jsonpath(root, written) + of, words or problem.message, update, remove)

    if problem.kind == "status":
        content = _content(contract, exchange)
        yield action(at.pointer, {str(exchange.status): {"description": "As answered.", **content}})
    elif problem.kind == "media":
        known = contract.library.value(at)
        as_json = next((media for media in known if "json" in media), None) if "json" in str(problem.value) else None
        # The same body under another name has the same schema.
        update = {problem.value: {"schema": known[as_json]["schema"]}} if as_json and "schema" in known[as_json] else {}
        yield action(at.pointer, update or _content(contract, exchange).get("content") or {})
    elif problem.kind == "header":
        header, value = contract.library.follow(at)
        if header != at and _uses(root, header) > 1:
            yield action(at.pointer, remove=True)
            yield action(
                at.pointer.rpartition("/")[0], {json_pointer.split(at.pointer)[-1]: {**value, "required": False}}
            )
        else:
            yield action(header.pointer, {"required": False})
    elif problem.kind == "body" and _shares(contract, problem):
        assert problem.use is not None
        place = problem.use.pointer
        yield action(f"{place}/$ref", remove=True)
        yield action(place, {"anyOf": [{"$ref": contract.library.value(problem.use)["$ref"]}, _form(problem)]})
    elif problem.kind == "body":
        yield from _schema_changes(contract, problem, action)


def _shares(contract: Contract, problem: Problem) -> bool:
    """Whether a value breaks a schema that is used elsewhere too, and is the less changed the less else it says."""
    owner = Address(problem.address.uri, problem.address.pointer.rpartition("/")[0])
    if problem.use is None or problem.use.uri != contract.library.main or isinstance(problem.value, (dict, list)):
        return False
    return "anyOf" not in contract.library.value(problem.use) and _uses(contract.library.root, owner) > 1


def _uses(value: Any, address: Address) -> int:
    """How many references of a document lead to an address in it."""
    if isinstance(value, list):
        return sum(_uses(member, address) for member in value)
    if not isinstance(value, dict):
        return 0
    return (value.get("$ref") == f"#{address.pointer}") + sum(_uses(member, address) for member in value.values())


def _form(problem: Problem) -> dict[str, Any]:
    """A schema of values like one that breaks a keyword, as narrow as that keyword was."""
    keyword, value = problem.address.pointer.rpartition("/")[2], problem.value
    if keyword in BOUNDS:
        return {**inferred(value), keyword: value if isinstance(value, (int, float)) else len(value)}
    return {"const": value} if keyword in ("enum", "const") else inferred(value)


def _schema_changes(contract: Contract, problem: Problem, action: Any) -> Iterator[Action]:
    at, value = problem.address.pointer, problem.value
    owner, _, keyword = at.rpartition("/")
    rule = contract.library.value(problem.address)
    if problem.keyword == "falseSchema":
        yield action(at, remove=True)
    elif keyword == "required":
        yield action(at, remove=True, of=f"[?@ == {quoted(str(problem.way[-1]))}]")
    elif keyword == "type":
        yield from _retyped(problem, rule, action)
    elif keyword == "enum":
        # An array would be taken for several members, and null for no update.
        yield action(at, [value] if value is None or isinstance(value, list) else value)
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
        yield action(at, remove=True, words="more than one form may fit")
        yield action(owner, {"anyOf": rule}, words="more than one form may fit")
    elif keyword in ("oneOf", "anyOf"):
        state = state_of(contract, problem.address, value)
        words = f"a job may be {state}" if state else "one more form, as answered"
        yield action(at, _alternative(contract, problem.address, value), words=words)
    else:
        yield action(at, remove=True)


def _retyped(problem: Problem, rule: Any, action: Any) -> Iterator[Action]:
    at, further = problem.address.pointer, kind(problem.value)
    if isinstance(rule, list):
        yield action(at, further)
    else:
        yield action(at, remove=True)
        yield action(at.rpartition("/")[0], {"type": [rule, further]})


def _fits(contract: Contract, schema: Address, value: Any) -> bool:
    return contract.validators.at(schema).is_valid(value)


def _alternative(contract: Contract, union: Address, value: Any) -> dict[str, Any]:
    """A further member of a union, told from the others by the properties that tell those apart."""
    job, state = job_of(contract, union), state_of(contract, union, value)
    if job is not None and state:
        return {**(_like(contract, union, value) or _only(inferred(value), job.state, state)), "examples": [value]}
    schema = inferred(value)
    library = contract.library
    for index in range(len(library.value(union))):
        _, member = library.follow(union / index)
        for name, property_ in (member.get("properties") or {}).items() if isinstance(member, dict) else ():
            tells = isinstance(property_, dict) and isinstance(property_.get("const"), str)
            if tells and isinstance(value, dict) and name in value:
                schema["properties"][name] = {"const": value[name]}
    return schema


def _like(contract: Contract, union: Address, value: Any) -> dict[str, Any] | None:
    """The member of a job's union for a new state: that of the state it is most like, under the new name."""
    like = likeness(contract, union, value)
    if like is None or like.member.uri != contract.library.main:
        return None
    member = contract.library.value(like.member)
    copied = _plain({name: copy.deepcopy(member[name]) for name in member if name not in WORDS})
    property_of(copied, like.job.state)["const"] = like.state
    return copied


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without a reference of its own: there are tools that see nothing beside one."""
    if "$ref" not in schema:
        return schema
    others = {name: value for name, value in schema.items() if name not in ("$ref", "allOf")}
    return {"allOf": [{"$ref": schema["$ref"]}, *schema.get("allOf", ())], **others}


def _only(schema: dict[str, Any], way: tuple[str, ...], state: str) -> dict[str, Any]:
    """An inferred schema, for one state alone."""
    named = property_of(schema, way)
    named.clear()
    named["const"] = state
    return schema


def _content(contract: Contract, exchange: Exchange) -> dict[str, Any]:
    """What an answer holds: in the words of another response that it fits, or like itself."""
    media = exchange.media_type
    if not media:
        return {}
    try:
        value = exchange.json
    except NotJsonError:
        return {"content": {media: {"schema": {"type": "string"}}}}
    return {"content": {media: {"schema": _documented(contract, exchange, media, value) or inferred(value)}}}


def _documented(contract: Contract, exchange: Exchange, media: str, value: Any) -> dict[str, Any] | None:
    """The schema of another response of the operation, of the same sort, where that is a reference."""
    operation = contract.operation(exchange.operation)
    for status, response in operation.responses.items() if operation else ():
        validator = response.media.get(media)
        if status[:1] == str(exchange.status)[:1] and validator is not None and validator.is_valid(value):
            at = media_at(contract.library, response.address, media)
            schema = contract.library.value(at / "schema")
            if at.uri == contract.library.main and str(schema.get("$ref", "")).startswith("#"):
                return {"$ref": schema["$ref"]}
    return None


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
