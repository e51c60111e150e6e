"""What holds for every operation that documents 404: an id that nobody has is not found, also after another one was.

A server that keeps what it found last answers a first unknown id rightly. So each unknown id is asked for just after
one that the target's data name; an example of the contract need not exist at a target.
"""

from __future__ import annotations

from collections.abc import Iterator

from contracts.laws.context import Context
from contracts.laws.law import Law
from contracts.target.client import NothingToSendError
from contracts.target.subject import Subject
from openapi.contract import Operation
from openapi.parameters import Parameter

# What nobody has where ids are only digits; of any other id, so many characters at the end are replaced, at most half.
# The last group of a UUID is as long: its version and variant stay.
DIGITS = "999999999"
END = 12


def laws(subject: Subject) -> list[Law]:
    """One law; none for a contract without a read that says by 404 that it does not know an id."""
    operation = next((operation for operation, _ in _reads(subject)), None)
    if operation is None:
        return []
    title = "What nobody has is not found, also just after something was"
    promise = operation.responses["404"].address.pointer
    return [Law("unknown.refused", title, promise, refused, writes=False)]


def refused(context: Context) -> None:
    """Every read is asked for what the target is said to have, and then for what nobody has: a refusal (4xx)."""
    own = context.fresh()
    for operation, parameter in _reads(own.subject):
        known = own.client.datum(operation.id, parameter.name)
        if known is None:
            own.spare(f"the target has no {parameter.name} that it is known to have")
            continue
        try:
            _ask(own, operation, parameter, str(known))
        except NothingToSendError as error:
            own.spare(str(error))


def _ask(context: Context, operation: Operation, parameter: Parameter, known: str) -> None:
    """Ask for what is known and, if it is found, for what nobody has."""
    found, nobody = context.call(operation.id, path={parameter.name: known}), unknown(known)
    if found.status >= 300 or nobody == known:
        return
    lost = context.call(operation.id, path={parameter.name: nobody})
    words = f"{parameter.name} {nobody}, which nobody has, is answered with {lost.status}"
    promise = operation.responses["404"].address.pointer
    context.expect(400 <= lost.status < 500, words, found, lost, promise=promise)


def unknown(known: str) -> str:
    """An id of the form of a known one that nobody has: letters at its end are `a`, digits `0`."""
    if known.isdigit():
        return DIGITS
    start = len(known) - min(END, len(known) // 2)
    return known[:start] + "".join(map(_plain, known[start:]))


def _plain(character: str) -> str:
    if character.isdigit():
        return "0"
    if character.isalpha():
        return "A" if character.isupper() else "a"
    return character


def _reads(subject: Subject) -> Iterator[tuple[Operation, Parameter]]:
    """The operations that document what they do not know, and the last parameter of the path, which says what."""
    for operation in subject.contract.operations:
        path = [parameter for parameter in operation.parameters if parameter.location == "path"]
        if operation.method == "GET" and "404" in operation.responses and path:
            last = max(path, key=lambda parameter: operation.path.index(f"{{{parameter.name}}}"))
            yield operation, last
