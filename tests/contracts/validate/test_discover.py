from __future__ import annotations

from pathlib import Path

import pytest

from contracts.validate.discover import UsageError, documents


def lay_out(folder: Path, *files: str) -> None:
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text("openapi: 3.1.0\n" if "openapi" in file or "api" in file else "a: 1\n")


def test_a_tree_a_folder_and_a_file(tmp_path: Path) -> None:
    lay_out(tmp_path, "b/openapi.yaml", "a/openapi.yaml", "a/simulation.yaml", "a/other/api.json", "readme.yaml")
    (tmp_path / "a/other/api.json").write_text('{"info": {}, "openapi": "3.0.0"}')
    (tmp_path / "a/other/api.txt").write_text("openapi: 3.0.0")
    lay_out(tmp_path, ".git/openapi.yaml", "node_modules/x/openapi.yaml")
    tree = [tmp_path / name for name in ("a/openapi.yaml", "a/other/api.json", "b/openapi.yaml")]
    assert documents([tmp_path]) == tree
    assert documents([tmp_path / "a"]) == tree[:2]
    assert documents([tmp_path / "readme.yaml"]) == [tmp_path / "readme.yaml"]


def test_a_file_beside_a_document_means_the_document_once(tmp_path: Path) -> None:
    lay_out(tmp_path, "a/openapi.yaml", "a/simulation.yaml", "a/facts.md")
    named = [tmp_path / "a/simulation.yaml", tmp_path / "a/facts.md", tmp_path / "a/../a/openapi.yaml"]
    assert documents(named) == [tmp_path / "a/openapi.yaml"]


def test_what_names_no_document(tmp_path: Path) -> None:
    lay_out(tmp_path, "a/readme.yaml")
    with pytest.raises(UsageError, match="does not exist"):
        documents([tmp_path / "none"])
    with pytest.raises(UsageError, match="holds no OpenAPI document"):
        documents([tmp_path])
