"""Whether a sender may send what the receiver refuses, and a value that shows it.

Containment is decided by jsonschema-rs' canonical forms, which answer yes, no or unknown; only a yes is taken for
granted. Everything else has to be shown: a value is drawn from the difference (or, where that cannot be expressed,
from all that the sender sends) and both compiled validators must agree that one side sends and the other refuses it.
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jsonschema_rs
import orjson
from jsonschema_rs import CanonicalSchema, canonical

from contracts.diff.flatten import Flattener
from contracts.diff.generate import find, find_plain
from contracts.diff.sample import Part, Path, Sampler
from contracts.diff.schemas import Node, Schemas
from contracts.diff.views import Direction, Views
from openapi import pointer as json_pointer

# A step into an array's members, whichever they are.
ANY_ITEM = -1

DRAFT = 20
# Refused parts that are tried within a whole body.
MOST_PARTS = 6
# Bytes of a schema whose canonical form is asked for; above, its edits are judged one by one, and shown by validators.
LARGE = 16_000
# Bytes of a schema that Hypothesis is asked to draw from.
SMALL = 1_200


class Verdict(enum.Enum):
    """Does the receiver take all that the sender sends?"""

    YES = "yes"
    # It does, and the other way round as well.
    SAME = "same"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Witness:
    """A whole body that one side sends and the other refuses; `pointer` leads to the part that is refused."""

    value: Any
    pointer: str

    @property
    def part(self) -> Any:
        return json_pointer.resolve(self.value, self.pointer)


@dataclass(frozen=True, slots=True)
class Root:
    """One exchanged value, a body or a parameter: what is sent, and what the other side takes.

    `node` is the sender's schema as it was read; `promised` the same without the closure: a witness fits it as well.
    """

    node: Node
    sender: Node
    receiver: Node
    promised: Node


@dataclass(frozen=True, slots=True)
class Focus:
    """A branch or a property that an edit adds or takes away; `path` leads to it from the edited node."""

    node: Node
    path: Path = ()


@dataclass(slots=True)
class Prover:
    """Answers for one direction. Canonical forms and validators are made once per schema."""

    schemas: Schemas
    direction: Direction
    flattener: Flattener
    views: Views = field(init=False)
    sampler: Sampler = field(init=False)
    _canonical: dict[bytes, CanonicalSchema | None] = field(default_factory=dict)
    _found: dict[bytes, tuple[Any] | None] = field(default_factory=dict)
    _validators: dict[bytes, jsonschema_rs.Draft202012Validator] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.views = Views(self.schemas, self.direction)
        self.sampler = Sampler(self.schemas, self.flattener, self.direction)

    def root(self, old: Node, new: Node) -> Root:
        """Requests go from a client of the old document to a server of the new one, responses the other way."""
        sent, taken = (old, new) if self.direction is Direction.REQUEST else (new, old)
        return Root(sent, self.views.sender(sent), self.views.receiver(taken), self.views.receiver(sent))

    def takes_all(self, root: Root) -> Verdict:
        """Does the receiver take all that the sender sends? Unknown is unknown, see `witness`."""
        sent, taken = self._form(root.sender), self._form(root.receiver)
        if sent is None or taken is None:
            return Verdict.UNKNOWN
        verdict = Verdict(taken.covers(sent).value)
        if verdict is Verdict.NO:
            # The closure of a sender's branches may admit what its `oneOf` does not.
            promised = self._form(root.promised)
            if promised is not None and _difference(sent, taken, promised) is False:
                return Verdict.YES
        return verdict

    def equivalent(self, old: Node, new: Node) -> bool:
        """Whether both are known to admit the same values, extra properties included."""
        left, right = self._form(self.views.receiver(old)), self._form(self.views.receiver(new))
        if left is None or right is None:
            return False
        return left == right or (
            left.covers(right) is canonical.Containment.YES and right.covers(left) is canonical.Containment.YES
        )

    def witness(
        self, root: Root, path: Path = (), local: Root | None = None, focus: Focus | None = None
    ) -> Witness | None:
        """A whole value that is sent and refused; with `local`, its part at `path` is what `local` does not take.

        `focus` is what an edit adds or takes away, the best guess at what will be refused.
        """
        if local is None:
            return self._drawn(root, (), None)
        pointer = _pointer(path)
        for value in self._candidates(root, path, local, focus):
            if self.confirms(root, value) and not self._takes(local.receiver, json_pointer.resolve(value, pointer)):
                return Witness(value, pointer)
        return self._drawn(root, path, local)

    def _candidates(self, root: Root, path: Path, local: Root, focus: Focus | None) -> Iterator[Any]:
        """Whole values made by hand that may be refused at `path`."""
        if focus is not None:
            for value in itertools.islice(self.sampler.values(focus.node), MOST_PARTS):
                yield from self.sampler.values(root.node, (*path, *focus.path), Part(value))
        yield from self.sampler.values(root.node, path)
        for part in itertools.islice(self._parts(local), MOST_PARTS):
            yield from self.sampler.values(root.node, path, part)

    def _parts(self, local: Root) -> Iterator[Part]:
        """Values that `local` does not take: a few made by hand, then the simplest that can be drawn."""
        for value in self.sampler.values(local.node):
            if self.confirms(local, value):
                yield Part(value)
        difference = self._schema_of_difference(local)
        if difference is not None and _small(difference):
            key = orjson.dumps((difference, local.receiver), option=orjson.OPT_SORT_KEYS)
            if key not in self._found:
                self._found[key] = self._draw(difference, local)
            if (found := self._found[key]) is not None:
                yield Part(found[0])

    def _draw(self, difference: Node, local: Root) -> tuple[Any] | None:
        plain = find_plain(difference) if difference.get("type") == "string" else None
        if plain is not None and self.confirms(local, plain[0]):
            return plain
        # A negation is drawn by throwing away what does not fit; so is this, and it costs less.
        form = self._form(local.sender) if b'"not"' in orjson.dumps(difference) else self._canonicalize(difference)
        return find(form, lambda value: self.confirms(local, value)) if form is not None else None

    def _drawn(self, root: Root, path: Path, local: Root | None) -> Witness | None:
        """Draw whole values. Large schemas are left alone: drawing from them takes seconds."""
        sender, taken = self._form(root.sender), self._form(root.receiver)
        if sender is None or taken is None or not _small(root.sender):
            return None
        if local is None:
            difference = _difference(sender, taken, None)
            whole: CanonicalSchema | None = difference if isinstance(difference, CanonicalSchema) else sender
        else:
            part = self._schema_of_difference(local)
            whole = self._both(sender, _at(path, local.sender if part is None else part))
        found = find(whole, lambda value: self.confirms(root, value)) if whole is not None else None
        return None if found is None else Witness(found[0], _pointer(path))

    def _schema_of_difference(self, local: Root) -> Node | None:
        sent, taken = self._form(local.sender), self._form(local.receiver)
        if sent is None or taken is None:
            return None
        difference = _difference(sent, taken, None)
        return _plain(difference.to_json_schema()) if isinstance(difference, CanonicalSchema) else None

    def _both(self, form: CanonicalSchema, other: Node) -> CanonicalSchema | None:
        try:
            return form.intersect(self._canonicalize(other))
        except ValueError:
            return None

    def confirms(self, root: Root, value: Any) -> bool:
        """Whether the validators agree that the value is sent by one side and refused by the other."""
        return (
            self._takes(root.sender, value)
            and self._takes(root.promised, value)
            and not self._takes(root.receiver, value)
        )

    def _takes(self, schema: Node, value: Any) -> bool:
        return self._validator(schema).is_valid(value)

    def _form(self, schema: Node) -> CanonicalSchema | None:
        key = orjson.dumps(schema, option=orjson.OPT_SORT_KEYS)
        if len(key) > LARGE:
            return None
        if key not in self._canonical:
            try:
                form = self._canonicalize(schema)
            except (ValueError, jsonschema_rs.ReferencingError):
                self._canonical[key] = None
            else:
                self._canonical[key] = None if form.kind == canonical.CanonicalKind.RAW else form
        return self._canonical[key]

    @staticmethod
    def _canonicalize(schema: Node) -> CanonicalSchema:
        return jsonschema_rs.canonicalize(schema, draft=DRAFT, validate_formats=True)

    def _validator(self, schema: Node) -> jsonschema_rs.Draft202012Validator:
        key = orjson.dumps(schema, option=orjson.OPT_SORT_KEYS)
        if key not in self._validators:
            self._validators[key] = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        return self._validators[key]


def _difference(
    sent: CanonicalSchema, taken: CanonicalSchema, promised: CanonicalSchema | None
) -> CanonicalSchema | bool:
    """What is sent and not taken; False when that is certainly nothing, True when it cannot be expressed."""
    try:
        difference = (sent if promised is None else sent.intersect(promised)).subtract(taken)
    except canonical.CanonicalizationError:
        return True
    return difference if difference.satisfiability() is not canonical.Satisfiability.NO else False


def _at(path: Path, part: Mapping[str, Any]) -> Node:
    """A schema for values that have something of `part` at `path`."""
    schema: Node = {key: value for key, value in part.items() if key not in ("$defs", "$schema")}
    for step in reversed(path):
        if isinstance(step, str):
            schema = {"type": "object", "required": [step], "properties": {step: schema}}
        elif step == ANY_ITEM:
            schema = {"type": "array", "minItems": 1, "items": schema}
        else:
            schema = {"type": "array", "minItems": step + 1, "prefixItems": [*[{}] * step, schema]}
    return {**schema, "$defs": part["$defs"]} if "$defs" in part else schema


def _plain(schema: Any) -> Node:
    return schema if isinstance(schema, dict) else ({} if schema else {"not": {}})


def _small(schema: Node) -> bool:
    return len(orjson.dumps(schema)) <= SMALL


def _pointer(path: Path) -> str:
    return json_pointer.join(*(0 if step == ANY_ITEM else step for step in path))
