"""Phone numbers as people write them: with a plus, in groups, with or without the country.

By its form alone only what nobody else writes is one: groups after a plus or 00, (202) 555-0188, 020 7946 0958. Bare
digits are counts, ids and times; they are somebody's number only where that number is known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

Known = Callable[[str], bool]
# What may stand between two groups.
_BETWEEN = r"[ ().\-/\u00a0\u2010\u2011\u2013]{1,3}"
# Not within a longer word: a UUID has groups of digits too.
GROUPS = re.compile(
    rf"(?:(?<![A-Za-z0-9_.+-])|(?<=\\[bfnrt]))"
    rf"\+?\(?[0-9]{{1,12}}(?:{_BETWEEN}[0-9]{{1,12}}){{1,7}}(?![A-Za-z0-9_]|[.-][A-Za-z0-9])"
)
# What may stand beside a number, or nothing.
_APART = ("", " ", "(", ")", "/", "\u00a0")
_GROUP = re.compile(r"\+?\(?[0-9]+\)?")
_NORTH_AMERICAN = re.compile(r"(?:1[ .-])?(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[ .-])[2-9][0-9]{2}[ .-][0-9]{4}")
_FROM_ABROAD = re.compile(r"00 ?[1-9][0-9]{0,2}(?: [0-9]{2,})+")
_NATIONAL = re.compile(r"\(?0[1-9][0-9]{1,3}\)?(?:[ -][0-9]{2,8}){1,4}")
# A number in groups has so many digits at least, one that is known as bare digits so many.
_SHORTEST, BARE = 7, 9
_LONGEST, _LONGEST_NATIONAL = 15, 11
# A first group of so many digits after a plus is the whole number.
_WHOLE = 8


def spellings(number: str) -> Iterator[str]:
    """The digits of a number as it may be written elsewhere: with 00, and without its country."""
    digits = re.sub(r"[^0-9]", "", number).removeprefix("00")
    for cut in range(4):
        national = digits[cut:]
        if len(national) >= _SHORTEST and len(set(national)) > 2:
            yield national
            yield f"0{national}"
            if cut == 0:
                yield f"00{national}"


def replaced(text: str, instead: Callable[[str], str], known: Known) -> str:
    """A text in which every number in groups is replaced."""

    def change(match: re.Match[str]) -> str:
        return _replaced(match[0], instead, known)

    return GROUPS.sub(change, text)


def _replaced(written: str, instead: Callable[[str], str], known: Known) -> str:
    groups = list(_GROUP.finditer(written))
    for length in range(len(groups), 1, -1):
        for first in range(len(groups) - length + 1):
            start, end = groups[first].start(), groups[first + length - 1].end()
            before, after = written[:start], written[end:]
            if before[-1:] in _APART and after[:1] in _APART and _is_one(written[start:end], known):
                return before + instead(written[start:end]) + _replaced(after, instead, known)
    return written


def _is_one(written: str, known: Known) -> bool:
    digits = re.sub(r"[^0-9]", "", written)
    if len(digits) < _SHORTEST:
        return False
    if written.startswith(("+", "(+")):
        first = re.match(r"[0-9]*", written.lstrip("(+"))
        return first is not None and len(first[0]) < _WHOLE and len(digits) <= _LONGEST
    return known(digits) or any(
        (
            _NORTH_AMERICAN.fullmatch(written),
            _FROM_ABROAD.fullmatch(written) and BARE < len(digits) - 2 <= _LONGEST,
            _NATIONAL.fullmatch(written) and BARE <= len(digits) <= _LONGEST_NATIONAL,
        )
    )
