"""Finds regular expressions that need exponential time on some text (ReDoS), and proves it by counting steps.

A backtracking matcher (JavaScript's, Python's, Java's, PCRE) needs exponential time where a repeated group can match
one text in several ways: a repeat within a repeat, `(a+)*`, or overlapping alternatives within one, `(a|\\w)*`. Every
such group is a candidate. For each, texts are built that begin like the expression, repeat what the group matches,
and end in a way that fails; a small backtracking matcher counts its steps on them and gives up at a budget. So the
verdict depends on no clock, and no expression can keep the check busy. On so short a text a sound expression needs
some hundred steps, a quadratic one some thousand.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import Any

MAX_STEPS = 100_000
MAX_TEXT = 40
# What is seldom part of a match, so that it fails at the end.
_FAILING = ("\x00", "!", "\n!")
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT")

# The parser that `re` itself uses. It has no public name; a change would show in this module's tests.
_parser: Any = import_module("re._parser")


def blow_up(pattern: str) -> str:
    """A text that shows it, such as `'a' * 26 + '!'`; "" where none was found."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = list(_parser.parse(_translate(pattern)))
    except (re.error, OverflowError, RecursionError):
        return ""  # not in Python's dialect: unproven
    for prefix, words in _candidates(tree):
        for word in words:
            for end in _FAILING:
                for count in (MAX_TEXT // 2 // len(word), MAX_TEXT // len(word)):
                    if _too_many(tree, prefix + word * count + end):
                        return (f"{prefix!r} + " if prefix else "") + f"{word!r} * {count} + {end!r}"
    return ""


def _too_many(tree: Sequence[Any], text: str) -> bool:
    try:
        _Matcher(text).sequence(tree, 0, 0, lambda _: True)
    except _ExhaustedError:
        return True
    except (NotImplementedError, RecursionError):
        pass  # unproven
    return False


class _ExhaustedError(Exception):
    """The budget of steps is used up."""


Continue = Callable[[int], bool]


class _Matcher:
    """Matches as backtracking engines do: the first alternative first, and back when what follows fails."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.steps = 0

    def sequence(self, parts: Sequence[Any], index: int, at: int, then: Continue) -> bool:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise _ExhaustedError
        if index == len(parts):
            return then(at)
        operator, argument = parts[index]
        return self._part(str(operator), argument, at, lambda after: self.sequence(parts, index + 1, after, then))

    def _part(self, name: str, argument: Any, at: int, then: Continue) -> bool:
        if name in _REPEATS:
            return self._repeat(argument, 0, at, then, greedy=name == "MAX_REPEAT")
        if name == "SUBPATTERN":
            return self.sequence(argument[-1], 0, at, then)
        if name == "BRANCH":
            return any(self.sequence(branch, 0, at, then) for branch in argument[1])
        if name == "AT":
            return self._anchored(str(argument), at) and then(at)
        if name in ("ASSERT", "ASSERT_NOT"):
            direction, body = argument
            found = direction < 0 or self.sequence(body, 0, at, lambda _: True)
            return (found if name == "ASSERT" else direction < 0 or not found) and then(at)
        if name in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
            return at < len(self.text) and _takes(name, argument, self.text[at]) and then(at + 1)
        raise NotImplementedError(name)

    def _repeat(self, argument: Any, count: int, at: int, then: Continue, *, greedy: bool) -> bool:
        least, most, body = int(argument[0]), int(argument[1]), argument[2]

        def again() -> bool:
            return count < most and self.sequence(body, 0, at, repeated)

        def repeated(after: int) -> bool:
            # A turn that takes nothing may be needed to reach the least number, but never leads further.
            return (after != at or count < least) and self._repeat(argument, count + 1, after, then, greedy=greedy)

        def leave() -> bool:
            return count >= least and then(at)

        return again() or leave() if greedy else leave() or again()

    def _anchored(self, where: str, at: int) -> bool:
        if where.startswith("AT_BEGINNING"):
            return at == 0
        if where.startswith("AT_END"):
            return at == len(self.text)
        before = at > 0 and (self.text[at - 1].isalnum() or self.text[at - 1] == "_")
        after = at < len(self.text) and (self.text[at].isalnum() or self.text[at] == "_")
        return (before != after) == (where == "AT_BOUNDARY")


def _takes(name: str, argument: Any, character: str) -> bool:
    if name == "ANY":
        return character != "\n"
    if name == "IN":
        negated = str(argument[0][0]) == "NEGATE"
        return negated != any(_takes(str(operator), value, character) for operator, value in argument)
    if name == "RANGE":
        return bool(argument[0] <= ord(character) <= argument[1])
    if name == "CATEGORY":
        return _of_category(str(argument), character)
    if name == "NEGATE":
        return False
    return bool((ord(character) == argument) == (name == "LITERAL"))


def _of_category(name: str, character: str) -> bool:
    inside = {
        "DIGIT": character.isdecimal(),
        "SPACE": character.isspace(),
        "WORD": character.isalnum() or character == "_",
    }
    return inside[name.rpartition("_")[2]] != ("NOT" in name)


def _translate(pattern: str) -> str:
    """ECMA-262 in Python's terms, as far as matching time is concerned."""
    pattern = re.sub(r"\(\?<(?=[A-Za-z_])", "(?P<", pattern)
    pattern = re.sub(r"\\[pP]\{[^}]*\}", r"\\w", pattern)
    return re.sub(r"\\u\{?([0-9A-Fa-f]{4,5})\}?", lambda m: re.escape(chr(int(m[1], 16))), pattern)


def _candidates(tree: Any) -> Iterator[tuple[str, list[str]]]:
    """(text that leads to it, texts that it matches) of every repeat with a repeat or a choice inside."""
    prefix = ""
    for operator, argument in tree:
        name = str(operator)
        if name in _REPEATS:
            _, most, body = argument
            if most >= MAX_TEXT // 4 and any(_ambiguous(part) for part in body):
                yield prefix, _pumps(body)
            yield from ((prefix + before, words) for before, words in _candidates(body))
        elif name == "SUBPATTERN":
            yield from ((prefix + before, words) for before, words in _candidates(argument[-1]))
        elif name == "BRANCH":
            for branch in argument[1]:
                yield from ((prefix + before, words) for before, words in _candidates(branch))
        prefix += _word([(operator, argument)], 0)


def _ambiguous(part: Any) -> bool:
    operator, argument = part
    name = str(operator)
    if name in (*_REPEATS, "BRANCH"):
        return True
    if name == "SUBPATTERN":
        return any(_ambiguous(inner) for inner in argument[-1])
    return False


# Alternatives tried within a repeat.
_CHOICES = 4


def _pumps(body: Any) -> list[str]:
    """A few texts that the body of a repeat matches, each of the characters it can take among them."""
    texts = (_word(body, choice) for choice in range(2 * _CHOICES))
    return [text for text in dict.fromkeys(texts) if text]


def _word(tree: Any, choice: int) -> str:
    """A short text that a part matches; `choice` picks among alternatives, and from _CHOICES on leaves out the rest."""
    return "".join(_piece(str(operator), argument, choice) for operator, argument in tree)


def _piece(name: str, argument: Any, choice: int) -> str:
    if name == "LITERAL":
        return chr(argument)
    if name == "NOT_LITERAL":
        return "b" if argument == ord("a") else "a"
    if name == "ANY":
        return "a"
    if name == "IN":
        return _example(argument, choice)
    if name in _REPEATS:
        least, most, body = int(argument[0]), int(argument[1]), argument[2]
        return _word(body, choice) * (least if choice >= _CHOICES else max(least, min(1, most)))
    if name == "SUBPATTERN":
        return _word(argument[-1], choice)
    if name == "BRANCH":
        branches: list[Any] = argument[1]
        return _word(branches[choice % len(branches)], choice)
    return ""  # an anchor or an assertion takes no characters


_CLASSES = {"CATEGORY_DIGIT": "0", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "a"}
_OUTSIDE = {"CATEGORY_NOT_DIGIT": "a", "CATEGORY_NOT_SPACE": "a", "CATEGORY_NOT_WORD": " "}


def _example(argument: Any, choice: int) -> str:
    """A character of a class such as `[a-z0-9]`; of a negated one, the first letter that it does not name."""
    if str(argument[0][0]) == "NEGATE":
        named = {value for operator, value in argument[1:] if str(operator) == "LITERAL"}
        return next(letter for letter in "abcdefghij0 -" if ord(letter) not in named)
    operator, value = argument[choice % len(argument)]
    if str(operator) == "LITERAL":
        return chr(value)
    if str(operator) == "RANGE":
        return chr(value[0])
    return (_CLASSES | _OUTSIDE).get(str(value), "a")
