"""Who may see what, and how a token is had."""

from __future__ import annotations

from contracts.laws.context import Context
from contracts.laws.loyaltydog.base import (
    DOWNLOAD,
    HOUR,
    ISSUE,
    LAWS,
    LOGIN,
    NO_TASK,
    POLL,
    UNKNOWN,
    by_count,
    issue,
    refused,
)
from contracts.laws.loyaltydog.idempotency import _granted


@LAWS.law("L77", needs=("programId", "foreign_program_id"))
def a_program_belongs_to_its_merchant(context: Context) -> None:
    """Nobody issues for, polls or downloads from another merchant's program."""
    own = context.fresh()
    foreign = {"programId": str(own.data["foreign_program_id"])}
    asked = [own.call(ISSUE, path=foreign, body=by_count(1))]
    if "other" in own.client.target.credentials:
        asked.append(own.call(ISSUE, body=by_count(1), credential="other"))
    submitted = issue(own, by_count(51))
    path = {"taskId": submitted.json["taskId"]}
    for operation in (POLL, DOWNLOAD):
        asked.append(own.call(operation, path={**path, **foreign}))
        if "other" in own.client.target.credentials:
            asked.append(own.call(operation, path=path, credential="other"))
    for exchange in asked:
        refused(own, exchange, 403, "L77")


@LAWS.law("L81", needs=("programId", "other_program_id"))
def a_task_belongs_to_its_program(context: Context) -> None:
    """A task of another program is unknown, to polling and to the CSV, though the merchant is the same."""
    own = context.fresh()
    submitted = issue(own, by_count(51))
    path = {"taskId": submitted.json["taskId"], "programId": str(own.data["other_program_id"])}
    for operation in (POLL, DOWNLOAD):
        refused(own, own.call(operation, path=path), 404, "L81")


@LAWS.law("L80", writes=False, needs=("programId",))
def what_is_unknown_is_404(context: Context) -> None:
    """An unknown task or program is 404; an id in upper case is none."""
    for operation in (POLL, DOWNLOAD):
        refused(context, context.call(operation, path={"taskId": NO_TASK}), 404, "L80")
        refused(context, context.call(operation, path={"taskId": NO_TASK, "programId": UNKNOWN}), 404, "L79")
        upper = str(context.data["programId"]).upper()
        refused(context, context.call(operation, path={"taskId": NO_TASK, "programId": upper}), 422, "L7")


@LAWS.law("L76", writes=False, needs=("programId", "taskId"))
def no_credential_no_answer(context: Context) -> None:
    """Without a token, with an unknown or an expired one, the answer is 401 and names the scheme."""
    expired = [name for name in ("expired",) if name in context.client.target.credentials]
    for operation in context.subject.contract.operations:
        if operation.id == LOGIN or (operation.method != "GET" and not context.client.target.writes):
            continue
        wrong = [{"Authorization": value} for value in ("Bearer nobody", "Basic bm9ib2R5Og==")]
        for exchange in (
            *(context.call(operation.id, credential=name) for name in (None, *expired)),
            *(context.call(operation.id, headers=headers, credential=None) for headers in wrong),
        ):
            refused(context, exchange, 401, "L76")
            scheme = exchange.header("www-authenticate")
            context.expect(scheme.startswith("Bearer"), f"the scheme is {scheme!r}", exchange, promise="L88")


@LAWS.law("L102", needs=("credential:login", "programId", "taskId"))
def a_token_lasts_an_hour(context: Context) -> None:
    """A token opens the operations for an hour, and no longer; another login does not close it."""
    own = context.fresh()
    first = _granted(own)
    own.expect(first.status == 200, f"the login is {first.status}", first, promise="L67")
    headers = {"Authorization": f"Bearer {first.json['accessToken']}"}
    if own.clock.controlled:
        own.clock.wait(HOUR - 10)
    _granted(own)
    opened = own.call(POLL, headers=headers, credential=None)
    own.expect(opened.status == 200, f"a token that is good gets {opened.status}", first, opened)
    if own.clock.controlled:
        own.clock.wait(11)
        refused(own, own.call(POLL, headers=headers, credential=None), 401, "L102")


@LAWS.law("L89", needs=("credential:login",))
def a_token_needs_the_right_password(context: Context) -> None:
    """A wrong password, and a name that nobody has, are 401."""
    login = context.client.target.credentials["login"].login
    assert login is not None
    assert login.form is not None
    for changes in ({"password": "wrong"}, {"username": "nobody@example.com"}, {"password": login.form["username"]}):
        exchange = context.call(LOGIN, form={**login.form, **changes}, credential=None)
        refused(context, exchange, 401, "L89")


@LAWS.law("L69", needs=("credential:second_factor",))
def a_second_factor_comes_before_the_token(context: Context) -> None:
    """A user with a second factor gets a pending token, which opens nothing."""
    login = context.client.target.credentials["second_factor"].login
    assert login is not None
    exchange = context.call(LOGIN, form=login.form, credential=None)
    pending = exchange.status == 200 and exchange.json["mfaPending"]
    context.expect(pending, "the login asks for no second factor", exchange)
    headers = {"Authorization": f"Bearer {exchange.json['pendingToken']}"}
    opened = context.call(POLL, path={"taskId": NO_TASK}, headers=headers, credential=None)
    context.expect(opened.status == 401, f"the pending token gets {opened.status}", exchange, opened, promise="L76")
