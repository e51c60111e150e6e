import json

import pytest

from benchmarks.__main__ import chosen, slug
from benchmarks.bench import cores
from benchmarks.peers import MANIFEST, PRISM, SERVERS, TWO_WORKERS, version
from benchmarks.sections import SECTIONS
from benchmarks.sections.workers import without_generator


def test_everything_is_measured_unless_said() -> None:
    assert chosen([]) == (list(SECTIONS), SERVERS)


def test_sections_and_servers_are_chosen_by_name() -> None:
    sections, servers = chosen(["growth", "prism", "ours-sqlite-2-workers"])
    assert [section.name for section in sections] == ["growth"]
    assert servers == (TWO_WORKERS, PRISM)


def test_name_that_is_neither_is_refused_with_those_that_are() -> None:
    with pytest.raises(SystemExit, match=r"'prsim'; there are abilities, .*prism"):
        chosen(["prsim"])


def test_names_are_words_of_their_own() -> None:
    names = [section.name for section in SECTIONS] + [slug(server) for server in SERVERS]
    assert len(set(names)) == len(names)


def test_generator_and_server_have_a_core_each_where_there_are_two() -> None:
    two = cores([0, 1])
    assert (list(two.generator), list(two.server)) == ([0], [1])
    one = cores([0])
    assert (list(one.generator), list(one.server)) == ([], [])


def test_two_workers_are_carried_over_to_whole_cores() -> None:
    assert without_generator(1000, 1600, 1.6) == pytest.approx(2.0)
    assert without_generator(1000, 1600, 2) == pytest.approx(1.6)


def test_every_peer_is_pinned() -> None:
    assert all(character.isdigit() or character == "." for text in _pins() for character in text)
    assert all(version(server) for server in SERVERS)


def _pins() -> list[str]:
    return list(json.loads(MANIFEST.read_text())["dependencies"].values())
