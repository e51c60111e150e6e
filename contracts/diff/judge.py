"""From the edits of one exchanged schema to findings: who is hurt by which, and the value that shows it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from contracts.diff.collect import Collector, Kind
from contracts.diff.edits import Edit, Walk
from contracts.diff.equality import Equality
from contracts.diff.flatten import Flattener
from contracts.diff.proof import ANY_ITEM, Prover, Root, Verdict, Witness
from contracts.diff.schemas import Node, Schemas
from contracts.diff.views import Direction
from mockserver.specification import pointer as json_pointer

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
        self.provers = {direction: Prover(self.schemas, direction) for direction in Direction}

    def compare(self, old: Node, new: Node, direction: Direction, where: str, breaking: Kind) -> None:
        """Compare what travels in `direction`; `where` says of which operation and part, `breaking` whom it hurts."""
        if self.equal(old, new):
            return
        prover = self.provers[direction]
        root = prover.root(old, new)
        verdict = prover.takes_all(root)
        broken = False
        for edit in Walk(self.schemas, self.equal, self.flattener, direction).edits(old, new):
            broken |= self._edit(edit, prover, root, verdict, where, breaking)
        if verdict is Verdict.NO and not broken:
            witness = prover.witness(root)
            side_old, side_new = (self.schemas.place(node)[1] for node in (old, new))
            message = "the schema admits other values than before"
            self.collector.add(
                "schema-changed", breaking, message, side_old, side_new, where=where, **_evidence(witness)
            )

    def _edit(self, edit: Edit, prover: Prover, root: Root, verdict: Verdict, where: str, breaking: Kind) -> bool:
        """Report one edit. True if it breaks."""
        local = prover.root(edit.before, edit.after)
        harmless = verdict is Verdict.YES or prover.takes_all(local) is Verdict.YES
        if harmless:
            if edit.existence or not prover.equivalent(edit.before, edit.after):
                self.collector.add(
                    edit.rule, Kind.COMPATIBLE, edit.message, edit.old, edit.new, where=where, path=_path(edit)
                )
            return False
        if self.collector.joins(edit.rule, breaking, edit.message, edit.old, edit.new, where):
            return True
        evidence = _evidence(prover.witness(root, edit.path, local))
        self.collector.add(
            edit.rule, breaking, edit.message, edit.old, edit.new, where=where, path=_path(edit), **evidence
        )
        return True


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
