"""Ids, codes and numbers that are the same in every replay: functions of a seed, a kind and a sequence number."""

from __future__ import annotations

from hashlib import blake2b
from uuid import UUID

# Without vowels and look-alikes, so that codes neither spell words nor get misread.
CODE_ALPHABET = "bcdfghjkmnpqrstvwxz23456789"
BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
_BYTE_TO_BASE36 = "".join(BASE36[byte % 36] for byte in range(256)).encode()


def digest(seed: int, *parts: str | int) -> int:
    """128 bits that look random and depend on every argument."""
    return int.from_bytes(_bytes(16, seed, *parts), "big")


def _bytes(size: int, seed: int, *parts: str | int) -> bytes:
    text = "\x1f".join(map(str, (seed, *parts)))
    return blake2b(text.encode(), digest_size=size).digest()


def spell(number: int, alphabet: str, length: int) -> str:
    """`length` characters of `alphabet` that spell `number`, lowest digit first."""
    base = len(alphabet)
    letters = []
    for _ in range(length):
        number, digit = divmod(number, base)
        letters.append(alphabet[digit])
    return "".join(letters)


def uuid(seed: int, *parts: str | int) -> str:
    """A version 4 UUID in its text form."""
    return str(UUID(int=digest(seed, *parts), version=4))


def hexadecimal(length: int, seed: int, *parts: str | int) -> str:
    """`length` (at most 32) lower-case hexadecimal digits."""
    return f"{digest(seed, *parts):032x}"[:length]


def base36(length: int, seed: int, *parts: str | int) -> str:
    """`length` (at most 24) lower-case letters and digits."""
    return _bytes(24, seed, *parts).translate(_BYTE_TO_BASE36)[:length].decode("ascii")


def card_number(seed: int, *parts: str | int) -> str:
    """A 16-digit number that passes the Luhn check, in the 6-series of gift cards."""
    digits = "6" + f"{digest(seed, *parts) % 10**14:014d}"
    return digits + str(luhn_digit(digits))


def luhn_digit(digits: str) -> int:
    """The check digit that makes `digits` + it pass the Luhn check (ISO/IEC 7812-1, annex B)."""
    total = 0
    for position, character in enumerate(reversed(digits)):
        value = int(character) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return -total % 10
