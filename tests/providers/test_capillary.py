"""The stub plays Capillary: a customer's issuals, one by one and by the page (facts of specs/capillary/facts.md)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.client import Client
from tests.providers.capillary import (
    COUPON,
    CUSTOMER,
    HEADERS,
    MILES,
    PHYSICAL,
    body,
    detail,
    entries,
    get,
    ids,
    is_refused,
    issue,
    issued,
    page,
    revoke,
)
from tests.providers.conftest import Connect
from tests.specs.documents import example
from tests.specs.test_capillary import FETCHED, ISSUED, PRINTED_COUPON, PRINTED_MILES, PRINTED_PHYSICAL, REDEEMED

PRINTED_URL = "https://eu.api.capillarytech.com/api_gateway/rewards/core/v1/management/customer/383428154/issuals/84630"
PRINTED = {
    ("423931087", "94044"): PRINTED_MILES,
    ("383428154", "17337"): PRINTED_COUPON,
    ("564488660", "338926"): PRINTED_PHYSICAL,
}
# What the stub has from the beginning: customer, transaction.
SEEDED = [*PRINTED, ("383428154", "84630"), ("177071561", "195613"), ("112295", "112296"), ("112295", "112297")]
REFUSED = {"success": False, "code": 8004, "message": "fail to issue reward as  points are not redeemable"}
PARTIAL = {"success": False, "code": 8010, "message": "Reward issued partially"}


@pytest.fixture
def capillary(connect: Connect) -> Client:
    return connect("capillary", HEADERS)


def partly(client: Client, reward: str = MILES, **changes: Any) -> str:
    """Issue one of two, and return the transaction's id."""
    response = issue(client, reward, body(**changes), headers={"x-mock-scenario": "partial_failure"})
    return str(response.json["rewards"][0]["transactionId"])


def refused(client: Client, reward: str = "8004", **changes: Any) -> str:
    """Issue what is refused, and return the transaction's id."""
    assert is_refused(issue(client, reward, body(**changes)), 400, 8004)
    return ids(client)[0]


# Detail


@pytest.mark.parametrize(("customer", "transaction"), PRINTED)
def test_detail_reads_the_printed_transactions(capillary: Client, customer: str, transaction: str) -> None:
    response = get(capillary, transaction, customer)
    assert response.status == 200
    assert response.json == {"status": FETCHED, "data": PRINTED[customer, transaction]}


def test_printed_detail_request_works(capillary: Client) -> None:
    response = capillary.get(urlsplit(PRINTED_URL).path)
    assert response.status == 200
    data = response.json["data"]
    assert data["rewardTransactionId"] == "84630"
    assert data["status"] == ISSUED
    assert data["rewardDetails"].items() <= (PRINTED_COUPON["rewardDetails"] | {"groups": []}).items()
    assert len(data["vouchers"]) == 1


@pytest.mark.parametrize(("customer", "transaction"), SEEDED)
def test_detail_status_is_an_array_outside_and_an_object_inside(
    capillary: Client, customer: str, transaction: str
) -> None:
    said = get(capillary, transaction, customer).json
    assert said["status"] == FETCHED
    assert isinstance(said["data"]["status"], dict)
    assert said["data"]["status"] == (REFUSED if transaction == "195613" else ISSUED)


@pytest.mark.parametrize(("customer", "transaction"), SEEDED)
def test_detail_ids_have_their_types(capillary: Client, customer: str, transaction: str) -> None:
    data = detail(capillary, transaction, customer)
    assert data["rewardTransactionId"] == transaction
    assert data.get("customerId", int(customer)) == int(customer)
    assert type(data.get("customerId", 0)) is type(data.get("orgId", 0)) is int


def test_detail_of_an_issue_names_its_customer_and_organisation(capillary: Client) -> None:
    data = detail(capillary, issued(capillary))
    assert (data["customerId"], data["orgId"]) == (int(CUSTOMER), 100458)


