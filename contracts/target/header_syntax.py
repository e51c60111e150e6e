"""Whether a text can be a base URL, or the value of a header: what is wrong with it, in words for people."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit


def url_fault(url: str) -> str:
    """What is wrong with a base URL, in words that follow its name; "" when nothing is."""
    if "@" in url.partition("://")[2].partition("/")[0]:
        return "has a user name in it: a credential stands in [NAME.credentials.default]"
    try:
        parts = urlsplit(url)
        if not url.isprintable() or " " in url or not _is_one(parts):
            return f"is no http or https URL: '{url}'"
    except ValueError:  # brackets that enclose no address, or a port that is none
        return f"is no http or https URL: '{url}'"
    return f"has a query or a fragment, and a base URL has none: '{url}'" if parts.query or parts.fragment else ""


def _is_one(parts: SplitResult) -> bool:
    """Raises ValueError for some that are none: a port that is no number, a part of a name that is too long."""
    host = parts.hostname or ""
    return parts.scheme in ("http", "https") and bool(host) and parts.port != 0 and bool(host.encode("idna"))


def header_fault(value: str, *, encoded: bool = False) -> str:
    """What is in a text that the value of a header cannot have; "" when nothing is. It never shows the text.

    A user name and a password are encoded, and may have letters of every alphabet (RFC 7617).
    """
    if "\n" in value or "\r" in value:
        return "a line end"
    if any((character < " " and character != "\t") or "\x7f" <= character <= "\x9f" for character in value):
        return "a control character"
    if value != value.strip(" \t" if encoded else None):
        return "a space at its beginning or end"
    return "" if encoded or all(character <= "\xff" for character in value) else "a character that no header can have"
