"""Where a provider lives at a target that plays several, and the control API that hangs above it."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
import pytest

from contracts.cli import main
from contracts.stub import INSIDE, App, Inside, Receive, Scope, Send, serving_app
from contracts.target.budget import Budget
from contracts.target.control import find_control, located
from contracts.target.target import TargetError, bare_target
from contracts.target.transport import Transport
from mockserver.app import Options, build

QUICK = ("--seed", "3", "--max-examples", "1", "--quiet")


@pytest.fixture(scope="module")
def several() -> App:
    return build(Options(rate=0))


@pytest.fixture(scope="module")
def served(several: App) -> Iterator[str]:
    with serving_app(several) as url:
        yield url


def transport(app: App) -> Transport:
    return Transport(Inside(app), Budget())


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (INSIDE, f"{INSIDE}/thanx"),
        (f"{INSIDE}/", f"{INSIDE}/thanx"),
        (f"{INSIDE}/thanx", f"{INSIDE}/thanx"),
        (f"{INSIDE}/~mine", f"{INSIDE}/~mine/thanx"),
    ],
)
def test_a_provider_is_found_at_a_stub_that_plays_several(several: App, said: str, found: str) -> None:
    assert located(bare_target("thanx", said), transport(several)).url == found


def test_the_only_provider_lives_at_the_root() -> None:
    alone = build(Options(providers=("thanx",), rate=0))
    assert located(bare_target("thanx", INSIDE), transport(alone)).url == INSIDE


def test_sessions_hang_above_the_provider(several: App) -> None:
    target = located(bare_target("thanx", INSIDE), transport(several))
    control = find_control(target, transport(several))
    assert control is not None
    assert control.base("one") == f"{INSIDE}/~one/thanx"


def test_a_provider_that_is_not_played_there_is_wrong_usage() -> None:
    two = build(Options(providers=("capillary", "loyaltydog"), rate=0))
    with pytest.raises(TargetError, match="plays capillary, loyaltydog, not thanx"):
        located(bare_target("thanx", INSIDE), transport(two))


def test_other_servers_are_taken_at_their_word() -> None:
    """Also one that lists providers of its own; and one elsewhere is not even asked."""

    async def shop(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": orjson.dumps({"providers": {"thanx": "/thanx"}})})

    assert located(bare_target("thanx", INSIDE), transport(shop)).url == INSIDE
    elsewhere = transport(shop)
    assert located(bare_target("thanx", "https://api.example.test"), elsewhere).url == "https://api.example.test"
    assert elsewhere.budget.spent == 0


def test_check_says_which_base_it_judged(served: str, capsys: pytest.CaptureFixture[str]) -> None:
    only = ("--only", "the-first-page-has-ten")
    assert main(["check", "thanx", "--target", served, *QUICK, *only]) == 0
    assert capsys.readouterr().out.startswith(f"thanx at {served}/thanx\n")


def test_compare_finds_the_provider_as_well(served: str, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--seed", "1", "--max-examples", "0")
    assert main(["compare", "thanx", "--left", served, "--right", f"{served}/thanx", *options]) == 0
    assert "no drift" in capsys.readouterr().out
