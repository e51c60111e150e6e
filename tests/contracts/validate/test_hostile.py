"""Documents made to harm their reader: refused with a clear line, quickly, and nothing of what they name is opened."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.cli import main
from contracts.validate.run import validate
from tests.contracts.validate.documents import write


def refused(path: Path) -> str:
    """The one finding's rule and text."""
    (finding,) = validate(path)
    return f"{finding.rule} {finding.location.line}:{finding.location.column}: {finding.message}"


def test_an_alias_bomb(tmp_path: Path) -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    path = tmp_path / "bomb.yaml"
    path.write_text("openapi: 3.1.0\n" + "\n".join(levels))
    assert refused(path).startswith("document-unreadable 8:")
    assert "expands to more than 5,000,000 values" in refused(path)


@pytest.mark.parametrize(("name", "opening", "closing"), [("x.yaml", "[", "]"), ("x.json", '{"a":', "}")])
def test_nesting_10000_deep(tmp_path: Path, name: str, opening: str, closing: str) -> None:
    path = tmp_path / name
    path.write_text('{"openapi": "3.1.0", "x":' + opening * 10_000 + "1" + closing * 10_000 + "}")
    assert "is nested more than 200 levels deep" in refused(path)


def test_nesting_in_block_style(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("openapi: 3.1.0\nx:\n" + "".join(f"{' ' * n}a:\n" for n in range(1, 1_000)))
    assert "is nested more than 200 levels deep" in refused(path)


def test_a_loop_of_references(tmp_path: Path) -> None:
    schemas = {"Job": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/Job"}}
    assert refused(write(tmp_path, {"components": {"schemas": schemas}})).startswith("reference-circular")


def test_a_loop_over_files(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text("B: {$ref: 'openapi.yaml#/components/schemas/Job'}\n")
    path = write(tmp_path, {"components": {"schemas": {"Job": {"$ref": "b.yaml#/B"}}}})
    assert refused(path).startswith("reference-circular")


def test_a_long_chain_of_references_is_no_loop(tmp_path: Path) -> None:
    schemas: dict[str, object] = {f"S{n}": {"$ref": f"#/components/schemas/S{n + 1}"} for n in range(3_000)}
    schemas |= {"Job": {"$ref": "#/components/schemas/S0"}, "S3000": {"type": "object"}}
    assert validate(write(tmp_path, {"components": {"schemas": schemas}})) == []


def test_a_file_outside_is_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text("Key: {title: hunter2}\n")
    folder = tmp_path / "specs"
    folder.mkdir()
    inside = {"components": {"schemas": {"Job": {"$ref": "../secret.yaml#/Key"}}}}
    assert "leads outside the document's folder" in refused(write(folder, inside))
    (folder / "link.yaml").symlink_to(secret)
    linked = {"components": {"schemas": {"Job": {"$ref": "link.yaml#/Key"}}}}
    assert "leads outside the document's folder by a link" in refused(write(folder, linked))
    climbing = {"components": {"schemas": {"Job": {"$ref": "a/%2e%2e/%2e%2e/secret.yaml#/Key"}}}}
    assert refused(write(folder, climbing)).startswith("reference-outside")


def test_a_root_allows_what_is_below_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "common.yaml").write_text("Key: {type: string}\n")
    folder = tmp_path / "specs"
    folder.mkdir()
    path = write(folder, {"components": {"schemas": {"Job": {"$ref": "../common.yaml#/Key"}}}})
    assert validate(path, tmp_path) == []
    assert main(["validate", str(path), "--root", str(tmp_path / "elsewhere")]) == 2
    assert "is not below --root" in capsys.readouterr().err


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """A server on loopback, and the requests it got."""
    requests: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(self.path)
            self.send_error(404)

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as listener:
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{listener.server_port}", requests
        listener.shutdown()
        thread.join()


def test_a_network_address_is_not_fetched(tmp_path: Path, server: tuple[str, list[str]]) -> None:
    address, requests = server
    schema = {"$ref": f"{address}/job.yaml#/Job"}
    patch = {
        "components": {
            "schemas": {"Job": {"properties": {"part": schema}, "example": {"part": 1}, "$id": f"{address}/id"}},
            "examples": {"far": {"externalValue": f"{address}/value"}},
        },
        "externalDocs": {"url": f"{address}/docs"},
        "jsonSchemaDialect": f"{address}/dialect",
        "paths": {"/jobs": {"$ref": f"{address}/jobs.yaml"}},
    }
    rules = {finding.rule for finding in validate(write(tmp_path, patch))}
    assert {"reference-remote", "schema-dialect"} <= rules
    assert requests == []


def test_a_pattern_that_would_take_hours_takes_milliseconds(tmp_path: Path) -> None:
    job = {"type": "string", "pattern": "^(([a-z])+.)+[A-Z]([a-z])+$", "example": "a" * 60}
    rules = {finding.rule for finding in validate(write(tmp_path, {"components": {"schemas": {"Job": job}}}))}
    assert "pattern-backtracking" in rules
