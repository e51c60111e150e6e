"""A token opens the provider and the session that minted it, and nothing else."""

from __future__ import annotations

from tests.client import Client
from tests.providers.conftest import Connect

PROMOTION = "/v2/promotions/ad386702-e780-42c6-b190-0527ad768917"
LOGIN = {"username": "sandbox@example.com", "password": "sandbox"}
CLIENT = {"grant_type": "client_credentials", "client_id": "test-client", "client_secret": "test-secret"}


def test_a_token_of_one_provider_does_not_open_another(connect: Connect) -> None:
    elastic = connect("elastic_path")
    foreign = connect("loyaltydog").request("POST", "/v2/token", form=LOGIN).json["accessToken"]
    own = elastic.request("POST", "/oauth/access_token", form=CLIENT).json["access_token"]
    assert elastic.get(f"{PROMOTION}/jobs", headers={"authorization": f"Bearer {own}"}).status == 200
    assert elastic.get(f"{PROMOTION}/jobs", headers={"authorization": f"Bearer {foreign}"}).status == 401


def test_a_token_of_one_session_does_not_open_another(connect: Connect) -> None:
    elastic = connect("elastic_path")
    token = elastic.request("POST", "/oauth/access_token", form=CLIENT).json["access_token"]
    elsewhere = Client(elastic.stub, "elastic_path", session="elsewhere")
    assert elsewhere.get(f"{PROMOTION}/jobs", headers={"authorization": f"Bearer {token}"}).status == 401
