"""What a table of a targets file may say: the names that something reads, and what they hold."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from contracts import laws
from contracts.check.plan import Plan
from contracts.check.run import Run
from contracts.laws import laws_of
from contracts.target.subject import Subject, load_subject
from contracts.target.target import PUBLISHED, bare_target, read_targets
from contracts.target.vocabulary import faults, inputs

PROVIDERS = ("thanx", "loyaltydog", "elastic_path", "capillary")
DEFAULT = '[credentials.default]\nheaders = {A = "${A}"}\n'
LOGIN = '[credentials.default]\nheaders = {A = "{token}"}\n[credentials.default.login]\ntoken = "/t"\n'


def sources(provider: str) -> list[Path]:
    home = Path(laws.__file__).parent
    return [*home.glob(f"{provider}.py"), *home.glob(f"{provider}/*.py")]


def said(text: str, provider: str = "thanx") -> list[str]:
    published = read_targets(PUBLISHED)[provider]
    return [f"{'.'.join(at)} {words}" for at, words in faults(load_subject(provider), published, tomllib.loads(text))]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_published_test_data_fit(provider: str) -> None:
    table = read_targets(PUBLISHED)[provider]
    assert list(faults(load_subject(provider), table, table)) == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_name_that_a_law_reads_is_published(provider: str) -> None:
    table = read_targets(PUBLISHED)[provider]
    run = Run(load_subject(provider), bare_target(provider, "http://127.0.0.1:1"), Plan())
    needs = {need for law in run.all_laws() for need in law.needs}
    text = "".join(path.read_text(encoding="utf-8") for path in sources(provider))
    read = set(re.findall(r'\bdata(?:\[|\.get\()"(\w+)"', text))
    read |= set(re.findall(r'"(\w+)" (?:not )?in \w+\.data\b', text))
    assert needs | read
    names = {need for need in needs if not need.startswith("credential:")} | read | set(laws_of(provider).uses.values())
    assert names <= set(table["data"]) | inputs(load_subject(provider))
    assert {need.removeprefix("credential:") for need in needs - names} <= set(table["credentials"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('provider = "thx"', "provider is 'thx', which is none (did you mean 'thanx'?)"),
        ('provider = "loyaltydog"', "provider is loyaltydog, not thanx"),
        ('data = {merchantid = "k"}', "data.merchantid is nothing that thanx takes (did you mean 'merchant_id'?)"),
        ("data = {merchant_id = 5}", 'data.merchant_id is a number; it must be a text, as "k2lye10h32l5wzo"'),
        ('data = {merchant_id = ""}', "data.merchant_id is empty"),
        ("data = {merchant_id = 2026-01-01}", 'data.merchant_id is a date; it must be a text, as "k2lye10h32l5wzo"'),
        ('data = {registered = "k"}', "data.registered is a text; it must be a list, as "),
        ("data = {registered = []}", "data.registered is empty"),
        ("data = {registered = [1]}", "data.registered has in it what is a number; it must be a text, as "),
        ("data = {page = 2026-01-01}", "data.page is a date; write it as a text"),
        (
            f"{DEFAULT}[credentials.no_scop]",
            "credentials.no_scop is a credential that no law uses (did you mean 'no_scope'?)",
        ),
        (DEFAULT.replace("default", "expired"), "credentials has no 'default', the one that requests go with"),
        ("[credentials.default]", "credentials.default has no headers: it opens nothing"),
        (
            '[credentials.default]\nheaders = {A = "Bearer {token}"}',
            "credentials.default.headers.A holds {token}, and there is no login that gives one",
        ),
        (
            f'{DEFAULT}login = {{operation = "getCampaign", token = "/t"}}',
            "credentials.default.login gives a token, and no header holds {token}",
        ),
        (
            f'{LOGIN}operation = "getCampain"',
            "credentials.default.login.operation is 'getCampain', which thanx does not have (did you mean 'getCam",
        ),
        (
            f'{LOGIN}operation = "getCampaign"\nbody = {{}}\nform = {{}}',
            "credentials.default.login has a body and a form: it can send one of them",
        ),
    ],
)
def test_what_does_not_fit(text: str, words: str) -> None:
    assert [one for one in said(text) if one.startswith(words)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        'provider = "thanx"',
        'data = {merchant_id = "m", registered = ["a"], page = 5, id = "x"}',
        DEFAULT,
        f'{LOGIN}operation = "getCampaign"\nform = {{a = "b"}}',
    ],
)
def test_what_fits(text: str) -> None:
    assert said(text) == []


def test_what_a_table_of_numbers_holds() -> None:
    assert said("data = {refusals = {4000 = 400}}", "capillary") == []
    (fault,) = said('data = {refusals = {4000 = "400"}}', "capillary")
    assert fault == "data.refusals has in it what is a text; it must be a number, as 400"


def test_a_contract_of_somebody_else_takes_its_own_names() -> None:
    thanx = load_subject("thanx")
    other = Subject("orders", thanx.path, thanx.contract, {})
    credentials: dict[str, Any] = {name: {"headers": {"A": "${A}"}} for name in ("default", "clerk")}
    table = {"provider": "orders", "data": {"merchant_id": "m", "page": 5}, "credentials": credentials}
    assert list(faults(other, {}, table)) == []
    assert [at for at, _ in faults(other, {}, {"data": {"registered": ["a"]}, "provider": "order"})] == [
        ("provider",),
        ("data", "registered"),
    ]
