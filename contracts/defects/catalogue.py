"""The catalogue: what any provider can get wrong, applied wherever its contract has what it takes.

A row derives a behaviour from the contract: from its life cycles, lists, idempotency keys, refusals. A contract that
has nothing to break in that way is spared the row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from contracts.defects import behaviours as b
from contracts.defects.defect import Answer, Ask, Asked, Behaviour, Defect, Kind, Memory
from contracts.laws.snapshots import places
from contracts.target.subject import Subject
from openapi.lifecycle import Lifecycle
from openapi.parameters import Parameter
from openapi.pointer import join
from openapi.source import nearest

Derive = Callable[[Subject], Behaviour | None]
# By provider, in the order of the catalogue.
Catalogue = Mapping[str, tuple[Defect, ...]]
EditJob = Callable[[Lifecycle, Any], Any]

_PAGE = ("page", "offset", "skip", "start", "cursor", "after", "page[offset]", "page[number]", "page[cursor]")
_DAY = 86400
_ERROR_PAGE = b"<html>The gateway has no answer</html>"


class CatalogueError(LookupError):
    """There is no defect of this name; the text says which is meant."""


@dataclass(frozen=True, slots=True)
class Row:
    """One defect of any provider. `derive` makes it for one contract; None where there is nothing to break."""

    name: str
    kind: Kind
    story: str
    derive: Derive


def defects_of(subject: Subject) -> tuple[Defect, ...]:
    """The defects that a contract has room for, in the order of the catalogue."""
    derived = ((row, row.derive(subject)) for row in ROWS)
    return tuple(Defect(row.name, row.kind, row.story, behaviour) for row, behaviour in derived if behaviour)


def selected(catalogue: Catalogue, only: Sequence[str] = ()) -> Catalogue:
    """The defects of these names, by provider; all when none is named. Raises CatalogueError."""
    names = [defect.name for defects in catalogue.values() for defect in defects]
    for name in only:
        if name not in names:
            raise CatalogueError(f"{', '.join(catalogue)}: there is no defect '{name}' ({nearest(name, names)})")
    chosen = {
        provider: tuple(defect for defect in defects if not only or defect.name in only)
        for provider, defects in catalogue.items()
    }
    return {provider: defects for provider, defects in chosen.items() if defects}


# What a contract has


def _any(behaviour: Behaviour) -> Derive:
    return lambda _: behaviour


def _refuses(behaviour: Behaviour, *statuses: str) -> Derive:
    """For a contract that documents one of these statuses."""

    def derive(subject: Subject) -> Behaviour | None:
        documented = {status for operation in subject.contract.operations for status in operation.responses}
        return behaviour if documented.intersection(statuses) else None

    return derive


def _required(change: Callable[[str], Callable[[Any], Any]]) -> Derive:
    """Changes the first property that the documented success of an operation requires, for every operation."""

    def derive(subject: Subject) -> Behaviour | None:
        names = dict(_required_properties(subject))

        def rewrite(request: Asked, answer: Answer, _memory: Memory) -> Answer:
            name = names.get(request.operation)
            if name is None or not isinstance(answer.json, dict):
                return answer
            return answer.with_json(b.edited(answer.json, join(name), change(name)))

        return b.answers(rewrite) if names else None

    return derive


def _required_properties(subject: Subject) -> Iterator[tuple[str, str]]:
    """By operationId: the first required property of the success that is an object."""
    library = subject.contract.library
    for operation in subject.contract.operations:
        if success := operation.success:
            for media in library.value(success.address).get("content") or {}:
                at, described = library.follow(success.address / "content" / media)
                schema = library.follow(at / "schema")[1] if "schema" in described else None
                if isinstance(schema, dict) and schema.get("required"):
                    yield operation.id, schema["required"][0]


def _undocumented_success(subject: Subject) -> Behaviour:
    """A success with a status that the operation does not document."""

    def rewrite(request: Asked, answer: Answer, _memory: Memory) -> Answer:
        documented = subject.operation(request.operation).responses
        return replace(answer, status=next(s for s in (200, 201, 202, 206) if str(s) not in documented))

    return b.answers(rewrite)


def _required_header(subject: Subject) -> Behaviour | None:
    responses = [response for operation in subject.contract.operations for response in operation.responses.values()]
    names = [name.lower() for response in responses for name in response.required_headers]
    return b.with_header(names[0], None) if names else None


def _parameters(subject: Subject, wanted: Callable[[Parameter], bool]) -> dict[str, tuple[str, ...]]:
    """The operations that have a parameter that is wanted, by its name."""
    found: dict[str, tuple[str, ...]] = {}
    for operation in subject.contract.operations:
        for parameter in filter(wanted, operation.parameters):
            found[parameter.name] = (*found.get(parameter.name, ()), operation.id)
    return found


def _page_ignored(subject: Subject) -> Behaviour | None:
    pages = _parameters(subject, lambda parameter: parameter.location == "query" and parameter.name.lower() in _PAGE)
    return next((b.deaf_to_parameter(name, *operations) for name, operations in pages.items()), None)


def _keyed(make: Callable[..., Behaviour]) -> Derive:
    """For a contract with a header that holds an idempotency key."""

    def derive(subject: Subject) -> Behaviour | None:
        keys = _parameters(
            subject, lambda parameter: parameter.location == "header" and "idempotency" in parameter.name.lower()
        )
        return next((make(name.lower(), *operations) for name, operations in keys.items()), None)

    return derive


# Of jobs


def _jobs(edit: EditJob, has: Callable[[Lifecycle], Any] = bool, *, born: bool = False) -> Derive:
    """Changes every job in an answer of whose life cycle `has` holds; `born`: only in answers that start one."""

    def derive(subject: Subject) -> Behaviour | None:
        found = {
            key: tuple(place for place in held if has(place.lifecycle))
            for key, held in places(subject).items()
            if not born or _starts(subject, key[0])
        }

        def rewrite(request: Asked, answer: Answer, _memory: Memory) -> Answer:
            value = answer.json
            for place in found.get((request.operation, str(answer.status)), ()):
                value = b.edited(value, join(*place.way), partial(_of_object, edit, place.lifecycle))
            return answer if value == answer.json else answer.with_json(value)

        return b.answers(rewrite) if any(found.values()) else None

    return derive


def _starts(subject: Subject, operation: str) -> bool:
    """Whether an operation that answers with a job starts one: it neither reads nor commands one."""
    lifecycles = subject.contract.lifecycles.values()
    return subject.operation(operation).method != "GET" and not any(operation in each.commands for each in lifecycles)


def _of_object(edit: EditJob, lifecycle: Lifecycle, job: Any) -> Any:
    return edit(lifecycle, job) if isinstance(job, dict) else job


def _state(change: Callable[[Lifecycle, str], str]) -> EditJob:
    """Shows a job in another state."""

    def edit(lifecycle: Lifecycle, job: Any) -> Any:
        return b.edited(
            job, join(*lifecycle.state), lambda state: change(lifecycle, state) if isinstance(state, str) else state
        )

    return edit


def _next(lifecycle: Lifecycle, state: str) -> str:
    return next(iter(lifecycle.transitions.get(state, ())), state)


def _before(lifecycle: Lifecycle, state: str) -> str:
    """The state that time alone leads from into this one, if it is at rest."""
    sources = [source for source, targets in lifecycle.transitions.items() if state in targets]
    return sources[0] if sources and lifecycle.at_rest(state) else state


def _uncommanded(lifecycle: Lifecycle, state: str) -> str:
    """The state before the command that led here, now or a while ago."""
    arrows = [arrow for command in lifecycle.commands.values() for arrow in command.items()]
    return next((source for source, target in arrows if lifecycle.follows(target, state)), state)


def _numbers(name: str, change: Callable[[Any], Any]) -> EditJob:
    """Shows another value of a count that is a number."""

    def edit(lifecycle: Lifecycle, job: Any) -> Any:
        for path in lifecycle.counts.get(name, ()):
            job = b.edited(job, join(*path), lambda old: change(old) if isinstance(old, int) else old)
        return job

    return edit


def _counting(*names: str) -> Callable[[Lifecycle], bool]:
    return lambda lifecycle: all(name in lifecycle.counts for name in names)


def _instants(name: str, seconds: float) -> EditJob:
    def edit(lifecycle: Lifecycle, job: Any) -> Any:
        for path in lifecycle.instants.get(name, ()):
            job = b.edited(job, join(*path), lambda value: b.later(value, seconds))
        return job

    return edit


def _timed(*names: str) -> Callable[[Lifecycle], bool]:
    return lambda lifecycle: all(name in lifecycle.instants for name in names)


def _every_second_read(derive: Derive) -> Derive:
    """The same defect on every second read of a place, as when two replicas take turns."""

    def derived(subject: Subject) -> Behaviour | None:
        broken = derive(subject)

        async def behave(request: Asked, ask: Ask, memory: Memory) -> Answer:
            turn = b.counted(memory, f"{request.method} {request.path}")
            return await (broken(request, ask, memory) if broken and turn % 2 == 0 else ask(request))

        return behave if broken else None

    return derived


# Of sessions


def _reads(subject: Subject) -> tuple[str, ...]:
    return tuple(operation.id for operation in subject.contract.operations if operation.method == "GET")


def _last_success(status: str) -> Behaviour:
    """Answers what should be refused with this status as the same operation answered last."""

    def rewrite(request: Asked, answer: Answer, memory: Memory) -> Answer:
        if answer.status < 300:
            memory["success", request.operation] = answer
        found: Answer = memory.get(("success", request.operation), answer)
        return found if str(answer.status) == status else answer

    return b.answers(rewrite, status="")


def _shorter_lists(value: Any) -> Any:
    """Every list of objects that has several members lacks its last one."""
    if isinstance(value, dict):
        return {name: _shorter_lists(member) for name, member in value.items()}
    if isinstance(value, list) and len(value) > 1 and all(isinstance(member, dict) for member in value):
        return value[:-1]
    return value


ROWS = (
    Row("property-left-out", Kind.SCHEMA, "A required property is missing", _required(lambda _: lambda _: b.GONE)),
    Row("value-as-list", Kind.SCHEMA, "A value stands in a list of its own", _required(lambda _: lambda old: [[old]])),
    Row(
        "refusal-empty",
        Kind.SCHEMA,
        "A refusal is an empty list",
        _refuses(b.bodies(lambda _: [], status="4"), "400", "404", "422"),
    ),
    Row("success-reworded", Kind.STATUS, "A success has a status that is not documented", _undocumented_success),
    Row(
        "malformed-is-500",
        Kind.STATUS,
        "A malformed request makes the server fail",
        _refuses(
            b.answers(lambda _r, a, _m: replace(a, status=500), status="4", when=lambda r: bool(r.body)), "400", "422"
        ),
    ),
    Row(
        "unknown-is-500",
        Kind.STATUS,
        "What is unknown makes the server fail",
        _refuses(b.with_status(500, status="404"), "404"),
    ),
    Row(
        "media-type-missing",
        Kind.HEADERS,
        "Answers come without Content-Type",
        _any(b.with_header("content-type", None, status="2")),
    ),
    Row(
        "json-as-html",
        Kind.HEADERS,
        "JSON is called text/html",
        _any(b.with_header("content-type", "text/html", status="2")),
    ),
    Row(
        "refusal-as-html",
        Kind.HEADERS,
        "The gateway refuses with a page",
        _refuses(b.with_body(_ERROR_PAGE, "text/html", status="4"), "400", "401", "404", "422"),
    ),
    Row(
        "allow-missing",
        Kind.HEADERS,
        "405 does not say what is allowed",
        _any(b.with_header("allow", None, status="405")),
    ),
    Row("header-missing", Kind.HEADERS, "A required header is missing", _required_header),
    Row("born-later", Kind.LIFECYCLE, "A new job is not in its initial state", _jobs(_state(_next), born=True)),
    Row(
        "state-goes-back",
        Kind.LIFECYCLE,
        "A finished job is unfinished on every second look",
        _every_second_read(_jobs(_state(_before))),
    ),
    Row("never-at-rest", Kind.LIFECYCLE, "The last message is lost: no job comes to rest", _jobs(_state(_before))),
    Row("state-unknown", Kind.LIFECYCLE, "A release adds a state", _jobs(_state(lambda _, state: f"{state}-2"))),
    Row(
        "command-undone",
        Kind.LIFECYCLE,
        "A command is accepted and never done",
        _jobs(_state(_uncommanded), lambda lifecycle: lifecycle.commands),
    ),
    Row(
        "processed-ahead",
        Kind.COUNTS,
        "The count of processed items is ahead of the total",
        _jobs(_numbers("processed", lambda old: old + 1), _counting("processed", "total")),
    ),
    Row(
        "failures-as-successes",
        Kind.COUNTS,
        "One success too many is counted",
        _jobs(_numbers("succeeded", lambda old: old + 1), _counting("succeeded", "total")),
    ),
    Row(
        "percent-of-one",
        Kind.COUNTS,
        "Progress is a share of one",
        _jobs(_numbers("percent", lambda old: old // 100), _counting("percent")),
    ),
    Row(
        "total-grows",
        Kind.COUNTS,
        "The total is one larger on every second look",
        _every_second_read(_jobs(_numbers("total", lambda old: old + 1), _counting("total"))),
    ),
    Row(
        "created-moves",
        Kind.TIME,
        "The creation of a job moves by a day on every second look",
        _every_second_read(_jobs(_instants("created", -_DAY), _timed("created"))),
    ),
    Row(
        "finished-before-created",
        Kind.TIME,
        "A job is finished a day before it was created",
        _jobs(_instants("finished", -_DAY), _timed("created", "finished")),
    ),
    Row("key-ignored", Kind.IDEMPOTENCY, "A repeated key is carried out again", _keyed(b.deaf_to_header)),
    Row("page-ignored", Kind.PAGING, "Every page is the first", _page_ignored),
    Row("last-item-lost", Kind.PAGING, "Every list lacks its last member", _any(b.bodies(_shorter_lists))),
    Row(
        "unknown-is-found",
        Kind.TENANCY,
        "What is unknown or another's is answered as what was found last",
        _refuses(_last_success("404"), "404"),
    ),
    Row(
        "credentials-ignored",
        Kind.AUTH,
        "Credentials are not checked after the first request",
        _refuses(_last_success("401"), "401"),
    ),
    Row(
        "stale-reads",
        Kind.LEAKS,
        "A read shows what was to be seen one read before",
        lambda subject: b.stale(*_reads(subject)) if _reads(subject) else None,
    ),
    Row("one-in-twenty-fails", Kind.LEAKS, "One request in twenty meets an instance that is down", _any(b.hiccup(20))),
    Row("worn-out", Kind.LEAKS, "After 40 requests every one fails until the restart", _any(b.worn_out(40))),
)
