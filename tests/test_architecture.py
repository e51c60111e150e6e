"""ARCHITECTURE.md names what is there: every room and, where it lists modules, every module and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "ARCHITECTURE.md").read_text()
# The tables by their heads: the package, and what a first cell names.
TABLES = {"openapi": "module of `openapi/`", "mockserver": "room of `mockserver/`", "contracts": "room of `contracts/`"}


def named(package: str) -> set[str]:
    """What the first cells of a package's table name."""
    _, _, after = TEXT.partition(f"| {TABLES[package]} |")
    rows = [row for row in after.split("\n\n")[0].splitlines() if row.startswith("| `")]
    return {name.rstrip("/") for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])}


def there(package: str) -> set[str]:
    """The folders and modules of a package."""
    folders = {path.name for path in (ROOT / package).iterdir() if path.is_dir() and any(path.glob("*.*"))}
    modules = {path.stem for path in (ROOT / package).glob("*.py")}
    return (folders | modules) - {"__init__", "__pycache__"}


@pytest.mark.parametrize("package", TABLES)
def test_every_room_is_named_and_no_other(package: str) -> None:
    assert named(package) == there(package)


def test_every_file_that_is_named_is_there() -> None:
    for path in re.findall(r"`((?:openapi|mockserver|contracts|specs|tests|docs)/[\w/]+\.[a-z.]+)`", TEXT):
        assert (ROOT / path).exists(), path
