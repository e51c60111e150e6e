"""The stub plays Capillary: issue, repeat, revoke (facts of specs/capillary/facts.md)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import Client, Response
from tests.providers.capillary import (
    BY_EITHER_RATIO,
    BY_VALUE,
    CORE,
    COUPON,
    HEADERS,
    MILES,
    PHYSICAL,
    REVOKE,
    body,
    detail,
    entries,
    get,
    ids,
    is_refused,
    issue,
    issued,
    revoke,
)
from tests.providers.conftest import Connect
from tests.specs.documents import at, example
from tests.specs.test_capillary import ISSUED

REQUESTS = at("capillary", f"/paths/{CORE.replace('/', '~1')}~1user~1reward~1{{rewardId}}~1issue/post/requestBody")
NOW = "2026-01-01T00:00:00Z"


@pytest.fixture
def capillary(connect: Connect) -> Client:
    return connect("capillary", HEADERS)


def under(scenario: str) -> dict[str, Any]:
    """The option that chooses a scenario for one request."""
    return {"headers": {"x-mock-scenario": scenario}}


# Issue


def test_issue_answers_200_with_its_fields(capillary: Client) -> None:
    response = issue(capillary, MILES, body(requestId="r-1", eventLogId="e-1", customFields={"a": "b"}))
    assert response.status == 200
    assert response.json == {
        "status": ISSUED,
        "intouch": None,
        "transactionId": 400001,
        "promotion": None,
        "vendor": {"pointsRedeemed": "1"},
        "paymentConfig": None,
        "redemptionDetails": None,
        "fulfillmentDetails": None,
        "customFields": {"a": "b"},
        "eventLogId": "e-1",
        "requestId": "r-1",
        "eventDateTime": NOW,
    }
    bare = issue(capillary, PHYSICAL).json
    assert bare["vendor"] == {}
    assert bare["customFields"] is bare["eventLogId"] is bare["requestId"] is None


def test_issue_with_a_value_answers_as_printed(capillary: Client) -> None:
    said = issue(capillary, BY_VALUE, example("capillary", "with_redemption_value")).json
    printed = example("capillary", "reward_issued_with_value")
    assert said == printed | {"transactionId": said["transactionId"], "eventDateTime": NOW}


def test_issued_coupon_is_in_intouch(capillary: Client) -> None:
    said = issue(capillary, COUPON).json
    assert set(said["intouch"]) == {"pointsRedeemed", "couponCode", "codeExpiry"}
    assert said["intouch"]["pointsRedeemed"] == "1"
    (voucher,) = detail(capillary, str(said["transactionId"]), couponCodeCase="AS_IT_IS")["vouchers"]
    assert (voucher["code"], voucher["codeExpiry"]) == (said["intouch"]["couponCode"], said["intouch"]["codeExpiry"])


# Printed request -> whom it is for.
PRINTED = {
    "by_mobile": "383428154",
    "by_external_id": "383428154",
    "by_email": "383428154",
    "with_tender": "423931087",
    "with_redemption_value": "112295",
    "with_owner": "564488660",
    "with_fulfillment": "177071561",
    "with_program": "383428154",
}


@pytest.mark.parametrize(("name", "customer"), PRINTED.items())
def test_printed_issue_requests_work(capillary: Client, name: str, customer: str) -> None:
    said = example("capillary", name)
    response = issue(capillary, COUPON, said)
    assert (response.status, response.json["status"]) == (200, ISSUED)
    assert set(PRINTED) == set(REQUESTS["content"]["application/json"]["examples"])
    found = detail(capillary, str(response.json["transactionId"]), customer)
    assert found["rewardIssueRefId"] == said.get("transactionNumber", "1767225600")


@pytest.mark.parametrize("named", [[], ["mobile", "emailId"], ["emailId", "externalId"], ["mobile", "externalId"]])
def test_issue_needs_exactly_one_customer_identifier(capillary: Client, named: list[str]) -> None:
    known = {"mobile": "919456430850", "emailId": "asdf@gmail.com", "externalId": "919456430850"}
    assert is_refused(issue(capillary, said={"brand": "BUKL"} | {name: known[name] for name in named}), 400)
    for name, value in known.items():
        assert issue(capillary, said={"brand": "BUKL", name: value}).status == 200


def test_plus_before_a_mobile_number_is_the_same_customer(capillary: Client) -> None:
    transaction = issued(capillary, mobile="+919456430850")
    assert detail(capillary, transaction, "383428154")["customerId"] == 383428154


def test_issue_needs_username_and_brand(capillary: Client) -> None:
    assert is_refused(issue(capillary, query={}), 400)
    assert is_refused(issue(capillary, query={"username": ""}), 400)
    assert is_refused(issue(capillary, said=body(brand=...)), 400)
    assert issue(capillary).status == 200


OPTIONAL: dict[str, Any] = {
    "notes": "test",
    "requestId": "r" * 10_000,
    "eventLogId": "e-1",
    "quantity": 2,
    "programId": "626",
    "rewardOwnershipRO": {"ownerType": "CAMPAIGNS", "ownerId": "abc7"},
    "paymentConfig": {"id": 55, "redemptionValue": 1000},
    "tender": {"totalAmount": 100, "tenders": [{"methodOfPayment": "CARD", "tenderId": 123, "amount": 40}]},
    "customFields": {"a": "b"},
    "fulfillmentDetails": {"status": "DELIVERED"},
    "user_group2_primary_user_id": "381751178",
}


@pytest.mark.parametrize("name", OPTIONAL)
def test_issue_takes_its_optional_inputs(capillary: Client, name: str) -> None:
    assert issue(capillary, said=body(**{name: OPTIONAL[name]})).status == 200
    without = issue(capillary, said=body(**{n: v for n, v in OPTIONAL.items() if n not in (name, "requestId")}))
    assert without.status == 200


@pytest.mark.parametrize("said", [{"programId": 626}, {"programId": "626"}, {"tender": {"tenders": [{"tenderId": 1}]}}])
def test_issue_takes_numbers_as_integers_and_as_text(capillary: Client, said: dict[str, Any]) -> None:
    assert issue(capillary, said=body(**said)).status == 200


@pytest.mark.parametrize("query", [{"skip_validation": "true"}, {"skip_validation": "false"}, {"store": "s1"}])
def test_optional_query_changes_nothing(capillary: Client, query: dict[str, str]) -> None:
    plain, said = issue(capillary).json, issue(capillary, query={"username": "swati", **query}).json
    assert said == plain | {"transactionId": plain["transactionId"] + 1}
    assert is_refused(issue(capillary, query={"username": "swati", "skip_validation": "yes"}), 400)


@pytest.mark.parametrize(
    "kind", ["TILL", "STORE_CODE", "STORE_NAME", "STORE_EXTERNAL_ID", "STORE_EXTERNAL_ID_1", "STORE_EXTERNAL_ID_2", ""]
)
def test_attribution_is_one_of_six_kinds(capillary: Client, kind: str) -> None:
    said = {"X-CAP-API-ATTRIBUTION-ENTITY-TYPE": kind} if kind else {}
    assert issue(capillary, headers={**said, "X-CAP-API-ATTRIBUTION-ENTITY-CODE": "till 7"}).status == 200
    assert issue(capillary, headers=said).status == 200
    assert is_refused(issue(capillary, headers={"X-CAP-API-ATTRIBUTION-ENTITY-TYPE": f"{kind}X"}), 400)


@pytest.mark.parametrize("quantity", [..., 1, 1.56, 3, 99.9])
def test_single_issue_issues_one_reward(capillary: Client, quantity: Any) -> None:
    found = detail(capillary, issued(capillary, MILES, quantity=quantity))
    assert (found["quantity"], found["requestedQuantity"]) == (1, 1)
    assert len(found["vendorRewards"]["rewards"]) == 1
    said = issue(capillary, BY_VALUE, body(quantity=quantity)).json
    value = 1 if quantity is ... else int(quantity)
    assert said["redemptionDetails"] == {"redemptionType": "MILES", "totalRedemptionValue": value}
    assert is_refused(issue(capillary, said=body(quantity=0.5)), 400)


def test_points_of_a_reward_by_value_follow_its_ratio(capillary: Client) -> None:
    found = detail(capillary, issued(capillary, BY_VALUE, quantity=2, paymentConfig={"redemptionValue": 1000}))
    assert found["pointsRedemption"]["redeemedPoints"] == 330
    assert found["redemptionDetails"]["totalRedemptionValue"] == 1000
    either = detail(capillary, issued(capillary, BY_EITHER_RATIO, quantity=101, paymentConfig={"id": 55}))
    assert either["pointsRedemption"]["redeemedPoints"] == 50


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (NOW, 200),
        ("2026-01-02T00:00:00Z", 200),
        ("2026-01-02T00:00:01Z", 400),
        ("2020-02-29T12:00:00Z", 200),
        ("2026-01-01T00:00:00.000Z", 200),
        ("2026-01-01T00:00:00+00:00", 400),
        ("2026-01-01 00:00:00", 400),
        ("2026-02-30T00:00:00Z", 400),
        ("2025-13-01T00:00:00Z", 400),
        ("0000-01-01T00:00:00Z", 400),
    ],
)
def test_event_time_is_utc_and_at_most_a_day_ahead(capillary: Client, said: str, status: int) -> None:
    response = issue(capillary, said=body(eventDateTime=said))
    assert response.status == status
    if status == 200:
        assert response.json["eventDateTime"] == said
        found = detail(capillary, str(response.json["transactionId"]))
        assert (found["eventDateTime"], found["issueDateTime"]) == (said, NOW)
    else:
        assert is_refused(response, 400)
        assert "eventDateTime" in response.json["status"]["message"]
        assert ids(capillary) == ["195613"]


# Refused issues

REFUSALS = [
    ("8003", "reward_disabled"),
    ("8004", "points_not_redeemable"),
    ("828", "points_not_redeemable"),
    ("1632", "customer_not_valid"),
    ("12005", "limit_reached"),
    ("12016", "payment_mode_invalid"),
    ("4000", "payment_id_missing"),
    ("12034", "segment_mismatch"),
    ("12050", "card_missing"),
]
refusals = pytest.mark.parametrize(("reward", "name"), REFUSALS)


@refusals
def test_issue_refusals_are_400_with_their_codes(capillary: Client, reward: str, name: str) -> None:
    response = issue(capillary, reward)
    printed = example("capillary", name)
    echoed = {"transactionId": 400001} if "transactionId" in printed else {}
    assert (response.status, response.json) == (400, printed | echoed)
    entry = capillary.reason(response)
    assert (entry["verdict"], entry["problem"], entry["job"]) == ("refused", name, "400001")


def test_unknown_brand_customer_and_reward_have_their_codes(capillary: Client) -> None:
    brand = issue(capillary, said=body(brand="NOBODY"))
    assert (brand.status, brand.json) == (400, example("capillary", "brand_not_found"))
    customer = issue(capillary, said=body(mobile="4155550100"))
    assert is_refused(customer, 400, 8004)
    (message,) = customer.json["status"]["partnerError"]["messages"]
    assert message == "group id/externalId/primary userId 4155550100 passed is not valid"
    reward = issue(capillary, "99")
    assert (reward.status, reward.json) == (400, example("capillary", "reward_disabled"))


def test_reward_with_several_payments_needs_one_of_them(capillary: Client) -> None:
    missing = issue(capillary, BY_EITHER_RATIO)
    assert (missing.status, missing.json) == (400, example("capillary", "payment_id_missing"))
    wrong = issue(capillary, BY_EITHER_RATIO, body(paymentConfig={"id": 3799}))
    assert (wrong.status, wrong.json) == (400, example("capillary", "payment_mode_invalid"))
    for payment, ratio in ((55, 0.5), (307, 0.35)):
        said = issue(capillary, BY_EITHER_RATIO, body(paymentConfig={"id": payment})).json
        assert said["paymentConfig"] == {"paymentMode": "CONV_RATIO", "id": payment, "conversionRatio": ratio}


@refusals
def test_refused_issue_stays_in_the_list(capillary: Client, reward: str, name: str) -> None:
    response = issue(capillary, reward, body(requestId="r-1", eventLogId="e-1"))
    entry = entries(capillary)[0]
    assert entry["status"] == example("capillary", name)["status"]
    assert detail(capillary, entry["rewardTransactionId"])["status"] == entry["status"]
    if name == "card_missing":
        assert str(response.json["transactionId"]) == entry["rewardTransactionId"]
        assert (response.json["requestId"], response.json["eventLogId"]) == ("r-1", "e-1")


@pytest.mark.parametrize(
    ("reward", "said"),
    [
        (PHYSICAL, body(brand="NOBODY")),
        (PHYSICAL, body(mobile="4155550100")),
        (PHYSICAL, body(quantity=0)),
        (PHYSICAL, body(mobile=...)),
        (PHYSICAL, body(eventDateTime="2027-01-01T00:00:00Z")),
        ("99", body()),
    ],
)
def test_malformed_issue_leaves_no_issual(capillary: Client, reward: str, said: dict[str, Any]) -> None:
    assert issue(capillary, reward, said | {"requestId": "r-1"}).status == 400
    assert ids(capillary) == ["195613"]
    assert issue(capillary, said=body(requestId="r-1")).status == 200


def test_partial_issue_is_400_with_8010(capillary: Client) -> None:
    response = issue(capillary, MILES, body(customFields={"a": "b"}), **under("partial_failure"))
    assert response.status == 400
    assert response.json["status"] == example("capillary", "issued_partially")["status"]
    good, bad = response.json["rewards"]
    assert (good["status"], bad["status"]["success"]) == (ISSUED, False)
    assert (good["rewardId"], bad["rewardId"]) == (38879, 38879)
    assert (good["requestedQuantity"], bad["requestedQuantity"]) == (1, 1)
    assert good["customFields"] == {"a": "b"}
    found = detail(capillary, str(good["transactionId"]))
    assert found["pointsRedemption"]["pointsRedemptionRefId"] == good["pointsReferenceId"]
    assert [f'"voucher": "{one["voucher"]}"' in found["vendorRewards"]["rewards"][0]["json"] for one in good["vendor"]]


# Idempotency


def test_repeated_request_id_issues_once(capillary: Client) -> None:
    first = issue(capillary, COUPON, body(requestId="r-1"))
    capillary.advance(10 * 365 * 86_400)
    again = issue(capillary, COUPON, body(requestId="r-1"))
    assert (again.status, again.content) == (200, first.content)
    assert revoke(capillary, first.json["transactionId"])["state"] == "CANCELLED"
    assert issue(capillary, COUPON, body(requestId="r-1")).content == first.content
    assert len(ids(capillary)) == 2


def test_request_id_with_another_payload_is_refused(capillary: Client) -> None:
    assert issue(capillary, COUPON, body(requestId="r-1")).status == 200
    others: list[tuple[str, dict[str, Any]]] = [
        (COUPON, body(requestId="r-1", mobile="919456430850")),
        (COUPON, body(requestId="r-1", notes="later")),
        (PHYSICAL, body(requestId="r-1")),
    ]
    for reward, said in others:
        response = issue(capillary, reward, said)
        assert (response.status, response.json) == (400, example("capillary", "request_id_mismatch"))
    assert len(ids(capillary)) == 2


def test_request_id_of_a_refused_issue_cannot_be_reused(capillary: Client) -> None:
    assert is_refused(issue(capillary, said=body(requestId="r-1"), **under("limit_reached")), 400, 12005)
    response = issue(capillary, said=body(requestId="r-1"))
    assert (response.status, response.json) == (400, example("capillary", "request_id_duplicate"))
    assert issue(capillary, said=body(requestId="r-2")).status == 200


def test_partial_issue_is_completed_with_its_request_id(capillary: Client) -> None:
    half = issue(capillary, MILES, body(requestId="r-1"), **under("partial_failure"))
    part = str(half.json["rewards"][0]["transactionId"])
    before = get(capillary, part).content
    rest = issue(capillary, MILES, body(requestId="r-1"))
    assert (rest.status, rest.json["status"]) == (200, ISSUED)
    other = str(rest.json["transactionId"])
    assert other != part
    assert get(capillary, part).content == before
    assert [detail(capillary, found)["quantity"] for found in (part, other)] == [1, 1]
    assert issue(capillary, MILES, body(requestId="r-1")).content == rest.content
    assert ids(capillary) == [other, part, "195613"]


def test_the_rest_of_a_partial_issue_is_not_split_again(capillary: Client) -> None:
    capillary.scenario("capillary", "partial_failure")
    assert is_refused(issue(capillary, MILES, body(requestId="r-1")), 400, 8010)
    assert issue(capillary, MILES, body(requestId="r-1")).status == 200


def test_issue_without_request_id_issues_each_time(capillary: Client) -> None:
    first, second = issue(capillary, COUPON).json, issue(capillary, COUPON).json
    assert first["transactionId"] != second["transactionId"]
    assert first["intouch"]["couponCode"] != second["intouch"]["couponCode"]


def test_request_ids_of_two_sessions_are_apart(connect: Connect, capillary: Client) -> None:
    other = Client(capillary.stub, "capillary", session="test-other-requests", headers=HEADERS)
    assert issue(capillary, COUPON, body(requestId="r-1")).status == 200
    assert issue(other, PHYSICAL, body(requestId="r-1")).status == 200


# Revoke


@pytest.mark.parametrize("query", ["", "?username=swati"])
def test_revoke_cancels_an_issued_reward(capillary: Client, query: str) -> None:
    printed = example("capillary", "revoke")
    transaction = int(issued(capillary, COUPON))
    response = capillary.post(f"{REVOKE}{query}", printed | {"txnId": transaction})
    assert response.status == 200
    assert response.json == example("capillary", "cancelled") | {"txnId": transaction}
    (job,) = capillary.control("GET", "/jobs")["jobs"]
    assert (job["id"], job["state"]) == (str(transaction), "CANCELLED")


def test_revoke_counts_the_cancelled_rewards(capillary: Client) -> None:
    assert revoke(capillary, "94044")["userRewardCount"] == 5
    half = issue(capillary, MILES, **under("partial_failure")).json["rewards"][0]["transactionId"]
    assert revoke(capillary, half)["userRewardCount"] == 1


def outcome(client: Client, said: Any, **options: Any) -> tuple[int, Any]:
    response = client.post(REVOKE, said, **options)
    return response.status, response.json


@pytest.mark.parametrize(
    ("scenario", "code"),
    [
        ("revoke_not_enabled", 13005),
        ("not_issued", 13003),
        ("revoke_transaction_not_found", 10007),
        ("user_reward_not_found", 10008),
        ("points_not_reversed", 1018),
    ],
)
def test_revoke_outcomes_are_http_200(capillary: Client, scenario: str, code: int) -> None:
    transaction = int(issued(capillary))
    printed = example("capillary", scenario)
    assert printed["status"]["code"] == code
    assert {"state", "userRewardCount"}.isdisjoint(printed)
    assert outcome(capillary, {"txnId": transaction}, **under(scenario)) == (200, printed | {"txnId": transaction})
    assert outcome(capillary, {"txnId": code}) == (200, printed | {"txnId": code})
    assert revoke(capillary, transaction)["status"]["code"] == 200


@pytest.mark.parametrize("transaction", [1, 399_999, 9_223_372_036_854_775_807])
def test_unknown_transaction_is_revoked_with_10007(capillary: Client, transaction: int) -> None:
    printed = example("capillary", "revoke_transaction_not_found")
    assert outcome(capillary, {"txnId": transaction}) == (200, printed | {"txnId": transaction})


@pytest.mark.parametrize("said", [{}, {"txnId": None}, {"revokedBy": "BRAND_OPERATOR"}])
def test_revoke_without_txn_id_is_200_with_400(capillary: Client, said: dict[str, Any]) -> None:
    assert outcome(capillary, said) == (200, example("capillary", "txn_id_missing"))


def test_only_an_issued_reward_can_be_revoked(capillary: Client) -> None:
    cancelled = issued(capillary)
    assert revoke(capillary, cancelled)["status"]["code"] == 200
    issue(capillary, "8004")
    refused = ids(capillary)[0]
    for transaction in (cancelled, refused, "195613", "112297"):
        said = revoke(capillary, transaction)
        assert said == example("capillary", "not_issued") | {"txnId": int(transaction)}


def test_failed_points_reversal_can_be_repeated(capillary: Client) -> None:
    transaction = int(issued(capillary, MILES))
    for _ in range(2):
        assert outcome(capillary, {"txnId": transaction}, **under("points_not_reversed"))[1]["status"]["code"] == 1018
    assert revoke(capillary, transaction)["state"] == "CANCELLED"


def test_revoke_of_a_reward_without_points_succeeds(capillary: Client) -> None:
    free = issued(capillary, PHYSICAL)
    assert detail(capillary, free)["pointsRedemption"]["redeemedPoints"] == 0
    assert revoke(capillary, free)["state"] == "CANCELLED"


# Malformed requests


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("GET", f"{CORE}/management/customer/abc/issuals/1", None),
        ("GET", f"{CORE}/management/customer/007/issuals/1", None),
        ("GET", f"{CORE}/management/customer/1/issuals/-1", None),
        ("GET", f"{CORE}/management/customer/1/issuals/1.0", None),
        ("GET", f"{CORE}/management/customer/+1/issuals", None),
        ("POST", f"{CORE}/user/reward/abc/issue?username=swati", body()),
        ("POST", f"{CORE}/user/reward/1/issue?username=swati", body(mobile="1234")),
        ("POST", f"{CORE}/user/reward/1/issue?username=swati", body(mobile="+1 415 555 0100")),
        ("POST", f"{CORE}/user/reward/1/issue?username=swati", body(mobile=919456430850)),
        ("POST", f"{CORE}/user/reward/1/issue?username=swati", body(mobile=..., emailId="asdf")),
        ("POST", f"{CORE}/user/reward/1/issue?username=swati", body(mobile=..., emailId="a@b@c")),
        ("POST", f"{CORE}/user/reward/1/issue?username=swati", []),
        ("POST", REVOKE, []),
        ("POST", REVOKE, {"txnId": "1"}),
        ("POST", REVOKE, {"txnId": 1.5}),
        ("POST", REVOKE, {"txnId": 0}),
        ("POST", REVOKE, {"txnId": 2**63}),
        ("POST", REVOKE, {"txnId": 1, "revokedEventDateTime": "yesterday"}),
    ],
)
def test_malformed_request_is_400_with_object_status(capillary: Client, method: str, path: str, said: Any) -> None:
    response: Response = capillary.request(method, path, json=said)
    assert is_refused(response, 400)
    assert capillary.reason(response)["reasons"]
