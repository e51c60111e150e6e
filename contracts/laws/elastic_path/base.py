"""What the laws of Elastic Path share: requests, and jobs that are driven to an end."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from contracts.laws.context import Context
from contracts.laws.jobs import Driver, JobKind, drivers
from contracts.laws.law import Laws, Limit
from contracts.laws.snapshots import Snapshot
from contracts.target.exchange import Exchange

CREATE, JOBS, CANCEL = "createPromotionJob", "listPromotionJobs", "cancelPromotionJob"
FILE, DOWNLOAD, CODES, TOKEN = (
    "getPromotionJobFile",
    "downloadPromotionCodes",
    "listPromotionCodes",
    "createAccessToken",
)
UNKNOWN = "00000000-0000-4000-8000-00000000abcd"
STATUSES = ("pending", "processing", "completed", "failed", "cancelling", "cancelled")
TYPES = ("code_generate", "code_export")
HOUR = 3600


def bodies(_: Context) -> st.SearchStrategy[Any]:
    """Bodies that any promotion with some space accepts."""
    return st.one_of(st.builds(generation, parameters()), st.just(exporting()), st.just(exporting(name="all of them")))


def parameters() -> st.SearchStrategy[Any]:
    """What to generate: few codes, in every form."""
    optional: dict[str, st.SearchStrategy[Any]] = {
        "consume_unit": st.sampled_from(["per_item", "per_cart"]),
        "max_uses_per_code": st.sampled_from([0, 1, 7]),
        "code_length": st.integers(8, 16),
        "code_prefix": st.sampled_from(["summer", "Promo-", "a"]),
    }
    return st.fixed_dictionaries({"number_of_codes": st.integers(1, 12)}, optional=optional)


def generation(wanted: dict[str, Any] | None = None, **data: Any) -> dict[str, Any]:
    """A request to generate codes; three of them when nothing is said."""
    made = wanted or {"number_of_codes": 3}
    return {"data": {"type": "promotion_job", "job_type": "code_generate", "parameters": made, **data}}


def exporting(**data: Any) -> dict[str, Any]:
    """A request to export the codes of a promotion."""
    return {"data": {"type": "promotion_job", "job_type": "code_export", **data}}


LAWS = Laws(
    jobs={
        "PromotionJob": JobKind(
            CREATE, bodies, lambda sent: sent["data"].get("parameters", {}).get("number_of_codes", 0)
        )
    },
    limit=Limit("E158", 100, 1),
)


def driver_of(context: Context) -> Driver:
    """Drives promotion jobs in an untouched session; where there are none, once the promotion's last job is over."""
    if context.control is None:
        idle(context)
    return drivers(context, LAWS.jobs)[0].renewed()


def idle(context: Context) -> None:
    """Wait until no job of the promotion is pending or processing. Raises BudgetSpentError."""
    while any(job["status"] in ("pending", "processing") for job in context.call(JOBS).json["data"]):
        context.clock.wait(1.0)


def started(driver: Driver, body: dict[str, Any]) -> tuple[Exchange, Snapshot]:
    """A job that was accepted; a refusal breaks the law."""
    submitted, job = driver.submit(body)
    driver.context.expect(job is not None, f"{submitted.status} instead of a job", submitted, promise="E63")
    assert job is not None
    return submitted, job


def finished(driver: Driver, body: dict[str, Any]) -> tuple[Exchange, list[Snapshot]]:
    """A job that has come to rest, with every look at it."""
    submitted, job = started(driver, body)
    return submitted, driver.until_rest(submitted, job)


def until(driver: Driver, submitted: Exchange, job: Snapshot, state: str) -> Snapshot | None:
    """Poll until the job is in a state; None when it was never seen in it."""
    while job.state != state and not driver.lifecycle.at_rest(job.state):
        driver.context.clock.wait(0.5)
        exchange, after = driver.read(submitted, job)
        driver.context.expect(after is not None, f"the job {job.id} is no longer there", submitted, exchange)
        assert after is not None
        job = after
    return job if job.state == state else None


def promotion(context: Context, name: str = "promotionID") -> dict[str, Any]:
    """The path parameter of one of the target's promotions."""
    return {"promotionID": str(context.data[name])}


def whole(context: Context, operation: str, path: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Every record of a list, page by page."""
    found: list[dict[str, Any]] = []
    while True:
        page = context.call(operation, path=path, query={"page[limit]": 100, "page[offset]": len(found)})
        context.expect(page.status == 200, f"a page is {page.status}", page)
        records = page.json["data"]
        found += records
        if len(found) >= page.json["meta"]["results"]["total"] or not records:
            return found


def refused(context: Context, exchange: Exchange, wanted: int, promise: str, /, **members: Any) -> None:
    """An answer is this refusal, with these members of its first error."""
    context.expect(exchange.status == wanted, f"{exchange.status}, not {wanted}", exchange, promise=promise)
    error = exchange.json["errors"][0]
    for name, value in members.items():
        said = error.get(name)
        context.expect(said == value, f"the {name} is {said!r}, not {value!r}", exchange, promise=promise)
