"""Targets as people write them, and what is said when they are wrong."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from contracts.check.target import PUBLISHED, TargetError, bare_target, find_target, read_targets

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
    target = find_target("thanx", "sandbox", written(tmp_path, SANDBOX), ENVIRON)
    assert target.url == "https://api.thanxsandbox.com"
    assert target.credentials["default"].headers == {"Authorization": "Bearer t0k3n", "X-ClientId": "cl13nt"}
    assert (target.rate, target.requests, target.seconds) == (4, 500, 300)
    assert not target.writes
    assert not target.control
    assert target.secrets == {"t0k3n": "$THANX_TOKEN", "cl13nt": "$THANX_CLIENT"}
    assert "t0k3n" not in repr(target)
    assert target.lacks(("merchant_id", "campaign_id", "credential:default", "credential:other")) == (
        "campaign_id", "credential:other",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("seconds = 300", "second = 300"), r"targets\.toml:7: .*did you mean 'seconds'"),
        (("rate = 4", "rate = 0"), r"targets\.toml:5: sandbox\.rate"),
        (('provider = "thanx"', 'provider = "loyaltydog"'), "one of loyaltydog, not of thanx"),
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
        find_target("thanx", "sandbox", path, ENVIRON)


def test_a_name_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="did you mean 'sandbox'"):
        find_target("thanx", "sandbx", written(tmp_path, SANDBOX), ENVIRON)
    with pytest.raises(TargetError, match="a target is a URL or a name in it"):
        find_target("thanx", "sandbox", tmp_path / "none.toml", ENVIRON)


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
    target = find_target("thanx", url)
    assert target.writes is writes
    assert target.control is writes
    assert target.data["merchant_id"] == "k2lye10h32l5wzo"


@pytest.mark.parametrize("url", ["ftp://host", "http://", "http://host/?a=1", "http://host/#x"])
def test_what_is_no_base_url(url: str) -> None:
    with pytest.raises(TargetError):
        find_target("thanx", url)


def test_basic_credentials_are_encoded(tmp_path: Path) -> None:
    text = '[till]\nurl = "http://h"\n[till.credentials.default]\nheaders = {Authorization = "Basic ${U}:${P}"}\n'
    target = find_target("capillary", "till", written(tmp_path, text), {"U": "till", "P": "word"})
    encoded = base64.b64encode(b"till:word").decode()
    assert target.credentials["default"].headers == {"Authorization": f"Basic {encoded}"}
    assert encoded in target.secrets


def test_the_published_test_data_are_well_formed() -> None:
    assert {"thanx", "loyaltydog", "elastic_path", "capillary"} <= set(read_targets(PUBLISHED))


@pytest.mark.parametrize("url", ["ftp://x", "http://", "http://x:port", "http://x:99999", "http://a:80http://b"])
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(TargetError, match="is no http or https URL"):
        bare_target("thanx", url)
