"""What the library does otherwise than a judge may, put right while a run lasts; there is no setting for any of it."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any, cast

import requests
from requests.adapters import BaseAdapter
from schemathesis.checks import CheckContext
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case
from schemathesis.generation.stateful.control import TransitionController
from schemathesis.openapi.checks import RejectedPositiveData
from schemathesis.specs.openapi import checks as openapi
from schemathesis.specs.openapi import converter
from schemathesis.specs.openapi.adapter import responses
from schemathesis.specs.openapi.schemas import OpenApiSchema
from schemathesis.specs.openapi.stateful import dependencies
from schemathesis.specs.openapi.stateful.links import OpenApiLink
from schemathesis.transport.requests import SameHostRedirectsSession


class _Adapter(BaseAdapter):
    """Carries what the library sends into our transport."""

    def __init__(self, deliver: Callable[[requests.PreparedRequest], requests.Response]) -> None:
        super().__init__()
        self.deliver = deliver

    def send(self, request: requests.PreparedRequest, *_args: Any, **_kwargs: Any) -> requests.Response:
        return self.deliver(request)

    def close(self) -> None:
        """Nothing is held."""


@contextlib.contextmanager
def replaced(owner: type | ModuleType, name: str, value: Callable[..., Any]) -> Iterator[None]:
    """A function of another is ours while the block runs."""
    original = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, original)


@contextlib.contextmanager
def analysed(unanalysed: Callable[[Exception], None]) -> Iterator[None]:
    """A document of which the library cannot tell what makes what has no such relations, and `unanalysed` hears why.

    It reads schemas as sound ones are; a fault in one place would end the whole run with a traceback.
    """
    original = dependencies.analyze

    def analyze(schema: OpenApiSchema) -> dependencies.DependencyGraph:
        try:
            return original(schema)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            unanalysed(error)
            return dependencies.DependencyGraph(operations={}, resources={})

    with replaced(dependencies, "analyze", analyze):
        yield


def through(
    deliver: Callable[[requests.PreparedRequest], requests.Response],
) -> contextlib.AbstractContextManager[None]:
    """Send everything through one transport while the block runs.

    The library makes its sessions itself, per worker and in checks that need a request of their own; all of them are
    of this class. There is no setting for a transport adapter.
    """
    adapter = _Adapter(deliver)
    return replaced(SameHostRedirectsSession, "get_adapter", lambda self, url: adapter)


def no_redirects() -> contextlib.AbstractContextManager[None]:
    """A redirect is an answer like any other, documented or not; what it leads to is another operation's."""
    return replaced(SameHostRedirectsSession, "get_redirect_target", lambda self, resp: None)


def no_dead_ends() -> contextlib.AbstractContextManager[None]:
    """Let a scenario begin anew where no link leads on.

    The library allows that once every link is used up, and counts among them those of answers that never came: after
    two polls of a 202 it still waits for the links of a 200. No rule is left then, which Hypothesis takes for a
    failure: it shrinks that as long as the budget lasts, and the phase ends as an error.
    """
    allowed = TransitionController.allow_root_transition

    def allow(self: TransitionController, label: str, bundles: dict[str, Any]) -> bool:
        return allowed(self, label, bundles) or not any(
            bundles.get(f"{link.source.label} -> {link.status_code}")
            and self.allow_transition(link.source.label, link.target.label)
            for operation in self.transitions.operations.values()
            for link in cast("Sequence[OpenApiLink]", operation.outgoing)
        )

    return replaced(TransitionController, "allow_root_transition", allow)


def tuples_as_they_are() -> contextlib.AbstractContextManager[None]:
    """Leave `prefixItems` in the schemas of answers.

    The library rewrites them to the `items: [...]` of older drafts, also for the validator of 2020-12, which takes the
    whole schema for invalid then. For requests it knows better (its issues 3842 and 4099).
    """
    converted = converter.to_json_schema

    def convert(schema: dict[str, Any], nullable: str, **said: Any) -> Any:
        return converted(
            schema, nullable, **{**said, "convert_prefix_items": not said["upgrade_legacy_exclusive_bounds"]}
        )

    return replaced(responses, "to_json_schema", convert)


@contextlib.contextmanager
def as_sent(keeps: Callable[[Response], bool | None]) -> Iterator[None]:
    """Judge a request by what was sent, not by the data that it was made from.

    On the wire a number is a list of one, and an empty object nothing. The library looks for that too, case by case;
    what it misses would be held against every sound target, and be what it shrinks to instead of a breach. `keeps` says
    whether the request of a response keeps the contract as it was sent, None where that cannot be told.
    """
    refuses, accepts = openapi._openapi_negative_data_rejection, openapi._openapi_positive_data_acceptance

    def negative(ctx: CheckContext, response: Response, case: Case[Any]) -> bool | None:
        try:
            return refuses(ctx, response, case)
        except AcceptedNegativeData:
            if keeps(response) is not True:
                raise
        return None

    def positive(ctx: CheckContext, response: Response, case: Case[Any]) -> bool | None:
        try:
            return accepts(ctx, response, case)
        except RejectedPositiveData:
            if keeps(response) is not False:
                raise
        return None

    with replaced(openapi, refuses.__name__, negative), replaced(openapi, accepts.__name__, positive):
        yield


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Its progress and Hypothesis' remarks are told by our own reports."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger("urllib3").setLevel(logging.ERROR)
        yield
