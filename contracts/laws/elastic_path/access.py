"""Who may do what, and how what is refused is refused."""

from __future__ import annotations

from datetime import datetime

from contracts.laws.context import Context
from contracts.laws.elastic_path.base import (
    CANCEL,
    CODES,
    CREATE,
    FILE,
    HOUR,
    JOBS,
    LAWS,
    UNKNOWN,
    exporting,
    generation,
    promotion,
    refused,
)
from contracts.target.exchange import Exchange


@LAWS.law("E91", needs=("automatic_promotion_id",))
def an_automatic_promotion_takes_no_codes(context: Context) -> None:
    """An automatic promotion refuses to generate codes, and exports them."""
    own = context.fresh()
    path = promotion(own, "automatic_promotion_id")
    refused(own, own.call(CREATE, path=path, body=generation()), 422, "E91", title="No codes allowed", status="422")
    exported = own.call(CREATE, path=path, body=exporting())
    own.expect(exported.status == 201, f"an export is {exported.status}", exported, promise="E92")


@LAWS.law("E67", needs=("promotionID",))
def a_job_is_wrapped_in_data(context: Context) -> None:
    """A job that is not wrapped in `data` is 422 with the documented detail; one of another type is 400."""
    own = context.fresh()
    for body in ({}, generation()["data"], {"data": None}):
        exchange = own.call(CREATE, body=body)
        refused(own, exchange, 422, "E67", detail="The data field is required")
    for wrong in (generation(type="job"), generation(job_type="code_delete"), generation({"code_length": 8})):
        exchange = own.call(CREATE, body=wrong)
        own.expect(exchange.json["errors"][0].get("source"), "no field is named", exchange, promise="E87")
        refused(own, exchange, 400, "E87")


@LAWS.law("E153", writes=False)
def what_is_unknown_is_404(context: Context) -> None:
    """An unknown promotion is 404 everywhere, and so is an unknown job."""
    for operation in (JOBS, CODES):
        exchange = context.call(operation, path={"promotionID": UNKNOWN})
        refused(context, exchange, 404, "E153", title="Not Found", detail="promotion not found")
    if "promotionID" in context.data:
        exchange = context.call(FILE, path={**promotion(context), "jobID": UNKNOWN})
        refused(context, exchange, 404, "E154", title="Not Found", detail="job not found")


@LAWS.law("E153", needs=("promotionID",))
def nothing_is_started_for_the_unknown(context: Context) -> None:
    """A job is neither created for an unknown promotion nor cancelled when it is unknown."""
    own = context.fresh()
    created = own.call(CREATE, path={"promotionID": UNKNOWN}, body=exporting())
    refused(own, created, 404, "E153", detail="promotion not found")
    cancelled = own.call(CANCEL, path={**promotion(own), "jobID": UNKNOWN})
    refused(own, cancelled, 404, "E154", detail="job not found")


@LAWS.law("E143", writes=False, needs=("credential:implicit", "promotionID", "jobID"))
def another_grant_is_forbidden(context: Context) -> None:
    """A token of another grant opens no operation on promotions."""
    for exchange in _everywhere(context, "implicit"):
        refused(context, exchange, 403, "E144", title="Forbidden", status=403)


@LAWS.law("E142", writes=False, needs=("promotionID", "jobID"))
def no_credential_no_answer(context: Context) -> None:
    """Without a token, with an unknown one or an expired one, every operation on promotions is 401."""
    for credential in (None, *(name for name in ("expired",) if name in context.client.target.credentials)):
        for exchange in _everywhere(context, credential):
            refused(context, exchange, 401, "E150", title="Unable to validate access token", status=401)
    for value in ("Bearer nobody", "nobody", "Basic bm9ib2R5Og=="):
        refused(context, context.call(JOBS, headers={"Authorization": value}, credential=None), 401, "E150")


def _everywhere(context: Context, credential: str | None) -> list[Exchange]:
    """Every operation that needs a token, asked with this credential."""
    return [
        context.call(operation.id, credential=credential)
        for operation in context.subject.contract.operations
        if operation.security and (operation.method == "GET" or context.client.target.writes)
    ]


@LAWS.law("E139", needs=("credential:login", "promotionID"))
def a_token_lasts_an_hour(context: Context) -> None:
    """A token opens the operations for 3600 seconds from its creation, as `expires` says, and no longer."""
    own = context.fresh()
    login = own.client.target.credentials["login"].login
    assert login is not None
    first = own.call(login.operation, form=login.form, credential=None)
    own.expect(first.status == 200, f"a token is {first.status}", first, promise="E136")
    headers = {"Authorization": f"Bearer {first.json['access_token']}"}
    granted = first.json["identifier"] == "client_credentials"
    own.expect(granted, f"the identifier is {first.json['identifier']!r}", first, promise="E137")
    opened = own.call(JOBS, headers=headers, credential=None)
    own.expect(opened.status == 200, f"a new token gets {opened.status}", first, opened, promise="E136")
    if not own.clock.controlled:
        return
    created = own.call(CREATE, body=exporting())
    now = datetime.fromisoformat(created.json["data"]["meta"]["timestamps"]["created_at"]).timestamp()
    left = first.json["expires"] - now
    own.expect(abs(left - HOUR) <= 1, f"it expires in {left:.0f} s", first, created, promise="E138")
    own.clock.wait(HOUR - 10)
    still = own.call(JOBS, headers=headers, credential=None)
    own.expect(still.status == 200, f"after {HOUR - 10} s it gets {still.status}", first, still)
    second = own.call(login.operation, form=login.form, credential=None)
    passed = second.json["expires"] - first.json["expires"]
    words = f"expires is {passed} s later, {HOUR - 10} s have passed"
    own.expect(passed == HOUR - 10, words, first, second, promise="E138")
    own.clock.wait(11)
    late = own.call(JOBS, headers=headers, credential=None)
    refused(own, late, 401, "E139")


@LAWS.law("E140", needs=("credential:login",))
def a_token_needs_the_right_secret(context: Context) -> None:
    """A wrong secret or client is 401 and a malformed token request is 400, both with the status as text."""
    login = context.client.target.credentials["login"].login
    assert login is not None
    assert login.form is not None
    for changes, status in (
        ({"client_secret": "wrong"}, 401),
        ({"client_id": "nobody"}, 401),
        ({"grant_type": "password"}, 400),
    ):
        exchange = context.call(login.operation, form={**login.form, **changes}, credential=None)
        refused(context, exchange, status, "E140", status=str(status))
    without = {name: value for name, value in login.form.items() if name != "client_secret"}
    refused(context, context.call(login.operation, form=without, credential=None), 400, "E134", status="400")
