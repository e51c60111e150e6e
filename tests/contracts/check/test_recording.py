"""A recording holds no secret, and its replay says what the run said."""

from __future__ import annotations

import base64
import binascii
import contextlib
import itertools
import re
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson
import pytest
import requests

from contracts.check.recording import Player, Recorder, record
from contracts.check.run import Plan, Run
from contracts.check.shell import curl
from contracts.check.tape import RecordingError
from contracts.check.verdict import Verdict
from contracts.cli import main
from contracts.defects.catalogue import defects_of
from contracts.defects.wrapper import Wrapper
from contracts.stub import INSIDE, App, Inside, Receive, Scope, Send, Wrap, inside, serving
from contracts.target import transport
from contracts.target.breach import Breach
from contracts.target.budget import Budget
from contracts.target.interrupt import Interrupt
from contracts.target.subject import Subject, load_subject
from contracts.target.target import Target, bare_target
from contracts.target.transport import Wire
from tests.contracts.independent.simulated import Dropping, Time, Timed
from tests.contracts.independent.thanx_server import ThanxServer

PLAN = Plan(seed=5, max_examples=1)
PROVIDERS = ("thanx", "loyaltydog", "capillary", "elastic_path")
# One defect each, and what is to find it.
DEFECTS = [
    ("thanx", "number-as-text", ("lifecycle", "many-jobs-stay-apart")),
    ("thanx", "state-goes-back", ("lifecycle.still", "a-revoked-job-keeps-its-counts")),
    ("thanx", "key-race", ("one-key-at-the-same-time-starts-one-job",)),
    ("thanx", "item-twice-at-the-border", ("pages-are-the-list",)),
    ("loyaltydog", "token-in-snake-case", ("schemathesis",)),
    ("loyaltydog", "key-race", ("one-key-at-the-same-time-issues-once",)),
    ("loyaltydog", "csv-without-last-line", ("a-file-has-the-cards-of-the-answer",)),
    ("loyaltydog", "finished-goes-back", ("lifecycle.still",)),
    ("capillary", "revoked-twice", ("revoked-at-the-same-time-it-is-revoked-once", "a-reward-is-revoked-once")),
    ("capillary", "page-ignored", ("pages-are-the-list",)),
    ("capillary", "one-token-for-all", ("a-token-lasts-as-long-as-it-says",)),
    ("elastic_path", "cancelled-in-vain", ("lifecycle", "a-job-that-is-being-cancelled-blocks-nobody")),
    ("elastic_path", "csv-unsigned", ("a-signature-opens-one-file-for-a-while",)),
    ("elastic_path", "offset-ignored", ("pages-are-the-list",)),
    ("elastic_path", "any-secret", ("a-token-needs-the-right-secret",)),
]


@dataclass
class Listening:
    """A wire that remembers what really went over it."""

    wire: Wire
    heard: list[tuple[requests.PreparedRequest, requests.Response]] = field(default_factory=list)

    def send(self, request: requests.PreparedRequest, timeout: float, /) -> requests.Response:
        response = self.wire.send(request, timeout)
        self.heard.append((request, response))
        return response


@dataclass
class Taped:
    """A run that was recorded: what its judge found, as it saw it, and the wire that it really used."""

    path: Path
    run: Run
    recorder: Recorder
    verdict: Verdict
    wire: Listening


def taped(
    path: Path,
    target: Target,
    wire: Wire,
    plan: Plan = PLAN,
    clock: Time | None = None,
    interrupt: Interrupt | None = None,
) -> Taped:
    listening = Listening(wire)
    with path.open("wb", buffering=0) as file:
        recorder = Recorder(file, listening)
        run = Run(
            load_subject(target.provider),
            recorder.veil.target(target),
            plan,
            recorder,
            interrupt=interrupt or Interrupt(),
        )
        if clock is not None:
            run.transport.pause = clock.sleep
            run.transport.budget = Budget(plan.seconds, plan.requests, clock)
        recorder.follow(run)
        verdict = run.execute()
        recorder.finish(run)
    return Taped(path, run, recorder, verdict, listening)


def broken(provider: str, name: str) -> Wrap:
    subject = load_subject(provider)
    defect = next(one for one in defects_of(provider) if one.name == name)
    return lambda app: Wrapper(app, subject, defect)


def replayed(path: Path, subject: Subject | None = None) -> tuple[Verdict, Player]:
    player = Player.open(path)
    return player.judge(subject or load_subject(player.target.provider)), player


