"""Handlers: what a provider brings of its own, and what an operation can do without a line of Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mockserver.core.plan import About, Failure
from mockserver.engine.answer import Answer
from mockserver.engine.call import Call, Handler, getter
from mockserver.engine.jobs import Job, JobKind, Render
from mockserver.engine.problems import Classify, Shape
from mockserver.engine.samples import Samples
from mockserver.engine.simulation import Items, Must, OperationPlay
from openapi.contract import Contract, Operation
from openapi.library import Address
from openapi.lifecycle import PropertyPath


@dataclass(frozen=True, slots=True)
class Handlers:
    """What a provider brings of its own: handlers by operationId, the shapes and the names of its refusals."""

    by_operation: Mapping[str, Handler]
    refuse: Shape | None = None
    classify: Classify | None = None


NO_HANDLERS = Handlers({})


def submit(
    play: OperationPlay, kind: JobKind, show: Callable[[Job], Any], status: int, meets: Callable[[Call], None]
) -> Handler:
    """Accept a job: what must exist exists, items meet their test values, the scenario makes the plan."""
    items = play.items
    listed_at = getter(items.at) if items else None
    group_at = getter(play.group) if play.group else None
    facts_at = [(name, getter(at)) for name, at in kind.facts.items()]

    def run(call: Call) -> Answer:
        meets(call)
        listed = listed_at(call) or () if listed_at else ()
        failures = _item_failures(call, listed, items) if items else []
        plan = call.plan(kind.name, len(listed), failures)
        if items and items.about and len(plan.failures) > len(failures):
            about = _about(listed, items)
            failures = [replace(failure, about=about(failure.index)) for failure in plan.failures]
            plan = replace(plan, failures=tuple(failures))
        facts = {name: value for name, at in facts_at if (value := at(call)) is not None}
        job = call.submit(kind.name, str(group_at(call)) if group_at else "", facts, plan)
        return Answer(status, show(job.at_submission()), job=job.id)

    return run


def read(
    play: OperationPlay, kind: JobKind, show: Callable[[Job], Any], status: int, meets: Callable[[Call], None]
) -> Handler:
    """Show a job, which a poll moves on where the scenario says so."""
    find = finder(play, kind)

    def run(call: Call) -> Answer:
        meets(call)
        job = call.poll(find(call))
        return Answer(status, show(job), job=job.id)

    return run


def command(
    play: OperationPlay, kind: JobKind, show: Callable[[Job], Any], status: int, meets: Callable[[Call], None]
) -> Handler:
    """Cause what the life cycle's command of this operation's name causes, or say that the state does not allow it."""
    find = finder(play, kind)

    def run(call: Call) -> Answer:
        meets(call)
        job = find(call)
        after = call.command(job, call.operation.id)
        if after is job:
            problem = play.refused.get(job.state) or play.refused.get("", "conflict")
            raise call.refuse(problem)
        return Answer(status, show(after), job=job.id)

    return run


def example(operation: Operation, samples: Samples) -> Handler:
    """The first success, as the client accepts it: what a document without a simulation serves.

    Where the document has no success, what it does have.
    """
    response = operation.success or next((operation.responses[status] for status in sorted(operation.responses)), None)
    if response is None:
        return lambda call: Answer(204)
    status = 200 if response.status == "default" else int(response.status.replace("XX", "00"))
    return lambda call: samples.answer(response, status, call.media_type)


def finder(play: OperationPlay, kind: JobKind) -> Callable[[Call], Job]:
    """Finds the job that a request names. Raises Refusal if there is none, or it is somebody else's."""
    id_at = getter(play.id)
    where = [(name, getter(at)) for name, at in play.where.items()]

    def find(call: Call) -> Job:
        job = call.session.job(kind, str(id_at(call)), call.now)
        if job is None:
            raise call.refuse(play.missing)
        facts = job.record.facts
        for name, at in where:
            if facts.get(name) != at(call):
                raise call.refuse(play.missing)
        return job

    return find


def conditions(musts: Iterable[Must], data: Mapping[str, Iterable[Mapping[str, Any]]]) -> Callable[[Call], None]:
    """Raises Refusal unless a row of seed data meets each condition; the rows are indexed once."""
    indexed = [
        ([getter(at) for at in must.where.values()], _index(data[must.table], tuple(must.where)), must.otherwise)
        for must in musts
    ]

    def meets(call: Call) -> None:
        for getters, known, otherwise in indexed:
            wanted = tuple([get(call) for get in getters])
            try:
                found = wanted in known
            except TypeError:  # an object or a list, which no row has
                found = False
            if not found:
                raise call.refuse(otherwise)

    return meets


def _index(rows: Iterable[Mapping[str, Any]], names: tuple[str, ...]) -> frozenset[tuple[Any, ...]]:
    found = (tuple(row.get(name) for name in names) for row in rows)
    return frozenset(values for values in found if all(map(_is_scalar, values)))


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, (str, int, float))


def _item_failures(call: Call, listed: Any, items: Items) -> list[Failure]:
    values = [item.get(items.value) for item in listed] if items.value else listed
    return call.item_failures(values, _about(listed, items)) if items.about else call.item_failures(values)


def _about(listed: Any, items: Items) -> Callable[[int], About]:
    """The details that a failure names of its item, by the item's index."""
    named = items.about.items()
    return lambda index: tuple([(name, listed[index][member]) for name, member in named])


def wrapped(contract: Contract, operation: Operation, kind: JobKind, render: Render) -> Callable[[Job], Any]:
    """The renderer with the envelope that the operation's success response puts around a job."""
    path = _envelope(contract, operation, kind.lifecycle.address)
    if not path:
        return render

    def show(job: Job) -> Any:
        body: Any = render(job)
        for name in reversed(path):
            body = {name: body}
        return body

    return show


def _envelope(contract: Contract, operation: Operation, schema: Address) -> PropertyPath:
    """Where in the success response the job's schema stands: () for the whole body."""
    response = operation.success
    if response is None or not response.media:
        return ()
    start = response.address / "content" / next(iter(response.media)) / "schema"
    return _search(contract, start, schema, ()) or ()


def _search(contract: Contract, address: Address, wanted: Address, path: PropertyPath) -> PropertyPath | None:
    target, schema = contract.library.follow(address)
    if target == wanted:
        return path
    if not isinstance(schema, dict) or len(path) > 3:
        return None
    for index in range(len(schema.get("allOf", ()))):
        if (way := _search(contract, target / "allOf" / index, wanted, path)) is not None:
            return way
    for name in schema.get("properties", {}):
        if (way := _search(contract, target / "properties" / name, wanted, (*path, name))) is not None:
            return way
    return None
