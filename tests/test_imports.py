"""Who may import whom, that nothing imports in a circle, and that the engine names no provider."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("openapi", "mockserver", "contracts")
# By the longest prefix that fits: what of ours a module may import besides its own package.
ALLOWED: dict[str, tuple[str, ...]] = {
    "openapi": (),
    "mockserver.core": (),
    "mockserver.store": ("mockserver.core",),
    "mockserver.engine": ("mockserver.core", "openapi", "mockserver.store.base"),
    "mockserver.providers": ("mockserver.core", "openapi", "mockserver.engine"),
    "mockserver.control": ("mockserver.core", "openapi", "mockserver.engine"),
    "mockserver.web": ("mockserver.core.journal", "openapi", "mockserver.engine"),
    "mockserver": ("mockserver", "openapi"),  # composition: app, command line, test plugin
    "contracts": ("openapi",),
    "contracts.target": ("openapi", "contracts.findings"),
    "contracts.laws": ("openapi", "contracts.target"),
    "contracts.check": (
        *("openapi", "contracts.target", "contracts.laws", "contracts.arguments", "contracts.findings"),
        *("contracts.har", "contracts.redaction", "contracts.reports"),
    ),
    "contracts.stub": ("openapi", "mockserver", "contracts"),  # starts the stub as a target
}
# The framework stays in one place.
ONLY_IN = {"connexion": "mockserver.web", "starlette": "mockserver.web"}
# The core has no clock, no randomness and no IO: not by discipline, by absence.
FORBIDDEN_IN_CORE = frozenset(
    {
        *("asyncio", "datetime", "io", "os", "pathlib", "random", "secrets", "select", "shutil", "signal", "socket"),
        *("sqlite3", "ssl", "subprocess", "tempfile", "threading", "time", "urllib"),
    }
)
MAKE_UP_IDS = ("uuid1", "uuid4")


def modules(root: Path) -> dict[str, Path]:
    """Every module of the packages below a folder, by its dotted name."""
    found = {}
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(name: str, path: Path, known: dict[str, Path]) -> Iterator[tuple[str, int]]:
    """Every module that a module imports, anywhere in it, with the line."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = name if path.name == "__init__.py" else name.rpartition(".")[0]
            parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parents, *([node.module] if node.module else [])])
            for alias in node.names:
                full = f"{base}.{alias.name}"
                yield (full if full in known else base), node.lineno


def below(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def may_import(name: str, imported: str) -> bool:
    room = max((package for package in ALLOWED if below(name, package)), key=len)
    return below(imported, room) or any(below(imported, package) for package in ALLOWED[room])


def breaches(root: Path) -> list[str]:
    """Every import that breaks a rule, as `mockserver.core.plan:3 imports ...`."""
    known, found = modules(root), []
    for name, path in known.items():
        for imported, line in imports(name, path, known):
            top = imported.partition(".")[0]
            ours = top in PACKAGES
            if (
                (ours and not may_import(name, imported))
                or (top in ONLY_IN and not below(name, ONLY_IN[top]))
                or (below(name, "mockserver.core") and not ours and not fit_for_core(top))
            ):
                found.append(f"{name}:{line} imports {imported}")
    return found


def fit_for_core(top: str) -> bool:
    return top in sys.stdlib_module_names and top not in FORBIDDEN_IN_CORE


def test_every_import_keeps_the_rules() -> None:
    assert breaches(ROOT) == []


def test_the_core_makes_up_no_ids() -> None:
    text = "".join(path.read_text() for path in (ROOT / "mockserver" / "core").glob("*.py"))
    assert not re.search(rf"\b({'|'.join(MAKE_UP_IDS)})\b", text)


@pytest.mark.parametrize(
    ("module", "text", "breach"),
    [
        (
            "mockserver/core/plan.py",
            "from mockserver.store import base",
            "mockserver.core.plan:1 imports mockserver.store",
        ),
        ("mockserver/core/plan.py", "import time", "mockserver.core.plan:1 imports time"),
        ("mockserver/core/plan.py", "from os import environ", "mockserver.core.plan:1 imports os"),
        ("mockserver/core/plan.py", "def f():\n    import random", "mockserver.core.plan:2 imports random"),
        ("mockserver/core/plan.py", "from datetime import datetime", "mockserver.core.plan:1 imports datetime"),
        ("mockserver/core/plan.py", "import orjson", "mockserver.core.plan:1 imports orjson"),
        ("mockserver/core/plan.py", "from ..store import base", "mockserver.core.plan:1 imports mockserver.store"),
        ("mockserver/core/__init__.py", "from ..engine import x", "mockserver.core:1 imports mockserver.engine"),
        ("openapi/a.py", "import mockserver.core.plan", "openapi.a:1 imports mockserver.core.plan"),
        ("mockserver/store/a.py", "import mockserver.engine", "mockserver.store.a:1 imports mockserver.engine"),
        ("mockserver/engine/a.py", "from mockserver.store import sqlite", "imports mockserver.store"),
        ("mockserver/engine/a.py", "from mockserver.providers import thanx", "imports mockserver.providers"),
        ("mockserver/engine/a.py", "import connexion.lifecycle", "mockserver.engine.a:1 imports connexion.lifecycle"),
        ("mockserver/app.py", "from starlette import routing", "mockserver.app:1 imports starlette"),
        ("mockserver/web/a.py", "from mockserver.store import base", "mockserver.web.a:1 imports mockserver.store"),
        ("mockserver/web/a.py", "from mockserver.core import plan", "mockserver.web.a:1 imports mockserver.core"),
        ("contracts/a.py", "from mockserver import app", "contracts.a:1 imports mockserver"),
        ("contracts/check/a.py", "from mockserver.core import clock", "contracts.check.a:1 imports mockserver.core"),
        ("contracts/check/stub.py", "import mockserver.app", "contracts.check.stub:1 imports mockserver.app"),
    ],
)
def test_a_planted_breach_is_found(tmp_path: Path, module: str, text: str, breach: str) -> None:
    path = tmp_path / module
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert [found for found in breaches(tmp_path) if found.endswith(breach)] == breaches(tmp_path) != []


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("mockserver/core/plan.py", "from mockserver.core import clock\nfrom . import records\nimport math"),
        ("mockserver/engine/a.py", "from mockserver.store.base import Store\nfrom mockserver.core import plan"),
        ("mockserver/web/a.py", "import connexion, starlette.routing\nfrom mockserver.engine import call"),
        ("contracts/stub.py", "from mockserver.app import build"),
        ("contracts/check/a.py", "from openapi import pointer"),
    ],
)
def test_what_is_allowed_is_no_breach(tmp_path: Path, module: str, text: str) -> None:
    path = tmp_path / module
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert breaches(tmp_path) == []


