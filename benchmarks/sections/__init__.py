"""The parts of the benchmark, in the order of a run."""

from benchmarks.bench import Section
from benchmarks.sections import abilities, bodies, check, documents, first, growth, listing, memory, throughput, workers

SECTIONS: tuple[Section, ...] = (
    abilities.SECTION,
    first.SECTION,
    throughput.SECTION,
    workers.SECTION,
    bodies.SECTION,
    listing.SECTION,
    documents.SECTION,
    growth.SECTION,
    memory.SECTION,
    check.SECTION,
)
