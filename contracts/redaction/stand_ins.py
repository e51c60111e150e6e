"""Keyed stand-ins: for a word another of the same form, always the same one, and nothing to tell the word from it."""

from __future__ import annotations

import hashlib
import re
import string
from collections.abc import Sequence
from dataclasses import dataclass, field

from contracts.redaction.vocabulary import Fits

# How many candidates are tried for one that has the form of the word and stands for no other.
ATTEMPTS = 16
_HEX = re.compile(r"(?=[^0-9]*[0-9])[0-9a-f-]{8,}|(?=[^0-9]*[0-9])[0-9A-F-]{8,}")
_UUID = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# What a UUID says of itself: its version and its variant.
_UUID_FIXED = (14, 19)
_PREFIX = re.compile(r"[A-Za-z]+[_-]")
_EMAIL_END = re.compile(r"(?<=\.)[A-Za-z0-9-]+$")


@dataclass(slots=True)
class StandIns:
    """`key` is random for each run; `forms` are what a stand-in has if and only if the word has it.

    `made` is every word that was asked for, with its stand-in.
    """

    key: bytes = field(repr=False)
    forms: Sequence[Fits] = ()
    made: dict[str, str] = field(default_factory=dict, repr=False)
    _taken: set[str] = field(default_factory=set, repr=False)

    def word(self, word: str) -> str:
        """A stand-in for a word: as long, letters for letters, digits for digits, everything else as it is."""
        found = self.made.get(word)
        if found is None:
            found = self.made[word] = self._new(word)
            self._taken.add(found)
        return found

    def data(self, data: bytes) -> bytes:
        """A stand-in for bytes that are no text: as many."""
        return self._stream(0, data)

    def _new(self, word: str) -> str:
        has = [fits(word) for fits in self.forms]
        candidates = [self._candidate(word, 0)]
        for attempt in range(ATTEMPTS):
            candidate = candidates[0] if not attempt else self._candidate(word, attempt)
            if candidate != word and candidate not in self._taken:
                if [fits(candidate) for fits in self.forms] == has:
                    return candidate
                candidates.append(candidate)
        return candidates[-1]

    def _candidate(self, word: str, attempt: int) -> str:
        stream = self._stream(attempt, word.encode("utf-8", "surrogatepass"))
        kept = {0, *_UUID_FIXED} - {0} if _UUID.fullmatch(word) else set[int]()
        if attempt >= ATTEMPTS // 2 and (prefix := _PREFIX.match(word)):
            kept = set(range(prefix.end()))  # the patterns that it has may ask for this
        hexadecimal = _HEX.fullmatch(word) is not None
        made = "".join(
            character if at in kept else _other(character, stream[at], hexadecimal=hexadecimal, first=at == 0)
            for at, character in enumerate(word)
        )
        return _EMAIL_END.sub("test", made) if "@" in word else made

    def _stream(self, attempt: int, data: bytes) -> bytes:
        """As many bytes as the data has, that follow from key and data alone."""
        return hashlib.shake_256(self.key + attempt.to_bytes(1, "big") + data).digest(max(len(data), 1))


def _other(character: str, number: int, *, hexadecimal: bool, first: bool) -> str:
    if "0" <= character <= "9":
        # A number begins with no zero, unless it did.
        return str(number % 10) if not first or character == "0" else str(1 + number % 9)
    if character.isascii():
        letters = string.ascii_lowercase if character.islower() else string.ascii_uppercase
        return letters[number % (6 if hexadecimal else 26)] if character.isalpha() else character
    if not character.isalnum():
        return character
    if character < "\u0800":  # two bytes, as these have
        return chr((0xE0 if character.islower() else 0xC0) + number % 23)
    return chr((0x4E00 if character <= "\uffff" else 0x20000) + number)
