"""Whether one schema of strings takes every string of another, decided by the automata of their patterns.

jsonschema-rs leaves patterns undecided, and drawing strings can only show that the answer is no.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping
from typing import Any

import interegular
from interegular import FSM, InvalidSyntax, Unsupported

# Automata grow with the bounds of repetitions; larger ones are left undecided.
_LARGEST = 2_000
_LONGEST = 500
_BOUND = re.compile(r"\{(\d+)?(?:,(\d+)?)?\}")
_ANY = r"[\s\S]*"
# What the library reads otherwise than ECMA-262, or not at all.
_UNLIKE = re.compile(r"\\[bBpPkcu0-9]|\(\?(?!:)")


_KEYWORDS = {"type", "pattern", "minLength", "maxLength"}


def takes_all(taken: Mapping[str, Any], sent: Mapping[str, Any]) -> bool | None:
    """Whether one schema of strings takes all strings of another, by their patterns and lengths.

    None if it cannot be decided: another keyword, a pattern beyond regular languages, an automaton too large.
    """
    if "pattern" not in {*taken, *sent} or any(node.keys() - _KEYWORDS for node in (taken, sent)):
        return None
    if taken.get("type") != ["string"] or sent.get("type") != ["string"]:
        return None
    left: Any = _language(sent)
    right = _language(taken)
    return None if left is None or right is None else bool(left.issubset(right))


def _language(node: Mapping[str, Any]) -> FSM | None:
    least, most = node.get("minLength", 0), node.get("maxLength", "")
    if least > _LONGEST or (most or 0) > _LONGEST:
        return None
    lengths = _automaton(rf"^[\s\S]{{{least},{most}}}$")
    pattern = _automaton(node["pattern"]) if "pattern" in node else lengths
    return None if lengths is None or pattern is None else lengths & pattern


@functools.cache
def _automaton(pattern: str) -> FSM | None:
    whole = _whole(pattern)
    if whole is None or len(whole) > _LONGEST or _UNLIKE.search(pattern):
        return None
    if math.prod(max(int(bound or 1) for bound in found.groups()) for found in _BOUND.finditer(pattern)) > _LARGEST:
        return None
    try:
        return interegular.parse_pattern(whole).to_fsm()
    except (InvalidSyntax, Unsupported, ValueError, IndexError, RecursionError):
        return None


def _whole(pattern: str) -> str | None:
    """The pattern for whole strings: anchors taken away, or what may stand around put there. None for inner anchors."""
    starts, ends = pattern.startswith("^"), pattern.endswith("$") and not _escaped(pattern)
    body = pattern[starts : len(pattern) - ends]
    bare = re.sub(r"\\.|\[(?:\\.|[^\]\\])*\]", "", body)
    if "^" in bare or "$" in bare or ((starts or ends) and _alternates(bare)):
        return None
    return ("" if starts else _ANY) + f"(?:{body})" + ("" if ends else _ANY)


def _escaped(pattern: str) -> bool:
    """Whether the last character is escaped."""
    before = pattern[:-1]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def _alternates(bare: str) -> bool:
    """Whether there is a `|` outside of groups: an anchor belongs to its own branch then."""
    depth = 0
    for character in bare:
        depth += (character == "(") - (character == ")")
        if character == "|" and depth == 0:
            return True
    return False
