"""Request bodies, responses, headers and media types: everything that leads to a schema."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.diff.collect import Collector
from contracts.diff.equality import same
from contracts.diff.judge import Judge
from contracts.diff.resolved_node import ResolvedNode
from contracts.diff.rules import Kind
from contracts.diff.schemas import NEW, OLD, Schemas
from contracts.diff.views import Direction
from openapi.media_types import MediaType, documented_as, essence, parse

_IGNORED_HEADERS = ("content-type",)


@dataclass(slots=True)
class Bodies:
    """Compares what an operation exchanges."""

    collector: Collector
    schemas: Schemas
    judge: Judge

    def schema(self, old: ResolvedNode, new: ResolvedNode, direction: Direction, where: str, breaking: Kind) -> None:
        """Compare the schemas of two parameters, headers or media types; none admits everything.

        `itemSchema` (OpenAPI 3.2) is the schema of each part of a stream.
        """
        for key, part in (("schema", where), ("itemSchema", f"{where}, each item")):
            left, right = (
                self.schemas.load(side, node.address / key)
                if key in node.value
                else self.schemas.anything(side, node.address)
                for side, node in ((OLD, old), (NEW, new))
            )
            self.judge.compare(left, right, direction, part, breaking)

    def required(self, old: ResolvedNode, new: ResolvedNode, rule: str, title: str) -> None:
        """Compare whether something has to be sent; `rule` is what the rules for both ways begin with."""
        before, after = (node.text("required") is True for node in (old, new))
        if before != after:
            became = "required" if after else "optional"
            sender = Kind.REQUEST if rule != "response-header" else Kind.CLIENT
            kind = sender if after == (sender is Kind.REQUEST) else Kind.COMPATIBLE
            at = (old.address / "required", new.address / "required")
            self.collector.add(f"{rule}-{became}", kind, f"{title} became {became}", *at)

    def request(self, old: ResolvedNode, new: ResolvedNode, name: str) -> None:
        before, after = old.get("requestBody"), new.get("requestBody")
        at = (old.address / "requestBody", new.address / "requestBody")
        if before is None or after is None:
            if before is not None:
                self.collector.add("request-body-removed", Kind.REQUEST, f"{name}: the request body is gone", *at)
            elif after is not None and after.text("required") is True:
                message = f"{name}: a request body is new and required"
                self.collector.add("required-request-body-added", Kind.REQUEST, message, *at)
            elif after is not None:
                self.collector.add("request-body-added", Kind.COMPATIBLE, f"{name}: a request body is new", *at)
            return
        self.required(before, after, "request-body", f"{name}: the request body")
        self._request_content(before, after, f"{name}, request body")

    def _request_content(self, old: ResolvedNode, new: ResolvedNode, where: str) -> None:
        before, after = _media_types(old), _media_types(new)
        at = (old.address / "content", new.address / "content")
        for name, node in before.items():
            partner = _covering(name, after)
            if partner is None:
                text = f"{where}: {name} is no longer taken"
                self.collector.add("request-media-type-removed", Kind.REQUEST, text, node, at[1])
                continue
            self.schema(node, partner, Direction.REQUEST, f"{where} ({name})", Kind.REQUEST)
            if not same(node.text("encoding"), partner.text("encoding")):
                text = f"{where} ({name}): the encoding of the parts is another"
                places = (node.address / "encoding", partner.address / "encoding")
                self.collector.add("encoding-changed", Kind.COMPATIBLE, text, *places)
        for name, node in after.items():
            if _covering(name, before) is None:
                self.collector.add(
                    "request-media-type-added", Kind.COMPATIBLE, f"{where}: {name} is taken too", at[0], node
                )

    def responses(self, old: ResolvedNode, new: ResolvedNode, name: str) -> None:
        before, after = old.members("responses"), new.members("responses")
        at = (old.address / "responses", new.address / "responses")
        for status, node in after.items():
            partner = _answer(status, before)
            if partner is not None:
                self._response(partner, node, f"{name}, response {status}")
            else:
                text = f"{name}: the status {status} is new"
                self.collector.add("response-status-added", Kind.CLIENT, text, at[0], node)
        for status, node in before.items():
            if status not in after:
                kind, rule = Kind.COMPATIBLE, "response-status-removed"
                if _succeeds(status) and not any(_succeeds(other) or other == "default" for other in after):
                    kind, rule = Kind.CLIENT, "success-removed"
                self.collector.add(rule, kind, f"{name}: the status {status} is gone", node, at[1])

    def _response(self, old: ResolvedNode, new: ResolvedNode, where: str) -> None:
        self._response_content(old, new, where)
        self._headers(old, new, where)
        links, now = old.members("links"), new.members("links")
        for name, link in links.items():
            other = now.get(name)
            if other is None or not same(_link(link), _link(other)):
                text = f"{where}: the link '{name}' {'is gone' if other is None else 'leads elsewhere'}"
                self.collector.add("link-removed", Kind.COMPATIBLE, text, link, other or new.address / "links")

    def _response_content(self, old: ResolvedNode, new: ResolvedNode, where: str) -> None:
        before, after = _media_types(old), _media_types(new)
        at = (old.address / "content", new.address / "content")
        if before and not after:
            self.collector.add("response-body-removed", Kind.CLIENT, f"{where}: it has a body no longer", *at)
        elif after and not before:
            self.collector.add("response-body-added", Kind.COMPATIBLE, f"{where}: it has a body now", *at)
        else:
            for name in before:
                if _covering(name, after) is None:
                    text = f"{where}: {name} is no longer sent"
                    self.collector.add("response-media-type-removed", Kind.CLIENT, text, before[name], at[1])
            for name, node in after.items():
                partner = _covering(name, before)
                if partner is None:
                    text = f"{where}: {name} can be sent too"
                    self.collector.add("response-media-type-added", Kind.COMPATIBLE, text, at[0], node)
                else:
                    self.schema(partner, node, Direction.RESPONSE, f"{where} ({name})", Kind.CLIENT)

    def _headers(self, old: ResolvedNode, new: ResolvedNode, where: str) -> None:
        before, after = _headers(old), _headers(new)
        at = (old.address / "headers", new.address / "headers")
        for name, node in before.items():
            title, required = f"{where}: the header '{name}'", node.text("required") is True
            if name not in after:
                kind = Kind.CLIENT if required else Kind.COMPATIBLE
                self.collector.add("response-header-removed", kind, f"{title} is gone", node, at[1])
                continue
            other = after[name]
            self.required(node, other, "response-header", title)
            self.schema(node, other, Direction.RESPONSE, f"{where}, header '{name}'", Kind.CLIENT)
        for name, node in after.items():
            if name not in before:
                text = f"{where}: the header '{name}' is new"
                self.collector.add("response-header-added", Kind.COMPATIBLE, text, at[0], node)

    def exchanged(self, old: ResolvedNode, new: ResolvedNode, where: str) -> None:
        """A callback or webhook: the client receives the request and sends the response."""
        bodies = [_media_types(body) if (body := it.get("requestBody")) else {} for it in (old, new)]
        for name in bodies[0].keys() & bodies[1].keys():
            place = f"{where}, body ({name})"
            self.schema(bodies[0][name], bodies[1][name], Direction.RESPONSE, place, Kind.CLIENT)
        before, after = old.members("responses"), new.members("responses")
        for status in before.keys() & after.keys():
            types = _media_types(before[status]), _media_types(after[status])
            for name in types[0].keys() & types[1].keys():
                place = f"{where}, response {status} ({name})"
                self.schema(types[0][name], types[1][name], Direction.REQUEST, place, Kind.CLIENT)


def _media_types(node: ResolvedNode) -> dict[str, ResolvedNode]:
    """By name in lower case, without charset, which is no other media type."""
    return {_media_type(name): child for name, child in node.members("content").items()}


def _media_type(name: str) -> str:
    media = parse(name) or MediaType(essence(name), {})
    return ";".join([media.name, *sorted(f"{k}={v}".lower() for k, v in media.parameters.items() if k != "charset")])


def _covering(name: str, known: dict[str, ResolvedNode]) -> ResolvedNode | None:
    """The entry for a media type: the most specific that matches."""
    entry = name if name in known else documented_as(essence(name), known)
    return known[entry] if entry else None


def _headers(node: ResolvedNode) -> dict[str, ResolvedNode]:
    found = {name.lower(): child for name, child in node.members("headers").items()}
    return {name: child for name, child in found.items() if name not in _IGNORED_HEADERS}


def _answer(status: str, known: dict[str, ResolvedNode]) -> ResolvedNode | None:
    """The response that stood for a status: its own, its range's (`4XX`), or `default`."""
    candidates = (status, f"{status[:1]}XX", f"{status[:1]}xx", "default")
    return next((known[candidate] for candidate in candidates if candidate in known), None)


def _succeeds(status: str) -> bool:
    return status.startswith("2")


def _link(node: ResolvedNode) -> dict[str, object]:
    return {key: value for key, value in node.value.items() if key != "description" and key[:2] != "x-"}
