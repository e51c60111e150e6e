"""Two documents: their operations, one by one."""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts.diff import documentation, lifecycle, security, servers
from contracts.diff.bodies import Bodies
from contracts.diff.collect import Collector, Kind
from contracts.diff.judge import Judge
from contracts.diff.parameters import parameters
from contracts.diff.resolved_node import Spot
from contracts.diff.schemas import Schemas
from openapi.library import Address, Library
from openapi.paths import Template

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation and what it inherits. `path` is the path item."""

    name: str
    method: str
    path: Spot
    spot: Spot
    # Names of the path's parameters in order.
    variables: tuple[str, ...] = ()

    @property
    def deprecated(self) -> bool:
        return self.spot.text("deprecated") is True


def compare(old: Library, new: Library, collector: Collector) -> None:
    """Tell the collector every change between two documents. Raises SourceError for one that cannot be read."""
    _Comparison(old, new, collector).run()


@dataclass(slots=True)
class _Comparison:
    old_library: Library
    new_library: Library
    collector: Collector
    old: Spot = field(init=False)
    new: Spot = field(init=False)
    bodies: Bodies = field(init=False)

    def __post_init__(self) -> None:
        self.old, self.new = (Spot.of(it, Address(it.main, "")) for it in (self.old_library, self.new_library))
        schemas = Schemas(self.old_library, self.new_library)
        self.bodies = Bodies(self.collector, schemas, Judge(schemas, self.collector))

    def run(self) -> None:
        before, after = _operations(self.old), _operations(self.new)
        for key, operation in before.items():
            if key in after:
                self._operation(operation, after[key])
            else:
                self._removed(operation)
        for key, operation in after.items():
            if key not in before:
                message = f"{operation.name}: the operation is new"
                self._tell("operation-added", Kind.COMPATIBLE, message, self.old.written / "paths", operation.spot)
        self._calls("webhooks", self.old, self.new, "webhook")
        lifecycle.compare(self.old_library, self.new_library, self.collector)
        documentation.compare(self.old_library, self.new_library, self.collector)

    def _tell(self, rule: str, kind: Kind, message: str, old: Spot | Address, new: Spot | Address) -> None:
        at = [spot if isinstance(spot, Address) else spot.written for spot in (old, new)]
        self.collector.add(rule, kind, message, at[0], at[1])

    def _removed(self, operation: Operation) -> None:
        message = f"{operation.name}: the operation is gone"
        if operation.deprecated:
            message += " (it was deprecated)"
        at = self.new.written / "paths" / operation.path.written.pointer.rpartition("/")[2].replace("~1", "/")
        self._tell("operation-removed", Kind.REQUEST, message, operation.spot, at)

    def _operation(self, old: Operation, new: Operation) -> None:
        name = new.name
        self._identity(old, new)
        renamed = dict(zip(old.variables, new.variables, strict=True))
        for before, after in renamed.items():
            if before != after:
                message = f"{name}: the path parameter '{before}' is called '{after}' now"
                self._tell("path-parameter-renamed", Kind.COMPATIBLE, message, old.path, new.path)
        parameters(self.bodies, (old.path, old.spot), (new.path, new.spot), renamed, name)
        self.bodies.request(old.spot, new.spot, name)
        self.bodies.responses(old.spot, new.spot, name)
        security.compare(self.collector, (self.old, old.spot), (self.new, new.spot), name)
        servers.compare(self.collector, (self.old, old.path, old.spot), (self.new, new.path, new.spot), name)
        self._calls("callbacks", old.spot, new.spot, f"{name}, callback")

    def _identity(self, old: Operation, new: Operation) -> None:
        before, after = old.spot.text("operationId"), new.spot.text("operationId")
        if before != after and before is not None:
            became = f"is '{after}' now" if after else "is gone"
            message = f"{new.name}: the operationId '{before}' {became}"
            at = (old.spot.address / "operationId", new.spot.address / "operationId")
            self._tell("operation-id-changed", Kind.COMPATIBLE, message, *at)
        if old.deprecated != new.deprecated:
            message = f"{new.name}: the operation is {'no longer' if old.deprecated else 'now'} deprecated"
            at = (old.spot.address / "deprecated", new.spot.address / "deprecated")
            self._tell("operation-deprecated", Kind.DOCUMENTATION, message, *at)

    def _calls(self, key: str, old: Spot, new: Spot, name: str) -> None:
        """Callbacks and webhooks: the client is the server, so its schemas run the other way."""
        before, after = _called(old.members(key), key), _called(new.members(key), key)
        for call, spot in before.items():
            if call not in after:
                message = f"{name} {call}: it is gone"
                self._tell("callback-removed", Kind.CLIENT, message, spot, new.address / key)
            else:
                self.bodies.exchanged(spot, after[call], f"{name} {call}")
        for call, spot in after.items():
            if call not in before:
                self._tell("callback-added", Kind.COMPATIBLE, f"{name} {call}: it is new", old.address / key, spot)


def _operations(root: Spot) -> dict[tuple[str, str], Operation]:
    """By path (names of parameters left out) and method."""
    found = {}
    for path, item in root.members("paths").items():
        template = Template(path)
        for method, spot in _methods(item).items():
            name = f"{method.upper()} {path}"
            found[template.anonymous, method] = Operation(name, method, item, spot, template.names)
    return found


def _methods(item: Spot) -> dict[str, Spot]:
    """The operations of a path item. OpenAPI 3.2 allows further methods in `additionalOperations`."""
    found = {method: spot for method in METHODS if (spot := item.get(method)) is not None}
    return found | {name.lower(): spot for name, spot in item.members("additionalOperations").items()}


def _called(calls: dict[str, Spot], key: str) -> dict[str, Spot]:
    """The operations of callbacks (name, URL, method) or webhooks (name, method)."""
    found = {}
    for name, spot in calls.items():
        urls = [url for url in spot.value if not url.startswith("x-")] if key == "callbacks" else []
        items = {url: Spot.of(spot.library, spot.address / url) for url in urls} if urls else {"": spot}
        for url, item in items.items():
            for method, operation in _methods(item).items():
                found[" ".join(part for part in (name, url, method.upper()) if part)] = operation
    return found
