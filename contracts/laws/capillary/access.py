"""Who may do what, and how a token is had."""

from __future__ import annotations

from contracts.laws.capillary.base import LAWS, LIST, LOGIN, refused
from contracts.laws.context import Context
from contracts.target.exchange import Exchange


def _everywhere(context: Context, credential: str | None) -> list[Exchange]:
    """Every operation that needs credentials, asked with this one."""
    return [
        context.call(operation.id, credential=credential)
        for operation in context.subject.contract.operations
        if operation.id != LOGIN and (operation.method == "GET" or context.client.target.writes)
    ]


@LAWS.law("C191", needs=("customerId", "rewardTransactionId"), writes=False)
def no_credential_no_answer(context: Context) -> None:
    """Missing, wrong and expired credentials are 401 everywhere."""
    expired = [name for name in ("expired",) if name in context.client.target.credentials]
    for credential in (None, *expired):
        for exchange in _everywhere(context, credential):
            refused(context, exchange, 401, 401, "C191")
    for headers in ({"Authorization": "Basic bm9ib2R5OndlbGw="}, {"X-CAP-API-OAUTH-TOKEN": "nobody"}):
        refused(context, context.call(LIST, headers=headers, credential=None), 401, 401, "C191")


@LAWS.law("C192", needs=("customerId", "rewardTransactionId", "credential:no_group"), writes=False)
def another_access_group_is_forbidden(context: Context) -> None:
    """Credentials whose access group does not allow an operation are 403."""
    for exchange in _everywhere(context, "no_group"):
        refused(context, exchange, 403, 403, "C192")


@LAWS.law("C181", needs=("customerId", "credential:digest"), writes=False)
def a_password_travels_as_its_digest(context: Context) -> None:
    """The MD5 of the password opens what the password is for."""
    exchange = context.call(LIST, credential="digest")
    context.expect(exchange.status == 200, f"the digest gets {exchange.status}", exchange)


@LAWS.law("C187", needs=("customerId", "credential:login"))
def a_token_lasts_as_long_as_it_says(context: Context) -> None:
    """Each call gives another token, good for `ttlSeconds` and no longer."""
    own = context.fresh()
    first, second = (_granted(own) for _ in range(2))
    tokens = [one.json["data"]["accessToken"] for one in (first, second)]
    own.expect(tokens[0] != tokens[1], "twice the same token", first, second, promise="C185")
    headers = {"X-CAP-API-OAUTH-TOKEN": tokens[0]}
    ttl = first.json["data"]["ttlSeconds"]
    for wait, status in ((0, 200), (ttl - 2, 200), (4, 401)):
        if wait and not own.clock.controlled:
            return
        if wait:
            own.clock.wait(wait)
        exchange = own.call(LIST, headers=headers, credential=None)
        own.expect(exchange.status == status, f"the token gets {exchange.status} after {wait} s", first, exchange)


@LAWS.law("C188", needs=("credential:login",))
def a_token_needs_the_right_secret(context: Context) -> None:
    """A wrong key or secret is refused with the documented message, in the token's own envelope."""
    login = context.client.target.credentials["login"].login
    assert login is not None
    assert login.body is not None
    for change in ({"secret": "wrong"}, {"key": "nobody"}):
        exchange = context.call(LOGIN, body={**login.body, **change}, credential=None)
        context.expect(exchange.status == 401, f"{exchange.status}", exchange, promise="C189")
        errors = exchange.json["errors"]
        message = errors[0]["message"] if isinstance(errors, list) and errors else None
        said = message == "Failed to generate OAuth token" and exchange.json["data"] is None
        context.expect(said, f"the message is {message!r}", exchange)


def _granted(context: Context) -> Exchange:
    """A new token for the client whom the target names."""
    login = context.client.target.credentials["login"].login
    assert login is not None
    exchange = context.call(LOGIN, body=login.body, credential=None)
    context.expect(exchange.status == 200, f"a token is {exchange.status}", exchange, promise="C183")
    return exchange
