"""Who is measured: the limit, this stub in its forms, and the peers. Data; `servers.py` starts them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

from benchmarks.downgrade import downgrade
from benchmarks.traffic import TRAFFIC

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
INSTALLED = HERE / ".peers"
MODULES = INSTALLED / "node_modules"
SCRIPTS = HERE / "peers"
CONTRACT = ROOT / "specs/thanx/openapi.yaml"
MANIFEST = SCRIPTS / "package.json"
JOURNAL = 5_000  # entries that our stub keeps; who would keep all of them is told the same

# (document or None for the contract of the benchmark, port, folder to write into) -> command line
Command = Callable[[Path | None, int, Path], list[str]]


@dataclass(frozen=True, slots=True)
class Server:
    """One column of the comparison. `prefix`: below what it serves the contract; `npm`: its package, if it is one.

    `runtime` is what it is written in; `reads` says whether it starts from an OpenAPI document.
    """

    name: str
    runtime: str
    command: Command
    said: str
    npm: str = ""
    prefix: str = ""
    workers: int = 1
    reads: bool = True

    @property
    def ours(self) -> bool:
        return self.name.startswith("ours")

    @property
    def limit(self) -> bool:
        return self.name == BARE.name

    @property
    def peer(self) -> bool:
        return not self.ours and not self.limit


def versions() -> dict[str, str]:
    """The pinned version of every npm package."""
    pinned: dict[str, str] = json.loads(MANIFEST.read_text())["dependencies"]
    return pinned


def _bare(document: Path | None, port: int, folder: Path) -> list[str]:
    return [sys.executable, str(SCRIPTS / "bare.py"), str(port)]


def _ours(store: str, workers: int = 1) -> Command:
    def command(document: Path | None, port: int, folder: Path) -> list[str]:
        chosen = ["--spec", str(document)] if document else []
        place = store.replace("PATH", str(folder / "store.sqlite"))
        program = Path(sys.executable).parent / "mockserver"
        return [str(program), "serve", "--port", str(port), "--store", place, "--workers", str(workers), *chosen]

    return command


def _prism(document: Path | None, port: int, folder: Path) -> list[str]:
    program = MODULES / "@stoplight/prism-cli/dist/index.js"
    return ["node", str(program), "mock", "-v", "silent", "-h", "127.0.0.1", "-p", str(port), str(document or CONTRACT)]


def _scalar(document: Path | None, port: int, folder: Path) -> list[str]:
    return ["node", str(INSTALLED / "scalar.js"), str(document or CONTRACT), str(port)]


def _mockoon(document: Path | None, port: int, folder: Path) -> list[str]:
    program = MODULES / "@mockoon/cli/bin/run.js"
    said = ["--data", str(document or CONTRACT), "--port", str(port), "--hostname", "127.0.0.1"]
    return ["node", str(program), "start", *said, "--disable-log-to-file"]


def _specmatic(document: Path | None, port: int, folder: Path) -> list[str]:
    program = MODULES / "specmatic/specmatic.jar"
    said = ["--host", "127.0.0.1", "--port", str(port), "--noConsoleLog", "--hot-reload=disabled"]
    return ["java", "-jar", str(program), "mock", str(document or CONTRACT), *said]


def _wiremock(document: Path | None, port: int, folder: Path) -> list[str]:
    """Two mappings by hand, from the contract's own examples."""
    (folder / "mappings").mkdir()
    for index, (name, example) in enumerate({"GET job": "completed", "POST job": "pending"}.items()):
        (folder / f"mappings/{index}.json").write_text(json.dumps(_mapping(name, example)))
    program = MODULES / f"wiremock/build/wiremock-standalone-{versions()['wiremock']}.jar"
    said = ["--bind-address", "127.0.0.1", "--port", str(port), "--root-dir", str(folder), "--disable-banner"]
    return ["java", "-jar", str(program), *said, "--max-request-journal-entries", str(JOURNAL)]


def _mapping(name: str, example: str) -> dict[str, object]:
    asked = TRAFFIC[name]
    path, _, query = asked.path.partition("?")
    held = {header: {"equalTo": value} for header, value in asked.headers.items()}
    wanted: dict[str, object] = {"method": asked.method, "urlPath": path, "headers": held}
    if query:
        parameter, _, value = query.partition("=")
        wanted["queryParameters"] = {parameter: {"equalTo": value}}
    body = yaml.safe_load(CONTRACT.read_text())["components"]["examples"][example]["value"]
    response = {"status": asked.status, "jsonBody": body, "headers": {"Content-Type": "application/json"}}
    return {"request": wanted, "response": response}


def _connexion(document: Path | None, port: int, folder: Path) -> list[str]:
    copy = folder / "openapi.json"
    loaded = yaml.load((document or CONTRACT).read_text(), Loader=yaml.CSafeLoader)
    copy.write_text(json.dumps(downgrade(loaded), default=str))
    return [str(INSTALLED / "connexion/bin/python"), str(SCRIPTS / "plain_connexion.py"), str(copy), str(port)]


BARE = Server("bare uvicorn", "Python", _bare, "constant bytes: the limit of the same web server", reads=False)
OURS = Server("ours, memory", "Python", _ours("memory"), "four providers; validates both ways, state", prefix="/thanx")
SQLITE = Server("ours, sqlite", "Python", _ours("sqlite:PATH"), "the same, every answer on disk", prefix="/thanx")
TWO_WORKERS = Server(
    "ours, sqlite, 2 workers", "Python", _ours("sqlite:PATH", 2), "two processes, one file", prefix="/thanx", workers=2
)
PRISM = Server("Prism", "Node", _prism, "validates requests; examples, no state", npm="@stoplight/prism-cli")
SCALAR = Server("Scalar", "Node", _scalar, "validates requests; examples, no state", npm="@scalar/mock-server")
MOCKOON = Server("Mockoon", "Node", _mockoon, "no validation; random answers from schemas", npm="@mockoon/cli")
WIREMOCK = Server("WireMock", "JVM", _wiremock, "reads no OpenAPI: two mappings by hand", npm="wiremock", reads=False)
SPECMATIC = Server("Specmatic", "JVM", _specmatic, "validates requests; random answers", npm="specmatic")
CONNEXION = Server("Connexion", "Python", _connexion, "validates requests, from a 3.0 copy; examples, no state")

PEERS = (PRISM, SCALAR, MOCKOON, WIREMOCK, SPECMATIC, CONNEXION)
SERVERS = (BARE, OURS, SQLITE, TWO_WORKERS, *PEERS)


def version(server: Server) -> str:
    """The version that is measured: pinned, or of this checkout."""
    if server.npm:
        return versions()[server.npm]
    if server is CONNEXION:
        return pinned("connexion")
    return f"uvicorn {pinned('uvicorn')}" if server is BARE else "this checkout"


def pinned(package: str) -> str:
    """The version of a Python package that the tests run with."""
    return pins()[package]


def pins() -> dict[str, str]:
    """The version of every Python package in requirements/dev.txt, without the hashes."""
    lines = (ROOT / "requirements/dev.txt").read_text().splitlines()
    return dict(line.split(" ")[0].split("==") for line in lines if "==" in line.split(" ")[0])
