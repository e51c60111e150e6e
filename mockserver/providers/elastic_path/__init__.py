"""Elastic Path: jobs that generate and export the codes of a promotion, the codes, their files, and tokens."""

from __future__ import annotations

from mockserver.core.clock import SECOND
from mockserver.engine.answer import Answer
from mockserver.engine.call import Call
from mockserver.engine.handlers import Handlers
from mockserver.engine.simulation import Credential
from mockserver.providers.elastic_path.codes import list_codes
from mockserver.providers.elastic_path.files import download_codes, get_file
from mockserver.providers.elastic_path.jobs import cancel_job, create_job, list_jobs
from mockserver.providers.elastic_path.refusals import classify, refuse


def create_token(call: Call) -> Answer:
    """A token of either grant; only that of client_credentials opens anything."""
    grant, client = call.body["grant_type"], call.row("clients", id=call.body["client_id"])
    if client is None or (grant == "client_credentials" and call.body["client_secret"] != client["secret"]):
        raise call.refuse("credentials_refused")
    lifetime = call.setting("token_lifetime")
    token = call.mint(Credential(client["id"], frozenset({grant})), lifetime)
    expires = call.now // SECOND + lifetime
    body = {"access_token": token, "token_type": "Bearer", "expires_in": lifetime, "expires": expires}
    return Answer(200, {**body, "identifier": grant})


HANDLERS = Handlers(
    {
        "createAccessToken": create_token,
        "listPromotionJobs": list_jobs,
        "createPromotionJob": create_job,
        "cancelPromotionJob": cancel_job,
        "getPromotionJobFile": get_file,
        "downloadPromotionCodes": download_codes,
        "listPromotionCodes": list_codes,
    },
    refuse,
    classify,
)
