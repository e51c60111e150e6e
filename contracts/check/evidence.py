"""What shows a breach again, in words: its requests as lines for a shell, the options of the run, the answer."""

from __future__ import annotations

from contracts.check.shell import curl
from contracts.check.verdict import Verdict
from contracts.findings import Evidence, Step
from contracts.target.breach import Breach

MOST_OF_A_BODY = 10_000


def evidence(verdict: Verdict, breach: Breach) -> Evidence:
    """The breach's exchanges as steps. Raw values are in none."""
    shown = tuple(
        Step(line, one.status, one.response.headers, shortened(one.response.body))
        for line, one in zip(steps(verdict, breach), breach.exchanges, strict=True)
    )
    return Evidence(verdict.subject.statement(breach.promise), shown, confirmation(breach), breach.times)


def steps(verdict: Verdict, breach: Breach) -> list[str]:
    """The requests of a finding as curl lines, each with the status that came back. Raw values are in none."""
    return [f"{curl(one.request, verdict.placeholders)}  # {one.status}" for one in breach.exchanges]


def confirmation(breach: Breach) -> str:
    """What became of the steps when they were sent once more, alone; "" when that was not tried."""
    return {
        None: "",
        True: "sent once more, the same came back",
        False: "sent once more, something else came back: it takes other requests too, or their timing",
    }[breach.seen_again]


def again(verdict: Verdict, breach: Breach) -> str:
    """The options that find this again: the seed, and what to look with."""
    if verdict.asked.startswith("--har"):
        return verdict.asked
    by, _, name = (breach.exchanges[-1].by if breach.exchanges else "").partition(" ")
    only = {"law": f"--only {name}", "schemathesis": "--only schemathesis"}.get(by, "")
    return " ".join(filter(None, (verdict.asked, f"--seed {breach.seed}", only)))


def shortened(body: bytes, limit: int = MOST_OF_A_BODY) -> str:
    """A body for people: text, and not all of it when it is long."""
    text = body[: limit + 4].decode("utf-8", "replace")
    return text if len(text) <= limit else f"{text[:limit]}… ({len(body):,} bytes)"
