from benchmarks.figures import Results
from benchmarks.peers import BARE, CONNEXION, OURS, PRISM
from benchmarks.sections import abilities, check, first, growth, throughput
from benchmarks.targets import Verdict, verdicts


def verdict(results: Results, beginning: str) -> Verdict:
    return next(found for found in verdicts(results) if found.target.startswith(beginning))


def test_nothing_measured_is_neither_met_nor_missed() -> None:
    assert {found.met for found in verdicts(Results())} == {None}


def test_a_target_is_missed_when_one_request_misses_it() -> None:
    results = Results()
    for name, rates in {"GET job": (700, 1000, 300), "POST job": (500, 1000, 100)}.items():
        for row, rate in zip((OURS.name, BARE.name, PRISM.name), rates, strict=True):
            results.add(name, row, throughput.rate(16), rate, "req/s")
    throughput.compare(results)
    share = verdict(results, "requests per second: 60%")
    assert (share.met, share.figure) == (False, "GET job 70%, POST job 50%")
    twice = verdict(results, "requests per second: twice")
    assert (twice.met, twice.figure) == (True, "GET job 2.33 x, POST job 5.00 x")


def test_first_answer_is_compared_with_peers_that_validate_and_are_not_python() -> None:
    results = Results()
    for peer, seconds, validates in ((PRISM, 0.9, True), (CONNEXION, 0.2, True)):
        results.add(first.TABLE, peer.name, first.SECONDS, seconds, "s")
        results.add(abilities.TABLE, peer.name, abilities.VALIDATES, validates, "yes/no")
    results.add(first.TABLE, OURS.name, first.SECONDS, 0.5, "s")
    found = verdict(results, "first answer: below")
    assert found.met
    assert "Prism 0.90 s" in found.target
    assert "Connexion" not in found.target


def test_growth_is_judged_at_a_million_only() -> None:
    results = Results()
    results.add(growth.table(OURS), growth.row(1000), f"GET: {growth.RATIO}", 1.5, "ratio")
    assert verdict(results, "cost per request").met is None
    results.add(growth.table(OURS), growth.row(1_000_000), f"GET: {growth.RATIO}", 1.05, "ratio")
    assert verdict(results, "cost per request").met


def test_the_judge_may_be_as_fast_as_plain_schemathesis() -> None:
    results = Results()
    for row in (check.PLAIN, check.OURS):
        results.add(check.TABLE, row, check.RATE, 50, "cases/s")
    assert verdict(results, "contracts check").met
