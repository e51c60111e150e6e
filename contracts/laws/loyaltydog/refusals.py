"""What a refused request is told."""

from __future__ import annotations

from contracts.laws.context import Context
from contracts.laws.loyaltydog.base import ISSUE, LAWS, by_count, for_recipients, issue, refused


@LAWS.law("L54", needs=("programId",))
def count_and_recipients_exclude_each_other(context: Context) -> None:
    """Both or neither is one `value_error` at the body."""
    own = context.fresh()
    for body, promise in (
        ({**by_count(2), **for_recipients(["a@b.co"])}, "L52"),
        ({"initialValue": 25}, "L53"),
        ({"initialValue": 25, "count": None, "recipients": None}, "L53"),
    ):
        exchange = issue(own, body)
        refused(own, exchange, 422, promise)
        said = [(one["type"], one["loc"]) for one in exchange.json["detail"]]
        own.expect(said == [("value_error", ["body"])], f"the errors are {said}", exchange)


@LAWS.law("L104", needs=("programId",))
def the_first_error_of_each_field_is_told(context: Context) -> None:
    """Of each field one error is told; what holds between fields, only when every field is right."""
    own = context.fresh()
    for body, wanted in (
        ({"initialValue": 0, "count": 2, "recipients": []}, ["initialValue", "recipients"]),
        ({"count": 0}, ["count", "initialValue"]),
        ({"initialValue": 20000}, ["initialValue"]),
        (by_count(2, isPhysical="maybe", designTemplate="x" * 101), ["designTemplate", "isPhysical"]),
    ):
        exchange = issue(own, body)
        refused(own, exchange, 422, "L104")
        places = sorted(".".join(map(str, one["loc"][1:2])) for one in exchange.json["detail"])
        own.expect(places == wanted, f"errors at {places}, not {wanted}", exchange)


@LAWS.law("L90", needs=("programId",))
def a_body_that_is_no_json_says_where(context: Context) -> None:
    """Malformed JSON is `json_invalid`, with its position in the body."""
    own = context.fresh()
    for content in (b"{", b'{"initialValue": }', b"[1, 2"):
        exchange = own.call(ISSUE, content=content)
        refused(own, exchange, 422, "L90")
        (error,) = exchange.json["detail"]
        own.expect(error["type"] == "json_invalid", f"the type is {error['type']}", exchange)
        place = error["loc"]
        within = len(place) == 2 and place[0] == "body" and isinstance(place[1], int) and 0 <= place[1] <= len(content)
        own.expect(within, f"the place is {place}", exchange)