def seen(finding: Breach) -> tuple[Any, ...]:
    """Everything that a finding says, with its evidence to the byte."""
    evidence = tuple((one.number, one.by, one.session, curl(one.request), one.response) for one in finding.exchanges)
    return finding.check, finding.operation, finding.promise, finding.message, finding.times, finding.key, evidence


def assert_same(run: Verdict, tape: Path) -> None:
    """The replay says what the run said, and asked for nothing else."""
    again, player = replayed(tape)
    assert player.misses == 0
    assert not any(player.waiting.values())
    assert [seen(one) for one in again.findings] == [seen(one) for one in run.findings]
    assert (again.seeds, again.incomplete, again.coverage) == (run.seeds, run.incomplete, run.coverage)
    judged = [[replace(result, seconds=0.0) for result in verdict.results] for verdict in (run, again)]
    assert judged[0] == judged[1]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_sound_run_is_replayed_to_the_last_request_and_holds_no_secret(provider: str, tmp_path: Path) -> None:
    tape = taped(tmp_path / "run.jsonl", *inside(provider))
    assert not tape.verdict.findings
    assert_same(tape.verdict, tape.path)
    assert_nothing_secret(tape)


@pytest.mark.parametrize(("provider", "name", "only"), DEFECTS)
def test_the_replay_finds_what_the_run_found(provider: str, name: str, only: tuple[str, ...], tmp_path: Path) -> None:
    plan = replace(PLAN, only=only, deterministic=True)
    tape = taped(tmp_path / "run.jsonl", *inside(provider, broken(provider, name)), plan)
    assert tape.verdict.findings
    assert_same(tape.verdict, tape.path)
    assert_nothing_secret(tape)


def timed(clock: Time, around: Callable[[Wire], Wire] = lambda wire: wire) -> tuple[Target, Wire]:
    """A server without a control API, in simulated time."""
    return bare_target("thanx", INSIDE), around(Timed(Inside(ThanxServer(clock=clock)), clock))


@pytest.mark.parametrize(("seconds", "rate"), [(150.0, None), (40.0, None), (40.0, 2.0)])
def test_a_run_in_real_time_is_replayed_up_to_where_its_budget_ended(
    seconds: float, rate: float | None, tmp_path: Path
) -> None:
    clock = Time(latency=0.05)
    target, wire = timed(clock)
    plan = replace(PLAN, seconds=seconds)
    tape = taped(tmp_path / "run.jsonl", replace(target, rate=rate), wire, plan, clock)
    assert tape.verdict.incomplete
    assert_same(tape.verdict, tape.path)


def test_a_connection_that_dropped_drops_again(tmp_path: Path) -> None:
    clock = Time()
    drops = frozenset((*range(0, 10_000, 7), *range(200, 230)))
    target, wire = timed(clock, lambda wire: Dropping(wire, drops.__contains__))
    plan = replace(PLAN, seconds=1_000_000.0, only=("lifecycle", "pages-are-the-list"))
    tape = taped(tmp_path / "run.jsonl", target, wire, plan, clock)
    assert_same(tape.verdict, tape.path)


@pytest.mark.parametrize(("last", "only"), [(150, "schemathesis"), (8, "one-key-at-the-same-time-starts-one-job")])
def test_a_target_that_answers_nothing_any_more_does_so_again(last: int, only: str, tmp_path: Path) -> None:
    """How far Hypothesis looks for further failures depends on the time that the first ones took."""
    clock = Time(latency=0.05)
    target, wire = timed(clock, lambda wire: Dropping(wire, lambda number: number > last))
    plan = replace(PLAN, max_examples=20, seconds=10_000.0, only=(only,))
    tape = taped(tmp_path / "run.jsonl", replace(target, writes=only != "schemathesis"), wire, plan, clock)
    assert tape.verdict.requests > last
    assert_same(tape.verdict, tape.path)


def test_a_deep_run_is_replayed_round_by_round(tmp_path: Path) -> None:
    clock = Time(latency=0.25)
    target, wire = timed(clock)
    plan = replace(PLAN, seconds=60.0, deep=True, only=("schemathesis",))
    tape = taped(tmp_path / "run.jsonl", replace(target, writes=False), wire, plan, clock)
    assert tape.verdict.requests > 200
    assert_same(tape.verdict, tape.path)