def circles(root: Path) -> list[list[str]]:
    """Modules that import one another, directly or through others, `if TYPE_CHECKING` and functions included."""
    known = modules(root)
    edges = {name: {found for found, _ in imports(name, path, known)} & known.keys() for name, path in known.items()}
    reached = {name: reachable(name, edges) for name in edges}
    grouped = {
        tuple(other for other in sorted(reached[name]) if name in reached[other])
        for name in edges
        if name in reached[name]
    }
    return sorted(map(list, grouped))


def reachable(start: str, edges: Mapping[str, set[str]]) -> set[str]:
    """What a module imports, and what that imports, and so on; itself only where it is in a circle."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = edges[waiting.pop()] - found
        found |= new
        waiting += new
    return found


def test_nothing_imports_in_a_circle() -> None:
    assert circles(ROOT) == []


@pytest.mark.parametrize(
    "text",
    [
        "from mockserver.core import b",
        "def f():\n    from . import b",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from mockserver.core.b import B",
    ],
)
def test_a_planted_circle_is_found(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "mockserver" / "core"
    folder.mkdir(parents=True)
    for name, lines in (("a", text), ("b", "from mockserver.core import c"), ("c", "import mockserver.core.a")):
        (folder / f"{name}.py").write_text(lines)
    (folder / "d.py").write_text("from mockserver.core import a")
    assert circles(tmp_path) == [["mockserver.core.a", "mockserver.core.b", "mockserver.core.c"]]


def named_providers(root: Path, providers: list[str]) -> list[str]:
    """Every place outside its own rooms where the stub's code names a provider."""
    spelled = "|".join(re.escape(name).replace("_", "[ _-]?") for name in providers)
    name, found = re.compile(spelled, re.IGNORECASE), []
    for path in sorted((root / "mockserver").rglob("*.py")):
        if "providers" not in path.relative_to(root).parts:
            lines = enumerate(path.read_text().splitlines(), 1)
            found += [f"{path.relative_to(root)}:{number}" for number, line in lines if name.search(line)]
    return found


def provider_names() -> list[str]:
    return sorted(path.parent.name for path in (ROOT / "specs").glob("*/openapi.yaml"))


def test_the_engine_names_no_provider() -> None:
    assert len(provider_names()) >= 4
    assert named_providers(ROOT, provider_names()) == []


@pytest.mark.parametrize(
    "text", ['if name == "thanx":', "class ElasticPathJob:", "# as Elastic Path does", "LoyaltyDog"]
)
def test_a_planted_provider_is_found(tmp_path: Path, text: str) -> None:
    for folder in ("engine", "providers"):
        path = tmp_path / "mockserver" / folder / "a.py"
        path.parent.mkdir(parents=True)
        path.write_text(f"\n{text}\n")
    assert named_providers(tmp_path, ["elastic_path", "loyaltydog", "thanx"]) == ["mockserver/engine/a.py:2"]
