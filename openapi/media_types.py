"""Media types (RFC 9110, 8.3.1) and their negotiation (12.5.1): what is documented for what travels.

By hand: the parsers of the standard library and of the web frameworks accept malformed input, or take quadratic time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

ANY = "*/*"
_SENT_FOR_RANGES = {ANY: "application/json", "application/*": "application/json", "text/*": "text/plain"}
_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
_ESSENCE = re.compile(rf"\s*+({_WORD}/{_WORD})\s*+(?=;|\Z)")
_PARAMETER = re.compile(rf";\s*+(?:({_WORD})\s*+=\s*+(?:({_WORD})|\"((?:[^\"\\]|\\.)*+)\")\s*+)?(?=;|\Z)", re.DOTALL)
_MEMBER = re.compile(r"(?:[^,\"]|\"(?:[^\"\\]|\\.)*+\"|\")++", re.DOTALL)
_QUALITY = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\Z")


@dataclass(frozen=True, slots=True)
class MediaType:
    """`name` is type and subtype in lower case; the names of `parameters` are too."""

    name: str
    parameters: Mapping[str, str]

    @property
    def charset(self) -> str:
        """In lower case; UTF-8 where none is said."""
        return self.parameters.get("charset", "utf-8").lower()


@lru_cache(maxsize=1024)
def parse(header: str) -> MediaType | None:
    """A Content-Type, or a member of Accept; None for one that is malformed."""
    match = _ESSENCE.match(header)
    if match is None:
        return None
    parameters: dict[str, str] = {}
    end = match.end()
    while end < len(header):
        parameter = _PARAMETER.match(header, end)
        if parameter is None:
            return None
        end = parameter.end()
        if parameter[1]:
            quoted = re.sub(r"\\(.)", r"\1", parameter[3] or "", flags=re.DOTALL)
            parameters.setdefault(parameter[1].lower(), parameter[2] or quoted)
    return MediaType(match[1].lower(), parameters)


def essence(header: str) -> str:
    """Type and subtype in lower case, without parameters, of a name as it is written, however badly."""
    return header.partition(";")[0].strip().lower()


def ranges(name: str) -> tuple[str, ...]:
    """What covers a media type, the most specific first."""
    return name, f"{name.partition('/')[0]}/*", ANY


def documented_as(name: str, documented: Iterable[str]) -> str | None:
    """Which of the documented media types and ranges is meant by a media type: the most specific that covers it."""
    known = documented if isinstance(documented, Mapping) else set(documented)
    return next((covering for covering in ranges(name) if covering in known), None)


def is_json(name: str) -> bool:
    return name.endswith(("/json", "+json"))


def may_be_json(name: str) -> bool:
    """Whether a documented media type or range can be answered in JSON."""
    return is_json(name) or name in (ANY, "application/*")


def concrete(name: str) -> str:
    """The media type that is sent where a range is documented."""
    return _SENT_FOR_RANGES.get(name, name)


def negotiate(accept: str, offered: Sequence[str]) -> str | None:
    """Which of the offered media types pleases an Accept header most; of equals the first. None where none does.

    A header that is empty, or of which no member can be read, admits everything.
    """
    return _negotiate(accept, tuple(offered))


@lru_cache(maxsize=1024)
def _negotiate(accept: str, offered: tuple[str, ...]) -> str | None:
    wanted = _accepted(accept)
    if not offered or not wanted:
        return offered[0] if offered else None
    best = max(offered, key=lambda name: _quality(name, wanted))
    return best if _quality(best, wanted) > 0 else None


def _accepted(accept: str) -> dict[str, float]:
    """The quality of each range that an Accept header names; malformed members are left out."""
    found: dict[str, float] = {}
    for member in _MEMBER.findall(accept):
        media = parse(member)
        quality = media.parameters.get("q", "1") if media else ""
        if media and _QUALITY.match(quality):
            found[media.name] = max(float(quality), found.get(media.name, 0.0))
    return found


def _quality(name: str, wanted: Mapping[str, float]) -> float:
    """Of the most specific range that covers it. A range that is offered pleases whoever wants something within it."""
    if name == ANY:
        return max(wanted.values())
    if name.endswith("/*"):
        within = [quality for want, quality in wanted.items() if want.startswith(name[:-1])]
        if within:
            return max(within)
    return next((wanted[covering] for covering in ranges(name) if covering in wanted), 0.0)