def test_calls_at_the_same_time_are_replayed_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recording has their answers in the order of the calls."""
    pools: list[int] = []

    class Pool(ThreadPoolExecutor):
        def __init__(self, workers: int) -> None:
            pools.append(workers)
            super().__init__(workers)

    monkeypatch.setattr(transport, "ThreadPoolExecutor", Pool)
    plan = replace(PLAN, only=("one-key-at-the-same-time-starts-one-job",))
    tape = taped(tmp_path / "run.jsonl", *inside("thanx"), plan)
    assert pools == [4] * 3
    pools.clear()
    assert_same(tape.verdict, tape.path)
    assert pools == [1] * 3


def assert_nothing_secret(tape: Taped) -> None:
    """Nothing that opened something, or reaches somebody, is on the disk, in whatever form."""
    text = "\n".join(forms(tape.path))
    words = set(re.findall(r"[A-Za-z0-9]+", text))
    for value in {*itertools.chain.from_iterable(secrets(*pair) for pair in tape.wire.heard)}:
        # What stands alone stands there word by word; to search megabytes for each of ten thousand takes minutes.
        if words.issuperset(re.findall(r"[A-Za-z0-9]+", value)):
            assert not re.search(rf"(?<![A-Za-z0-9]){re.escape(value)}(?![A-Za-z0-9])", text), value


def forms(path: Path) -> Iterator[str]:
    """The recording as it stands, decoded, and everything in it that may be Base64."""
    text = path.read_text(encoding="utf-8")
    yield text
    yield unquote(text)
    yield text.encode("utf-8").decode("unicode_escape")
    for run in set(re.findall(r"[A-Za-z0-9+/]{12,}={0,2}", text)):
        for cut in (run, run[: len(run) // 4 * 4]):
            with contextlib.suppress(binascii.Error):
                yield base64.b64decode(cut).decode("utf-8", "replace")


def secrets(request: requests.PreparedRequest, response: requests.Response) -> Iterator[str]:
    """What one request and its answer hold that is nobody else's business."""
    headers = {
        name.lower(): value if isinstance(value, str) else value.decode("latin-1")
        for name, value in request.headers.items()
    }
    # A body that is padded until it is too large says no more for it.
    body = (
        request.body.decode("utf-8", "replace") if isinstance(request.body, bytes) else str(request.body or "")
    ).rstrip()
    fields = [*parse_qsl(urlsplit(request.url or "").query), *parse_qsl(str(body)), *members(str(body))]
    if response.ok:  # what was refused opens nothing
        for name in ("authorization", "x-clientid", "x-cap-api-oauth-token", "x-mock-token"):
            scheme, _, rest = headers.get(name, "").partition(" ")
            yield from long_enough([rest or scheme])
            if scheme == "Basic":
                yield from long_enough(base64.b64decode(rest).decode().split(":"))
        opening = [pair for pair in members(response.text) if pair[0].lower().endswith("token")]
        for name, value in [*fields, *opening]:
            if re.fullmatch(r"(?i).*(token|secret|password)|username|client_id", name):
                yield from long_enough([value])
        # Of others, a number that is drawn as a phone number may be drawn as another's id as well.
        yield from (value for name, value in fields if name == "mobile" and re.fullmatch(r"\+?[0-9]{7,15}", value))
    for text in (unquote(request.url or ""), str(body), *(value for _, value in fields)):
        yield from re.findall(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", text)
        yield from re.findall(r"(?<![A-Za-z0-9])\+[1-9][0-9]{6,14}(?![0-9])", text)


def long_enough(values: Iterable[str]) -> Iterator[str]:
    """A few letters are found in any text, and so is one letter many times, which the judge fills long values with."""
    return (value for value in values if len(value) >= 7 and len(set(value)) > 2 and value.isprintable())


def members(text: str) -> list[tuple[str, str]]:
    """Every member of a JSON text, however deep, that is a text."""
    found: list[tuple[str, str]] = []

    def look(value: Any) -> None:
        if isinstance(value, dict):
            found.extend((str(name), member) for name, member in value.items() if isinstance(member, str))
        for member in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            look(member)

    try:
        look(orjson.loads(text))
    except orjson.JSONDecodeError:
        return []
    return found


def echoing(app: App) -> App:
    """A stub that says somebody's address back where it refuses it."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        asked = await receive()
        kept: list[Any] = []

        async def again() -> Any:
            return asked

        async def keep(message: Any) -> None:
            kept.append(message)

        await app(scope, again, keep)
        start, body = kept
        if b"somebody.else@" in asked["body"]:
            start = {**start, "status": 400, "headers": [(b"content-type", b"application/json")]}
            body = {**body, "body": asked["body"]}
        await send(start)
        await send(body)

    return broken


def test_what_the_judge_made_up_stands_in_the_answer_of_the_replay_as_well(tmp_path: Path) -> None:
    plan = replace(PLAN, only=("a-key-with-another-body-is-refused",))
    tape = taped(tmp_path / "run.jsonl", *inside("thanx", echoing), plan)
    (finding,) = (one for one in tape.verdict.findings if one.check == plan.only[0])
    assert any(b"somebody.else@example.com" in one.response.body for one in finding.exchanges)
    assert "somebody.else" not in tape.path.read_text(encoding="utf-8")
    assert_same(tape.verdict, tape.path)


def test_the_report_of_a_recorded_run_shows_what_was_really_sent(tmp_path: Path) -> None:
    target, wire = inside("thanx", broken("thanx", "key-ignored"))
    plan = replace(PLAN, only=("same-key-and-body-get-the-first-answer",))
    path = tmp_path / "run.jsonl"
    verdict = record(path, load_subject("thanx"), target, plan, wire=wire)
    shown = curl(verdict.findings[0].exchanges[-1].request)
    assert "Bearer test-token" in shown
    assert "jane.smith@example.com" in shown
    assert verdict.target == target
    again, _ = replayed(path)
    assert "redacted-" in curl(again.findings[0].exchanges[-1].request)


def with_contract(folder: Path, *changes: tuple[str, str]) -> Subject:
    """Thanx with another contract."""
    text = load_subject("thanx").path.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    path = folder / "thanx" / "openapi.yaml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    path.with_name("facts.md").write_bytes(load_subject("thanx").path.with_name("facts.md").read_bytes())
    return load_subject(str(path))


def test_every_recorded_answer_is_held_against_the_contract_as_it_is_now(tmp_path: Path) -> None:
    """What was not asked then is counted, and says nothing about the server."""
    tape = taped(tmp_path / "run.jsonl", *inside("thanx"), replace(PLAN, only=("lifecycle",)))
    subject = with_contract(
        tmp_path,
        ("          processing: [completed, failed]\n", "          processing: [failed]\n"),
        (
            "        progress_percent: {type: integer, minimum: 0, maximum: 100}\n",
            "        progress_percent: {type: integer, minimum: 0, maximum: 99}\n",
        ),
    )
    again, _ = replayed(tape.path, subject)
    found = {(one.check, one.message) for one in again.findings}
    assert any(check == "lifecycle.arrows" and "completed" in words for check, words in found)
    assert any(check == "response_schema_conformance" and "progress_percent" in words for check, words in found)
    assert sum(again.statuses.values()) == sum(tape.verdict.statuses.values())


def test_questions_that_were_not_asked_are_counted_and_no_finding(tmp_path: Path) -> None:
    tape = taped(tmp_path / "run.jsonl", *inside("thanx"), replace(PLAN, only=("schemathesis",)))
    where = "        - $ref: '#/components/parameters/MerchantId'\n        - $ref: '#/components/parameters/Page'\n"
    more = "        - {name: sort, in: query, schema: {type: string}}\n"
    subject = with_contract(tmp_path, (where, where + more))
    again, player = replayed(tape.path, subject)
    assert player.misses
    assert f"no answer to {player.misses} requests" in again.incomplete
    assert again.findings == ()
    assert sum(again.statuses.values()) == sum(tape.verdict.statuses.values())


def cuts(path: Path, number: int) -> Iterator[tuple[bytes, int]]:
    """Beginnings of a recording, at a line and within one, and how many of its requests they hold."""
    lines = path.read_bytes().splitlines(keepends=True)
    for asked in range(0, len(lines) - 1, max(1, len(lines) // number)):
        whole = b"".join(lines[: asked + 1])
        yield whole, asked
        yield whole + lines[asked + 1][:-40], asked


@pytest.mark.parametrize("only", [("lifecycle.still",), ("schemathesis",)])
def test_a_recording_that_breaks_off_is_replayed_as_far_as_it_goes(only: tuple[str, ...], tmp_path: Path) -> None:
    tape = taped(tmp_path / "run.jsonl", *inside("thanx"), replace(PLAN, only=only))
    lines = len(tape.path.read_bytes().splitlines())
    for content, asked in cuts(tape.path, 4):
        part = tmp_path / "part.jsonl"
        part.write_bytes(content)
        verdict, player = replayed(part)
        number = content.count(b"\n") + (not content.endswith(b"\n"))
        said = "1 request" if asked == 1 else f"{asked} requests"
        assert verdict.incomplete == f"the recording breaks off after {said} (line {number})"
        assert (verdict.findings, player.misses) == ((), 0)
        assert not any(player.waiting.values())
        assert verdict.gone
        assert asked < 10 or lines - asked < 20 or verdict.unjudged


def test_what_was_found_before_a_recording_breaks_off_is_found(tmp_path: Path) -> None:
    plan = replace(PLAN, only=("lifecycle.still",), deterministic=True)
    tape = taped(tmp_path / "run.jsonl", *inside("thanx", broken("thanx", "state-goes-back")), plan)
    whole = {(one.check, one.operation, one.message) for one in tape.verdict.findings}
    found = set()
    for content, _ in cuts(tape.path, 8):
        part = tmp_path / "part.jsonl"
        part.write_bytes(content)
        found |= {(one.check, one.operation, one.message) for one in replayed(part)[0].findings}
        assert found <= whole
    assert found


def test_the_exit_code_of_a_recording_that_breaks_off(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tape = taped(tmp_path / "run.jsonl", *inside("thanx"), replace(PLAN, only=("lifecycle.still",)))
    part = tmp_path / "part.jsonl"
    part.write_bytes(tape.path.read_bytes()[:-20])
    assert main(["check", "thanx", "--replay", str(part), "--quiet"]) == 3
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert "the recording breaks off after" in captured.err
    assert "not judged to the end: the recording breaks off after" in captured.out


@pytest.mark.parametrize("control", [True, False])
@pytest.mark.parametrize("last", [3, 60, 85, 200, 300])
def test_an_interrupted_run_is_replayed_to_where_it_was_interrupted(last: int, control: bool, tmp_path: Path) -> None:
    interrupt = Interrupt()
    clock = Time(latency=0.05)
    target, wire = inside("thanx") if control else timed(clock)

    class Interrupting(Listening):
        def send(self, request: requests.PreparedRequest, timeout: float, /) -> requests.Response:
            if len(self.heard) == last:
                interrupt.number = signal.SIGINT
            return super().send(request, timeout)

    plan = replace(
        PLAN, seconds=10_000.0, only=("lifecycle.walk", "one-key-at-the-same-time-starts-one-job", "schemathesis")
    )
    tape = taped(tmp_path / "run.jsonl", target, Interrupting(wire), plan, None if control else clock, interrupt)
    assert tape.verdict.incomplete == "interrupted by SIGINT"
    assert_same(tape.verdict, tape.path)


def test_a_run_that_is_interrupted_twice_has_no_end(tmp_path: Path) -> None:
    target, wire = inside("thanx")

    class Interrupting(Listening):
        def send(self, request: requests.PreparedRequest, timeout: float, /) -> requests.Response:
            if len(self.heard) == 20:
                raise KeyboardInterrupt
            return super().send(request, timeout)

    path = tmp_path / "run.jsonl"
    with pytest.raises(KeyboardInterrupt):
        record(path, load_subject("thanx"), target, replace(PLAN, only=("lifecycle.still",)), wire=Interrupting(wire))
    verdict, _ = replayed(path)
    assert verdict.incomplete == "the recording breaks off after 20 requests (line 21)"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no file that is always full")
def test_a_recording_that_cannot_be_written_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with serving("thanx") as url:
        options = ["--seed", "3", "--quiet", "--only", "schemathesis", "--record", "/dev/full"]
        assert main(["check", "thanx", "--target", url, *options]) == 2
        assert requests.get(f"{url}/_mock/sessions", timeout=5).json()["sessions"] == ["default"]
    assert capsys.readouterr().err == (
        "contracts check: cannot write the recording /dev/full: No space left on device\n"
    )


def test_a_recording_of_another_provider_is_refused(tmp_path: Path) -> None:
    tape = taped(tmp_path / "run.jsonl", *inside("thanx"), replace(PLAN, only=("the-first-page-has-ten",)))
    with pytest.raises(RecordingError, match="thanx, not of loyaltydog"):
        replayed(tape.path, load_subject("loyaltydog"))
