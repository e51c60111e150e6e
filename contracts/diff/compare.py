"""Two documents: their operations, one by one."""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts.diff import documentation, lifecycle, security, servers
from contracts.diff.bodies import Bodies
from contracts.diff.collect import Collector
from contracts.diff.judge import Judge
from contracts.diff.parameters import parameters
from contracts.diff.resolved_node import ResolvedNode
from contracts.diff.rules import Kind
from contracts.diff.schemas import Schemas
from openapi.library import Address, Library
from openapi.model import METHODS
from openapi.paths import Template


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation and what it inherits. `path` is the path item."""

    name: str
    method: str
    root: ResolvedNode
    path: ResolvedNode
    node: ResolvedNode
    template: Template

    @property
    def owners(self) -> tuple[ResolvedNode, ...]:
        """What may name the servers of the operation, the nearest last."""
        return self.root, self.path, self.node

    @property
    def urls(self) -> tuple[str, frozenset[str]]:
        return self.method, servers.urls(self.owners, self.template)

    @property
    def deprecated(self) -> bool:
        return self.node.text("deprecated") is True


Operations = dict[tuple[str, str], Operation]


def compare(old: Library, new: Library, collector: Collector) -> None:
    """Tell the collector every change between two documents. Raises SourceError for one that cannot be read."""
    _Comparison(old, new, collector).run()


@dataclass(slots=True)
class _Comparison:
    old_library: Library
    new_library: Library
    collector: Collector
    old: ResolvedNode = field(init=False)
    new: ResolvedNode = field(init=False)
    bodies: Bodies = field(init=False)

    def __post_init__(self) -> None:
        self.old, self.new = (ResolvedNode.of(it, Address(it.main, "")) for it in (self.old_library, self.new_library))
        schemas = Schemas(self.old_library, self.new_library)
        self.bodies = Bodies(self.collector, schemas, Judge(schemas, self.collector))

    def run(self) -> None:
        before, after = _operations(self.old), _operations(self.new)
        before = _rewritten(before, after)
        for key, operation in before.items():
            if key in after:
                self._operation(operation, after[key])
            else:
                self._removed(operation)
        for key, operation in after.items():
            if key not in before:
                message = f"{operation.name}: the operation is new"
                self.collector.add(
                    "operation-added", Kind.COMPATIBLE, message, self.old.written / "paths", operation.node
                )
        self._calls("webhooks", self.old, self.new, "webhook")
        lifecycle.compare(self.old_library, self.new_library, self.collector)
        documentation.compare(self.old_library, self.new_library, self.collector)

    def _removed(self, operation: Operation) -> None:
        message = f"{operation.name}: the operation is gone"
        if operation.deprecated:
            message += " (it was deprecated)"
        at = self.new.written / "paths" / operation.path.written.pointer.rpartition("/")[2].replace("~1", "/")
        self.collector.add("operation-removed", Kind.REQUEST, message, operation.node, at)

    def _operation(self, old: Operation, new: Operation) -> None:
        name = new.name
        self._identity(old, new)
        renamed = dict(zip(old.template.names, new.template.names, strict=True))
        for before, after in renamed.items():
            if before != after:
                message = f"{name}: the path parameter '{before}' is called '{after}' now"
                self.collector.add("path-parameter-renamed", Kind.COMPATIBLE, message, old.path, new.path)
        parameters(self.bodies, (old.path, old.node), (new.path, new.node), renamed, name)
        self.bodies.request(old.node, new.node, name)
        self.bodies.responses(old.node, new.node, name)
        security.compare(self.collector, (self.old, old.node), (self.new, new.node), name)
        if old.template.anonymous == new.template.anonymous:
            servers.compare(self.collector, old.owners, new.owners, name)
        self._calls("callbacks", old.node, new.node, f"{name}, callback")

    def _identity(self, old: Operation, new: Operation) -> None:
        before, after = old.node.text("operationId"), new.node.text("operationId")
        if before != after and before is not None:
            became = f"is '{after}' now" if after else "is gone"
            message = f"{new.name}: the operationId '{before}' {became}"
            at = (old.node.address / "operationId", new.node.address / "operationId")
            self.collector.add("operation-id-changed", Kind.COMPATIBLE, message, *at)
        if old.deprecated != new.deprecated:
            message = f"{new.name}: the operation is {'no longer' if old.deprecated else 'now'} deprecated"
            at = (old.node.address / "deprecated", new.node.address / "deprecated")
            self.collector.add("operation-deprecated", Kind.DOCUMENTATION, message, *at)

    def _calls(self, key: str, old: ResolvedNode, new: ResolvedNode, name: str) -> None:
        """Callbacks and webhooks: the client is the server, so its schemas run the other way."""
        before, after = _called(old.members(key), key), _called(new.members(key), key)
        for call, node in before.items():
            if call not in after:
                message = f"{name} {call}: it is gone"
                self.collector.add("callback-removed", Kind.CLIENT, message, node, new.address / key)
            else:
                self.bodies.exchanged(node, after[call], f"{name} {call}")
        for call, node in after.items():
            if call not in before:
                self.collector.add(
                    "callback-added", Kind.COMPATIBLE, f"{name} {call}: it is new", old.address / key, node
                )


def _operations(root: ResolvedNode) -> Operations:
    """By path (names of parameters left out) and method."""
    found = {}
    for path, item in root.members("paths").items():
        template = Template(path)
        for method, node in _methods(item).items():
            name = f"{method.upper()} {path}"
            found[template.anonymous, method] = Operation(name, method, root, item, node, template)
    return found


def _rewritten(before: Operations, after: Operations) -> Operations:
    """The old operations, those under the key of the new one whose path took over what a server's URL ended with."""
    urls = {operation.urls: key for key, operation in after.items() if key not in before}
    return {key if key in after else urls.get(old.urls, key): old for key, old in before.items()}


def _methods(item: ResolvedNode) -> dict[str, ResolvedNode]:
    """The operations of a path item. OpenAPI 3.2 allows further methods in `additionalOperations`."""
    found = {method: node for method in METHODS if (node := item.get(method)) is not None}
    return found | {name.lower(): node for name, node in item.members("additionalOperations").items()}


def _called(calls: dict[str, ResolvedNode], key: str) -> dict[str, ResolvedNode]:
    """The operations of callbacks (name, URL, method) or webhooks (name, method)."""
    found = {}
    for name, node in calls.items():
        urls = [url for url in node.value if not url.startswith("x-")] if key == "callbacks" else []
        items = {url: ResolvedNode.of(node.library, node.address / url) for url in urls} if urls else {"": node}
        for url, item in items.items():
            for method, operation in _methods(item).items():
                found[" ".join(part for part in (name, url, method.upper()) if part)] = operation
    return found