def test_detail_dates_agree(capillary: Client) -> None:
    capillary.advance(1.5)
    for data in (detail(capillary, "94044", "423931087"), detail(capillary, issued(capillary))):
        at = datetime.strptime(data["issueDateTime"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        assert data["rewardTransactionDate"] == at.timestamp() * 1000
        assert data["eventDateTime"] == data["issueDateTime"]
    assert data["issueDateTime"] == "2026-01-01T00:00:01Z"


def test_detail_always_has_its_required_fields(capillary: Client) -> None:
    transactions = [(CUSTOMER, found) for found in (issued(capillary), partly(capillary), refused(capillary))]
    for customer, transaction in [*SEEDED, *transactions]:
        data = detail(capillary, transaction, customer)
        assert {
            *("rewardTransactionId", "rewardIssueRefId", "rewardTransactionDate", "status", "quantity"),
            *("groupRedemption", "rewardDetails", "pointsRedemption", "ownerId"),
        } <= set(data)
        assert {
            *("rewardId", "languageCode", "name", "description", "intouchPoints", "redemptionType", "images", "videos")
        } <= set(data["rewardDetails"])
        assert isinstance(data["groupRedemption"], bool)
        assert data["ownerId"] == ""
        if data["status"]["success"]:
            assert data["quantity"] == data.get("requestedQuantity", data["quantity"])


def test_detail_parts_are_as_printed(capillary: Client) -> None:
    free = detail(capillary, issued(capillary, PHYSICAL))
    for kind in ("images", "videos"):
        assert free["rewardDetails"][kind] == PRINTED_PHYSICAL["rewardDetails"][kind]
    assert free["pointsRedemption"] == PRINTED_PHYSICAL["pointsRedemption"]
    assert free["redemptionDetails"] == PRINTED_PHYSICAL["redemptionDetails"]
    paid = detail(capillary, issued(capillary, MILES))
    points = paid["pointsRedemption"]
    assert (points["redeemedPoints"], points["status"]) == (1, REDEEMED)
    assert points["pointsRedemptionRefIds"] == [points["pointsRedemptionRefId"]]
    assert paid["redemptionDetails"] == PRINTED_MILES["redemptionDetails"]


def test_vouchers_hold_the_coupon(capillary: Client) -> None:
    (voucher,) = detail(capillary, "17337", "383428154")["vouchers"]
    assert voucher == PRINTED_COUPON["vouchers"][0]
    assert all(type(value) is float for value in voucher["revenueDetails"].values())
    (voucher,) = detail(capillary, issued(capillary, COUPON))["vouchers"]
    assert len(voucher["code"]) == 12
    assert voucher["codeExpiry"] == "2026-04-01 00:00:00"
    assert voucher["codeExpiryDateTime"] == "2026-04-01T00:00:00Z"
    assert detail(capillary, issued(capillary, PHYSICAL))["vouchers"] == []


def test_vendor_reward_is_json_in_a_string(capillary: Client) -> None:
    rewards = detail(capillary, "94044", "423931087")["vendorRewards"]["rewards"]
    assert [json.loads(one["json"])["pointsRedeemed"] for one in rewards] == ["5"] * 5
    (one,) = detail(capillary, issued(capillary, MILES))["vendorRewards"]["rewards"]
    said = json.loads(one["json"])
    assert (said["pointsRedeemed"], len(said["voucher"]), said["voucher"].isdecimal()) == ("1", 7, True)
    assert detail(capillary, issued(capillary, PHYSICAL))["vendorRewards"] == {"rewards": [{"json": "{}"}]}


def test_custom_fields_of_the_issue_are_shown(capillary: Client) -> None:
    said: dict[str, Any] = {
        "customFields": {"colour": "white"},
        "fulfillmentDetails": {"status": "DELIVERED"},
        "eventLogId": "e-1",
    }
    transaction = issued(capillary, **said)
    data = detail(capillary, transaction)
    assert {name: data[name] for name in said} == said
    assert entries(capillary)[0]["fulfillmentStatus"] == "DELIVERED"
    assert "customFields" not in detail(capillary, issued(capillary))


# Coupon code case


@pytest.mark.parametrize("spelling", ["coupon_code_case", "couponCodeCase"])
@pytest.mark.parametrize(
    ("case", "code"),
    [("AS_IT_IS", "UPPERlower003"), ("UPPER", "UPPERLOWER003"), ("LOWER", "upperlower003"), ("", "UPPERLOWER003")],
)
def test_coupon_code_case_is_applied(capillary: Client, spelling: str, case: str, code: str) -> None:
    query = {spelling: case} if case else {}
    assert detail(capillary, "112296", "112295", **query)["vouchers"][0]["code"] == code


def test_new_coupon_codes_have_both_cases(capillary: Client) -> None:
    transaction = issued(capillary, COUPON)
    code = detail(capillary, transaction, coupon_code_case="AS_IT_IS")["vouchers"][0]["code"]
    assert code not in (code.upper(), code.lower())
    assert detail(capillary, transaction)["vouchers"][0]["code"] == code.upper()


@pytest.mark.parametrize("case", ["lower", "Lower", "LOWER", "lOwEr"])
def test_coupon_code_case_ignores_case(capillary: Client, case: str) -> None:
    found = detail(capillary, "112296", "112295", coupon_code_case=case)
    assert found["vouchers"][0]["code"] == "upperlower003"


def test_coupon_code_case_has_two_spellings(capillary: Client) -> None:
    both = {"coupon_code_case": "LOWER", "couponCodeCase": "AS_IT_IS"}
    assert detail(capillary, "112296", "112295", **both)["vouchers"][0]["code"] == "UPPERlower003"
    swapped = {"coupon_code_case": "AS_IT_IS", "couponCodeCase": "lower"}
    assert detail(capillary, "112296", "112295", **swapped)["vouchers"][0]["code"] == "upperlower003"


@pytest.mark.parametrize("spelling", ["coupon_code_case", "couponCodeCase"])
@pytest.mark.parametrize("case", ["", "MIXED", "UPPER,LOWER", "UPPER "])
def test_unknown_coupon_code_case_is_refused(capillary: Client, spelling: str, case: str) -> None:
    response = get(capillary, "17337", "383428154", **{spelling: case})
    assert is_refused(response, 400)
    assert spelling in response.json["status"]["message"]


# Outcomes


def test_refused_issue_is_read_with_200(capillary: Client) -> None:
    for customer, transaction in ((CUSTOMER, "195613"), (CUSTOMER, refused(capillary))):
        response = get(capillary, transaction, customer)
        assert response.status == 200
        assert response.json["status"] == FETCHED
        assert REFUSED.items() <= response.json["data"]["status"].items()
    assert get(capillary, "195613").json == example("capillary", "failed")


def test_refused_issue_has_no_points_and_no_vouchers(capillary: Client) -> None:
    for transaction in ("195613", refused(capillary)):
        data = detail(capillary, transaction)
        assert data["pointsRedemption"] == {}
        assert data["vendorRewards"] == {"rewards": []}
        assert {"vouchers", "redemptionDetails"}.isdisjoint(data)
        assert (data["quantity"], data["requestedQuantity"]) == (1, 0)


def test_partial_issue_is_read_with_8010(capillary: Client) -> None:
    data = detail(capillary, partly(capillary, MILES))
    assert data["status"] == PARTIAL
    assert (data["quantity"], data["requestedQuantity"]) == (1, 2)
    assert len(data["vendorRewards"]["rewards"]) == 1
    assert data["pointsRedemption"]["redeemedPoints"] == 1


def test_transaction_id_of_issue_reads_the_detail(capillary: Client) -> None:
    transaction = issue(capillary).json["transactionId"]
    assert isinstance(transaction, int)
    assert detail(capillary, str(transaction))["rewardTransactionId"] == str(transaction)
    assert is_not_found(capillary, str(transaction + 1))


def test_transaction_number_is_the_issue_reference(capillary: Client) -> None:
    capillary.advance(61)
    assert detail(capillary, issued(capillary, transactionNumber="2344s4"))["rewardIssueRefId"] == "2344s4"
    assert detail(capillary, issued(capillary))["rewardIssueRefId"] == "1767225661"


def test_outcome_of_an_issue_does_not_change(capillary: Client) -> None:
    made = [issued(capillary, COUPON), partly(capillary), refused(capillary)]
    before = [get(capillary, transaction).content for transaction in made]
    assert revoke(capillary, made[0])["status"]["code"] == 200
    capillary.advance(10 * 365 * 86_400)
    assert [get(capillary, transaction).content for transaction in made] == before


# Unknown transactions


def is_not_found(client: Client, transaction: str, customer: str = CUSTOMER) -> bool:
    response = get(client, transaction, customer)
    status = [{"success": False, "code": 10007, "message": "Transaction not found"}]
    return response.status == 400 and response.json == {"status": status, "data": None}


@pytest.mark.parametrize("transaction", ["1", "400001", "999999999999999999"])
def test_unknown_transaction_is_400_10007(capillary: Client, transaction: str) -> None:
    assert is_not_found(capillary, transaction)


def test_transaction_of_another_customer_is_unknown(capillary: Client) -> None:
    assert is_not_found(capillary, "94044", "383428154")
    assert is_not_found(capillary, issued(capillary), "423931087")


def test_reward_not_found_has_its_own_code(capillary: Client) -> None:
    response = get(capillary, "112298", "112295")
    status = {"success": False, "code": 6004, "message": "Reward not found or disabled."}
    assert (response.status, response.json) == (400, {"status": status, "reward": None})
    assert is_not_found(capillary, "112299", "112295")
    assert "112298" in ids(capillary, "112295")


# List


def test_list_shows_refused_issues_too(capillary: Client) -> None:
    made = [issued(capillary), refused(capillary), partly(capillary)]
    assert ids(capillary) == [*reversed(made), "195613"]


def test_list_has_its_envelope_and_fields(capillary: Client) -> None:
    transaction = issued(capillary, MILES, transactionNumber="23444")
    response = page(capillary)
    assert response.status == 200
    assert list(response.json) == ["status", "rewardIssueTransactions", "pagingDto"]
    assert response.json["status"] == example("capillary", "issuals")["status"]
    entry = response.json["rewardIssueTransactions"][0]
    printed = example("capillary", "issuals")["rewardIssueTransactions"][0]
    assert set(entry) == set(printed) | {"vendorId"}
    assert set(entry["rewardDetails"]) == set(printed["rewardDetails"])
    assert entry["rewardTransactionId"] == transaction
    assert (entry["rewardIssueRefId"], entry["status"]) == ("23444", ISSUED)
    assert (entry["rewardDetails"]["rewardId"], entry["redemptionType"], entry["vendorId"]) == (38879, "MILES", 38)
    assert entry["rewardDetails"]["termNConditionsId"] is None
    assert (entry["eventDateTime"], entry["issueDateTime"]) == ("2026-01-01T00:00:00Z",) * 2


def test_list_and_detail_agree(capillary: Client) -> None:
    made = [issued(capillary, MILES), refused(capillary), partly(capillary), issued(capillary, COUPON)]
    for entry, transaction in zip(entries(capillary), [*reversed(made), "195613"], strict=True):
        data = detail(capillary, transaction)
        for name in ("rewardTransactionId", "rewardIssueRefId", "rewardTransactionDate", "status", "ownerId"):
            assert entry[name] == data[name]
        for name in ("rewardId", "languageCode", "name", "description", "imageId", "imageUrl"):
            assert entry["rewardDetails"][name] == data["rewardDetails"].get(name)


def test_list_is_newest_first(capillary: Client) -> None:
    made = []
    for seconds in (0, 0, 1, 3600):
        capillary.advance(seconds)
        made.append(issued(capillary))
    dates = [entry["rewardTransactionDate"] for entry in entries(capillary)]
    assert dates == sorted(dates, reverse=True)
    assert ids(capillary) == [*reversed(made), "195613"]
    assert ids(capillary, "383428154") == ["84630", "17337"]


@pytest.mark.parametrize("filters", [{}, {"rewardId": PHYSICAL}])
def test_list_pages_count_from_zero(capillary: Client, filters: dict[str, str]) -> None:
    customer, mobile = "112295", "11223569865"
    made = [issued(capillary, PHYSICAL, mobile=mobile) for _ in range(5)][::-1]
    everything = made if filters else [*made, "112298", "112297", "112296"]
    pages, total = -(-len(everything) // 2), len(everything)
    for number in range(pages + 2):
        response = page(capillary, customer, page=number, size=2, **filters)
        shown = everything[2 * number : 2 * number + 2]
        assert [entry["rewardTransactionId"] for entry in response.json["rewardIssueTransactions"]] == shown
        assert response.json["pagingDto"] == {
            "last": number >= pages - 1,
            "totalElements": total,
            "totalPages": pages,
            "numberOfElements": len(shown),
            "first": number == 0,
            "size": 2,
            "number": number,
        }
    assert ids(capillary, customer, Page=1, Size=2, **filters) == everything


def test_list_size_is_1_to_100_and_100_by_default(capillary: Client) -> None:
    for _ in range(101):
        issued(capillary)
    assert len(ids(capillary)) == len(ids(capillary, size=100)) == 100
    assert page(capillary).json["pagingDto"]["size"] == 100
    assert len(ids(capillary, size=1)) == 1
    assert ids(capillary, page=1) == [*ids(capillary, page=101, size=1), *ids(capillary, page=100, size=1)][::-1]
    for size in (0, 101, -1):
        assert is_refused(page(capillary, size=size), 400)
    assert is_refused(page(capillary, page=-1), 400)


def test_list_filters_by_status(capillary: Client) -> None:
    good, half, bad = issued(capillary), partly(capillary), refused(capillary)
    assert ids(capillary, status="true") == [good]
    assert ids(capillary, status="false") == [bad, half, "195613"]
    assert ids(capillary) == [bad, half, good, "195613"]
    assert is_refused(page(capillary, status="yes"), 400)


def test_list_filters_by_points_reference(capillary: Client) -> None:
    first, second = issued(capillary, MILES), issued(capillary, COUPON)
    free = issued(capillary, PHYSICAL)
    one, two = (detail(capillary, found)["pointsRedemption"]["pointsRedemptionRefId"] for found in (first, second))
    assert ids(capillary, pointsRefIds=one) == [first]
    assert ids(capillary, pointsRefIds=f"{one},{two},zzzzzz") == [second, first]
    assert ids(capillary, pointsRefIds="zzzzzz") == []
    (entry,) = entries(capillary, pointsRefIds=two)
    assert entry["pointsRedemptionRefIds"] == [two]
    assert {found["rewardTransactionId"]: found["pointsRedemptionRefIds"] for found in entries(capillary)} == {
        **dict.fromkeys((first, second, free, "195613"))
    }
    assert ids(capillary, "383428154", pointsRefIds="0rjghc") == ["17337"]
    assert is_refused(page(capillary, pointsRefIds=",".join("abcdefghijk")), 400)


def test_list_filters_by_redemption_type(capillary: Client) -> None:
    miles, free = issued(capillary, MILES), issued(capillary, PHYSICAL)
    assert ids(capillary, redemptionType="MILES") == [miles]
    assert ids(capillary, redemptionType="MILES,PHYSICAL_REWARD") == [free, miles]
    assert ids(capillary, redemptionType="INTOUCH_REWARD") == ["195613"]
    assert is_refused(page(capillary, redemptionType="miles"), 400)


@pytest.mark.parametrize("comma", [",", "%2C", "%2c"])
def test_list_takes_commas_in_two_spellings(capillary: Client, comma: str) -> None:
    miles, free = issued(capillary, MILES), issued(capillary, PHYSICAL)
    path = f"/api_gateway/rewards/core/v1/management/customer/{CUSTOMER}/issuals"
    response = capillary.get(f"{path}?redemptionType=MILES{comma}PHYSICAL_REWARD&size=10")
    assert [entry["rewardTransactionId"] for entry in response.json["rewardIssueTransactions"]] == [free, miles]


def test_list_filters_by_owner_group_and_reward(capillary: Client) -> None:
    campaign = issued(capillary, "13", rewardOwnershipRO={"ownerType": "CAMPAIGNS", "ownerId": "abc7"})
    program = issued(capillary, "13", rewardOwnershipRO={"ownerType": "LOYALTY_PROGRAM", "ownerId": "abc7"})
    goodwill = issued(capillary, PHYSICAL, rewardOwnershipRO={"ownerType": "Goodwill", "ownerId": "x"})
    assert ids(capillary, ownerType="Campaigns") == [campaign]
    assert ids(capillary, ownerType="Loyalty program") == [program]
    assert ids(capillary, ownerType="Goodwill") == [goodwill]
    assert ids(capillary, ownerType="Journeys") == ids(capillary, ownerType="Milestones") == []
    assert ids(capillary, ownerId="abc7") == ids(capillary, groupName="Handbags") == [program, campaign]
    assert ids(capillary, rewardId="13", ownerType="Campaigns") == [campaign]
    assert ids(capillary, rewardId=PHYSICAL, ownerId="abc7") == []
    assert entries(capillary)[0]["ownerType"] == "Goodwill"
    assert is_refused(page(capillary, ownerType="CAMPAIGNS"), 400)
    assert is_refused(page(capillary, rewardId="abc"), 400)


def test_unknown_customer_has_an_empty_list(capillary: Client) -> None:
    response = page(capillary, "7")
    assert (response.status, response.json) == (200, example("capillary", "no_issuals"))


def test_list_without_filters_reads_the_issuals_of_the_page_only(
    capillary: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        issued(capillary)
    streams: list[str] = []
    store = capillary.stub.engine.store.records
    read = store.read

    def counted(session: str, stream: str) -> Any:
        streams.append(stream)
        return read(session, stream)

    monkeypatch.setattr(store, "read", counted)
    assert len(ids(capillary, page=1, size=2)) == 2
    assert len([stream for stream in streams if stream.startswith("job/")]) == 2
