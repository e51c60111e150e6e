"""What the Capillary contract itself has to say, against the pages that it was written from."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.specs import documents

CORE = "/api_gateway/rewards/core/v1"
DETAIL = f"{CORE}/management/customer/{{customerId}}/issuals/{{rewardTransactionId}}"
CONTRACT = documents.contract("capillary")
DOCUMENT = documents.document("capillary")
SCHEMAS = DOCUMENT["components"]["schemas"]
example = partial(documents.example, "capillary")
accepts = partial(documents.accepts, "capillary")

# As printed on the detail page; what a signature made long is cut off.
ISSUED = {"success": True, "code": 200, "message": "Reward issued successfully"}
FETCHED = [{"success": True, "code": 200, "message": "Reward issue transactions details fetched successfully"}]
REDEEMED = {"success": True, "code": 200, "message": "Points redeemed successfully."}
IMAGE = "https://s3.us-west-2.amazonaws.com/devenv-crm-solutionsvannnld9gg/marvel_automation/EXDR12987U"
LIMIT_REACHED = (
    "Reward constraint evaluation failed. Request failed. Max limit for the DAYS is reached. "
    "Allowed limit is 15 For Level CUSTOMER"
)
MEDIUM = {"altText": "product picture", "id": None, "url": "mypic.com", "isExternal": True}
PRINTED_MILES: dict[str, Any] = {
    "rewardTransactionId": "94044",
    "customerId": 423931087,
    "orgId": 4000036,
    "rewardIssueRefId": "Transaction-1716621508000",
    "rewardTransactionDate": 1743528316000,
    "status": ISSUED,
    "quantity": 5,
    "requestedQuantity": 5,
    "groupRedemption": False,
    "rewardDetails": {
        "rewardId": 38879,
        "languageCode": "en",
        "name": " INTOUCH Enabled EN",
        "description": "Description EN",
        "groups": [],
        "imageId": "EXDR12987U",
        "imageUrl": IMAGE,
        "intouchPoints": 1,
        "redemptionType": "MILES",
        "vendorName": "test002",
        "vendorId": 38,
        "vendorRedemptionId": 2386,
        "vendorRedemptionName": "VENDOR REDEMPTION-Postman_Test",
        "images": [],
        "videos": [],
    },
    "pointsRedemption": {
        "redeemedPoints": 5,
        "vendorName": "Points001",
        "pointsRedemptionRefId": "5kq5uP",
        "pointsRedemptionRefIds": ["5kq5uP"],
        "status": REDEEMED,
        "vendorId": 47,
    },
    "redemptionDetails": {"redemptionType": "MILES", "totalRedemptionValue": None},
    "vouchers": [],
    "vendorRewards": {
        "rewards": [{"json": f'{{"voucher": "{number}", "pointsRedeemed": "5"}}'} for number in range(1534699, 1534704)]
    },
    "customFields": {"CF1_FALLBACK_1": "CF1_DV", "CF2_FALLBACK_1": "CF2_DV"},
    "richContentRO": {
        "RC__2": {"content": "RC__2_DV", "isEnabled": True},
        "RC__1": {"content": "RC__1_DV", "isEnabled": True},
    },
    "ownerId": "",
    "eventDateTime": "2025-04-01T17:25:16Z",
    "issueDateTime": "2025-04-01T17:25:16Z",
}
PRINTED_COUPON: dict[str, Any] = {
    "rewardTransactionId": "17337",
    "rewardIssueRefId": "transactionNumber",
    "rewardTransactionDate": 1709715033000,
    "status": ISSUED,
    "quantity": 1,
    "groupRedemption": False,
    "rewardDetails": {
        "rewardId": 6834,
        "languageCode": "en",
        "name": " INTOUCH Enabled",
        "description": "Description",
        "imageId": "EXDR12987U",
        "imageUrl": IMAGE,
        "intouchPoints": 1,
        "intouchSeriesId": "1135336",
        "redemptionType": "INTOUCH_REWARD",
        "vendorName": None,
        "vendorId": None,
        "vendorRedemptionId": None,
        "vendorRedemptionName": None,
        "images": [],
        "videos": [],
    },
    "pointsRedemption": {
        "redeemedPoints": 1,
        "vendorName": "Points vendor_1",
        "referenceId": None,
        "pointsRedemptionRefId": "0rjghc",
        "status": REDEEMED,
        "stageReferenceId": None,
        "vendorId": None,
        "requestBody": None,
        "responseBody": None,
        "headers": None,
    },
    "pointsRedemptionCheck": None,
    "issueReward": None,
    "revokeReward": None,
    "constraintsCheck": None,
    "catalogPromotions": None,
    "appliedPromotions": None,
    "vouchers": [
        {
            "code": "XS35QH1HA1OFHP269NZ0H0UCIZSY7S22F2DMP",
            "revenueDetails": {
                "brandCommission": 1.0,
                "capillaryCommission": 0.0,
                "affiliateCommission": 1.2,
                "endCustomerCommission": 1.3,
            },
        }
    ],
    "promotions": None,
    "customFields": {"0a17": "defaultValue", "2d8a": "defaultValue"},
    "ownerType": None,
    "ownerId": "",
    "groupName": None,
    "groupRank": None,
    "rewardRank": None,
}
PRINTED_PHYSICAL: dict[str, Any] = {
    "rewardTransactionId": "338926",
    "customerId": 564488660,
    "orgId": 100737,
    "rewardIssueRefId": "transactionNumber",
    "rewardTransactionDate": 1739180128000,
    "status": ISSUED,
    "quantity": 1,
    "requestedQuantity": 1,
    "groupRedemption": False,
    "rewardDetails": {
        "rewardId": 313501,
        "languageCode": "en",
        "name": " INTOUCH Enabled",
        "description": "Description",
        "groups": [],
        "imageId": "EXDR12987U",
        "imageUrl": "https://s3.eu-west-1.amazonaws.com/eucrm-solutions/DOCDEMO/EXDR12987U",
        "intouchPoints": 0,
        "redemptionType": "PHYSICAL_REWARD",
        "images": [{"name": "imageName", **MEDIUM}],
        "videos": [{"name": "videoName", **MEDIUM}],
    },
    "pointsRedemption": {"redeemedPoints": 0, "pointsRedemptionRefIds": [None], "status": REDEEMED},
    "redemptionDetails": {"redemptionType": "PHYSICAL_REWARD", "totalRedemptionValue": None},
    "vouchers": [],
    "vendorRewards": {"rewards": [{"json": "{}"}]},
    "ownerId": "",
}
PRINTED_DETAILS = {"issued_miles": PRINTED_MILES, "issued_coupon": PRINTED_COUPON, "issued_physical": PRINTED_PHYSICAL}


def without(value: Any, *names: str) -> Any:
    """A value without these properties, wherever they stand."""
    if isinstance(value, dict):
        return {name: without(member, *names) for name, member in value.items() if name not in names}
    return [without(member, *names) for member in value] if isinstance(value, list) else value


# Detail


def test_detail_path_is_as_documented() -> None:
    assert DETAIL in DOCUMENT["paths"]
    assert [name for name in DOCUMENT["paths"] if name.endswith("issuals/")] == []
    operation = CONTRACT.operation("getIssual")
    assert operation is not None
    assert {p.name for p in operation.parameters if p.location == "path"} == {"customerId", "rewardTransactionId"}


@pytest.mark.parametrize("name", PRINTED_DETAILS)
def test_printed_details_keep_their_values(name: str) -> None:
    assert example(name) == {"status": FETCHED, "data": PRINTED_DETAILS[name]}


def test_path_ids_are_strings_of_digits() -> None:
    for identifier in ("getIssual", "listIssuals", "issueReward"):
        operation = CONTRACT.operation(identifier)
        assert operation is not None
        for parameter in operation.parameters:
            if parameter.location == "path":
                assert parameter.required
                assert parameter.schema is not None
                _, schema = CONTRACT.library.follow(parameter.schema)
                assert schema == SCHEMAS["IdText"]
    assert SCHEMAS["IdText"]["type"] == "string"
    assert all(accepts("IdText", said) for said in ("112295", "383428154", "1"))
    assert not any(accepts("IdText", said) for said in (112295, "", "0", "-1", "+1", "007", "1.0", "x", "9" * 20))


def test_detail_has_no_paging() -> None:
    operation = DOCUMENT["paths"][DETAIL]["get"]
    assert {p.get("name") for p in operation["parameters"]} & {"page", "size"} == set()
    assert "pagingDto" not in SCHEMAS["IssualDetail"]["properties"]


@pytest.mark.parametrize(
    "names",
    [
        *(["customerId"], ["orgId"], ["requestedQuantity"], ["redemptionDetails"], ["vendorRewards"], ["customFields"]),
        *(["richContentRO"], ["eventDateTime"], ["issueDateTime"], ["imageId", "imageUrl"]),
    ],
    ids=lambda names: names[0],
)
def test_optional_fields_may_be_absent(names: list[str]) -> None:
    assert accepts("Issual", without(PRINTED_MILES, *names))


@pytest.mark.parametrize("name", ["vendorName", "vendorId", "vendorRedemptionId", "vendorRedemptionName"])
def test_absent_and_null_are_both_valid(name: str) -> None:
    reward = {n: v for n, v in PRINTED_COUPON["rewardDetails"].items() if n != name}
    assert accepts("Issual", PRINTED_COUPON)
    assert accepts("Issual", PRINTED_COUPON | {"rewardDetails": reward})
    nulls = [name for name, value in PRINTED_COUPON.items() if value is None]
    assert {"issueReward", "revokeReward", "promotions", "ownerType", "groupName", "rewardRank"} <= set(nulls)
    assert accepts("Issual", without(PRINTED_COUPON, *nulls))


def test_redemption_types_are_the_documented_ones() -> None:
    printed = (
        "GAMES AUCTION CART_PROMOTION CASH_WALLET VENDOR_ONLY_REWARD VOUCHER CASH_BACK INTOUCH_REWARD PHYSICAL_REWARD "
        "CHARITY MILES GIFT_CARD SWEEPSTAKES VENDOR_INTOUCH_REWARD CARD_DISC"
    )
    assert SCHEMAS["RedemptionType"]["enum"] == printed.split()


def test_voucher_expiry_has_two_spellings() -> None:
    voucher = {
        "code": "UPPERlower003",
        "codeExpiry": "2025-06-15 00:00:00",
        "codeExpiryDateTime": "2025-06-15T00:00:00Z",
        "redemptionDetails": {"redemptionType": "VOUCHER", "redemptionValue": None},
    }
    assert accepts("Voucher", voucher)
    assert accepts("Voucher", {"code": "UPPERlower003"})
    assert not accepts("Voucher", voucher | {"codeExpiry": "2025-06-15T00:00:00Z"})
    assert not accepts("Voucher", voucher | {"codeExpiryDateTime": "2025-06-15 00:00:00"})


def test_rich_content_is_a_map() -> None:
    assert accepts("RichContent", PRINTED_MILES["richContentRO"])
    assert not accepts("RichContent", {"RC__1": {"content": "RC__1_DV"}})
    assert not accepts("RichContent", {"RC__1": "RC__1_DV"})


def test_fields_without_example_are_optional() -> None:
    documented = {
        "transactionCustomFields": {"a": "b"},
        "fulfillmentDetails": {"status": "DELIVERED"},
        "fulfillmentDetailsAuditLog": [],
        "eventLogId": "e1",
        "languageSpecificInfo": {"richContentRO": {"RC": {"content": "x", "isEnabled": True, "defaultValue": "y"}}},
    }
    for name, value in documented.items():
        assert name in SCHEMAS["IssualRecord"]["properties"]
        assert accepts("Issual", PRINTED_PHYSICAL | {name: value})
    assert "rewardRank" in SCHEMAS["RewardDetails"]["properties"]
    assert not {"defaultValue", "isMandatory"} & set(SCHEMAS["RichContent"]["additionalProperties"]["required"])


@pytest.mark.parametrize("name", [*PRINTED_DETAILS, "partial", "failed"])
def test_answers_may_have_more_fields(name: str) -> None:
    said = example(name)
    assert accepts("IssualDetail", said | {"later": 1, "data": said["data"] | {"later": {"x": 1}}})


def test_printed_failed_detail_keeps_its_values() -> None:
    data = example("failed")["data"]
    assert data["status"] == {
        "success": False,
        "code": 8004,
        "message": "fail to issue reward as  points are not redeemable",
    }
    assert (data["rewardTransactionId"], data["customerId"], data["orgId"]) == ("195613", 177071561, 100458)
    assert (data["rewardIssueRefId"], data["rewardTransactionDate"]) == ("1717922973", 1717922974000)
    assert (data["quantity"], data["requestedQuantity"]) == (1, 0)
    assert (data["pointsRedemption"], data["vendorRewards"]) == ({}, {"rewards": []})
    assert {"vouchers", "redemptionDetails"}.isdisjoint(data)


def test_partial_example_is_valid() -> None:
    data = example("partial")["data"]
    assert accepts("IssualPartial", data)
    assert not accepts("IssualIssued", data)
    assert not accepts("IssualFailed", data)
    assert 0 < data["quantity"] < data["requestedQuantity"]
    assert set(data) == set(PRINTED_MILES) - {"customFields", "richContentRO"}


def test_no_operation_documents_404() -> None:
    assert {status for operation in CONTRACT.operations for status in operation.responses} == {
        *("200", "400", "401", "403", "406", "413", "415", "429", "504")
    }


# List


def test_printed_list_entries_keep_their_values() -> None:
    first, second = example("issuals")["rewardIssueTransactions"]
    assert (first["rewardTransactionId"], first["rewardIssueRefId"]) == ("93924", "Transaction-1743490091000")
    assert (first["status"]["code"], first["rewardTransactionDate"]) == (12005, 1743490092000)
    assert (first["redemptionType"], first["pointsRedemptionRefIds"]) == ("CART_PROMOTION", None)
    assert (second["rewardTransactionId"], second["rewardIssueRefId"]) == ("106046", "TX6910268")
    assert (second["status"], second["rewardDetails"]["rewardId"]) == (ISSUED, 13)
    assert (second["redemptionType"], second["pointsRedemptionRefIds"]) == (None, ["62TXWX"])


def test_type_of_a_listed_issual_may_be_null() -> None:
    _, entry = example("issuals")["rewardIssueTransactions"]
    assert accepts("IssualSummary", entry | {"redemptionType": None})
    assert accepts("IssualSummary", entry | {"redemptionType": "MILES"})
    assert not accepts("IssualSummary", entry | {"redemptionType": "miles"})


# Issue


def test_printed_issue_requests_keep_their_values() -> None:
    printed: dict[str, dict[str, Any]] = {
        "by_mobile": {"mobile": "919456430850", "brand": "BUKL", "transactionNumber": "23444", "notes": "test"},
        "by_external_id": {"externalId": "919456430850", "brand": "BUKL", "transactionNumber": "01987"},
        "by_email": {"emailId": "asdf@gmail.com", "brand": "BUKL", "transactionNumber": "23444", "notes": "test"},
        "with_redemption_value": {
            "mobile": "11223569865",
            "brand": "BUKL",
            "quantity": 1,
            "paymentConfig": {"redemptionValue": 1000},
        },
        "with_owner": {
            "mobile": "917411982768",
            "brand": "SAHANA_TEST",
            "rewardOwnershipRO": {"ownerType": "CAMPAIGNS", "ownerId": "abc7"},
        },
    }
    assert {name: example(name) for name in printed} == printed
    assert example("with_fulfillment")["fulfillmentDetails"] == {"status": "DELIVERED"}
    assert example("with_program") == printed["by_mobile"] | {"programId": "626"}
    tender = example("with_tender")
    assert (tender["paymentConfig"], tender["transactionNumber"]) == ({"id": 55}, "2344s4")
    assert [one["tenderId"] for one in tender["tender"]["tenders"]] == ["123", "123456"]


def test_printed_issue_answers_keep_their_values() -> None:
    nothing = dict.fromkeys(("intouch", "promotion", "fulfillmentDetails", "customFields", "eventLogId", "requestId"))
    assert example("reward_issued") == nothing | {
        "status": ISSUED,
        "transactionId": 397137,
        "vendor": {"pointsRedeemed": "500"},
        "paymentConfig": None,
        "redemptionDetails": None,
        "eventDateTime": "2025-03-27T13:38:11Z",
    }
    assert example("reward_issued_with_value") == nothing | {
        "status": ISSUED,
        "transactionId": 330114,
        "vendor": {},
        "paymentConfig": {"paymentMode": "CONV_RATIO", "id": 3799, "conversionRatio": 0.33},
        "redemptionDetails": {"redemptionType": "MILES", "totalRedemptionValue": 1000},
    }


def test_message_of_success_is_free() -> None:
    answer = example("reward_issued")
    assert accepts("RewardIssued", answer | {"status": ISSUED | {"message": "Promotion issued successfully"}})
    assert not accepts("RewardIssued", answer | {"status": ISSUED | {"code": 201}})


def test_issue_has_no_link_to_the_detail() -> None:
    response = DOCUMENT["paths"][f"{CORE}/user/reward/{{rewardId}}/issue"]["post"]["responses"]["200"]
    assert [link["operationId"] for link in response["links"].values()] == ["revokeReward"]
    assert "customerId" not in SCHEMAS["IssueAnswer"]["properties"]
    assert "customerId" not in example("reward_issued")


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("brand_not_found", 3004, "Brand not found"),
        ("reward_disabled", 8003, "fail to issue reward as Reward is disabled or not started yet or expired"),
        ("points_not_redeemable", 8004, "fail to issue reward as  points are not redeemable"),
        ("customer_not_valid", 8004, "fail to issue reward as  points are not redeemable"),
        ("issued_partially", 8010, "Reward issued partially"),
        ("payment_mode_invalid", 12016, "Invalid payment mode passed."),
        ("payment_id_missing", 400, "Invalid payment mode passed.,Payment configuration id is mandatory"),
        ("segment_mismatch", 12034, "User doesn't belong to segment partition defined for reward segment"),
        ("card_missing", 12050, "User has no valid cards from card series linked to the reward."),
        ("limit_reached", 12005, LIMIT_REACHED),
    ],
)
def test_printed_refusals_keep_their_values(name: str, code: int, message: str) -> None:
    said = example(name)
    status = {n: v for n, v in said["status"].items() if n != "partnerError"}
    assert status == {"success": False, "code": code, "message": message}
    assert accepts("RewardNotIssued", said)


@pytest.mark.parametrize("code", [1010, 12035, 828, 99999])
def test_refusal_code_is_open(code: int) -> None:
    status = {"success": False, "code": code, "message": "whatever"}
    assert accepts("RewardRefused", {"status": status})
    assert accepts("Issual", example("failed")["data"] | {"status": status})


# Revoke


def test_printed_revoke_bodies_keep_their_values() -> None:
    assert example("revoke") == {
        "txnId": 9876543210,
        "revokedEventDateTime": "2026-05-13T09:32:11.000Z",
        "revokedBy": "BRAND_OPERATOR",
        "revokeReason": "VENDOR_FULFILMENT_FAILURE",
    }
    assert example("cancelled") == {
        "status": {"success": True, "code": 200, "message": "Reward revoked successfully"},
        "txnId": 9876543210,
        "state": "CANCELLED",
        "userRewardCount": 1,
    }
    outcomes = {
        "txn_id_missing": (400, "must not be null"),
        "revoke_not_enabled": (13005, "Revoke feature is not enabled for this brand"),
        "not_issued": (13003, "Transaction is not in the required state for this operation"),
        "revoke_transaction_not_found": (10007, "Transaction not found"),
        "user_reward_not_found": (10008, "User reward not found"),
        "points_not_reversed": (1018, "Failed to reverse points"),
    }
    for name, (code, message) in outcomes.items():
        assert example(name)["status"] == {"success": False, "code": code, "message": message}


# Access


def test_servers_are_the_documented_hosts() -> None:
    (server,) = DOCUMENT["servers"]
    assert server["url"] == "https://{host}"
    hosts = ["eu.api.capillarytech.com", "api.capillarytech.com", "apac.api.capillarytech.com", "api.capillarytech.cn"]
    assert server["variables"]["host"]["enum"] == hosts
