"""Pages of a list: where a request asks for one, and what stands around it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from mockserver.engine.call import Call


def position(call: Call) -> tuple[int, int]:
    """Offset and limit of the page that is asked for."""
    return call.query.get("page[offset]", 0), call.query.get("page[limit]", 25)


def page(call: Call, name: str, data: list[dict[str, Any]], total: int) -> dict[str, Any]:
    """The body of a list: `data` is the page that was asked for, of `total` records. At the ends, links stay put."""
    offset, limit = position(call)
    conditions = call.query.get("filter")
    kept = f"filter={quote(conditions, safe='(),:')}&" if conditions else ""
    base = f"{call.url}/v2/promotions/{call.path['promotionID']}/{name}?{kept}"
    last = max(0, total - 1) // limit * limit
    places = {
        "current": offset,
        "first": 0,
        "last": last,
        "prev": max(0, min(offset - limit, last)),
        "next": offset + limit if offset + limit < total else min(offset, last),
    }
    here = {"limit": limit, "offset": offset, "current": offset // limit + 1, "total": -(-total // limit)}
    return {
        "data": data,
        "links": {link: f"{base}page[offset]={place}&page[limit]={limit}" for link, place in places.items()},
        "meta": {"page": here, "results": {"total": total}},
    }
