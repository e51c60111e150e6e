"""From the edits of one exchanged schema to findings: who is hurt by which, and the value that shows it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from contracts.diff.collect import Collector
from contracts.diff.containment import ANY_ITEM, Prover, Root, Verdict, Witness
from contracts.diff.equality import Equality
from contracts.diff.flatten import Flattener
from contracts.diff.patterns import takes_all
from contracts.diff.rules import Kind
from contracts.diff.sample import Path
from contracts.diff.schema_diff import Edit, Walk
from contracts.diff.schemas import Node, Schemas
from contracts.diff.views import Direction
from openapi import pointer as json_pointer

# Characters of the refused part in a hint.
SHOWN = 200
# Longer strings and arrays are said by their length: nobody counts 10,001 members.
LONGEST = 300


@dataclass(slots=True)
class Judge:
    """Compares schemas in both directions and tells the collector."""

    schemas: Schemas
    collector: Collector
    equal: Equality = field(init=False)
    flattener: Flattener = field(init=False)
    provers: dict[Direction, Prover] = field(init=False)

    def __post_init__(self) -> None:
        self.equal = Equality(self.schemas)
        self.flattener = Flattener(self.schemas)
        self.provers = {direction: Prover(self.schemas, direction, self.flattener) for direction in Direction}

    def compare(self, old: Node, new: Node, direction: Direction, where: str, breaking: Kind) -> None:
        """Compare what travels in `direction`; `where` says of which operation and part, `breaking` whom it hurts."""
        if self.equal(old, new):
            return
        prover = self.provers[direction]
        root = prover.root(old, new)
        verdict = prover.takes_all(root)
        if verdict is Verdict.YES and prover.equivalent(old, new):
            verdict = Verdict.SAME
        proven: set[Path] = set()
        doubtful: list[Edit] = []
        for edit in Walk(self.schemas, self.equal, self.flattener, direction).edits(old, new):
            if verdict is Verdict.SAME and not edit.existence:
                continue
            if verdict in (Verdict.YES, Verdict.SAME) or self._harmless(edit, prover):
                self._compatible(edit, prover, where)
            elif self._proven(edit, prover, root, where, breaking):
                proven.add(edit.path)
            else:
                doubtful.append(edit)
        for edit in doubtful:
            if edit.path in proven:
                # Another edit of the same node breaks it; this one only would have.
                self._compatible(edit, prover, where)
            else:
                self._break(edit, where, breaking, None)
        if verdict is Verdict.NO and not proven and not doubtful:
            witness = prover.witness(root)
            at = (self.schemas.place(old)[1], self.schemas.place(new)[1])
            message = "the schema admits other values than before"
            evidence = _evidence(witness)
            self.collector.add("schema-changed", breaking, message, at[0], at[1], where=where, **evidence)

    def _harmless(self, edit: Edit, prover: Prover) -> bool:
        pairs = [(edit.before, edit.after), *([edit.around] if edit.around else [])]
        if edit.focus is not None and edit.substitutes:
            branch = edit.focus.node
            added = edit.rule == "alternative-added"
            pairs += [(other, branch) if added else (branch, other) for other in edit.substitutes]
        roots = [prover.root(*pair) for pair in pairs]
        return any(_strings(root) for root in roots) or any(prover.takes_all(root) is Verdict.YES for root in roots)

    def _compatible(self, edit: Edit, prover: Prover, where: str) -> None:
        """Report an edit that breaks nobody, unless both sides admit the same."""
        old, new = edit.around or (edit.before, edit.after)
        ways = [prover.root(old, new), prover.root(new, old)]
        if edit.existence or not (all(map(_strings, ways)) or prover.equivalent(old, new)):
            kind = Kind.COMPATIBLE
            self.collector.add(edit.rule, kind, edit.message, edit.old, edit.new, where=where, path=_path(edit))

    def _proven(self, edit: Edit, prover: Prover, root: Root, where: str, breaking: Kind) -> bool:
        """Report an edit with the value that it breaks; False if there is none."""
        if self.collector.joins(edit.rule, breaking, edit.message, edit.old, edit.new, where):
            return True
        witness = prover.witness(root, edit.path, prover.root(edit.before, edit.after), edit.focus)
        if witness is None:
            return False
        self._break(edit, where, breaking, witness)
        return True

    def _break(self, edit: Edit, where: str, breaking: Kind, witness: Witness | None) -> None:
        evidence = _evidence(witness)
        self.collector.add(
            edit.rule, breaking, edit.message, edit.old, edit.new, where=where, path=_path(edit), **evidence
        )


def _strings(local: Root) -> bool:
    """Whether patterns and lengths alone say that the receiver takes all."""
    return takes_all(local.receiver, local.sender) is True


def _path(edit: Edit) -> str:
    return json_pointer.join(*("*" if step == ANY_ITEM else step for step in edit.path))


def _evidence(witness: Witness | None) -> dict[str, str]:
    """The witness as JSON, and the words that say which part of it is refused."""
    if witness is None:
        return {"hint": "no witness found: the rule alone says so", "witness": ""}
    whole = json.dumps(abridged(witness.value), ensure_ascii=False, sort_keys=True)
    if not witness.pointer:
        return {"hint": "", "witness": whole}
    part = json.dumps(abridged(witness.part), ensure_ascii=False, sort_keys=True)
    shown = part if len(part) <= SHOWN else f"{part[:SHOWN]}…"
    return {"hint": f"refused at {witness.pointer}: {shown}", "witness": whole}


def abridged(value: Any) -> Any:
    """The value with what is too long to be read replaced by words."""
    if isinstance(value, str) and len(value) > LONGEST:
        return f"{value[:20]}… ({len(value):,} characters)"
    if isinstance(value, list) and len(value) > LONGEST:
        return [*(abridged(member) for member in value[:2]), f"… ({len(value):,} members)"]
    if isinstance(value, list):
        return [abridged(member) for member in value]
    if isinstance(value, dict):
        return {name: abridged(member) for name, member in value.items()}
    return value
