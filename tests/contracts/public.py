"""Public documents, as their publishers ship them on npm; fetched once, never committed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import pytest

CACHE = Path(__file__).parents[2] / ".cache" / "public-documents"

# GitHub's own documents: the REST API in OpenAPI 3.0 (13 MB), its webhooks in 3.1 (5 MB).
GITHUB_30 = ("@octokit/openapi@23.0.2", "generated/api.github.com.json")
GITHUB_SERVER_30 = ("@octokit/openapi@23.0.2", "generated/ghes-3.19.json")
GITHUB_31 = ("@octokit/openapi-webhooks@12.1.0", "generated/api.github.com.json")

# The schema of SARIF 2.1.0 (OASIS), as Microsoft ships it.
SARIF_SCHEMA = ("@microsoft/jest-sarif@1.0.0-beta.0", "lib/schemas/sarif-2.1.0-rtm.5.json")


def public_document(package: str, name: str) -> Path:
    """The path of one document of an npm package, from the cache or through `npm pack`.

    Where neither is to be had the test is skipped with the reason, in CI it fails.
    """
    folder = CACHE / package.replace("/", "__")
    document = folder / Path(name).name
    if not document.is_file():
        reason = _fetch(package, name, folder)
        if reason:
            message = f"{name} of the npm package {package} cannot be fetched: {reason}"
            pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    return document


def _fetch(package: str, name: str, folder: Path) -> str:
    """Download and unpack one document; the reason why not, or ""."""
    npm = shutil.which("npm")
    if npm is None:
        return "npm is not installed"
    folder.mkdir(parents=True, exist_ok=True)
    # Each in a folder of its own: several processes of one test run may come here at once.
    with tempfile.TemporaryDirectory(dir=folder) as work:
        command = [npm, "pack", package, "--silent", "--pack-destination", work]
        done = subprocess.run(command, cwd=work, capture_output=True, text=True, timeout=300, check=False)
        archives = list(Path(work).glob("*.tgz"))
        if done.returncode or not archives:
            return (done.stderr.strip().splitlines() or ["npm pack failed"])[-1]
        with tarfile.open(archives[0]) as archive:
            member = archive.extractfile(f"package/{name}")
            assert member is not None
            partial = Path(work, "document")
            with partial.open("wb") as target:
                shutil.copyfileobj(member, target)
        partial.replace(folder / Path(name).name)
    return ""
