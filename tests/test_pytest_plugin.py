"""The plugin as a user's own test run meets it: installed, found by its entry point, started once."""

from __future__ import annotations

import sys

import pytest

from mockserver.remote import ControlError, MockSession

pytest_plugins = ["pytester"]

# Of ours, and of what the stub and the judge need.
PACKAGES = {
    *("mockserver", "openapi", "contracts", "connexion", "starlette", "uvicorn", "jsonschema_rs", "orjson", "yaml"),
    *("hypothesis", "schemathesis", "requests", "httpx"),
}
ONLY_OURS = """
import os, sys, pytest
os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
sys.exit(pytest.main(["-p", "mockserver.pytest_plugin"]))
"""

USERS_TESTS = """
    import httpx

    HEADERS = {"Authorization": "Bearer test-token", "X-ClientId": "test-client", "Accept-Version": "v4.0"}
    servers = set()

    def campaigns(session):
        servers.add(session.server)
        return httpx.get(session.base_url("thanx") + "/partner/campaigns?merchant_id=k2lye10h32l5wzo", headers=HEADERS)

    def test_one(mock_session):
        mock_session.clock.advance(3600)
        assert campaigns(mock_session).status_code == 200
        assert [request.operation for request in mock_session.requests] == ["listCampaigns"]

    def test_two(mock_session):
        assert mock_session.clock.now == "2026-01-01T00:00:00.000Z"
        assert mock_session.requests == []
        mock_session.scenario("rate_limited", "thanx")
        assert campaigns(mock_session).status_code == 429
        assert len(servers) == 1
"""


def test_fixtures_give_one_server_and_a_session_per_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(USERS_TESTS)
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=2)


def test_a_server_that_runs_already_is_used(pytester: pytest.Pytester, mock_server: str) -> None:
    pytester.makepyfile(f"def test_it(mock_server): assert mock_server == {mock_server!r}")
    pytester.runpytest_inprocess("--mock-server", mock_server).assert_outcomes(passed=1)


def test_a_run_without_the_fixtures_loads_nothing_but_the_plugin(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(f"""
        import sys

        def test_it():
            loaded = {{name for name in sys.modules if name.partition(".")[0] in {PACKAGES}}}
            assert loaded == {{"mockserver", "mockserver.pytest_plugin"}}
    """)
    # Other plugins of this environment, as Schemathesis', load packages of their own.
    result = pytester.run(sys.executable, "-c", ONLY_OURS)
    result.assert_outcomes(passed=1)


def test_a_scenario_nobody_knows_is_an_error_with_the_nearest_name(mock_session: MockSession) -> None:
    with pytest.raises(ControlError, match=r"'partial_failur' is no scenario.*did you mean 'partial_failure'"):
        mock_session.scenario("partial_failur", "thanx")
    with pytest.raises(ControlError, match="is no scenario"):
        mock_session.scenario("nonsense")


def test_a_job_is_held_released_and_failed_from_a_test(mock_session: MockSession) -> None:
    with pytest.raises(ControlError, match="There is no such job"):
        mock_session.hold("job_nobody")
    with pytest.raises(ControlError, match="There is no such job"):
        mock_session.fail("job_nobody")
    with pytest.raises(ControlError, match="There is no such job"):
        mock_session.release("job_nobody")


def test_time_runs_at_a_rate_and_stands_still_again(mock_session: MockSession) -> None:
    mock_session.clock.rate(1e6)
    mock_session.clock.freeze()
    stood = mock_session.clock.now
    assert mock_session.clock.now == stood
    mock_session.clock.advance(0.25)
    assert mock_session.clock.now > stood
