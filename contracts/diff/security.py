"""Who may call: alternatives, each a set of schemes with scopes. A request stays good if a new alternative asks for
no more than the one it satisfied."""

from __future__ import annotations

from typing import Any

from contracts.diff.collect import Collector
from contracts.diff.equality import same
from contracts.diff.resolved_node import ResolvedNode
from contracts.diff.rules import Kind
from openapi.library import Address

_Alternative = dict[str, frozenset[str]]
# What of a scheme decides how credentials are sent. The names of schemes are the document's own business.
_SENT = ("type", "scheme", "in", "name", "openIdConnectUrl")
_URLS = ("authorizationUrl", "tokenUrl", "refreshUrl", "deviceAuthorizationUrl")


def compare(
    collector: Collector, old: tuple[ResolvedNode, ResolvedNode], new: tuple[ResolvedNode, ResolvedNode], name: str
) -> None:
    """Compare the security of an operation. `old` and `new` are the document and the operation."""
    schemes = [_schemes_of(root) for root, _ in (old, new)]
    (before, old_at), (after, new_at) = _effective(*old), _effective(*new)
    renamed = _renamed(*schemes)
    after = [{renamed.get(scheme, scheme): scopes for scheme, scopes in other.items()} for other in after]
    where = "" if (old_at, new_at) == (_root(old), _root(new)) else name
    if not any(where.values() for where in (before + after)):
        return

    def tell(rule: str, kind: Kind, message: str) -> None:
        collector.add(rule, kind, message, old_at, new_at, where=where or name)

    for alternative in before:
        if any(_asks_no_more(other, alternative) for other in after):
            continue
        same_schemes = [other for other in after if other.keys() == alternative.keys()]
        if not alternative:
            tell("security-added", Kind.REQUEST, f"{_names(after)} is needed, where nothing was")
        elif same_schemes:
            scopes = sorted(_scopes(same_schemes[0]) - _scopes(alternative))
            tell("security-scope-added", Kind.REQUEST, f"the scope {', '.join(scopes)} is needed too")
        else:
            tell("security-alternative-removed", Kind.REQUEST, f"{_names([alternative])} no longer suffices")
    _relaxed(before, after, tell)
    for scheme in sorted({scheme for alternative in before for scheme in alternative}):
        if all(scheme in known for known in schemes):
            _scheme(collector, schemes[0][scheme], schemes[1][scheme], scheme)


def _relaxed(before: list[_Alternative], after: list[_Alternative], tell: Any) -> None:
    for alternative in after:
        if any(_asks_no_more(other, alternative) for other in before):
            continue
        same_schemes = [other for other in before if other.keys() == alternative.keys()]
        if not alternative:
            tell("security-removed", Kind.COMPATIBLE, f"{_names(before)} is no longer needed")
        elif same_schemes and (scopes := sorted(_scopes(same_schemes[0]) - _scopes(alternative))):
            tell("security-scope-removed", Kind.COMPATIBLE, f"the scope {', '.join(scopes)} is no longer needed")
        elif not same_schemes:
            tell("security-alternative-added", Kind.COMPATIBLE, f"{_names([alternative])} suffices too")


def _effective(root: ResolvedNode, operation: ResolvedNode) -> tuple[list[_Alternative], Address]:
    owner = operation if isinstance(operation.text("security"), list) else root
    stated = owner.text("security") or []
    found = [{scheme: frozenset(scopes or ()) for scheme, scopes in entry.items()} for entry in stated]
    return found or [{}], owner.address / "security"


def _root(nodes: tuple[ResolvedNode, ResolvedNode]) -> Address:
    return nodes[0].address / "security"


def _asks_no_more(alternative: _Alternative, than: _Alternative) -> bool:
    return all(scheme in than and scopes <= than[scheme] for scheme, scopes in alternative.items())


def _scopes(alternative: _Alternative) -> frozenset[str]:
    return frozenset(f"{scheme}:{scope}" for scheme, scopes in alternative.items() for scope in scopes)


def _names(alternatives: list[_Alternative]) -> str:
    return " or ".join(" with ".join(sorted(alternative)) for alternative in alternatives if alternative)


def _schemes_of(root: ResolvedNode) -> dict[str, ResolvedNode]:
    components = root.get("components")
    return components.members("securitySchemes") if components else {}


def _renamed(old: dict[str, ResolvedNode], new: dict[str, ResolvedNode]) -> dict[str, str]:
    """New names of schemes that are there no longer under the old one, which they lead to."""
    gone = {name: _meaning(node) for name, node in old.items() if name not in new}
    pairs = [(name, other) for name in new.keys() - old.keys() for other in gone if _meaning(new[name]) == gone[other]]
    return {name: other for name, other in sorted(pairs) if sum(other == it for _, it in pairs) == 1}


def _meaning(scheme: ResolvedNode) -> tuple[object, ...]:
    flows = {name: flow.value for name, flow in scheme.members("flows").items()}
    return (*_sent(scheme).values(), flows)


def _sent(scheme: ResolvedNode) -> dict[str, object]:
    """How credentials are sent. Names of HTTP schemes and of headers have no case (RFC 9110, 5.1 and 11.1)."""
    caseless = {"scheme", *(["name"] if scheme.text("in") == "header" else [])}
    values = {key: scheme.text(key) for key in _SENT}
    return {key: str(value).lower() if key in caseless and value else value for key, value in values.items()}


def _scheme(collector: Collector, old: ResolvedNode, new: ResolvedNode, name: str) -> None:
    before, after = _sent(old), _sent(new)
    for key in _SENT:
        if not same(before[key], after[key]):
            message = f"the security scheme '{name}': {key} went from {old.text(key)} to {new.text(key)}"
            collector.add("security-scheme-changed", Kind.REQUEST, message, old.address / key, new.address / key)
    _flows(collector, old, new, name)


def _flows(collector: Collector, old: ResolvedNode, new: ResolvedNode, name: str) -> None:
    before, after = old.members("flows"), new.members("flows")

    def tell(kind: Kind, message: str, left: Address, right: Address) -> None:
        collector.add("oauth-flow-changed", kind, f"the security scheme '{name}': {message}", left, right)

    for flow, left in before.items():
        right = after.get(flow)
        if right is None:
            tell(Kind.REQUEST, f"the flow {flow} is gone", left.written, new.address / "flows")
            continue
        for key in _URLS:
            if left.text(key) != right.text(key):
                text = f"{key} of {flow} went from {left.text(key)} to {right.text(key)}"
                tell(Kind.REQUEST, text, left.address / key, right.address / key)
        scopes, now = (it.text("scopes") or {} for it in (left, right))
        for scope in scopes.keys() ^ now.keys():
            gone = scope not in now
            text = f"the scope {scope} of {flow} is {'gone' if gone else 'new'}"
            at = (left.address / "scopes" / scope, right.address / "scopes" / scope)
            tell(Kind.REQUEST if gone else Kind.COMPATIBLE, text, *at)
    for flow in after.keys() - before.keys():
        tell(Kind.COMPATIBLE, f"the flow {flow} is new", old.address / "flows", after[flow].written)
