"""Connexion as its manual shows it, with its own mock resolver: `plain_connexion.py DOCUMENT PORT`.

Runs in an environment of its own, from the 3.0 copy of a document that `downgrade.py` makes. Requests are validated;
answers are the document's examples.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import uvicorn
from connexion import AsyncApp
from connexion.mock import MockResolver


def bearer(token: str) -> dict[str, Any]:
    """Any token opens everything."""
    return {"sub": token, "scope": ["rewards.issue"]}


def api_key(key: str, required_scopes: object = None) -> dict[str, Any]:
    """Any key is known."""
    return {"sub": key}


if __name__ == "__main__":
    document = Path(sys.argv[1])
    app = AsyncApp(__name__, specification_dir=document.parent)
    app.add_api(document.name, resolver=MockResolver(mock_all=True))
    uvicorn.run(app, port=int(sys.argv[2]), access_log=False, log_level="warning")
