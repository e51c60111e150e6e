"""Targets as people write them, and what is said when they are wrong."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from contracts.target.subject import load_subject
from contracts.target.target import POLITE, PUBLISHED, TargetError, bare_target, find_target, read_targets

SANDBOX = """
[sandbox]
provider = "thanx"
url = "https://api.thanxsandbox.com/"
rate = 4
requests = 500
seconds = 300

[sandbox.credentials.default]
headers = {Authorization = "Bearer ${THANX_TOKEN}", X-ClientId = "${THANX_CLIENT}"}

[sandbox.data]
merchant_id = "m1"
"""
ENVIRON = {"THANX_TOKEN": "t0k3n", "THANX_CLIENT": "cl13nt"}


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "targets.toml"
    path.write_text(text)
    return path


def test_a_named_target(tmp_path: Path) -> None:
    target = find_target(load_subject("thanx"), "sandbox", written(tmp_path, SANDBOX), ENVIRON)
    assert target.url == "https://api.thanxsandbox.com"
    assert target.credentials["default"].headers == {"Authorization": "Bearer t0k3n", "X-ClientId": "cl13nt"}
    assert (target.rate, target.requests, target.seconds) == (4, 500, 300)
    assert not target.writes
    assert not target.control
    assert target.secrets == {"t0k3n": "$THANX_TOKEN", "cl13nt": "$THANX_CLIENT"}
    assert "t0k3n" not in repr(target)
    assert target.lacks(("merchant_id", "campaign_id", "credential:default", "credential:other")) == (
        "campaign_id",
        "credential:other",
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("seconds = 300", "second = 300"), r"targets\.toml:7: sandbox\.second .*did you mean 'seconds'"),
        (("rate = 4", "rate = 0"), r"targets\.toml:5: sandbox\.rate"),
        (("rate = 4", 'rate = "4"'), r"targets\.toml:5: sandbox\.rate must be a number$"),
        (("rate = 4", "rate = inf"), r"sandbox\.rate must be a number$"),
        (("requests = 500", "requests = 0"), r"sandbox\.requests must be at least 1$"),
        (
            ("rate = 4", "rates = 4"),
            r"targets\.toml:5: sandbox\.rates is nothing that can stand here \(did you mean 'rate'",
        ),
        (
            ('provider = "thanx"', 'provider = "loyaltydog"'),
            r"targets\.toml:3: sandbox\.provider is loyaltydog, not thanx",
        ),
        (('provider = "thanx"', 'provider = "thx"'), "is 'thx', which is none .did you mean 'thanx'"),
        (("merchant_id", "merchantid"), r"targets\.toml:13: sandbox\.data\.merchantid is nothing that thanx takes"),
        (("credentials.default", "credentials.deflt"), r"targets\.toml:9: sandbox\.credentials\.deflt is a credential"),
        (
            ("${THANX_TOKEN}", "{token}"),
            r"targets\.toml:10: sandbox\.credentials\.default\.headers\.Authorization holds",
        ),
        (("Authorization =", '"Author ization" ='), "Author ization is no name of a header"),
        (('"Bearer $', '"Bearer\\n$'), r"targets\.toml:10: .*Authorization cannot be sent: it has a line end in it$"),
        (("https://api", "https://till:word@api"), r"targets\.toml:4: sandbox\.url has a user name in it"),
        (("Bearer ${THANX_TOKEN}", "Bearer abc"), "name an environment variable"),
        (("${THANX_TOKEN}", "${THANX_TOCKEN}"), "needs the environment variable THANX_TOCKEN"),
        (("[sandbox.data]", "[sandbox.data"), "is not TOML"),
        (("[sandbox]", "[sand]"), "sandbox"),
        (('url = "https://api.thanxsandbox.com/"', 'url = "api.thanxsandbox.com"'), r"targets\.toml:4"),
        (('url = "https://api.thanxsandbox.com/"\n', ""), "has no url"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    path = written(tmp_path, SANDBOX.replace(*change))
    with pytest.raises(TargetError, match=said):
        find_target(load_subject("thanx"), "sandbox", path, ENVIRON)


@pytest.mark.parametrize("value", ["t0k3n\n", "t0k3n\r\n", "\x00t0k3n", " t0k3n", "t0k3n€", "t0k3n\udcff"])
@pytest.mark.parametrize("said", ["Bearer ${THANX_TOKEN}", "${THANX_TOKEN}"])
def test_a_variable_that_no_header_can_hold_is_named_and_not_shown(tmp_path: Path, value: str, said: str) -> None:
    path = written(tmp_path, SANDBOX.replace("Bearer ${THANX_TOKEN}", said))
    with pytest.raises(TargetError) as refused:
        find_target(load_subject("thanx"), "sandbox", path, {**ENVIRON, "THANX_TOKEN": value})
    words = str(refused.value)
    assert "sandbox.credentials.default.headers.Authorization cannot be sent: " in words
    assert "the environment variable THANX_TOKEN has a" in words
    assert "t0k3n" not in words
    assert "\n" not in words


def test_the_token_of_the_control_api_goes_in_a_header_too(tmp_path: Path) -> None:
    path = written(tmp_path, '[sandbox]\nurl = "http://h"\ncontrol_token = "${T}"\n')
    assert find_target(load_subject("thanx"), "sandbox", path, {"T": "secret"}).control_token == "secret"
    with pytest.raises(TargetError, match="variable T has a line end in it"):
        find_target(load_subject("thanx"), "sandbox", path, {"T": "secret\n"})


def test_a_password_may_have_letters_of_every_alphabet_and_no_line_end(tmp_path: Path) -> None:
    text = '[till]\nurl = "http://h"\n[till.credentials.default]\nheaders = {Authorization = "Basic till:${P}"}\n'
    target = find_target(load_subject("capillary"), "till", written(tmp_path, text), {"P": "сыр"})
    assert target.credentials["default"].headers["Authorization"].isascii()
    with pytest.raises(TargetError, match="variable P has a line end in it"):
        find_target(load_subject("capillary"), "till", written(tmp_path, text), {"P": "сыр\n"})


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "targets.toml"
    path.write_bytes(b"\xff")
    with pytest.raises(TargetError, match=r"cannot be read: it is no text in UTF-8$"):
        read_targets(path)
    with pytest.raises(TargetError, match=r"cannot be read: Is a directory$"):
        read_targets(tmp_path)


def test_a_name_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="did you mean 'sandbox'"):
        find_target(load_subject("thanx"), "sandbx", written(tmp_path, SANDBOX), ENVIRON)
    with pytest.raises(TargetError, match="a target is a URL or a name in it"):
        find_target(load_subject("thanx"), "sandbox", tmp_path / "none.toml", ENVIRON)


@pytest.mark.parametrize(
    ("url", "writes"),
    [
        ("http://127.0.0.1:8080", True),
        ("http://localhost/thanx", True),
        ("http://[::1]:8080", True),
        ("https://api.thanxsandbox.com", False),
        ("http://127.0.0.1.example.com", False),
    ],
)
def test_a_bare_url_is_written_to_on_loopback_only(url: str, writes: bool) -> None:
    target = find_target(load_subject("thanx"), url)
    assert target.writes is writes
    assert target.control is writes
    assert target.data["merchant_id"] == "k2lye10h32l5wzo"


@pytest.mark.parametrize("url", ["ftp://host", "http://", "http://host/?a=1", "http://host/#x"])
def test_what_is_no_base_url(url: str) -> None:
    with pytest.raises(TargetError):
        find_target(load_subject("thanx"), url)


def test_basic_credentials_are_encoded(tmp_path: Path) -> None:
    text = '[till]\nurl = "http://h"\n[till.credentials.default]\nheaders = {Authorization = "Basic ${U}:${P}"}\n'
    target = find_target(load_subject("capillary"), "till", written(tmp_path, text), {"U": "till", "P": "word"})
    encoded = base64.b64encode(b"till:word").decode()
    assert target.credentials["default"].headers == {"Authorization": f"Basic {encoded}"}
    assert encoded in target.secrets


def test_the_published_test_data_are_well_formed() -> None:
    assert {"thanx", "loyaltydog", "elastic_path", "capillary"} <= set(read_targets(PUBLISHED))


@pytest.mark.parametrize(("url", "rate"), [("http://127.0.0.1:8080/thanx", None), ("https://api.example.com", POLITE)])
def test_a_target_that_is_not_ours_is_asked_politely(url: str, rate: float | None) -> None:
    assert bare_target("thanx", url).rate == rate
