"""`python -m benchmarks`: install the peers, measure, write table, figures and chart."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import chart, machine, report
from benchmarks.bench import FULL, QUICK, Bench, Section
from benchmarks.figures import Results
from benchmarks.install import install
from benchmarks.peers import HERE, SERVERS, Server
from benchmarks.sections import SECTIONS
from benchmarks.targets import verdicts

PUBLISHED, LAST = HERE / "results", HERE / ".last"
WORDS = {True: "met", False: "NOT MET", None: "not measured"}


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 0 when it ran, whatever the figures."""
    said = _parse(argv)
    if said.report:
        _write(*report.from_json((said.output / "results.json").read_bytes()), said.output)
        return 0
    sections, servers = chosen(said.only)
    # Servers have process groups of their own: who ends the run by a signal ends them as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    bench = Bench(QUICK if said.quick else FULL, servers)
    for problem in install():
        bench.say(f"not installed: {problem}")
    described, before = machine.describe(), machine.times()
    for section in sections:
        section.run(bench)
        # Written after each section: what was measured is not lost with the rest.
        _write(bench.results, {**described, "stolen": machine.stolen(before, machine.times())}, said.output)
    bench.say("done")
    for verdict in verdicts(bench.results):
        sys.stdout.write(f"{WORDS[verdict.met]:13} {verdict.target}: {verdict.figure}\n")
    return 0


def chosen(names: Sequence[str]) -> tuple[list[Section], tuple[Server, ...]]:
    """The sections and servers of these names; all sections where none is named, and all servers likewise.

    Raises SystemExit for a name that is neither.
    """
    known = [section.name for section in SECTIONS] + [slug(server) for server in SERVERS]
    for name in names:
        if name not in known:
            raise SystemExit(f"benchmarks: no section or server '{name}'; there are {', '.join(known)}")
    sections = [section for section in SECTIONS if section.name in names]
    servers = tuple(server for server in SERVERS if slug(server) in names)
    return sections or list(SECTIONS), servers or SERVERS


def slug(server: Server) -> str:
    """A server's name as a word of the command line."""
    return server.name.lower().replace(",", "").replace(" ", "-")


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a look of some minutes; one round, small sizes")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="a section or server (repeatable)")
    parser.add_argument("--output", type=Path, metavar="DIR", help="where to write (a whole run: benchmarks/results)")
    parser.add_argument("--report", action="store_true", help="only write table and chart again, from results.json")
    said = parser.parse_args(argv)
    # A look does not overwrite what is published.
    said.output = said.output or (LAST if said.quick or said.only else PUBLISHED)
    return said


def _write(results: Results, described: dict[str, str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_bytes(report.to_json(results, described) + b"\n")
    (folder / "results.md").write_text(report.markdown(results, described))
    (folder / "chart.svg").write_text(chart.svg(results))


if __name__ == "__main__":
    sys.exit(main())
