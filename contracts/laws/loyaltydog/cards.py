"""Cards: how many at once, all of them accounted for, no two alike."""

from __future__ import annotations

from hypothesis import strategies as st

from contracts.laws.context import Context
from contracts.laws.loyaltydog.base import (
    LAWS,
    THRESHOLD,
    by_count,
    driver_of,
    for_recipients,
    issue,
    known,
    outcome,
    refused,
)


@LAWS.law("L55", needs=("programId",))
def fifty_cards_at_once_and_no_more(context: Context) -> None:
    """50 cards are issued at once, 51 become a task, by count and for recipients."""
    for count, wanted in ((1, 201), (THRESHOLD, 201), (THRESHOLD + 1, 202)):
        for body, promise in (
            (by_count(count), "L55" if wanted == 201 else "L56"),
            (for_recipients(known(context, count)), "L57"),
        ):
            refused(context, issue(context, body), wanted, promise)


@LAWS.law("L26", needs=("programId",))
def every_card_is_accounted_for(context: Context) -> None:
    """issuedCount is the number of cards; together with failedCount, it is the number that was asked for."""
    unreachable = list(context.data.get("unreachable", ()))

    def examine(asked: tuple[int, bool, list[str]]) -> None:
        count, counted, failing = asked
        failing = [] if counted else failing[:count]
        body = by_count(count) if counted else for_recipients([*failing, *known(context, count - len(failing))])
        driver = driver_of(context)
        own = driver.context
        value, shown = outcome(driver, body, count)
        if value.get("status") == "failed":
            return
        cards, failed = len(value["cards"]), value["failedCount"]
        own.expect(value["issuedCount"] == cards, f"{value['issuedCount']} of {cards} cards", shown)
        words = f"{cards} issued, {failed} failed, {count} asked for"
        own.expect(cards + (failed or 0) == count, words, shown)
        words = f"{failed} failed, {len(failing)} cannot be reached"
        own.expect((failed or 0) == len(failing), words, shown, promise="L59" if count <= THRESHOLD else "L22")
        if "error" in value:
            said = value["error"]
            own.expect((said is None) == (not failing), f"the error is {said!r}", shown, promise="L24")
        linked = value["csvDownloadUrl"] is not None
        promise = "L62" if counted else "L63"
        own.expect(linked == counted or not cards, "a link to a CSV, or none", shown, promise=promise)

    counts = st.sampled_from([1, 2, 49, THRESHOLD, THRESHOLD + 1, 77])
    failures = st.lists(st.sampled_from(unreachable), max_size=4) if unreachable else st.just([])
    context.search(st.tuples(counts, st.booleans(), failures), examine, examples=0 if context.control else 2)


@LAWS.law("L70", needs=("programId",))
def cards_differ(context: Context) -> None:
    """No two cards have one id or number, within an issuance or across several; the last four digits are its end."""
    driver = driver_of(context)
    cards: list[dict[str, str]] = []
    for body, count in ((by_count(50), 50), (by_count(50), 50), (by_count(60), 60), (for_recipients(["a@b.co"]), 1)):
        value, shown = outcome(driver, body, count)
        cards += value["cards"]
        for card in value["cards"]:
            end = card["cardNumber"][-4:]
            words = f"{card['lastFourDigits']} is not the end of {card['cardNumber']}"
            driver.context.expect(card["lastFourDigits"] == end, words, shown, promise="L31")
        for name, promise in (("cardNumber", "L70"), ("id", "L32")):
            different = len({card[name] for card in cards})
            words = f"{len(cards)} cards have {different} different {name}s"
            driver.context.expect(different == len(cards), words, shown, promise=promise)


@LAWS.law("L42", needs=("programId",))
def the_value_is_from_a_cent_to_ten_thousand(context: Context) -> None:
    """A value is taken from 0.01 to 10000 with any decimals, as a number or as text; others are refused."""
    own = context.fresh()
    for value, wanted in (
        (0.01, 201),
        ("0.01", 201),
        (10000, 201),
        ("10000.00", 201),
        (5000.005, 201),
        ("5000.005", 201),
        (0.009, 422),
        ("0.009", 422),
        (0, 422),
        (-5, 422),
        (10000.01, 422),
        ("10000.01", 422),
        ("much", 422),
    ):
        refused(own, issue(own, by_count(1, initialValue=value)), wanted, "L44" if isinstance(value, str) else "L42")


@LAWS.law("L92", needs=("programId",))
def ten_thousand_cards_and_no_more(context: Context) -> None:
    """10,000 cards are taken and issued, 10,001 are refused."""
    driver = driver_of(context)
    refused(driver.context, issue(driver.context, by_count(10_001)), 422, "L92")
    if context.control is not None:
        value, shown = outcome(driver, by_count(10_000), 10_000)
        count = value["issuedCount"]
        driver.context.expect(count == 10_000, f"{count} of 10,000 are issued", shown)
